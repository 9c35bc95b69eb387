//! The commands about data, run as people run them: beside a running server and without one.

mod page;
mod people;
mod same;
#[path = "../support/server.rs"]
mod server;
mod socket;
mod wrong;

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use server::{Server, folder, roost};

/// Longer than anything takes on a slow machine; only a fault makes a test wait for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a command did.
#[derive(Debug, PartialEq, Eq)]
struct Done {
    code: i32,
    out: String,
    err: String,
}

fn run(folder: &Path, arguments: &[&str]) -> Done {
    let output = roost(folder, arguments).output().unwrap();
    Done {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs a command that has to work; what it printed.
fn ok(folder: &Path, arguments: &[&str]) -> String {
    let done = run(folder, arguments);
    assert_eq!((done.code, done.err.as_str()), (0, ""), "{arguments:?}");
    done.out
}

fn list(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    serde_json::from_str(&ok(folder, arguments)).unwrap()
}

fn add(folder: &Path, title: &str) -> String {
    ok(folder, &["add-event", "-t", title, "-s", "2199-12-24 18:00", "-r", "2"]).trim().to_owned()
}

/// Beside a server, and without one.
fn both(settings: &Value, check: impl Fn(&Path)) {
    let server = Server::start(settings);
    check(server.folder.path());
    let alone = folder(settings);
    check(alone.path());
}
