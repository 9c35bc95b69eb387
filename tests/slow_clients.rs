//! Clients that stop reading cost nobody else anything.

mod support;

use serde_json::json;
use support::page::{End, masked};
use support::{ADA, ADMIN, BOB, Page, Person, Program, daily};

/// A description as long as there may be, which differs from `turn` to `turn`.
fn long(turn: usize) -> String {
    format!("{turn:04}{}", "\u{1f980}".repeat(1996))
}

#[test]
fn clients_that_stop_reading_are_dropped_and_the_others_get_every_update() {
    let (_home, program) = Program::start();
    let mut admin = Page::of(program.address(), ADMIN);
    let ids: Vec<u64> = (0..5).map(|_| admin.create(daily("Event"))).collect();
    let mut stuck: Vec<Page> =
        (1..=20).map(|person| Page::of(program.address(), Person::number(person))).collect();
    let mut healthy = [Page::of(program.address(), ADA), Page::of(program.address(), BOB)];
    // 40 KiB a turn; 64 KiB may wait here besides what the kernel takes, which is some 200.
    for turn in 0..20 {
        let description = long(turn);
        for id in &ids {
            admin.ask(json!({"type": "edit-event", "id": id, "description": description}));
        }
        for page in &mut healthy {
            page.until(|frame| frame["id"] == ids[4] && frame["description"] == description);
            assert!(
                ids.iter().all(|id| page.events[&id.to_string()]["description"] == description)
            );
        }
    }
    for page in &mut stuck {
        let end = page.end();
        assert!(matches!(end, End::Code(1013) | End::Broken), "{end:?}");
    }
}

#[test]
fn a_large_snapshot_reaches_a_slow_reader_whole() {
    let (_home, program) = Program::start();
    let mut admin = Page::of(program.address(), ADMIN);
    // As many events as there may be, each as large as it may be.
    for turn in 0..1000 {
        let mut event = daily(&"\u{1f980}".repeat(120));
        event["description"] = long(turn).into();
        event["location"] = "\u{1f980}".repeat(200).into();
        admin.create(event);
    }
    let mut one_more = daily("One more");
    one_more["description"] = long(1000).into();
    admin.send(one_more);
    admin.expect_error("busy");
    let mut slow = Page::open(program.address());
    slow.send(json!({"type": "login", "data": ADA.init_data()}));
    // While it reads nothing at all, others change events, and it gets that, too.
    for turn in 0..5 {
        let title = format!("Changed {turn}");
        admin.send(json!({"type": "edit-event", "id": 500, "title": title}));
        admin.until(|frame| frame["title"] == title);
    }
    slow.until(|frame| frame["type"] == "events-loaded");
    assert_eq!(slow.events.len(), 1000);
    if slow.events["500"]["title"] != "Changed 4" {
        slow.until(|frame| frame["title"] == "Changed 4");
    }
    slow.is_quiet();
}

#[test]
fn who_asks_and_never_listens_cannot_fill_the_memory() {
    let (_home, program) = Program::start();
    let mut healthy = Page::of(program.address(), ADMIN);
    let before = program.memory();
    let page = |person| Page::of(program.address(), Person::number(person));
    let long = "x".repeat(1_000_000);
    let mut curious = page(100);
    curious.send(json!({"type": "dance", "x": long}));
    assert_eq!(curious.expect_error("unknown-command")["what"]["x"], long);
    let message = json!({"type": "dance", "app": "mini_event", "x": "x".repeat(900_000)});
    let noise = masked(0x81, message.to_string().as_bytes());
    let pings = masked(0x89, &[b'x'; 125]).repeat(1000);
    std::thread::scope(|scope| {
        for turn in 0..20_i64 {
            let (server, bytes) = (program.address(), if turn % 2 == 0 { &noise } else { &pings });
            scope.spawn(move || {
                let mut page = match turn % 4 {
                    3 => Page::open(server),
                    _ => Page::of(server, Person::number(turn + 1)),
                };
                // 36 million bytes of messages, or 5 of pings: it is thrown out before.
                for _ in 0..40 {
                    if !page.try_send_raw(bytes) {
                        break;
                    }
                }
                let end = page.end();
                assert!(matches!(end, End::Code(1013) | End::Broken), "{end:?}");
            });
        }
        for _ in 0..50 {
            healthy.is_quiet();
            let grown = program.memory().saturating_sub(before);
            assert!(grown < 96 * 1024, "{grown} KiB for ten clients that only talk");
        }
    });
}
