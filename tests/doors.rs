//! Who is no admin gets nowhere, and rights are those of the moment.

mod support;

use std::collections::BTreeMap;

use roost::hidden::Hidden;
use roost::ids::UserId;
use roost::server::Server;
use roost::settings::{Asked, Flag, Surroundings, load};
use roost::store::{StoreError, users};
use serde_json::{Value, json};
use support::page::{End, masked};
use support::pictures::{base64, png};
use support::{ADA, ADMIN, BOB, Home, Page, Program, TOKEN, daily, get};

/// Everything an admin can ask for about event 1, with a picture and an attendee to get at.
fn admin_actions() -> Vec<Value> {
    let picture = json!({"name": "a.png", "base64": base64(&png(800, 450))});
    vec![
        json!({"type": "create-event", "title": "Mine", "start": "10:00", "duration": 1,
            "image": picture}),
        json!({"type": "edit-event", "id": 1, "title": "Mine", "capacity": 1, "image": null}),
        json!({"type": "edit-event", "id": 1}),
        json!({"type": "cancel-event", "id": 1, "reason": "Because"}),
        json!({"type": "cancel-event", "id": 1, "date": "2030-01-01"}),
        json!({"type": "delete-event", "id": 1}),
        json!({"type": "attendees", "event": 1}),
        json!({"type": "remove-attendee", "event": 1, "user": 6}),
        json!({"type": "remove-attendee", "event": 1, "user": 5}),
    ]
}

fn walk_every_door(page: &mut Page) {
    for action in admin_actions() {
        page.send(action.clone());
        assert_eq!(page.expect_error("not-admin")["msg"], "You are not an admin", "{action}");
        // Whatever else is wrong or claimed, that is what a stranger hears.
        for (member, value) in [
            ("id", json!(999)),
            ("event", json!("?")),
            ("title", json!(7)),
            ("is_admin", json!(true)),
            ("user", json!(ADMIN.id)),
            ("telegram_id", json!(ADMIN.id)),
        ] {
            let mut action = action.clone();
            action[member] = value;
            page.send(action.clone());
            page.expect_error("not-admin");
        }
    }
}

#[test]
fn a_stranger_walks_every_door_and_changes_nothing() {
    let (_home, program) = Program::start();
    let mut admin = Page::of(program.address(), ADMIN);
    let mut event = daily("Event");
    event["image"] = json!({"name": "a.png", "base64": base64(&png(1600, 900))});
    admin.create(event);
    Page::of(program.address(), BOB).ask(json!({"type": "attend", "event": 1}));
    let before = Page::open(program.address()).login(ADA);
    let mut stranger = Page::of(program.address(), ADA);
    walk_every_door(&mut stranger);
    assert_eq!(Page::open(program.address()).login(ADA), before);
    assert_eq!(get(program.address(), before[0]["image"].as_str().unwrap()).0, 200);
    admin.send(json!({"type": "attendees", "event": 1}));
    let list = admin.until(|frame| frame["type"] == "attendees");
    assert_eq!(list["list"][0]["telegram_id"], 6);
}

#[test]
fn nobody_acts_before_login_nor_for_somebody_else() {
    let (_home, program) = Program::start();
    let mut admin = Page::of(program.address(), ADMIN);
    admin.create(daily("Event"));
    let mut page = Page::open(program.address());
    for action in admin_actions().into_iter().chain([json!({"type": "attend", "event": 1})]) {
        page.send(action);
        page.expect_error("login-required");
    }
    page.login(ADA);
    // Whatever the message claims, it is Ada who attends.
    let attend = json!({"type": "attend", "event": 1, "user": 6, "telegram_id": 6});
    assert_eq!(page.ask(attend)["attendees"], 1);
    let bob = Page::open(program.address()).login(BOB);
    assert_eq!((&bob[0]["attendees"], &bob[0]["state"]), (&json!(1), &json!("none")));
}

#[test]
fn who_is_no_admin_after_a_restart_is_none_at_once() {
    let home = Home::new(&json!({"admins": [5]}));
    let program = home.serve();
    let mut ada = Page::of(program.address(), ADA);
    assert_eq!(ada.seen[1]["is_admin"], true);
    ada.create(daily("Event"));
    program.stop();
    home.set(&json!({"admins": [6]}));
    let program = home.serve();
    let mut ada = Page::of(program.address(), ADA);
    assert_eq!(ada.seen[1]["is_admin"], false);
    walk_every_door(&mut ada);
    let mut bob = Page::of(program.address(), BOB);
    assert_eq!(bob.ask(json!({"type": "edit-event", "id": 1, "title": "Bob's"}))["version"], 2);
}

