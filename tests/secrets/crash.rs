//! `kill -9` between claim, commit and send: at most one text, no secret nobody can open, and the
//! people concerned are told.

use roost::demo::telegram::{Fault, Harm, Person};

use crate::chat::{CLOSED, answered, confide, next_ticket, open, read, tickets, times_sent};
use crate::support::{ADA, BOB};
use crate::world::World;

/// Waits until `count` calls of sendMessage have come in, answered or not.
fn waits_for_calls(world: &World, count: usize) {
    world
        .telegram
        .wait_for("calls", |view| (view.calls("sendMessage").len() >= count).then_some(()));
}

fn calls(world: &World) -> usize {
    world.telegram.look(|view| view.calls("sendMessage").len())
}

#[test]
fn a_kill_before_the_answer_leaves_one_secret_which_somebody_can_open() {
    let mut world = World::new();
    for round in 1..=3 {
        let before = tickets(&world, &world.ada);
        let seen = calls(&world);
        world.telegram.fault(Fault::new(Harm::Stall).on("sendMessage").in_chat(ADA.id));
        let text = format!("canary {round}");
        world.ada.sends(&format!("new:{text}"));
        waits_for_calls(&world, seen + 1);
        assert_eq!(open(&world).len(), 1, "it is kept, and nobody was told what opens it");
        world.program.kill();
        world.telegram.heal();
        world.restart();
        let ticket = next_ticket(&world, &world.ada, &before);
        world.is_idle();
        assert_eq!(open(&world).len(), 1, "the orphan is burnt");
        assert_eq!(tickets(&world, &world.ada).len(), before.len() + 1);
        read(&world.bob, &ticket, &text);
        world.telegram.wait_for("a receipt", |view| {
            let all = view.bot_messages(ADA.id);
            (all.iter().filter(|seen| seen.text.contains("was opened")).count() == round)
                .then_some(())
        });
    }
}

#[test]
fn a_kill_between_claim_and_send_shows_nothing_and_tells_both() {
    let mut world = World::new();
    let ticket = confide(&world, &world.ada, "canary");
    let seen = calls(&world);
    world.telegram.fault(Fault::new(Harm::Stall).on("sendMessage").in_chat(BOB.id));
    world.bob.sends(&ticket);
    waits_for_calls(&world, seen + 1);
    assert_eq!(open(&world).len(), 0, "it is claimed");
    world.program.kill();
    world.telegram.heal();
    world.restart();
    world.ada.waits_for_text("Your one-time message 1 was claimed, and perhaps not delivered");
    world.bob.waits_for_text("I was interrupted while I was giving you a one-time message");
    world.is_idle();
    assert_eq!(world.told(&world.bob).len(), 1, "the message that came again says nothing");
    answered(&world, &world.bob, &ticket, CLOSED);
    assert_eq!(times_sent(&world.telegram, "canary"), 1, "the call that was never answered");
}

#[test]
fn a_stop_in_order_tells_both_as_well() {
    let mut world = World::new();
    let ticket = confide(&world, &world.ada, "canary");
    let seen = calls(&world);
    world.telegram.fault(Fault::flood(600).on("sendMessage").in_chat(BOB.id).times(1));
    world.bob.sends(&ticket);
    waits_for_calls(&world, seen + 1);
    world.program.ask_to_stop();
    let (status, output) = world.program.ended();
    assert!(status.success(), "{output}");
    world.restart();
    world.ada.waits_for_text("Your one-time message 1 was claimed, and perhaps not delivered");
    world.bob.waits_for_text("I was interrupted");
    assert_eq!(times_sent(&world.telegram, "canary"), 1);
}

/// Everybody writes and reads while the program is killed again and again.
#[test]
fn whenever_it_is_killed_no_text_is_shown_twice_and_no_sender_left_without_a_word() {
    let mut world = World::new();
    for (round, after) in [0, 1, 2, 3, 5, 8, 11, 14].into_iter().enumerate() {
        let first = 10_000 + 100 * i64::try_from(round).unwrap();
        let pairs: Vec<(Person, Person, String, String)> = (0..5)
            .map(|n| {
                let (sender, reader) = (world.somebody(first + n), world.somebody(first + 50 + n));
                reader.sends("/start");
                reader.waits_for_text("Hi!");
                let text = format!("text-{round}-{n}");
                let ticket = confide(&world, &sender, &text);
                (sender, reader, text, ticket)
            })
            .collect();
        world.is_idle();
        let seen = calls(&world);
        for (sender, reader, _, ticket) in &pairs {
            reader.sends(ticket);
            sender.sends("new:another");
        }
        waits_for_calls(&world, seen + after);
        world.program.kill();
        world.restart();
        for (sender, reader, text, ticket) in &pairs {
            let told = |seen: &roost::demo::telegram::Seen| {
                seen.text.contains("was opened") || seen.text.contains("was claimed")
            };
            sender.waits_for("what became of it", told);
            assert!(times_sent(&world.telegram, text) <= 1, "{text} was sent twice");
            answered(&world, reader, ticket, CLOSED);
            next_ticket(&world, sender, std::slice::from_ref(ticket));
        }
        world.is_idle();
        for (sender, reader, text, ticket) in &pairs {
            let fates =
                world.told(sender).iter().filter(|s| s.text.contains("was claimed")).count();
            let shown = world.told(reader).iter().filter(|seen| seen.text == *text).count();
            assert!(shown + fates >= 1 && fates <= 1, "{text}: {shown} shown, {fates} told");
            // A kill between the answer and its receipt gives one that works and one that is burnt.
            let made = tickets(&world, sender).len();
            assert!((2..=3).contains(&made), "{made} for {ticket}");
        }
        // Each sender has one that is open, and none is an orphan.
        assert_eq!(open(&world).len(), 5 * (round + 1));
    }
    assert_eq!(world.told(&world.bob).len(), 0, "chat of {}", BOB.id);
}
