//! The `TrueConf` servers somebody looks after, each with its rules, in types.

use super::parse;
use super::resolved::Resolved;
use super::show;
use super::typed::{CHECKED, duration, users};
use crate::hidden::Hidden;
use crate::ids::UserId;
use jiff::civil::Time;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The port at which a `TrueConf` server tells that it lives, in plain HTTP.
const STATUS_PORT: u16 = 4307;
/// The page at that port.
const STATUS_PAGE: &str = "vsstatus";

/// One `TrueConf` server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The name people know it by; unique.
    pub name: String,
    /// How it is spoken to.
    pub scheme: Scheme,
    /// Its name or address; IPv6 has brackets.
    pub host: String,
    /// The port of its API; the scheme's own if none is written.
    pub port: Option<u16>,
    /// Id of the OAuth2 application; may be empty where a fixed token is enough.
    pub client_id: String,
    /// Its secret; may be empty likewise.
    pub client_secret: Hidden<String>,
    /// A fixed token, tried first.
    pub access_token: Option<Hidden<String>>,
    /// Who vouches for its certificate.
    pub authority: Authority,
    /// The version of its API.
    pub api: Api,
    /// What is asked whether it is up.
    pub status_url: String,
    /// Whether monitoring starts switched on; a choice made in the chat is kept in the store and wins.
    pub monitored: bool,
    /// Time between two checks.
    pub every: Duration,
    /// Failed checks in a row before it counts as down.
    pub down_after: u32,
    /// Good checks in a row before it counts as up.
    pub up_after: u32,
    /// When a conference is forgotten, and what happens then.
    pub forgotten: Forgotten,
    /// People who may look, besides admins and operators.
    pub viewers: Vec<UserId>,
    /// People who may also stop conferences, besides admins.
    pub operators: Vec<UserId>,
}

/// How a server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Over TLS.
    Https,
    /// In the clear; only to this machine.
    Http,
}

/// Who vouches for the certificate of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authority {
    /// The authorities this system believes.
    SystemRoots,
    /// The authorities in this PEM file, or the server's own certificate in it.
    File(PathBuf),
    /// Nobody: any certificate is accepted.
    None,
}

/// The version of a server's API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    /// Found out by asking.
    Auto,
    /// Version 3.3.
    V33,
    /// Version 4.
    V4,
}

/// When a conference is forgotten, and what happens then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forgotten {
    /// Shorter ones are not.
    pub longer_than: Duration,
    /// People, but no moderator among them; also nobody at all.
    pub no_moderator: bool,
    /// One moderator and nobody else.
    pub moderator_alone: bool,
    /// Ones with more people are not.
    pub max_people: Option<u32>,
    /// Ids or topics of conferences that are never forgotten.
    pub exempt: Vec<String>,
    /// Whether they are stopped.
    pub auto_stop: AutoStop,
    /// How long before an automatic stop operators are warned.
    pub warn_before: Duration,
    /// When nothing is stopped automatically.
    pub quiet_hours: Option<Quiet>,
}

/// Whether forgotten conferences are stopped without a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AutoStop {
    /// Never.
    Off,
    /// Everything but the stop itself.
    DryRun,
    /// Yes.
    On,
}

/// A part of the day, in the time zone of the settings; it may cross midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    /// Its beginning.
    pub from: Time,
    /// Its end, no longer part of it.
    pub to: Time,
}

impl Server {
    /// `https://host:port`, without a slash at the end.
    pub fn base(&self) -> String {
        let scheme = match self.scheme {
            Scheme::Https => "https",
            Scheme::Http => "http",
        };
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("{scheme}://{}{port}", self.host)
    }
}

impl Quiet {
    /// Whether it is quiet at this time of day. Equal ends mean the whole day.
    pub fn has(&self, time: Time) -> bool {
        if self.from < self.to {
            (self.from..self.to).contains(&time)
        } else {
            time >= self.from || time < self.to
        }
    }
}

/// What is loudly said of `server`, if its certificate is not checked.
pub(super) fn opt_out(server: &Server) -> Option<String> {
    let is_open = server.authority == Authority::None && server.scheme == Scheme::Https;
    is_open.then(|| {
        format!(
            "server `{}`: `ssl_certificate` is off: its certificate is NOT checked, anybody on the \
             way can read the secret and stop conferences; name the file of its authority",
            show::name(&server.name)
        )
    })
}

/// Every server of the settings; paths of certificates begin at the folder `beside`.
pub(super) fn all(resolved: &Resolved, beside: &Path) -> Vec<Server> {
    resolved.names("servers").map(|name| Entry { resolved, name }.server(beside)).collect()
}

