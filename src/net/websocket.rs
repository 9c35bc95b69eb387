//! The websocket handshake (RFC 6455 §4.2) from a head the gate has parsed.

use std::io::Write;
use std::sync::Arc;

use tungstenite::handshake::server::create_response;
use tungstenite::http;

use super::session::{self, Sockets};
use super::{Answer, Guest, Reply, Request};

/// Where Telegram's web clients embed mini apps.
const TELEGRAM_WEB: &str = "https://web.telegram.org";

/// Whether the request asks for a websocket.
pub fn is_upgrade(request: &Request) -> bool {
    request.headers.get("upgrade").is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

/// Answers the handshake and hands the socket to a session.
pub fn upgrade(request: &Request, sockets: &Arc<Sockets>) -> Reply {
    let (origin, host) = (request.headers.get("origin"), request.host.as_deref());
    if !origin_is_ours(origin, host, sockets.origin.as_deref()) {
        log::debug!("websocket refused: foreign `Origin`; set `public-url` if it is yours");
        return Reply::Answer(Answer::detail(403, "websockets are for this site's own pages"));
    }
    let Some(response) = accept(request) else {
        let answer = Answer::detail(426, "not a websocket handshake of RFC 6455, version 13");
        return Reply::Answer(answer.with("Sec-WebSocket-Version", "13"));
    };
    let sockets = Arc::clone(sockets);
    Reply::Take(Box::new(move |guest: Guest| {
        if (&guest.stream).write_all(&response).is_ok() {
            session::begin(guest, sockets);
        }
    }))
}

/// The bytes of the `101 Switching Protocols`, if the request is a proper handshake.
fn accept(request: &Request) -> Option<Vec<u8>> {
    let mut copy = http::Request::builder().method(request.method.as_str()).uri("/");
    for name in ["connection", "upgrade", "sec-websocket-version", "sec-websocket-key"] {
        if let Some(value) = request.headers.get(name) {
            copy = copy.header(name, value);
        }
    }
    let response = create_response(&copy.body(()).ok()?).ok()?;
    let mut bytes = b"HTTP/1.1 101 Switching Protocols\r\n".to_vec();
    for (name, value) in response.headers() {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    Some(bytes)
}

/// Browsers always send `Origin`; programs need not.
fn origin_is_ours(origin: Option<&str>, host: Option<&str>, public: Option<&str>) -> bool {
    let Some(origin) = origin else { return true };
    let of_host = origin.split_once("://").is_some_and(|(scheme, rest)| {
        matches!(scheme, "http" | "https")
            && host.is_some_and(|host| !host.is_empty() && host.eq_ignore_ascii_case(rest))
    });
    of_host
        || origin == TELEGRAM_WEB
        || public.is_some_and(|public| origin.eq_ignore_ascii_case(public))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_and_telegram_may_connect_from_a_browser() {
        let public = Some("https://bot.example.org");
        for (origin, host, expected) in [
            (None, Some("127.0.0.1:2536"), true),
            (Some("http://127.0.0.1:2536"), Some("127.0.0.1:2536"), true),
            (Some("https://bot.example.org"), Some("localhost:2536"), true),
            (Some("https://web.telegram.org"), Some("localhost:2536"), true),
            (Some("https://evil.example"), Some("bot.example.org"), false),
            (Some("https://bot.example.org.evil.example"), Some("bot.example.org"), false),
            (Some("null"), Some("null"), false),
            (Some(""), Some(""), false),
            (Some("https://"), Some(""), false),
        ] {
            assert_eq!(origin_is_ours(origin, host, public), expected, "{origin:?} {host:?}");
        }
    }
}
