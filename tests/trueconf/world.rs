//! A stand-in with a client of it, and the program run beside it.

use std::path::PathBuf;
use std::process::{Command, Output};

use roost::demo::trueconf::{StandIn, Version};
use roost::settings::{Asked, Server, Surroundings, load};
use roost::trueconf::Client;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

/// A made-up token of the bot.
const TOKEN: &str = "123456:TEST-TOKEN-made-up";

/// An empty stand-in of `version`.
pub fn stand_in(version: Version) -> StandIn {
    StandIn::start("Head office", version).unwrap()
}

/// A client of `server`, as the settings file makes it.
pub fn client(server: &StandIn) -> Client {
    Client::new(&typed(server, &json!({})))
}

/// A client of `server` with other settings.
pub fn client_with(server: &StandIn, change: &Value) -> Client {
    Client::new(&typed(server, change))
}

/// The typed settings of `server` with some of them changed.
pub fn typed(server: &StandIn, change: &Value) -> Server {
    let stage = Stage::new();
    stage.add(server, change);
    stage.servers().remove(0)
}

/// A folder with a settings file.
pub struct Stage {
    folder: TempDir,
}

impl Stage {
    /// Settings without servers.
    pub fn new() -> Self {
        let stage = Self { folder: tempfile::tempdir().unwrap() };
        stage.write(&json!({"bot-token": TOKEN, "timezone": "UTC", "servers": {}}));
        stage
    }

    /// The folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Adds `server` under its name, with some settings changed.
    pub fn add(&self, server: &StandIn, change: &Value) {
        let mut settings = server.settings();
        merge(settings.as_object_mut().unwrap(), change);
        self.put(server.name(), settings);
    }

    /// Adds a server of these settings.
    pub fn put(&self, name: &str, settings: Value) {
        let mut all: Value = serde_json::from_str(&self.text()).unwrap();
        all["servers"][name] = settings;
        self.write(&all);
    }

    fn write(&self, all: &Value) {
        std::fs::write(self.path("settings.json"), all.to_string()).unwrap();
    }

    /// The settings file as it is.
    pub fn text(&self) -> String {
        std::fs::read_to_string(self.path("settings.json")).unwrap()
    }

    /// The servers of the file.
    pub fn servers(&self) -> Vec<Server> {
        let asked = Asked { file: Some(self.path("settings.json")), flags: Vec::new() };
        load(&asked, &Surroundings::default()).unwrap().settings.servers
    }

    /// Runs the program with these arguments.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, "settings.json")
    }

    /// The same with another settings file.
    pub fn run_with(&self, arguments: &[&str], file: &str) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roost"));
        command.args(arguments).arg("--settings").arg(self.path(file));
        let output = command.current_dir(self.folder.path()).env_clear().output().unwrap();
        Ran::new(&output)
    }
}

/// How a run ended.
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// What the program wrote; no secret may be in it.
    pub fn new(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let ran = Self {
            code: output.status.code(),
            out: text(&output.stdout),
            err: text(&output.stderr),
        };
        assert!(!ran.out.contains("canary"), "a secret came out: {}", ran.out);
        assert!(!ran.err.contains("canary"), "a secret came out: {}", ran.err);
        ran
    }

    /// The printed rows.
    pub fn rows(&self) -> Vec<Value> {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{} {}", self.out, self.err))
    }
}

fn merge(settings: &mut Map<String, Value>, change: &Value) {
    for (key, value) in change.as_object().unwrap() {
        settings.insert(key.clone(), value.clone());
    }
}
