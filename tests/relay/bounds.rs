//! The bounds of the log: who is told that it fills, what happens when it is full, and that nothing
//! is dropped.

use serde_json::json;

use super::hook::{Hook, ok, status};
use super::updates_support::{exchange, free_port};
use super::world::{ADMIN, Relay, first_seen, ids, post, waits_for};

/// The smallest log there may be.
const KEEP: u64 = 1 << 20;

fn world(url: &str) -> Relay {
    Relay::settings(&json!({
        "keep": {"age": "7d", "size": KEEP},
        "sinks": {"hook": {"type": "http", "url": url}},
    }))
}

/// An update of a twentieth of the log.
fn large(world: &Relay) -> i64 {
    world.telegram.inject(post(1, &"x".repeat(50_000)))
}

/// What the admin was told of the log, in German.
fn alerts(world: &Relay) -> Vec<String> {
    let all = world.telegram.look(|view| view.bot_messages(ADMIN));
    let texts = all.into_iter().map(|seen| seen.text);
    texts.filter(|text| text.starts_with("Das Log der Updates ist")).collect()
}

#[test]
fn a_full_log_is_told_to_admins_and_pushes_back_and_drops_nothing() {
    let hook = Hook::start(|_, _| status(503));
    let world = world(&hook.url());
    let program = world.polls();
    let admin = world.telegram.person(ADMIN, "Grace", "de");
    admin.sends("/start");
    admin.waits_for("a greeting", |message| message.by_bot);
    let sent: Vec<i64> = (0..40).map(|_| large(&world)).collect();
    program.waits_for_line("updates stay with Telegram: the log of updates is full");
    let told = waits_for("three alerts", || {
        let told = alerts(&world);
        if told.len() == 3 { Ok(told) } else { Err(told) }
    });
    for (told, start) in told.iter().zip(["zu 5", "zu 8", "voll: "]) {
        assert!(told.starts_with(&format!("Das Log der Updates ist {start}")), "{told}");
        assert!(told.contains("warten auf hook, das älteste seit "), "{told}");
    }
    let report = program.waits_until_ready("a full log", |code, _| code == 503);
    assert_eq!(report["checks"]["relay"]["ok"], json!(false), "{report}");
    let waiting = world.telegram.look(|view| view.updates_waiting());
    assert!(waiting > 15, "Telegram keeps {waiting}");

    hook.acts(|_, _| ok());
    // Sent meanwhile as well, though the hook was tried in vain.
    let done = |bodies: &[String]| sent.iter().all(|id| ids(bodies).contains(id));
    waits_for("all updates", || {
        let bodies = hook.bodies();
        if done(&bodies) { Ok(()) } else { Err(bodies.len()) }
    });
    let mut seen = ids(&hook.bodies());
    seen.retain(|id| sent.contains(id));
    seen.dedup();
    assert_eq!(seen, sent, "in order, repeats only of what was refused");
    program.waits_until_ready("room", |code, _| code == 200);
}

#[test]
fn a_full_log_makes_the_webhook_ask_telegram_to_come_again() {
    let world = world(&format!("http://127.0.0.1:{}/", free_port()));
    let program = world.hooked(&[]);
    world.waits_for_webhook();
    let secret = world.secret();
    let body = |id: i64| {
        let mut update = post(1, &"x".repeat(200_000));
        update["update_id"] = id.into();
        update.to_string().into_bytes()
    };
    let answers: Vec<(u16, Option<String>)> = (1..=8)
        .map(|id| {
            let answer = program.posts(&secret, &body(id));
            (answer.status, answer.header("Retry-After").map(str::to_owned))
        })
        .collect();
    let taken = answers.iter().filter(|(status, _)| *status == 200).count();
    assert_eq!(taken, 5, "{answers:?}");
    assert_eq!(answers[5..], vec![(503, Some("60".to_owned())); 3]);
    assert_eq!(world.standing("hook")["lag"], 5);
}

#[test]
fn what_waits_longer_than_the_log_may_hold_pushes_back_too() {
    let hook = Hook::start(|_, _| status(500));
    let world = Relay::settings(&json!({
        "keep": {"age": "3s", "size": KEEP},
        "sinks": {"hook": {"type": "http", "url": hook.url()}},
    }));
    let program = world.polls();
    let first = world.posts(1, "first");
    // No further update comes: the sink itself notices.
    program.waits_for_line("% full: 1 ");
    program.waits_until_ready("a full log", |code, _| code == 503);
    let mut sent = vec![first];
    waits_for("a refusal", || {
        sent.push(world.posts(1, "another"));
        if program.log().contains("updates stay with Telegram") { Ok(()) } else { Err(sent.len()) }
    });
    hook.acts(|_, _| ok());
    waits_for("all of them", || {
        let seen = first_seen(&ids(&hook.bodies()));
        if seen == sent { Ok(()) } else { Err((seen.len(), sent.len())) }
    });
    program.waits_until_ready("room", |code, _| code == 200);
}

#[test]
fn what_is_told_of_sinks_to_prometheus() {
    let hook = Hook::start(|post, _| status(if post.body.contains("bad") { 400 } else { 200 }));
    let world = Relay::with(&json!({
        "hook": {"type": "http", "url": hook.url()},
        "gone": {"type": "redis", "url": format!("redis://127.0.0.1:{}", free_port())},
    }));
    let program = world.runs(&[("ROOST_METRICS_LISTEN", "127.0.0.1:0")]);
    let line = program.waits_for_line("metrics on http://");
    let port = line.split("127.0.0.1:").nth(1).and_then(|rest| rest.split('/').next()).unwrap();
    for text in ["one", "bad", "two"] {
        world.posts(1, text);
    }
    world.waits_for_standing("hook", |row| row["lag"] == 0 && row["dead"] == 1);
    world.waits_for_standing("gone", |row| row["state"] == "retrying" && row["lag"] == 3);
    let answer = exchange(port.parse().unwrap(), "GET", "/metrics", &[], b"");
    for sample in [
        "roost_relay_lag_updates{sink=\"gone\",type=\"redis\"} 3",
        "roost_relay_lag_updates{sink=\"hook\",type=\"http\"} 0",
        "roost_relay_dead_letters{sink=\"hook\",type=\"http\"} 1",
        "roost_relay_delivered_total{sink=\"hook\",type=\"http\"} 2",
        "roost_relay_up{sink=\"gone\",type=\"redis\"} 0",
        "roost_relay_up{sink=\"hook\",type=\"http\"} 1",
        "# TYPE roost_relay_failures_total counter",
    ] {
        assert!(answer.body.contains(sample), "{sample}\n{}", answer.body);
    }
}
