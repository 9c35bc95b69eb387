//! What was acknowledged is kept, whatever ends the program.

mod support;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::page::End;
use support::{ADMIN, Home, Page, Person, Program, daily};

/// People who click at the same time.
const CLIENTS: usize = 12;

/// Acknowledged clicks after which the program is ended, so that it happens in mid-burst.
const ENOUGH: usize = 60;

/// Lets all begin together, and counts what was acknowledged.
struct Start {
    everybody: Barrier,
    clicks: AtomicUsize,
}

impl Start {
    fn of(people: usize) -> Self {
        Self { everybody: Barrier::new(people), clicks: AtomicUsize::new(0) }
    }

    /// Returns once so many clicks are acknowledged.
    fn wait_for(&self, clicks: usize) {
        let since = Instant::now();
        while self.clicks.load(Ordering::SeqCst) < clicks {
            assert!(since.elapsed() < Duration::from_secs(60), "too slow");
            std::thread::yield_now();
        }
    }
}

/// What one client knows at the end.
#[derive(Debug)]
struct Known {
    person: i64,
    /// Whether it is on each event's roll, as acknowledged; nothing for the click under way.
    is_in: Vec<Option<bool>>,
    end: End,
}

/// Attends and leaves the events in turn until the server is gone.
fn click(server: SocketAddr, person: i64, events: &[u64], start: &Start) -> Known {
    let mut page = Page::of(server, Person::number(person));
    start.everybody.wait();
    let stands = |page: &Page, event: u64| page.events[&event.to_string()]["state"] != "none";
    for event in events.iter().copied().cycle() {
        let before = stands(&page, event);
        let kind = if before { "leave" } else { "attend" };
        let message = json!({"type": kind, "event": event, "app": "mini_event"});
        let mut end = None;
        if !page.try_send(tungstenite::Message::text(message.to_string())) {
            end = Some(page.end());
        }
        while end.is_none() && stands(&page, event) == before {
            end = page.read().err();
        }
        if let Some(end) = end {
            let known = |other: &u64| (*other != event).then(|| stands(&page, *other));
            return Known { person, is_in: events.iter().map(known).collect(), end };
        }
        start.clicks.fetch_add(1, Ordering::SeqCst);
    }
    unreachable!("there are events")
}

/// Clicks from all clients until `end` ends the server; what everybody knows.
fn burst(program: &mut Program, events: &[u64], end: impl FnOnce(&mut Program)) -> Vec<Known> {
    let (server, start) = (program.address(), Start::of(CLIENTS));
    std::thread::scope(|scope| {
        let clients: Vec<_> = (1..)
            .take(CLIENTS)
            .map(|person| {
                let start = &start;
                scope.spawn(move || click(server, person, events, start))
            })
            .collect();
        start.wait_for(ENOUGH);
        end(program);
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    })
}

/// The roll of every event, checked against the counts and the seats it shows.
fn rolls(program: &Program, events: &[u64]) -> Vec<BTreeSet<i64>> {
    let mut admin = Page::of(program.address(), ADMIN);
    let mut rolls = Vec::new();
    for event in events {
        admin.send(json!({"type": "attendees", "event": event}));
        let answer = admin.expect("attendees");
        let list = answer["list"].as_array().unwrap();
        let of = |state: &str| list.iter().filter(|p| p["state"] == state).count() as u64;
        let shown = admin.events[&event.to_string()].clone();
        assert_eq!(shown["attendees"], of("going"), "{shown}");
        assert_eq!(shown["waiting"], of("waitlisted"), "{shown}");
        if let Some(capacity) = shown["capacity"].as_u64() {
            assert!(of("going") <= capacity, "{shown}");
            assert!(of("waitlisted") == 0 || of("going") == capacity, "a free seat: {shown}");
        }
        let people: Vec<i64> = list.iter().map(|p| p["telegram_id"].as_i64().unwrap()).collect();
        let distinct: BTreeSet<i64> = people.iter().copied().collect();
        assert_eq!(distinct.len(), people.len(), "somebody is there twice");
        rolls.push(distinct);
    }
    rolls
}

