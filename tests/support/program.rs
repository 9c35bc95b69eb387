//! `roost serve` as its own process, in a folder that goes with the test.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Condvar, Mutex};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{PATIENCE, TOKEN};

/// A folder with settings and, after the first start, a database.
pub struct Home(TempDir);

/// What a program has printed so far, and who waits for more.
#[derive(Default)]
struct Output(Mutex<String>, Condvar);

/// A running server; dropping it kills it.
pub struct Program {
    child: Child,
    address: SocketAddr,
    output: Arc<Output>,
    ended: Receiver<()>,
    _readers: Vec<roost::thread::Handle>,
}

impl Home {
    /// Settings with no limits in the way, and `settings` over them.
    pub fn new(settings: &Value) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        home.set(settings);
        home
    }

    /// Writes the settings anew, for the next start.
    pub fn set(&self, settings: &Value) {
        let mut all = json!({
            "bot-token": TOKEN,
            // Nobody listens there.
            "telegram-api-url": "http://127.0.0.1:1",
            "hostname": "127.0.0.1",
            "timezone": "UTC",
            "admins": [super::ADMIN.id],
            "limits": {"connections": 2000, "connections-per-address": 2000,
                "logged-in-per-user": 2000, "messages-per-second": 10_000, "message-burst": 10_000},
        });
        for (key, value) in settings.as_object().unwrap() {
            all[key] = value.clone();
        }
        std::fs::write(self.settings(), all.to_string()).unwrap();
    }

    /// The settings file.
    pub fn settings(&self) -> PathBuf {
        self.0.path().join("settings.json")
    }

    /// The database file.
    pub fn database(&self) -> PathBuf {
        self.0.path().join("roost.redb")
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    /// Runs the server in it.
    pub fn serve(&self) -> Program {
        self.serve_on(0)
    }

    /// The same on a port that others know already.
    pub fn serve_on(&self, port: u16) -> Program {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roost"));
        command.args(["serve", "--port", &port.to_string(), "--settings"]);
        Program::run(command.arg(self.settings()).current_dir(self.0.path()).env_clear())
    }
}

impl Program {
    /// The server that `command` runs.
    pub fn run(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = Arc::new(Output::default());
        let (lines, heard) = channel();
        let (end, ended) = channel::<()>();
        let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let (kept, also_kept) = (Arc::clone(&output), Arc::clone(&output));
        let also_end = end.clone();
        let readers = vec![
            roost::thread::spawn("stdout", move || {
                keep(stdout, &kept, |_| ());
                drop(end);
            })
            .unwrap(),
            roost::thread::spawn("stderr", move || {
                keep(stderr, &also_kept, |line| drop(lines.send(line.to_owned())));
                drop(also_end);
            })
            .unwrap(),
        ];
        let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
        let mut program = Program { child, address: nowhere, output, ended, _readers: readers };
        let address = std::iter::from_fn(|| heard.recv_timeout(PATIENCE).ok())
            .find_map(|line| address(line.split_once("listening on http")?.1));
        program.address =
            address.unwrap_or_else(|| panic!("the server did not start:\n{}", program.output()));
        program
    }
}

/// The address behind the `://` or `s://` at the beginning of `text`.
fn address(text: &str) -> Option<SocketAddr> {
    let text = text.split_once("://")?.1;
    let end = text.find(|c: char| !matches!(c, '0'..='9' | '.' | ':')).unwrap_or(text.len());
    text[..end].parse().ok()
}

fn keep(from: impl Read, output: &Output, mut each: impl FnMut(&str)) {
    for line in BufReader::new(from).lines() {
        let Ok(line) = line else { return };
        output.0.lock().unwrap().extend([&line, "\n"]);
        output.1.notify_all();
        each(&line);
    }
}

impl Program {
    /// A server in a fresh folder.
    pub fn start() -> (Home, Self) {
        Self::with(&json!({}))
    }

    /// A server in a fresh folder with these settings.
    pub fn with(settings: &Value) -> (Home, Self) {
        let home = Home::new(settings);
        let program = home.serve();
        (home, program)
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// All it has printed so far.
    pub fn output(&self) -> String {
        self.output.0.lock().unwrap().clone()
    }

    /// Waits until it has printed `text` so many times.
    pub fn says(&self, text: &str, times: usize) {
        let output = self.output.0.lock().unwrap();
        let waits = |output: &mut String| output.matches(text).count() < times;
        let (output, waited) = self.output.1.wait_timeout_while(output, PATIENCE, waits).unwrap();
        assert!(!waited.timed_out(), "waited for `{text}` {times} times:\n{output}");
    }

    /// Resident memory in KiB.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Sends SIGTERM.
    pub fn ask_to_stop(&self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
    }

    /// Waits for the end; how it ended and all it printed.
    pub fn ended(&mut self) -> (ExitStatus, String) {
        // Nothing is ever sent: the channel closes with the program's outputs.
        let closed = self.ended.recv_timeout(PATIENCE);
        assert_eq!(closed, Err(std::sync::mpsc::RecvTimeoutError::Disconnected), "still running");
        (self.child.wait().unwrap(), self.output())
    }

    /// Stops it as systemd does.
    pub fn stop(mut self) -> (ExitStatus, String) {
        self.ask_to_stop();
        self.ended()
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
