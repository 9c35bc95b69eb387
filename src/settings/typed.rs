//! `Settings`: the values in the types the program works with.

use super::Surroundings;
use super::backup::Backups;
use super::parse;
use super::problem::Problem;
use super::relay::{self, SinkSettings};
use super::resolved::Resolved;
use super::servers::{self, Server};
use super::tls::Tls;
use crate::hidden::Hidden;
use crate::ids::UserId;
use ipnet::IpNet;
use jiff::tz::TimeZone;
use log::LevelFilter;
use serde_json::Value;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why the conversions here cannot fail.
pub(super) const CHECKED: &str = "the table gives a default and checks every value";

/// Where the settings of the system service are.
const SERVICE: &str = "/etc/roost";

/// Its state folder, `StateDirectory=` of the unit.
const SERVICE_STATE: &str = "/var/lib/roost";

/// What the program works with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The bot's token; commands that do not speak to Telegram work without.
    pub bot_token: Option<Hidden<String>>,
    /// The Bot API server, without a slash at the end.
    pub telegram_api_url: String,
    /// Base of the mini apps, without a slash at the end.
    pub public_url: Option<String>,
    /// IP address (IPv6 without brackets) or name to listen on.
    pub hostname: String,
    /// Port to listen on; 0 picks one.
    pub port: u16,
    /// The database file.
    pub database: PathBuf,
    /// Folder served instead of the embedded front end.
    pub www: Option<PathBuf>,
    /// Always admins.
    pub admins: Vec<UserId>,
    /// Cannot log in or use the bot.
    pub banned: Vec<UserId>,
    /// `en`, `ru`, `de` or `es`.
    pub language: String,
    /// Zone of events that name none.
    pub timezone: TimeZone,
    /// Networks whose forwarding headers count.
    pub trusted_proxies: Vec<IpNet>,
    /// Limits of the server.
    pub limits: Limits,
    /// What is logged.
    pub log: Log,
    /// How the server's port is secured, if it is.
    pub tls: Option<Tls>,
    /// Where `/metrics` listens, if it does.
    pub metrics: Option<SocketAddr>,
    /// How Telegram's updates arrive.
    pub updates: Updates,
    /// What the log of updates keeps.
    pub keep: Keep,
    /// Where updates are handed on to.
    pub sinks: Vec<SinkSettings>,
    /// Backups by the clock, if there are any.
    pub backups: Option<Backups>,
    /// Mini Events.
    pub events: Events,
    /// One-time messages.
    pub secrets: super::Secrets,
    /// `TrueConf` servers, in the order of the file.
    pub servers: Vec<Server>,
}

/// How Telegram's updates arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Updates {
    /// Who begins.
    pub mode: Mode,
    /// How long Telegram waits for an update before it answers a poll.
    pub polling_timeout: Duration,
    /// `random`, `token`, or the path of the webhook.
    pub endpoint: String,
    /// Networks that may post to the webhook; everybody if empty.
    pub subnets: Vec<IpNet>,
    /// Whether the webhook is removed when the program ends.
    pub delete_on_exit: bool,
    /// Whether `/status` is answered.
    pub status_endpoint: bool,
    /// Connections Telegram may open at once.
    pub max_connections: u8,
    /// Kinds to ask for; all that are used if empty.
    pub allowed: Vec<String>,
    /// Whether updates from before the start are forgotten.
    pub drop_pending: bool,
}

/// Who begins when updates are handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// We ask.
    Polling,
    /// Telegram posts.
    Webhook,
}

/// What the log of updates keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// No entry is older.
    pub age: Duration,
    /// All entries together have no more bytes.
    pub size: u64,
}

/// Limits of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Open connections in total.
    pub connections: usize,
    /// Open connections of one address.
    pub connections_per_address: usize,
    /// Open pages of one person.
    pub logged_in_per_user: usize,
    /// Websocket messages of one page.
    pub messages_per_second: u32,
    /// Messages a page may send at once.
    pub message_burst: u32,
    /// Largest request body in bytes.
    pub body: usize,
}

/// What is logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// Level of our own modules.
    pub level: LevelFilter,
    /// Levels of single modules.
    pub modules: Vec<(String, LevelFilter)>,
    /// Form of the lines.
    pub format: LogFormat,
}

/// Form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// Settings of Mini Events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Events {
    /// Short name of the mini app at `@BotFather`.
    pub short_name: String,
    /// How long before the start people are reminded; zero is the start itself.
    pub reminders: Vec<Duration>,
    /// Largest image in bytes.
    pub media_limit: usize,
}

impl Settings {
    /// The typed values of `resolved`; paths in `file` are relative to its folder.
    pub fn new(resolved: &Resolved, file: Option<&Path>, around: &Surroundings) -> Self {
        let beside = file.and_then(Path::parent).unwrap_or(&around.folder);
        let url = |row| resolved.text(row).and_then(parse::web_url);
        Self {
            bot_token: resolved.text("bot-token").map(|token| Hidden::new(token.to_owned())),
            telegram_api_url: url("telegram-api-url").expect(CHECKED),
            public_url: url("public-url"),
            hostname: bare(resolved.text("hostname").expect(CHECKED)).to_owned(),
            port: number(resolved, "port"),
            database: state_folder(beside, around).join(resolved.text("database").expect(CHECKED)),
            www: resolved.text("www").map(|folder| beside.join(folder)),
            admins: users(resolved.list("admins")),
            banned: users(resolved.list("banned")),
            language: resolved.text("language").expect(CHECKED).to_owned(),
            timezone: timezone(resolved.text("timezone")),
            trusted_proxies: each(resolved.list("trusted-proxies"), parse::network),
            limits: Limits::new(resolved),
            log: Log::new(resolved),
            tls: Tls::new(resolved, beside),
            metrics: resolved.text("metrics.listen").and_then(|text| text.parse().ok()),
            updates: Updates::new(resolved),
            keep: Keep::new(resolved),
            sinks: relay::sinks(resolved, &state_folder(beside, around)),
            backups: Backups::new(resolved, &state_folder(beside, around)),
            events: Events::new(resolved),
            secrets: super::Secrets::new(resolved),
            servers: servers::all(resolved, beside),
        }
    }

