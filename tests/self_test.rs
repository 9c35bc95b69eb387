//! `roost self-test`, as a build script or a self-hoster runs it.

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::{TempDir, tempdir};

/// What is looked at, in this order.
const CHECKS: [&str; 11] = [
    "random numbers",
    "signatures",
    "panics",
    "time zones",
    "names",
    "pages",
    "server",
    "handshake",
    "request",
    "websocket",
    "store",
];

/// An empty folder for everything the program writes.
fn place() -> TempDir {
    tempdir().unwrap()
}

fn self_test(place: &TempDir, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roost"));
    // A bot's environment must not reach into it.
    let command = command.env("TMPDIR", place.path()).env("ROOST_PORT", "not a port");
    command.current_dir(place.path()).arg("self-test").args(arguments).output().unwrap()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_program_that_works_says_so_line_by_line_and_leaves_nothing() {
    let place = place();
    let output = self_test(&place, &[]);
    let out = text(output.stdout);
    assert_eq!((output.status.code(), text(output.stderr)), (Some(0), String::new()), "{out}");
    let names: Vec<&str> = out.lines().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(names, CHECKS.map(|name| format!("ok {name}")));
    assert!(out.contains("ok handshake: TLSv1_3, TLS13_"), "{out}");
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
}

#[test]
fn programs_are_told_the_same() {
    let output = self_test(&place(), &["--json"]);
    let checks: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let names: Vec<&str> = checks.iter().map(|check| check["name"].as_str().unwrap()).collect();
    assert_eq!(names, CHECKS);
    assert!(checks.iter().all(|check| check["ok"] == true), "{checks:?}");
}

#[test]
fn what_is_wrong_is_named_and_the_exit_code_tells() {
    let place = place();
    let file = place.path().join("file");
    fs::write(&file, "").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_roost"))
        .env("TMPDIR", &file)
        .arg("self-test")
        .output()
        .unwrap();
    let out = text(output.stdout);
    assert_eq!(output.status.code(), Some(1), "{out}");
    let wrong: Vec<&str> = out.lines().filter(|line| line.starts_with("wrong ")).collect();
    assert_eq!(wrong, ["wrong server: temporary folder: Not a directory (os error 20)"]);
    assert!(out.contains("ok signatures"), "the others are still looked at: {out}");
}
