//! Who is let in, how long one may take for it, and what one person may open and send.

mod support;

use std::io::{ErrorKind, Read};
use std::time::{Duration, Instant};

use roost::hidden::Hidden;
use roost::telegram::init_data;
use serde_json::json;
use support::page::{End, masked};
use support::{ADA, ADMIN, BOB, PATIENCE, Page, Person, Program, daily, http, now, signed};

/// What becomes of a login with `data`: `welcome`, or the reason why not, before a close 1000.
fn outcome(program: &Program, data: &str) -> String {
    let mut page = Page::open(program.address());
    page.send(json!({"type": "login", "data": data}));
    let frame = page.next();
    if frame["type"] == "welcome" {
        return "welcome".to_owned();
    }
    assert_eq!(frame["type"], "disconnect");
    assert!(frame["msg"].as_str().is_some_and(|msg| !msg.is_empty()), "{frame}");
    assert_eq!(page.read(), Err(End::Code(1000)), "{data}");
    frame["reason"].as_str().unwrap().to_owned()
}

#[test]
fn only_what_telegram_signed_lately_for_this_bot_is_a_login() {
    let (_home, program) = Program::start();
    let (user, day) = (ADA.user(), 24 * 3600);
    let at =
        |seconds: i64| signed(&[("auth_date", &(now() + seconds).to_string()), ("user", &user)]);
    let with = |key: &str, value: &str| {
        signed(&[("auth_date", &now().to_string()), ("user", &user), (key, value)])
    };
    let of = |user: &str| signed(&[("auth_date", &now().to_string()), ("user", user)]);
    let other = Hidden::new("654321:ANOTHER-TOKEN-made-up".to_owned());
    let foreign = init_data::sign(&[("auth_date", &now().to_string()), ("user", &user)], &other);
    let good = ADA.init_data();
    let rows = [
        ("as it is", good.clone(), "welcome"),
        ("the same once more", good.clone(), "welcome"),
        ("in another order", good.split('&').rev().collect::<Vec<_>>().join("&"), "welcome"),
        ("a blank value", with("x", ""), "welcome"),
        ("a field of tomorrow", with("signature", "abc"), "welcome"),
        ("nearly a day old", at(600 - day), "welcome"),
        ("our clock is behind", at(30), "welcome"),
        ("more than a day old", at(-day - 600), "expired"),
        ("from 1970", signed(&[("auth_date", "0"), ("user", &user)]), "expired"),
        ("from the future", at(600), "invalid"),
        (
            "from far away",
            signed(&[("auth_date", "99999999999999999999"), ("user", &user)]),
            "invalid",
        ),
        ("without a date", signed(&[("user", &user)]), "invalid"),
        ("an odd date", signed(&[("auth_date", "1e9"), ("user", &user)]), "invalid"),
        ("without a user", signed(&[("auth_date", &now().to_string())]), "invalid"),
        ("an odd user", of("[]"), "invalid"),
        ("a user without id", of(r#"{"first_name":"Ada"}"#), "invalid"),
        ("an id as text", of(r#"{"id":"5","first_name":"Ada"}"#), "invalid"),
        ("another bot's", foreign, "invalid"),
        ("somebody else's id", good.replace("%3A5%2C", "%3A6%2C"), "invalid"),
        ("one more field", format!("{good}&start_param=7"), "invalid"),
        ("a key twice", format!("{good}&auth_date=1"), "invalid"),
        ("the hash twice", format!("{good}&hash={}", "0".repeat(64)), "invalid"),
        ("no hash", good.split("&hash").next().unwrap().to_owned(), "invalid"),
        ("a short hash", good[..good.len() - 1].to_owned(), "invalid"),
        ("an empty hash", "hash=".to_owned(), "invalid"),
        ("a broken escape", format!("{good}&x=%zz"), "invalid"),
        ("too long", with("x", &"x".repeat(8 * 1024 - 100)), "invalid"),
        ("nothing", String::new(), "invalid"),
        ("not a form", "\u{1f980}".to_owned(), "invalid"),
    ];
    for (what, data, expected) in rows {
        assert_eq!(outcome(&program, &data), expected, "{what}");
    }
}

#[test]
fn somebody_banned_is_told_in_their_language_and_closed() {
    let (_home, program) = Program::with(&json!({"banned": [5, 900], "language": "ru"}));
    assert_eq!(outcome(&program, &BOB.init_data()), "welcome");
    assert_eq!(outcome(&program, &ADMIN.init_data()), "banned", "admin or not");
    let said = ["en", "de"].map(|language| {
        let mut page = Page::open(program.address());
        page.send(json!({"type": "login", "data": Person { language, ..ADA }.init_data()}));
        page.expect("disconnect")["msg"].clone()
    });
    assert_ne!(said[0], said[1]);
}

#[test]
fn nothing_is_done_for_somebody_who_is_not_let_in() {
    let limits = json!({"logged-in-per-user": 1, "connections-per-address": 100});
    let (_home, program) = Program::with(&json!({"limits": limits, "banned": [6]}));
    let mut admin = Page::of(program.address(), ADMIN);
    let id = admin.create(daily("Event"));
    let _first = Page::of(program.address(), ADA);
    for person in [ADA, BOB] {
        let mut page = Page::open(program.address());
        let login = json!({"type": "login", "data": person.init_data(), "app": "mini_event"});
        let attend = json!({"type": "attend", "event": id, "app": "mini_event"});
        let [login, attend] =
            [login, attend].map(|message| masked(0x81, message.to_string().as_bytes()));
        // All in one packet: the server has read the second message when it decides on the first.
        page.send_raw(&[login, attend].concat());
        page.expect("disconnect");
        assert_eq!(page.read(), Err(End::Code(1000)));
    }
    assert_eq!(admin.ask(json!({"type": "leave", "event": id}))["attendees"], 0);
}

#[test]
fn one_person_opens_only_so_many_pages() {
    let limits = json!({"logged-in-per-user": 2, "connections-per-address": 1000});
    let (_home, program) = Program::with(&json!({"limits": limits}));
    let first = Page::of(program.address(), ADA);
    let mut second = Page::of(program.address(), ADA);
    assert_eq!(outcome(&program, &ADA.init_data()), "too-many");
    assert_eq!(outcome(&program, &BOB.init_data()), "welcome", "others are not concerned");
    second.is_quiet();
    first.close();
    let asked = Instant::now();
    // The server hears of the closed page at some moment after us.
    while outcome(&program, &ADA.init_data()) != "welcome" {
        assert!(asked.elapsed() < PATIENCE, "the place is not given back");
    }
    second.is_quiet();
}

#[test]
fn who_does_not_log_in_within_ten_seconds_is_closed() {
    let (_home, program) = Program::start();
    let mut healthy = Page::of(program.address(), ADA);
    let server = program.address();
    let frame = masked(0x81, &[b' '; 4000]);
    let error = masked(0x81, b"{}");
    std::thread::scope(|scope| {
        let ping = masked(0x89, b"");
        let dripping: Vec<Vec<u8>> = frame.iter().map(|byte| vec![*byte]).collect();
        let habits = [Vec::new(), dripping, vec![ping; 1000], vec![error; 1000]];
        for habit in habits {
            scope.spawn(move || {
                let mut page = Page::open(server);
                let since = Instant::now();
                let beat = Duration::from_millis(100);
                page.stream().set_read_timeout(Some(beat)).unwrap();
                let mut drops = habit.into_iter();
                let mut heard = Vec::new();
                // Each beat waits for the server's end, and says something.
                loop {
                    let mut buffer = [0; 4096];
                    match page.stream().read(&mut buffer) {
                        Ok(0) => break,
                        Ok(count) => heard.extend_from_slice(&buffer[..count]),
                        Err(error) if error.kind() == ErrorKind::WouldBlock => {
                            let said = drops.next().unwrap_or_default();
                            if !page.try_send_raw(&said) {
                                break;
                            }
                        }
                        Err(_) => break,
                    }
                    assert!(since.elapsed() < PATIENCE, "still open");
                }
                assert!(since.elapsed() > Duration::from_secs(5), "closed early");
                assert!(heard.ends_with(&[0x88, 2, 0x03, 0xf0]), "no close 1008: {heard:?}");
            });
        }
    });
    healthy.is_quiet();
}

#[test]
fn websockets_are_for_our_own_pages() {
    let (_home, program) = Program::with(&json!({"public-url": "https://bot.example.org/app"}));
    let host = program.address().to_string();
    let ask = |origin: &str, rest: &str| {
        let request = format!(
            "GET /wss/ HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{rest}{origin}\r\n"
        );
        status(&program, &request)
    };
    let version = "Sec-WebSocket-Version: 13\r\n";
    let rows = [
        (String::new(), version, 101),
        (format!("Origin: http://{host}\r\n"), version, 101),
        ("Origin: https://bot.example.org\r\n".to_owned(), version, 101),
        ("Origin: https://web.telegram.org\r\n".to_owned(), version, 101),
        ("Origin: https://evil.example\r\n".to_owned(), version, 403),
        ("Origin: https://bot.example.org.evil.example\r\n".to_owned(), version, 403),
        ("Origin: http://bot.example.org\r\n".to_owned(), version, 403),
        ("Origin: null\r\n".to_owned(), version, 403),
        (String::new(), "Sec-WebSocket-Version: 8\r\n", 426),
        (String::new(), "", 426),
    ];
    for (origin, rest, expected) in rows {
        assert_eq!(ask(&origin, rest), expected, "{origin}{rest}");
    }
    let (status, ..) =
        http(program.address(), "GET /wss/ HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    assert_eq!(status, 404, "without an upgrade there is nothing there");
}

/// The status of an answer whose connection may stay open.
fn status(program: &Program, request: &str) -> u16 {
    use std::io::Write;
    let mut stream = std::net::TcpStream::connect(program.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut line = [0; 12];
    stream.read_exact(&mut line).unwrap();
    String::from_utf8_lossy(&line[9..]).parse().unwrap()
}

#[test]
fn who_is_too_fast_is_told_and_in_the_end_closed() {
    let limits = json!({"messages-per-second": 1, "message-burst": 40});
    let (_home, program) = Program::with(&json!({"limits": limits}));
    let mut healthy = Page::of(program.address(), BOB);
    let mut page = Page::of(program.address(), ADA);
    let message = masked(0x81, br#"{"type":"dance","app":"mini_event"}"#);
    page.send_raw(&message.repeat(1000));
    let mut codes: Vec<String> = Vec::new();
    let end = loop {
        match page.read() {
            Ok(frame) => codes.push(frame["code"].as_str().unwrap().to_owned()),
            Err(end) => break end,
        }
    };
    assert_eq!(end, End::Code(1008));
    let passed = codes.iter().take_while(|code| *code == "unknown-command").count();
    assert!((39..=45).contains(&passed), "{passed}: {codes:?}");
    let scolded = codes.iter().filter(|code| *code == "too-fast").count();
    assert!((20..1000 - passed).contains(&scolded), "{scolded}");
    healthy.is_quiet();
    // The same before login.
    let mut page = Page::open(program.address());
    page.send_raw(&masked(0x81, b"{}").repeat(1000));
    assert_eq!(page.end(), End::Code(1008));
    assert_eq!(page.seen[1]["code"], "login-required");
    assert_eq!(page.seen.last().unwrap()["code"], "too-fast");
    healthy.is_quiet();
}

#[test]
fn a_burst_of_clicks_is_fine_after_a_moment_of_patience() {
    let limits = json!({"messages-per-second": 1000, "message-burst": 5});
    let (_home, program) = Program::with(&json!({"limits": limits}));
    let mut page = Page::of(program.address(), ADA);
    let message = masked(0x81, br#"{"type":"dance","app":"mini_event"}"#);
    page.send_raw(&message.repeat(20));
    for _ in 0..20 {
        page.expect("error");
    }
    let asked = Instant::now();
    loop {
        page.send(json!({"type": "dance"}));
        if page.expect("error")["code"] == "unknown-command" {
            break;
        }
        assert!(asked.elapsed() < PATIENCE, "scolded for ever");
    }
}
