//! Somebody finds the bot, looks around, and goes to an event.

use roost::demo::telegram::{Denial, Fault, Harm};
use serde_json::json;

use crate::support::{ADA, BOB};
use crate::world::{PUBLIC, World, toast};

#[test]
fn a_newcomer_is_greeted_with_a_button_that_opens_the_app() {
    let world = World::new();
    let url = format!("{PUBLIC}/mini_event/");
    for (id, language, button) in [
        (100, "en-GB", "View Events"),
        (101, "de", "Veranstaltungen ansehen"),
        (102, "ru", "Показать события"),
        (103, "es-MX", "Ver eventos"),
        (104, "fr", "View Events"),
    ] {
        let person = world.telegram.person(id, "New Comer", language);
        person.sends("/start");
        let greeting = person.waits_for("a greeting", |message| message.by_bot);
        let opens: Vec<_> = greeting.buttons.iter().flatten().collect();
        assert_eq!(opens.len(), 1, "{greeting}");
        assert_eq!(opens[0].web_app.as_ref(), Some(&url), "{greeting}");
        assert_eq!(opens[0].text, button, "{language}");
    }
    let menu = world.telegram.look(|view| view.menu_button(100).cloned()).unwrap();
    assert_eq!((&menu["type"], &menu["web_app"]["url"]), (&json!("web_app"), &json!(url)));
}

#[test]
fn without_a_public_address_the_bot_works_and_says_once_what_is_missing() {
    let world = World::with(&json!({"public-url": null}), |_| ());
    world.event("Chess");
    world.ada.sends("/start");
    let greeting = world.ada.waits_for_text("Hi!");
    assert!(greeting.buttons.is_empty(), "{greeting}");
    world.ada.sends("/events");
    let list = world.ada.waits_for_text("Chess");
    assert!(list.buttons.iter().flatten().all(|button| button.web_app.is_none()));
    world.ada.taps(&list, "Attend");
    world.turns_into(&list, "You are going");
    assert_eq!(world.program.output().matches("public-url").count(), 1);
}

#[test]
fn a_link_to_an_event_shows_it_and_a_broken_one_is_answered() {
    let world = World::new();
    let id = world.event("Chess & <b>Go</b>");
    world.ada.sends(&format!("/start e_{id}"));
    let card = world.ada.waits_for_text("Chess & <b>Go</b>");
    for label in ["Attend", "View Events"] {
        assert!(card.button(label).is_some(), "{label}: {card}");
    }
    for (number, payload, answer) in [
        (100, "e_999", "No such event"),
        (101, "e_", "No such event"),
        (102, "e_-1", "No such event"),
        (103, "e_99999999999999999999999", "No such event"),
        (104, "something", "Hi!"),
    ] {
        let person = world.somebody(number);
        person.sends(&format!("/start {payload}"));
        person.waits_for_text(answer);
    }
}

#[test]
fn buttons_change_their_message_and_every_open_page_at_once() {
    let world = World::new();
    let id = world.event("Chess");
    let mut page = world.page(BOB);
    world.ada.sends("/my");
    world.ada.waits_for_text("You have not signed up");
    world.ada.sends("/events");
    let list = world.ada.waits_for_text("Coming up");
    assert!(list.text.contains("Chess") && list.text.contains("nobody is going yet"), "{list}");

    let tap = world.ada.taps(&list, "Attend");
    assert_eq!(toast(&world.ada, &tap), "You are going to Chess. See you there!");
    let frame = page.expect("event");
    assert_eq!((&frame["id"], &frame["attendees"]), (&json!(id), &json!(1)));
    assert_eq!(frame["attending"], false, "it was somebody else");
    let list = world.turns_into(&list, "You are going");
    assert!(list.edited && list.button("Attend").is_none(), "{list}");
    assert!(list.button("View Events").is_some_and(|button| button.web_app.is_some()));

    world.ada.sends("/my");
    let mine = world.ada.waits_for_text("Your events");
    let tap = world.ada.taps(&mine, "Leave");
    assert_eq!(toast(&world.ada, &tap), "You are no longer going to Chess.");
    assert_eq!(page.expect("event")["attendees"], 0);
    world.turns_into(&mine, "You have not signed up");
    // The older message still offers to leave: nothing happens twice, and it is put right.
    let tap = world.ada.taps(&list, "Leave");
    assert_eq!(toast(&world.ada, &tap), "You were not signed up for Chess.");
    world.turns_into(&list, "nobody is going yet");
    page.is_quiet();
}

