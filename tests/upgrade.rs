//! A file that an earlier Roost wrote is moved to today's schema with all that is in it.

#[path = "backup/smalldisk.rs"]
#[allow(dead_code, reason = "only the move of old schemas needs it")]
mod smalldisk;
mod support;

use std::io::Read as _;
use std::process::{Command, Output};

use flate2::read::GzDecoder;
#[cfg(feature = "schema-1")]
use roost::ids::UserId;
#[cfg(feature = "schema-1")]
use roost::store::{Store, aside, log, outbox, users, was_handled};
use serde_json::json;
use support::Home;
#[cfg(feature = "schema-1")]
use {
    serde_json::Value,
    support::{ADA, BOB, Page, Person},
};

/// Written by the first schema: two events, one with a picture and a seat, people who go and who
/// wait, an update for a reader, one set aside, and messages on their way.
const SCHEMA_1: &[u8] = include_bytes!("data/schema-1.redb.gz");

/// Written by the second schema: an event, a cancelled one, an admin and a key of the API.
const SCHEMA_2: &[u8] = include_bytes!("data/schema-2.redb.gz");

/// A file of each schema, the first one first.
const ALL: [&[u8]; 2] = [SCHEMA_1, SCHEMA_2];

fn unpacked(file: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    bytes
}

fn home(file: &[u8]) -> Home {
    let home = Home::new(&json!({}));
    std::fs::write(home.database(), unpacked(file)).unwrap();
    home
}

fn command(home: &Home) -> Output {
    Command::new(env!("CARGO_BIN_EXE_roost"))
        .args(["list-events", "--json", "--settings"])
        .arg(home.settings())
        .env_clear()
        .output()
        .unwrap()
}

#[cfg(feature = "schema-1")]
fn event(mut page: Page, person: Person, id: u64) -> Value {
    let events = page.login(person);
    events.into_iter().find(|event| event["id"] == id).unwrap()
}

#[test]
fn there_is_a_file_of_every_schema_to_test_with() {
    let known = usize::try_from(roost::store::SCHEMA).unwrap();
    assert_eq!(ALL.len(), known, "keep a file that the last release wrote in tests/data");
}

#[test]
fn what_the_second_schema_kept_is_there_and_goes_on() {
    let home = home(SCHEMA_2);
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roost"));
        command.args(arguments).arg("--settings").arg(home.settings());
        let output = command.env_clear().output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let events = run(&["list-events", "--json"]);
    assert!(events.contains("Older friends") && events.contains("Called off"), "{events}");
    let users = run(&["list-users", "--json"]);
    assert!(users.contains("\"telegram_id\":77"), "{users}");
    assert!(run(&["api-key", "list"]).contains("backup-job"));
    let next = run(&["add-event", "-t", "Go", "-s", "2199-01-01 10:00", "-r", "1"]);
    assert_eq!(next.trim(), "3");
}

/// The file with so many pictures that moving it needs room, as the first schema kept them.
#[cfg(feature = "schema-1")]
fn with_pictures(file: &[u8]) -> Vec<u8> {
    let home = home(file);
    let database = redb::Database::open(home.database()).unwrap();
    let tx = database.begin_write().unwrap();
    let pictures = redb::TableDefinition::<&str, &[u8]>::new("events/media");
    for number in 0..8_u8 {
        let name = format!("{number}.png");
        tx.open_table(pictures).unwrap().insert(&*name, &vec![number; 500_000][..]).unwrap();
    }
    tx.commit().unwrap();
    drop(database);
    std::fs::read(home.database()).unwrap()
}

