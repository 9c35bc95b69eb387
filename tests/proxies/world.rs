//! Roost behind a proxy.

use std::path::Path;
use std::sync::Arc;

use rustls::ClientConfig;
use serde_json::Value;
use tempfile::TempDir;

use crate::process::{command, free_port, output};
use crate::proxy::{Around, Proxy, Start};
use crate::support::line::trusting;
use crate::support::{Home, Page, Person, Program};
use crate::visitor::{ask, knock, line};

/// The address of somebody like anybody else.
const SOMEBODY: &str = "127.0.0.1";

/// Roost and a proxy in front of it.
pub struct World {
    program: Option<Program>,
    proxy: Proxy,
    home: Home,
    port: u16,
    trust: Arc<ClientConfig>,
    _folder: TempDir,
}

impl World {
    /// Roost with `settings` behind the proxy of the page.
    pub fn new(settings: &Value, start: Start) -> Self {
        Self::with(settings, start, &str::to_owned)
    }

    /// The same behind a changed proxy.
    pub fn with(settings: &Value, start: Start, change: &dyn Fn(&str) -> String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        certificate(folder.path());
        let (home, port) = (Home::new(settings), free_port());
        let program = Some(home.serve_on(port));
        let proxy = start(&Around { folder: folder.path(), roost: port, change });
        let trust = trusting(&folder.path().join("cert.pem"));
        Self { program, proxy, home, port, trust, _folder: folder }
    }

    /// Stops Roost.
    pub fn stop(&mut self) {
        let program = self.program.take().expect("it runs");
        assert!(program.stop().0.success());
    }

    /// Starts it again.
    pub fn start(&mut self) {
        self.program = Some(self.home.serve_on(self.port));
    }

    /// The same with other settings, and nobody connected.
    pub fn restarted(mut self, settings: &Value) -> Self {
        self.stop();
        self.home.set(settings);
        self.start();
        self
    }

    /// A page of `person`, logged in through the proxy.
    pub fn page(&self, person: Person) -> Page {
        self.page_from(SOMEBODY, person)
    }

    /// The same from a loopback address.
    pub fn page_from(&self, from: &str, person: Person) -> Page {
        let mut page = Page::over(line(from, self.proxy.port, &self.trust), "/wss/");
        page.login(person);
        page
    }

    /// `GET path`.
    pub fn get(&self, path: &str) -> (u16, String, Vec<u8>) {
        self.ask_from(SOMEBODY, &format!("GET {path}"), "")
    }

    /// `POST path` that announces a body of `length` bytes and sends `body`.
    pub fn post(&self, path: &str, length: usize, body: &[u8]) -> (u16, String, Vec<u8>) {
        let length = format!("Content-Length: {length}\r\n");
        self.send(SOMEBODY, &format!("POST {path}"), &length, body)
    }

    /// How much of a body of `length` that is refused one can send.
    pub fn begun(&self, length: usize) -> usize {
        length.min(self.proxy.begun)
    }

    /// A request from a loopback address with further header lines.
    pub fn ask_from(&self, from: &str, request: &str, more: &str) -> (u16, String, Vec<u8>) {
        self.send(from, request, more, b"")
    }

    /// The status of a websocket handshake as a browser makes it.
    pub fn handshake(&self, origin: Option<&str>) -> u16 {
        let origin = origin.map(|origin| format!("Origin: {origin}\r\n")).unwrap_or_default();
        let head = format!(
            "GET /wss/ HTTP/1.1\r\nHost: bot.example.org\r\n{origin}Upgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        knock(line(SOMEBODY, self.proxy.port, &self.trust), &head)
    }

    fn send(&self, from: &str, request: &str, more: &str, body: &[u8]) -> (u16, String, Vec<u8>) {
        let head = format!(
            "{request} HTTP/1.1\r\nHost: bot.example.org\r\nConnection: close\r\n{more}\r\n"
        );
        ask(line(from, self.proxy.port, &self.trust), &head, body)
    }
}

/// `cert.pem` and `key.pem`, signed by themselves.
fn certificate(folder: &Path) {
    let mut openssl = command("openssl", "openssl");
    openssl.current_dir(folder).args(["req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"]);
    openssl.args(["-pkeyopt", "ec_paramgen_curve:P-256", "-subj", "/CN=bot.example.org"]);
    openssl.args(["-addext", "subjectAltName=DNS:bot.example.org,IP:127.0.0.1"]);
    openssl.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
    output(openssl.args(["-keyout", "key.pem", "-out", "cert.pem"]));
}
