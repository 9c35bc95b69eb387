//! The live page over its websocket: tiles, look-ups while somebody looks, stops and switches.

use roost::apps::conferences::fleet::ServerId;
use roost::demo::trueconf::{Fault, Harm, Meeting};
use serde_json::{Value, json};

use crate::support::Page;
use crate::world::{HEAD, OPERATOR, OTHER, VIEWER, World};

fn head() -> u64 {
    ServerId::of_name(HEAD).0
}

fn with_weekly() -> World {
    World::with(&json!({"server_status": {"state": 1, "timeout": 3600}}), |head| {
        head.people(1, 4);
        head.begin(Meeting::new("weekly").topic(Some("Weekly")).roles(&[2, 1, 1]));
    })
}

/// The next frame of the server that `is` so.
fn server(page: &mut Page, is: impl Fn(&Value) -> bool) -> Value {
    page.until(|frame| frame["type"] == "server" && is(frame))
}

/// Looks, and waits until the page shows what runs.
fn looks(page: &mut Page) -> Value {
    page.send(json!({"type": "look"}));
    server(page, |frame| !frame["running"].is_null() || !frame["running_fault"].is_null())
}

#[test]
fn servers_are_asked_only_while_somebody_looks_and_once_for_all_who_do() {
    let world = with_weekly();
    let mut pages = [world.page(OPERATOR), world.page(OTHER), world.page(VIEWER)];
    assert_eq!(world.asked("/api/"), 0, "an open page alone asks nothing");
    for page in &mut pages {
        page.send(json!({"type": "look"}));
    }
    for page in &mut pages {
        let frame = server(page, |frame| !frame["online"].is_null());
        assert_eq!(frame["running"], 1);
        assert_eq!(frame["online"]["total"], 4);
        let conference = &frame["conferences"][0];
        assert_eq!((&conference["topic"], &conference["people"]), (&json!("Weekly"), &json!(3)));
        assert_eq!(conference["stoppable"], true);
        assert!(conference["control"].is_null(), "no link that is not https");
    }
    let asked = world.asked("logs/calls");
    assert_eq!(asked, 1);
    pages[0].send(json!({"type": "look"}));
    pages[0].is_quiet();
    assert_eq!(world.asked("logs/calls"), asked, "what is new enough is not asked again");
}

#[test]
fn a_server_that_is_not_watched_is_asked_only_when_it_is_meant() {
    let world = World::with(&json!({}), |head| {
        head.begin(Meeting::new("weekly"));
    });
    let mut page = world.page(OPERATOR);
    page.send(json!({"type": "look"}));
    page.is_quiet();
    assert_eq!(world.head.requests().len(), 0, "off means no request");
    page.send(json!({"type": "look", "id": head()}));
    let frame = server(&mut page, |frame| !frame["running"].is_null());
    assert_eq!((&frame["state"], &frame["running"]), (&json!("off"), &json!(1)));
}

#[test]
fn a_failure_is_on_the_tile_by_its_name() {
    let world = with_weekly();
    world.head.fault(Fault::new(Harm::Status(502)).on("logs/calls"));
    world.head.manners(|manners| {
        manners.scopes.remove("users:read");
    });
    let frame = looks(&mut world.page(VIEWER));
    assert_eq!(frame["running_fault"], "server-error-502");
    assert_eq!(frame["online_fault"], "permission-users");
    assert_eq!(frame["conferences"], json!([]));
}

#[test]
fn a_conference_is_stopped_on_the_page_before_the_eyes_of_others() {
    let world = with_weekly();
    world.servers(OTHER);
    let (mut page, mut other) = (world.page(OPERATOR), world.page(OTHER));
    let frame = looks(&mut page);
    let key = frame["conferences"][0]["key"].clone();
    page.send(json!({"type": "ask-stop", "id": head(), "conference": key}));
    let confirm = page.until(|frame| frame["type"] == "confirm");
    assert_eq!((&confirm["topic"], &confirm["people"]), (&json!("Weekly"), &json!(3)));
    assert_eq!((&confirm["conference"], &confirm["id"]), (&key, &json!(head())));
    // The question of one is not for another, nor for another server.
    other.send(json!({"type": "stop", "id": head(), "ask": confirm["ask"]}));
    let error = other.until(|frame| frame["type"] == "error");
    assert_eq!((&error["code"], &error["ask"]), (&json!("not-stopped"), &confirm["ask"]));
    page.send(json!({"type": "stop", "id": 1, "ask": confirm["ask"]}));
    assert_eq!(page.until(|frame| frame["type"] == "error")["code"], "no-such-server");
    page.send(json!({"type": "stop", "id": head(), "ask": confirm["ask"]}));
    for page in [&mut page, &mut other] {
        let frame = server(page, |frame| frame["stops"][0]["outcome"] == "stopped");
        assert_eq!((&frame["running"], &frame["conferences"]), (&json!(0), &json!([])));
        let stop = &frame["stops"][0];
        assert_eq!((&stop["by"], &stop["topic"]), (&json!("Olga Operator"), &json!("Weekly")));
        assert_eq!((&stop["ask"], &stop["key"]), (&confirm["ask"], &key));
    }
    assert_eq!(world.head.running(), [""; 0]);
    world.is_told(OTHER, "Olga Operator hat Weekly auf Head office beendet.");
    let log = world.audit();
    let stop = log.iter().find(|row| row["what"] == "stop").unwrap();
    assert_eq!((&stop["by"], &stop["result"]), (&json!("page"), &json!("stopped")));
    // Once more is too late, and says so.
    page.send(json!({"type": "stop", "id": head(), "ask": confirm["ask"]}));
    assert_eq!(page.until(|frame| frame["type"] == "error")["code"], "not-stopped");
    page.send(json!({"type": "ask-stop", "id": head(), "conference": key}));
    assert_eq!(page.until(|frame| frame["type"] == "error")["code"], "no-such-conference");
    assert_eq!(world.asked("/stop"), 1);
}

