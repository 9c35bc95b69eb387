//! A Redis server that writes each change to disk before it answers.

use tempfile::TempDir;

use super::process::{self, Process, free_port};

/// A server with a folder of its own.
pub struct Redis {
    process: Option<Process>,
    folder: TempDir,
    port: u16,
}

impl Redis {
    /// A server that runs.
    pub fn start() -> Self {
        let mut redis = Self::later();
        redis.restart();
        redis
    }

    /// A server that does not run yet.
    pub fn later() -> Self {
        Self { process: None, folder: tempfile::tempdir().unwrap(), port: free_port() }
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Starts it on what it had.
    pub fn restart(&mut self) {
        let mut command = process::command("redis-server", "redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &self.port.to_string(), "--save", ""]);
        command.args(["--appendonly", "yes", "--appendfsync", "always", "--dir"]);
        command.arg(self.folder.path());
        let mut process = Process::start(&mut command, &self.folder.path().join("log"));
        process.waits_until("redis", || self.asks(&["PING"]) == "PONG\n");
        self.process = Some(process);
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// What `redis-cli` says to this.
    pub fn asks(&self, arguments: &[&str]) -> String {
        let mut command = process::command("redis-cli", "redis-tools");
        command.args(["--raw", "-p", &self.port.to_string()]).args(arguments);
        let output = command.output().expect("redis-cli");
        String::from_utf8(output.stdout).expect("text")
    }

    /// All of a list.
    pub fn list(&self, name: &str) -> Vec<String> {
        let text = self.asks(&["LRANGE", name, "0", "-1"]);
        // Of an empty list an empty line.
        text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    /// The process, while it runs.
    pub fn process(&self) -> &Process {
        self.process.as_ref().expect("it runs")
    }
}
