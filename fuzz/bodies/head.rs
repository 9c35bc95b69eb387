//! Heads of requests, and who is behind the proxies they name.

use std::net::IpAddr;

use ipnet::IpNet;
use roost::net::address::{Scheme, origin};
use roost::net::head::{HEAD_BYTES, Head, end, parse};

/// Reads the bytes as they would come through a socket: whole, and in two pieces.
pub fn run(bytes: &[u8]) {
    let whole = end(bytes, 0);
    let half = bytes.len() / 2;
    if end(&bytes[..half], 0) == Ok(None) {
        assert_eq!(end(bytes, half), whole, "two pieces give another end than one");
    }
    let length = match whole {
        Ok(Some(length)) => length,
        Ok(None) => return assert!(bytes.len() < HEAD_BYTES),
        Err(error) => return status(error.status()),
    };
    match parse(&bytes[..length]) {
        Ok(head) => check(&head),
        Err(error) => status(error.status()),
    }
}

fn status(status: u16) {
    assert!(matches!(status, 400..=599), "{status} is no refusal");
}

fn check(head: &Head) {
    assert!(head.path.starts_with('/'), "{:?} is no path", head.path);
    assert!(!head.path.contains(char::is_control), "{:?} has control characters", head.path);
    host(head.host.as_deref());
    let _ = (head.keeps_alive(), head.expects_continue());
    let proxies: [IpNet; 2] = ["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().unwrap());
    for peer in ["10.0.0.1", "198.51.100.1", "::ffff:10.0.0.1"] {
        let peer: IpAddr = peer.parse().unwrap();
        let origin = origin(peer, Scheme::Http, head, &proxies);
        host(origin.host.as_deref());
        if !proxies[0].contains(&peer.to_canonical()) {
            assert_eq!(origin.client, peer, "a stranger named another address");
        }
    }
}

/// Nothing in a host can end a header, an attribute or a URL's authority.
fn host(host: Option<&str>) {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    assert!(host.is_none_or(|host| host.chars().all(plain)), "{host:?} is no host");
}
