//! Messages between people in Telegram and readers on the web.

use std::sync::Barrier;
use std::thread;

use roost::demo::telegram::{Person, StandIn};
use serde_json::{Value, json};

use super::support::{self, ADA, BOB, TOKEN};
use super::{JSON, Made, Reply, World, ask};

/// A server with its Telegram.
struct Town {
    world: World,
    telegram: StandIn,
    ada: Person,
    bob: Person,
}

impl Town {
    fn new() -> Self {
        let telegram = StandIn::start(TOKEN, "RoostBot").unwrap();
        let person =
            |person: support::Person| telegram.person(person.id, person.name, person.language);
        let (ada, bob) = (person(ADA), person(BOB));
        let world = World::with(&json!({"telegram-api-url": telegram.base_url()}));
        Self { world, telegram, ada, bob }
    }

    /// What somebody leaves with the bot.
    fn leaves(person: &Person, text: &str) -> Made {
        person.sends(&format!("new:{text}"));
        let ticket = person.waits_for("a ticket", |message| {
            message.by_bot
                && message.text.split_once(':').is_some_and(|(_, token)| token.len() == 64)
        });
        let (id, token) = ticket.text.split_once(':').unwrap();
        Made { id: id.parse().unwrap(), token: token.to_owned() }
    }
}

#[test]
fn a_sender_hears_that_their_message_was_read_on_the_page() {
    let town = Town::new();
    let made = Town::leaves(&town.ada, "the door code is 4711");
    let read = town.world.press("192.0.2.1", made.id, &json!({"token": made.token}));
    assert_eq!((read.status, read.json()), (200, json!({"text": "the door code is 4711"})));
    town.ada.waits_for_text(&format!("message {} was opened", made.id));
    town.bob.sends(&format!("{}:{}", made.id, made.token));
    town.bob.waits_for_text("There is nothing to read here");
}

#[test]
fn what_is_meant_for_one_person_opens_for_them_in_the_bot_and_nowhere_else() {
    let town = Town::new();
    let made = town.world.make(&json!({"text": "for Ada alone", "recipient": ADA.id}));
    let closed = json!({"detail": "not found"});
    assert_eq!(town.world.get(&made.path()).json(), closed);
    let page = town.world.press("192.0.2.1", made.id, &json!({"token": made.token}));
    assert_eq!((page.status, page.json()), (404, closed));
    let ticket = format!("{}:{}", made.id, made.token);
    town.bob.sends(&ticket);
    town.bob.waits_for_text("There is nothing to read here");
    town.ada.sends(&ticket);
    town.ada.waits_for_text("for Ada alone");
}

#[test]
fn of_all_readers_through_all_doors_at_once_one_gets_the_text() {
    let town = Town::new();
    let text = "only one of all reads this";
    let made = Town::leaves(&town.ada, text);
    let ticket = format!("{}:{}", made.id, made.token);
    let people: Vec<Person> =
        (0..20).map(|id| town.telegram.person(1_000 + id, "Some Body", "en")).collect();
    let keys: Vec<String> = (0..9).map(|n| town.world.key(&format!("reader-{n}"), &[])).collect();
    let (server, page) = (town.world.address(), json!({"token": made.token}).to_string());
    let start = Barrier::new(people.len() + 180);
    let replies: Vec<Reply> = thread::scope(|scope| {
        for person in &people {
            let (start, ticket) = (&start, &ticket);
            scope.spawn(move || {
                start.wait();
                person.sends(ticket);
            });
        }
        let readers = (0..180).map(|n| {
            let from = format!("X-Forwarded-For: 198.51.100.{n}\r\n");
            let (method, path, lines, body) = if n % 2 == 0 {
                let lines = format!("{from}Authorization: Bearer {}\r\n", keys[n % keys.len()]);
                ("GET", made.path(), lines, "")
            } else {
                let lines = format!("{from}Content-Type: {JSON}\r\n");
                ("POST", format!("/s/{}", made.id), lines, &*page)
            };
            let start = &start;
            scope.spawn(move || {
                start.wait();
                ask(server, method, &path, &lines, body.as_bytes())
            })
        });
        let readers: Vec<_> = readers.collect();
        readers.into_iter().map(|reader| reader.join().unwrap()).collect()
    });
    let by_http = replies.iter().filter(|reply| reply.status == 200).count();
    let heard = |person: &Person| {
        let answer = person.waits_for("an answer", |message| message.by_bot);
        usize::from(answer.text.contains(text))
    };
    let by_bot: usize = people.iter().map(heard).sum();
    assert_eq!(by_http + by_bot, 1, "{by_http} by HTTP, {by_bot} by the bot");
    for reply in replies.iter().filter(|reply| reply.status == 200) {
        assert_eq!(reply.json(), json!({"text": text}));
    }
    let bodies: Vec<Value> = replies.iter().map(|reply| reply.json()["text"].clone()).collect();
    assert_eq!(bodies.iter().filter(|body| **body == text).count(), by_http);
}
