//! What went wrong in the original bot, as far as it concerns the chat: each of it once, done right.
//! The numbers are those of the list of its defects.

use roost::demo::trueconf::{Fault, Harm, Meeting};
use serde_json::json;

use crate::world::{ADMIN, BRANCH, OPERATOR, World, has};

/// What the list of running conferences says under `change`.
fn said(settings: &serde_json::Value, change: impl FnOnce(&World)) -> String {
    let world = World::with(settings, |head| {
        head.begin(Meeting::new("weekly"));
    });
    let menu = world.menu(OPERATOR);
    change(&world);
    let screen = world.taps(OPERATOR, &menu, "Running", "Refresh");
    screen.text
}

#[test]
fn d1_every_failure_is_shown_by_its_own_name() {
    let none = json!({});
    let fails = |harm| move |world: &World| world.head.fault(Fault::new(harm).on("logs/calls"));
    for (text, expected) in [
        (said(&none, |world| world.head.go_down()), "the connection was refused"),
        (said(&none, fails(Harm::Status(500))), "server error 500"),
        (said(&none, fails(Harm::Status(404))), "not offered by this server"),
        (said(&none, fails(Harm::Html)), "the answer is not of the API’s form"),
        (said(&none, fails(Harm::Reset)), "the connection broke"),
        (said(&json!({"ip": "no-such-host.invalid"}), |_| ()), "its name cannot be resolved"),
        (
            said(&none, |world| {
                world.head.manners(|manners| {
                    manners.scopes.remove("logs.calls:read");
                });
            }),
            "the permission logs.calls:read is missing",
        ),
    ] {
        assert!(text.contains(&format!("The server could not be asked: {expected}")), "{text}");
    }
    let world = World::new();
    let plain = format!("https://{}", world.head.address());
    let text = said(&json!({"ip": plain.replace("https://", "")}), |_| ());
    assert!(text.contains("TLS: "), "{text}");
}

#[test]
fn d2_a_name_other_than_the_address_is_no_trouble_when_a_token_is_renewed() {
    let world = World::with(&json!({}), |head| {
        head.begin(Meeting::new("weekly"));
    });
    let list = world.running(OPERATOR);
    world.head.revoke();
    world.head.begin(Meeting::new("daily"));
    let menu = world.taps(OPERATOR, &list, "‹ Back", "People online");
    world.taps(OPERATOR, &menu, "People online", "Nobody is online");
    let menu = world.taps(OPERATOR, &menu, "Forgotten", "No conference looks forgotten");
    assert!(has(&menu, "Head office"), "{menu}");
}

#[test]
fn d3_d4_rejected_credentials_and_tokens_are_said_and_asked_for_once() {
    let text = said(&json!({}), |world| {
        world.head.manners(|manners| manners.accepts_credentials = false);
    });
    assert!(text.contains("the credentials are not accepted"), "{text}");
    let world = World::with(&json!({}), |head| head.manners(|m| m.accepts_tokens = false));
    let menu = world.menu(OPERATOR);
    let screen = world.taps(OPERATOR, &menu, "Running", "Refresh");
    assert!(has(&screen, "the credentials are not accepted"), "{screen}");
    assert!(world.asked("token") <= 4, "{:?}", world.head.counted());
}

#[test]
fn d5_switching_monitoring_off_ends_the_requests() {
    let world = World::with(&json!({"server_status": {"state": 1, "timeout": 1}}), |_| ());
    let menu = world.menu(OPERATOR);
    let status = world.taps(OPERATOR, &menu, "Status", "Turn monitoring off");
    world.taps(OPERATOR, &status, "Turn monitoring off", "Monitoring is off");
    world.is_idle();
    let checks = world.asked("vsstatus");
    // Whatever else goes on meanwhile.
    let mut page = world.page(OPERATOR);
    for _ in 0..3 {
        page.send(json!({"type": "look"}));
        page.is_quiet();
        world.servers(OPERATOR);
    }
    assert!(world.asked("vsstatus") <= checks + 1, "at most the one under way");
}

#[test]
fn d8_a_stop_renews_its_token_and_its_failure_is_shown() {
    let world = World::with(&json!({}), |head| {
        head.begin(Meeting::new("weekly").topic(Some("Weekly")));
        head.begin(Meeting::new("daily").topic(Some("Daily")));
    });
    let list = world.running(OPERATOR);
    let ask = world.taps(OPERATOR, &list, "Weekly", "Stop it");
    world.head.revoke();
    let done = world.taps(OPERATOR, &ask, "Stop it", "Weekly is stopped.");
    let list = world.taps(OPERATOR, &done, "‹ Back", "Daily");
    let ask = world.taps(OPERATOR, &list, "Daily", "Stop it");
    world.head.fault(Fault::new(Harm::Status(500)).on("/stop"));
    world.taps(OPERATOR, &ask, "Stop it", "Daily could not be stopped: server error 500");
}

#[test]
fn d10_a_server_is_checked_by_its_address_whatever_it_is_called() {
    let world = World::new();
    let list = world.servers(ADMIN);
    let menu = world.taps(ADMIN, &list, BRANCH, "Status");
    world.taps(ADMIN, &menu, "Status", "Just now it answered within");
    assert!(world.branch.requests().iter().any(|asked| asked.path.contains("vsstatus")));
}

#[test]
fn d14_the_same_screen_again_is_no_error() {
    let world = World::with(&json!({}), |head| {
        head.begin(Meeting::new("weekly").topic(None));
    });
    let list = world.running(OPERATOR);
    assert!(has(&list, "Untitled"), "{list}");
    for _ in 0..3 {
        let refresh = crate::world::find_button(&list, "Refresh");
        let tap = world.person(OPERATOR).taps_with(&list, &refresh);
        world.toast(OPERATOR, &tap);
    }
    world.is_idle();
    // The sender goes on: whatever follows is delivered.
    let menu = world.taps(OPERATOR, &list, "‹ Back", "People online");
    assert!(has(&menu, "Head office"));
    let output = world.program.output();
    assert!(!output.contains("not modified"), "{output}");
}
