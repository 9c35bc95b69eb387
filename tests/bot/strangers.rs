//! Who is no admin tries every door of the bot towards what admins do.

use serde_json::{Value, json};

use crate::support::{ADA, ADMIN, BOB};
use crate::world::{World, toast};

/// The bot's commands for admins, with arguments that would do something.
const COMMANDS: [&str; 16] = [
    "/addevent",
    "/addevent Mine | 18:00 | 1 | mine",
    "/editevent 1",
    "/editevent 1 title Mine",
    "/cancelevent 1 because",
    "/deleteevent 1",
    "/attendees 1",
    "/cancel",
    "/users",
    "/makeadmin 5",
    "/makeadmin 100",
    "/removeadmin 900",
    "/ban 6",
    "/unban 6",
    "/status",
    "/STATUS",
];

/// Everything that can be seen of the events and of people's rights.
fn everything(world: &World) -> (Vec<Value>, Value, String) {
    let mut page = world.page(ADMIN);
    let events = page.events.values().cloned().collect();
    page.send(json!({"type": "attendees", "event": 1}));
    let list = page.until(|frame| frame["type"] == "attendees")["list"].clone();
    let users = world.roost(&["list-users"]).stdout;
    let users = String::from_utf8(users).unwrap();
    // Who writes becomes known; nobody becomes more.
    let marked = users.lines().filter(|line| !line.contains("Person "));
    (events, list, marked.collect::<Vec<_>>().join("\n"))
}

fn prepared() -> World {
    let world = World::new();
    let id = world.event("Chess");
    assert_eq!(id, 1);
    world.page(BOB).ask(json!({"type": "attend", "event": id}));
    world.page(ADA);
    world
}

#[test]
fn no_command_of_admins_works_for_others_and_nothing_changes() {
    let world = prepared();
    let before = everything(&world);
    for (number, command) in (100..).zip(COMMANDS) {
        let stranger = world.somebody(number);
        stranger.sends(command);
        let answer = stranger.waits_for("an answer", |message| message.by_bot);
        assert_eq!(answer.text, "You are not an admin", "{command}");
        assert!(answer.buttons.is_empty(), "{command}: {answer}");
        // No question was begun that the next message would answer.
        stranger.sends("Mine");
    }
    world.is_idle();
    assert_eq!(everything(&world), before);
    for number in 100..100 + i64::try_from(COMMANDS.len()).unwrap() {
        assert_eq!(world.telegram.look(|view| view.bot_messages(number).len()), 1);
    }
}

#[test]
fn no_button_of_admins_works_for_others_whatever_its_data() {
    let world = prepared();
    // A real question of an admin, with all its buttons.
    world.admin.sends("/addevent");
    let ask = world.admin.waits_for_text("Step 1 of 7");
    let number = ask.button("Cancel").unwrap().callback.clone().unwrap();
    let number: u64 = number.rsplit(':').next().unwrap().parse().unwrap();
    let before = everything(&world);
    world.ada.sends("/events");
    let own = world.ada.waits_for_text("Chess");
    for data in [
        format!("e:ok:{number}"),
        format!("e:skip:{number}:0"),
        format!("e:stop:{number}"),
        "e:field:1:title".to_owned(),
        "e:set:1:title:Mine".to_owned(),
        "e:set:1:capacity:".to_owned(),
        "e:off:1:5:all".to_owned(),
        "e:off:1:900:all".to_owned(),
        "e:off:1:5:2026-12-24".to_owned(),
        "e:del:1:5".to_owned(),
        "e:del:1:900".to_owned(),
        "e:keep:5".to_owned(),
        "h:users:0".to_owned(),
    ] {
        for message in [&own, &ask] {
            let tap = world.ada.taps_with(message, &data);
            assert_eq!(toast(&world.ada, &tap), "You are not an admin", "{data}");
        }
    }
    // What is no button at all does nothing, for admins too.
    for data in ["", "x", "e:", "h:", "e:go:0:c", "e:del:1", "e:set:1:image:x", "e:page:l99999"] {
        for person in [&world.ada, &world.admin] {
            let tap = person.taps_with(&own, data);
            toast(person, &tap);
        }
    }
    assert_eq!(everything(&world), before);
    // The admin's questions go on where they were.
    world.admin.sends("Go");
    world.admin.waits_for_text("Step 2 of 7");
}

#[test]
fn a_button_for_one_admin_is_not_for_another() {
    let world = prepared();
    let group = -100_500;
    world.telegram.group(group, "Admins", &[&world.admin, &world.ada]);
    world.admin.sends(&format!("/makeadmin {}", ADA.id));
    world.admin.waits_for_text("is an admin now");
    world.admin.sends_in(group, "/deleteevent 1");
    let ask = world.telegram.wait_for("the question", |view| view.bot_messages(group).pop());
    let tap = world.ada.taps(&ask, "Delete");
    assert_eq!(toast(&world.ada, &tap), "This question was for somebody else.");
    assert_eq!(world.page(BOB).events.len(), 1);
    world.admin.taps(&ask, "Delete");
    world.turns_into(&ask, "is deleted");
    assert_eq!(world.page(BOB).events.len(), 0);
}

#[test]
fn a_right_taken_away_while_a_question_waits_is_gone() {
    let world = prepared();
    world.admin.sends(&format!("/makeadmin {}", ADA.id));
    world.admin.waits_for_text("is an admin now");
    world.ada.sends("/deleteevent 1");
    let ask = world.ada.waits_for_text("This cannot be undone");
    world.ada.sends("/addevent");
    world.ada.waits_for_text("Step 1 of 7");
    world.admin.sends(&format!("/removeadmin {}", ADA.id));
    world.admin.waits_for_text("no longer an admin");
    let tap = world.ada.taps(&ask, "Delete");
    assert_eq!(toast(&world.ada, &tap), "You are not an admin");
    world.ada.sends("Mine");
    world.ada.waits_for_text("You are not an admin");
    assert_eq!(world.page(BOB).events.len(), 1);
}
