//! Where others read along nothing is made or read, and a token that was shown opens nothing more.

use roost::demo::telegram::Person;
use serde_json::{Value, json};

use crate::chat::{CLOSED, answered, confide, message, open, waits_until_gone};
use crate::support::ADA;
use crate::world::World;

const GROUP: i64 = -100_777;

fn world() -> World {
    let world = World::with(&json!({}), |_| ());
    world.telegram.group(GROUP, "Chess", &[&world.ada, &world.bob]);
    world
}

fn told_in_group(world: &World, words: &str) {
    world.telegram.wait_for(&format!("`{words}` in the group"), |view| {
        view.bot_messages(GROUP).iter().any(|seen| seen.text.contains(words)).then_some(())
    });
}

#[test]
fn in_groups_nothing_is_made_and_the_reason_is_said() {
    let world = world();
    for (count, text) in
        ["new:canary", "/new canary", "/new", "/new@RoostBot canary"].iter().enumerate()
    {
        let sent = world.ada.sends_in(GROUP, text);
        world.telegram.wait_for("the reason", |view| {
            let all = view.bot_messages(GROUP);
            let said = all.iter().filter(|seen| seen.text.contains("in a private chat with me"));
            (said.count() == count + 1).then_some(())
        });
        if text.contains("canary") {
            waits_until_gone(&world, GROUP, sent);
        }
    }
    assert_eq!(open(&world).len(), 0);
}

#[test]
fn a_token_shown_in_a_group_is_burnt_and_its_sender_told() {
    let world = world();
    let ticket = confide(&world, &world.ada, "canary");
    let sent = world.bob.sends_in(GROUP, &ticket);
    world.ada.waits_for_text("Your one-time message 1 is burnt: what opens it was shown");
    told_in_group(&world, "in a private chat with me");
    waits_until_gone(&world, GROUP, sent);
    answered(&world, &world.bob, &ticket, CLOSED);
    assert_eq!(crate::chat::times_sent(&world.telegram, "canary"), 0);
}

/// However a token gets into a group, it is burnt.
fn burns(place: impl Fn(&World, &str) -> Value) {
    let world = world();
    let ticket = confide(&world, &world.ada, "canary");
    world.telegram.inject(place(&world, &ticket));
    world.ada.waits_for_text("Your one-time message 1 is burnt: what opens it was shown");
    assert_eq!(open(&world).len(), 0);
}

#[test]
fn it_is_burnt_whoever_shows_it_and_however() {
    let said = |bob: &Person, fields: Value| message(bob, GROUP, &fields);
    let link = |ticket: &str| format!("look: https://x.org/s/{}", ticket.replacen(':', "#", 1));
    burns(|world, ticket| json!({"message": said(&world.bob, json!({"caption": ticket}))}));
    burns(|world, ticket| json!({"message": said(&world.bob, json!({"text": link(ticket)}))}));
    burns(|world, ticket| {
        let bot = json!({"id": 1_087_968_824, "is_bot": true, "first_name": "Group"});
        json!({"message": said(&world.bob, json!({"text": ticket, "from": bot}))})
    });
    burns(|world, ticket| {
        // Nobody is named.
        let mut post = said(&world.bob, json!({"text": ticket}));
        post.as_object_mut().unwrap().remove("from");
        json!({"message": post})
    });
}

#[test]
fn a_wrong_token_in_a_group_is_answered_like_a_right_one_and_burns_nothing() {
    let world = world();
    confide(&world, &world.ada, "canary");
    world.bob.sends_in(GROUP, &format!("1:{}", "0".repeat(64)));
    told_in_group(&world, "in a private chat with me");
    world.ada.sends("/start");
    world.ada.waits_for_text("Hi!");
    assert_eq!(open(&world).len(), 1);
    let burnt = world.told(&world.ada).iter().any(|seen| seen.text.contains("is burnt"));
    assert!(!burnt, "chat of {}", ADA.id);
}
