//! `kill -9` while people write and tap: everything is done after the restart, at most twice told.

use roost::demo::telegram::Person;

use crate::support::BOB;
use crate::world::{World, toast};

/// People per kill.
const PEOPLE: i64 = 12;

#[test]
fn a_kill_in_the_middle_of_a_burst_loses_no_update() {
    let mut world = World::new();
    let id = world.event("Chess");
    for (round, after_calls) in [1, 4, 9, 20].into_iter().enumerate() {
        let first = 1000 * (i64::try_from(round).unwrap() + 1);
        let people: Vec<Person> =
            (first..first + PEOPLE).map(|number| world.somebody(number)).collect();
        let cards: Vec<_> = people
            .iter()
            .map(|person| {
                person.sends(&format!("/start e_{id}"));
                person.waits_for_text("Chess")
            })
            .collect();
        world.is_idle();
        let before = world.telegram.look(|view| view.requests().len());
        let taps: Vec<String> = people
            .iter()
            .zip(&cards)
            .map(|(person, card)| {
                person.sends("/start");
                person.taps(card, "Attend")
            })
            .collect();
        world.telegram.wait_for("some calls", |view| {
            (view.requests().len() >= before + after_calls).then_some(())
        });
        world.program.kill();
        world.restart();
        for ((person, card), tap) in people.iter().zip(&cards).zip(&taps) {
            person.waits_for_text("Hi!");
            assert!(toast(person, tap).contains("You are going"));
            world.turns_into(card, "You are going");
        }
        world.is_idle();
        for person in &people {
            let greetings = world.told(person).iter().filter(|m| m.text.contains("Hi!")).count();
            assert!((1..=2).contains(&greetings), "{greetings} greetings in round {round}");
        }
        let going = PEOPLE * (i64::try_from(round).unwrap() + 1);
        assert_eq!(world.page(BOB).events[&id.to_string()]["attendees"], going);
    }
}

#[test]
fn a_question_survives_a_kill() {
    let mut world = World::new();
    world.admin.sends("/addevent");
    world.admin.waits_for_text("Step 1 of 7");
    world.admin.sends("Chess");
    world.admin.waits_for_text("Step 2 of 7");
    world.program.kill();
    world.restart();
    world.admin.sends("18:00");
    world.admin.waits_for_text("Step 3 of 7");
}
