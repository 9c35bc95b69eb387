//! The bytes between a client and the server: requests, handshakes and websocket frames.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

/// Room for whatever arrives at once.
const CHUNK: usize = 64 * 1024;

/// A frame from the server.
#[derive(Debug, PartialEq, Eq)]
pub enum Frame {
    /// A text message.
    Text(Vec<u8>),
    /// It asks whether we are there.
    Ping,
    /// Anything else.
    Other,
}

/// What has arrived and was not looked at.
#[derive(Default)]
pub struct Inbox(Vec<u8>);

impl Inbox {
    /// Takes what arrived.
    pub fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// The next whole frame.
    pub fn frame(&mut self) -> Option<Frame> {
        let (kind, start, length) = header(&self.0)?;
        let payload = self.0.get(start..start + length)?;
        let frame = match kind {
            1 => Frame::Text(payload.to_vec()),
            9 => Frame::Ping,
            _ => Frame::Other,
        };
        self.0.drain(..start + length);
        if self.0.is_empty() {
            self.0 = Vec::new();
        }
        Some(frame)
    }
}

/// Opcode, where the payload starts, and its length (RFC 6455 §5.2).
fn header(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let (kind, short) = (bytes.first()? & 15, *bytes.get(1)? & 127);
    match short {
        126 => Some((kind, 4, u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?).into())),
        127 => {
            let length = u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?);
            Some((kind, 10, usize::try_from(length).ok()?))
        }
        short => Some((kind, 2, short.into())),
    }
}

/// A text frame of a client, masked with zeros.
pub fn text(message: &str) -> Vec<u8> {
    let length = u16::try_from(message.len()).unwrap_or(u16::MAX);
    let mut frame = vec![0x81, 0x80 | 0x7e];
    frame.extend(length.to_be_bytes());
    frame.extend([0; 4]);
    frame.extend(message.bytes());
    frame
}

/// The answer to a ping without a payload.
pub const PONG: [u8; 6] = [0x8a, 0x80, 0, 0, 0, 0];

/// The request of a websocket handshake.
pub const HANDSHAKE: &[u8] = b"GET /wss/ HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
    Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// The login message with `init_data`.
pub fn login(init_data: &str) -> Vec<u8> {
    let message = serde_json::json!({"type": "login", "app": "mini_event", "data": init_data});
    text(&message.to_string())
}

/// Reads the answer to the handshake; what follows it goes to `inbox`.
pub fn shake(mut stream: &TcpStream, inbox: &mut Inbox) -> io::Result<()> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 1024];
    loop {
        let count = stream.read(&mut chunk)?;
        bytes.extend_from_slice(&chunk[..count]);
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            inbox.push(&bytes[end + 4..]);
            let is_agreed = bytes.starts_with(b"HTTP/1.1 101");
            return if is_agreed { Ok(()) } else { Err(refused(&bytes)) };
        }
        if count == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
}

/// Reads until the snapshot has arrived whole; how many events it had.
pub fn snapshot(mut stream: &TcpStream, inbox: &mut Inbox) -> io::Result<usize> {
    let mut chunk = vec![0; CHUNK];
    let mut events = 0;
    loop {
        while let Some(frame) = inbox.frame() {
            let Frame::Text(text) = frame else { continue };
            if text.starts_with(br#"{"type":"events-loaded""#) {
                return Ok(events);
            }
            if text.starts_with(br#"{"type":"disconnect""#) {
                return Err(refused(&text));
            }
            events += usize::from(text.starts_with(br#"{"type":"event","#));
        }
        match stream.read(&mut chunk)? {
            0 => return Err(ErrorKind::UnexpectedEof.into()),
            count => inbox.push(&chunk[..count]),
        }
    }
}

fn refused(bytes: &[u8]) -> io::Error {
    io::Error::other(String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned())
}

/// The whole answer to a GET, after which the connection is closed.
pub fn get(mut stream: &TcpStream, path: &str) -> io::Result<String> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
