//! Backups of the real program: under load, through kills and full disks, and put back elsewhere.

mod canary;
mod clock;
mod commands;
mod crash;
mod elsewhere;
mod full;
mod load;
#[path = "../support/models.rs"]
mod models;
mod smalldisk;
#[path = "../support/mod.rs"]
mod support;
#[path = "../bot/world.rs"]
#[expect(dead_code, reason = "the tests of the bot use the rest")]
mod world;

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use roost::store::{Store, TableDefinition};
use serde_json::json;
use support::{Home, Page, Person};

/// Rows that make a database large, and a backup last.
const BALLAST: TableDefinition<u64, &[u8]> = TableDefinition::new("ballast");

/// `roost` with these arguments and the settings of `home`, run in its folder.
fn roost(home: &Home, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roost"));
    command.args(arguments).arg("--settings").arg(home.settings());
    command.current_dir(home.folder()).env_clear();
    command
}

fn run(home: &Home, arguments: &[&str]) -> Output {
    roost(home, arguments).output().unwrap()
}

/// Runs a command that has to work; what it printed.
fn ok(home: &Home, arguments: &[&str]) -> String {
    let output = run(home, arguments);
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), err.as_str()), (Some(0), ""), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command that has to fail; what it said.
fn fails(home: &Home, arguments: &[&str]) -> String {
    let output = run(home, arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// Puts so many MiB into the database, which nobody has open.
fn load(home: &Home, mebibytes: u64) {
    let store = Store::open(&home.database(), |_| Ok(()), Box::new(drop)).unwrap();
    for key in 0..mebibytes {
        let row: Vec<u8> = (0..1 << 20).map(|at: u64| (at ^ key).to_le_bytes()[0]).collect();
        store.write(move |tx| tx.table_mut(BALLAST)?.insert(key, &row[..]).map(drop)).unwrap();
    }
    store.close();
}

/// The names of the files in `folder`, in their order.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Waits until `is` gives something.
fn until<T>(what: &str, mut is: impl FnMut() -> Option<T>) -> T {
    let since = Instant::now();
    loop {
        if let Some(found) = is() {
            return found;
        }
        assert!(since.elapsed() < Duration::from_secs(60), "waited for {what}");
        std::thread::yield_now();
    }
}

/// Somebody attends; whether that was acknowledged.
fn attends(server: SocketAddr, id: i64, event: u64) -> bool {
    let mut page = Page::of(server, Person::number(id));
    let message = json!({"type": "attend", "event": event, "app": "mini_event"});
    if !page.try_send(tungstenite::Message::text(message.to_string())) {
        return false;
    }
    loop {
        match page.read() {
            Ok(frame) if frame["type"] == "error" => return false,
            Ok(_) if page.events[&event.to_string()]["state"] == "going" => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}
