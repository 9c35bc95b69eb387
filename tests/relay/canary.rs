//! One-time messages never reach a sink: neither text nor token, made or read, in any message.

use serde_json::json;

use super::brokers::Redis;
use super::world::{Relay, waits_for};

/// What no broker may ever hold.
const TEXT: &str = "canary-4711-nobody-may-relay-this";

#[test]
fn no_one_time_message_passes_through_a_real_broker() {
    let redis = Redis::start();
    let world = Relay::with(&json!({
        "list": {"type": "redis", "url": redis.url()},
        "disk": {"type": "file", "path": "u.jsonl"},
    }));
    let program = world.polls();
    let ada = world.telegram.person(7, "Ada", "en");
    ada.sends("before");
    ada.sends(&format!("new:{TEXT}"));
    let ticket = ada.waits_for("a ticket", |message| {
        let token = message.text.split_once(':').map_or("", |(_, token)| token);
        message.by_bot && token.len() == 64
    });
    let token = ticket.text.split_once(':').unwrap().1.to_owned();
    let bob = world.telegram.person(8, "Bob", "en");
    bob.sends(&ticket.text);
    bob.waits_for("the text", |message| message.by_bot && message.text.contains(TEXT));
    bob.sends(&ticket.text);
    ada.sends("after");
    world.waits_until_taken(&program);
    waits_for("what was said openly", || {
        let list = redis.list("telegram_bot");
        let has = |word: &str| list.iter().any(|update| update.contains(word));
        if has("\"before\"") && has("\"after\"") { Ok(()) } else { Err(list) }
    });
    let everything = [redis.list("telegram_bot").join("\n"), world.lines("u.jsonl").join("\n")];
    for place in everything {
        assert!(!place.contains(TEXT) && !place.contains(&token), "{place}");
    }
    let dump = world.relay(&["dead", "list", "--json"]);
    assert_eq!(dump.trim(), "[]");
}
