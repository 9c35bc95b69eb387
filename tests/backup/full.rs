//! A full disk: nothing that was acknowledged is lost, and the server comes back when there is room.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::smalldisk::SmallDisk;
use crate::support::{ADMIN, Page, Program, TOKEN, daily};
use crate::{attends, until};

fn disk(kibibytes: u64, more: &Value) -> SmallDisk {
    let disk = SmallDisk::new(kibibytes);
    let mut settings = json!({
        "bot-token": TOKEN, "telegram-api-url": "http://127.0.0.1:1", "timezone": "UTC",
        "admins": [ADMIN.id],
    });
    for (key, value) in more.as_object().unwrap() {
        settings[key] = value.clone();
    }
    std::fs::write(disk.outside("settings.json"), settings.to_string()).unwrap();
    disk
}

fn serve(disk: &SmallDisk) -> Program {
    Program::run(&mut disk.command(&["serve", "--port", "0"]))
}

fn attendees(disk: &SmallDisk, event: u64) -> BTreeSet<i64> {
    let list = disk.command(&["attendees", &event.to_string(), "--json"]).output().unwrap();
    let rows: Vec<Value> =
        serde_json::from_slice(&list.stdout).unwrap_or_else(|_| panic!("{list:?}"));
    rows.iter().map(|row| row["telegram_id"].as_i64().unwrap()).collect()
}

/// Makes an event whose title is `number`; whether that was acknowledged.
fn makes(page: &mut Page, number: u32) -> bool {
    let (title, description) = (number.to_string(), "x".repeat(2_000));
    page.send(json!({"type": "create-event", "title": title, "description": description,
        "start": "09:00", "duration": 1}));
    let answer = page.until(|frame| frame["type"] == "error" || frame["title"] == title);
    answer["type"] == "event"
}

/// The titles of all events.
fn titles(disk: &SmallDisk) -> BTreeSet<u32> {
    let list = disk.command(&["list-events", "--json"]).output().unwrap();
    let rows: Vec<Value> =
        serde_json::from_slice(&list.stdout).unwrap_or_else(|_| panic!("{list:?}"));
    rows.iter().map(|row| row["title"].as_str().unwrap().parse().unwrap()).collect()
}

#[test]
fn a_full_disk_costs_only_what_was_not_acknowledged() {
    let disk = disk(6 << 10, &json!({}));
    let mut program = serve(&disk);
    let mut page = Page::of(program.address(), ADMIN);
    let mut known: BTreeSet<u32> = (0..20).filter(|number| makes(&mut page, *number)).collect();
    assert_eq!(known.len(), 20);
    disk.fill();
    let mut refused = 0;
    for number in 20..900 {
        if makes(&mut page, number) {
            known.insert(number);
        } else {
            refused += 1;
        }
        if refused == 5 {
            break;
        }
    }
    assert_eq!(refused, 5, "the disk was never full");
    program.says("changes was kept: ", 5);
    assert!(program.output().contains("No space left on device"), "{}", program.output());
    // It is alive, and knows what it has.
    assert_eq!(Page::of(program.address(), ADMIN).events.len(), known.len());
    disk.empty();
    let mut last = 900;
    until("a change that is kept", || {
        last += 1;
        makes(&mut page, last).then_some(())
    });
    known.insert(last);
    disk.fill();
    while makes(&mut page, *known.last().unwrap() + 1) {
        known.insert(*known.last().unwrap() + 1);
    }
    program.kill();
    disk.empty();
    assert_eq!(titles(&disk), known);
    let mut program = serve(&disk);
    assert!(makes(&mut Page::of(program.address(), ADMIN), 5_000));
    known.insert(5_000);
    program.ask_to_stop();
    assert!(program.ended().0.success());
    assert_eq!(titles(&disk), known);
}

#[test]
fn a_backup_on_a_full_disk_leaves_the_old_one_and_hurts_nobody() {
    let disk = disk(8 << 10, &json!({}));
    let program = serve(&disk);
    let event = Page::of(program.address(), ADMIN).create(daily("Chess"));
    let target = disk.inside().join("b.redb");
    let target = target.to_str().unwrap();
    let backup = |arguments: &[&str]| disk.command(arguments).output().unwrap();
    let done = backup(&["backup", target]);
    assert!(done.status.success(), "{done:?}");
    let old = std::fs::read(disk.outside("b.redb")).unwrap();
    disk.fill();
    for _ in 0..3 {
        let done = backup(&["backup", target, "--force"]);
        assert_eq!(done.status.code(), Some(1));
        let said = String::from_utf8(done.stderr).unwrap();
        assert!(said.contains("No space left on device"), "{said}");
    }
    assert_eq!(std::fs::read(disk.outside("b.redb")).unwrap(), old);
    assert!(!disk.outside("b.redb.unfinished").exists());
    disk.empty();
    assert!(attends(program.address(), 1_000, event));
    let done = backup(&["backup", target, "--force"]);
    assert!(done.status.success(), "{done:?}");
    drop(program);
    disk.fill();
    let restored = backup(&["restore", target]);
    let said = String::from_utf8(restored.stderr).unwrap();
    assert!(said.contains("No space left on device"), "{said}");
    disk.empty();
    assert_eq!(attendees(&disk, event), BTreeSet::from([1_000]));
    let restored = backup(&["restore", target]);
    assert!(restored.status.success(), "{restored:?}");
    assert_eq!(attendees(&disk, event), BTreeSet::from([1_000]));
}

#[test]
fn backups_by_the_clock_go_on_when_there_is_room() {
    let disk = disk(8 << 10, &json!({"backup": {"folder": "kept", "every": "1s", "keep": 2}}));
    let program = serve(&disk);
    program.says("backup `", 1);
    disk.fill();
    program.says("no backup: ", 2);
    disk.empty();
    let before = program.output().matches("backup `").count();
    program.says("backup `", before + 1);
    assert!(attends(program.address(), 1, Page::of(program.address(), ADMIN).create(daily("Go"))));
}
