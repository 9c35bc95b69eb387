//! The API of one-time messages and the request behind their page, over real HTTP with the real
//! program: every row and every defect of the original's API.

mod canary;
mod config;
mod create;
mod keys;
mod page;
mod people;
mod race;
mod read;
#[path = "../support/mod.rs"]
mod support;

use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use support::{Home, Program, http};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// A running server and a key with both scopes.
struct World {
    home: Home,
    program: Program,
    key: String,
}

/// An answer over HTTP.
#[derive(Clone, Debug)]
struct Reply {
    status: u16,
    head: String,
    body: Vec<u8>,
}

/// What one command printed.
#[derive(Debug)]
struct Done {
    code: i32,
    out: String,
    err: String,
}

impl World {
    fn new() -> Self {
        Self::with(&json!({}))
    }

    /// With these settings; a client's address is what it says it is.
    fn with(settings: &Value) -> Self {
        let mut all = json!({"trusted-proxies": ["127.0.0.1/32"]});
        for (key, value) in settings.as_object().unwrap() {
            all[key] = value.clone();
        }
        let home = Home::new(&all);
        let program = home.serve();
        let scopes = ["--scope", "messages", "--scope", "config"];
        let key = new_key(home.folder(), "all", &scopes);
        Self { home, program, key }
    }

    fn address(&self) -> SocketAddr {
        self.program.address()
    }

    fn key(&self, name: &str, scopes: &[&str]) -> String {
        new_key(self.home.folder(), name, scopes)
    }

    /// A request with these header lines, each with its end.
    fn ask(&self, method: &str, path: &str, lines: &str, body: &[u8]) -> Reply {
        ask(self.address(), method, path, lines, body)
    }

    /// The same with a key.
    fn with_key(&self, key: &str, method: &str, path: &str, body: (&str, &[u8])) -> Reply {
        let (kind, body) = body;
        let kind =
            if kind.is_empty() { String::new() } else { format!("Content-Type: {kind}\r\n") };
        self.ask(method, path, &format!("Authorization: Bearer {key}\r\n{kind}"), body)
    }

    /// A message made with the first key.
    fn make(&self, fields: &Value) -> Made {
        let body = fields.to_string();
        let reply =
            self.with_key(&self.key, "POST", "/api/v1/create_message", (JSON, body.as_bytes()));
        assert_eq!(reply.status, 201, "{reply:?}");
        let made = reply.json();
        Made {
            id: made["id"].as_u64().unwrap(),
            token: made["access_token"].as_str().unwrap().to_owned(),
        }
    }

    fn get(&self, path: &str) -> Reply {
        self.with_key(&self.key, "GET", path, ("", b""))
    }

    /// The button of the page, pressed by somebody with this address.
    fn press(&self, from: &str, id: u64, body: &Value) -> Reply {
        let lines = format!("X-Forwarded-For: {from}\r\nContent-Type: {JSON}\r\n");
        self.ask("POST", &format!("/s/{id}"), &lines, body.to_string().as_bytes())
    }
}

/// A message that was made.
struct Made {
    id: u64,
    token: String,
}

impl Made {
    fn path(&self) -> String {
        format!("/api/v1/get_message/{}/{}", self.id, self.token)
    }
}

impl Reply {
    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// All of it but the date, which differs between any two.
    fn bytes(&self) -> String {
        let lines = self.head.lines().filter(|line| !line.starts_with("Date: "));
        let head: Vec<&str> = lines.collect();
        format!("{}\n{}", head.join("\n"), self.body.escape_ascii())
    }
}

fn ask(server: SocketAddr, method: &str, path: &str, lines: &str, body: &[u8]) -> Reply {
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n{lines}\r\n",
        body.len()
    );
    let (status, head, body) = http(server, &[head.as_bytes(), body].concat());
    Reply { status, head, body }
}

/// Runs a command in `folder`, with `input` on its standard input.
fn run(folder: &Path, arguments: &[&str], input: &str) -> Done {
    use std::io::Write;
    let mut child = Command::new(env!("CARGO_BIN_EXE_roost"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that needs no more has stopped reading.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    Done {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs a command that has to work; what it printed.
#[track_caller]
fn ok(folder: &Path, arguments: &[&str]) -> String {
    let done = run(folder, arguments, "");
    assert_eq!((done.code, done.err.as_str()), (0, ""), "{arguments:?}");
    done.out
}

fn new_key(folder: &Path, name: &str, scopes: &[&str]) -> String {
    let arguments = [&["api-key", "add", name], scopes].concat();
    ok(folder, &arguments).trim_end().to_owned()
}

/// Sends a request and goes away once the answer has come, without reading it.
fn ask_and_leave(server: SocketAddr, request: &[u8]) {
    use std::io::Write;
    let mut stream = TcpStream::connect(server).unwrap();
    stream.set_read_timeout(Some(support::PATIENCE)).unwrap();
    stream.write_all(request).unwrap();
    assert!(stream.peek(&mut [0; 1]).unwrap() > 0, "no answer");
}
