//! Menus: what people with every right are offered, how screens follow each other, and back.

use roost::demo::trueconf::Meeting;
use serde_json::json;

use crate::support::Person;
use crate::world::{ADMIN, BRANCH, HEAD, OPERATOR, STRANGER, VIEWER, World, find_button, has};

fn with_a_meeting() -> World {
    World::with(&json!({}), |head| {
        head.people(1, 3);
        head.people(2, 2);
        head.people(5, 1);
        head.people(0, 50);
        head.begin(Meeting::new("100").topic(Some("Weekly")));
    })
}

#[test]
fn everybody_sees_the_servers_they_look_after_and_no_other() {
    let world = with_a_meeting();
    for (person, branch) in [(ADMIN, true), (OPERATOR, false), (VIEWER, false)] {
        let list = world.servers(person);
        assert!(has(&list, "TrueConf servers") && has(&list, HEAD), "{list}");
        assert_eq!(has(&list, BRANCH), branch, "{list}");
        assert!(has(&list, "not watched"), "{list}");
    }
    // And right after `/start`, for those who may.
    let operator = world.person(OPERATOR);
    operator.sends("/start");
    world.is_told(OPERATOR, "Hi!");
    let lists = world.telegram.wait_for("a second list", |view| {
        let all = view.bot_messages(OPERATOR.id);
        let lists = all.iter().filter(|message| message.text.contains("TrueConf servers"));
        (lists.count() == 2).then_some(all)
    });
    let greeting = lists.iter().find(|message| message.text.contains("Hi!")).unwrap();
    let opens: Vec<_> =
        greeting.buttons.iter().flatten().filter_map(|b| b.web_app.clone()).collect();
    let both = ["mini_event", "conferences"].map(|app| format!("https://bot.example.org/{app}/"));
    assert_eq!(opens, both);
}

#[test]
fn the_menu_of_commands_has_servers_only_for_those_who_look_after_one() {
    let world = with_a_meeting();
    for person in [ADMIN, OPERATOR, VIEWER, STRANGER] {
        world.person(person).sends("/start");
        world.is_told(person, "Hi!");
    }
    world.is_idle();
    for (person, expected) in [(ADMIN, true), (OPERATOR, true), (VIEWER, true), (STRANGER, false)] {
        world.telegram.wait_for("the menu", |view| {
            let menu = view.commands_for(person.id);
            (menu.iter().any(|(name, _)| name == "servers") == expected).then_some(())
        });
    }
    world.person(STRANGER).sends("/help");
    let help = world.is_told(STRANGER, "This is what I can do");
    assert!(!help.text.contains("/servers"), "{help}");
    let greeted = world.telegram.look(|view| view.bot_messages(STRANGER.id));
    let buttons: Vec<_> = greeted[0].buttons.iter().flatten().collect();
    assert_eq!(buttons.len(), 1, "{}", greeted[0]);
}

#[test]
fn every_screen_leads_on_and_back() {
    let world = with_a_meeting();
    let menu = world.menu(OPERATOR);
    assert_eq!(menu.buttons.iter().flatten().count(), 5, "{menu}");
    let status = world.taps(OPERATOR, &menu, "Status", "Just now it answered within");
    assert!(has(&status, "Monitoring is off"), "{status}");
    let menu = world.taps(OPERATOR, &status, "‹ Back", "People online");
    let online = world.taps(OPERATOR, &menu, "People online", "6 people are online");
    for line in ["available: 3", "busy: 2", "in a conference: 1"] {
        assert!(has(&online, line), "{online}");
    }
    let menu = world.taps(OPERATOR, &online, "‹ Back", "Running conferences");
    let running = world.taps(OPERATOR, &menu, "Running conferences", "1 conference is running");
    for part in ["Weekly", "owner anna@", "2 people"] {
        assert!(has(&running, part), "{part}: {running}");
    }
    let menu = world.taps(OPERATOR, &running, "‹ Back", "People online");
    let forgotten = world.taps(OPERATOR, &menu, "Forgotten conferences", "No conference looks");
    assert!(has(&forgotten, "Rule: running for 1 h 0 min or longer"), "{forgotten}");
    assert!(
        has(&forgotten, "nobody in it moderates, or a moderator is alone in it"),
        "{forgotten}"
    );
    let menu = world.taps(OPERATOR, &forgotten, "‹ Back", "People online");
    world.taps(OPERATOR, &menu, "‹ Back", "TrueConf servers");
    // All of it in one message.
    assert_eq!(world.telegram.look(|view| view.bot_messages(OPERATOR.id)).len(), 1);
    let running = world.running(OPERATOR);
    world.head.end("100");
    world.taps(OPERATOR, &running, "Refresh", "No conference is running");
}