fn is_kept(known: &[Known], events: &[u64], rolls: &[BTreeSet<i64>]) {
    for client in known {
        for ((event, roll), is_in) in events.iter().zip(rolls).zip(&client.is_in) {
            // A click under way may have been done without its answer arriving.
            let kept = is_in.is_none_or(|is_in| is_in == roll.contains(&client.person));
            assert!(kept, "event {event}: {roll:?}, but {client:?}");
        }
    }
}

fn prepared() -> (Home, Program, [u64; 4]) {
    let (home, program) = Program::start();
    let mut admin = Page::of(program.address(), ADMIN);
    let seats = [Value::Null, 2.into(), 5.into(), 1.into()];
    let events = seats.map(|capacity| {
        let mut event = daily("Event");
        event["capacity"] = capacity;
        admin.create(event)
    });
    admin.close();
    (home, program, events)
}

#[test]
fn a_kill_in_the_middle_of_a_burst_loses_nothing_acknowledged() {
    let (home, mut program, events) = prepared();
    for _ in 0..8 {
        let known = burst(&mut program, &events, Program::kill);
        program = home.serve();
        is_kept(&known, &events, &rolls(&program, &events));
    }
}

#[test]
fn attends_of_many_people_survive_the_kill_that_follows_their_answers() {
    let (home, mut program, events) = prepared();
    let start = Start::of(50);
    let server = program.address();
    let people: Vec<Option<i64>> = std::thread::scope(|scope| {
        let clients: Vec<_> = (101..=150)
            .map(|person| {
                let (start, event) = (&start, events[0]);
                scope.spawn(move || {
                    let mut page = Page::of(server, Person::number(person));
                    start.everybody.wait();
                    page.send(json!({"type": "attend", "event": event}));
                    loop {
                        match page.read() {
                            Ok(frame) if frame["attending"] == true => break,
                            Ok(_) => {}
                            Err(_) => return None,
                        }
                    }
                    start.clicks.fetch_add(1, Ordering::SeqCst);
                    page.end();
                    Some(person)
                })
            })
            .collect();
        start.wait_for(30);
        program.kill();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    let program = home.serve();
    let rolls = rolls(&program, &events);
    let acknowledged: Vec<i64> = people.into_iter().flatten().collect();
    assert!(acknowledged.len() >= 30);
    let lost: Vec<&i64> = acknowledged.iter().filter(|id| !rolls[0].contains(id)).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

#[test]
fn a_stop_in_the_middle_of_a_burst_is_clean_and_says_goodbye() {
    let (home, mut program, events) = prepared();
    let mut quiet = Page::of(program.address(), Person::number(50));
    let mut stopped = None;
    let known = burst(&mut program, &events, |program| {
        let since = Instant::now();
        program.ask_to_stop();
        let (status, output) = program.ended();
        stopped = Some((status, output, since.elapsed()));
    });
    let (status, output, took) = stopped.unwrap();
    assert!(status.success(), "{status}: {output}");
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert!(!output.contains("did not stop in time"), "{output}");
    assert_eq!(quiet.end(), End::Code(1001));
    assert!(known.iter().all(|client| client.end == End::Code(1001)), "{known:#?}");
    is_closed_properly(&home);
    let program = home.serve();
    is_kept(&known, &events, &rolls(&program, &events));
}

#[test]
fn a_stop_waits_for_nobody_who_does_not_answer() {
    let (home, program, _events) = prepared();
    // Their sockets stay open and unread over the stop.
    let _nobody = Page::open(program.address());
    let mut silent: Vec<Page> =
        (1..=5).map(|person| Page::of(program.address(), Person::number(person))).collect();
    let (status, output) = program.stop();
    assert!(status.success(), "{status}: {output}");
    assert!(!output.contains("did not stop in time"), "{output}");
    is_closed_properly(&home);
    for page in &mut silent {
        assert_eq!(page.end(), End::Code(1001));
    }
}

/// The file needs no repair, so the next start is quick however large it is.
fn is_closed_properly(home: &Home) {
    let opened = redb::Builder::new()
        .set_repair_callback(|_| panic!("the file was not closed properly"))
        .open(home.database());
    drop(opened.unwrap());
}
