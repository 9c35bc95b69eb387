//! Answers of the Bot API, whole or broken on purpose.

use std::io::Write;
use std::net::Shutdown;

use serde_json::{Value, json};

use super::denial::Denial;
use super::drain;
use crate::net::answer::Answer;
use crate::net::request::{Guest, Reply};

/// The answer to a call.
pub(crate) fn answer(result: &Result<Value, Denial>) -> Reply {
    match result {
        Ok(result) => Answer::json(200, &json!({"ok": true, "result": result})).into(),
        Err(denial) => Answer::json(denial.code, &denial.body()).into(),
    }
}

/// What a proxy says while the server behind it is gone.
pub(crate) fn bad_gateway() -> Reply {
    let page = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";
    Answer { status: 502, ..Answer::ok("text/html", page.as_bytes()) }.into()
}

/// JSON that ends in the middle.
pub(crate) fn broken_json() -> Reply {
    Answer::ok("application/json", br#"{"ok":true,"result":{"message_id":"#.as_slice()).into()
}

/// Nothing, until the caller hangs up.
pub(crate) fn stall() -> Reply {
    take(|guest| drain(&guest.stream))
}

/// The connection breaks in the middle of the body.
pub(crate) fn reset() -> Reply {
    take(|guest| {
        let head =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n";
        let part = format!("{head}{{\"ok\":true,\"res");
        // The caller may have gone already.
        drop((&guest.stream).write_all(part.as_bytes()));
        drop(guest.stream.tcp().shutdown(Shutdown::Both));
    })
}

/// The connection breaks before the answer.
pub(crate) fn hang_up() -> Reply {
    take(|guest| drop(guest.stream.tcp().shutdown(Shutdown::Both)))
}

/// A good answer in chunks of one and more bytes (RFC 9112 §7.1).
pub(crate) fn chunked(result: &Result<Value, Denial>) -> Reply {
    let (status, body) = match result {
        Ok(result) => (200, json!({"ok": true, "result": result})),
        Err(denial) => (denial.code, denial.body()),
    };
    let body = body.to_string();
    take(move |guest| {
        let mut text = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n\
             Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        )
        .into_bytes();
        let (first, rest) = body.as_bytes().split_at(1);
        for chunk in std::iter::once(first).chain(rest.chunks(7)) {
            text.extend(format!("{:x}\r\n", chunk.len()).bytes());
            text.extend([chunk, b"\r\n"].concat());
        }
        text.extend(b"0\r\n\r\n");
        // The caller may have gone already.
        drop((&guest.stream).write_all(&text));
    })
}

fn take(act: impl FnOnce(Guest) + Send + 'static) -> Reply {
    Reply::Take(Box::new(act))
}
