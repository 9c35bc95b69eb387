//! `kill -9` while a backup is made or put back: never half a file, and never a hurt database.

use std::path::Path;

use serde_json::json;

use crate::support::{ADMIN, Home, Page, Program, daily};
use crate::{fails, load, names, ok, roost, until};

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |found| found.len())
}

/// A large database with one event in it, and its server.
fn large() -> (Home, Program) {
    let home = Home::new(&json!({}));
    load(&home, 12);
    let program = home.serve();
    Page::of(program.address(), ADMIN).create(daily("Chess"));
    (home, program)
}

#[test]
fn a_killed_backup_leaves_what_was_there_and_the_next_one_works() {
    let (home, program) = large();
    ok(&home, &["backup", "b.redb"]);
    let before = std::fs::read(home.folder().join("b.redb")).unwrap();
    let unfinished = home.folder().join("b.redb.unfinished");
    for more_than in [0, 1 << 20, 8 << 20] {
        let mut command = roost(&home, &["backup", "b.redb", "--force"]).spawn().unwrap();
        until("a part of the backup", || (size(&unfinished) > more_than).then_some(()));
        command.kill().unwrap();
        command.wait().unwrap();
        let now = std::fs::read(home.folder().join("b.redb")).unwrap();
        assert!(now == before || !unfinished.exists(), "half a file is in place");
    }
    // The server may still be writing into the file that nobody wants any more.
    until("a backup", || {
        let done = roost(&home, &["backup", "b.redb", "--force"]).output().unwrap();
        done.status.success().then_some(())
    });
    assert!(!unfinished.exists());
    assert_eq!(Page::of(program.address(), ADMIN).events.len(), 1);
    drop(program);
    ok(&home, &["restore", "b.redb"]);
    assert!(ok(&home, &["list-events", "--json"]).contains("Chess"));
}

#[test]
fn a_server_that_is_killed_under_a_backup_leaves_no_file() {
    let (home, mut program) = large();
    let command = roost(&home, &["backup", "b.redb"])
        .stderr(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let unfinished = home.folder().join("b.redb.unfinished");
    until("a part of the backup", || (size(&unfinished) > 0).then_some(()));
    program.kill();
    let output = command.wait_with_output().unwrap();
    if !output.status.success() {
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("the server gave no answer"), "{said}");
        let left = names(home.folder());
        assert!(!left.iter().any(|name| name.starts_with("b.redb")), "{left:?}");
    }
    assert!(ok(&home, &["list-events", "--json"]).contains("Chess"));
}

#[test]
fn a_server_stops_in_time_under_a_backup() {
    let (home, mut program) = large();
    let command = roost(&home, &["backup", "b.redb"]).stderr(std::process::Stdio::piped()).spawn();
    let unfinished = home.folder().join("b.redb.unfinished");
    until("a part of the backup", || (size(&unfinished) > 0).then_some(()));
    program.ask_to_stop();
    let (status, output) = program.ended();
    assert!(status.success() && !output.contains("did not stop"), "{output}");
    command.unwrap().wait().unwrap();
    assert!(!unfinished.exists());
    assert!(ok(&home, &["list-events", "--json"]).contains("Chess"));
}

#[test]
fn a_killed_restore_leaves_the_old_database_or_the_new_one() {
    let (home, program) = large();
    ok(&home, &["backup", "b.redb"]);
    Page::of(program.address(), ADMIN).create(daily("Go"));
    drop(program);
    let copy = home.folder().join("roost.redb.restore.unfinished");
    for more_than in [0, 1 << 20, 8 << 20] {
        let mut command = roost(&home, &["restore", "b.redb"]).spawn().unwrap();
        until("a part of the copy", || {
            (size(&copy) > more_than || command.try_wait().unwrap().is_some()).then_some(())
        });
        command.kill().unwrap();
        command.wait().unwrap();
        let events = ok(&home, &["list-events", "--json"]);
        let is_new = !events.contains("Go");
        assert!(events.contains("Chess"), "{events}");
        let kept = names(home.folder()).into_iter().any(|name| name.contains(".before-restore-"));
        assert!(!is_new || kept, "the old database is lost");
    }
    ok(&home, &["restore", "b.redb"]);
    assert!(!copy.exists());
    assert!(!ok(&home, &["list-events", "--json"]).contains("Go"));
    assert!(fails(&home, &["restore", "gone.redb"]).contains("No such file"));
}
