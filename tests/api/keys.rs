//! Keys: who gets in, and who does not any more.

use serde_json::{Value, json};

use super::{JSON, World, ok, run};

const CREATE: &str = "/api/v1/create_message";
const CONFIG: &str = "/api/v1/get_last_active_app_config";

/// The three things the API does, each as it would work.
const DOORS: [(&str, &str, &[u8]); 3] = [
    ("POST", CREATE, b"{\"text\": \"x\"}"),
    (
        "GET",
        "/api/v1/get_message/1/0000000000000000000000000000000000000000000000000000000000000000",
        b"",
    ),
    ("GET", CONFIG, b""),
];

#[test]
fn without_a_key_nobody_gets_in() {
    let world = World::new();
    let mut close = world.key.clone();
    close.pop();
    let lines = [
        String::new(),
        "Authorization: \r\n".to_owned(),
        "Authorization: Bearer\r\n".to_owned(),
        "Authorization: Bearer roost_\r\n".to_owned(),
        format!("Authorization: Bearer {close}\r\n"),
        format!("Authorization: Bearer {}0\r\n", world.key),
        format!("Authorization: Bearer {}\r\n", world.key.to_uppercase()),
        format!("Authorization: Basic {}\r\n", world.key),
        format!("Authorization: {}\r\n", world.key),
        format!("Authorization: Bearer {0}\r\nAuthorization: Bearer {0}\r\n", world.key),
        format!("X-Api-Key: {}\r\n", world.key),
        format!("Cookie: key={}\r\n", world.key),
    ];
    for lines in &lines {
        for (method, path, body) in DOORS {
            let path = format!("{path}?key={}", world.key);
            let reply = world.ask(method, &path, &format!("{lines}Content-Type: {JSON}\r\n"), body);
            assert_eq!(reply.status, 401, "{lines} {path}: {reply:?}");
            assert!(reply.header("WWW-Authenticate").unwrap().starts_with("Bearer realm="));
            assert!(reply.json()["detail"].is_string());
        }
    }
}

#[test]
fn a_key_opens_what_its_scopes_say() {
    let world = World::new();
    let messages = world.key("messages", &[]);
    let also_messages = world.key("also", &["--scope", "messages"]);
    let config = world.key("config", &["--scope", "config"]);
    for (key, expected) in [
        (&messages, [201, 404, 403]),
        (&also_messages, [201, 404, 403]),
        (&config, [403, 403, 204]),
        (&world.key, [201, 404, 204]),
    ] {
        let statuses = DOORS
            .map(|(method, path, body)| world.with_key(key, method, path, (JSON, body)).status);
        assert_eq!(statuses, expected);
    }
    let refused = world.with_key(&messages, "GET", CONFIG, ("", b""));
    assert!(refused.header("WWW-Authenticate").unwrap().contains("scope=\"config\""));
    assert_eq!(refused.json()["detail"], "this key does not have the scope `config`");
}

#[test]
fn a_removed_key_opens_nothing_from_that_moment() {
    let world = World::new();
    let folder = world.home.folder();
    let key = world.key("shop", &[]);
    let create = || world.with_key(&key, "POST", CREATE, (JSON, DOORS[0].2)).status;
    assert_eq!(create(), 201);
    assert_eq!(ok(folder, &["api-key", "remove", "shop"]), "key `shop` removed\n");
    assert_eq!(create(), 401);
    // A new key of the old name is another key.
    world.key("shop", &[]);
    assert_eq!(create(), 401);
}

#[test]
fn keys_are_listed_without_being_shown() {
    let world = World::new();
    let folder = world.home.folder();
    let key = world.key("Büro.2", &["--scope", "config"]);
    let list =
        || -> Value { serde_json::from_str(&ok(folder, &["api-key", "list", "--json"])).unwrap() };
    let before = list();
    assert_eq!(before[0]["name"], "Büro.2");
    assert_eq!(before[0]["scopes"], json!(["config"]));
    assert_eq!(before[0]["last_used"], Value::Null);
    assert!(before[0]["created"].as_str().unwrap().ends_with('Z'));
    assert_eq!(world.with_key(&key, "GET", CONFIG, ("", b"")).status, 204);
    // Nobody waits for the note of the use; the next commit has it.
    world.make(&json!({"text": "x"}));
    let used = list();
    assert!(used[0]["last_used"].is_string(), "{used}");
    assert_eq!(world.with_key(&key, "GET", CONFIG, ("", b"")).status, 204);
    world.make(&json!({"text": "x"}));
    assert_eq!(list()[0], used[0], "once an hour is enough");
    let table = ok(folder, &["api-key", "list"]);
    assert!(table.starts_with("Name    Scopes            Created"), "{table}");
    assert!(table.contains("all     messages, config  "), "{table}");
    for key in [&key, &world.key] {
        assert!(!table.contains(&key[6..20]) && !used.to_string().contains(&key[6..20]));
    }
}

#[test]
fn keys_are_managed_with_a_server_and_without_one() {
    let mut world = World::new();
    let key = world.key("shop", &[]);
    assert!(key.starts_with("roost_") && key.len() == 70, "{key}");
    world.program.kill();
    let folder = world.home.folder();
    for (arguments, code, says) in [
        (&["api-key", "add", "shop"][..], 1, "there is a key of this name"),
        (&["api-key", "add", "a b"], 1, "a key needs a name"),
        (&["api-key", "add", ""], 1, "a key needs a name"),
        (&["api-key", "add", "x", "--scope", "all"], 2, "a scope is `messages` or `config`"),
        (&["api-key", "add"], 2, "see `roost api-key --help`"),
        (&["api-key"], 2, "see `roost api-key --help`"),
        (&["api-key", "remove", &key], 1, "there is no key of this name"),
    ] {
        let done = run(folder, arguments, "");
        assert_eq!((done.code, &*done.out), (code, ""), "{arguments:?}: {}", done.err);
        assert!(done.err.contains(says) && !done.err.contains(&key), "{arguments:?}: {}", done.err);
        assert_eq!(done.err.matches('\n').count(), 1, "{}", done.err);
    }
    let settings = world.home.settings();
    let settings = settings.to_str().unwrap();
    ok(folder, &["api-key", "--settings", settings, "remove", "all"]);
    let second = ok(folder, &["api-key", "add", "second", "--settings", settings]);
    world.program = world.home.serve();
    for (key, status) in [(&*world.key, 401), (&key, 201), (second.trim(), 201)] {
        assert_eq!(world.with_key(key, "POST", CREATE, (JSON, DOORS[0].2)).status, status);
    }
}
