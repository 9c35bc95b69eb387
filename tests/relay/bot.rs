//! `/relay` in the chat with the bot.

use serde_json::json;

use super::hook::{Hook, status};
use super::world::{ADMIN, Relay};

#[test]
fn admins_see_how_sinks_stand_in_their_language_and_nobody_else_does() {
    let hook = Hook::start(|_, _| status(410));
    let world = Relay::with(&json!({
        "<b>disk</b>": {"type": "file", "path": "u.jsonl"},
        "gone": {"type": "http", "url": "http://user:canary@127.0.0.1:1/?key=canary"},
        "hook": {"type": "http", "url": hook.url()},
    }));
    let _program = world.polls();
    let visitor = world.telegram.person(5, "Eve", "en");
    visitor.sends("/relay");
    let no = visitor.waits_for("a refusal", |message| message.by_bot);
    assert_eq!(no.text, "You are not an admin");
    world.waits_for_standing("hook", |row| row["dead"] == 1);
    for (number, (language, parts)) in [
        (
            "en",
            [
                "<b>disk</b> (file): has everything",
                "wait, the oldest for",
                "last trouble: connection refused",
            ],
        ),
        (
            "de",
            [
                "<b>disk</b> (file): hat alles",
                "warten, das älteste seit",
                "letzte Schwierigkeit: connection refused",
            ],
        ),
        (
            "ru",
            ["<b>disk</b> (file): всё получено", "ждут", "последняя неполадка: connection refused"],
        ),
        (
            "es",
            ["<b>disk</b> (file): lo tiene todo", "esperan", "último problema: connection refused"],
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let id = ADMIN + i64::try_from(number).unwrap();
        let admin = world.telegram.person(id, "Grace", language);
        world.waits_for_standing("<b>disk</b>", |row| row["lag"] == 0);
        world.waits_for_standing("gone", |row| row["state"] == "retrying");
        admin.sends("/relay");
        let seen = admin.waits_for("the sinks", |message| {
            message.by_bot && parts.iter().skip(1).all(|part| message.text.contains(part))
        });
        assert!(seen.text.contains("410"), "{}", seen.text);
        assert!(!seen.text.contains("canary"), "{}", seen.text);
    }
    let menu = world.telegram.look(|view| view.commands_for(5));
    assert!(!menu.iter().any(|(name, _)| name == "relay"), "{menu:?}");
}

#[test]
fn a_bot_without_sinks_says_so() {
    let world = Relay::with(&json!({}));
    let program = world.polls();
    let admin = world.telegram.person(ADMIN, "Grace", "en");
    admin.sends("/relay");
    let seen = admin.waits_for("an answer", |message| message.by_bot);
    assert!(seen.text.contains("the settings name no sink"), "{}", seen.text);
    assert_eq!(world.relay(&["status", "--json"]), "[]\n");
    let (_, report) = program.ready();
    assert_eq!(report["checks"]["relay"], json!({"ok": true, "reason": "no sinks"}));
}
