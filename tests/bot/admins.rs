//! Admins manage events and people by commands and buttons, with pages open beside.

use roost::demo::telegram::{Denial, Fault, Harm, Seen};
use serde_json::json;

use crate::support::pictures::{jpeg, png};
use crate::support::{ADA, BOB, Page, get};
use crate::world::{PUBLIC, World, toast};

/// Answers the questions of `/addevent` up to the one for a picture.
fn asked_for_a_picture(world: &World) -> Seen {
    for (says, asks) in [
        ("/addevent", "Step 1 of 7"),
        ("Chess", "Step 2 of 7"),
        ("18:30", "Step 3 of 7"),
        ("1.5", "Step 4 of 7"),
        ("Bring a board", "Step 5 of 7"),
    ] {
        world.admin.sends(says);
        world.admin.waits_for_text(asks);
    }
    world.admin.waits_for_text("Send a picture")
}

/// Taps `label` under `message` and waits until the message says `text`.
fn taps(world: &World, message: &Seen, label: &str, text: &str) -> Seen {
    world.admin.taps(message, label);
    world.turns_into(message, text)
}

#[test]
fn questions_and_a_photo_lead_to_an_event_with_a_picture() {
    let world = World::new();
    let mut page = world.page(BOB);
    let ask = asked_for_a_picture(&world);
    assert!(ask.button("Skip").is_some() && ask.button("Cancel").is_some(), "{ask}");
    // A wrong shape, then not even a picture.
    world.admin.sends_photo(&png(900, 900), "").unwrap();
    world.admin.waits_for_text("not 16:9");
    world.admin.sends("look");
    world.admin.waits_for_text("not a picture I can use");
    world.admin.sends_photo(&jpeg(1280, 720), "here").unwrap();
    let ask = world.admin.waits_for_text("Step 6 of 7");
    world.admin.taps(&ask, "Skip");
    let ask = world.admin.waits_for_text("Step 7 of 7");
    world.admin.taps(&ask, "Skip");
    let ask = world.admin.waits_for_text("Shall I create this event?");
    assert!(ask.text.contains("with a picture") && ask.text.contains("18:30–20:00"), "{ask}");
    let first = world.admin.taps(&ask, "Create event");
    let second = world.admin.taps(&ask, "Create event");
    world.turns_into(&ask, "Created.");
    let toasts = [toast(&world.admin, &first), toast(&world.admin, &second)];
    assert_eq!(toasts, ["", "That question is no longer open."]);

    let event = page.expect("event");
    assert_eq!((&event["title"], &event["duration"]), (&json!("Chess"), &json!(1.5)));
    let image = event["image"].as_str().unwrap().strip_prefix(PUBLIC).unwrap().to_owned();
    assert!(image.starts_with("/media/"), "{image}");
    let (status, head, body) = get(world.program.address(), &image);
    assert_eq!((status, body), (200, jpeg(1280, 720)));
    assert!(head.to_lowercase().contains("content-type: image/jpeg"), "{head}");
    page.is_quiet();
}

#[test]
fn a_picture_that_is_too_large_or_cannot_be_fetched_is_asked_for_again() {
    let world = World::with(&json!({"events": {"media-limit": 2000}}), |_| ());
    asked_for_a_picture(&world);
    let mut large = png(1280, 720);
    large.resize(3000, 0);
    world.admin.sends_photo(&large, "").unwrap();
    world.admin.waits_for_text("too large");
    let gone = Denial::bad("wrong file_id or the file is temporarily unavailable");
    let gone = Harm::Denied(gone);
    world.telegram.fault(Fault::new(gone).on("getFile").times(1));
    world.admin.sends_photo(&png(1280, 720), "").unwrap();
    world.admin.waits_for_text("I could not fetch that picture");
    world.admin.sends_photo(&png(1280, 720), "").unwrap();
    world.admin.waits_for_text("Step 6 of 7");
}

#[test]
fn one_line_makes_an_event_or_says_what_is_wrong_with_it() {
    let world = World::new();
    let mut page = world.page(BOB);
    world.admin.sends("/addevent Chess | soon | 2 | Bring a board");
    world.admin.waits_for_text("Start: this has to be a time such as 18:00");
    world.admin.sends("/addevent Chess | 2027-02-30 18:00 | 2 | Bring a board");
    world.admin.waits_for("another refusal", |message| message.by_bot && message.id > 3);
    page.is_quiet();
    world.admin.sends("/addevent Chess | 2096-12-24 18:00 | 2 | Bring a board");
    let card = world.admin.waits_for_text("Created. Change it with /editevent 1.");
    assert!(card.text.contains("24 December 2096, 18:00–20:00"), "{card}");
    let event = page.expect("event");
    assert_eq!(
        (&event["start"], &event["description"]),
        (&json!("2096-12-24 18:00"), &json!("Bring a board"))
    );
}

/// The next frame of the page, of this type.
fn sees(page: &mut Page, kind: &str, field: &str, value: &serde_json::Value) {
    let frame = page.expect(kind);
    assert_eq!(&frame[field], value, "{frame}");
}

