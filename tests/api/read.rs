//! Reading messages: once, and otherwise one "no" for everything.

use serde_json::json;

use super::{JSON, World, ask_and_leave};

/// A token that opens nothing.
fn wrong(digit: char) -> String {
    digit.to_string().repeat(64)
}

#[test]
fn a_message_is_read_once_by_get_or_post_with_or_without_a_slash() {
    let world = World::new();
    for (method, slash) in [("GET", ""), ("GET", "/"), ("POST", ""), ("POST", "/")] {
        let made = world.make(&json!({"text": "the door code is 4711"}));
        let path = format!("{}{slash}", made.path());
        let read = || world.with_key(&world.key, method, &path, ("", b""));
        let first = read();
        assert_eq!((first.status, first.json()), (200, json!({"text": "the door code is 4711"})));
        assert_eq!(first.header("Cache-Control"), Some("no-store"));
        let second = read();
        assert_eq!((second.status, second.json()), (404, json!({"detail": "not found"})));
    }
}

#[test]
fn every_no_is_the_same_byte_for_byte() {
    let world = World::with(&json!({"secrets": {"max-ttl": "1d"}}));
    let read = world.make(&json!({"text": "read"}));
    world.get(&read.path());
    let open = world.make(&json!({"text": "open"}));
    let expired = world.make(&json!({"text": "expired", "ttl": 1}));
    let bound = world.make(&json!({"text": "for Ada", "recipient": 5}));
    let (id, unknown) = (open.id, open.id + 1_000);
    let until = std::time::Instant::now() + std::time::Duration::from_millis(1_100);
    let paths = [
        format!("/api/v1/get_message/{id}/{}", wrong('0')),
        format!("/api/v1/get_message/{unknown}/{}", wrong('0')),
        read.path(),
        bound.path(),
        format!("/api/v1/get_message/{id}/short"),
        format!("/api/v1/get_message/{id}/{}:{}", &wrong('0')[..32], &wrong('0')[..32]),
        format!("/api/v1/get_message/{id}/{}", "п".repeat(32)),
        format!("/api/v1/get_message/{id}/%00{}", &wrong('0')[1..]).replace("%00", "%20"),
        format!("/api/v1/get_message/one/{}", wrong('0')),
        format!("/api/v1/get_message/-1/{}", wrong('0')),
        format!("/api/v1/get_message/1.0/{}", wrong('0')),
        format!("/api/v1/get_message/0{id}/{}", open.token),
        format!("/api/v1/get_message/18446744073709551617/{}", wrong('0')),
        format!("/api/v1/get_message/{id}"),
        "/api/v1/nothing".to_owned(),
    ];
    let replies: Vec<_> = paths.iter().map(|path| world.get(path).bytes()).collect();
    for (path, reply) in paths.iter().zip(&replies) {
        assert_eq!(reply, &replies[0], "{path}");
    }
    assert!(replies[0].starts_with("HTTP/1.1 404 "), "{}", replies[0]);
    // The clock is the one thing here that cannot be waited for in another way.
    while std::time::Instant::now() < until {
        std::thread::yield_now();
    }
    assert_eq!(world.get(&expired.path()).bytes(), replies[0], "expired");
    // The page's "no" is the same, too.
    let page = world.press("192.0.2.1", unknown, &json!({"token": wrong('0')}));
    assert_eq!(page.bytes(), replies[0]);
    assert_eq!(world.get(&open.path()).json(), json!({"text": "open"}), "none of that read it");
}

#[test]
fn what_shows_nothing_consumes_nothing() {
    let world = World::new();
    let made = world.make(&json!({"text": "still there"}));
    let page = format!("/s/{}", made.id);
    for method in ["HEAD", "OPTIONS", "PUT", "DELETE", "PROPFIND"] {
        let reply = world.with_key(&world.key, method, &made.path(), ("", b""));
        assert_eq!((reply.status, reply.header("Allow")), (405, Some("GET, POST")), "{method}");
    }
    // Previews of links: without a key, on the API and on the page, with the token and without.
    for path in
        [made.path(), format!("{}/", made.path()), page.clone(), format!("{page}?{}", made.token)]
    {
        for method in ["GET", "HEAD"] {
            let lines = "User-Agent: TelegramBot (like TwitterBot)\r\n";
            let reply = world.ask(method, &path, lines, b"");
            assert!([200, 401, 405].contains(&reply.status), "{method} {path}: {reply:?}");
            assert!(!String::from_utf8_lossy(&reply.body).contains("still there"));
        }
    }
    // Bodies that cannot be read.
    for body in ["", "{", "[]", "{\"token\": 7}", "{\"token\": \"\", \"passphrase\": 7}"] {
        let lines = format!("Content-Type: {JSON}\r\n");
        assert_eq!(world.ask("POST", &page, &lines, body.as_bytes()).status, 400, "{body}");
    }
    let token = json!({"token": made.token}).to_string();
    for lines in
        ["", "Content-Type: text/plain\r\n", "Content-Type: application/x-www-form-urlencoded\r\n"]
    {
        assert_eq!(world.ask("POST", &page, lines, token.as_bytes()).status, 415, "{lines}");
    }
    let bad = world.with_key(&world.key, "POST", &made.path(), (JSON, b"{"));
    assert_eq!(bad.status, 400);
    assert_eq!(world.get(&made.path()).json(), json!({"text": "still there"}));
}

