//! What others do reaches every open page, soon, in order, and in few frames.

mod support;

use jiff::ToSpan;
use serde_json::json;
use support::page::masked;
use support::{ADA, ADMIN, BOB, Page, Person, Program, daily};

#[test]
fn a_burst_reaches_others_in_few_frames_with_the_last_state() {
    let (_home, program) = Program::start();
    let mut admin = Page::of(program.address(), ADMIN);
    let id = admin.create(daily("Event"));
    let mut watcher = Page::of(program.address(), BOB);
    let mut burst = Vec::new();
    for version in 2..=201 {
        let edit = json!({"type": "edit-event", "id": id, "title": format!("Title {version}"),
            "app": "mini_event"});
        burst.extend(masked(0x81, edit.to_string().as_bytes()));
    }
    admin.send_raw(&burst);
    admin.send(json!({"type": "are-you-there"}));
    let mut answers = Vec::new();
    let error = loop {
        let frame = admin.next();
        match frame["version"].as_u64() {
            Some(version) => answers.push(version),
            None => break frame,
        }
    };
    assert_eq!(error["code"], "unknown-command");
    // An answer for each, and nobody goes back in time.
    assert!(answers.is_sorted() && answers.last() == Some(&201), "{answers:?}");
    assert!((200..260).contains(&answers.len()), "{} frames", answers.len());
    let mut versions = Vec::new();
    while versions.last() != Some(&201) {
        versions.push(watcher.expect("event")["version"].as_u64().unwrap());
    }
    assert!(versions.is_sorted_by(|a, b| a < b), "back in time: {versions:?}");
    assert!(versions.len() < 100, "{} frames for 200 changes", versions.len());
    assert_eq!(watcher.events[&id.to_string()]["title"], "Title 201");
    admin.is_quiet();
    watcher.is_quiet();
}

#[test]
fn edits_cancellations_and_deletions_reach_every_page() {
    let (_home, program) = Program::start();
    let mut admin = Page::of(program.address(), ADMIN);
    let (mut ada, mut bob) = (Page::of(program.address(), ADA), Page::of(program.address(), BOB));
    let id = admin.create(daily("Event"));
    for page in [&mut ada, &mut bob] {
        assert_eq!(page.expect("event")["id"], id);
    }
    ada.ask(json!({"type": "attend", "event": id}));
    assert_eq!(bob.expect("event")["attendees"], 1);
    assert_eq!(admin.expect("event")["attendees"], 1);
    let changes = json!({"type": "edit-event", "id": id, "title": "New", "start": "2030-05-01 18:00",
        "duration": "2.5", "timezone": "Europe/Berlin", "location": "Here", "capacity": 7,
        "recurrence": "weekly", "until": "2030-06-01", "description": "Two\nlines"});
    let shown = admin.ask(changes);
    assert_eq!(shown["starts_at"], "2030-05-01T18:00:00+02:00");
    assert_eq!(shown["ends_at"], "2030-05-01T20:30:00+02:00");
    assert_eq!(ada.expect("event")["state"], "going", "who goes still goes");
    assert_eq!(bob.expect("event"), shown, "the same bytes for the same standing");
    let one = json!({"type": "cancel-event", "id": id, "date": "2030-05-01", "reason": "Rain"});
    let shown = admin.ask(one);
    assert_eq!(shown["cancelled_dates"], json!(["2030-05-01"]));
    assert_eq!(shown["starts_at"], "2030-05-08T18:00:00+02:00");
    assert_eq!(bob.expect("event"), shown);
    ada.expect("event");
    let shown = admin.ask(json!({"type": "cancel-event", "id": id, "reason": "Storm"}));
    assert_eq!((&shown["cancelled"], &shown["cancel_reason"]), (&json!(true), &json!("Storm")));
    assert_eq!(bob.expect("event"), shown);
    assert_eq!(ada.expect("event")["cancel_reason"], "Storm");
    bob.send(json!({"type": "attend", "event": id}));
    assert_eq!(bob.expect_error("invalid-data")["event"], id, "nobody joins what is cancelled");
    admin.send(json!({"type": "delete-event", "id": id}));
    for page in [&mut admin, &mut ada, &mut bob] {
        assert_eq!(page.expect("delete-event")["id"], id);
    }
    ada.send(json!({"type": "leave", "event": id}));
    ada.expect_error("no-such-event");
    assert!(Page::open(program.address()).login(ADA).is_empty());
}

