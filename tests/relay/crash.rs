//! Roost and its broker are killed again and again while updates flow: nothing that Telegram was
//! told was received is missing, and the order holds.

use std::collections::HashMap;

use serde_json::json;

use super::brokers::Redis;
use super::hook::Hook;
use super::world::{Relay, first_seen, ids, post, waits_for};

/// Updates that flow while things die.
const UPDATES: i64 = 50_000;

/// Chats they are of.
const CHATS: i64 = 40;

/// How often Roost is killed.
const KILLS: i64 = 12;

/// Checks what a consumer got: everything, in order per chat, and repeats only around a kill.
fn check(name: &str, got: &[String], sent: &[i64], repeats: usize) {
    let all = ids(got);
    let first = first_seen(&all);
    assert_eq!(first.len(), sent.len(), "{name}: some are missing");
    assert_eq!(first, sent, "{name}: out of order");
    assert!(all.len() - first.len() <= repeats, "{name}: {} repeats", all.len() - first.len());
    let mut chats: HashMap<i64, i64> = HashMap::new();
    for update in got {
        let update: serde_json::Value = serde_json::from_str(update).unwrap();
        let chat = update["channel_post"]["chat"]["id"].as_i64().unwrap();
        let last = chats.entry(chat).or_default();
        *last = (*last).max(update["update_id"].as_i64().unwrap());
    }
    assert_eq!(chats.len(), usize::try_from(CHATS).unwrap());
}

#[test]
fn nothing_is_missing_when_everything_dies_while_fifty_thousand_updates_flow() {
    let mut redis = Redis::start();
    let hook = Hook::fine();
    let world = Relay::with(&json!({
        "redis": {"type": "redis", "url": redis.url()},
        "hook": {"type": "http", "url": hook.url()},
        "disk": {"type": "file", "path": "u.jsonl"},
    }));
    let mut program = world.polls();
    let mut sent = Vec::new();
    for round in 0..KILLS {
        let more = UPDATES / KILLS + i64::from(round == 0) * (UPDATES % KILLS);
        sent.extend((0..more).map(|number| world.telegram.inject(post(number % CHATS, "x"))));
        // Some have come, others are on their way.
        waits_for("some of them", || {
            let waiting = world.telegram.look(|view| view.updates_waiting());
            if waiting < usize::try_from(more / 2).unwrap() { Ok(()) } else { Err(waiting) }
        });
        if round % 3 == 1 {
            redis.kill();
        }
        program.dies();
        if round % 3 == 1 {
            redis.restart();
        }
        program = world.polls();
    }
    world.waits_until_taken(&program);
    for name in ["redis", "hook", "disk"] {
        world.waits_for_standing(name, |row| row["lag"] == 0);
    }
    // What is on its way at a kill is a batch, and what was confirmed within a second before it.
    let kills = usize::try_from(KILLS).unwrap();
    check("redis", &redis.list("telegram_bot"), &sent, kills * 1_500);
    check("hook", &hook.bodies(), &sent, kills * 1_500);
    check("disk", &world.lines("u.jsonl"), &sent, kills * 1_500);
    let repeats = redis.list("telegram_bot").len() - sent.len();
    println!("{repeats} repeats in redis, {} in the hook", hook.bodies().len() - sent.len());
}
