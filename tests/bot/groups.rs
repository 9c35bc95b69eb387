//! The bot in a group: everybody reads the same message.

use roost::demo::telegram::{Fault, Seen};
use serde_json::json;

use crate::support::BOB;
use crate::world::{World, toast};

const GROUP: i64 = -100_123;

fn waits_in(world: &World, group: i64, text: &str) -> Seen {
    world.telegram.wait_for(text, |view| {
        view.bot_messages(group).into_iter().find(|message| message.text.contains(text))
    })
}

fn founded() -> World {
    let world = World::new();
    world.telegram.group(GROUP, "Club", &[&world.ada, &world.bob, &world.admin]);
    world
}

#[test]
fn a_group_never_gets_a_button_telegram_refuses() {
    let world = founded();
    let id = world.event("Chess");
    let start = format!("/start@RoostBot e_{id}");
    for (command, answer) in [
        ("/start@RoostBot", "Hi!"),
        ("/events", "Coming up"),
        (start.as_str(), "nobody is going yet"),
        ("/my", "private chat"),
        ("/help@RoostBot", "This is what I can do"),
    ] {
        world.ada.sends_in(GROUP, command);
        waits_in(&world, GROUP, answer);
    }
    for message in world.telegram.look(|view| view.bot_messages(GROUP)) {
        assert!(message.buttons.iter().flatten().all(|button| button.web_app.is_none()));
    }
    let refused = |view: &roost::demo::telegram::View| {
        view.calls("sendMessage").iter().filter(|call| call.status >= 400).count()
    };
    assert_eq!(world.telegram.look(refused), 0);
}

#[test]
fn a_tap_in_a_group_counts_for_who_tapped_and_shows_nobody() {
    let world = founded();
    world.event("Chess");
    let mut page = world.page(BOB);
    world.admin.sends_in(GROUP, "/events");
    let list = waits_in(&world, GROUP, "Chess");
    let tap = world.ada.taps(&list, "Attend");
    assert!(toast(&world.ada, &tap).contains("You are going to Chess"));
    let list = world.turns_into(&list, "1 person is going");
    assert!(!list.text.contains("You are") && list.button("Attend").is_some(), "{list}");
    let frame = page.expect("event");
    assert_eq!((&frame["attendees"], &frame["attending"]), (&json!(1), &json!(false)));
    let tap = world.bob.taps(&list, "Leave");
    assert_eq!(toast(&world.bob, &tap), "You were not signed up for Chess.");
    let tap = world.ada.taps(&list, "Leave");
    assert_eq!(toast(&world.ada, &tap), "You are no longer going to Chess.");
    world.turns_into(&list, "nobody is going yet");
}

#[test]
fn what_is_meant_for_others_is_left_alone() {
    let world = founded();
    for text in ["/events@OtherBot", "/unknown", "hello", "/start@OtherBot"] {
        world.ada.sends_in(GROUP, text);
    }
    world.ada.sends_in(GROUP, "/help");
    waits_in(&world, GROUP, "This is what I can do");
    assert_eq!(world.telegram.look(|view| view.bot_messages(GROUP).len()), 1);
}

#[test]
fn a_group_that_becomes_a_supergroup_still_gets_its_answer() {
    let world = founded();
    let moved = GROUP - 1_000_000;
    world.telegram.fault(Fault::flood(1).in_chat(GROUP));
    world.ada.sends_in(GROUP, "/help");
    world.waits_for_calls("sendMessage", 429, 1);
    world.telegram.migrate(GROUP, moved);
    world.telegram.heal();
    waits_in(&world, moved, "This is what I can do");
}
