//! Who the client is and what it calls us, when proxies stand between.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use crate::net::head::{Head, is_host};
use crate::net::headers::Headers;

/// How the client speaks to the outermost proxy we trust, or to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Plain text.
    Http,
    /// TLS.
    Https,
}

impl Scheme {
    /// `http` or `https`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// Where a request comes from, as far as it can be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The right-most hop that is not a trusted proxy.
    pub client: IpAddr,
    /// What the client's URL began with.
    pub scheme: Scheme,
    /// Host, with port if any, of the client's URL.
    pub host: Option<String>,
}

/// One hop as proxies report it; texts are as sent.
#[derive(Clone, Copy, Default)]
struct Hop<'a> {
    client: Option<&'a str>,
    scheme: Option<&'a str>,
    host: Option<&'a str>,
}

/// Whether `address` lies in one of the `trusted` networks.
pub fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    !trusted.is_empty() && {
        let address = address.to_canonical();
        trusted.iter().any(|network| network.contains(&address))
    }
}

/// The origin of a request that `peer` sent with `head`, over `scheme`.
///
/// Forwarding headers count only if `peer` is in `trusted`. `X-Forwarded-*` goes before `Forwarded`
/// (RFC 7239): nearly every proxy writes the former, and lets a client's own `Forwarded` pass.
pub fn origin(peer: IpAddr, scheme: Scheme, head: &Head, trusted: &[IpNet]) -> Origin {
    let peer = peer.to_canonical();
    let direct = Origin { client: peer, scheme, host: head.host.clone() };
    if !is_trusted(peer, trusted) {
        return direct;
    }
    let hop = last_hop(&head.headers);
    Origin {
        client: client(&head.headers, trusted).unwrap_or(peer),
        scheme: hop.scheme.and_then(parse_scheme).unwrap_or(scheme),
        host: hop.host.filter(|h| is_host(h)).map(str::to_owned).or(direct.host),
    }
}

/// The right-most hop outside of `trusted`; if all are inside, the left-most. `None` if there is no hop,
/// or garbage comes before one is found.
fn client(headers: &Headers, trusted: &[IpNet]) -> Option<IpAddr> {
    let mut client = None;
    for hop in hops(headers) {
        let address = parse_hop(hop)?;
        client = Some(address);
        if !is_trusted(address, trusted) {
            break;
        }
    }
    client
}

/// The hops from right to left, over all header lines.
fn hops(headers: &Headers) -> Vec<&str> {
    if headers.get("X-Forwarded-For").is_some() {
        return headers.all("X-Forwarded-For").rev().flat_map(elements_from_right).collect();
    }
    let all = headers.all("Forwarded").rev();
    // An element without `for` says nothing about its hop: that is garbage, not a hop less.
    all.flat_map(forwarded).map(|hop| hop.client.unwrap_or("unknown")).collect()
}

/// Scheme and host as the nearest proxy wrote them: the right-most values.
fn last_hop(headers: &Headers) -> Hop<'_> {
    let last = |name| headers.all(name).rev().flat_map(elements_from_right).next();
    let (scheme, host) = (last("X-Forwarded-Proto"), last("X-Forwarded-Host"));
    if scheme.is_none() && host.is_none() && headers.get("X-Forwarded-For").is_none() {
        return headers.all("Forwarded").rev().flat_map(forwarded).next().unwrap_or_default();
    }
    Hop { client: None, scheme, host }
}

/// The elements of a comma-separated list, last first; empty ones are no elements (RFC 9110 §5.6.1).
fn elements_from_right(value: &str) -> impl Iterator<Item = &str> {
    value.rsplit(',').map(str::trim).filter(|element| !element.is_empty())
}

/// The elements of one `Forwarded` line, last first.
fn forwarded(value: &str) -> Vec<Hop<'_>> {
    let elements = split_unquoted(value, ',').into_iter().filter(|e| !e.trim().is_empty());
    elements.rev().map(forwarded_element).collect()
}

fn forwarded_element(element: &str) -> Hop<'_> {
    let mut hop = Hop::default();
    for (name, value) in split_unquoted(element, ';').iter().filter_map(|p| p.split_once('=')) {
        let value = Some(value.trim().trim_matches('"'));
        match name.trim().to_ascii_lowercase().as_str() {
            "for" => hop.client = value,
            "proto" => hop.scheme = value,
            "host" => hop.host = value,
            _ => (),
        }
    }
    hop
}

/// Splits at `separator` outside of double quotes.
fn split_unquoted(text: &str, separator: char) -> Vec<&str> {
    let mut quoted = false;
    text.split(|c| {
        quoted ^= c == '"';
        c == separator && !quoted
    })
    .collect()
}

/// `1.2.3.4`, `1.2.3.4:5`, `::1`, `[::1]` or `[::1]:5`.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let bare = || hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let address = hop.parse().ok().or_else(bare);
    address
        .or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()))
        .map(|address: IpAddr| address.to_canonical())
}

