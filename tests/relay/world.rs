//! A stand-in Telegram, settings with sinks, and what every test asks of them.

use std::ops::Deref;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::updates_support::{PATIENCE, Program, World};

/// The first of the admins by the settings.
pub const ADMIN: i64 = 900;

/// A [`World`] whose program has sinks.
pub struct Relay(pub World);

impl Deref for Relay {
    type Target = World;

    fn deref(&self) -> &World {
        &self.0
    }
}

impl Relay {
    /// A program with these `sinks`, and whatever else `relay` needs.
    pub fn with(sinks: &Value) -> Self {
        Self::settings(&json!({"sinks": sinks}))
    }

    /// A program with these settings of `relay`.
    pub fn settings(relay: &Value) -> Self {
        let world = Self(World::new());
        world.set(relay);
        world
    }

    /// Changes the settings for the next start.
    pub fn set(&self, relay: &Value) {
        let settings = json!({"relay": relay, "admins": [ADMIN, ADMIN + 1, ADMIN + 2, ADMIN + 3], "timezone": "UTC"});
        std::fs::write(self.path("settings.json"), settings.to_string()).expect("written");
    }

    /// A file in the folder of the program.
    pub fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// Whole lines of a file of JSON lines, none if there is no file yet.
    pub fn lines(&self, name: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.path(name)).unwrap_or_default();
        let end = text.rfind('\n').map_or(0, |end| end + 1);
        text[..end].lines().map(str::to_owned).collect()
    }

    /// Has Telegram send a post of a channel with this text; gives its id.
    pub fn posts(&self, chat: i64, text: &str) -> i64 {
        self.telegram.inject(post(chat, text))
    }

    /// `roost relay …`; its standard output.
    pub fn relay(&self, arguments: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.command_line(arguments).output().expect("run");
        let text = String::from_utf8(stdout).expect("text");
        assert!(status.success(), "{arguments:?}: {text}{}", String::from_utf8_lossy(&stderr));
        text
    }

    /// `roost relay …` that fails; its exit code and standard error.
    pub fn relay_fails(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let Output { status, stderr, .. } = self.command_line(arguments).output().expect("run");
        assert!(!status.success(), "{arguments:?}");
        (status.code(), String::from_utf8(stderr).expect("text"))
    }

    pub fn command_line(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roost"));
        command.env_clear().env("ROOST_DATABASE", self.database());
        command.arg("relay").args(arguments).current_dir(self.folder.path());
        command
    }

    /// How a sink stands.
    pub fn standing(&self, name: &str) -> Value {
        let all: Value = serde_json::from_str(&self.relay(&["status", "--json"])).expect("JSON");
        let row = all.as_array().expect("a list").iter().find(|row| row["name"] == name);
        row.unwrap_or_else(|| panic!("no `{name}` in {all}")).clone()
    }

    /// Asks how a sink stands until it `is` so, and Telegram has nothing left for us.
    pub fn waits_for_standing(&self, name: &str, is: impl Fn(&Value) -> bool) -> Value {
        waits_for(&format!("the standing of `{name}`"), || {
            let waiting = self.telegram.look(|view| view.updates_waiting());
            let standing = self.standing(name);
            if waiting == 0 && is(&standing) { Ok(standing) } else { Err((waiting, standing)) }
        })
    }

    /// Waits until a file has this many lines.
    pub fn waits_for_lines(&self, name: &str, count: usize) -> Vec<String> {
        waits_for(&format!("{count} lines in {name}"), || {
            let lines = self.lines(name);
            if lines.len() >= count { Ok(lines) } else { Err(lines.len()) }
        })
    }

    /// Waits until Telegram has nothing left for us.
    pub fn waits_until_taken(&self, program: &Program) {
        let end = Instant::now() + PATIENCE * 5;
        while self.telegram.look(|view| view.updates_waiting()) > 0 {
            assert!(Instant::now() < end, "updates are not taken\n{}", program.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Looks until what must come is there.
pub fn waits_for<T, E: std::fmt::Debug>(what: &str, mut look: impl FnMut() -> Result<T, E>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        match look() {
            Ok(found) => return found,
            Err(seen) => assert!(Instant::now() < end, "waited for {what}: {seen:?}"),
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A post of a channel, with which the bot itself does nothing.
pub fn post(chat: i64, text: &str) -> Value {
    json!({"channel_post": {
        "message_id": 1, "date": 1_800_000_000, "chat": {"id": chat, "type": "channel", "title": "c"},
        "text": text,
    }})
}

/// The id and the text of an update as a consumer reads it.
pub fn read(update: &str) -> (i64, String) {
    let update: Value = serde_json::from_str(update).unwrap_or_else(|_| panic!("{update}"));
    let id = update["update_id"].as_i64().expect("an id");
    (id, update["channel_post"]["text"].as_str().unwrap_or_default().to_owned())
}

/// The ids of updates.
pub fn ids(updates: &[String]) -> Vec<i64> {
    updates.iter().map(|update| read(update).0).collect()
}

/// Each id once, in the order in which they came first.
pub fn first_seen(ids: &[i64]) -> Vec<i64> {
    let mut seen = std::collections::HashSet::new();
    ids.iter().copied().filter(|id| seen.insert(*id)).collect()
}
