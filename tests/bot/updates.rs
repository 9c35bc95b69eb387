//! What Telegram delivers: odd, again, out of order; and each update counts once.

use roost::demo::telegram::{Person, StandIn};
use serde_json::{Value, json};

use crate::world::World;

/// Updates nobody can do anything with.
fn odd() -> Vec<Value> {
    let deep = (0..100).fold(json!(1), |inside, _| json!([inside]));
    vec![
        json!({"telepathy": {"from": {"id": 5}}}),
        json!({"message": "a text"}),
        json!({"message": {"message_id": "x", "chat": 5}}),
        json!({"message": {"message_id": 1, "date": 0, "chat": {"id": 5, "type": "nowhere"},
            "from": {"id": 5, "is_bot": false, "first_name": "Ada"}, "text": "/start"}}),
        json!({"callback_query": 7}),
        json!({"callback_query": {"id": "q", "data": "e:go:1:c"}}),
        json!({"inline_query": []}),
        json!({"my_chat_member": null}),
        json!({"edited_message": {"message_id": 1}}),
        json!({"poll": {"id": 1e300}}),
        json!({"deep": deep}),
        json!({}),
    ]
}

#[test]
fn odd_updates_in_the_middle_of_a_batch_keep_nobody_from_being_answered() {
    let others = 20;
    let world = World::with(&json!({}), |telegram: &StandIn| {
        let people: Vec<Person> =
            (100..100 + others).map(|id| telegram.person(id, "Some Body", "en")).collect();
        let mut odd = odd().into_iter();
        for person in &people {
            person.sends("/start");
            odd.next().map(|update| telegram.inject(update));
        }
    });
    for id in 100..100 + others {
        world.somebody(id).waits_for_text("Hi!");
    }
    // One person's broken update does not hold up that person either.
    world.ada.sends("/start");
    world.ada.waits_for_text("Hi!");
    assert_eq!(world.ready("telegram").1["ok"], true);
    assert!(!world.program.output().contains("panicked"));
}

#[test]
fn what_is_delivered_again_is_handled_once_and_lower_ids_are_new() {
    let world = World::new();
    world.ada.sends("/start");
    world.ada.waits_for_text("Hi!");
    for round in 1..4 {
        world.is_idle();
        world.telegram.deliver_again();
        let bob = world.somebody(100 + round);
        bob.sends("/start");
        bob.waits_for_text("Hi!");
        assert_eq!(world.told(&world.ada).len(), 1);
        assert_eq!(world.told(&bob).len(), 1);
    }
    world.is_idle();
    world.telegram.restart_ids_at(50);
    world.bob.sends("/start");
    world.bob.waits_for_text("Hi!");
    world.bob.sends("/help");
    world.bob.waits_for_text("This is what I can do");
    assert_eq!((world.told(&world.ada).len(), world.told(&world.bob).len()), (1, 2));
}

#[test]
fn what_was_written_while_the_server_was_down_is_answered_and_what_came_before_is_not_again() {
    let mut world = World::new();
    world.ada.sends("/start");
    world.ada.waits_for_text("Hi!");
    world.is_idle();
    world.program.ask_to_stop();
    let (status, _) = world.program.ended();
    assert!(status.success());
    world.bob.sends("/start");
    world.telegram.deliver_again();
    world.restart();
    world.bob.waits_for_text("Hi!");
    world.is_idle();
    assert_eq!((world.told(&world.ada).len(), world.told(&world.bob).len()), (1, 1));
}
