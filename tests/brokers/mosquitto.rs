//! A mosquitto that keeps its sessions on disk now and then, as it does by default.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::process::{self, Process, free_port, is_root, listens};

/// A broker with a folder of its own.
pub struct Mosquitto {
    process: Option<Process>,
    folder: TempDir,
    port: u16,
}

/// Somebody who is subscribed, sees everything, and comes back by himself.
pub struct Subscriber {
    process: Process,
    folder: TempDir,
}

impl Mosquitto {
    /// A broker that runs and lets everybody in.
    pub fn start() -> Self {
        let mut mosquitto = Self::later("allow_anonymous true\n");
        mosquitto.restart();
        mosquitto
    }

    /// A broker that does not run yet, with these lines about who may do what. `{folder}` in them is
    /// its folder.
    pub fn later(who: &str) -> Self {
        let mosquitto =
            Self { process: None, folder: tempfile::tempdir().unwrap(), port: free_port() };
        let folder = mosquitto.folder.path().display().to_string();
        let mut lines = format!("listener {} 127.0.0.1\n", mosquitto.port);
        // As Debian ships it: on disk now and then. After each change would be 300 messages a second.
        lines.push_str("persistence true\nmax_queued_messages 0\n");
        write!(lines, "persistence_location {folder}/\n{}", who.replace("{folder}", &folder))
            .unwrap();
        if is_root() {
            lines.push_str("user root\n");
        }
        fs::write(mosquitto.folder.path().join("conf"), lines).unwrap();
        mosquitto
    }

    /// A file in its folder.
    pub fn file(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("mqtt://127.0.0.1:{}", self.port)
    }

    /// The port alone.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Starts it on what it had.
    pub fn restart(&mut self) {
        let mut command = process::command("mosquitto", "mosquitto");
        command.arg("-c").arg(self.file("conf"));
        let mut process = Process::start(&mut command, &self.file("log"));
        process.waits_until("mosquitto", || listens(self.port));
        self.process = Some(process);
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// The process, while it runs.
    pub fn process(&self) -> &Process {
        self.process.as_ref().expect("it runs")
    }

    /// The process, while it runs.
    pub fn process_mut(&mut self) -> &mut Process {
        self.process.as_mut().expect("it runs")
    }

    /// Somebody subscribed to `topic`, told topic and payload by `arguments` of `mosquitto_sub`.
    pub fn subscriber(&self, arguments: &[&str]) -> Subscriber {
        let folder = tempfile::tempdir().unwrap();
        let program = process::find("mosquitto_sub", "mosquitto-clients");
        // Else it would keep what it prints until it has more.
        let mut command = process::command("stdbuf", "coreutils");
        command.arg("-oL").arg(program);
        command.args(["-p", &self.port.to_string(), "-i", "subscriber", "-c", "-q", "1"]);
        // It says when the subscription stands.
        command.arg("-d").args(arguments);
        let mut process = Process::start(&mut command, &folder.path().join("log"));
        let log = folder.path().join("log");
        process.waits_until("a subscription", || read(&log).contains("SUBACK"));
        Subscriber { process, folder }
    }
}

impl Subscriber {
    /// The lines it has printed that begin with `{`, which are updates.
    pub fn lines(&self) -> Vec<String> {
        let text = read(&self.folder.path().join("log"));
        let updates = text.lines().filter(|line| line.starts_with('{'));
        updates.map(str::to_owned).collect()
    }

    /// All it has printed.
    pub fn log(&self) -> String {
        self.process.log()
    }
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_default()
}
