//! The sink of type `http` and whatever a web service answers.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;

use super::hook::{Act, Hook, ok, status};
use super::world::{Relay, ids, waits_for};

fn signed(key: &str, body: &str) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let bytes = mac.finalize().into_bytes();
    let hex = bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    format!("sha256={hex}")
}

#[test]
fn each_update_is_posted_byte_for_byte_and_signed() {
    let hook = Hook::fine();
    let url = hook.url().replace("://", "://ada:p%40ss@") + "?key=1";
    let world = Relay::with(&json!({"hook": {"type": "http", "url": url, "secret": "hush_1"}}));
    let program = world.polls();
    let id = world.posts(-100, "Привет \"мир\"\n\u{1f980}");
    let post = hook.waits_for(1).remove(0);
    assert_eq!(post.line, "POST /updates?key=1 HTTP/1.1");
    assert_eq!(ids(std::slice::from_ref(&post.body)), [id]);
    assert!(post.body.contains("Привет"), "not escaped anew: {}", post.body);
    assert_eq!(post.header("Content-Type"), Some("application/json"));
    assert_eq!(post.header("X-Roost-Signature"), Some(signed("hush_1", &post.body).as_str()));
    assert_eq!(post.header("X-Telegram-Bot-Api-Secret-Token"), Some("hush_1"));
    assert_eq!(post.header("Authorization"), Some("Basic YWRhOnBAc3M="));
    for secret in ["hush_1", "p@ss", "p%40ss", "key=1"] {
        assert!(!program.log().contains(secret), "{}", program.log());
    }
}

#[test]
fn what_may_pass_is_tried_again_in_order_and_nothing_is_lost() {
    let hook = Hook::start(|_, count| match count {
        0 => status(500),
        1 => status(503),
        2 => Act::Close,
        4 => Act::Raw("what?\r\n\r\n"),
        5 => status(429),
        _ => ok(),
    });
    let world = Relay::with(&json!({"hook": {"type": "http", "url": hook.url()}}));
    let program = world.polls();
    let sent: Vec<i64> = (0..3).map(|number| world.posts(-100, &number.to_string())).collect();
    world.waits_for_standing("hook", |row| row["lag"] == 0 && row["state"] == "ok");
    let came = ids(&hook.bodies());
    let expected = [sent[0], sent[0], sent[0], sent[0], sent[1], sent[1], sent[1], sent[2]];
    assert_eq!(came, expected);
    let log = program.log();
    let first = format!("sink `hook`: cannot publish update {}: the answer was 500; ", sent[0]);
    assert!(log.contains(&first), "{log}");
    assert!(log.contains("wait on disk, oldest"), "{log}");
    assert_eq!(log.matches("the answer was 500").count(), 1, "{log}");
    assert!(log.contains("sink `hook`: works again"), "{log}");
}

#[test]
fn a_service_that_asks_to_wait_is_not_asked_before() {
    let hook = Hook::start(|_, count| match count {
        0 => Act::Answer(429, "Retry-After: 4\r\n", ""),
        _ => ok(),
    });
    let world = Relay::with(&json!({"hook": {"type": "http", "url": hook.url()}}));
    let _program = world.polls();
    world.posts(-100, "x");
    let posts = hook.waits_for(2);
    // Without the header it would be about one second.
    assert!(posts[1].at - posts[0].at >= Duration::from_secs(4));
}