#[cfg(feature = "schema-1")]
#[test]
fn a_full_disk_during_a_move_leaves_the_file_as_it_was() {
    let bytes = with_pictures(SCHEMA_1);
    let size = bytes.len() as u64 / 1024;
    // Not enough for the copy; enough for that and not for the move; enough.
    for (room, moved) in [(size / 2, false), (size + 256, false), (8 * size, true)] {
        let disk = smalldisk::SmallDisk::new(size + room);
        std::fs::write(disk.outside("settings.json"), r#"{"timezone": "UTC"}"#).unwrap();
        std::fs::write(disk.outside("roost.redb"), &bytes).unwrap();
        let list = || disk.command(&["list-events", "--json"]).output().unwrap();
        let first = list();
        let said = String::from_utf8(first.stderr).unwrap();
        assert_eq!(first.status.success(), moved, "{room}: {said}");
        if moved {
            continue;
        }
        assert!(said.contains("could not be moved on from schema 1 and is as it was"), "{said}");
        assert!(said.contains("make some and start again"), "{said}");
        let copied = disk.outside("roost.redb.schema-1").exists();
        assert_eq!(copied, room > size, "the copy of {room} KiB more: {said}");
        // Taken to a place with room, it is what it was.
        let elsewhere = home(SCHEMA_2);
        std::fs::copy(disk.outside("roost.redb"), elsewhere.database()).unwrap();
        let rows: Value = serde_json::from_slice(&command(&elsewhere).stdout).unwrap();
        assert_eq!(rows.as_array().unwrap().len(), 2, "{rows}");
    }
}

#[cfg(not(feature = "schema-1"))]
#[test]
fn a_file_of_the_first_schema_is_refused_with_the_way_out_and_left_alone() {
    let home = home(SCHEMA_1);
    let before = std::fs::read(home.database()).unwrap();
    let refused = command(&home);
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("--features schema-1"), "{said}");
    assert_eq!(std::fs::read(home.database()).unwrap().len(), before.len());
}

#[cfg(feature = "schema-1")]
#[test]
fn people_find_everything_after_an_upgrade_from_the_first_schema() {
    let home = home(SCHEMA_1);
    for start in ["the first start", "a later start"] {
        let mut program = home.serve();
        let output = program.output();
        assert_eq!(output.contains("schema 1"), start == "the first start", "{output}");
        let old = event(Page::open(program.address()), ADA, 1);
        assert_eq!((&old["title"], &old["state"]), (&json!("Older friends"), &json!("going")));
        assert_eq!((&old["attendees"], &old["waiting"]), (&json!(1), &json!(1)));
        let picture = old["image"].as_str().unwrap().to_owned();
        assert_eq!(support::get(program.address(), &picture).0, 200, "{picture}");
        let daily = event(Page::open(program.address()), BOB, 2);
        assert_eq!(daily["state"], "going");
        program.ask_to_stop();
        assert!(program.ended().0.success());
    }
    let copy = home.folder().join("roost.redb.schema-1");
    assert!(copy.exists(), "the file as it was stays");
}

#[cfg(feature = "schema-1")]
#[test]
fn what_waits_and_what_was_remembered_is_still_there() {
    let home = home(SCHEMA_1);
    let store = Store::open(&home.database(), |_| Ok(()), Box::new(|_| ())).unwrap();
    let read = store.snapshot().unwrap();
    let ada = users::find(&read, UserId(ADA.id)).unwrap().unwrap();
    assert_eq!(ada.name, ADA.name);
    let entries = log::read(&read, 0, 10).unwrap();
    assert_eq!((entries[0].update_id, &entries[0].raw[..]), (77, &br#"{"update_id":77}"#[..]));
    assert_eq!(log::readers(&read).unwrap()[0].0, "old-reader");
    assert_eq!(aside::newest(&read, 5).unwrap()[0].raw, b"{");
    let waiting: u64 = outbox::waiting(&read).unwrap().iter().map(|lane| lane.messages).sum();
    assert!(waiting >= 1, "{waiting}");
    let kept = entries[0].received;
    assert!(was_handled(&read, 77, kept).unwrap());
    // Ids go on where they were.
    let next = store.write(|tx| roost::store::fresh_id(tx, "events"));
    assert_eq!(next.unwrap(), 3);
}

#[cfg(feature = "schema-1")]
#[test]
fn a_command_moves_the_file_as_the_server_does() {
    let home = home(SCHEMA_1);
    let listed = command(&home);
    let rows: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 2, "{rows}");
}
