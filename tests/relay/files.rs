//! The sink of type `file`, and what can be asked of any sink: filters, envelopes.

use serde_json::{Value, json};

use super::world::{Relay, ids, post, read, waits_for};

#[test]
fn a_sink_gets_what_its_filter_names_in_the_form_it_asks_for() {
    let world = Relay::with(&json!({
        "orders": {"type": "file", "path": "orders.jsonl", "commands": ["/order"], "chats": [-100]},
        "events": {"type": "file", "path": "events.jsonl", "kinds": ["channel_post"], "format": "cloudevents"},
        "news": {"type": "file", "path": "news.jsonl", "kinds": ["telepathy"]},
    }));
    let _program = world.polls();
    let order = world.posts(-100, "/order 2");
    world.posts(-200, "/order 3");
    world.posts(-100, "/order@OtherBot 4");
    let ours = world.posts(-100, "/ORDER@RoostBot 5");
    world.telegram.inject(json!({"telepathy": {"thought": 1}}));
    let last = world.posts(-100, "done");
    assert_eq!(ids(&world.waits_for_lines("orders.jsonl", 2)), [order, ours]);
    let events = world.waits_for_lines("events.jsonl", 5);
    let event: Value = serde_json::from_str(&events[4]).unwrap();
    assert_eq!(event["id"], format!("42:{last}"));
    assert_eq!(
        (&event["source"], &event["type"]),
        (&json!("telegram/42"), &json!("org.telegram.update.channel_post"))
    );
    assert_eq!(read(&event["data"].to_string()), (last, "done".to_owned()));
    assert_eq!(world.waits_for_lines("news.jsonl", 1).len(), 1, "kinds nobody knows yet pass");
    for name in ["orders", "events", "news"] {
        world.waits_for_standing(name, |row| row["lag"] == 0);
    }
}

#[test]
fn a_filter_that_leaves_everything_out_lets_the_log_go() {
    let world = Relay::settings(&json!({
        "keep": {"age": "7d", "size": 1 << 20},
        "sinks": {"none": {"type": "file", "path": "none.jsonl", "kinds": ["poll"]}},
    }));
    let program = world.polls();
    let long = "x".repeat(100_000);
    for _ in 0..40 {
        world.telegram.inject(post(1, &long));
        world.waits_until_taken(&program);
    }
    assert!(!program.log().contains("is 100 % full"), "{}", program.log());
    assert!(world.lines("none.jsonl").is_empty());
}

#[test]
fn files_are_rotated_and_what_was_cut_off_is_mended_at_the_start() {
    let world = Relay::with(&json!({
        "disk": {"type": "file", "path": "u.jsonl", "rotate-size": 4096, "keep": 2},
    }));
    std::fs::write(world.path("u.jsonl"), "{\"update_id\":1}\n{\"update_id\":2,\"chan").unwrap();
    let program = world.polls();
    let sent: Vec<i64> = (0..30).map(|_| world.posts(1, &"x".repeat(300))).collect();
    world.waits_for_standing("disk", |row| row["lag"] == 0);
    let files = ["u.jsonl.2", "u.jsonl.1", "u.jsonl"];
    waits_for("the last update", || {
        let all: Vec<i64> = files.iter().flat_map(|name| ids(&world.lines(name))).collect();
        if all.last() == sent.last() { Ok(()) } else { Err(all) }
    });
    let kept: Vec<i64> = files.iter().flat_map(|name| ids(&world.lines(name))).collect();
    assert!(kept.len() > 15 && sent.ends_with(&kept), "{kept:?}");
    for name in files {
        let length = std::fs::metadata(world.path(name)).unwrap().len();
        assert!(length <= 4096, "{name}: {length}");
    }
    assert!(!world.path("u.jsonl.3").exists());
    assert!(program.log().contains("its last line was cut off"), "{}", program.log());
}

#[test]
fn a_full_disk_is_survived_and_leaves_no_half_lines() {
    let world = Relay::with(&json!({"disk": {"type": "file", "path": "u.jsonl"}}));
    let program = world.runs_on_a_small_disk(&[]);
    let first = world.posts(1, "one");
    world.waits_for_lines("u.jsonl", 1);
    program.fills_disk();
    let second = world.posts(1, "two");
    program.waits_for_line("updates stay with Telegram");
    program.frees_disk();
    assert_eq!(ids(&world.waits_for_lines("u.jsonl", 2)), [first, second]);
    let text = std::fs::read_to_string(world.path("u.jsonl")).unwrap();
    assert!(text.ends_with('\n') && text.lines().all(|line| line.ends_with('}')), "{text}");
}

#[test]
fn a_file_that_may_not_grow_is_tried_again_and_delays_nobody() {
    // The database has room below the limit, the file of the sink does not.
    let world = Relay::with(&json!({
        "disk": {"type": "file", "path": "u.jsonl", "rotate-size": 1_000_000_000},
        "other": {"type": "file", "path": "other.jsonl"},
    }));
    let limit = 64 << 20;
    fill(&world.path("u.jsonl"), limit - 10);
    let program = world.runs_on_a_small_disk(&[]);
    program.limit_files(Some(limit));
    let sent = world.posts(1, "one");
    assert_eq!(ids(&world.waits_for_lines("other.jsonl", 1)), [sent]);
    program.waits_for_line("sink `disk`: cannot publish");
    assert_eq!(std::fs::metadata(world.path("u.jsonl")).unwrap().len(), limit - 10, "no half line");
    program.frees_disk();
    world.waits_for_standing("disk", |row| row["lag"] == 0);
}

/// Makes a file of `length` bytes that ends with a whole line.
fn fill(path: &std::path::Path, length: u64) {
    use std::io::{Seek, SeekFrom, Write};
    let mut file = std::fs::File::create(path).unwrap();
    file.set_len(length - 1).unwrap();
    file.seek(SeekFrom::End(0)).unwrap();
    file.write_all(b"\n").unwrap();
}