#[test]
fn what_is_refused_for_good_is_kept_and_the_next_goes_on() {
    let hook = Hook::start(|post, _| match () {
        () if post.body.contains("gone") => status(410),
        () if post.body.contains("moved") => {
            Act::Answer(302, "Location: http://127.0.0.1:1/\r\n", "")
        }
        () if post.body.contains("bad") => Act::Answer(400, "", "{\"method\":\"sendMessage\"}"),
        () => ok(),
    });
    let world = Relay::with(&json!({"hook": {"type": "http", "url": hook.url()}}));
    let program = world.polls();
    let texts = ["one", "gone", "two", "moved", "bad", "three"];
    let sent: Vec<i64> = texts.iter().map(|text| world.posts(-100, text)).collect();
    hook.waits_for(6);
    let row = world.waits_for_standing("hook", |row| row["lag"] == 0 && row["dead"] == 3);
    assert_eq!((&row["state"], &row["last_error"]), (&json!("ok"), &json!("the answer was 400")));
    assert_eq!(ids(&hook.bodies()), sent, "each once");
    let dead = waits_for("dead letters", || {
        let dead: serde_json::Value =
            serde_json::from_str(&world.relay(&["dead", "hook", "--json"])).unwrap();
        if dead.as_array().is_some_and(|dead| dead.len() == 3) { Ok(dead) } else { Err(dead) }
    });
    assert_eq!(dead[0]["update_id"], sent[1]);
    assert_eq!(dead[0]["kind"], "channel_post");
    assert_eq!(dead[0]["reason"], "the answer was 410");
    assert_eq!(dead[1]["reason"], "the answer was 302; redirects are not followed");
    assert_eq!(dead[2]["update"]["channel_post"]["text"], "bad");
    assert!(program.log().contains("is refused for good: the answer was 410"), "{}", program.log());
    let shown = world.relay(&["dead", "hook"]);
    assert!(shown.contains("the answer was 410") && !shown.contains("gone"), "{shown}");

    hook.acts(|post, _| if post.body.contains("bad") { status(400) } else { ok() });
    assert_eq!(world.relay(&["replay", "hook"]), "3 updates are sent to `hook` again\n");
    hook.waits_for(9);
    world.waits_for_standing("hook", |row| row["dead"] == 1);
    assert_eq!(ids(&hook.bodies())[6..], [sent[1], sent[3], sent[4]]);
    assert_eq!(world.relay(&["replay", "hook"]), "1 updates are sent to `hook` again\n");
}

#[test]
fn a_service_that_takes_the_request_and_says_nothing_is_given_up_and_tried_again() {
    let hook = Hook::start(|_, count| if count == 0 { Act::Hang } else { ok() });
    let world = Relay::with(&json!({"hook": {"type": "http", "url": hook.url(), "timeout": "1s"}}));
    let program = world.polls();
    world.posts(-100, "x");
    hook.waits_for(2);
    program.waits_for_line("no answer for 1 seconds");
    program.waits_for_line("sink `hook`: works again");
}

#[test]
fn a_program_that_is_stopped_does_not_wait_for_a_service_that_hangs() {
    let hook = Hook::start(|_, _| Act::Hang);
    let world = Relay::with(&json!({"hook": {"type": "http", "url": hook.url(), "timeout": "1h"}}));
    let program = world.polls();
    let id = world.posts(-100, "x");
    hook.waits_for(1);
    let (status, log) = program.stops("TERM");
    assert!(status.success(), "{log}");
    assert!(!log.contains("did not stop"), "{log}");
    hook.acts(|_, _| ok());
    let _program = world.polls();
    assert_eq!(
        ids(&hook.waits_for(2).into_iter().map(|post| post.body).collect::<Vec<_>>()),
        [id, id]
    );
}

#[test]
fn an_update_that_a_service_cannot_stomach_is_left_out_by_hand() {
    let hook = Hook::start(|post, _| if post.body.contains("poison") { status(500) } else { ok() });
    let world = Relay::with(&json!({"hook": {"type": "http", "url": hook.url()}}));
    let _program = world.polls();
    let [first, poison, last] = ["a", "poison", "b"].map(|text| world.posts(-100, text));
    world.waits_for_standing("hook", |row| row["state"] == "retrying" && row["lag"] == 2);
    world.relay(&["skip", "hook"]);
    world.waits_for_standing("hook", |row| row["lag"] == 0 && row["dead"] == 1);
    let came = ids(&hook.bodies());
    assert_eq!((came[0], came[came.len() - 1]), (first, last));
    let dead = world.relay(&["dead", "hook"]);
    assert!(dead.contains(&poison.to_string()) && dead.contains("left out"), "{dead}");
    assert_eq!(world.relay(&["skip", "hook"]), "nothing waits for `hook`\n");
}
