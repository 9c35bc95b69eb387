//! A backup put back in another place: pages, bot and command line go on there.

use serde_json::json;

use crate::ok;
use crate::support::{ADA, ADMIN, Home, Page};
use crate::world::World;

#[test]
fn people_find_everything_where_a_backup_is_restored() {
    let mut world = World::new();
    let event = world.event("Chess");
    world.ada.sends(&format!("/start e_{event}"));
    let card = world.ada.waits_for_text("Chess");
    let tap = world.ada.taps(&card, "Attend");
    assert!(world.ada.waits_for_toast(&tap).contains("You are going"));
    world.is_idle();
    ok(&world.home, &["backup", "b.redb"]);
    world.program.ask_to_stop();
    world.program.ended();
    let bob = &world.bob;
    let elsewhere = Home::new(&json!({"telegram-api-url": world.telegram.base_url()}));
    let from = world.home.folder().join("b.redb");
    let said = ok(&elsewhere, &["restore", from.to_str().unwrap()]);
    assert!(!said.contains("the database as it was"), "there was none: {said}");
    let program = elsewhere.serve();
    let seen = Page::of(program.address(), ADA).events[&event.to_string()].clone();
    assert_eq!((&seen["title"], &seen["state"]), (&json!("Chess"), &json!("going")));
    bob.sends(&format!("/start e_{event}"));
    let card = bob.waits_for_text("Chess");
    let tap = bob.taps(&card, "Attend");
    assert!(bob.waits_for_toast(&tap).contains("You are going"));
    // Numbers go on where they were.
    let next = Page::of(program.address(), ADMIN).create(crate::support::daily("Go"));
    assert_eq!(next, event + 1);
}
