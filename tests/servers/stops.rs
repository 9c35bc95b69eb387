//! Stopping a conference: one question, one person, one run, one winner, and everybody told.

use roost::demo::telegram::Seen;
use roost::demo::trueconf::{Fault, Harm, Meeting};
use serde_json::{Value, json};

use crate::world::{ADMIN, BRANCH, OPERATOR, OTHER, VIEWER, World, find_button, has};

fn with_weekly() -> World {
    let world = World::with(&json!({}), |head| {
        head.begin(Meeting::new("weekly").topic(Some("Weekly <b>")).roles(&[2, 1, 1]));
        head.begin(Meeting::new("daily").topic(Some("Daily")));
    });
    // The bot may write to who has written to it.
    for person in [ADMIN, OPERATOR, OTHER, VIEWER] {
        world.servers(person);
    }
    world
}

/// The question of somebody about the conference.
fn question(world: &World, person: crate::support::Person) -> Seen {
    let list = world.running(person);
    let button =
        list.buttons.iter().flatten().find(|button| button.text.contains("Weekly")).unwrap();
    world.person(person).taps_with(&list, button.callback.as_ref().unwrap());
    world.telegram.wait_for("the question", |view| {
        let all = view.chat(person.id);
        all.into_iter().find(|message| message.id == list.id && message.buttons.len() == 2)
    })
}

fn yes(ask: &Seen) -> String {
    ask.buttons[0][0].callback.clone().unwrap()
}

/// Entries of the audit log about stops: who and what came of it.
fn stops(world: &World) -> Vec<(Value, Value)> {
    let rows = world.audit();
    let stops = rows.iter().filter(|row| row["what"] == "stop");
    stops.map(|row| (row["name"].clone(), row["result"].clone())).collect()
}

#[test]
fn a_conference_is_stopped_and_everybody_hears_of_it() {
    let world = with_weekly();
    let ask = question(&world, OPERATOR);
    assert!(has(&ask, "Stop Weekly <b> on Head office?"), "{ask}");
    assert!(has(&ask, "3 people are in it."), "{ask}");
    let done = world.taps(OPERATOR, &ask, "Stop it", "Weekly <b> is stopped.");
    assert_eq!(world.head.running(), ["daily"]);
    let told =
        world.is_told(OTHER, "Olga Operator hat Weekly <b> auf Head office beendet. (3 Personen)");
    assert!(told.buttons.is_empty());
    world.is_told(ADMIN, "Olga Operator stopped Weekly <b> on Head office. (3 people)");
    let list = world.taps(OPERATOR, &done, "‹ Back", "1 conference is running");
    assert!(has(&list, "Daily") && !has(&list, "Weekly"), "{list}");
    world.is_idle();
    for person in [OPERATOR, VIEWER] {
        let told = world.telegram.look(|view| view.bot_messages(person.id));
        assert!(told.iter().all(|message| !message.text.contains("stopped")), "{told:?}");
    }
    assert_eq!(stops(&world), [(json!("Olga Operator"), json!("stopped"))]);
}

#[test]
fn the_first_of_two_operators_wins_and_the_other_is_told_who_it_was() {
    let world = with_weekly();
    let (one, two) = (question(&world, OPERATOR), question(&world, OTHER));
    world.taps(OPERATOR, &one, "Stop it", "is stopped");
    let tap = world.person(OTHER).taps_with(&two, &yes(&two));
    assert_eq!(world.toast(OTHER, &tap), "Olga Operator hat diese Konferenz schon beendet.");
    world.becomes(&two, "Olga Operator hat diese Konferenz schon beendet.");
    assert_eq!(world.asked("/stop"), 1);
    assert_eq!(stops(&world).len(), 1);
    // While the first is still waiting for the server, too.
    world.head.begin(Meeting::new("weekly").topic(Some("Weekly again")));
    let (one, two) = (question(&world, OPERATOR), question(&world, OTHER));
    world.head.fault(Fault::new(Harm::Stall).on("/stop").times(1));
    let first = world.person(OPERATOR).taps_with(&one, &yes(&one));
    assert_eq!(world.toast(OPERATOR, &first), "Stopping Weekly again…");
    let again = world.person(OPERATOR).taps_with(&one, &yes(&one));
    assert_eq!(world.toast(OPERATOR, &again), "Olga Operator is just stopping this conference.");
    let tap = world.person(OTHER).taps_with(&two, &yes(&two));
    assert_eq!(world.toast(OTHER, &tap), "Olga Operator beendet diese Konferenz gerade.");
}

#[test]
fn a_run_that_took_the_place_of_another_is_left_alone() {
    let world = with_weekly();
    let ask = question(&world, OPERATOR);
    world.head.replace("weekly");
    let said = world.taps(OPERATOR, &ask, "Stop it", "The new run was left alone");
    assert!(world.head.running().contains(&"weekly".to_owned()));
    assert_eq!(world.asked("/stop"), 0);
    assert_eq!(stops(&world), [(json!("Olga Operator"), json!("replaced"))]);
    world.taps(OPERATOR, &said, "‹ Back", "2 conferences are running");
    // And one that has ended is not stopped at all.
    let ask = question(&world, OPERATOR);
    world.head.end("weekly");
    world.taps(OPERATOR, &ask, "Stop it", "had already ended by itself");
    assert_eq!(world.asked("/stop"), 0);
}

