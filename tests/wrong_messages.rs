//! Wrong types in every field of every message, and frames no browser sends: always an answer with
//! the right code or the close the RFC asks for, and nothing is changed.

mod support;

use serde_json::{Value, json};
use support::page::{End, masked};
use support::{ADA, ADMIN, BOB, Page, Program, daily};

/// A text frame that is the whole message.
const TEXT: u8 = 0x81;

/// Wrong values as JSON texts: every type, the edges of numbers, long and deep ones.
fn wrong() -> Vec<String> {
    let mut values: Vec<String> = [
        "null",
        "true",
        "false",
        "0",
        "-1",
        "1.5",
        "-0.0",
        "1e308",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775809",
        "\"\"",
        r#""\u0000""#,
        r#""<b>""#,
        "[]",
        "[1]",
        "{}",
        r#"{"name":null}"#,
    ]
    .map(str::to_owned)
    .into();
    values.push(format!("\"{}\"", "x".repeat(600_000)));
    values.push(format!("{}{}", "[".repeat(100), "]".repeat(100)));
    values
}

/// Whether `value` is one that `field` may have, so that it is no test of wrong ones.
fn is_fine(field: &str, value: &str) -> bool {
    let is_text = value.starts_with('"') && value.len() < 100 && !value.contains("u0000");
    let is_whole = matches!(value, "0" | "-1" | "-0.0")
        || (value.starts_with(['1', '-']) && value.len() > 15)
        || value == "1e308";
    match field {
        "title" => is_text && value != "\"\"",
        "description" => is_text,
        "location" | "reason" => is_text || value == "null",
        "duration" => value == "1.5",
        "user" => is_whole,
        "image" | "timezone" | "capacity" | "recurrence" | "until" | "date" => value == "null",
        _ => false,
    }
}

/// `message` with `field` replaced, as text.
fn with(message: &Value, field: &str, value: &str) -> String {
    let mut message = message.clone();
    message[field] = "?!".into();
    message.to_string().replace("\"?!\"", value)
}

fn snapshot(program: &Program) -> Vec<Value> {
    Page::open(program.address()).login(BOB)
}

#[test]
fn a_wrong_type_in_any_field_is_answered_and_changes_nothing() {
    let (_home, program) = Program::start();
    let mut admin = Page::of(program.address(), ADMIN);
    let dated = json!({"type": "create-event", "title": "Series", "description": "",
        "start": "2030-01-01 10:00", "duration": 1, "recurrence": "weekly", "capacity": 1});
    for event in [daily("Daily"), dated.clone()] {
        admin.create(event);
    }
    admin.ask(json!({"type": "attend", "event": 2}));
    let before = snapshot(&program);
    let fields = [
        "title",
        "description",
        "start",
        "duration",
        "timezone",
        "location",
        "capacity",
        "recurrence",
        "until",
        "image",
    ];
    let edit = json!({"type": "edit-event", "id": 2});
    let mut rows: Vec<(Value, &str)> = Vec::new();
    for field in fields {
        rows.push((dated.clone(), field));
        rows.push((edit.clone(), field));
    }
    for (message, field) in [
        (json!({"type": "edit-event", "title": "New"}), "id"),
        (json!({"type": "cancel-event"}), "id"),
        (json!({"type": "cancel-event", "id": 2}), "reason"),
        (json!({"type": "cancel-event", "id": 2}), "date"),
        (json!({"type": "delete-event"}), "id"),
        (json!({"type": "attendees"}), "event"),
        (json!({"type": "remove-attendee", "user": 900}), "event"),
        (json!({"type": "remove-attendee", "event": 2}), "user"),
        (json!({"type": "attend"}), "event"),
        (json!({"type": "leave"}), "event"),
    ] {
        rows.push((message, field));
    }
    for (message, field) in &rows {
        for value in wrong().iter().filter(|value| !is_fine(field, value)) {
            let mut sent = message.clone();
            sent["app"] = "mini_event".into();
            admin.send_text(with(&sent, field, value));
            let what = format!("{}: {field} = {value:.40}", message["type"]);
            let answer = admin.expect("error");
            let codes: &[&str] = match *field {
                "id" | "event" => &["invalid-data", "no-such-event"],
                _ => &["invalid-data"],
            };
            let code = answer["code"].as_str().unwrap();
            assert!(codes.contains(&code), "{what}: {answer}");
            assert!(code != "invalid-data" || answer["field"] == *field, "{what}: {answer}");
        }
    }
    for value in wrong() {
        admin.send_text(with(&json!({"type": "attend", "event": 1}), "app", &value));
        admin.expect_error("unknown-app");
        if value.len() < 1000 {
            let message = json!({"app": "mini_event", "type": "?", "event": 1});
            admin.send_text(with(&message, "type", &value));
            admin.expect_error("unknown-command");
        }
    }
    assert_eq!(snapshot(&program), before);
}

