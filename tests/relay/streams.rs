//! The sink of type `redis` with a real server.

use serde_json::json;

use super::brokers::Redis;
use super::brokers::process;
use super::world::{Relay, first_seen, ids, waits_for};

/// The fields of all entries of a stream: `update_id` and `update`.
fn stream(redis: &Redis, name: &str) -> Vec<(i64, String)> {
    let text = redis.asks(&["XRANGE", name, "-", "+"]);
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    let entry = |lines: &[&str]| {
        assert_eq!((lines[1], lines[3]), ("update_id", "update"), "{lines:?}");
        (lines[2].parse().unwrap(), lines[4].to_owned())
    };
    lines.chunks(5).map(entry).collect()
}

#[test]
fn a_list_a_stream_and_a_channel_have_each_update_byte_for_byte() {
    let redis = Redis::start();
    let mut subscriber = process::command("redis-cli", "redis-tools");
    subscriber.args(["--raw", "-p", redis.url().rsplit(':').next().unwrap(), "SUBSCRIBE", "live"]);
    let folder = tempfile::tempdir().unwrap();
    let mut heard = process::Process::start(&mut subscriber, &folder.path().join("heard"));
    waits_for("a subscriber", || {
        let count = redis.asks(&["PUBSUB", "NUMSUB", "live"]);
        if count == "live\n1\n" { Ok(()) } else { Err(count) }
    });
    let world = Relay::with(&json!({
        "list": {"type": "redis", "url": redis.url()},
        "stream": {"type": "redis", "url": redis.url() + "/1", "stream": "updates", "maxlen": 10},
        "channel": {"type": "redis", "url": redis.url(), "channel": "live"},
        "disk": {"type": "file", "path": "u.jsonl"},
    }));
    let _program = world.polls();
    let sent: Vec<i64> =
        ["a b", "Привет\n\"мир\"", "\u{1f980}"].map(|text| world.posts(1, text)).into();
    let lines = world.waits_for_lines("u.jsonl", 3);
    waits_for("the list", || {
        let list = redis.list("telegram_bot");
        if list == lines { Ok(()) } else { Err(list) }
    });
    heard.waits_until("messages", || heard_all(&folder.path().join("heard"), &lines));
    world.waits_for_standing("stream", |row| row["lag"] == 0);
    assert_eq!(redis.asks(&["-n", "0", "EXISTS", "updates"]), "0\n", "another database");
    let entries = redis.asks(&["-n", "1", "XLEN", "updates"]);
    assert_eq!(entries, "3\n");
    assert_eq!(ids(&lines), sent);
}

fn heard_all(log: &std::path::Path, lines: &[String]) -> bool {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let heard: Vec<&str> = text.lines().filter(|line| line.starts_with('{')).collect();
    heard == lines
}

#[test]
fn a_stream_keeps_about_as_many_as_it_was_told() {
    let redis = Redis::start();
    let world = Relay::with(&json!({
        "stream": {"type": "redis", "url": redis.url(), "stream": "updates", "maxlen": 200},
    }));
    let _program = world.polls();
    let sent: Vec<i64> = (0..1_000).map(|number| world.posts(number % 3, "x")).collect();
    world.waits_for_standing("stream", |row| row["lag"] == 0 && row["oldest_seconds"] == 0);
    waits_for("the last update", || {
        let entries = stream(&redis, "updates");
        if entries.last().map(|(id, _)| *id) == sent.last().copied() {
            Ok(entries)
        } else {
            Err(entries.len())
        }
    });
    let entries = stream(&redis, "updates");
    assert!((200..=400).contains(&entries.len()), "{}", entries.len());
    let kept: Vec<i64> = entries.iter().map(|(id, _)| *id).collect();
    assert!(sent.ends_with(&kept), "in order, none missing");
    assert_eq!(ids(&entries.into_iter().map(|(_, update)| update).collect::<Vec<_>>()), kept);
}