/// The server in this process, so that its store can be reached.
fn inside(settings: &Value) -> (Home, Server) {
    let home = Home::new(settings);
    let flag = Flag { name: "--port", key: "port", text: "0".to_owned() };
    let asked = Asked { file: Some(home.settings()), flags: vec![flag] };
    let around = Surroundings { variables: BTreeMap::new(), folder: home.folder().to_owned() };
    let settings = load(&asked, &around).unwrap().settings;
    let server = Server::start(&settings, &Hidden::new(TOKEN.to_owned())).unwrap();
    (home, server)
}

fn change(server: &Server, person: i64, change: impl Fn(&mut users::User) + Send + 'static) {
    let changed = server.store().write(move |tx| -> Result<(), StoreError> {
        let mut user = users::find_or_unknown(tx, UserId(person))?;
        change(&mut user);
        users::save(tx, &user)
    });
    changed.unwrap();
}

#[test]
fn rights_given_and_taken_reach_the_open_page_at_once() {
    let (_home, server) = inside(&json!({}));
    let mut page = Page::of(server.address(), ADA);
    let mut other = Page::of(server.address(), ADA);
    page.send(daily("Too early"));
    page.expect_error("not-admin");
    change(&server, ADA.id, |user| user.is_admin = true);
    for page in [&mut page, &mut other] {
        let welcome = page.expect("welcome");
        assert_eq!((&welcome["is_admin"], &welcome["telegram_id"]), (&json!(true), &json!(5)));
        assert_eq!(welcome["name"], "Ada Löve");
    }
    assert_eq!(page.create(daily("Now")), 1);
    assert_eq!(other.expect("event")["id"], 1);
    change(&server, ADA.id, |user| user.is_admin = false);
    assert_eq!(page.expect("welcome")["is_admin"], false);
    walk_every_door(&mut page);
    // Those of the settings are admins whatever the store says.
    let mut admin = Page::of(server.address(), ADMIN);
    change(&server, ADMIN.id, |user| user.is_admin = true);
    admin.expect("welcome");
    change(&server, ADMIN.id, |user| user.is_admin = false);
    assert_eq!(admin.expect("welcome")["is_admin"], true);
    assert_eq!(admin.ask(json!({"type": "edit-event", "id": 1, "title": "New"}))["version"], 2);
}

#[test]
fn somebody_banned_while_connected_is_out_and_does_nothing_more() {
    let (_home, server) = inside(&json!({}));
    let mut admin = Page::of(server.address(), ADMIN);
    admin.create(daily("Event"));
    let (mut ada, mut bob) = (Page::of(server.address(), ADA), Page::of(server.address(), BOB));
    change(&server, ADA.id, |user| user.banned = true);
    let frame = ada.expect("disconnect");
    assert_eq!(frame["reason"], "banned");
    // One that talks on without listening is not waited for, and changes nothing.
    let attend = json!({"type": "attend", "event": 1, "app": "mini_event"}).to_string();
    let attend = masked(0x81, attend.as_bytes());
    while ada.try_send_raw(&attend) {}
    assert!(matches!(ada.read(), Err(End::Code(1000) | End::Broken)));
    bob.is_quiet();
    assert_eq!(Page::open(server.address()).login(BOB)[0]["attendees"], 0);
    let mut again = Page::open(server.address());
    again.send(json!({"type": "login", "data": ADA.init_data()}));
    assert_eq!(again.expect("disconnect")["reason"], "banned");
    change(&server, ADA.id, |user| user.banned = false);
    assert_eq!(Page::of(server.address(), ADA).events.len(), 1);
}

#[test]
fn a_new_name_is_kept_from_the_next_login_on() {
    let (_home, server) = inside(&json!({}));
    let mut admin = Page::of(server.address(), ADMIN);
    admin.create(daily("Event"));
    Page::of(server.address(), ADA).ask(json!({"type": "attend", "event": 1}));
    let renamed = support::Person { name: "Augusta King", ..ADA };
    let page = Page::of(server.address(), renamed);
    assert_eq!(page.seen[1]["name"], "Augusta King");
    admin.send(json!({"type": "attendees", "event": 1}));
    let list = admin.until(|frame| frame["type"] == "attendees");
    assert_eq!(list["list"][0]["name"], "Augusta King");
}
