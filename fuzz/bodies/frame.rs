//! Frames of websockets: theirs as a session reads them, ours as a browser does.

use std::io::{Cursor, Read, Result, Write};

use roost::net::{frame, session};
use tungstenite::protocol::Role;
use tungstenite::{Message, WebSocket};

/// The longest message taken here; small, so that it is met.
const LONGEST: usize = 512;

/// Bytes that come, and nobody who hears the answers.
struct Wire<'a>(Cursor<&'a [u8]>);

impl Read for Wire<'_> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        self.0.read(into)
    }
}

impl Write for Wire<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

/// Reads the bytes as a client's frames, then as the text of a message of ours.
pub fn run(bytes: &[u8]) {
    let config = session::config(LONGEST);
    let mut client =
        WebSocket::from_raw_socket(Wire(Cursor::new(bytes)), Role::Server, Some(config));
    while let Ok(message) = client.read() {
        assert!(message.len() <= LONGEST, "{} bytes are too many", message.len());
    }
    let text = super::text(bytes);
    let ours = frame::text(&text);
    let mut browser = WebSocket::from_raw_socket(Wire(Cursor::new(&ours)), Role::Client, None);
    assert_eq!(browser.read().ok(), Some(Message::text(&*text)));
}
