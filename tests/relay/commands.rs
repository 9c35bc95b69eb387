//! `roost relay …` with a server and without one.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};

use serde_json::{Value, json};

use super::hook::{Hook, status};
use super::updates_support::PATIENCE;
use super::world::{Relay, ids, read, waits_for};

/// A `roost relay tail`, and the lines it prints.
struct Tail {
    child: Child,
    lines: Receiver<String>,
    _thread: roost::thread::Handle,
}

impl Tail {
    fn start(world: &Relay) -> Self {
        let mut command = world.command_line(&["tail"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let (said, lines) = channel();
        let thread = roost::thread::spawn("tail", move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                drop(said.send(line));
            }
        });
        Self { child, lines, _thread: thread.unwrap() }
    }

    fn next(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("a line")
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn a_tail_shows_each_update_as_it_comes_and_holds_nothing() {
    let world = Relay::with(&json!({}));
    let program = world.polls();
    let tail = Tail::start(&world);
    // It looks on once it is a reader: until then nothing is written for it.
    let (first, text) = waits_for("the first line", || {
        world.posts(1, "hello\nПривет");
        tail.lines.recv_timeout(std::time::Duration::from_millis(300)).map(|line| read(&line))
    });
    assert_eq!(text, "hello\nПривет");
    // Somebody who never reads what is shown.
    let mut stuck = world.command_line(&["tail"]);
    let mut stuck = stuck.stdout(Stdio::piped()).spawn().unwrap();
    let long = "x".repeat(1000);
    let sent: Vec<i64> = (0..400).map(|_| world.posts(1, &long)).collect();
    let mut seen = Vec::new();
    while seen.last() != sent.last() {
        let (id, _) = read(&tail.next());
        if id > first && sent.contains(&id) {
            seen.push(id);
        }
    }
    assert_eq!(seen, sent, "each once, in order");
    let (code, report) = program.ready();
    assert_eq!(code, 200, "{report}");
    // Neither of them keeps the server from stopping.
    assert!(program.stops("TERM").0.success());
    drop(stuck.kill());
    drop(stuck.wait());
    let (code, error) = world.relay_fails(&["tail"]);
    assert_eq!((code, error.contains("no server is running")), (Some(1), true), "{error}");
}

#[test]
fn only_so_many_look_on_at_once() {
    let world = Relay::with(&json!({}));
    let _program = world.polls();
    let tails: Vec<Tail> = (0..4).map(|_| Tail::start(&world)).collect();
    let mut seen = [false; 4];
    waits_for("four who look on", || {
        world.posts(1, "x");
        for (tail, seen) in tails.iter().zip(&mut seen) {
            *seen |= tail.lines.try_iter().count() > 0;
        }
        if seen == [true; 4] { Ok(()) } else { Err(seen) }
    });
    let (code, error) = world.relay_fails(&["tail"]);
    assert_eq!((code, error.contains("enough others look on")), (Some(1), true), "{error}");
    drop(tails);
    waits_for("a free place", || {
        let tail = Tail::start(&world);
        let shown = || {
            world.posts(1, "x");
            tail.lines.recv_timeout(std::time::Duration::from_millis(100)).ok()
        };
        std::iter::repeat_with(shown).take(50).flatten().next().ok_or("nothing shown")
    });
}

#[test]
fn the_same_is_told_and_done_with_a_server_and_without_one() {
    let hook = Hook::start(|_, _| status(410));
    let world = Relay::with(&json!({
        "disk": {"type": "file", "path": "u.jsonl"},
        "hook": {"type": "http", "url": hook.url()},
    }));
    let program = world.polls();
    let sent: Vec<i64> = (0..3).map(|_| world.posts(1, "x")).collect();
    world.waits_for_standing("hook", |row| row["dead"] == 3 && row["lag"] == 0);
    world.waits_for_lines("u.jsonl", 3);
    let text = world.relay(&["status"]);
    assert!(text.starts_with("Name  Type  State  Waiting  Oldest  Dead  Last error\n"), "{text}");
    assert!(program.stops("TERM").0.success());

    let rows: Value = serde_json::from_str(&world.relay(&["status", "--json"])).unwrap();
    let stopped = |name: &str, kind: &str, dead: u64| {
        json!({"name": name, "type": kind, "state": "stopped", "lag": 0, "oldest_seconds": 0,
            "dead": dead, "last_error": null})
    };
    assert_eq!(rows, json!([stopped("disk", "file", 0), stopped("hook", "http", 3)]));
    let dead: Value = serde_json::from_str(&world.relay(&["dead", "hook", "--json"])).unwrap();
    assert_eq!(dead.as_array().unwrap().len(), 3);
    for (arguments, complaint) in [
        (&["replay", "hok"][..], "`hok`: no such sink; did you mean `hook`?"),
        (&["dead", "zebra"], "no such sink; there are `disk`, `hook`"),
        (&["replay", "hook", "--from", "12"], "does not have update 12"),
    ] {
        let (code, error) = world.relay_fails(arguments);
        assert_eq!((code, error.contains(complaint)), (Some(1), true), "{error}");
    }
    let (code, error) = world.relay_fails(&["replay", "hook", "--from", "yesterday"]);
    assert_eq!((code, error.contains("`2h`")), (Some(2), true), "{error}");

    // Asked for now, done at the next start.
    assert_eq!(world.relay(&["replay", "hook"]), "3 updates are sent to `hook` again\n");
    let from = sent[1].to_string();
    let replayed = world.relay(&["replay", "disk", "--from", &from]);
    assert_eq!(replayed, "2 updates are sent to `disk` again\n");
    hook.acts(|_, _| super::hook::ok());
    let _program = world.polls();
    hook.waits_for(6);
    assert_eq!(ids(&hook.bodies())[3..], sent);
    let lines = world.waits_for_lines("u.jsonl", 5);
    assert_eq!(ids(&lines), [sent[0], sent[1], sent[2], sent[1], sent[2]]);
    world.waits_for_standing("hook", |row| row["dead"] == 0);
}

#[test]
fn a_replay_of_some_time_sends_what_came_since_then() {
    let hook = Hook::fine();
    let world = Relay::with(&json!({"hook": {"type": "http", "url": hook.url()}}));
    let _program = world.polls();
    let sent: Vec<i64> = (0..700).map(|_| world.posts(1, "x")).collect();
    hook.waits_for(700);
    world.waits_for_standing("hook", |row| row["lag"] == 0);
    assert_eq!(
        world.relay(&["replay", "hook", "--from", "1h"]),
        "700 updates are sent to `hook` again\n"
    );
    hook.waits_for(1400);
    let new = world.posts(1, "new");
    hook.waits_for(1401);
    let expected: Vec<i64> = sent.iter().chain(&sent).chain([&new]).copied().collect();
    assert_eq!(ids(&hook.bodies()), expected);
    assert_eq!(
        world.relay(&["replay", "hook", "--from", "0s"]),
        "0 updates are sent to `hook` again\n"
    );
}