#[test]
fn an_attend_on_the_page_is_seen_in_the_chat() {
    let world = World::new();
    let id = world.event("Chess");
    world.page(ADA).ask(json!({"type": "attend", "event": id}));
    world.ada.sends("/my");
    let mine = world.ada.waits_for_text("Your events");
    assert!(mine.text.contains("You are going"), "{mine}");
}

#[test]
fn a_tap_is_answered_while_its_message_cannot_be_changed() {
    let world = World::new();
    world.event("Chess");
    world.ada.sends("/events");
    let list = world.ada.waits_for_text("Chess");
    world.telegram.fault(Fault::new(Harm::Stall).on("editMessageText").times(1));
    let tap = world.ada.taps(&list, "Attend");
    assert_eq!(toast(&world.ada, &tap), "You are going to Chess. See you there!");
}

#[test]
fn a_double_tap_does_no_harm() {
    let world = World::new();
    world.event("Chess");
    let mut page = world.page(BOB);
    world.ada.sends("/events");
    let list = world.ada.waits_for_text("Chess");
    let taps: Vec<String> = (0..3).map(|_| world.ada.taps(&list, "Attend")).collect();
    for tap in taps {
        assert_eq!(toast(&world.ada, &tap), "You are going to Chess. See you there!");
    }
    let list = world.turns_into(&list, "You are going");
    assert!(list.text.contains("1 person is going"), "{list}");
    assert_eq!(page.expect("event")["attendees"], 1);
    page.is_quiet();
    world.ada.sends("/help");
    world.ada.waits_for_text("This is what I can do");
    let (status, sending) = world.ready("sending");
    assert_eq!((status, &sending["ok"]), (200, &json!(true)), "{sending}");
}

#[test]
fn a_tap_too_old_to_be_answered_still_counts() {
    let world = World::new();
    world.event("Chess");
    world.ada.sends("/events");
    let list = world.ada.waits_for_text("Chess");
    let old = "query is too old and response timeout expired or query ID is invalid";
    let too_old = Fault::new(Harm::Denied(Denial::bad(old)));
    world.telegram.fault(too_old.on("answerCallbackQuery").times(1));
    world.ada.taps(&list, "Attend");
    world.turns_into(&list, "You are going");
    world.bob.sends("/start");
    world.bob.waits_for_text("Hi!");
}

#[test]
fn a_full_event_offers_its_waiting_list_and_tells_who_moves_up() {
    let world = World::new();
    let mut event = crate::support::daily("Chess");
    event["capacity"] = 1.into();
    let mut admin = world.page(crate::support::ADMIN);
    let id = admin.create(event);
    world.page(BOB).ask(json!({"type": "attend", "event": id}));
    world.ada.sends(&format!("/start e_{id}"));
    let card = world.ada.waits_for_text("Chess");
    let tap = world.ada.taps(&card, "Join waiting list");
    assert!(toast(&world.ada, &tap).contains("number 1 on the waiting list"));
    world.turns_into(&card, "You are number 1 on the waiting list");
    world.page(BOB).ask(json!({"type": "leave", "event": id}));
    world.ada.sends("/my");
    let mine = world.ada.waits_for_text("Your events");
    assert!(mine.text.contains("You are going"), "{mine}");
}

#[test]
fn commands_are_listed_in_every_language_and_admins_see_more() {
    let world = World::with(&json!({}), |telegram| {
        telegram.person(100, "Deutsch", "de");
    });
    world.is_idle();
    let names = |id| -> Vec<(String, String)> { world.telegram.look(|view| view.commands_for(id)) };
    let has = |id, name: &str| names(id).iter().any(|(command, _)| command == name);
    for name in ["events", "my", "calendar", "start", "help", "stop"] {
        assert!(has(ADA.id, name) && has(900, name), "{name}");
    }
    for name in ["addevent", "editevent", "cancelevent", "deleteevent", "makeadmin", "ban"] {
        assert!(!has(ADA.id, name) && has(900, name), "{name}");
    }
    let about = |id| names(id).into_iter().find(|(name, _)| name == "help").unwrap().1;
    assert_eq!((about(ADA.id), about(100)), ("What I can do".into(), "Was ich kann".into()));
    let set: Vec<String> = world.telegram.look(|view| {
        let calls = view.calls("setMyCommands");
        let key = |params: &serde_json::Value| {
            format!("{} {}", params["scope"]["type"], params["language_code"])
        };
        calls.iter().map(|call| key(&call.params).replace('"', "")).collect()
    });
    for expected in
        ["default null", "default en", "default de", "default ru", "default es", "chat null"]
    {
        assert!(set.iter().any(|found| found == expected), "{expected} of {set:?}");
    }
}
