//! What Telegram takes, refuses, delays or leaves open; and what it delivers twice.

use roost::demo::telegram::{Denial, Fault, Harm};

use crate::chat::{CLOSED, answered, confide, next_ticket, open, read, tickets, times_sent};
use crate::support::{ADA, BOB};
use crate::world::World;

/// The reveal meets `fault` once: what the sender is told, and that the text is sent once.
fn meets(fault: Fault, told: &str, carried_out: bool) {
    let world = World::new();
    let ticket = confide(&world, &world.ada, "canary");
    world.bob.sends("/start");
    world.bob.waits_for_text("Hi!");
    world.telegram.fault(fault.on("sendMessage").in_chat(BOB.id).times(1));
    world.bob.sends(&ticket);
    world.ada.waits_for_text(told);
    answered(&world, &world.bob, &ticket, CLOSED);
    assert_eq!(times_sent(&world.telegram, "canary"), 1, "never twice");
    let shown = world.told(&world.bob).iter().filter(|seen| seen.text == "canary").count();
    assert_eq!(shown, usize::from(carried_out));
    assert_eq!(open(&world).len(), 0);
}

#[test]
fn a_reveal_that_telegram_refuses_is_gone_and_the_sender_told() {
    let refused = Harm::Denied(Denial::bad("message text is odd"));
    meets(Fault::new(refused), "was claimed, but not delivered", false);
    let blocked = Harm::Denied(Denial::new(403, "Forbidden: bot was blocked by the user"));
    meets(Fault::new(blocked), "was claimed, but not delivered", false);
}

#[test]
fn a_reveal_nobody_knows_the_end_of_is_never_repeated() {
    for (harm, carried_out) in [
        (Harm::LostAnswer, true),
        (Harm::Reset, false),
        (Harm::BrokenJson, false),
        (Harm::Html, false),
        (Harm::Denied(Denial::new(500, "Internal Server Error")), false),
    ] {
        meets(Fault::new(harm), "was claimed, and perhaps not delivered", carried_out);
    }
}

#[test]
fn a_reveal_that_came_too_fast_is_sent_again() {
    let world = World::new();
    let ticket = confide(&world, &world.ada, "canary");
    world.telegram.fault(Fault::flood(1).on("sendMessage").in_chat(BOB.id).times(2));
    read(&world.bob, &ticket, "canary");
    world.ada.waits_for_text("was opened");
    assert_eq!(times_sent(&world.telegram, "canary"), 3);
    let shown = world.told(&world.bob).iter().filter(|seen| seen.text == "canary").count();
    assert_eq!(shown, 1);
}

#[test]
fn what_is_delivered_again_makes_nothing_and_says_nothing() {
    let world = World::new();
    let ticket = confide(&world, &world.ada, "canary");
    for _ in 0..3 {
        world.is_idle();
        world.telegram.deliver_again();
    }
    world.is_idle();
    assert_eq!((tickets(&world, &world.ada).len(), open(&world).len()), (1, 1));
    read(&world.bob, &ticket, "canary");
    world.ada.waits_for_text("was opened");
    for _ in 0..3 {
        world.is_idle();
        world.telegram.deliver_again();
    }
    world.is_idle();
    assert_eq!(world.told(&world.bob).len(), 1, "no second text, and no `not found`");
    assert_eq!(times_sent(&world.telegram, "canary"), 1);
}

#[test]
fn an_answer_that_cannot_be_told_burns_its_secret() {
    let world = World::new();
    let refused = Harm::Denied(Denial::bad("message text is odd"));
    world.telegram.fault(Fault::new(refused).on("sendMessage").in_chat(ADA.id).times(1));
    world.ada.sends("new:canary");
    world.ada.waits_for_text("I was interrupted before I could answer you");
    assert_eq!((tickets(&world, &world.ada).len(), open(&world).len()), (0, 0));
}

#[test]
fn an_update_is_not_confirmed_before_its_answer_left_and_others_are_not_held_up() {
    let world = World::new();
    world.is_idle();
    world.telegram.fault(Fault::flood(3).on("sendMessage").in_chat(ADA.id).times(1));
    world.ada.sends("new:canary");
    world.telegram.wait_for("a refused answer", |view| {
        view.calls("sendMessage").iter().any(|call| call.status == 429).then_some(())
    });
    world.bob.sends("/start");
    world.bob.waits_for_text("Hi!");
    let waiting =
        world.telegram.look(|view| (view.updates_waiting(), view.bot_messages(ADA.id).len()));
    assert!(
        waiting == (1, 0) || waiting == (2, 0),
        "{waiting:?}: with Telegram until it is answered"
    );
    let ticket = next_ticket(&world, &world.ada, &[]);
    world.is_idle();
    assert_eq!((tickets(&world, &world.ada).len(), open(&world).len()), (1, 1));
    read(&world.bob, &ticket, "canary");
}