#[test]
fn a_tap_is_answered_before_the_server_is() {
    use roost::demo::trueconf::{Fault, Harm};
    let world = with_a_meeting();
    let menu = world.menu(OPERATOR);
    world.head.fault(Fault::new(Harm::Stall).on("logs/calls"));
    let tap = world.person(OPERATOR).taps_with(&menu, &find_button(&menu, "Running"));
    assert_eq!(world.toast(OPERATOR, &tap), "Asking Head office…");
    // Others are not held up.
    let menu = world.menu(VIEWER);
    world.taps(VIEWER, &menu, "People online", "6 people are online");
}

#[test]
fn who_may_only_look_sees_neither_stop_nor_switch() {
    let world = with_a_meeting();
    let menu = world.menu(VIEWER);
    let status = world.taps(VIEWER, &menu, "Status", "Just now it answered");
    assert!(!has(&status, "Turn monitoring"), "{status}");
    let menu = world.taps(VIEWER, &status, "‹ Back", "Running");
    let running = world.taps(VIEWER, &menu, "Running", "Weekly");
    assert!(!has(&running, "Stop") && !has(&running, "manage"), "{running}");
    let running = world.running(OPERATOR);
    assert!(has(&running, "1. Stop Weekly"), "{running}");
}

#[test]
fn monitoring_is_switched_off_and_on_and_stays_so() {
    let mut world = World::with(&json!({"server_status": {"state": 1, "timeout": 1}}), |_| ());
    let menu = world.menu(OPERATOR);
    let status = world.taps(OPERATOR, &menu, "Status", "Turn monitoring off");
    let off = world.taps(OPERATOR, &status, "Turn monitoring off", "Monitoring is off");
    assert!(has(&off, "Turn monitoring on") && has(&off, "not watched"), "{off}");
    // Wished twice, done once.
    let tap = world.person(OPERATOR).taps_with(&off, &find_button(&status, "Turn monitoring off"));
    assert_eq!(world.toast(OPERATOR, &tap), "Monitoring is off.");
    world.program.kill();
    world.restart();
    let list = world.servers(OPERATOR);
    assert!(has(&list, "Head office: not watched"), "{list}");
    let off = world.menu(OPERATOR);
    let off = world.taps(OPERATOR, &off, "Status", "Turn monitoring on");
    world.taps(OPERATOR, &off, "Turn monitoring on", "Monitoring is on");
}

#[test]
fn four_languages_are_spoken() {
    let world = World::with(&json!({"viewers": [10, 11, 12, 13]}), |head| {
        head.begin(Meeting::new("100").topic(Some("Weekly")));
    });
    for (id, language, heading, running, one) in [
        (10, "en", "TrueConf servers", "Running conferences", "1 conference is running"),
        (11, "ru", "Серверы TrueConf", "Идущие конференции", "Идёт 1 конференция"),
        (12, "de", "TrueConf-Server", "Laufende Konferenzen", "1 Konferenz läuft"),
        (13, "es", "Servidores TrueConf", "Conferencias en curso", "1 conferencia en curso"),
    ] {
        let person = Person { id, name: "Some Body", language };
        let list = world.servers(person);
        assert!(has(&list, heading), "{list}");
        let menu = world.taps(person, &list, HEAD, running);
        world.taps(person, &menu, running, one);
    }
}
