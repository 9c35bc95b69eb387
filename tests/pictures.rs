//! Pictures of events, from the message that brings them to the last event that has them.

mod support;

use serde_json::{Value, json};
use support::pictures::{base64, jpeg, png, webp};
use support::{ADMIN, Page, Program, daily, get, http};

/// A daily event with this file as its picture.
fn with(picture: &[u8], name: &str) -> Value {
    let mut event = daily("Pictured");
    event["image"] = json!({"name": name, "base64": base64(picture)});
    event
}

#[test]
fn pictures_are_served_by_content_for_ever_and_never_as_pages() {
    let (_home, program) = Program::start();
    let mut admin = Page::of(program.address(), ADMIN);
    let mut hidden = png(1600, 900);
    hidden.extend(b"<script>alert(1)</script>");
    let rows = [
        (png(1600, 900), "a.png", "image/png", ".png"),
        (jpeg(1600, 900), "../../etc/passwd", "image/jpeg", ".jpg"),
        (webp(1600, 900), "", "image/webp", ".webp"),
        (hidden, "page.html", "image/png", ".png"),
    ];
    for (bytes, name, kind, ending) in rows {
        let path = admin.ask(with(&bytes, name))["image"].as_str().unwrap().to_owned();
        let hash = path.strip_prefix("/media/").unwrap().strip_suffix(ending).unwrap();
        assert!(hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()), "{path}");
        let (status, head, body) = get(program.address(), &path);
        assert_eq!((status, &body), (200, &bytes), "{name}");
        for line in [
            format!("Content-Type: {kind}\r\n"),
            "X-Content-Type-Options: nosniff\r\n".to_owned(),
            "Cache-Control: public, max-age=31536000, immutable\r\n".to_owned(),
        ] {
            assert!(head.contains(&line), "{line} in {head}");
        }
        let request =
            |method| format!("{method} {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        let (status, _, body) = http(program.address(), &request("HEAD"));
        assert_eq!((status, body.len()), (200, 0));
        let (status, head, _) = http(program.address(), &request("DELETE"));
        assert!(status == 405 && head.contains("Allow: GET, HEAD"), "{head}");
    }
}

#[test]
fn with_a_public_url_pictures_have_absolute_addresses() {
    let (_home, program) = Program::with(&json!({"public-url": "https://bot.example.org/"}));
    let mut admin = Page::of(program.address(), ADMIN);
    let image = admin.ask(with(&png(1600, 900), "a.png"))["image"].clone();
    let path = image.as_str().unwrap().strip_prefix("https://bot.example.org/media/").unwrap();
    assert_eq!(get(program.address(), &format!("/media/{path}")).0, 200);
}

#[test]
fn what_is_no_picture_is_refused_and_nothing_of_it_kept() {
    let (_home, program) = Program::with(&json!({"events": {"media-limit": 20_000}}));
    let mut admin = Page::of(program.address(), ADMIN);
    let mut large = png(1600, 900);
    large.resize(20_001, 0);
    let rows: [(&str, Vec<u8>); 9] = [
        ("html", b"<!DOCTYPE html><script>alert(1)</script>".to_vec()),
        ("svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>".to_vec()),
        ("gif", b"GIF89a\x40\x06\x84\x03".to_vec()),
        ("nothing", Vec::new()),
        ("cut", png(1600, 900)[..20].to_vec()),
        ("narrow", png(399, 224)),
        ("square", jpeg(800, 800)),
        ("a bomb", png(160_000, 90_000)),
        ("large", large),
    ];
    for (what, bytes) in rows {
        admin.send(with(&bytes, "a.png"));
        assert_eq!(admin.expect_error("invalid-data")["field"], "image", "{what}");
    }
    for image in
        [json!({"name": "a.png", "base64": "%%%"}), json!("a.png"), json!({"name": "a.png"})]
    {
        let mut event = daily("Pictured");
        event["image"] = image.clone();
        admin.send(event);
        assert_eq!(admin.expect_error("invalid-data")["field"], "image", "{image}");
    }
    assert_eq!(admin.create(with(&png(1600, 900), "a.png")), 1, "the first that was kept");
}

#[test]
fn a_picture_of_two_events_is_stored_once_and_goes_with_the_last() {
    let (_home, program) = Program::start();
    let mut admin = Page::of(program.address(), ADMIN);
    let picture = with(&png(1600, 900), "one.png");
    let first = admin.ask(picture.clone());
    let second = admin.ask(with(&png(1600, 900), "another.png"));
    assert_eq!(first["image"], second["image"]);
    let path = first["image"].as_str().unwrap().to_owned();
    let served = || get(program.address(), &path).0;
    admin.send(json!({"type": "delete-event", "id": 1}));
    admin.expect("delete-event");
    assert_eq!(served(), 200, "the second still has it");
    // Another picture, back again, and none at all.
    let other = json!({"name": "b", "base64": base64(&webp(800, 450))});
    let edited = admin.ask(json!({"type": "edit-event", "id": 2, "image": other}));
    assert_eq!(served(), 404);
    let other_path = edited["image"].as_str().unwrap();
    assert_eq!(get(program.address(), other_path).0, 200);
    admin.ask(json!({"type": "edit-event", "id": 2, "image": picture["image"]}));
    assert_eq!((served(), get(program.address(), other_path).0), (200, 404));
    // The same picture once more changes nothing.
    let same = admin.ask(json!({"type": "edit-event", "id": 2, "image": picture["image"]}));
    assert_eq!((served(), &same["version"]), (200, &json!(3)));
    assert_eq!(admin.ask(json!({"type": "edit-event", "id": 2, "image": null}))["image"], "");
    assert_eq!(served(), 404);
}

#[test]
fn no_path_leads_out_of_the_media() {
    let (home, program) = Program::start();
    let mut admin = Page::of(program.address(), ADMIN);
    let path = admin.ask(with(&png(1600, 900), "a.png"))["image"].as_str().unwrap().to_owned();
    let hash = &path["/media/".len().."/media/".len() + 64];
    let before = std::fs::read_dir(home.folder()).unwrap().count();
    let rows = [
        "/media/".to_owned(),
        "/media/../roost.redb".to_owned(),
        "/media/..%2froost.redb".to_owned(),
        "/media/%2e%2e/settings.json".to_owned(),
        "/media//etc/passwd".to_owned(),
        format!("/media/{hash}"),
        format!("/media/{hash}.html"),
        format!("/media/{hash}.svg"),
        format!("/media/{hash}.jpg"),
        format!("/media/{hash}.png%00.html"),
        format!("/media/{hash}.png/"),
        format!("/media/{hash}.png/../x"),
        format!("/media/{}.png", hash.to_uppercase()),
        format!("/media/x/{hash}.png"),
        format!("/media/{}.png", "0".repeat(64)),
    ];
    for path in rows {
        let status = get(program.address(), &path).0;
        assert!(matches!(status, 400 | 404), "{path}: {status}");
    }
    assert_eq!(std::fs::read_dir(home.folder()).unwrap().count(), before, "no file was made");
}
