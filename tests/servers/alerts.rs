//! Alerts: who is told what of servers that go down and come back, whatever happens in between.

use roost::demo::telegram::{self, Seen};
use roost::demo::trueconf::{Fault, Harm};
use serde_json::json;

use crate::support;
use crate::world::{ADMIN, BRANCH, HEAD, OPERATOR, OTHER, STRANGER, VIEWER, World, plain};

/// Failed checks of the status page answered with this.
const BROKEN: u16 = 503;

/// The alerts somebody got so far, the oldest first.
fn alerts(world: &World, person: support::Person) -> Vec<String> {
    let messages = world.telegram.look(|view| view.bot_messages(person.id));
    let texts = messages.into_iter().map(|message| plain(&message.text));
    texts.filter(|text| text.starts_with(['🔴', '🟢', '🟠'])).collect()
}

/// Both servers are known to be up.
fn are_up(world: &World) {
    for name in [HEAD, BRANCH] {
        world.program.says(&format!("server `{name}` is up"), 1);
    }
}

/// So many more checks of the second server go by.
fn time_passes(world: &World, checks: usize) {
    world.branch.wait_for_checks(checks);
}

/// The seconds in `It was down for 12 s.` or `It was down for 1 min.`
fn length(text: &str) -> u64 {
    let rest = text.split("It was down for ").nth(1).expect("a length");
    let (number, unit) = rest.split_once(' ').expect("a unit");
    let number: u64 = number.parse().unwrap();
    if unit.starts_with("min") { 60 * number } else { number }
}

#[test]
fn who_looks_after_a_server_hears_once_that_it_is_down_and_once_that_it_is_up() {
    let world = World::watched(&json!({}), |_| ());
    are_up(&world);
    world.head.go_down();
    for person in [ADMIN, OPERATOR, VIEWER] {
        world.is_told(person, "Head office is down: the connection was refused");
    }
    world.is_told(OTHER, "Head office ist ausgefallen: die Verbindung wurde abgelehnt");
    time_passes(&world, 3);
    world.head.come_up().unwrap();
    for person in [ADMIN, OPERATOR, VIEWER] {
        let up = world.is_told(person, "Head office is up again. It was down for");
        assert!(up.buttons.is_empty());
    }
    world.is_told(OTHER, "Head office läuft wieder");
    time_passes(&world, 3);
    for (person, count) in [(ADMIN, 2), (OPERATOR, 2), (OTHER, 2), (VIEWER, 2), (STRANGER, 0)] {
        assert_eq!(alerts(&world, person).len(), count, "{}", person.name);
    }
    // The other server is nobody's but the admin's.
    world.branch.go_down();
    world.is_told(ADMIN, "<Branch> | Филиал is down");
    world.head.wait_for_checks(3);
    assert_eq!(alerts(&world, OPERATOR).len(), 2);
}

#[test]
fn a_server_that_flaps_is_no_news_until_it_stays_down() {
    let world = World::watched(&json!({}), |_| ());
    are_up(&world);
    for round in 1..=3 {
        world.head.fault(Fault::new(Harm::Status(BROKEN)).on("vsstatus").times(2));
        world.head.wait_for("two failures and a good check", |asked| {
            let checks: Vec<u16> = asked.iter().map(|asked| asked.status).collect();
            let failed = checks.iter().filter(|status| **status == BROKEN).count();
            (failed == 2 * round && checks.last() == Some(&200)).then_some(())
        });
    }
    assert_eq!(alerts(&world, OPERATOR), Vec::<String>::new());
    world.head.fault(Fault::new(Harm::Status(BROKEN)).on("vsstatus"));
    world.is_told(OPERATOR, "Head office is down: server error 503");
    // One good check is not enough to be up again.
    world.head.heal();
    world.head.wait_for("a good check", |asked| {
        (asked.last().map(|asked| asked.status) == Some(200)).then_some(())
    });
    world.head.fault(Fault::new(Harm::Status(BROKEN)).on("vsstatus"));
    world.head.wait_for_checks(3);
    world.head.heal();
    world.is_told(OPERATOR, "Head office is up again");
    let all = alerts(&world, OPERATOR);
    assert!((2..=4).contains(&all.len()), "no more than was confirmed: {all:?}");
}