#[test]
fn events_are_edited_cancelled_and_deleted_before_the_eyes_of_others() {
    let world = World::new();
    let id = world.event("Chess");
    let mut page = world.page(BOB);
    world.admin.sends(&format!("/editevent {id} title Go & more"));
    world.admin.waits_for_text("Saved.");
    sees(&mut page, "event", "title", &json!("Go & more"));
    world.admin.sends(&format!("/editevent {id}"));
    let choice = world.admin.waits_for_text("What would you like to change?");
    world.admin.taps(&choice, "Number of places");
    world.admin.waits_for_text("How many people can come?");
    world.admin.sends("none of your business");
    world.admin.waits_for_text("this has to be a whole number");
    world.admin.sends("12");
    world.admin.waits_for_text("0 of 12 places taken");
    sees(&mut page, "event", "capacity", &json!(12));

    world.admin.sends(&format!("/cancelevent {id} Rain"));
    let which = world.admin.waits_for_text("happens more than once");
    taps(&world, &which, "The whole series", "is cancelled");
    sees(&mut page, "event", "cancel_reason", &json!("Rain"));

    world.admin.sends(&format!("/deleteevent {id}"));
    let ask = world.admin.waits_for_text("This cannot be undone");
    taps(&world, &ask, "Keep it", "nothing was changed");
    page.is_quiet();
    world.admin.sends(&format!("/deleteevent {id}"));
    let ask = world.admin.waits_for("a second question", |message| {
        message.text.contains("This cannot be undone") && message.id != ask.id
    });
    taps(&world, &ask, "Delete", "is deleted");
    sees(&mut page, "delete-event", "id", &json!(id));
    // A card of before leads nowhere, politely.
    let tap = world.bob.taps_with(&ask, &format!("e:go:{id}:c"));
    assert_eq!(toast(&world.bob, &tap), "No such event");
}

#[test]
fn a_picture_is_changed_and_taken_away_by_the_bot() {
    let world = World::new();
    let id = world.event("Chess");
    let mut page = world.page(BOB);
    world.admin.sends(&format!("/editevent {id} image"));
    world.admin.waits_for_text("Send a picture");
    world.admin.sends_photo(&png(400, 300), "").unwrap();
    world.admin.waits_for_text("not 16:9");
    world.admin.sends_photo(&png(1280, 720), "").unwrap();
    world.admin.waits_for_text("with a picture");
    let image = page.expect("event")["image"].as_str().unwrap().to_owned();
    let path = image.strip_prefix(PUBLIC).unwrap();
    assert_eq!(get(world.program.address(), path).0, 200);
    world.admin.sends(&format!("/editevent {id} image -"));
    world.admin.waits_for("the end of the picture", |message| {
        message.text.starts_with("Saved.") && !message.text.contains("with a picture")
    });
    assert_eq!(page.expect("event")["image"], "");
    assert_eq!(get(world.program.address(), path).0, 404, "it goes with its last event");
    world.admin.sends_photo(&png(1280, 720), "").unwrap();
    world.admin.sends("/help");
    world.admin.waits_for_text("This is what I can do");
    page.is_quiet();
}

#[test]
fn a_new_admin_manages_at_once_and_a_removed_one_no_longer() {
    let world = World::new();
    let mut page = world.page(ADA);
    world.ada.sends("/addevent Chess | 18:00 | 1 |");
    world.ada.waits_for_text("You are not an admin");
    world.admin.sends(&format!("/makeadmin {}", ADA.id));
    world.admin.waits_for_text("is an admin now");
    assert_eq!(page.expect("welcome")["is_admin"], true);
    world.telegram.wait_for("the admins' menu", |view| {
        let menu = view.commands_for(ADA.id);
        menu.iter().any(|(name, _)| name == "addevent").then_some(())
    });
    world.ada.sends("/addevent Chess | 18:00 | 1 |");
    world.ada.waits_for_text("Created.");
    sees(&mut page, "event", "title", &json!("Chess"));
    world.admin.sends(&format!("/removeadmin {}", ADA.id));
    world.admin.waits_for_text("no longer an admin");
    assert_eq!(page.expect("welcome")["is_admin"], false);
    world.telegram.wait_for("the menu of everybody", |view| {
        let menu = view.commands_for(ADA.id);
        menu.iter().all(|(name, _)| name != "addevent").then_some(())
    });
    world.ada.sends("/deleteevent 1");
    world.ada.waits_for("another refusal", |message| {
        message.text == "You are not an admin" && message.id > 8
    });
    page.is_quiet();
}

#[test]
fn a_ban_closes_the_open_page_and_the_chat() {
    let world = World::new();
    let id = world.event("Chess");
    world.ada.sends(&format!("/start e_{id}"));
    let card = world.ada.waits_for_text("Chess");
    let (mut page, mut other) = (world.page(ADA), world.page(BOB));
    world.admin.sends(&format!("/ban {}", ADA.id));
    world.admin.waits_for_text("is banned now");
    assert_eq!(page.expect("disconnect")["reason"], "banned");
    let before = world.told(&world.ada).len();
    world.ada.sends("/events");
    let tap = world.ada.taps(&card, "Attend");
    assert_eq!(toast(&world.ada, &tap), "");
    world.bob.sends("/help");
    world.bob.waits_for_text("This is what I can do");
    assert_eq!(world.told(&world.ada).len(), before);
    other.is_quiet();
    world.admin.sends(&format!("/unban {}", ADA.id));
    world.admin.waits_for_text("no longer banned");
    world.ada.sends("/events");
    world.ada.waits_for_text("Coming up");
}

#[test]
fn lists_of_people_and_the_state_of_the_bot_are_told() {
    let world = World::new();
    let id = world.event("Chess");
    world.page(ADA).ask(json!({"type": "attend", "event": id}));
    world.admin.sends(&format!("/attendees {id}"));
    let list = world.admin.waits_for_text("Going");
    assert!(list.text.contains("Ada Löve"), "{list}");
    assert!(list.text.contains("has not opened a chat with me"), "{list}");
    world.admin.sends("/users");
    let users = world.admin.waits_for_text("I know 2 people");
    assert!(users.text.contains("admin by the settings"), "{users}");
    world.admin.sends("/status");
    let status = world.admin.waits_for_text("I am @RoostBot");
    assert!(status.text.contains("Events: 1"), "{status}");
}
