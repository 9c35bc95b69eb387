//! Who visits the server: one connection with TLS, over which a page or a websocket comes.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring::default_provider;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::Value;
use tungstenite::{Message, WebSocket, client};

use super::{Seen, words};

/// Longer than anything takes under an emulator on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Frames read before what is awaited must have come.
const FRAMES: usize = 100;

/// The longest page.
const PAGE_MAX: u64 = 1 << 20;

/// A connection.
pub(super) struct Visitor(StreamOwned<ClientConnection, TcpStream>);

/// A configuration that believes one certificate.
pub(super) fn trusting(certificate: Vec<u8>) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.into()).map_err(words)?;
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(words)?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

impl Visitor {
    pub(super) fn connect(to: SocketAddr, config: &Arc<ClientConfig>) -> Result<Self, String> {
        let stream = TcpStream::connect_timeout(&to, PATIENCE).map_err(words)?;
        stream.set_read_timeout(Some(PATIENCE)).map_err(words)?;
        let name = ServerName::try_from("localhost").map_err(words)?;
        let connection = ClientConnection::new(Arc::clone(config), name).map_err(words)?;
        Ok(Self(StreamOwned::new(connection, stream)))
    }

    /// The handshake alone; which protocol it led to.
    pub(super) fn shake_hands(mut self) -> Seen {
        let StreamOwned { conn, sock } = &mut self.0;
        while conn.is_handshaking() {
            conn.complete_io(sock).map_err(words)?;
        }
        let version = conn.protocol_version().and_then(|version| version.as_str());
        let suite = conn.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str());
        Ok([version, suite].map(Option::unwrap_or_default).join(", "))
    }

    /// The body of the answer for `path`.
    pub(super) fn fetch(mut self, path: &str) -> Result<Vec<u8>, String> {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        self.0.write_all(request.as_bytes()).map_err(words)?;
        let mut answer = Vec::new();
        self.0.take(PAGE_MAX).read_to_end(&mut answer).map_err(words)?;
        if !answer.starts_with(b"HTTP/1.1 200 ") {
            let first = answer.split(|byte| *byte == b'\r').next().unwrap_or_default();
            return Err(format!("`{}`", String::from_utf8_lossy(first)));
        }
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.ok_or("the answer has no end of its head")?;
        Ok(answer.split_off(end + 4))
    }

    /// Says `message` on a websocket; what was answered up to a frame of the type `last`.
    pub(super) fn converse(self, message: &Value, last: &str) -> Result<Vec<Value>, String> {
        let (mut socket, _) = client("ws://localhost/wss/", self.0).map_err(words)?;
        socket.send(Message::text(message.to_string())).map_err(words)?;
        let mut frames = Vec::new();
        while frames.len() < FRAMES {
            let frame = next(&mut socket)?;
            let is_last = frame["type"] == last;
            frames.push(frame);
            if is_last {
                return Ok(frames);
            }
        }
        Err(format!("no `{last}` in {FRAMES} frames"))
    }
}

fn next<S: Read + Write>(socket: &mut WebSocket<S>) -> Result<Value, String> {
    loop {
        match socket.read().map_err(words)? {
            Message::Text(text) => return serde_json::from_str(&text).map_err(words),
            Message::Close(_) => return Err("closed".into()),
            _ => {}
        }
    }
}
