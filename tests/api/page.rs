//! The page that reveals a message, as a server sees it; `tests/browser` looks at it as people do.

use serde_json::json;

use super::World;

#[test]
fn the_page_is_the_same_for_every_number_and_kept_by_nobody() {
    let world = World::new();
    let made = world.make(&json!({"text": "x"}));
    let read = world.make(&json!({"text": "y"}));
    world.get(&read.path());
    let get = |method: &str, path: &str| world.ask(method, path, "", b"");
    let page = get("GET", &format!("/s/{}", made.id));
    assert_eq!((page.status, page.header("Cache-Control")), (200, Some("no-store")), "{page:?}");
    assert_eq!(page.header("Content-Type"), Some("text/html; charset=utf-8"));
    assert_eq!(page.header("Referrer-Policy"), Some("no-referrer"));
    assert!(page.header("Content-Security-Policy").unwrap().contains("script-src 'self'"));
    assert_eq!((page.header("ETag"), page.header("Location")), (None, None));
    for id in [read.id, 999, 123_456_789_012_345_678] {
        assert_eq!(get("GET", &format!("/s/{id}")).bytes(), page.bytes(), "{id}");
    }
    assert_eq!(get("HEAD", "/s/7").head.lines().next(), page.head.lines().next());
    assert!(
        !String::from_utf8_lossy(&page.body).contains("telegram.org"),
        "needs no script of Telegram"
    );
    for path in [
        "/s",
        "/s/",
        "/s/x",
        "/s/0",
        "/s/07",
        "/s/-7",
        "/s/7/",
        "/s/7/x",
        "/s/index.html",
        "/secrets",
        "/secrets/",
    ] {
        assert_eq!(get("GET", path).status, 404, "{path}");
    }
    let apps = get("GET", "/settings.json").json();
    assert_eq!(apps["apps"].as_array().unwrap().len(), 1, "the launcher does not list it: {apps}");
}

#[test]
fn a_message_is_read_on_the_page_once() {
    let world = World::new();
    let made = world.make(&json!({"text": "a:b\n😀"}));
    let read = world.press("192.0.2.1", made.id, &json!({"token": made.token}));
    assert_eq!((read.status, read.json()), (200, json!({"text": "a:b\n😀"})));
    assert_eq!(read.header("Cache-Control"), Some("no-store"));
    let again = world.press("192.0.2.1", made.id, &json!({"token": made.token.to_uppercase()}));
    assert_eq!((again.status, again.json()), (404, json!({"detail": "not found"})));
    let large = json!({"token": "0".repeat(9_000)});
    assert_eq!(world.press("192.0.2.1", made.id, &large).status, 413);
}

#[test]
fn without_web_reveal_there_is_no_page() {
    let world = World::with(&json!({"secrets": {"web-reveal": false}}));
    let made = world.make(&json!({"text": "x"}));
    for path in ["/s/1", "/s/", "/secrets/"] {
        assert_eq!(world.ask("GET", path, "", b"").status, 404, "{path}");
    }
    assert_eq!(world.press("192.0.2.1", made.id, &json!({"token": made.token})).status, 404);
    assert_eq!(
        world.get(&made.path()).json(),
        json!({"text": "x"}),
        "the API reads it all the same"
    );
}
