//! Texts of settings and the values they stand for, each read in one place.

use ipnet::IpNet;
use jiff::civil::Time;
use std::net::{IpAddr, Ipv6Addr};
use ureq::http::Uri;

/// Bot API: tokens are about 46 characters; a longer text is something else.
const TOKEN_MAX: usize = 80;
/// Telegram's secrets have 35 characters; made-up ones of tests are shorter.
const TOKEN_SECRET_MIN: usize = 10;
/// RFC 1035 §2.3.4.
const HOST_MAX: usize = 253;

/// Whether `text` has the form of a bot token: digits, a colon, letters, digits, `_` and `-`.
pub fn is_token(text: &str) -> bool {
    let Some((id, secret)) = text.split_once(':') else { return false };
    text.len() <= TOKEN_MAX
        && !id.is_empty()
        && id.bytes().all(|byte| byte.is_ascii_digit())
        && secret.len() >= TOKEN_SECRET_MIN
        && is_word(secret)
}

/// Letters, digits, `_` and `-`, at least one.
pub fn is_word(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    !text.is_empty() && text.bytes().all(fits)
}

/// The seconds of a duration such as `90s`, `15m`, `24h` or `7d`.
pub fn seconds(text: &str) -> Option<i64> {
    let unit = match text.chars().next_back()? {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    let number = &text[..text.len() - 1];
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    digits.then_some(())?;
    number.parse::<i64>().ok()?.checked_mul(unit)
}

/// `seconds` in the largest unit that divides it.
pub fn spelled(seconds: i64) -> String {
    let unit = [(86_400, 'd'), (3_600, 'h'), (60, 'm')]
        .into_iter()
        .find(|(size, _)| seconds > 0 && seconds % size == 0);
    unit.map_or_else(
        || format!("{seconds}s"),
        |(size, letter)| format!("{}{letter}", seconds / size),
    )
}

/// A network; a plain address is the network of that one address.
pub fn network(text: &str) -> Option<IpNet> {
    let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(address)
}

/// `http://` or `https://` with a host, without a slash at the end.
pub fn web_url(text: &str) -> Option<String> {
    let uri = text.parse::<Uri>().ok()?;
    let scheme = matches!(uri.scheme_str()?, "http" | "https");
    let plain = !text.contains(['#', '?', '@', '\\']) && !uri.host()?.is_empty();
    (scheme && plain && has_usable_port(&uri)).then(|| text.trim_end_matches('/').to_owned())
}

/// No port, or one from 1 to 65535 (`Uri` keeps any digits).
fn has_usable_port(uri: &Uri) -> bool {
    let rest =
        uri.authority().zip(uri.host()).and_then(|(all, host)| all.as_str().strip_prefix(host));
    match rest.map(|rest| rest.strip_prefix(':')) {
        Some(Some(port)) => port.parse::<u16>().is_ok_and(|port| port != 0),
        Some(None) => true,
        None => false,
    }
}

/// A [`web_url`] that Telegram's clients accept: `https`, or `http` to this very machine.
pub fn public_url(text: &str) -> Option<String> {
    let url = web_url(text)?;
    let uri = url.parse::<Uri>().ok()?;
    let private = uri.scheme_str() == Some("https") || is_loopback(uri.host()?);
    private.then_some(url)
}

/// The port `url` leads to.
pub fn port_of(url: &str) -> Option<u16> {
    let uri = url.parse::<Uri>().ok()?;
    let usual = if uri.scheme_str() == Some("http") { 80 } else { 443 };
    Some(uri.port_u16().unwrap_or(usual))
}

/// Any `scheme://…`.
pub fn is_any_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    is_word(scheme) && !rest.is_empty() && !text.contains(char::is_whitespace)
}

