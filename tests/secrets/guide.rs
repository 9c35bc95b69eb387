//! `/new` asks: how long, which passphrase, for whom, what; and nothing of the answers is kept.

use serde_json::json;

use crate::chat::{
    CLOSED, answered, is_ticket, label, message, next_ticket, open, read, waits_until_gone,
};
use crate::support::{ADA, BOB};
use crate::world::{World, toast};

/// Answers all questions of `/new`; what opens the secret.
fn guided(world: &World, ttl: &str, passphrase: Option<&str>, recipient: Option<&str>) -> String {
    let question = answered(world, &world.ada, "/new", "How long shall it wait");
    if ttl.ends_with(|c: char| c.is_ascii_lowercase()) && ttl.len() < 5 {
        world.ada.sends(ttl);
    } else {
        world.ada.taps(&question, ttl);
    }
    let question = world.ada.waits_for("the second question", |seen| {
        seen.id > question.id && seen.text.contains("Shall it have a passphrase")
    });
    match passphrase {
        None => drop(world.ada.taps(&question, "No passphrase")),
        Some(passphrase) => {
            let sent = world.ada.sends(passphrase);
            waits_until_gone(world, ADA.id, sent);
        }
    }
    let question = world.ada.waits_for("the third question", |seen| {
        seen.id > question.id && seen.text.contains("Who may read it?")
    });
    match recipient {
        None => drop(world.ada.taps(&question, "Anybody")),
        Some(recipient) => drop(world.ada.sends(recipient)),
    }
    let question = world.ada.waits_for("the last question", |seen| {
        seen.id > question.id && seen.text.contains("Now send me the text")
    });
    let sent = world.ada.sends("/etc/passwd: 4711\n ");
    let told =
        world.ada.waits_for("what opens it", |seen| seen.id > question.id && is_ticket(&seen.text));
    waits_until_gone(world, ADA.id, sent);
    told.text
}

#[test]
fn what_was_chosen_holds() {
    let world = World::new();
    let ticket = guided(&world, "3 days", None, None);
    let row = &open(&world)[0];
    let of = |member: &str| row[member].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert_eq!(of("expires").as_second() - of("created").as_second(), 3 * 86_400);
    read(&world.bob, &ticket, "/etc/passwd: 4711\n ".trim_end());
    let ticket = guided(&world, "90m", None, Some("6"));
    let row = &open(&world)[0];
    assert_eq!((&row["recipient"], &row["state"]), (&json!(6), &json!("open")));
    answered(&world, &world.ada, &ticket, CLOSED);
    answered(&world, &world.admin, &ticket, CLOSED);
    read(&world.bob, &ticket, "/etc/passwd: 4711");
}

#[test]
fn a_passphrase_is_asked_for_and_five_wrong_ones_burn_the_secret() {
    let world = World::new();
    let ticket = guided(&world, "1 hour", Some("open sesame"), None);
    assert_eq!(open(&world)[0]["passphrase"], true);
    let brought = world.bob.sends(&ticket);
    let question = world.bob.waits_for_text("This one has a passphrase");
    waits_until_gone(&world, BOB.id, brought);
    let typed = world.bob.sends("open sesame");
    world.bob.waits_for("the text", |seen| seen.text == "/etc/passwd: 4711");
    waits_until_gone(&world, BOB.id, typed);
    let tap = world.bob.taps(&question, "Stop");
    assert!(toast(&world.bob, &tap).contains("no longer open"));
    let ticket = guided(&world, "1 hour", Some("open sesame"), None);
    for number in 1..=5 {
        let reader = world.somebody(4_000 + number);
        reader.sends(&ticket);
        reader.waits_for_text("This one has a passphrase");
        answered(&world, &reader, "open sesam", CLOSED);
    }
    world.ada.waits_for_text("Your one-time message 2 is burnt after five wrong passphrases");
    answered(&world, &world.bob, &ticket, CLOSED);
    assert_eq!(open(&world).len(), 0);
}

#[test]
fn wrong_answers_are_asked_again_and_the_questions_can_be_stopped() {
    let world = World::new();
    let first = answered(&world, &world.ada, "/new", "How long shall it wait");
    for wrong in ["soon", "8d", "0m", "-1h"] {
        answered(&world, &world.ada, wrong, "the longest is 7 days");
    }
    let second = answered(&world, &world.ada, "2h", "Shall it have a passphrase");
    let tap = world.ada.taps(&first, "1 hour");
    toast(&world.ada, &tap);
    let long = "x".repeat(257);
    answered(&world, &world.ada, &long, "the limit in characters is 256");
    world.ada.taps(&second, "No passphrase");
    world.ada.waits_for_text("Who may read it?");
    for wrong in ["Bob", "0", "-5", "99999999999999999999"] {
        answered(&world, &world.ada, wrong, "I cannot tell who that is");
    }
    let sent_on = json!({"text": "hi", "forward_origin":
        {"type": "user", "date": 1, "sender_user": {"id": BOB.id, "is_bot": false, "first_name": "Bob"}}});
    world.telegram.inject(json!({"message": message(&world.ada, ADA.id, &sent_on)}));
    let last = world.ada.waits_for_text("Now send me the text");
    answered(&world, &world.ada, &"x".repeat(4_001), "the limit in characters is 4000");
    world.ada.taps(&last, "Stop");
    world.turns_into(&last, "Stopped. Nothing was kept.");
    let tap = world.ada.taps_with(&last, "s:stop:1");
    assert!(toast(&world.ada, &tap).contains("no longer open"));
    answered(&world, &world.admin, "/new", "How long shall it wait");
    answered(&world, &world.admin, "/cancel", "Stopped. Nothing was kept.");
    assert_eq!(open(&world).len(), 0);
}

#[test]
fn a_restart_forgets_passphrases_and_says_so() {
    let mut world = World::new();
    let first = answered(&world, &world.ada, "/new", "How long shall it wait");
    world.ada.taps(&first, "1 day");
    world.ada.waits_for_text("Shall it have a passphrase");
    answered(&world, &world.ada, "open sesame", "Who may read it?");
    let ticket = {
        let ticket =
            crate::chat::secret(&world, &["new", "--passphrase-file", "settings.json"], b"x");
        crate::chat::printed(&ticket).trim().to_owned()
    };
    answered(&world, &world.bob, &ticket, "This one has a passphrase");
    world.is_idle();
    world.program.kill();
    world.restart();
    answered(&world, &world.ada, "6", "I was restarted and have forgotten your passphrase");
    answered(&world, &world.bob, "secret?", "I was restarted and have forgotten what you wanted");
    answered(&world, &world.bob, &ticket, "This one has a passphrase");
    // Without a passphrase nothing is forgotten.
    let first = answered(&world, &world.ada, "/new", "How long shall it wait");
    world.ada.taps(&first, &label(&first, "7 days"));
    let second = world.ada.waits_for("a question", |seen| {
        seen.id > first.id && seen.text.contains("Shall it have a passphrase")
    });
    world.ada.taps(&second, "No passphrase");
    let third = world.ada.waits_for("a question", |seen| {
        seen.id > second.id && seen.text.contains("Who may read it?")
    });
    world.ada.taps(&third, "Anybody");
    world.ada.waits_for_text("Now send me the text");
    world.is_idle();
    world.program.kill();
    world.restart();
    world.ada.sends("after a restart");
    let ticket = next_ticket(&world, &world.ada, &[]);
    read(&world.bob, &ticket, "after a restart");
}
