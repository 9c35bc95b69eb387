//! One-time messages in webhook mode: a post is `200` only when its answer has left.

mod updates_support;

use roost::demo::telegram::{Fault, Harm, StandIn};
use updates_support::World;

/// The person.
const ADA: i64 = 7;

/// What the bot has told her.
fn told(telegram: &StandIn) -> Vec<String> {
    telegram.look(|view| view.bot_messages(ADA).into_iter().map(|seen| seen.text).collect())
}

/// Waits until so many deliveries ended with `status`.
fn waits_for_deliveries(telegram: &StandIn, status: u16, count: usize) {
    telegram.wait_for(&format!("{count} deliveries with {status}"), |view| {
        let all = view.deliveries().iter().filter(|delivery| delivery.status == status);
        (all.count() >= count).then_some(())
    });
}

#[test]
fn a_post_is_answered_when_what_it_asked_for_has_been_told() {
    let world = World::new();
    let ada = world.telegram.person(ADA, "Ada", "en");
    let _program = world.hooked(&[]);
    world.waits_for_webhook();
    world.telegram.fault(Fault::flood(5).on("sendMessage").in_chat(ADA).times(1));
    ada.sends("new:canary");
    waits_for_deliveries(&world.telegram, 503, 1);
    assert_eq!(told(&world.telegram), Vec::<String>::new());
    waits_for_deliveries(&world.telegram, 200, 1);
    let [ticket] = &told(&world.telegram)[..] else { panic!("{:?}", told(&world.telegram)) };
    assert!(ticket.starts_with("1:"), "{ticket}");
}

#[test]
fn what_was_not_answered_before_a_kill_is_posted_again_and_makes_one_secret() {
    let world = World::new();
    let ada = world.telegram.person(ADA, "Ada", "en");
    let program = world.hooked(&[]);
    world.waits_for_webhook();
    world.telegram.fault(Fault::new(Harm::Stall).on("sendMessage").in_chat(ADA));
    ada.sends("new:canary");
    world.telegram.wait_for("a call", |view| view.calls("sendMessage").first().map(|_| ()));
    program.dies();
    world.telegram.heal();
    let _program = world.hooked(&[]);
    let seen = ada.waits_for("what opens it", |seen| seen.by_bot);
    assert!(seen.text.starts_with("2:"), "a fresh one: {seen}");
    waits_for_deliveries(&world.telegram, 200, 1);
    let bob = world.telegram.person(8, "Bob", "en");
    bob.sends(&seen.text);
    bob.waits_for("the text", |seen| seen.text == "canary");
    ada.waits_for_text("Your one-time message 2 was opened");
    assert_eq!(told(&world.telegram).len(), 2);
}
