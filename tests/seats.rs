//! Two hundred people and ten seats, over real sockets.

mod support;

use std::sync::Barrier;

use serde_json::{Value, json};
use support::{ADMIN, Page, Person, Program, daily};

/// A daily event with this many seats.
fn seats(count: u64) -> Value {
    let mut event = daily("Full house");
    event["capacity"] = count.into();
    event
}

/// The roll: everybody's id and state, in order.
fn roll(admin: &mut Page, id: u64) -> Vec<(i64, String)> {
    admin.send(json!({"type": "attendees", "event": id}));
    let answer = admin.until(|frame| frame["type"] == "attendees");
    let list = answer["list"].as_array().unwrap().iter();
    list.map(|p| (p["telegram_id"].as_i64().unwrap(), p["state"].as_str().unwrap().to_owned()))
        .collect()
}

fn of_state(roll: &[(i64, String)], state: &str) -> Vec<i64> {
    roll.iter().filter(|(_, is)| is == state).map(|(id, _)| *id).collect()
}

#[test]
fn two_hundred_people_join_ten_seats_at_once() {
    let (_home, program) = Program::start();
    let mut admin = Page::of(program.address(), ADMIN);
    let id = admin.create(seats(10));
    let start = Barrier::new(200);
    let server = program.address();
    let mut pages: Vec<(i64, Page, Value)> = std::thread::scope(|scope| {
        let clients: Vec<_> = (1001..=1200)
            .map(|person| {
                let start = &start;
                scope.spawn(move || {
                    let mut page = Page::of(server, Person::number(person));
                    start.wait();
                    page.send(json!({"type": "attend", "event": id}));
                    let answer = page.until(|frame| frame["state"] != "none");
                    (person, page, answer)
                })
            })
            .collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    let going = |answer: &Value| answer["attending"] == true && answer["state"] == "going";
    assert_eq!(pages.iter().filter(|(.., answer)| going(answer)).count(), 10);
    let waiting = pages.iter().filter(|(.., answer)| answer["state"] == "waitlisted").count();
    assert_eq!(waiting, 190);
    let all = admin.until(|frame| frame["waiting"] == 190);
    assert_eq!(all["attendees"], 10);

    let before = roll(&mut admin, id);
    assert_eq!(
        (of_state(&before, "going").len(), of_state(&before, "waitlisted").len()),
        (10, 190)
    );
    let seated: Vec<i64> =
        pages.iter().filter(|(.., answer)| going(answer)).map(|(person, ..)| *person).collect();
    let mut listed = of_state(&before, "going");
    listed.sort_unstable();
    assert_eq!(listed, seated, "those who were told so");

    // First come, first served: who leaves is followed by the first of the line, who sees it.
    let line = of_state(&before, "waitlisted");
    let leaving = of_state(&before, "going");
    for (turn, next) in line.iter().take(3).enumerate() {
        let page = |pages: &mut Vec<(i64, Page, Value)>, person: i64| {
            pages.iter().position(|(other, ..)| *other == person).unwrap()
        };
        let leaver = page(&mut pages, leaving[turn]);
        pages[leaver].1.send(json!({"type": "leave", "event": id}));
        let promoted = page(&mut pages, *next);
        let frame = pages[promoted].1.until(|frame| frame["state"] == "going");
        assert_eq!((&frame["attendees"], &frame["attending"]), (&json!(10), &json!(true)));
        assert_eq!(frame["waiting"], 189 - turn);
        let after = roll(&mut admin, id);
        assert_eq!(of_state(&after, "waitlisted"), line[turn + 1..], "the order of the rest");
    }
}

#[test]
fn a_smaller_room_throws_nobody_out_and_a_larger_one_seats_the_line() {
    let (_home, program) = Program::start();
    let mut admin = Page::of(program.address(), ADMIN);
    let id = admin.create(seats(3));
    let mut pages: Vec<Page> = (1..=5)
        .map(|person| {
            let mut page = Page::of(program.address(), Person::number(person));
            page.send(json!({"type": "attend", "event": id}));
            page.until(|frame| frame["state"] != "none");
            page
        })
        .collect();
    let mut shown = |message: Value| {
        admin.send(message.clone());
        let capacity = message["capacity"].clone();
        let is_it = |frame: &Value| frame["type"] == "event" && frame["capacity"] == capacity;
        let frame = admin.until(is_it);
        (frame["attendees"].as_u64().unwrap(), frame["waiting"].as_u64().unwrap())
    };
    assert_eq!(shown(json!({"type": "edit-event", "id": id, "capacity": 1})), (3, 2));
    // A seat above the capacity is gone when its holder leaves, and nobody moves up.
    pages[0].send(json!({"type": "leave", "event": id}));
    let left = pages[0].until(|frame| frame["state"] == "none" && frame["attendees"] == 2);
    assert_eq!(left["waiting"], 2);
    // Who comes back is the last in line.
    pages[0].send(json!({"type": "attend", "event": id}));
    pages[0].until(|frame| frame["state"] == "waitlisted" && frame["waiting"] == 3);
    assert_eq!(shown(json!({"type": "edit-event", "id": id, "capacity": 4})), (4, 1));
    for page in &mut pages[3..] {
        page.until(|frame| frame["state"] == "going" && frame["capacity"] == 4);
    }
    assert_eq!(shown(json!({"type": "edit-event", "id": id, "capacity": null})), (5, 0));
    pages[0].until(|frame| frame["state"] == "going");
    let expected: Vec<(i64, String)> =
        [2, 3, 4, 5, 1].map(|person| (person, "going".to_owned())).into();
    let mut all = roll(&mut admin, id);
    all.sort_by_key(|(person, _)| expected.iter().position(|(other, _)| other == person));
    assert_eq!(all, expected);
}

#[test]
fn a_removed_attendee_makes_room_for_the_next() {
    let (_home, program) = Program::start();
    let mut admin = Page::of(program.address(), ADMIN);
    let id = admin.create(seats(1));
    let [mut first, mut second] = [1, 2].map(|person| {
        let mut page = Page::of(program.address(), Person::number(person));
        page.send(json!({"type": "attend", "event": id}));
        page.until(|frame| frame["state"] != "none");
        page
    });
    admin.send(json!({"type": "remove-attendee", "event": id, "user": 1}));
    second.until(|frame| frame["state"] == "going");
    first.until(|frame| frame["state"] == "none" && frame["waiting"] == 0);
    assert_eq!(roll(&mut admin, id), [(2, "going".to_owned())]);
}