    /// The bot's token, for commands that cannot do without.
    pub fn token(&self) -> Result<&Hidden<String>, Problem> {
        self.bot_token.as_ref().ok_or_else(|| {
            let what = "missing; ask @BotFather for a token and put it into the settings file or \
                        into ROOST_BOT_TOKEN";
            Problem::conflict("bot-token", what)
        })
    }
}

impl Limits {
    fn new(resolved: &Resolved) -> Self {
        Self {
            connections: number(resolved, "limits.connections"),
            connections_per_address: number(resolved, "limits.connections-per-address"),
            logged_in_per_user: number(resolved, "limits.logged-in-per-user"),
            messages_per_second: number(resolved, "limits.messages-per-second"),
            message_burst: number(resolved, "limits.message-burst"),
            body: number(resolved, "limits.body"),
        }
    }
}

impl Log {
    fn new(resolved: &Resolved) -> Self {
        let level = |value: &Value| value.as_str().and_then(|text| text.parse().ok());
        let module = |name: &str| {
            let value = resolved.named_value("log.modules.*", name)?;
            Some((name.to_owned(), level(value)?))
        };
        Self {
            level: resolved.value("log.level").and_then(level).expect(CHECKED),
            modules: resolved.names("log.modules").filter_map(module).collect(),
            format: match resolved.text("log.format") {
                Some("json") => LogFormat::Json,
                _ => LogFormat::Text,
            },
        }
    }
}

impl Updates {
    fn new(resolved: &Resolved) -> Self {
        let flag = |row| resolved.flag(row).expect(CHECKED);
        Self {
            mode: match resolved.text("updates.mode") {
                Some("webhook") => Mode::Webhook,
                _ => Mode::Polling,
            },
            polling_timeout: Duration::from_secs(number(resolved, "updates.polling-timeout")),
            endpoint: resolved.text("updates.endpoint").expect(CHECKED).to_owned(),
            subnets: each(resolved.list("updates.subnets"), parse::network),
            delete_on_exit: flag("updates.delete-on-exit"),
            status_endpoint: flag("updates.status-endpoint"),
            max_connections: number(resolved, "updates.max-connections"),
            allowed: each(resolved.list("updates.allowed-updates"), |kind| Some(kind.to_owned())),
            drop_pending: flag("updates.drop-pending"),
        }
    }
}

impl Keep {
    fn new(resolved: &Resolved) -> Self {
        let age = resolved.text("relay.keep.age").and_then(duration).expect(CHECKED);
        Self { age, size: number(resolved, "relay.keep.size") }
    }
}

impl Events {
    fn new(resolved: &Resolved) -> Self {
        Self {
            short_name: resolved.text("events.short-name").expect(CHECKED).to_owned(),
            reminders: each(resolved.list("events.reminders"), duration),
            media_limit: number(resolved, "events.media-limit"),
        }
    }
}

/// Where data live: systemd's state folder (the first of them), else beside the settings file,
/// else in the working directory. Commands of root, which systemd does not start, find the data of
/// the service where it keeps them; nobody has data in `/etc`.
fn state_folder(beside: &Path, around: &Surroundings) -> PathBuf {
    let states = around.variable("STATE_DIRECTORY");
    let first = states.and_then(|folders| folders.split(':').find(|folder| !folder.is_empty()));
    let beside = if beside == Path::new(SERVICE) { Path::new(SERVICE_STATE) } else { beside };
    first.map_or(beside, Path::new).to_owned()
}

pub(super) fn duration(text: &str) -> Option<Duration> {
    parse::seconds(text)?.try_into().ok().map(Duration::from_secs)
}

pub(super) fn number<N: TryFrom<i64>>(resolved: &Resolved, row: &str) -> N {
    resolved.whole(row).and_then(|number| number.try_into().ok()).expect(CHECKED)
}

fn each<T>(items: &[Value], read: impl Fn(&str) -> Option<T>) -> Vec<T> {
    items.iter().filter_map(|item| read(item.as_str()?)).collect()
}

pub(super) fn users(items: &[Value]) -> Vec<UserId> {
    items.iter().filter_map(Value::as_i64).map(UserId).collect()
}

/// `[::1]` is how addresses write it; sockets want it bare.
fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

fn timezone(name: Option<&str>) -> TimeZone {
    let named = name.and_then(|name| TimeZone::get(name).ok());
    named.or_else(|| TimeZone::try_system().ok()).unwrap_or(TimeZone::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_live_beside_the_settings_unless_there_is_a_place_for_them() {
        for (beside, state, expected) in [
            ("", "", ""),
            ("/home/ada", "", "/home/ada"),
            ("/etc/roost", "", "/var/lib/roost"),
            ("/srv/etc/roost", "", "/srv/etc/roost"),
            ("/etc/roost", "/var/lib/other", "/var/lib/other"),
            ("/home/ada", ":/a:/b", "/a"),
        ] {
            let variables = [("STATE_DIRECTORY".to_owned(), state.to_owned())].into();
            let around = Surroundings { variables, ..Surroundings::default() };
            assert_eq!(state_folder(Path::new(beside), &around), Path::new(expected), "{beside}");
        }
    }
}