/// Whether updates can be posted there: `http://` or `https://`, with a login or a query if need be.
pub fn is_hook(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else { return false };
    let has_host = uri.host().is_some_and(|host| !host.is_empty());
    let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
    let web = uri.scheme_str().is_some_and(|scheme| matches!(scheme, "http" | "https"));
    let login = uri.authority().is_none_or(|all| {
        all.as_str().rsplit_once('@').is_none_or(|(login, _)| decoded(login).is_some())
    });
    web && has_host && visible && login && uri.port().is_none_or(|port| port.as_u16() != 0)
}

/// Whether `text` can be sent as a header's value.
pub fn is_header(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// `text` without its `%41` (RFC 3986 §2.1); `None` if one is broken or the result is no text.
pub fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, behind) = rest.split_at_checked(2)?;
        rest = behind;
        let digits = str::from_utf8(digits).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// An IP address, with or without brackets, or a name of letters, digits, dots and dashes.
pub fn is_host(text: &str) -> bool {
    let label = |label: &str| !label.starts_with('-') && !label.ends_with('-') && is_word(label);
    let name = || text.len() <= HOST_MAX && text.trim_end_matches('.').split('.').all(label);
    address(text).is_some() || (!looks_like_ipv4(text) && name())
}

/// A server spoken to over HTTP: scheme, host (IPv6 in brackets) and port, if there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Whether the connection is `http://`; allowed to this machine only.
    pub is_plain: bool,
    /// Name or address; IPv6 has brackets.
    pub host: String,
    /// The port, where one is written.
    pub port: Option<u16>,
}

/// Reads `host`, `host:port`, `[::1]:port`; `https://` may stand before it, and `http://` if the
/// host is this machine.
pub fn server(text: &str) -> Option<Place> {
    let (is_plain, rest) = match text.split_once("://") {
        None => (false, text),
        Some(("https", rest)) => (false, rest),
        Some(("http", rest)) => (true, rest),
        Some(_) => return None,
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (host, port) = match rest.rsplit_once(':') {
        _ if rest.parse::<Ipv6Addr>().is_ok() => (format!("[{rest}]"), None),
        Some((host, port)) if !rest.ends_with(']') => {
            let digits = port.bytes().all(|byte| byte.is_ascii_digit());
            let port = digits.then(|| port.parse().ok()).flatten().filter(|port: &u16| *port != 0);
            (host.to_owned(), Some(port?))
        }
        _ => (rest.to_owned(), None),
    };
    let fits = is_host(&host) && (host.starts_with('[') || !host.contains(':'));
    (fits && (!is_plain || is_loopback(&host))).then_some(Place { is_plain, host, port })
}

/// The address `text` writes, brackets of IPv6 allowed.
fn address(text: &str) -> Option<IpAddr> {
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    match inner {
        Some(inner) => inner.parse::<Ipv6Addr>().ok().map(IpAddr::from),
        None => text.parse().ok(),
    }
}

/// `999.1.1.1` and `127.1` are meant as addresses; as names they would only confuse.
fn looks_like_ipv4(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Whether `host` is this machine.
pub fn is_loopback(host: &str) -> bool {
    let name =
        host.eq_ignore_ascii_case("localhost") || host.to_ascii_lowercase().ends_with(".localhost");
    name || address(host).is_some_and(|address| address.is_loopback())
}

/// `22:00`.
pub fn is_time_of_day(text: &str) -> bool {
    text.len() == 5 && Time::strptime("%H:%M", text).is_ok()
}

/// The words people write for yes and no.
pub fn flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" | "y" | "t" => Some(true),
        "false" | "0" | "no" | "off" | "n" | "f" => Some(false),
        _ => None,
    }
}