/// The values of one server.
struct Entry<'a> {
    resolved: &'a Resolved,
    name: &'a str,
}

impl Entry<'_> {
    fn server(&self, beside: &Path) -> Server {
        let place = self.text("ip").and_then(parse::server).expect(CHECKED);
        let host = &place.host;
        let status = || format!("http://{host}:{STATUS_PORT}/{STATUS_PAGE}");
        let status_url = self.text("status-url").map_or_else(status, str::to_owned);
        Server {
            name: self.name.to_owned(),
            scheme: if place.is_plain { Scheme::Http } else { Scheme::Https },
            port: place.port,
            client_id: self.text("client_id").unwrap_or_default().to_owned(),
            client_secret: self.secret("client_secret").unwrap_or(Hidden::new(String::new())),
            access_token: self.secret("access_token"),
            authority: self.authority(beside),
            api: match self.text("api") {
                Some("v3.3") => Api::V33,
                Some("v4") => Api::V4,
                _ => Api::Auto,
            },
            status_url,
            monitored: self.switch("server_status.state"),
            every: Duration::from_secs(self.whole("server_status.timeout").expect(CHECKED)),
            down_after: self.whole("down-after").expect(CHECKED),
            up_after: self.whole("up-after").expect(CHECKED),
            forgotten: self.forgotten(),
            viewers: users(self.list("viewers")),
            operators: users(self.list("operators")),
            host: place.host,
        }
    }

    fn forgotten(&self) -> Forgotten {
        let rule = |word: &str| self.list("forgotten.rules").iter().any(|rule| rule == word);
        let length = |key| self.text(key).and_then(duration).expect(CHECKED);
        let texts = |items: &[Value]| {
            items.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
        };
        Forgotten {
            longer_than: length("forgotten.longer-than"),
            no_moderator: rule("no-moderator"),
            moderator_alone: rule("moderator-alone"),
            max_people: self.whole("forgotten.max-people"),
            exempt: texts(self.list("forgotten.exempt")),
            auto_stop: match self.text("forgotten.auto-stop") {
                Some("on") => AutoStop::On,
                Some("dry-run") => AutoStop::DryRun,
                _ => AutoStop::Off,
            },
            warn_before: length("forgotten.warn-before"),
            quiet_hours: quiet(self.list("forgotten.quiet-hours")),
        }
    }

    /// An empty text is how the originals wrote "none checked".
    fn authority(&self, beside: &Path) -> Authority {
        match self.value("ssl_certificate") {
            Some(Value::Bool(false)) => Authority::None,
            Some(Value::String(path)) if path.is_empty() => Authority::None,
            Some(Value::String(path)) => Authority::File(beside.join(path)),
            _ => Authority::SystemRoots,
        }
    }

    fn value(&self, key: &str) -> Option<&Value> {
        self.resolved.named_value(&format!("servers.*.{key}"), self.name)
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.value(key)?.as_str()
    }

    fn secret(&self, key: &str) -> Option<Hidden<String>> {
        let text = self.text(key).filter(|text| !text.is_empty());
        text.map(|text| Hidden::new(text.to_owned()))
    }

    fn whole<N: TryFrom<i64>>(&self, key: &str) -> Option<N> {
        self.value(key)?.as_i64()?.try_into().ok()
    }

    fn switch(&self, key: &str) -> bool {
        self.value(key).is_some_and(|value| value == true || value == 1)
    }

    fn list(&self, key: &str) -> &[Value] {
        self.value(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }
}

fn quiet(times: &[Value]) -> Option<Quiet> {
    let time = |value: &Value| Time::strptime("%H:%M", value.as_str()?).ok();
    let [from, to] = times else { return None };
    Some(Quiet { from: time(from)?, to: time(to)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_may_cross_midnight() {
        let time = |text: &str| Time::strptime("%H:%M", text).expect("a time");
        let quiet = |from, to, at| Quiet { from: time(from), to: time(to) }.has(time(at));
        for (from, to, at, expected) in [
            ("22:00", "07:00", "23:30", true),
            ("22:00", "07:00", "06:59", true),
            ("22:00", "07:00", "07:00", false),
            ("22:00", "07:00", "12:00", false),
            ("12:00", "13:00", "12:00", true),
            ("12:00", "13:00", "13:00", false),
            ("00:00", "00:00", "15:00", true),
        ] {
            assert_eq!(quiet(from, to, at), expected, "{from} {to} {at}");
        }
    }
}