#[test]
fn a_run_that_took_the_place_of_another_is_left_alone_by_the_page_too() {
    let world = with_weekly();
    let mut page = world.page(OPERATOR);
    let key = looks(&mut page)["conferences"][0]["key"].clone();
    page.send(json!({"type": "ask-stop", "id": head(), "conference": key}));
    let confirm = page.until(|frame| frame["type"] == "confirm");
    world.head.replace("weekly");
    page.send(json!({"type": "stop", "id": head(), "ask": confirm["ask"]}));
    server(&mut page, |frame| frame["stops"][0]["outcome"] == "replaced");
    assert_eq!(world.asked("/stop"), 0);
    assert_eq!(world.head.running(), ["weekly"]);
}

#[test]
fn seven_hundred_conferences_come_in_parts() {
    let world = World::with(&json!({"server_status": {"state": 1, "timeout": 3600}}), |head| {
        for number in 0..700_u64 {
            let topic = format!("Meeting {number} {}", "Ж".repeat(60));
            head.begin(Meeting::new(&format!("m{number}")).topic(Some(&topic)));
        }
    });
    let mut page = world.page(VIEWER);
    let frame = looks(&mut page);
    assert_eq!(frame["running"], 700);
    assert!(frame.to_string().len() < 64 * 1024);
    let mut keys: Vec<Value> = Vec::new();
    let first = frame["conferences"].as_array().unwrap();
    keys.extend(first.iter().map(|conference| conference["key"].clone()));
    while keys.len() < 700 {
        page.send(json!({"type": "conferences", "id": head(), "from": keys.len()}));
        let more = page.until(|frame| frame["type"] == "conferences");
        assert_eq!(more["from"], keys.len());
        let list = more["list"].as_array().unwrap();
        assert!(!list.is_empty() && list.len() <= 100);
        keys.extend(list.iter().map(|conference| conference["key"].clone()));
    }
    keys.sort_by_key(ToString::to_string);
    keys.dedup();
    assert_eq!(keys.len(), 700);
    page.send(json!({"type": "conferences", "id": head(), "from": 100_000}));
    let more = page.until(|frame| frame["type"] == "conferences");
    assert_eq!(more["list"], json!([]));
}

#[test]
fn wrong_messages_change_nothing_and_name_the_field() {
    let world = with_weekly();
    let mut page = world.page(OPERATOR);
    for (message, code, field) in [
        (json!({"type": "stop", "id": head()}), "invalid-data", "ask"),
        (json!({"type": "stop", "id": -1, "ask": 1}), "invalid-data", "id"),
        (json!({"type": "watch", "id": head(), "on": "yes"}), "invalid-data", "on"),
        (json!({"type": "ask-stop", "id": head(), "conference": 7}), "invalid-data", "conference"),
        (json!({"type": "conferences", "id": head(), "from": "0"}), "invalid-data", "from"),
    ] {
        page.send(message.clone());
        assert_eq!(page.expect_error(code)["field"], field, "{message}");
    }
    for (message, code) in [
        (json!({"type": "stop", "id": head(), "ask": 99}), "no-such-question"),
        (json!({"type": "ask-stop", "id": head(), "conference": "abc"}), "no-such-conference"),
        (json!({"type": "watch", "id": 99, "on": true}), "no-such-server"),
        (json!({"type": "zebra"}), "unknown-command"),
    ] {
        page.send(message.clone());
        page.expect_error(code);
    }
    page.is_quiet();
    // What a viewer may not.
    let mut viewer = world.page(VIEWER);
    for message in [
        json!({"type": "watch", "id": head(), "on": false}),
        json!({"type": "ask-stop", "id": head(), "conference": "abc"}),
        json!({"type": "stop", "id": head(), "ask": 1}),
    ] {
        viewer.send(message.clone());
        viewer.expect_error("not-operator");
    }
}

#[test]
fn the_launcher_offers_the_page_to_those_who_may() {
    let world = with_weekly();
    let apps = |body: &str| {
        let request = format!(
            "POST /settings.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let (status, _, body) = crate::support::http(world.program.address(), &request);
        let answer: Value = serde_json::from_slice(&body).unwrap();
        let apps = answer["apps"].as_array().cloned().unwrap_or_default();
        (status, apps.iter().map(|app| app["app"].clone()).collect::<Vec<_>>())
    };
    let both = vec![json!("mini_event"), json!("conferences")];
    for person in [crate::world::ADMIN, OPERATOR, VIEWER] {
        assert_eq!(apps(&person.init_data()), (200, both.clone()));
    }
    assert_eq!(apps(&crate::world::STRANGER.init_data()), (200, vec![json!("mini_event")]));
    for forged in ["", "user=1", &OPERATOR.init_data().replace("700", "900")] {
        assert_eq!(apps(forged), (403, vec![]), "{forged}");
    }
    let (status, _, body) = crate::support::get(world.program.address(), "/settings.json");
    let answer: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((status, answer["apps"].as_array().unwrap().len()), (200, 1));
}