/// A start that has just passed: by the clock of the server and of UTC.
fn just_begun() -> jiff::Zoned {
    let now = roost::clock::now().to_zoned(jiff::tz::TimeZone::UTC);
    let start = now.round(jiff::Unit::Minute).unwrap();
    if start > now { start.checked_sub(1.minute()).unwrap() } else { start }
}

/// Hours from `start` until `seconds` from now.
fn hours_until(start: &jiff::Zoned, seconds: f64) -> f64 {
    let passed = roost::clock::now().duration_since(start.timestamp()).as_secs_f64();
    (passed + seconds) / 3600.0
}

#[test]
fn a_daily_event_rolls_over_at_its_end_and_one_that_happens_once_closes() {
    let (_home, program) = Program::start();
    let mut admin = Page::of(program.address(), ADMIN);
    let mut ada = Page::of(program.address(), ADA);
    let start = just_begun();
    let today = start.timestamp().to_string().replace('Z', "+00:00");
    let tomorrow =
        start.checked_add(1.day()).unwrap().timestamp().to_string().replace('Z', "+00:00");
    let hours = hours_until(&start, 2.0);
    let daily = json!({"type": "create-event", "title": "Daily", "description": "",
        "start": start.strftime("%H:%M").to_string(), "duration": hours});
    let once = json!({"type": "create-event", "title": "Once", "description": "",
        "start": start.strftime("%Y-%m-%d %H:%M").to_string(), "duration": hours});
    let (first, second) = (admin.ask(daily), admin.ask(once));
    assert_eq!((&first["starts_at"], &second["starts_at"]), (&json!(today), &json!(today)));
    ada.until(|frame| frame["title"] == "Once");
    ada.ask(json!({"type": "attend", "event": 2}));
    // Nobody does anything: the end alone brings the frame.
    for page in [&mut ada, &mut admin] {
        let rolled = page.until(|frame| frame["id"] == 1 && frame["starts_at"] == *tomorrow);
        assert_eq!(rolled["version"], 1);
    }
    assert_eq!(ada.ask(json!({"type": "attend", "event": 1}))["attending"], true);
    let mut bob = Page::of(program.address(), BOB);
    bob.send(json!({"type": "attend", "event": 2}));
    assert_eq!(bob.expect_error("invalid-data")["field"], "event", "it is over");
}

#[test]
fn a_page_that_comes_late_sees_the_same_as_the_others() {
    let (_home, program) = Program::start();
    let mut admin = Page::of(program.address(), ADMIN);
    let ids: Vec<u64> = (0..5).map(|_| admin.create(daily("Event"))).collect();
    let mut watcher = Page::of(program.address(), BOB);
    std::thread::scope(|scope| {
        for person in 11..=18 {
            let (server, ids) = (program.address(), &ids);
            scope.spawn(move || {
                let mut page = Page::of(server, Person::number(person));
                for turn in 0..30 {
                    let id = ids[turn % ids.len()];
                    let kind = if turn % 7 < 4 { "attend" } else { "leave" };
                    page.send(json!({"type": kind, "event": id}));
                }
                // All its answers have come when this one has.
                page.send(json!({"type": "are-you-there"}));
                page.until(|frame| frame["type"] == "error");
                // A page that logs in in the middle of it all never goes back in time.
                let mut late = Page::of(server, Person::number(person + 100));
                late.send(json!({"type": "are-you-there"}));
                late.until(|frame| frame["type"] == "error");
            });
        }
    });
    let fresh = Page::open(program.address()).login(Person::number(999));
    // A last change is a barrier: everything before it has been sent.
    admin.send(daily("Last"));
    watcher.until(|frame| frame["title"] == "Last");
    for event in fresh {
        assert_eq!(watcher.events[&event["id"].to_string()], event);
    }
}