#[test]
fn a_wrong_type_inside_a_picture_is_answered() {
    let (_home, program) = Program::start();
    let mut admin = Page::of(program.address(), ADMIN);
    for field in ["base64", "name"] {
        for value in wrong() {
            let is_name = field == "name" && (value.starts_with('"') || value == "null");
            let message = json!({"app": "mini_event", "type": "create-event", "title": "T",
                "start": "09:00", "duration": 1, "image": "?image"});
            let image = with(&json!({"name": "a.png", "base64": "AAAA"}), field, &value);
            admin.send_text(message.to_string().replace("\"?image\"", &image));
            let answer = admin.expect_error("invalid-data");
            assert_eq!(answer["field"], "image", "{field} = {value:.40} {is_name}");
        }
    }
    assert!(snapshot(&program).is_empty());
}

#[test]
fn bytes_that_are_no_message_are_answered_and_the_page_lives_on() {
    let (_home, program) = Program::start();
    let mut admin = Page::of(program.address(), ADMIN);
    admin.create(daily("Event"));
    let before = snapshot(&program);
    let texts = [
        String::new(),
        " ".to_owned(),
        "null".to_owned(),
        "true".to_owned(),
        "{".to_owned(),
        "{}{}".to_owned(),
        r#"{"type":"attend","event":1,"app":"mini_event"} x"#.to_owned(),
        r#"{"type":"attend","event":1e999,"app":"mini_event"}"#.to_owned(),
        r#"{"type":"attend","event":1,"app":"mini_event","x":"\ud800"}"#.to_owned(),
        r"{'type':'attend'}".to_owned(),
        "\u{feff}{}".to_owned(),
        "[".repeat(200) + &"]".repeat(200),
        "[".repeat(500_000),
        r#"{"a":"#.repeat(200) + "1" + &"}".repeat(200),
        r#"{"a":"#.repeat(100_000),
    ];
    for text in texts {
        admin.send_text(text.clone());
        let answer = admin.expect_error("invalid-data");
        assert!(answer.get("field").is_none(), "{text:.40}: {answer}");
    }
    // As deep as a message may be, through every hand that passes it on, and back as `what`.
    let deep = r#"{"a":"#.repeat(120) + "1" + &"}".repeat(120);
    admin.send_text(format!(r#"{{"app":"mini_event","type":"dance","x":{deep}}}"#));
    let what = admin.expect_error("unknown-command")["what"].to_string();
    assert_eq!(what, format!(r#"{{"type":"dance","x":{deep}}}"#));
    assert_eq!(snapshot(&program), before);
    admin.is_quiet();
}

#[test]
fn frames_against_the_rules_end_only_their_own_connection() {
    let (_home, program) = Program::start();
    let mut healthy = Page::of(program.address(), ADMIN);
    let id = healthy.create(daily("Event"));
    let attend = json!({"type": "attend", "event": id, "app": "mini_event"}).to_string();
    let attend = attend.as_bytes();
    let mut unmasked = vec![TEXT, u8::try_from(attend.len()).unwrap()];
    unmasked.extend(attend);
    let huge = |length: u64| [&[TEXT, 0xff][..], &length.to_be_bytes(), &[0; 4]].concat();
    let parts = |first: u8, rest: &[u8]| [masked(first, b"{"), rest.to_vec()].concat();
    let rows: Vec<(&str, Vec<u8>, u16)> = vec![
        ("not masked", unmasked, 1002),
        ("reserved bit 1", masked(TEXT | 0x40, attend), 1002),
        ("reserved bit 2", masked(TEXT | 0x20, attend), 1002),
        ("reserved bit 3", masked(TEXT | 0x10, attend), 1002),
        ("reserved opcode", masked(0x83, attend), 1002),
        ("reserved control", masked(0x8b, b""), 1002),
        ("a continuation of nothing", masked(0x80, attend), 1002),
        ("a message within a message", parts(0x01, &masked(TEXT, attend)), 1002),
        ("a ping in two", masked(0x09, b"x"), 1002),
        ("a long ping", masked(0x89, &[b'x'; 126]), 1002),
        ("not UTF-8", masked(TEXT, b"{\"type\":\"\xff\"}"), 1007),
        ("half a letter", masked(TEXT, b"\xc3"), 1007),
        ("a close of one byte", masked(0x88, b"\x03"), 1002),
        ("more than 1 MiB", huge(1 << 20 | 1), 1009),
        ("more than there is", huge(1 << 40), 1009),
        ("more than can be", huge(u64::MAX), 1009),
        ("a goodbye", masked(0x88, &1000_u16.to_be_bytes()), 1000),
        ("a goodbye in mid-message", parts(0x01, &masked(0x88, &1000_u16.to_be_bytes())), 1000),
    ];
    for (what, bytes, code) in rows {
        let mut page = Page::of(program.address(), ADA);
        page.send_raw(&bytes);
        assert_eq!(page.end(), End::Code(code), "{what}");
    }
    assert_eq!(healthy.ask(json!({"type": "leave", "event": id}))["attendees"], 0);
}

#[test]
fn a_message_in_pieces_that_grows_too_long_is_too_big() {
    let (_home, program) = Program::start();
    let mut page = Page::of(program.address(), ADA);
    page.send_raw(&masked(0x01, &[b' '; 1000]));
    let piece = masked(0x00, &vec![b' '; 100_000]);
    let mut sent = 0;
    // The server ends it in the middle; what is sent afterwards may find nobody.
    while sent < 11 && page.try_send_raw(&piece) {
        sent += 1;
    }
    let end = page.end();
    assert!(matches!(end, End::Code(1009) | End::Broken), "{end:?}");
}

#[test]
fn a_picture_that_is_too_large_is_told_so_and_not_cut_off() {
    let (_home, program) = Program::start();
    let mut page = Page::of(program.address(), ADMIN);
    page.send_raw(&masked(TEXT, &vec![b' '; 3 << 20]));
    assert_eq!(page.read(), Err(End::Code(1009)));
}

#[test]
fn odd_frames_within_the_rules_work() {
    let (_home, program) = Program::start();
    let mut admin = Page::of(program.address(), ADMIN);
    let id = admin.create(daily("Event"));
    let attend = json!({"type": "attend", "event": id, "app": "mini_event"}).to_string();
    let (first, rest) = attend.as_bytes().split_at(7);
    let mut page = Page::of(program.address(), ADA);
    let pieces = [
        masked(0x01, first),
        masked(0x89, b"in the middle"),
        masked(0x00, b""),
        masked(0x8a, b"a pong nobody asked for"),
        masked(0x80, rest),
    ];
    for byte in pieces.concat() {
        page.send_raw(&[byte]);
    }
    assert_eq!(page.expect("event")["attending"], true);
    // Binary, whole or in pieces, is not JSON text, whatever is in it.
    page.send_raw(&masked(0x82, attend.as_bytes()));
    page.expect_error("invalid-data");
    page.send_raw(&[masked(0x02, first), masked(0x80, rest)].concat());
    page.expect_error("invalid-data");
    // A letter cut in two by a frame's end is whole again.
    page.send_raw(&[masked(0x01, b"\"\xc3"), masked(0x80, b"\xb6\"")].concat());
    page.expect_error("invalid-data");
    // The longest message there is.
    let blanks = " ".repeat((1 << 20) - attend.len());
    page.send_text(attend.clone() + &blanks);
    assert_eq!(page.expect("event")["attendees"], 1);
}

#[test]
fn before_login_a_page_has_little_room() {
    let (_home, program) = Program::start();
    let mut page = Page::open(program.address());
    page.send_text(" ".repeat(8 * 1024));
    page.expect_error("invalid-data");
    for length in [9 * 1024_u64, 1 << 30] {
        let mut page = Page::open(program.address());
        page.send_raw(&[&[TEXT, 0xff][..], &length.to_be_bytes(), &[0; 4]].concat());
        assert_eq!(page.read(), Err(End::Code(1009)), "{length}");
    }
}

#[test]
fn a_goodbye_is_answered_with_one_goodbye_and_nothing_behind_it() {
    use std::io::Read;
    let (_home, program) = Program::start();
    let mut page = Page::of(program.address(), ADA);
    let goodbye = 1000_u16.to_be_bytes();
    page.send_raw(&masked(0x88, &goodbye));
    let mut rest = Vec::new();
    page.stream().read_to_end(&mut rest).unwrap();
    assert_eq!(rest, [&[0x88, 2][..], &goodbye].concat());
}
