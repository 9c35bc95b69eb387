//! The originals' message sequences: a client written for any of them works unchanged.

mod support;

use serde_json::{Value, json};
use support::page::End;
use support::{ADA, ADMIN, BOB, Page, Person, Program, daily, signed};

/// A server with three events, made in this order: 2 starts before 1, and 3 at the same time as 1.
fn three() -> (support::Home, Program, Page) {
    let (home, program) = Program::start();
    let mut admin = Page::of(program.address(), ADMIN);
    for (title, start) in [("Event 1", "09:00"), ("Event 2", "08:00"), ("Event 3", "09:00")] {
        let message = json!({"type": "create-event", "title": title, "description": "About",
            "start": start, "duration": "1"});
        admin.ask(message);
    }
    (home, program, admin)
}

/// The nine members the originals had, in their order.
fn original(frame: &Value) -> Value {
    let members = frame.as_object().unwrap();
    let names = ["type", "id", "title", "description", "image", "start", "duration", "attending"];
    let first: Vec<&str> = members.keys().map(String::as_str).take(9).collect();
    assert_eq!(first, [&names[..], &["attendees"]].concat());
    first.into_iter().map(|name| (name.to_owned(), members[name].clone())).collect()
}

#[test]
fn a_page_of_the_middle_protocol_goes_through_its_day() {
    let (_home, program, mut admin) = three();
    let server = program.address();
    let (mut ada, mut bob) = (Page::open(server), Page::of(server, BOB));
    let data = ADA.init_data_from(Some("2"));
    ada.send(json!({"type": "login", "data": data, "app": "mini_event"}));
    let welcome = ada.expect("welcome");
    assert_eq!(
        (&welcome["telegram_id"], &welcome["name"], &welcome["is_admin"]),
        (&json!(5), &json!("Ada Löve"), &json!(false))
    );
    assert_eq!(welcome["language"], "en");
    let ids: Vec<u64> = (0..3).map(|_| ada.expect("event")["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, [2, 1, 3], "by start, then by number");
    assert_eq!(ada.next(), json!({"type": "events-loaded", "selected": "2"}));
    let mut second = Page::of(server, ADA);

    ada.send(json!({"type": "attend", "event": 1, "app": "mini_event"}));
    let mut expected = json!({"type": "event", "id": 1, "title": "Event 1", "description": "About",
        "image": "", "start": "09:00", "duration": 1.0, "attending": true, "attendees": 1});
    let answer = ada.next();
    assert_eq!(original(&answer), expected);
    assert_eq!(second.next(), answer, "the same person's other page sees the same");
    expected["attending"] = false.into();
    assert_eq!(original(&bob.next()), expected);
    assert_eq!(original(&admin.next()), expected);

    ada.send(json!({"type": "attend", "event": 999, "app": "mini_event"}));
    let error = ada.expect_error("no-such-event");
    assert_eq!(error["msg"], "No such event");
    ada.send(json!({"type": "dance", "x": 1, "app": "mini_event"}));
    let error = ada.expect_error("unknown-command");
    assert_eq!(error["msg"], "Unknown command");
    assert_eq!(error["what"], json!({"type": "dance", "x": 1}));

    admin.send(json!({"type": "create-event", "title": "New", "description": "D",
        "start": "18:30", "duration": "2", "app": "mini_event"}));
    for page in [&mut admin, &mut ada, &mut second, &mut bob] {
        let expected = json!({"type": "event", "id": 4, "title": "New", "description": "D",
            "image": "", "start": "18:30", "duration": 2.0, "attending": false, "attendees": 0});
        assert_eq!(original(&page.next()), expected);
    }
    admin.send(json!({"type": "delete-event", "id": 4, "app": "mini_event"}));
    for page in [&mut admin, &mut ada, &mut second, &mut bob] {
        assert_eq!(page.next(), json!({"type": "delete-event", "id": 4}));
    }
    ada.send(json!({"type": "leave", "event": 1, "app": "mini_event"}));
    for page in [&mut ada, &mut second, &mut bob, &mut admin] {
        let frame = page.next();
        assert_eq!((&frame["attending"], &frame["attendees"]), (&json!(false), &json!(0)));
        page.is_quiet();
    }
}

#[test]
fn a_page_of_the_oldest_protocol_names_no_app() {
    let (_home, program, _admin) = three();
    for path in ["/", "/ws", "/ws/", "/wss", "/wss/"] {
        let mut page = Page::on(program.address(), path);
        page.app = None;
        assert_eq!(page.login(ADA).len(), 3);
        assert_eq!(page.ask(json!({"type": "attend", "event": 1}))["attending"], true);
        assert_eq!(page.ask(json!({"type": "leave", "event": 1}))["attending"], false);
        page.send(json!({"type": "dance"}));
        assert_eq!(page.expect_error("unknown-command")["what"], json!({"type": "dance"}));
        page.close();
    }
}

#[test]
fn numbers_are_written_as_the_originals_wrote_them() {
    let (_home, program, mut admin) = three();
    drop(program);
    let event = admin.seen.iter().find(|frame| frame["id"] == 1).unwrap().to_string();
    assert!(event.contains(r#""duration":1.0,"#), "{event}");
    assert_eq!(admin.end(), End::Broken);
}

#[test]
fn who_acts_is_answered_once_even_when_nothing_changes() {
    let (_home, program, mut admin) = three();
    let (mut ada, mut bob) = (Page::of(program.address(), ADA), Page::of(program.address(), BOB));
    // Changes nothing: answered, and nobody else hears of it.
    assert_eq!(ada.ask(json!({"type": "leave", "event": 1}))["attendees"], 0);
    // 1.0 is a whole number, to JSON and to the originals.
    for (message, going) in [
        (json!({"type": "attend", "event": 1.0}), 1),
        (json!({"type": "attend", "event": 1}), 1),
        (json!({"type": "leave", "event": 1}), 0),
        (json!({"type": "leave", "event": 1}), 0),
        (json!({"type": "attend", "event": 1}), 1),
    ] {
        assert_eq!(ada.ask(message.clone())["attendees"], going, "{message}");
    }
    assert_eq!(admin.ask(json!({"type": "edit-event", "id": 3}))["version"], 1);
    // A later change passes through the same window, so everything before it has been sent.
    bob.ask(json!({"type": "attend", "event": 3}));
    let frame = ada.next();
    assert_eq!((&frame["id"], &frame["attendees"]), (&json!(3), &json!(1)), "only the barrier");
    ada.is_quiet();
    // Five changes in a moment: Bob may see fewer, and the last for sure.
    if bob.events["1"]["attendees"] != 1 {
        bob.until_going(1, 1);
    }
}

#[test]
fn a_failed_login_is_told_and_closed() {
    let (_home, program) = Program::start();
    let forged = ADA.init_data().replace("auth_date=1", "auth_date=0");
    for data in [json!(forged), json!(""), json!(null), json!(7), json!([]), json!("a=b&hash=1")] {
        let mut page = Page::open(program.address());
        page.send(json!({"type": "login", "data": data}));
        let frame = page.expect("disconnect");
        assert_eq!(frame["reason"], "invalid", "{data}");
        assert_eq!(page.read(), Err(End::Code(1000)), "{data}");
    }
    let mut page = Page::open(program.address());
    page.send(json!({"type": "login"}));
    page.expect("disconnect");
    assert_eq!(page.read(), Err(End::Code(1000)));
}

#[test]
fn the_originals_own_sample_of_init_data_is_understood() {
    // Signed with the same made-up token; `last_name` optional, unknown fields signed too.
    let user = r#"{"id":5,"first_name":"Ada","last_name":"Löve","username":"ada"}"#;
    let date = support::now().to_string();
    let rows = [
        vec![("auth_date", &date[..]), ("user", user), ("query_id", "AAF0"), ("start_param", "2")],
        vec![("auth_date", &date[..]), ("user", user), ("x", "")],
        vec![("auth_date", &date[..]), ("user", user), ("signature", "s"), ("new_field", "y")],
    ];
    let (_home, program) = Program::start();
    for pairs in rows {
        let mut page = Page::open(program.address());
        page.send(json!({"type": "login", "data": signed(&pairs)}));
        assert_eq!(page.expect("welcome")["name"], "Ada Löve", "{pairs:?}");
    }
}

#[test]
fn errors_have_codes_and_the_originals_words_and_leave_the_connection_open() {
    let (_home, program, _admin) = three();
    let mut page = Page::open(program.address());
    page.app = None;
    let before_login = [
        (r#"{"type":"attend","event":1}"#, "login-required", Some("You need to login first")),
        (r#"{"event":1}"#, "login-required", Some("You need to login first")),
        ("{}", "login-required", Some("You need to login first")),
        (r#"{"type":"login","app":"other"}"#, "unknown-app", Some("Missing App ID")),
        (r#"{"type":"login","app":""}"#, "unknown-app", Some("Missing App ID")),
        (r#"{"type":"login","app":7}"#, "unknown-app", Some("Missing App ID")),
        ("not JSON", "invalid-data", None),
        ("[]", "invalid-data", None),
        ("7", "invalid-data", None),
    ];
    for (message, code, words) in before_login {
        page.send_text(message);
        let error = page.expect_error(code);
        assert!(words.is_none_or(|words| error["msg"] == words), "{message}: {error}");
    }
    assert_eq!(page.login(ADA).len(), 3, "and one can still log in");
    let after_login = [
        (r#"{"type":"attend","event":999}"#, "no-such-event", Some("No such event")),
        (r#"{"type":"attend","event":"1"}"#, "no-such-event", Some("No such event")),
        (r#"{"type":"attend"}"#, "no-such-event", Some("No such event")),
        (r#"{"type":"leave","event":[1]}"#, "no-such-event", Some("No such event")),
        (r#"{"type":"create-event"}"#, "not-admin", Some("You are not an admin")),
        (r#"{"type":"delete-event","id":"5"}"#, "not-admin", Some("You are not an admin")),
        (r#"{"type":"login","data":""}"#, "unknown-command", Some("Unknown command")),
        ("{}", "unknown-command", Some("Unknown command")),
        (r#"{"type":7}"#, "unknown-command", Some("Unknown command")),
        (r#"{"type":"attend","event":1,"app":"dict"}"#, "unknown-app", Some("Missing App ID")),
        (r#"{"type":"attend","event":1,"app":null}"#, "unknown-app", Some("Missing App ID")),
        ("not JSON", "invalid-data", None),
        ("[]", "invalid-data", None),
        (r#""text""#, "invalid-data", None),
        ("", "invalid-data", None),
    ];
    for (message, code, words) in after_login {
        page.send_text(message);
        let error = page.expect_error(code);
        assert!(words.is_none_or(|words| error["msg"] == words), "{message}: {error}");
    }
    assert_eq!(page.ask(json!({"type": "attend", "event": 1}))["attendees"], 1);
}

#[test]
fn an_admins_mistakes_name_the_field_and_change_nothing() {
    let (_home, program, mut admin) = three();
    let rows = [
        (
            json!({"type": "create-event", "description": "", "start": "09:00", "duration": 1}),
            "title",
        ),
        (json!({"type": "create-event", "title": "T", "duration": 1}), "start"),
        (json!({"type": "create-event", "title": "T", "start": "noon", "duration": 1}), "start"),
        (json!({"type": "create-event", "title": "T", "start": "09:00"}), "duration"),
        (
            json!({"type": "create-event", "title": "T", "start": "09:00", "duration": "nan"}),
            "duration",
        ),
        (
            json!({"type": "create-event", "title": "T", "start": "09:00", "duration": 169}),
            "duration",
        ),
        (
            json!({"type": "create-event", "title": "T", "start": "09:00", "duration": 1,
            "image": {"name": "../pic.png", "base64": "iVBORw0KGgpub3QgcmVhbGx5"}}),
            "image",
        ),
        (
            json!({"type": "create-event", "title": "T", "start": "2026-12-24 09:00", "duration": 1,
            "recurrence": "weekly", "until": "2020-01-01"}),
            "until",
        ),
        (json!({"type": "edit-event", "id": 1, "title": "New", "capacity": 0}), "capacity"),
        (json!({"type": "edit-event", "id": "1", "title": "New"}), "id"),
        (json!({"type": "delete-event", "id": "1"}), "id"),
        (json!({"type": "cancel-event", "id": 1, "reason": 5}), "reason"),
        (json!({"type": "cancel-event", "id": 1, "date": "2000-01-01"}), "date"),
    ];
    for (message, field) in rows {
        admin.send(message.clone());
        assert_eq!(admin.expect_error("invalid-data")["field"], field, "{message}");
    }
    let shown = Page::open(program.address()).login(BOB);
    let titles: Vec<&str> = shown.iter().map(|event| event["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["Event 2", "Event 1", "Event 3"]);
    assert!(shown.iter().all(|event| event["version"] == 1), "{shown:#?}");
    for kind in ["edit-event", "delete-event", "cancel-event"] {
        admin.send(json!({"type": kind, "id": 999}));
        admin.expect_error("no-such-event");
    }
    assert_eq!(admin.create(daily("Next")), 4, "a refused event takes no number");
}

#[test]
fn people_are_spoken_to_in_their_language() {
    let (_home, program) = Program::start();
    let mut said = Vec::new();
    for (language, spoken) in
        [("en", "en"), ("de-AT", "de"), ("ru", "ru"), ("es", "es"), ("fr", "en")]
    {
        let mut page = Page::open(program.address());
        page.send(json!({"type": "login", "data": Person { language, ..ADA }.init_data()}));
        assert_eq!(page.expect("welcome")["language"], spoken);
        page.expect("events-loaded");
        page.send_text("[]");
        said.push(page.expect_error("invalid-data")["msg"].clone());
    }
    assert_eq!(said[0], said[4]);
    assert!((1..4).all(|other| said[0] != said[other]), "{said:?}");
}

#[test]
fn attendees_are_listed_for_admins_in_order() {
    let (_home, program, mut admin) = three();
    admin.ask(json!({"type": "edit-event", "id": 1, "capacity": 1}));
    Page::of(program.address(), BOB).ask(json!({"type": "attend", "event": 1}));
    Page::of(program.address(), ADA).ask(json!({"type": "attend", "event": 1}));
    admin.send(json!({"type": "attendees", "event": 1}));
    let answer = admin.until(|frame| frame["type"] == "attendees");
    assert_eq!(answer["event"], 1);
    let list = answer["list"].as_array().unwrap();
    let people: Vec<_> =
        list.iter().map(|p| (&p["telegram_id"], &p["name"], &p["state"])).collect();
    let expected = [
        (&json!(6), &json!("Bob Stone"), &json!("going")),
        (&json!(5), &json!("Ada Löve"), &json!("waitlisted")),
    ];
    assert_eq!(people, expected);
    assert!(list.iter().all(|p| p["since"].as_str().unwrap().ends_with('Z')), "{list:?}");
    admin.send(json!({"type": "remove-attendee", "event": 1, "user": 6}));
    let frame = admin.until(|frame| frame["type"] == "event" && frame["waiting"] == 0);
    assert_eq!(frame["attendees"], 1, "the next in line has the seat");
}