#[test]
fn a_server_that_is_down_when_roost_starts_is_told() {
    let world = World::watched(&json!({}), roost::demo::trueconf::StandIn::go_down);
    let told = world.is_told(OPERATOR, "Head office is down");
    assert!(plain(&told.text).contains("It did not answer the first check at"), "{}", told.text);
    world.head.come_up().unwrap();
    world.is_told(OPERATOR, "Head office is up again");
}

#[test]
fn that_our_own_network_is_gone_is_said_of_no_server() {
    let world = World::watched(&json!({}), |_| ());
    are_up(&world);
    world.is_idle();
    world.telegram.fault(telegram::Fault::new(telegram::Harm::Reset));
    world.head.go_down();
    world.branch.go_down();
    world.program.says("our own network seems to be gone", 2);
    world.telegram.heal();
    world.head.come_up().unwrap();
    world.branch.come_up().unwrap();
    world.program.says("our own network is back", 2);
    time_passes(&world, 3);
    for person in [ADMIN, OPERATOR, OTHER, VIEWER] {
        assert_eq!(alerts(&world, person), Vec::<String>::new(), "{}", person.name);
    }
    // What happens afterwards is news again.
    world.head.go_down();
    world.is_told(OPERATOR, "Head office is down");
}

#[test]
fn a_server_that_stays_down_when_our_network_is_back_is_told_then() {
    let world = World::watched(&json!({}), |_| ());
    are_up(&world);
    world.is_idle();
    world.telegram.fault(telegram::Fault::new(telegram::Harm::Reset));
    world.head.go_down();
    world.branch.go_down();
    world.program.says("our own network seems to be gone", 2);
    world.telegram.heal();
    world.branch.come_up().unwrap();
    world.is_told(OPERATOR, "Head office is down");
    world.is_told(ADMIN, "Head office is down");
    assert_eq!(alerts(&world, ADMIN).len(), 1, "the other one is back");
}

#[test]
fn all_servers_down_while_telegram_answers_is_their_own() {
    let world = World::watched(&json!({}), |_| ());
    are_up(&world);
    world.head.go_down();
    world.branch.go_down();
    world.is_told(ADMIN, "Head office is down");
    world.is_told(ADMIN, "<Branch> | Филиал is down");
}

#[test]
fn a_kill_while_an_outage_is_open_costs_neither_alert_nor_recovery_nor_its_length() {
    let mut world = World::watched(&json!({}), |_| ());
    are_up(&world);
    world.head.go_down();
    world.is_told(OPERATOR, "Head office is down");
    let told = roost::clock::now();
    time_passes(&world, 5);
    world.is_idle();
    world.program.kill();
    let killed = roost::clock::now();
    world.restart();
    time_passes(&world, 5);
    assert_eq!(alerts(&world, OPERATOR).len(), 1, "it is told once");
    world.head.come_up().unwrap();
    let up = world.is_told(OPERATOR, "Head office is up again");
    let at_least = killed.duration_since(told).as_secs().unsigned_abs();
    assert!(at_least >= 3, "the outage lasted for some time before the kill");
    assert!(length(&plain(&up.text)) >= at_least, "{}: {at_least} s before the kill", up.text);
    time_passes(&world, 3);
    assert_eq!(alerts(&world, OPERATOR).len(), 2);
}