fn parse_scheme(scheme: &str) -> Option<Scheme> {
    [Scheme::Http, Scheme::Https].into_iter().find(|s| scheme.eq_ignore_ascii_case(s.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::head::parse;

    const PROXY: &str = "10.0.0.1";

    fn seen(peer: &str, lines: &str) -> Origin {
        let head = format!("GET / HTTP/1.1\r\nHost: inner\r\n{lines}\r\n");
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        origin(peer.parse().unwrap(), Scheme::Http, &parse(head.as_bytes()).unwrap(), &trusted)
    }

    #[test]
    fn the_client_is_the_right_most_hop_that_is_not_ours() {
        let rows = [
            // peer, header lines, client
            ("192.0.2.9", "X-Forwarded-For: 192.0.2.1\r\n", "192.0.2.9"),
            ("192.0.2.9", "Forwarded: for=192.0.2.1\r\n", "192.0.2.9"),
            ("::ffff:192.0.2.9", "", "192.0.2.9"),
            (PROXY, "", PROXY),
            (PROXY, "X-Forwarded-For: 192.0.2.1\r\n", "192.0.2.1"),
            ("::ffff:10.0.0.1", "X-Forwarded-For: 192.0.2.1\r\n", "192.0.2.1"),
            ("fd00::1", "X-Forwarded-For: 2001:db8::1\r\n", "2001:db8::1"),
            (PROXY, "X-Forwarded-For: 6.6.6.6, 192.0.2.1\r\n", "192.0.2.1"),
            (PROXY, "X-Forwarded-For: 6.6.6.6, 192.0.2.1, 10.1.1.1\r\n", "192.0.2.1"),
            (PROXY, "X-Forwarded-For: 6.6.6.6,192.0.2.1,10.1.1.1,fd00::5\r\n", "192.0.2.1"),
            (PROXY, "X-Forwarded-For: 6.6.6.6\r\nx-forwarded-for: 192.0.2.1\r\n", "192.0.2.1"),
            (PROXY, "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 10.2.2.2\r\n", "192.0.2.1"),
            (PROXY, "X-Forwarded-For: 10.3.3.3, 10.2.2.2\r\n", "10.3.3.3"),
            (PROXY, "X-Forwarded-For: 192.0.2.1:4711\r\n", "192.0.2.1"),
            (PROXY, "X-Forwarded-For: [2001:db8::1]:4711\r\n", "2001:db8::1"),
            (PROXY, "X-Forwarded-For: [2001:db8::1]\r\n", "2001:db8::1"),
            (PROXY, "X-Forwarded-For: ::ffff:192.0.2.1\r\n", "192.0.2.1"),
            (PROXY, "X-Forwarded-For: , 192.0.2.1 ,,\r\n", "192.0.2.1"),
            (PROXY, "X-Forwarded-For: 6.6.6.6, garbage\r\n", PROXY),
            (PROXY, "X-Forwarded-For: 6.6.6.6, unknown, 10.1.1.1\r\n", PROXY),
            (PROXY, "X-Forwarded-For: garbage, 192.0.2.1\r\n", "192.0.2.1"),
            (PROXY, "X-Forwarded-For:\r\n", PROXY),
            (PROXY, "X-Forwarded-For: 999.1.1.1\r\n", PROXY),
            (PROXY, "Forwarded: for=192.0.2.1;proto=https;by=10.0.0.1\r\n", "192.0.2.1"),
            (PROXY, "Forwarded: for=6.6.6.6, For=\"[2001:db8::1]:4711\"\r\n", "2001:db8::1"),
            (PROXY, "Forwarded: for=192.0.2.1, for=10.1.1.1\r\n", "192.0.2.1"),
            (PROXY, "Forwarded: for=192.0.2.1;host=\"a,for=6.6.6.6\"\r\n", "192.0.2.1"),
            (PROXY, "Forwarded: for=6.6.6.6, proto=https\r\n", PROXY),
            (PROXY, "Forwarded: for=_hidden\r\n", PROXY),
            (PROXY, "Forwarded: for=6.6.6.6\r\nX-Forwarded-For: 192.0.2.1\r\n", "192.0.2.1"),
        ];
        for (peer, lines, client) in rows {
            assert_eq!(seen(peer, lines).client, client.parse::<IpAddr>().unwrap(), "{lines}");
        }
    }

    #[test]
    fn scheme_and_host_are_believed_from_proxies_only() {
        let rows = [
            ("192.0.2.9", "X-Forwarded-Proto: https\r\nX-Forwarded-Host: out\r\n", "http", "inner"),
            (PROXY, "", "http", "inner"),
            (PROXY, "X-Forwarded-Proto: https\r\n", "https", "inner"),
            (PROXY, "X-Forwarded-Proto: HTTPS\r\nX-Forwarded-Host: out:81\r\n", "https", "out:81"),
            (PROXY, "X-Forwarded-Proto: https, http\r\n", "http", "inner"),
            (PROXY, "X-Forwarded-Proto: gopher\r\nX-Forwarded-Host: a\"b\r\n", "http", "inner"),
            (PROXY, "X-Forwarded-Host: evil, out\r\n", "http", "out"),
            (PROXY, "Forwarded: for=1.1.1.1;proto=https;host=\"out:81\"\r\n", "https", "out:81"),
            (PROXY, "X-Forwarded-For: 1.1.1.1\r\nForwarded: host=evil\r\n", "http", "inner"),
        ];
        for (peer, lines, scheme, host) in rows {
            let origin = seen(peer, lines);
            assert_eq!(
                (origin.scheme.as_str(), origin.host.as_deref()),
                (scheme, Some(host)),
                "{lines}"
            );
        }
    }
}
