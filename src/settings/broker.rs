//! The address of a broker: `scheme://user:password@host:port/path`.

use std::fmt;

use super::parse;
use crate::hidden::Hidden;

/// The parts of a broker's address, decoded.
#[derive(Clone, PartialEq, Eq)]
pub struct BrokerUrl {
    /// The scheme in small letters; `rediss` and `amqps` mean TLS.
    pub scheme: String,
    /// Who logs in; empty if the address names nobody.
    pub user: String,
    /// The password, if there is one.
    pub password: Option<Hidden<String>>,
    /// A name or an IP address (IPv6 without brackets).
    pub host: String,
    /// The port, if the address names one.
    pub port: Option<u16>,
    /// What stands behind the first slash behind the port, decoded; `None` without that slash.
    pub path: Option<String>,
}

impl BrokerUrl {
    /// Reads `text`; a query or a fragment is refused, and so is a password that is not encoded.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let (authority, path) = match rest.split_once('/') {
            Some((authority, path)) => (authority, Some(parse::decoded(path)?)),
            None => (rest, None),
        };
        let (login, place) = match authority.rsplit_once('@') {
            Some((login, place)) => (login, place),
            None => ("", authority),
        };
        let (user, password) = match login.split_once(':') {
            Some((user, password)) => (user, Some(Hidden::new(parse::decoded(password)?))),
            None => (login, None),
        };
        let (host, port) = host_and_port(place)?;
        let fits = parse::is_word(scheme) && parse::is_host(host) && !rest.contains(['?', '#']);
        fits.then_some(())?;
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        Some(Self {
            scheme: scheme.to_ascii_lowercase(),
            user: parse::decoded(user)?,
            password,
            host: bare.unwrap_or(host).to_owned(),
            port,
            path,
        })
    }

    /// Whether its scheme asks for TLS.
    pub fn is_tls(&self) -> bool {
        self.scheme.ends_with('s') && self.scheme != "redis"
    }
}

impl fmt::Debug for BrokerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)
    }
}

fn host_and_port(place: &str) -> Option<(&str, Option<u16>)> {
    let behind_brackets = place.rfind(']').unwrap_or(0);
    match place[behind_brackets..].rfind(':') {
        Some(colon) => {
            let (host, port) = place.split_at(behind_brackets + colon);
            let port = port[1..].parse().ok().filter(|port| *port != 0)?;
            Some((host, Some(port)))
        }
        None => Some((place, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        let url = BrokerUrl::parse(text)?;
        let password = url.password.as_ref().map(|password| password.reveal().as_str());
        let BrokerUrl { scheme, user, host, port, path, .. } = &url;
        Some(format!("{scheme} {user} {password:?} {host} {port:?} {path:?}"))
    }

    #[test]
    fn the_parts_of_an_address_are_decoded() {
        for (text, expected) in [
            ("redis://127.0.0.1:6379", "redis  None 127.0.0.1 Some(6379) None"),
            ("rediss://:p%40ss@host/2", "rediss  Some(\"p@ss\") host None Some(\"2\")"),
            ("AMQP://u:p@[::1]:5672/%2f", "amqp u Some(\"p\") ::1 Some(5672) Some(\"/\")"),
            ("amqp://host/", "amqp  None host None Some(\"\")"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "redis",
            "redis://",
            "redis://:6379",
            "redis://host:0",
            "redis://host:99999",
            "redis://host:x",
            "redis://u:p/w@host",
            "redis://u:%zz@host",
            "redis://u:%4@host",
            "redis://host?db=1",
            "redis://ho st",
            "amqp://[::1",
            "redis://host/%ff",
        ] {
            assert_eq!(shown(text), None, "{text}");
        }
    }

    #[test]
    fn a_password_never_prints() {
        let url = BrokerUrl::parse("redis://user:canary@host/0").unwrap();
        assert_eq!(format!("{url:?}"), "redis://host");
    }
}
