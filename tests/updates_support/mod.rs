//! The real program beside the stand-in Telegram, told everything by its environment. Nothing here
//! sleeps; whoever waits, waits for a line, a call or an answer.

#![allow(dead_code, reason = "every test file uses another part")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use roost::demo::telegram::StandIn;
use roost::thread::{Handle, spawn};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::Value;

/// The bot's token, made up.
pub const TOKEN: &str = "42:TEST-token-of-the-stand-in-0123456789ab";

/// Longer than anything takes on a slow machine; only a fault makes a test wait for it.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The header with the webhook's secret.
pub const SECRET: &str = "X-Telegram-Bot-Api-Secret-Token";

/// A stand-in Telegram, and a folder for the program's database.
pub struct World {
    pub telegram: StandIn,
    pub folder: tempfile::TempDir,
    pub port: u16,
}

/// The running program. Dropping it kills it.
pub struct Program {
    child: Child,
    lines: Arc<(Mutex<Vec<String>>, Condvar)>,
    ended: Receiver<()>,
    port: u16,
    _reader: Handle,
}

/// An answer of the program.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl World {
    pub fn new() -> Self {
        let telegram = StandIn::start(TOKEN, "RoostBot").expect("a port is free");
        let folder = tempfile::tempdir().expect("a folder");
        Self { telegram, folder, port: free_port() }
    }

    pub fn database(&self) -> PathBuf {
        self.folder.path().join("roost.redb")
    }

    /// Where the webhook is reached.
    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The program with polling.
    pub fn polls(&self) -> Program {
        self.runs(&[])
    }

    /// The program with a webhook at `/hook` and further settings.
    pub fn hooked(&self, more: &[(&str, &str)]) -> Program {
        let settings = self.webhook_settings();
        let all = settings.iter().map(|(name, value)| (*name, value.as_str()));
        self.runs(&all.chain(more.iter().copied()).collect::<Vec<_>>())
    }

    pub fn webhook_settings(&self) -> [(&'static str, String); 4] {
        [
            ("ROOST_UPDATES_MODE", "webhook".to_owned()),
            ("ROOST_UPDATES_ENDPOINT", "hook".to_owned()),
            ("ROOST_PUBLIC_URL", self.base()),
            ("ROOST_PORT", self.port.to_string()),
        ]
    }

    /// The program on a disk that [`Program::fills_disk`] fills.
    pub fn runs_on_a_small_disk(&self, variables: &[(&'static str, String)]) -> Program {
        // A write beyond the limit fails as on a full disk; without this it would be a signal.
        let mut command = Command::new("/bin/sh");
        let trap = "trap '' XFSZ; exec \"$0\" serve";
        let plain = self.command(&[]);
        let inherited = plain.get_envs().filter_map(|(name, value)| Some((name, value?)));
        command
            .args(["-c", trap, env!("CARGO_BIN_EXE_roost")])
            .env_clear()
            .envs(inherited)
            .envs(variables.iter().map(|(name, value)| (*name, value)))
            .current_dir(self.folder.path());
        Program::start(&mut command)
    }

    /// The program with these variables in its environment, listening.
    pub fn runs(&self, variables: &[(&str, &str)]) -> Program {
        Program::start(&mut self.command(variables))
    }

    /// What starts the program.
    pub fn command(&self, variables: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roost"));
        command
            .arg("serve")
            .env_clear()
            .envs(std::env::var_os("LLVM_PROFILE_FILE").map(|file| ("LLVM_PROFILE_FILE", file)))
            .env("ROOST_BOT_TOKEN", TOKEN)
            .env("ROOST_TELEGRAM_API_URL", self.telegram.base_url())
            .env("ROOST_DATABASE", self.database())
            .env("ROOST_PORT", "0")
            .envs(variables.iter().copied())
            .current_dir(self.folder.path());
        command
    }

    /// The secret Telegram was given last.
    pub fn secret(&self) -> String {
        self.telegram.wait_for("setWebhook", |view| {
            let asked = view.calls("setWebhook").into_iter().rev().find(|a| a.status == 200)?;
            Some(asked.params["secret_token"].as_str()?.to_owned())
        })
    }

    pub fn waits_for_webhook(&self) {
        self.telegram.wait_for("a webhook", |view| view.webhook().map(drop));
    }

    pub fn waits_for_poll(&self) {
        self.telegram.wait_for("a poll", |view| (view.polls_waiting() > 0).then_some(()));
    }
}

impl Program {
    /// Starts `command` and waits until it listens.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().expect("the program starts");
        let stderr = child.stderr.take().expect("piped");
        let lines = Arc::new((Mutex::new(Vec::new()), Condvar::new()));
        let (end, ended) = channel();
        let shared = Arc::clone(&lines);
        let reader = spawn("stderr", move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                shared.0.lock().expect("no panic").push(line);
                shared.1.notify_all();
            }
            drop(end);
            shared.1.notify_all();
        });
        let reader = reader.expect("a thread");
        let mut program = Self { child, lines, ended, port: 0, _reader: reader };
        let line = program.waits_for_line("listening on http");
        program.port = line.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
        program
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// From now on no write to a file succeeds.
    pub fn fills_disk(&self) {
        self.limit_files(Some(0));
    }

    /// The disk has room again.
    pub fn frees_disk(&self) {
        self.limit_files(None);
    }

    /// From now on no file grows beyond so many bytes.
    pub fn limit_files(&self, bytes: Option<u64>) {
        let process = Pid::from_raw(self.id().try_into().expect("a process id"));
        let limit = Rlimit { current: bytes, maximum: None };
        prlimit(process, Resource::Fsize, limit).expect("limited");
    }

    /// Everything it has logged so far.
    pub fn log(&self) -> String {
        self.lines.0.lock().expect("no panic").join("\n")
    }

    pub fn waits_for_line(&self, text: &str) -> String {
        let lines = self.lines.0.lock().expect("no panic");
        let find = |lines: &Vec<String>| lines.iter().find(|line| line.contains(text)).cloned();
        let (lines, timeout) = self
            .lines
            .1
            .wait_timeout_while(lines, PATIENCE, |lines| find(lines).is_none())
            .expect("no panic");
        assert!(!timeout.timed_out(), "waited for `{text}`:\n{}", lines.join("\n"));
        find(&lines).expect("found")
    }

    /// Asks it to stop and waits until it has.
    pub fn stops(mut self, signal: &str) -> (ExitStatus, String) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([&format!("-{signal}"), &id]).status();
        assert!(sent.expect("kill runs").success());
        let _ = self.ended.recv_timeout(PATIENCE);
        (self.child.wait().expect("ended"), self.log())
    }

    /// `kill -9`.
    pub fn dies(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }

    pub fn asks(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        exchange(self.port, method, path, headers, body)
    }

    pub fn posts(&self, secret: &str, body: &[u8]) -> Answer {
        self.asks("POST", "/hook", &[(SECRET, secret)], body)
    }

    pub fn ready(&self) -> (u16, Value) {
        let answer = self.asks("GET", "/readyz", &[], b"");
        (answer.status, serde_json::from_str(&answer.body).expect("JSON"))
    }

    /// Asks `/readyz` until the answer `is` the one.
    pub fn waits_until_ready(&self, what: &str, is: impl Fn(u16, &Value) -> bool) -> Value {
        let end = roost::clock::now() + PATIENCE;
        loop {
            let (status, report) = self.ready();
            if is(status, &report) {
                return report;
            }
            assert!(roost::clock::now() < end, "waited for {what}: {report}\n{}", self.log());
            std::thread::yield_now();
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (field, value) = line.split_once(": ")?;
            field.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// One request on a connection of its own.
pub fn exchange(
    port: u16,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("connected");
    stream.set_read_timeout(Some(PATIENCE)).expect("set");
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).expect("sent");
    // A refusal may come, and the connection end, before all of the body is sent.
    drop(stream.write_all(body));
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer));
    let answer = String::from_utf8(answer).expect("text");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a whole head");
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

/// A port nobody listens on now.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    listener.local_addr().expect("bound").port()
}

/// A message update by hand, for what the stand-in does not send.
pub fn message(update_id: i64, from: i64, text: &str) -> Vec<u8> {
    let entities = if text.starts_with('/') {
        serde_json::json!([{"type": "bot_command", "offset": 0, "length": text.len()}])
    } else {
        serde_json::json!([])
    };
    serde_json::json!({"update_id": update_id, "message": {
        "message_id": update_id, "date": 1_800_000_000, "text": text, "entities": entities,
        "from": {"id": from, "is_bot": false, "first_name": "Ada", "language_code": "en"},
        "chat": {"id": from, "type": "private", "first_name": "Ada"},
    }})
    .to_string()
    .into_bytes()
}