/// A level in our words; the originals used Python's (`WARNING`, `CRITICAL`).
pub fn level_word(text: &str) -> String {
    match text.to_ascii_lowercase().as_str() {
        "warning" => "warn".to_owned(),
        "critical" | "fatal" => "error".to_owned(),
        word => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(accepts: fn(&str) -> bool, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(accepts(text), "`{text}` is refused");
        }
        for text in bad {
            assert!(!accepts(text), "`{text}` is accepted");
        }
    }

    #[test]
    fn a_token_is_digits_a_colon_and_a_secret() {
        let long = format!("1:{}", "a".repeat(79));
        check(
            is_token,
            &["123456:TEST-TOKEN-made-up", "5032177032:AAGahjzZ6zbWSEsVFj13Ki-YMPhPEPzQjxE"],
            &[
                "",
                ":",
                "123456",
                "12a:aaaaaaaaaaaa",
                "1:short",
                "1:aaaaaaaaaaa bbb",
                &long,
                "1:aaaaaaaaaaé",
            ],
        );
    }

    #[test]
    fn a_duration_is_a_number_with_a_unit() {
        for (text, value) in
            [("0m", 0), ("90s", 90), ("15m", 900), ("24h", 86_400), ("7d", 604_800)]
        {
            assert_eq!(seconds(text), Some(value), "{text}");
        }
        for text in [
            "",
            "s",
            "5",
            "-5s",
            "+5s",
            "5 s",
            "1.5h",
            "5w",
            "99999999999999999999s",
            "9223372036854775807d",
            "5é",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
        for (value, text) in [(0, "0s"), (90, "90s"), (900, "15m"), (86_400, "1d"), (7_200, "2h")] {
            assert_eq!(spelled(value), text);
        }
    }

    #[test]
    fn the_public_address_is_https_unless_it_is_this_machine() {
        check(
            |text| public_url(text).is_some(),
            &[
                "https://bot.example.org",
                "https://bot.example.org:8443/x/",
                "http://localhost:2536",
                "http://127.0.0.1",
                "http://[::1]:80",
                "http://app.localhost",
            ],
            &[
                "http://bot.example.org",
                "https://",
                "bot.example.org",
                "https://a/?q",
                "https://a/#f",
                "https://u:p@a/",
                "ftp://a",
                "https://a b",
                "https://a:0",
                "https://a:99999",
                "https://a:",
                "//a",
            ],
        );
        assert_eq!(public_url("https://a.example/x/").as_deref(), Some("https://a.example/x"));
        assert_eq!(port_of("https://a.example"), Some(443));
        assert_eq!(port_of("https://a.example:8443/x"), Some(8443));
    }

    #[test]
    fn a_host_is_an_address_or_a_name() {
        check(
            is_host,
            &["127.0.0.1", "0.0.0.0", "::", "::1", "[::1]", "localhost", "pi.local", "my_host"],
            &["", "127.0.0.1:80", "999.1.1.1", "-a", "a..b", "a b", "http://a", "[127.0.0.1]"],
        );
    }

    #[test]
    fn a_server_is_a_host_with_or_without_a_port() {
        for (text, is_plain, host, port) in [
            ("video.example.org", false, "video.example.org", None),
            ("192.168.0.1", false, "192.168.0.1", None),
            ("https://video.example.org:8443/", false, "video.example.org", Some(8443)),
            ("::1", false, "[::1]", None),
            ("[::1]:443", false, "[::1]", Some(443)),
            ("http://127.0.0.1:4444", true, "127.0.0.1", Some(4444)),
        ] {
            let place = Place { is_plain, host: host.to_owned(), port };
            assert_eq!(server(text), Some(place), "{text}");
        }
        let text = |text: &str| server(text).is_some();
        let bad = ["", "a b", "a:0", "a:", "a:99999", "a:+1", "http://10.0.0.1", "ftp://a", "a/b"];
        check(text, &[], &bad);
        check(text, &[], &["https://", "u@a", "https://a?b", "[::1", "::1:x", "1.2.3", "a#b"]);
    }

    #[test]
    fn a_network_may_be_one_address() {
        assert_eq!(network("10.0.0.1").map(|net| net.to_string()).as_deref(), Some("10.0.0.1/32"));
        assert_eq!(network("::1").map(|net| net.prefix_len()), Some(128));
        assert!(network("10.0.0.0/8").is_some() && network("ten").is_none());
    }
}