#[test]
fn guessing_locks_the_number_and_stops_the_guesser() {
    let world = World::new();
    let made = world.make(&json!({"text": "mine"}));
    let guess = |key: &str, id: u64, digit: char| {
        world.with_key(key, "GET", &format!("/api/v1/get_message/{id}/{}", wrong(digit)), ("", b""))
    };
    for id in [made.id, made.id + 7] {
        let key = world.key(&format!("guesser-{id}"), &[]);
        let statuses: Vec<u16> =
            "01234567".chars().map(|digit| guess(&key, id, digit).status).collect();
        assert_eq!(statuses, [404, 404, 404, 404, 404, 429, 429, 429], "{id} is there or not");
    }
    let refused = guess(&world.key, made.id, '9');
    let wait: u64 = refused.header("Retry-After").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    // The right token is refused like a wrong one, so a lock tells nobody that a guess was right.
    assert_eq!(
        world.get(&made.path()).bytes().split("Retry").next(),
        refused.bytes().split("Retry").next()
    );
    assert_eq!(world.press("192.0.2.1", made.id, &json!({"token": made.token})).status, 429);
    // Whoever spreads guesses over many numbers is stopped after ten, by key and by address.
    let world = World::new();
    let key = world.key("spread", &[]);
    let statuses: Vec<u16> = (100..112)
        .map(|id| {
            world
                .with_key(
                    &key,
                    "GET",
                    &format!("/api/v1/get_message/{id}/{}", wrong('0')),
                    ("", b""),
                )
                .status
        })
        .collect();
    assert_eq!(statuses, [[404; 10].as_slice(), &[429, 429]].concat());
    let statuses: Vec<u16> = (200..212)
        .map(|id| world.press("2001:db8::7", id, &json!({"token": wrong('0')})).status)
        .collect();
    assert_eq!(statuses, [[404; 10].as_slice(), &[429, 429]].concat());
    assert_eq!(
        world.press("2001:db8::8", 300, &json!({"token": wrong('0')})).status,
        429,
        "one household"
    );
    let made = world.make(&json!({"text": "others are not disturbed"}));
    assert_eq!(world.press("192.0.2.2", made.id, &json!({"token": made.token})).status, 200);
}

#[test]
fn a_passphrase_opens_and_five_wrong_ones_burn() {
    let world = World::new();
    let fields = json!({"text": "sesame", "passphrase": "open: sesame 😀"});
    let made = world.make(&fields);
    let asked = world.get(&made.path());
    assert_eq!((asked.status, &asked.json()["needs"]), (404, &json!("passphrase")));
    let with = |passphrase: &str| {
        let body = json!({"passphrase": passphrase}).to_string();
        world.with_key(&world.key, "POST", &made.path(), (JSON, body.as_bytes()))
    };
    assert_eq!(with("open sesame").json(), json!({"detail": "not found"}));
    assert_eq!(with("open: sesame 😀").json(), json!({"text": "sesame"}));
    let made = world.make(&fields);
    for tries in 0..5 {
        let body = json!({"token": made.token, "passphrase": format!("wrong {tries}")});
        let reply = world.press("192.0.2.1", made.id, &body);
        assert_eq!((reply.status, reply.json()), (404, json!({"detail": "not found"})));
    }
    let right = json!({"token": made.token, "passphrase": "open: sesame 😀"});
    assert_eq!(world.press("192.0.2.2", made.id, &right).json(), json!({"detail": "not found"}));
}

#[test]
fn whoever_leaves_before_reading_has_had_their_chance() {
    let world = World::new();
    let made = world.make(&json!({"text": "once"}));
    let body = json!({"token": made.token}).to_string();
    let request = format!(
        "POST /s/{} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {JSON}\r\nContent-Length: {}\r\n\r\n{body}",
        made.id,
        body.len()
    );
    ask_and_leave(world.address(), request.as_bytes());
    assert_eq!(world.get(&made.path()).status, 404);
}

#[test]
fn a_restart_brings_nothing_back() {
    let mut world = World::new();
    let read = world.make(&json!({"text": "read"}));
    let open = world.make(&json!({"text": "open"}));
    assert_eq!(world.get(&read.path()).status, 200);
    world.program.kill();
    world.program = world.home.serve();
    assert_eq!(world.get(&read.path()).status, 404);
    assert_eq!(world.get(&open.path()).json(), json!({"text": "open"}));
}
