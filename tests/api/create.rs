//! Making messages: what is taken, and what is refused and how.

use serde_json::json;

use super::{FORM, JSON, World};

const CREATE: &str = "/api/v1/create_message";

#[test]
fn a_message_is_made_from_a_form_or_json_in_the_shape_of_the_original() {
    let world = World::new();
    let text = "see https://x at 12:30\nшалом שלום 😀 100% & more=";
    let form = "x=1&text=see%20https%3A%2F%2Fx+at+12%3A30%0A%D1%88%D0%B0%D0%BB%D0%BE%D0%BC+%D7%A9%D7%9C%D7%95%D7%9D+%F0%9F%98%80+100%25+%26+more%3D";
    let json = json!({"text": text, "is_viewed": true}).to_string();
    for (path, kind, body) in [
        (CREATE, JSON, &json[..]),
        (CREATE, FORM, form),
        ("/api/v1/create_message/", "application/json; charset=utf-8", &json),
    ] {
        let reply = world.with_key(&world.key, "POST", path, (kind, body.as_bytes()));
        assert_eq!(reply.status, 201, "{reply:?}");
        assert_eq!(reply.header("Content-Type"), Some("application/json"));
        assert_eq!(reply.header("Cache-Control"), Some("no-store"));
        let made = reply.json();
        let members: Vec<&String> = made.as_object().unwrap().keys().collect();
        assert_eq!(members, ["id", "text", "access_token", "is_viewed", "timestamp"]);
        assert_eq!((&made["text"], &made["is_viewed"]), (&json!(text), &json!(false)));
        let token = made["access_token"].as_str().unwrap();
        assert!(token.len() == 64 && token.bytes().all(|b| b.is_ascii_hexdigit()), "{token}");
        let timestamp = made["timestamp"].as_str().unwrap();
        let instant = timestamp.parse::<jiff::Timestamp>().unwrap();
        assert!(
            timestamp.ends_with('Z') && (instant.as_second() - super::support::now()).abs() < 60
        );
        let read = world.get(&format!("/api/v1/get_message/{}/{token}", made["id"]));
        assert_eq!((read.status, read.json()), (200, json!({"text": text})));
    }
}

#[test]
fn what_is_no_text_is_refused_with_a_reason_in_json() {
    let world = World::new();
    let long_json = json!({"text": "p".repeat(4001)}).to_string();
    let long_form = format!("text={}", "%D0%BF".repeat(4001));
    let huge = format!("text={}", "a".repeat(64 * 1024));
    let rows: [(&str, &[u8], u16, &str); 30] = [
        (FORM, b"", 400, "`text`: expected a text that is not empty"),
        (FORM, b"other=1", 400, "`text`: "),
        (FORM, b"text=", 400, "`text`: "),
        (FORM, b"text=+%20%0A", 400, "`text`: expected a text that is not empty"),
        (FORM, b"text=%", 400, "malformed form"),
        (FORM, b"text=%ff", 400, "not UTF-8"),
        (FORM, b"text=a&text=b", 400, "given twice"),
        (JSON, b"{}", 400, "`text`: "),
        (JSON, b"{\"text\": \"\"}", 400, "`text`: "),
        (JSON, b"{\"text\": null}", 400, "`text`: "),
        (JSON, b"{\"text\": 7}", 400, "`text`: "),
        (JSON, b"{\"text\": [\"a\"]}", 400, "`text`: "),
        (JSON, b"", 400, "malformed JSON"),
        (JSON, b"{\"text\": \"a\"", 400, "malformed JSON"),
        (JSON, b"text=a", 400, "malformed JSON"),
        (JSON, b"{\"text\": \"\xff\"}", 400, "not UTF-8"),
        (JSON, b"{\"text\": \"\\ud800\"}", 400, "malformed JSON"),
        (JSON, b"[]", 400, "no JSON object"),
        (JSON, b"{\"text\": \"a\", \"ttl\": \"soon\"}", 400, "`ttl`: "),
        (JSON, b"{\"text\": \"a\", \"ttl\": 0}", 400, "`ttl`: expected 1 to 604800 seconds"),
        (JSON, b"{\"text\": \"a\", \"ttl\": \"8d\"}", 400, "`ttl`: "),
        (JSON, b"{\"text\": \"a\", \"passphrase\": 7}", 400, "`passphrase`: "),
        (JSON, b"{\"text\": \"a\", \"recipient\": \"@ada\"}", 400, "`recipient`: "),
        (JSON, long_json.as_bytes(), 413, "`text`: expected at most 4000 characters"),
        (FORM, long_form.as_bytes(), 413, "`text`: expected at most 4000 characters"),
        (FORM, huge.as_bytes(), 413, "the body is over 65536 bytes"),
        ("text/plain", b"text=a", 415, "send `application/json` or"),
        ("multipart/form-data; boundary=x", b"--x--", 415, "send `application/json` or"),
        ("application/json; charset=latin1", b"{}", 415, "send `application/json` or"),
        ("", b"text=a", 415, "send `application/json` or"),
    ];
    for (kind, body, status, says) in rows {
        let reply = world.with_key(&world.key, "POST", CREATE, (kind, body));
        let shown = &body[..body.len().min(60)];
        assert_eq!(reply.status, status, "{kind} {}: {reply:?}", shown.escape_ascii());
        let detail = reply.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(says), "{kind} {}: {detail}", shown.escape_ascii());
        assert_eq!(reply.header("Cache-Control"), Some("no-store"));
    }
    // Nothing of that made a message.
    assert_eq!(world.make(&json!({"text": "first"})).id, 1);
}

#[test]
fn four_thousand_characters_of_any_kind_come_back_as_they_were() {
    let world = World::new();
    for text in ["😀".repeat(4000), "ש\u{202e}\0\r\n:".repeat(600), " a ".to_owned()] {
        let made = world.make(&json!({"text": text}));
        assert_eq!(world.get(&made.path()).json(), json!({"text": text}));
    }
}

#[test]
fn other_methods_are_told_what_works() {
    let world = World::new();
    let config = "/api/v1/get_last_active_app_config";
    let read = "/api/v1/get_message/1/abc";
    for (path, methods, allow) in [
        (CREATE, &["GET", "HEAD", "PUT", "DELETE", "OPTIONS"][..], "POST"),
        (read, &["HEAD", "PUT", "DELETE", "OPTIONS"], "GET, POST"),
        (config, &["HEAD", "POST", "DELETE"], "GET"),
        ("/s/1", &["PUT", "DELETE", "OPTIONS"], "GET, HEAD, POST"),
    ] {
        for method in methods {
            let reply = world.with_key(&world.key, method, path, ("", b""));
            assert_eq!(
                (reply.status, reply.header("Allow")),
                (405, Some(allow)),
                "{method} {path}"
            );
        }
    }
}

#[test]
fn a_key_makes_so_many_messages_at_once_and_no_more() {
    let world = World::new();
    let body = json!({"text": "x"}).to_string();
    let make = |key: &str| world.with_key(key, "POST", CREATE, (JSON, body.as_bytes()));
    let refused = (0..300).map(|_| make(&world.key)).find(|reply| reply.status != 201);
    let refused = refused.expect("a limit");
    assert_eq!((refused.status, refused.header("Retry-After")), (429, Some("1")), "{refused:?}");
    assert!(refused.json()["detail"].is_string());
    assert_eq!(make(&world.key("other", &[])).status, 201, "another key has its own");
}
