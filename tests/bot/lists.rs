//! Long lists and the longest texts are still messages Telegram takes.

use serde_json::json;

use crate::support::{ADMIN, daily};
use crate::world::{World, toast};

#[test]
fn the_longest_events_fit_in_lists_and_cards() {
    let world = World::new();
    let mut admin = world.page(ADMIN);
    let mut event = daily(&"<&👩‍👧>".repeat(20));
    event["description"] = "&<\"👩>".repeat(400).into();
    event["location"] = "&é<b>".repeat(40).into();
    event["capacity"] = 1.into();
    let ids: Vec<u64> = (0..12).map(|_| admin.create(event.clone())).collect();
    for id in &ids {
        admin.ask(json!({"type": "attend", "event": id}));
    }
    world.ada.sends("/events");
    let list = world.ada.waits_for_text("page 1 of 2");
    world.ada.taps(&list, "Next ›");
    let rest = world.turns_into(&list, "page 2 of 2");
    let first = rest.buttons[0][0].text.clone();
    world.ada.taps(&rest, &first);
    let card = world.turns_into(&list, "&<\"👩>&<\"👩>");
    let tap = world.ada.taps(&card, "Join waiting list");
    assert!(toast(&world.ada, &tap).contains("waiting list"));
    let card = world.turns_into(&list, "You are number 1");
    world.ada.taps(&card, "‹ Back to the list");
    let rest = world.turns_into(&list, "page 2 of 2");
    world.ada.taps(&rest, "‹ Back");
    world.turns_into(&list, "page 1 of 2");
    for (command, answer) in [("/my", "Your events"), ("/help", "This is what I can do")] {
        world.ada.sends(command);
        world.ada.waits_for_text(answer);
    }
    world.admin.sends(&format!("/cancelevent {} {}", ids[0], "&<é>".repeat(125)));
    world.admin.waits_for_text("happens more than once");
    for method in ["sendMessage", "editMessageText", "answerCallbackQuery"] {
        let refused = world
            .telegram
            .look(|view| view.calls(method).iter().filter(|call| call.status >= 400).count());
        assert_eq!(refused, 0, "{method}");
    }
}

#[test]
fn what_people_call_themselves_harms_nobody() {
    let world = World::new();
    let names = ["<b>Bobby</b> & \"Sons\"", "\u{202e}abc", "😀", "{who} {title}", "a\u{0}b"];
    for (id, name) in (100..).zip(names) {
        let person = world.telegram.person(id, name, "en");
        person.sends("/start");
        person.waits_for_text("Hi!");
        world.admin.sends(&format!("/makeadmin {id}"));
        world.admin.waits_for(name, |message| {
            message.text.contains("is an admin now") && message.text.contains(&format!("({id})"))
        });
    }
    world.admin.sends("/users");
    world.admin.waits_for_text("I know 6 people");
}

#[test]
fn a_hundred_people_at_once_are_all_greeted() {
    let world = World::new();
    let people: Vec<_> = (1000..1100).map(|id| world.somebody(id)).collect();
    for person in &people {
        person.sends("/start");
    }
    for person in &people {
        person.waits_for_text("Hi!");
        assert_eq!(world.told(person).len(), 1);
    }
}
