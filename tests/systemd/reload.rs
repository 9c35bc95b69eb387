//! SIGHUP: what changes at once, and what is said about the rest.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::manager::Manager;
use crate::updates_support::{Program, World};

fn settings(world: &World, settings: &Value) {
    let mut all = json!({"log": {"level": "info"}, "limits": {"connections": 100}});
    for (key, value) in settings.as_object().unwrap() {
        all[key] = value.clone();
    }
    fs::write(world.folder.path().join("settings.json"), all.to_string()).unwrap();
}

/// Tells the program to read its settings again, and waits until it has.
fn reloads(program: &Program, until: &str) {
    let sent = Command::new("kill").args(["-HUP", &program.id().to_string()]).status().unwrap();
    assert!(sent.success());
    program.waits_for_line(until);
}

/// Makes the program say something at debug level.
fn provokes(program: &Program) {
    assert_eq!(program.asks("BREW", "/", &[("Transfer-Encoding", "x")], b"").status, 411);
}

#[test]
fn levels_change_at_once_and_other_changes_are_named() {
    let manager = Manager::new();
    let world = &manager.world;
    settings(world, &json!({}));
    let program = manager.starts(&[]);
    provokes(&program);
    assert!(!program.log().contains("refused with 411"), "{}", program.log());
    settings(world, &json!({"log": {"level": "warn", "modules": {"roost::net": "debug"}}}));
    // The line that says so is written by the old levels no more: `warn` hides it.
    let sent = Command::new("kill").args(["-HUP", &program.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let end = roost::clock::now() + crate::updates_support::PATIENCE;
    while !program.log().contains("refused with 411") {
        assert!(roost::clock::now() < end, "{}", program.log());
        provokes(&program);
    }
    settings(
        world,
        &json!({"log": {"level": "info", "format": "json"}, "limits": {"connections": 200},
            "bot-token": "7:CANARY-token-of-nobody-0123456789abcdef", "timezone": "Europe/Berlin",
            "servers": {"Office": {"ip": "video.example.org", "client_secret": "canary"}}}),
    );
    reloads(&program, "needs a restart");
    let line = program.waits_for_line("needs a restart");
    let line: Value = serde_json::from_str(&line).expect("lines are JSON from now on");
    assert_eq!(line["level"], "warn");
    // The token comes from the environment here, which wins over the file.
    let told = "changed, but needs a restart: `limits.connections`, \
                `servers.Office.client_secret`, `servers.Office.ip`, `timezone`";
    assert_eq!(line["message"], told);
    assert!(!program.log().to_lowercase().contains("canary"), "{}", program.log());
    assert!(program.stops("TERM").0.success());
}

#[test]
fn settings_that_are_wrong_change_nothing() {
    let manager = Manager::new();
    settings(&manager.world, &json!({}));
    let program = manager.starts(&[]);
    settings(&manager.world, &json!({"log": {"level": "debug"}, "prot": 1}));
    reloads(&program, "the settings stay as they are");
    program.waits_for_line("`prot`: no such key; did you mean `port`?");
    provokes(&program);
    assert!(!program.log().contains("refused with 411"), "{}", program.log());
    fs::remove_file(manager.world.folder.path().join("settings.json")).unwrap();
    reloads(&program, "are taken over");
    assert_eq!(program.asks("GET", "/healthz", &[], b"").status, 200);
}
