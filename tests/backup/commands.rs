//! `roost backup` and `roost restore` as people use and misuse them.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::support::{ADA, ADMIN, Home, Page, Program, daily};
use crate::{attends, fails, names, ok, run};

#[test]
fn a_backup_is_made_beside_a_server_and_without_one_for_its_owner_alone() {
    let (home, mut program) = Program::start();
    Page::of(program.address(), ADMIN).create(daily("Chess"));
    let said = ok(&home, &["backup", "beside.redb"]);
    assert!(said.starts_with("`beside.redb`: ") && said.ends_with(" bytes, checked\n"), "{said}");
    program.ask_to_stop();
    program.ended();
    ok(&home, &["backup", "alone.redb"]);
    for name in ["beside.redb", "alone.redb"] {
        let found = std::fs::metadata(home.folder().join(name)).unwrap();
        assert_eq!(found.permissions().mode() & 0o777, 0o600);
        assert!(found.len() > 10_000);
        ok(&home, &["restore", name]);
        assert!(ok(&home, &["list-events", "--json"]).contains("Chess"));
    }
}

#[test]
fn a_file_that_exists_stays_unless_it_is_to_be_replaced() {
    let home = Home::new(&json!({}));
    assert!(fails(&home, &["backup", "b.redb"]).contains("there is no database"));
    ok(&home, &["list-events"]);
    std::fs::write(home.folder().join("b.redb"), "precious").unwrap();
    let said = fails(&home, &["backup", "b.redb"]);
    assert!(said.contains("`--force`"), "{said}");
    assert_eq!(std::fs::read(home.folder().join("b.redb")).unwrap(), b"precious");
    ok(&home, &["backup", "b.redb", "--force"]);
    assert!(std::fs::metadata(home.folder().join("b.redb")).unwrap().len() > 10_000);
    let said = fails(&home, &["backup", "roost.redb", "--force"]);
    assert!(said.contains("is the database itself"), "{said}");
    assert!(fails(&home, &["backup", "no/such/folder"]).contains("No such file"));
    assert_eq!(run(&home, &["backup"]).status.code(), Some(2));
    assert_eq!(names(home.folder()), ["b.redb", "roost.redb", "settings.json"]);
}

#[test]
fn nothing_is_restored_while_a_server_runs_or_from_what_is_no_backup() {
    let (home, mut program) = Program::start();
    let event = Page::of(program.address(), ADMIN).create(daily("Chess"));
    ok(&home, &["backup", "b.redb"]);
    let said = fails(&home, &["restore", "b.redb"]);
    assert!(said.contains("a server runs on this database; stop it first"), "{said}");
    assert!(attends(program.address(), ADA.id, event));
    program.ask_to_stop();
    program.ended();
    let whole = std::fs::read(home.folder().join("b.redb")).unwrap();
    std::fs::write(home.folder().join("half.redb"), &whole[..whole.len() / 2]).unwrap();
    std::fs::write(home.folder().join("notes.txt"), "notes").unwrap();
    let before = names(home.folder());
    for (file, says) in [
        ("half.redb", "is damaged"),
        ("notes.txt", "not a database of Roost"),
        ("nothing.redb", "No such file"),
        ("roost.redb", "is the database itself"),
        (".", "directory"),
    ] {
        let said = fails(&home, &["restore", file]);
        assert!(said.contains(says), "{file}: {said}");
    }
    assert_eq!(names(home.folder()), before);
    let people = ok(&home, &["attendees", &event.to_string(), "--json"]);
    assert!(people.contains(&ADA.id.to_string()), "{people}");
}
