//! A stop is quick and clean, whatever Telegram is doing.

use roost::demo::telegram::{Fault, Harm, StandIn};
use serde_json::json;

use crate::support::ADA;
use crate::support::pictures::png;
use crate::world::World;

/// Stops the server; it must end by itself and well.
#[track_caller]
fn stops(mut world: World) {
    let _page = world.page(ADA);
    world.program.ask_to_stop();
    let (status, output) = world.program.ended();
    assert!(status.success(), "{output}");
    assert!(!output.contains("did not stop in time"), "{output}");
}

#[test]
fn during_a_long_poll() {
    let world = World::new();
    world.is_idle();
    stops(world);
}

#[test]
fn while_waiting_to_try_again() {
    let world = World::new();
    world.is_idle();
    world.telegram.fault(Fault::flood(3600).on("getUpdates"));
    world.ada.sends("/start");
    world.waits_for_calls("getUpdates", 429, 1);
    stops(world);
}

#[test]
fn while_the_first_call_is_never_answered() {
    let stall = |telegram: &StandIn| telegram.fault(Fault::new(Harm::Stall));
    let world = World::with(&json!({}), stall);
    world.waits_for_calls("getMe", 0, 1);
    stops(world);
}

#[test]
fn while_a_message_and_a_file_are_never_answered() {
    let world = World::new();
    for (says, asks) in
        [("/addevent Chess", "Step 2"), ("18:00", "Step 3"), ("1", "Step 4"), ("x", "Step 5")]
    {
        world.admin.sends(says);
        world.admin.waits_for_text(asks);
    }
    world.telegram.fault(Fault::new(Harm::Stall).on("getFile"));
    world.telegram.fault(Fault::new(Harm::Stall).on("sendMessage"));
    world.admin.sends_photo(&png(1280, 720), "").unwrap();
    world.ada.sends("/start");
    world.waits_for_calls("getFile", 0, 1);
    world.waits_for_calls("sendMessage", 0, 1);
    stops(world);
}

#[test]
fn while_nobody_answers_at_all() {
    let world = World::with(&json!({"telegram-api-url": "http://127.0.0.1:1"}), |_| ());
    stops(world);
}
