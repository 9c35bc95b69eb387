//! The real program and the people who use it: a server in a folder of its own, and pages as
//! websocket clients. Nothing here sleeps; whoever waits, waits for a frame.

#![allow(dead_code, unused_imports, reason = "every test file uses another part")]

pub mod line;
pub mod page;
pub mod pictures;
pub mod program;

pub use line::Line;
pub use page::{Page, Person};
pub use program::{Home, Program};

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use roost::hidden::Hidden;
use roost::telegram::init_data;
use serde_json::{Value, json};

/// The bot's token, made up.
pub const TOKEN: &str = "123456:TEST-TOKEN-made-up";

/// Longer than anything takes on a slow machine; only a fault makes a test wait for it.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// An admin by the settings of [`Home`].
pub const ADMIN: Person = Person { id: 900, name: "Grace Hopper", language: "en" };

/// A visitor.
pub const ADA: Person = Person { id: 5, name: "Ada Löve", language: "en" };

/// Another visitor.
pub const BOB: Person = Person { id: 6, name: "Bob Stone", language: "en" };

/// initData of exactly these pairs, signed with the bot's token.
pub fn signed(pairs: &[(&str, &str)]) -> String {
    init_data::sign(pairs, &Hidden::new(TOKEN.to_owned()))
}

/// Seconds since 1970.
pub fn now() -> i64 {
    roost::clock::now().as_second()
}

/// A daily event that nobody's test comes to the end of.
pub fn daily(title: &str) -> Value {
    json!({"type": "create-event", "title": title, "description": "", "start": "09:00", "duration": 1})
}

/// Status, head and body of one HTTP request.
pub fn http(server: SocketAddr, request: &(impl AsRef<[u8]> + ?Sized)) -> (u16, String, Vec<u8>) {
    use std::io::{Read, Write};
    let mut stream = TcpStream::connect(server).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request.as_ref()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    (head[9..12].parse().unwrap(), head, answer[end..].to_vec())
}

/// `GET path`.
pub fn get(server: SocketAddr, path: &str) -> (u16, String, Vec<u8>) {
    http(server, &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
}