#[test]
fn a_question_is_for_one_person() {
    let world = with_weekly();
    let ask = question(&world, OPERATOR);
    let theirs = world.servers(OTHER);
    let tap = world.person(OTHER).taps_with(&theirs, &yes(&ask));
    assert_eq!(world.toast(OTHER, &tap), "Diese Frage war für jemand anderen.");
    let tap = world.person(VIEWER).taps_with(&world.servers(VIEWER), &yes(&ask));
    assert_eq!(world.toast(VIEWER, &tap), "Only operators of this server may do that.");
    assert_eq!(world.asked("/stop"), 0);
    world.taps(OPERATOR, &ask, "Stop it", "is stopped");
}

#[test]
fn a_failure_is_named_and_the_conference_may_be_stopped_once_more() {
    let world = with_weekly();
    world.head.manners(|manners| {
        manners.scopes.remove("conferences");
    });
    let ask = question(&world, OPERATOR);
    let said = world.taps(OPERATOR, &ask, "Stop it", "could not be stopped");
    assert!(has(&said, "the permission conferences is missing"), "{said}");
    assert_eq!(stops(&world), [(json!("Olga Operator"), json!("permission-conferences"))]);
    world.head.manners(|manners| {
        manners.scopes.insert("conferences".to_owned());
    });
    world.head.fault(Fault::new(Harm::Status(503)).on("/stop").times(1));
    let ask = question(&world, OTHER);
    world.person(OTHER).taps_with(&ask, &yes(&ask));
    world.becomes(&ask, "Serverfehler 503");
    // A connection that breaks leaves doubt, and says so.
    world.head.fault(Fault::new(Harm::Reset).on("/stop").times(1));
    let ask = question(&world, OPERATOR);
    let said = world.taps(OPERATOR, &ask, "Stop it", "It is not certain");
    assert!(has(&said, "the connection broke"), "{said}");
}

#[test]
fn back_leads_to_the_list_one_came_from() {
    let hours = std::time::Duration::from_secs(5 * 3_600);
    let world = World::with(&json!({}), |head| {
        head.begin(Meeting::new("old").topic(Some("Old one")).ago(hours).roles(&[2]));
        head.begin(Meeting::new("new").topic(Some("New one")));
    });
    let menu = world.menu(OPERATOR);
    let forgotten = world.taps(OPERATOR, &menu, "Forgotten", "1 conference looks forgotten");
    let ask = world.taps(OPERATOR, &forgotten, "1. Stop Old one", "Keep it running");
    assert!(has(&ask, "1 person is in it."), "{ask}");
    let back = world.taps(OPERATOR, &ask, "Keep it running", "looks forgotten");
    let ask = world.taps(OPERATOR, &back, "1. Stop Old one", "Keep it running");
    let done = world.taps(OPERATOR, &ask, "Stop it", "Old one is stopped.");
    world.taps(OPERATOR, &done, "‹ Back", "No conference looks forgotten");
}

#[test]
fn a_question_survives_a_restart_and_a_menu_of_before_is_asked_anew() {
    let mut world = with_weekly();
    let list = world.running(OPERATOR);
    let ask = question(&world, OTHER);
    world.program.kill();
    world.restart();
    world.person(OTHER).taps_with(&ask, &yes(&ask));
    world.becomes(&ask, "ist beendet");
    let gone = find_button(&list, "Weekly");
    let tap = world.person(OPERATOR).taps_with(&list, &gone);
    assert_eq!(world.toast(OPERATOR, &tap), "Asking Head office…");
    let said = world.becomes(&list, "This conference is no longer running.");
    world.taps(OPERATOR, &said, "‹ Back", "1 conference is running");
}

#[test]
fn people_are_counted_for_the_question_where_the_list_does_not_say_how_many() {
    let world = World::new();
    world.branch.begin(Meeting::new("stage").topic(Some("Stage")).roles(&[2, 1, 1, 1]));
    let list = world.servers(ADMIN);
    let menu = world.taps(ADMIN, &list, BRANCH, "c:ls:");
    let running = world.taps(ADMIN, &menu, "Running", "number of people not known");
    let ask = world.taps(ADMIN, &running, "Stage", "Stop it");
    assert!(has(&ask, "4 people are in it."), "{ask}");
    world.taps(ADMIN, &ask, "Stop it", "Stage is stopped.");
    // On the page the question comes with the next frame, for who asked alone.
    world.branch.begin(Meeting::new("stage").topic(Some("Stage")).roles(&[2, 1]));
    let id = roost::apps::conferences::fleet::ServerId::of_name(BRANCH).0;
    let mut page = world.page(ADMIN);
    page.send(json!({"type": "look", "id": id}));
    let frame = page.until(|frame| frame["conferences"][0]["topic"] == "Stage");
    let key = frame["conferences"][0]["key"].clone();
    page.send(json!({"type": "ask-stop", "id": id, "conference": key}));
    let frame = page.until(|frame| frame["questions"][0]["key"] == key);
    let question = &frame["questions"][0];
    assert_eq!((&question["people"], &question["to"]), (&json!(2), &json!(ADMIN.id)));
    page.send(json!({"type": "stop", "id": id, "ask": question["ask"]}));
    let frame = page.until(|frame| frame["stops"][0]["outcome"] == "stopped");
    assert_eq!(frame["questions"], json!([]));
    assert_eq!(world.branch.running(), [""; 0]);
}
