//! One sink in trouble beside others that are well.

use serde_json::json;

use super::hook::{Act, Hook, status};
use super::updates_support::free_port;
use super::world::{ADMIN, Relay, ids, waits_for};

#[test]
fn sinks_that_hang_fail_or_are_gone_delay_neither_the_others_nor_the_bot() {
    let (hangs, fails) = (Hook::start(|_, _| Act::Hang), Hook::start(|_, _| status(500)));
    let (fine, gone) = (Hook::fine(), format!("redis://127.0.0.1:{}", free_port()));
    let world = Relay::with(&json!({
        "hangs": {"type": "http", "url": hangs.url(), "timeout": "1h"},
        "fails": {"type": "http", "url": fails.url()},
        "gone": {"type": "redis", "url": gone},
        "fine": {"type": "http", "url": fine.url()},
        "disk": {"type": "file", "path": "updates.jsonl"},
    }));
    let program = world.polls();
    let sent: Vec<i64> =
        (0..300).map(|number| world.posts(number % 7, &number.to_string())).collect();
    let ada = world.telegram.person(ADMIN, "Ada", "en");
    ada.sends("/help");
    ada.waits_for("the answer", |message| message.by_bot);
    fine.waits_for(301);
    assert_eq!(ids(&world.waits_for_lines("updates.jsonl", 301))[..300], sent);
    assert_eq!(ids(&fine.bodies())[..300], sent);
    for (name, error) in
        [("fails", json!("the answer was 500")), ("gone", json!("connection refused"))]
    {
        let row = world.waits_for_standing(name, |row| row["state"] == "retrying");
        assert_eq!((&row["lag"], &row["last_error"]), (&json!(301), &error));
    }
    assert_eq!(world.standing("hangs")["lag"], 301);
    // The log is not full: all is well.
    let (code, report) = program.ready();
    assert_eq!((code, &report["checks"]["relay"]["ok"]), (200, &json!(true)), "{report}");
    let reason = report["checks"]["relay"]["reason"].as_str().unwrap();
    assert!(reason.contains("gone: 301 wait, oldest"), "{reason}");
}

#[test]
fn what_one_sink_cannot_take_is_no_repeat_for_another() {
    let (down, up) = (Hook::start(|_, _| status(503)), Hook::fine());
    let world = Relay::with(&json!({
        "down": {"type": "http", "url": down.url()},
        "up": {"type": "http", "url": up.url()},
    }));
    let _program = world.polls();
    let sent: Vec<i64> = (0..5).map(|number| world.posts(1, &number.to_string())).collect();
    up.waits_for(5);
    down.waits_for(3);
    down.acts(|_, _| super::hook::ok());
    world.waits_for_standing("down", |row| row["lag"] == 0);
    assert_eq!(ids(&up.bodies()), sent);
}

#[test]
fn a_new_sink_begins_with_what_comes_next_and_one_that_is_taken_out_is_forgotten() {
    let hook = Hook::fine();
    let disk = json!({"type": "file", "path": "a.jsonl"});
    let world =
        Relay::with(&json!({"a": disk, "gone": {"type": "http", "url": "http://127.0.0.1:1/"}}));
    let program = world.polls();
    let before = world.posts(1, "before");
    world.waits_for_lines("a.jsonl", 1);
    world.waits_for_standing("gone", |row| row["lag"] == 1);
    assert!(program.stops("TERM").0.success());
    assert_eq!(world.standing("gone")["state"], "stopped");

    world.set(&json!({"sinks": {"a": disk, "new": {"type": "http", "url": hook.url()}}}));
    let program = world.polls();
    let line = program.waits_for_line("sink `gone` is not in the settings any more");
    assert!(
        line.contains("1 updates that waited for it and 0 dead letters are forgotten"),
        "{line}"
    );
    let after = world.posts(1, "after");
    assert_eq!(
        ids(&hook.waits_for(1).into_iter().map(|post| post.body).collect::<Vec<_>>()),
        [after]
    );
    assert_eq!(ids(&world.waits_for_lines("a.jsonl", 2)), [before, after]);
    assert_eq!(
        world.relay(&["replay", "new", "--from", &before.to_string()]),
        "2 updates are sent to `new` again\n"
    );
    hook.waits_for(3);
    assert_eq!(ids(&hook.bodies()), [after, before, after]);
    waits_for("the end of the replay", || {
        let row = world.standing("new");
        if row["state"] == "ok" { Ok(()) } else { Err(row) }
    });
}