#[test]
fn off_means_that_nothing_is_asked_and_on_again_means_one_loop() {
    let world = World::watched(&json!({}), |_| ());
    are_up(&world);
    let menu = world.menu(OPERATOR);
    let status = world.taps(OPERATOR, &menu, "Status", "Turn monitoring off");
    let off =
        |message: &Seen| world.taps(OPERATOR, message, "Turn monitoring off", "Turn monitoring on");
    let on =
        |message: &Seen| world.taps(OPERATOR, message, "Turn monitoring on", "Turn monitoring off");
    let mut now = off(&status);
    let asked = world.asked("vsstatus");
    time_passes(&world, 4);
    assert_eq!(world.asked("vsstatus"), asked, "off is off");
    // What happens while it is off is nobody's news.
    world.head.go_down();
    time_passes(&world, 4);
    world.head.come_up().unwrap();
    for _ in 0..3 {
        let again = on(&now);
        now = off(&again);
    }
    on(&now);
    world.head.wait_for_checks(2);
    let (before, other) = (world.asked("vsstatus"), world.branch.counted()["/vsstatus"]);
    world.branch.wait_for_checks(8);
    let (after, other) =
        (world.asked("vsstatus") - before, world.branch.counted()["/vsstatus"] - other);
    assert!(after <= other + other / 2, "{after} checks while the other server had {other}");
    assert_eq!(alerts(&world, OPERATOR), Vec::<String>::new());
    let what: Vec<String> =
        world.audit().iter().map(|row| row["what"].as_str().unwrap().to_owned()).collect();
    assert_eq!(what.len(), 8, "each switch is in the log: {what:?}");
    assert_eq!((what[0].as_str(), what[1].as_str()), ("monitoring-on", "monitoring-off"));
}

#[test]
fn a_choice_of_monitoring_outlives_a_restart_and_the_settings() {
    let mut world = World::watched(&json!({}), |_| ());
    are_up(&world);
    let menu = world.menu(OPERATOR);
    let status = world.taps(OPERATOR, &menu, "Status", "Turn monitoring off");
    world.taps(OPERATOR, &status, "Turn monitoring off", "Turn monitoring on");
    world.program.ask_to_stop();
    assert!(world.program.ended().0.success());
    let asked = world.asked("vsstatus");
    world.restart();
    time_passes(&world, 4);
    assert_eq!(world.asked("vsstatus"), asked);
}

#[test]
fn only_who_may_can_press_the_buttons_under_an_alert() {
    let world = World::watched(&json!({}), |_| ());
    are_up(&world);
    world.head.go_down();
    let alert = world.is_told(OPERATOR, "Head office is down");
    let acknowledge = crate::world::find_button(&alert, "Acknowledge");
    let mute = crate::world::find_button(&alert, "Mute");
    let of = |person: support::Person| world.person(person);
    // Whoever has seen the data of a button can send it, from any message.
    for (person, data, answer) in [
        (STRANGER, &acknowledge, "only for people who look after the servers"),
        (STRANGER, &mute, "only for people who look after the servers"),
        (VIEWER, &acknowledge, "Only operators of this server may do that."),
    ] {
        let own = of(person).waits_for("a message", |message| message.by_bot);
        let tap = of(person).taps_with(&own, data);
        assert!(world.toast(person, &tap).contains(answer), "{}", person.name);
    }
    let tap = of(OPERATOR).taps_with(&alert, &acknowledge);
    assert!(world.toast(OPERATOR, &tap).starts_with("Noted"));
    world.is_told(ADMIN, "Olga Operator looks after the outage of Head office.");
    world.is_told(OTHER, "Olga Operator kümmert sich um den Ausfall von Head office.");
    let edited = world.becomes(&alert, "Olga Operator looks after it.");
    assert!(!crate::world::has(&edited, "Acknowledge"));
    let viewed = world.is_told(VIEWER, "Head office is down");
    let tap = of(VIEWER).taps_with(&viewed, &mute);
    assert!(world.toast(VIEWER, &tap).starts_with("You get no alerts of Head office until"));
    world.head.come_up().unwrap();
    world.is_told(OPERATOR, "Head office is up again");
    time_passes(&world, 2);
    assert_eq!(alerts(&world, VIEWER).len(), 1, "the viewer has silenced it");
    assert_eq!(world.audit()[0]["what"], "acknowledge");
}
