//! What the journal gets: lines without a time of their own, each with how grave it is.

mod support;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use support::{Home, PATIENCE};

/// All lines of a server that was stopped once it listened. `is_journal` says whether the variable means
/// the socket the lines go to.
fn lines(log: &Value, is_journal: bool) -> Vec<String> {
    let home = Home::new(&json!({"log": log}));
    let (ours, theirs) = UnixStream::pair().unwrap();
    ours.set_read_timeout(Some(PATIENCE)).unwrap();
    let theirs = File::from(OwnedFd::from(theirs));
    let about = theirs.metadata().unwrap();
    let inode = about.ino() + u64::from(!is_journal);
    let mut child = Command::new(env!("CARGO_BIN_EXE_roost"))
        .args(["serve", "--port", "0", "--settings"])
        .arg(home.settings())
        .env_clear()
        .env("JOURNAL_STREAM", format!("{}:{inode}", about.dev()))
        .stdin(Stdio::null())
        .stderr(theirs)
        .spawn()
        .unwrap();
    let mut lines = Vec::new();
    for line in BufReader::new(ours).lines() {
        let line = line.unwrap();
        if line.contains("listening on") {
            kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
        }
        lines.push(line);
    }
    assert!(child.wait().unwrap().success());
    lines
}

#[test]
fn the_journal_is_told_how_grave_a_line_is_and_no_time() {
    let text = lines(&json!({"level": "debug"}), true);
    assert!(text.iter().any(|line| line.starts_with("<6>INFO  [roost")), "{text:?}");
    // Telegram is not reached.
    assert!(text.iter().any(|line| line.starts_with("<4>WARN  [roost")), "{text:?}");
    let json = lines(&json!({"level": "debug", "format": "json"}), true);
    for line in &json {
        let (priority, rest) = line.split_at(3);
        let value: Value = serde_json::from_str(rest).unwrap_or_else(|_| panic!("{line}"));
        let expected = match value["level"].as_str().unwrap() {
            "error" => "<3>",
            "warn" => "<4>",
            "info" => "<6>",
            _ => "<7>",
        };
        assert_eq!(priority, expected, "{line}");
        assert!(value["time"].is_null(), "{line}");
    }
}

#[test]
fn a_terminal_that_inherited_the_variable_is_no_journal() {
    let text = lines(&json!({"level": "info"}), false);
    let begins_with_a_year = |line: &String| line.starts_with("20") && line.contains("Z INFO");
    assert!(text.iter().any(begins_with_a_year), "{text:?}");
    assert!(text.iter().all(|line| !line.starts_with('<')), "{text:?}");
}
