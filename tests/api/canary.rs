//! Canaries: after a message was read, neither its text nor its token, passphrase or key is in any
//! file or any line of the log, at `trace` and in both formats.

use std::fs;

use serde_json::json;

use super::{FORM, JSON, World, ok};

const TEXT: &str = "CANARYTEXT the door code";
const PASSPHRASE: &str = "CANARYPASSPHRASE";

#[test]
fn nothing_of_a_message_or_a_key_is_left_in_any_file_or_log() {
    for format in ["text", "json"] {
        let log = json!({"level": "trace", "format": format, "modules": {"roost::net": "trace"}});
        let mut world = World::with(&json!({"log": log}));
        let plain = world.make(&json!({"text": TEXT}));
        let secret = world.make(&json!({"text": TEXT, "passphrase": PASSPHRASE}));
        let on_page = world.make(&json!({"text": TEXT}));
        let burnt = world.make(&json!({"text": TEXT, "passphrase": PASSPHRASE}));
        let unread = world.make(&json!({"text": TEXT}));
        misuse(&world, &plain.path(), &plain.token);
        assert_eq!(world.get(&plain.path()).status, 200);
        let body = json!({"passphrase": PASSPHRASE}).to_string();
        let path = secret.path();
        let read = world.with_key(&world.key, "POST", &path, (JSON, body.as_bytes()));
        assert_eq!(read.status, 200);
        assert_eq!(
            world.press("192.0.2.1", on_page.id, &json!({"token": on_page.token})).status,
            200
        );
        for n in 0..5 {
            let wrong = json!({"token": burnt.token, "passphrase": format!("{PASSPHRASE} {n}")});
            world.press("192.0.2.2", burnt.id, &wrong);
        }
        let removed = world.key("removed", &[]);
        ok(world.home.folder(), &["api-key", "remove", "removed"]);
        assert_eq!(world.with_key(&removed, "GET", &plain.path(), ("", b"")).status, 401);
        world.program.ask_to_stop();
        let (status, output) = world.program.ended();
        assert!(status.success(), "{output}");
        assert!(output.contains("refused with"), "trace says something at all:\n{output}");
        let mut canaries = vec!["CANARY".to_owned(), world.key.clone(), removed];
        let made = [plain, secret, on_page, burnt, unread];
        canaries.extend(made.iter().map(|made| made.token.clone()));
        for canary in &canaries {
            // A part gives nearly as much away as the whole.
            let part = &canary[canary.len().saturating_sub(16)..];
            assert!(!output.contains(part), "in the log:\n{output}");
            for file in fs::read_dir(world.home.folder()).unwrap() {
                let path = file.unwrap().path();
                let bytes = fs::read(&path).unwrap();
                let found = bytes.windows(part.len()).any(|window| window == part.as_bytes());
                assert!(!found, "{part} in {}", path.display());
            }
        }
    }
}

/// Requests that go wrong in as many ways as there are, each with something secret in it.
fn misuse(world: &World, path: &str, token: &str) {
    let key = format!("Authorization: Bearer {}\r\n", world.key);
    for (method, path, lines, body) in [
        ("GET", path.to_owned(), String::new(), String::new()),
        ("GET", format!("{path}/%zz"), key.clone(), String::new()),
        ("GET", format!("{path}/%2F"), key.clone(), String::new()),
        ("GET", format!("{path}%C3%28"), key.clone(), String::new()),
        ("HEAD", path.to_owned(), key.clone(), String::new()),
        ("GET", format!("/s/1?{token}"), String::new(), String::new()),
        ("GET", format!("/{token}"), format!("Cookie: {token}\r\n"), String::new()),
        (
            "POST",
            "/s/1".to_owned(),
            format!("Content-Type: {JSON}\r\n"),
            format!("{{\"token\": \"{token}"),
        ),
        ("POST", "/s/1".to_owned(), format!("Content-Type: {FORM}\r\n"), format!("token={token}")),
        (
            "POST",
            "/api/v1/create_message".to_owned(),
            format!("{key}Content-Type: {JSON}\r\n"),
            format!("{{\"text\": \"{TEXT}"),
        ),
        (
            "POST",
            "/api/v1/create_message".to_owned(),
            format!("{key}Content-Type: {FORM}\r\n"),
            format!("text={TEXT}%"),
        ),
        (
            "POST",
            "/api/v1/create_message".to_owned(),
            format!("{key}Content-Type: {JSON}\r\n"),
            json!({"text": TEXT, "ttl": TEXT}).to_string(),
        ),
        (
            "POST",
            "/api/v1/create_message".to_owned(),
            format!("{key}Transfer-Encoding: {token}\r\n"),
            TEXT.to_owned(),
        ),
        (
            "POST",
            path.to_owned(),
            format!("{key}Content-Type: {JSON}\r\n"),
            format!("{{\"passphrase\": [\"{PASSPHRASE}\"]}}"),
        ),
    ] {
        let reply = world.ask(method, &path, &lines, body.as_bytes());
        assert!(reply.status >= 400 || path.starts_with("/s/1?"), "{method} {path}: {reply:?}");
    }
}
