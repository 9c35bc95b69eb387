//! Wrong input: what people are told, and that nothing changes.

use std::fs;

use roost::apps::events::refusal::Refusal;
use roost::apps::events::text;
use roost::i18n::Language;
use serde_json::{Value, json};

use super::server::folder;
use super::{both, list, ok, run};

#[test]
fn wrong_input_is_explained_and_changes_nothing() {
    let add = |more: &[&'static str]| {
        let mut all = vec!["add-event", "-t", "T", "-s", "18:30", "-r", "1"];
        all.extend(more);
        all
    };
    let no_event = text::refusal(&Refusal::NoSuchEvent, Language::En);
    let rows: Vec<(Vec<&str>, i32, &str)> = vec![
        (vec!["add-event"], 2, "roost add-event: required options not provided: --title"),
        (vec!["add-event", "-t", "T", "-s", "18:30"], 2, "--duration"),
        (vec!["add-event", "-z"], 2, "unrecognized argument: -z; see `roost add-event --help`"),
        (add(&["-t", "again"]), 2, "see `roost add-event --help`"),
        (vec!["add-event", "-t", "", "-s", "18:30", "-r", "1"], 1, "`title`: "),
        (vec!["add-event", "-t", "T", "-s", "noon", "-r", "1"], 1, "`start`: "),
        (vec!["add-event", "-t", "T", "-s", "18:30", "-r", "two"], 1, "`duration`: "),
        (vec!["add-event", "-t", "T", "-s", "18:30", "-r", "169"], 1, "`duration`: "),
        (add(&["--timezone", "Mars/Olympus"]), 1, "`timezone`: "),
        (add(&["--capacity", "0"]), 1, "`capacity`: "),
        (add(&["--recurrence", "weekly"]), 1, "`recurrence`: "),
        (add(&["--until", "2199-01-01"]), 1, "`until`: "),
        (add(&["-i", "no-such.png"]), 1, "`no-such.png`: No such file"),
        (add(&["-i", "."]), 1, "`.`: Is a directory"),
        (vec!["edit-event", "1"], 2, "roost edit-event: nothing to change; see"),
        (vec!["edit-event"], 2, "required positional arguments not provided: id"),
        (vec!["edit-event", "one", "-t", "T"], 2, "see `roost edit-event --help`"),
        (vec!["edit-event", "-1", "-t", "T"], 2, "unrecognized argument: -1"),
        (vec!["edit-event", "1", "-t", ""], 1, "`title`: "),
        (vec!["edit-event", "1", "-s", ""], 1, "`start`: "),
        (vec!["edit-event", "1", "--until", "2200-01-01"], 1, "`until`: "),
        (vec!["edit-event", "99", "-t", "T"], 1, &no_event),
        (vec!["cancel-event", "99"], 1, &no_event),
        (vec!["cancel-event", "1", "--date", "tomorrow"], 1, "`date`: "),
        (vec!["cancel-event", "1", "--date", "2199-12-25"], 1, "`date`: "),
        (vec!["cancel-event", "1", "--reason", "a\nb"], 1, "`reason`: "),
        (vec!["delete-event", "99"], 1, &no_event),
        (vec!["delete-event", "18446744073709551616"], 2, "see `roost delete-event --help`"),
        (vec!["attendees", "99"], 1, &no_event),
        (vec!["attendees", "1", "--csv", "--json"], 2, "either `--csv` or `--json`"),
        (vec!["make-admin"], 2, "see `roost make-admin --help`"),
        (vec!["make-admin", "ada"], 2, "a Telegram id is a whole number above zero"),
        (vec!["ban", "0"], 2, "a Telegram id is a whole number above zero"),
        (vec!["unban", "5", "6"], 2, "see `roost unban --help`"),
        (vec!["list-events", "--settings", "nowhere.json"], 2, "nowhere.json"),
    ];
    both(&json!({}), |folder| {
        ok(folder, &["add-event", "-t", "Keep", "-s", "2199-12-24 18:00", "-r", "1"]);
        let state =
            || (ok(folder, &["list-events", "--json"]), ok(folder, &["list-users", "--json"]));
        let before = state();
        for (arguments, code, says) in &rows {
            let done = run(folder, arguments);
            assert_eq!((done.code, done.out.as_str()), (*code, ""), "{arguments:?}: {}", done.err);
            assert!(done.err.contains(says), "{arguments:?}: {}", done.err);
            assert_eq!(done.err.matches('\n').count(), 1, "{arguments:?}: {}", done.err);
        }
        assert_eq!(state(), before);
    });
}

