//! Many readers at once: exactly one gets the text.

use std::sync::Barrier;
use std::thread;

use serde_json::json;

use super::{JSON, Reply, World, ask};

/// Readers by each of the two ways.
const READERS: usize = 100;

#[test]
fn of_two_hundred_readers_at_once_by_api_and_page_one_gets_the_text() {
    let world = World::new();
    let keys: Vec<String> = (0..10).map(|n| world.key(&format!("reader-{n}"), &[])).collect();
    for round in 0..3 {
        let text = format!("only one reads round {round}");
        let made = world.make(&json!({"text": text}));
        let page = json!({"token": made.token}).to_string();
        let (start, server) = (Barrier::new(2 * READERS), world.address());
        let replies: Vec<Reply> = thread::scope(|scope| {
            let by_api = (0..READERS).map(|n| {
                let lines = format!(
                    "Authorization: Bearer {}\r\nX-Forwarded-For: 198.51.{round}.{n}\r\n",
                    keys[n % keys.len()]
                );
                let (start, path) = (&start, made.path());
                let method = if n % 2 == 0 { "GET" } else { "POST" };
                scope.spawn(move || {
                    start.wait();
                    ask(server, method, &path, &lines, b"")
                })
            });
            let by_page = (0..READERS).map(|n| {
                let lines =
                    format!("Content-Type: {JSON}\r\nX-Forwarded-For: 203.0.{round}.{n}\r\n");
                let (start, page, path) = (&start, &page, format!("/s/{}", made.id));
                scope.spawn(move || {
                    start.wait();
                    ask(server, "POST", &path, &lines, page.as_bytes())
                })
            });
            let all: Vec<_> = by_api.chain(by_page).collect();
            all.into_iter().map(|reader| reader.join().unwrap()).collect()
        });
        let got: Vec<&Reply> = replies.iter().filter(|reply| reply.status == 200).collect();
        assert_eq!(got.len(), 1, "{round}");
        assert_eq!(got[0].json(), json!({"text": text}));
        for reply in replies.iter().filter(|reply| reply.status != 200) {
            assert!([404, 429].contains(&reply.status), "{reply:?}");
            assert!(!String::from_utf8_lossy(&reply.body).contains("only one reads"));
        }
    }
}
