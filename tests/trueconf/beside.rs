//! `roost servers …` beside a running server, and after it.

use std::process::Command;

use roost::demo::telegram::StandIn as Telegram;
use roost::demo::trueconf::{Meeting, StandIn, Version};
use serde_json::{Value, json};

use crate::support::{ADMIN, Home, PATIENCE, Program, TOKEN};
use crate::world::{Ran, stand_in};

/// A running program that watches one server.
struct World {
    program: Program,
    home: Home,
    server: StandIn,
    telegram: Telegram,
}

impl World {
    fn new() -> Self {
        let (server, telegram) =
            (stand_in(Version::V33), Telegram::start(TOKEN, "RoostBot").unwrap());
        let settings = json!({
            "telegram-api-url": telegram.base_url(), "servers": {"Head office": server.settings()},
            "log": {"level": "trace"},
        });
        let home = Home::new(&settings);
        Self { program: home.serve(), home, server, telegram }
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roost"));
        command.args(arguments).arg("--settings").arg(self.home.settings());
        command.current_dir(self.home.folder()).env_clear().env("LOGNAME", "olga");
        Ran::new(&command.output().unwrap())
    }

    /// Nothing secret may be in the log, however talkative.
    fn check_log(&self) {
        let log = self.program.output();
        assert!(log.contains("listening") && !log.contains("canary"), "{log}");
    }

    /// The row of the server, as soon as it `is` so.
    fn row(&self, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        let end = std::time::Instant::now() + PATIENCE;
        loop {
            let row = self.run(&["servers", "--json"]).rows().remove(0);
            if is(&row) {
                return row;
            }
            assert!(std::time::Instant::now() < end, "waited for {what}: {row}");
        }
    }
}

#[test]
fn state_and_since_are_what_the_running_server_has_confirmed() {
    let mut world = World::new();
    let up = world.row("a first check", |row| !row["since"].is_null());
    assert_eq!((&up["state"], &up["reason"]), (&json!("up"), &Value::Null));
    world.server.go_down();
    let down = world.row("a confirmed outage", |row| row["state"] == "down");
    assert_eq!(down["reason"], "connection refused");
    assert!(down["since"].as_str() > up["since"].as_str(), "{down} {up}");
    world.check_log();
    world.program.kill();
    let after = world.row("the database", |_| true);
    assert_eq!((&after["state"], &after["since"]), (&down["state"], &down["since"]), "the same");
    world.server.come_up().unwrap();
    let again = world.row("the server itself", |_| true);
    assert_eq!((&again["state"], &again["since"]), (&json!("up"), &Value::Null), "not watched");
}

#[test]
fn a_stop_stands_in_the_audit_log_and_operators_are_told() {
    let mut world = World::new();
    let admin = world.telegram.person(ADMIN.id, ADMIN.name, "en");
    admin.sends("/start");
    world
        .telegram
        .wait_for("an answer", |view| (!view.bot_messages(ADMIN.id).is_empty()).then_some(()));
    let hours = std::time::Duration::from_secs(7_200);
    world.server.begin(Meeting::new("room").topic(Some("A <b> & c")).ago(hours).roles(&[]));
    let ran = world.run(&["servers", "forgotten", "--stop", "--yes", "--json"]);
    assert_eq!((ran.code, &ran.rows()[0]["outcome"]), (Some(0), &json!("stopped")), "{}", ran.err);
    let told = world.telegram.wait_for("the news", |view| {
        view.bot_messages(ADMIN.id).into_iter().find(|message| message.text.contains("stopped"))
    });
    assert!(told.text.contains("olga") && told.text.contains("Head office"), "{}", told.text);
    let check = |world: &World| {
        let rows = world.run(&["servers", "audit", "--json"]).rows();
        assert_eq!(rows.len(), 1, "{rows:?}");
        let mut row = rows[0].clone();
        assert!(row["at"].take().is_string());
        let conference = json!({"id": "room", "topic": "A <b> & c", "people": 0});
        let expected = json!({
            "at": null, "user": null, "name": "olga", "by": "command-line", "what": "stop",
            "server": "Head office", "conference": conference, "result": "stopped",
        });
        assert_eq!(row, expected);
    };
    check(&world);
    world.check_log();
    world.program.kill();
    check(&world);
    let table = world.run(&["servers", "audit", "--limit", "1"]).out;
    assert!(table.contains("olga  room  Head office  A <b> & c"), "{table}");
}
