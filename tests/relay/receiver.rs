//! What the updates receiver got wrong, each as a user of it saw it. Its webhook and its manners
//! towards Telegram are in `tests/webhook.rs` and `tests/intake.rs`.

use serde_json::json;

use super::brokers::Redis;
use super::hook::Hook;
use super::updates_support::{TOKEN, World, exchange, message};
use super::world::{Relay, ids, post, waits_for};

/// The program with nothing but the environment the receiver had.
fn like_the_receiver(world: &World, more: &[(&str, &str)]) -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_roost"));
    let api = world.telegram.base_url();
    command.arg("serve").env_clear().current_dir(world.folder.path());
    command.envs([("TELEGRAM_TOKEN", TOKEN), ("TELEGRAM_API_URL", &api), ("WEBHOOK_PORT", "0")]);
    command.envs(more.iter().copied());
    command
}

#[test]
fn its_environment_alone_is_enough_and_the_queue_is_the_same() {
    let (redis, world) = (Redis::start(), World::new());
    for (more, queue) in [(&[][..], "telegram_bot"), (&[("REDIS_QUEUE_NAME", "other")], "other")] {
        let url = redis.url();
        let all: Vec<(&str, &str)> =
            [("REDIS_URL", url.as_str())].iter().chain(more).copied().collect();
        let program = super::updates_support::Program::start(&mut like_the_receiver(&world, &all));
        let sent = world.telegram.inject(post(1, "x"));
        waits_for("the queue", || {
            let list = redis.list(queue);
            if ids(&list) == [sent] { Ok(()) } else { Err(list) }
        });
        assert!(program.stops("TERM").0.success());
    }
}

#[test]
fn a_default_exchange_without_a_key_is_refused_before_it_loses_everything() {
    let world = World::new();
    let output = like_the_receiver(&world, &[("AMQP_URL", "amqp://127.0.0.1/")]).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains("environment AMQP_URL"), "{error}");
    assert!(error.contains("every update would be lost"), "{error}");
}

#[test]
fn what_is_no_update_reaches_no_queue() {
    let hook = Hook::fine();
    let world = Relay::with(&json!({"hook": {"type": "http", "url": hook.url()}}));
    let program = world.hooked(&[]);
    world.waits_for_webhook();
    let secret = world.secret();
    for body in [&b"not json"[..], b"", b"[]", b"{}", b"{\"update_id\":\"x\"}", b"\xff"] {
        assert_eq!(program.posts(&secret, body).status, 200, "Telegram would send it for a day");
    }
    let forwarded = [("X-Forwarded-For", "149.154.160.1, 10.0.0.1")];
    let answer = exchange(program.port(), "POST", "/hook", &forwarded, &message(1, 5, "forged"));
    assert_eq!(answer.status, 401);
    assert_eq!(program.posts(&secret, &message(2, 5, "true")).status, 200);
    let posts = hook.waits_for(1);
    assert_eq!(ids(&[posts[0].body.clone()]), [2]);
    world.waits_for_standing("hook", |row| row["lag"] == 0);
    assert_eq!(hook.posts().len(), 1);
}

#[test]
fn the_same_update_posted_twice_is_published_once() {
    let hook = Hook::fine();
    let world = Relay::with(&json!({"hook": {"type": "http", "url": hook.url()}}));
    let program = world.hooked(&[]);
    world.waits_for_webhook();
    let secret = world.secret();
    for id in [7, 7, 8, 7, 3, 3] {
        assert_eq!(program.posts(&secret, &message(id, 5, "x")).status, 200);
    }
    hook.waits_for(3);
    world.waits_for_standing("hook", |row| row["lag"] == 0);
    assert_eq!(ids(&hook.bodies()), [7, 8, 3], "also an id that is lower than the last");
}

#[test]
fn updates_are_passed_on_as_telegram_wrote_them_whichever_way_they_came() {
    let hook = Hook::fine();
    let world = Relay::with(&json!({"hook": {"type": "http", "url": hook.url()}}));
    let program = world.hooked(&[]);
    world.waits_for_webhook();
    let body = "{ \"update_id\" : 5,\n\"channel_post\":{\"text\":\"\\u041f\u{440}\\ud83e\\udd80\", \"n\": 1.10e2} }";
    assert_eq!(program.posts(&world.secret(), body.as_bytes()).status, 200);
    assert_eq!(hook.waits_for(1)[0].body, body);
    assert!(program.stops("TERM").0.success());
    let _program = world.polls();
    let id = world.posts(1, "При\u{1f980}\n");
    let polled = hook.waits_for(2).remove(1).body;
    let mut expected = post(1, "При\u{1f980}\n");
    expected["update_id"] = id.into();
    assert_eq!(polled, expected.to_string());
}

#[test]
fn a_bot_without_anybody_to_publish_to_works() {
    let world = World::new();
    let program = world.polls();
    let ada = world.telegram.person(7, "Ada", "en");
    ada.sends("/start");
    ada.waits_for("the greeting", |message| message.by_bot);
    assert_eq!(program.ready().1["checks"]["relay"]["reason"], "no sinks");
}