/// The beginning of a PNG of this size, which is all that is looked at.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend(b"\x08\x02\0\0\0");
    bytes
}

#[test]
fn pictures_are_kept_or_refused_with_the_reason() {
    both(&json!({"events": {"media-limit": 2000}}), |folder| {
        for (name, bytes) in [
            ("good.png", png(1600, 900)),
            ("square.png", png(800, 800)),
            ("narrow.png", png(320, 180)),
            ("text.png", b"<html>".to_vec()),
            ("empty.png", Vec::new()),
            ("large.png", [png(1600, 900), vec![0; 2000]].concat()),
            ("larger.png", [png(1600, 900), vec![0; 2_000_000]].concat()),
        ] {
            fs::write(folder.join(name), bytes).unwrap();
        }
        let add =
            |image| run(folder, &["add-event", "-t", "T", "-s", "18:30", "-r", "1", "-i", image]);
        let refused =
            ["square.png", "narrow.png", "text.png", "empty.png", "large.png", "larger.png"];
        for image in refused.into_iter().chain(["/dev/zero"]) {
            let done = add(image);
            assert_eq!((done.code, done.out.as_str()), (1, ""), "{image}");
            assert!(done.err.starts_with("`image`: "), "{image}: {}", done.err);
        }
        assert_eq!(list(folder, &["list-events", "--json"]), Vec::<Value>::new());
        let id = add("good.png").out;
        let image = |list: Vec<Value>| list[0]["image"].as_str().unwrap().to_owned();
        let name = image(list(folder, &["list-events", "--json"]));
        assert!(name.starts_with("/media/") && name.contains(".png"), "{name}");
        ok(folder, &["edit-event", id.trim(), "-i", ""]);
        assert_eq!(image(list(folder, &["list-events", "--json"])), "");
        ok(folder, &["edit-event", id.trim(), "-i", "good.png"]);
        assert_eq!(image(list(folder, &["list-events", "--json"])), name);
    });
}

#[test]
fn a_picture_may_be_as_large_as_the_settings_say() {
    both(&json!({"events": {"media-limit": 4 << 20}}), |folder| {
        fs::write(folder.join("large.png"), [png(1600, 900), vec![0; 3 << 20]].concat()).unwrap();
        let add = ["add-event", "-t", "T", "-s", "18:30", "-r", "1", "-i", "large.png"];
        assert_eq!(ok(folder, &add), "1\n");
    });
}

#[test]
fn a_database_of_another_program_is_refused_and_left_alone() {
    let folder = folder(&json!({}));
    let path = folder.path().join("roost.redb");
    fs::write(&path, b"SQLite format 3\0 and more").unwrap();
    let done = run(folder.path(), &["list-events"]);
    assert_eq!((done.code, done.out.as_str()), (1, ""));
    assert!(done.err.contains("is an SQLite database"), "{}", done.err);
    assert_eq!(fs::read(&path).unwrap(), b"SQLite format 3\0 and more");
}

#[test]
fn where_roost_does_not_live_no_command_makes_a_database() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        &["add-event", "-t", "T", "-s", "18:30", "-r", "1"][..],
        &["list-events", "--json"],
        &["list-users"],
        &["make-admin", "5"],
    ] {
        let done = run(folder.path(), arguments);
        assert_eq!((done.code, done.out.as_str()), (1, ""), "{arguments:?}");
        assert!(done.err.contains("name a settings file with `--settings`"), "{}", done.err);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