#[test]
fn a_server_that_comes_late_dies_and_comes_back_misses_nothing() {
    let mut redis = Redis::later();
    let world = Relay::with(&json!({"redis": {"type": "redis", "url": redis.url()}}));
    let program = world.polls();
    let mut sent = vec![world.posts(1, "before there is a server")];
    let line = program.waits_for_line("sink `redis`: cannot publish");
    assert!(line.contains(&format!("update {}: connection refused; 1 wait", sent[0])), "{line}");
    redis.restart();
    for round in 0..4 {
        sent.extend((0..200).map(|number| world.posts(number % 5, &round.to_string())));
        if round == 3 {
            break;
        }
        waits_for("some of them", || {
            let length = redis.list("telegram_bot").len();
            if length > round * 150 { Ok(()) } else { Err(length) }
        });
        redis.kill();
        sent.extend((0..50).map(|number| world.posts(number % 5, "meanwhile")));
        redis.restart();
    }
    let all = waits_for("all of them", || {
        let all = ids(&redis.list("telegram_bot"));
        if all.last() == sent.last() { Ok(all) } else { Err(all.len()) }
    });
    assert_eq!(first_seen(&all), sent, "none missing, in order");
    // Only what was on its way when the server died may have come twice.
    assert!(all.len() <= sent.len() + 3 * 250, "{} of {}", all.len(), sent.len());
    drop(program);
}

#[test]
fn a_server_that_is_frozen_for_a_while_gets_each_update_once() {
    let redis = Redis::start();
    let world = Relay::with(&json!({
        "redis": {"type": "redis", "url": redis.url()},
        "disk": {"type": "file", "path": "u.jsonl"},
    }));
    let _program = world.polls();
    world.posts(1, "first");
    world.waits_for_standing("redis", |row| row["lag"] == 0);
    redis.process().freeze();
    let sent: Vec<i64> = (0..20).map(|_| world.posts(1, "frozen")).collect();
    // Nobody else waits for it. The receiver gave up after five seconds, and had all twice.
    world.waits_for_lines("u.jsonl", 21);
    world.waits_for_standing("redis", |row| row["oldest_seconds"].as_u64() > Some(5));
    redis.process().thaw();
    world.waits_for_standing("redis", |row| row["lag"] == 0);
    assert_eq!(ids(&redis.list("telegram_bot"))[1..], sent);
}

#[test]
fn a_server_with_a_password_lets_in_who_has_it() {
    let redis = Redis::start();
    redis.asks(&[
        "ACL",
        "SETUSER",
        "roost",
        "on",
        ">pa/ss@word",
        "~telegram_bot",
        "+rpush",
        "+select",
        "+auth",
        "+ping",
        "+type",
    ]);
    redis.asks(&["CONFIG", "SET", "requirepass", "canary-1"]);
    let with = |login: &str| json!({"type": "redis", "url": redis.url().replace("://", &format!("://{login}"))});
    let world = Relay::with(&json!({
        "none": with(""),
        "wrong": with(":canary-2@"),
        "old": with(":canary-1@"),
        "user": with("roost:pa%2Fss%40word@"),
        "denied": {"type": "redis", "list": "other", "url": redis.url().replace("://", "://roost:pa%2Fss%40word@")},
    }));
    let program = world.polls();
    world.posts(1, "x");
    for name in ["old", "user"] {
        world.waits_for_standing(name, |row| row["lag"] == 0);
    }
    for (name, error) in [
        ("none", "the server wants a password"),
        ("wrong", "the server does not accept user and password"),
        ("denied", "the server does not let this user do that"),
    ] {
        let row = world.waits_for_standing(name, |row| row["state"] == "retrying");
        assert_eq!(row["last_error"], error, "{name}");
    }
    assert!(
        !program.log().contains("canary") && !program.log().contains("pa/ss"),
        "{}",
        program.log()
    );
}
