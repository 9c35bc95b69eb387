//! Backups by the clock: made in time, the newest stay, and a failure is told once.

use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::support::get;
use crate::world::World;
use crate::{names, ok, run, until};

fn world(every: &str, keep: u32, before: impl FnOnce(&World)) -> World {
    let mut world = World::new();
    before(&world);
    world.program.ask_to_stop();
    world.program.ended();
    let settings = json!({
        "telegram-api-url": world.telegram.base_url(),
        "backup": {"folder": "kept", "every": every, "keep": keep},
        "metrics": {"listen": "127.0.0.1:0"},
    });
    world.home.set(&settings);
    world.restart();
    world
}

fn backups(world: &World) -> Vec<String> {
    let folder = world.home.folder().join("kept");
    let is_ours = |name: &String| name.starts_with("roost-2") && name.ends_with("Z.redb");
    if folder.is_dir() { names(&folder).into_iter().filter(is_ours).collect() } else { Vec::new() }
}

#[test]
fn the_newest_backups_stay_and_files_of_others_are_left_alone() {
    let world = world("1s", 2, |world| {
        world.event("Chess");
        let folder = world.home.folder().join("kept");
        std::fs::create_dir(&folder).unwrap();
        for name in [
            "roost-20200101T000000Z.redb",
            "roost-20200102T000000Z.redb",
            "roost-20200103T000000Z.redb.unfinished",
            "roost-mine.redb",
            "notes.txt",
        ] {
            std::fs::write(folder.join(name), "x").unwrap();
        }
    });
    until("three backups", || {
        (world.program.output().matches("backup `").count() >= 3).then_some(())
    });
    let all = until("two that stay", || Some(backups(&world)).filter(|all| all.len() == 2));
    assert!(all.iter().all(|name| !name.starts_with("roost-2020")), "{all:?}");
    let left = names(&world.home.folder().join("kept"));
    assert!(["notes.txt", "roost-mine.redb"].iter().all(|name| left.contains(&(*name).to_owned())));
    assert!(!left.iter().any(|name| name.starts_with("roost-2020")), "{left:?}");
    let mode = std::fs::metadata(world.home.folder().join("kept").join(&all[0]))
        .map(|f| f.permissions().mode());
    // The oldest of the two may have gone since.
    assert!(mode.is_err() || mode.unwrap() & 0o777 == 0o600);
    let health: Value = serde_json::from_str(&ok(&world.home, &["health", "--json"])).unwrap();
    let check = health.as_array().unwrap().iter().find(|row| row["name"] == "backup").unwrap();
    assert_eq!(check["ok"], true, "{check}");
}

#[test]
fn a_young_backup_is_enough_for_a_start() {
    let mut world = world("1d", 7, |_| ());
    until("a backup", || (backups(&world).len() == 1).then_some(()));
    world.program.says("backup `", 1);
    world.program.ask_to_stop();
    world.program.ended();
    world.restart();
    let ready = until("the backup in the health", || {
        let (_, check) = world.ready("backup");
        check["reason"].as_str().filter(|reason| reason.starts_with("newest ")).map(str::to_owned)
    });
    assert!(ready.ends_with(" bytes)"), "{ready}");
    assert_eq!(backups(&world).len(), 1);
    assert!(!world.program.output().contains("backup `"));
}

#[test]
fn a_failure_is_told_once_until_one_has_succeeded() {
    let world = world("1s", 2, |world| {
        world.admin.sends("/start");
        world.admin.waits_for_text("Hi!");
        world.is_idle();
        std::fs::write(world.home.folder().join("kept"), "in the way").unwrap();
    });
    let failures = |world: &World| {
        let told = world.told(&world.admin);
        told.iter().filter(|seen| seen.text.starts_with("The backup failed: ")).count()
    };
    world.program.says("no backup: ", 3);
    let told = world.admin.waits_for_text("The backup failed: ");
    assert!(told.text.contains("kept") && told.text.contains("no older one"), "{}", told.text);
    world.is_idle();
    assert_eq!(failures(&world), 1);
    let (status, check) = world.ready("backup");
    assert_eq!((status, &check["ok"]), (200, &json!(false)), "people are served all the same");
    assert!(check["reason"].as_str().unwrap().contains("none yet"), "{check}");
    assert_eq!(run(&world.home, &["health"]).status.code(), Some(1));
    let output = world.program.output();
    let metrics = output.split("metrics on http://").nth(1).unwrap();
    let metrics = metrics.split('/').next().unwrap().parse().unwrap();
    let gathered = || String::from_utf8(get(metrics, "/metrics").2).unwrap();
    let before = gathered();
    assert!(before.contains("roost_ready{check=\"backup\"} 0"), "{before}");
    assert!(!before.contains("roost_backup_failures_total 0\n"), "{before}");
    // The way is free, and then it is not: that is news.
    std::fs::remove_file(world.home.folder().join("kept")).unwrap();
    until("a backup", || (!backups(&world).is_empty()).then_some(()));
    world.program.says("backup `", 1);
    until("good health", || (world.ready("backup").1["ok"] == true).then_some(()));
    let now = gathered();
    for family in ["last_success_timestamp_seconds", "size_bytes", "duration_seconds"] {
        assert!(now.contains(&format!("\nroost_backup_{family} ")), "{now}");
    }
    std::fs::rename(world.home.folder().join("kept"), world.home.folder().join("away")).unwrap();
    std::fs::write(world.home.folder().join("kept"), "in the way").unwrap();
    let second = world.telegram.wait_for("a second message", |view| {
        let all = view.bot_messages(world.admin.id().0);
        let mut all = all.into_iter().filter(|seen| seen.text.starts_with("The backup failed: "));
        all.nth(1)
    });
    assert!(second.text.contains("The newest good one is of 20"), "{}", second.text);
}
