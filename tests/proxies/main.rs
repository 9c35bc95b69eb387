//! The proxies of `docs/proxies.md`, word for word, as real programs in front of the real server.
//!
//! Each runs as a child of the test in a folder of its own, with a certificate signed by itself.

#[path = "../brokers/process.rs"]
#[allow(dead_code, reason = "brokers need more of it")]
mod process;
mod proxy;
mod snippet;
#[path = "../support/mod.rs"]
mod support;
mod visitor;
mod world;

use serde_json::json;
use support::page::End;
use support::{ADA, ADMIN, BOB, PATIENCE, daily};
use world::World;

/// What `limits.connections-per-address` is here.
const OF_ONE_ADDRESS: usize = 4;

/// A mebibyte: `limits.body`, and what the pages' proxies let through.
const BODY: usize = 1024 * 1024;

/// Everything a proxy has to do.
fn passes(start: proxy::Start) {
    let world = World::new(&json!({"trusted-proxies": ["127.0.0.1/32"]}), start);
    pages(&world);
    live_updates(&world);
    bodies(&world);
    reasons_stay_inside(&world);
    let world = addresses(world);
    restart(world);
}

fn pages(world: &World) {
    let (status, head, body) = world.get("/mini_event/");
    assert_eq!(status, 200, "{head}");
    assert!(head.to_lowercase().contains("content-security-policy"), "{head}");
    assert!(String::from_utf8_lossy(&body).contains("<script"), "the page itself");
    // Host and scheme arrive: this is what visitors see.
    let (_, _, body) = world.get("/settings.json");
    let body = String::from_utf8_lossy(&body).into_owned();
    assert!(body.contains("\"socket\":\"wss://bot.example.org/wss/\""), "{body}");
}

fn live_updates(world: &World) {
    let (mut admin, mut ada) = (world.page(ADMIN), world.page(ADA));
    let event = admin.create(daily("Games"));
    ada.until(|frame| frame["id"] == event);
    ada.ask(json!({"type": "attend", "event": event}));
    assert_eq!(admin.until_going(event, 1)["attendees"], 1);
    // A browser says where the page is from.
    assert_eq!(world.handshake(Some("https://bot.example.org")), 101);
    assert_eq!(world.handshake(Some("https://evil.example")), 403);
    // Larger than any buffer of a proxy.
    ada.send(json!({"type": "x".repeat(200_000)}));
    ada.until(|frame| frame["code"] == "unknown-command");
}

fn bodies(world: &World) {
    let (status, head, _) = world.post("/settings.json", BODY, &vec![b'x'; BODY]);
    assert_eq!(status, 403, "it arrives, and is no login: {head}");
    let (status, head, _) =
        world.post("/settings.json", BODY + 1, &vec![b'x'; world.begun(BODY + 1)]);
    assert_eq!(status, 413, "{head}");
}

fn reasons_stay_inside(world: &World) {
    let (status, _, body) = world.get("/readyz");
    let body = String::from_utf8_lossy(&body).into_owned();
    assert_eq!(status, 503, "Telegram does not answer here: {body}");
    assert!(body.contains("\"telegram\"") && !body.contains("reason"), "{body}");
}

/// Visitors count by their own address, whatever they claim.
fn addresses(world: World) -> World {
    let world = world.restarted(&json!({
        "trusted-proxies": ["127.0.0.1/32"],
        "limits": {"connections-per-address": OF_ONE_ADDRESS},
    }));
    let one: Vec<_> = (0..OF_ONE_ADDRESS).map(|_| world.page_from("127.0.0.2", BOB)).collect();
    assert_eq!(world.ask_from("127.0.0.2", "GET /healthz", "").0, 503, "no fifth connection");
    let claims = "X-Forwarded-For: 203.0.113.9\r\nForwarded: for=203.0.113.9\r\n";
    assert_eq!(world.ask_from("127.0.0.2", "GET /healthz", claims).0, 503, "nor by a claim");
    assert_eq!(world.ask_from("127.0.0.3", "GET /healthz", "").0, 200, "others are others");
    drop(one);
    world
}

/// Roost is replaced; the proxy stays, and whoever comes back is let in at once.
fn restart(world: World) {
    let mut world = world.restarted(&json!({"trusted-proxies": ["127.0.0.1/32"]}));
    let mut page = world.page(ADA);
    world.stop();
    assert!(matches!(page.end(), End::Code(1001)), "pages are told");
    assert!(matches!(world.get("/healthz").0, 502 | 503), "nobody is there");
    world.start();
    assert_eq!(world.get("/healthz").0, 200, "at once");
    let events = world.page(ADA).events;
    assert_eq!(events.len(), 1, "the page has its events again");
}

#[test]
fn nginx_passes_everything() {
    passes(proxy::nginx);
}

#[test]
fn apache_passes_everything() {
    passes(proxy::apache);
}

#[test]
fn caddy_passes_everything() {
    passes(proxy::caddy);
}

/// Real time passes here, since the proxies measure it: twice the 30 s after which a page is pinged.
#[test]
fn idle_websockets_outlive_the_timeouts_of_proxies() {
    let settings = json!({"trusted-proxies": ["127.0.0.1/32"]});
    let timeout = |seconds: u32| move |text: &str| text.replace("60s", &format!("{seconds}s"));
    let apaches = |text: &str| text.replace("timeout=60", "timeout=40");
    let kept = [
        World::with(&settings, proxy::nginx, &timeout(40)),
        World::with(&settings, proxy::apache, &apaches),
        World::new(&settings, proxy::caddy),
    ];
    // That such timeouts cut at all.
    let cut = World::with(&settings, proxy::nginx, &timeout(5));
    let mut pages: Vec<_> = kept.iter().map(|world| world.page(ADA)).collect();
    let mut lost = cut.page(ADA);
    for page in &mut pages {
        page.stream().set_read_timeout(Some(PATIENCE * 4)).unwrap();
        page.pinged(2);
    }
    assert_ne!(lost.end(), End::Code(1001), "the proxy ended it, not the server");
    for page in &mut pages {
        page.is_quiet();
    }
}

#[test]
fn the_page_says_the_settings_a_proxy_needs() {
    let settings: serde_json::Value = serde_json::from_str(&snippet::json()).expect("JSON");
    let trusted = settings["trusted-proxies"].as_array().expect("a list");
    // As the worlds above have it.
    assert!(trusted.contains(&json!("127.0.0.1/32")), "{settings}");
}
