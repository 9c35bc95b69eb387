//! Settings of sinks: what is refused before anything is lost, and what `check` says.

use std::process::Command;

use serde_json::{Value, json};

use super::hook::Hook;
use super::updates_support::{TOKEN, free_port};
use super::world::Relay;

/// What `roost check` says, and its exit code.
fn check(world: &Relay, arguments: &[&str]) -> (String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roost"));
    command.env_clear().env("ROOST_BOT_TOKEN", TOKEN).current_dir(world.folder.path());
    command.env("ROOST_TELEGRAM_API_URL", world.telegram.base_url());
    let output = command.arg("check").args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(!text.concat().contains("canary"), "{text:?}");
    (text.concat(), output.status.code())
}

#[test]
fn what_would_lose_updates_is_refused_with_the_way_out() {
    let redis = |more: Value| {
        let mut sink = json!({"type": "redis", "url": "redis://127.0.0.1"});
        sink.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"s": sink})
    };
    let http = |url: &str| json!({"s": {"type": "http", "url": url}});
    for (sinks, complaint) in [
        (json!({"s": {"url": "redis://127.0.0.1"}}), "`relay.sinks.s.type`: missing"),
        (json!({"s": {"type": "redis"}}), "`relay.sinks.s.url`: missing"),
        (redis(json!({"url": "http://127.0.0.1"})), "begins with `redis://` or `rediss://`"),
        (redis(json!({"url": "redis://:canary/x@host"})), "are written `%2F`, `%40` and `%25`"),
        (redis(json!({"url": "redis://host/zero"})), "expected the number of a database"),
        (redis(json!({"list": "a", "stream": "b"})), "the sink has `list` as well"),
        (redis(json!({"maxlen": 5})), "belongs to a `stream`"),
        (redis(json!({"path": "x"})), "a sink of type `redis` has no such key"),
        (redis(json!({"commands": ["order"]})), "`order` is no command; write it as `/order`"),
        (http("https:///x"), "expected `https://host/path`"),
        (http("ftp://host/x"), "begins with `http://` or `https://`"),
        (
            json!({"s": {"type": "http", "url": "http://h/", "secret": "canary with blanks"}}),
            "expected letters, digits and marks of ASCII",
        ),
        (
            json!({"a": {"type": "file", "path": "x.jsonl"}, "b": {"type": "file", "path": "./x.jsonl"}}),
            "the sink `a` writes to this file as well",
        ),
        (
            json!({"s": {"type": "file", "path": "x.jsonl", "rotate-size": 10}}),
            "`relay.sinks.s.rotate-size`: expected",
        ),
    ] {
        let (text, code) = check(&Relay::with(&sinks), &[]);
        assert!(code == Some(2) && text.contains(complaint), "{complaint}\n{text}");
    }
}

#[test]
#[cfg(not(feature = "mqtt"))]
fn a_type_that_is_not_built_in_is_named_with_how_to_build_it() {
    let world = Relay::with(&json!({"m": {"type": "mqtt", "url": "mqtt://h", "topic": "t"}}));
    let what = "`relay.sinks.m.type`: sinks of type `mqtt` are not built into this program; build it \
                with `cargo build --release --features mqtt`";
    let (text, code) = check(&world, &[]);
    assert!(code == Some(2) && text.contains(what), "{text}");
    let output = world.command(&[]).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && error.contains(what), "{error}");
}

#[test]
fn the_program_tells_which_types_it_has() {
    let output = Command::new(env!("CARGO_BIN_EXE_roost")).arg("version").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("features ")).unwrap();
    for (name, is_built) in [
        ("redis", cfg!(feature = "redis")),
        ("http", cfg!(feature = "http")),
        ("file", cfg!(feature = "file")),
        ("mqtt", cfg!(feature = "mqtt")),
        ("amqp", cfg!(feature = "amqp")),
        ("kafka", cfg!(feature = "kafka")),
    ] {
        assert_eq!(line.split(", ").any(|built| built == name), is_built, "{line}");
    }
}

#[test]
fn whether_targets_are_there_is_checked_without_sending_them_anything() {
    let hook = Hook::fine();
    let redis = super::brokers::Redis::start();
    redis.asks(&["SET", "taken", "1"]);
    let world = Relay::with(&json!({
        "disk": {"type": "file", "path": "u.jsonl"},
        "nowhere": {"type": "file", "path": "no/such/folder/u.jsonl"},
        "hook": {"type": "http", "url": hook.url()},
        "gone": {"type": "http", "url": format!("http://ada:canary@127.0.0.1:{}/", free_port())},
        "list": {"type": "redis", "url": redis.url()},
        "taken": {"type": "redis", "url": redis.url(), "list": "taken"},
    }));
    let (text, code) = check(&world, &["--online"]);
    for line in [
        "ok sink `disk`: there",
        "wrong sink `nowhere`: there is no such folder; make it; updates wait until",
        "ok sink `hook`: there",
        "wrong sink `gone`: connection refused; updates wait until it can be reached",
        "ok sink `list`: there",
        "wrong sink `taken`: `taken` is a string already, no list",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert_eq!(code, Some(2), "{text}");
    assert!(hook.posts().iter().all(|post| post.line.starts_with("HEAD ")));
    assert_eq!(redis.asks(&["EXISTS", "telegram_bot"]), "0\n");
}

#[test]
fn a_sink_that_names_what_telegram_gives_to_nobody_by_itself_gets_it() {
    let world = Relay::with(&json!({
        "disk": {"type": "file", "path": "u.jsonl", "kinds": ["chat_member"]},
    }));
    let _program = world.polls();
    world.waits_for_poll();
    world.telegram.inject(json!({"chat_member": {"chat": {"id": 1}}}));
    world.telegram.inject(json!({"poll": {"id": "1"}}));
    assert!(world.waits_for_lines("u.jsonl", 1)[0].contains("chat_member"));
}
