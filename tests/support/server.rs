//! `roost serve` as its own process in a folder of its own, for tests of the command line.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// The bot's token, made up.
pub const TOKEN: &str = "123456:TEST-TOKEN-made-up";

/// A running server; dropping it kills it.
pub struct Server {
    /// `http://127.0.0.1:…`.
    pub url: String,
    /// Where its settings and its database are.
    pub folder: TempDir,
    /// The process.
    pub child: Child,
}

impl Server {
    /// A server in a fresh folder with `settings` over those every test needs.
    pub fn start(settings: &Value) -> Self {
        Self::start_in(folder(settings))
    }

    /// A server in a folder that has settings.
    pub fn start_in(folder: TempDir) -> Self {
        let mut child = roost(folder.path(), &["serve", "--port", "0"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let line =
            lines.find_map(|line| Some(line.ok()?.split_once("listening on ")?.1.to_owned()));
        // Read to the end, so that the server never waits for us.
        roost::thread::detach("stderr", 64 * 1024, move || lines.for_each(drop)).unwrap();
        Self { url: line.expect("the server starts"), folder, child }
    }

    /// Kills it as `kill -9` does; the folder stays.
    pub fn kill(mut self) -> TempDir {
        self.end();
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// A folder with settings, for commands without a server.
pub fn folder(settings: &Value) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut all = json!({
        "bot-token": TOKEN,
        // Nobody listens there.
        "telegram-api-url": "http://127.0.0.1:1",
        "timezone": "UTC",
    });
    for (key, value) in settings.as_object().unwrap() {
        all[key] = value.clone();
    }
    std::fs::write(folder.path().join("settings.json"), all.to_string()).unwrap();
    folder
}

/// The program in `folder`, with nothing but these arguments around it.
pub fn roost(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roost"));
    command.args(arguments).current_dir(folder).env_clear();
    command
}
