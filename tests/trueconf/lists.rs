//! Lists: complete, bounded, and read whatever the server's habits are.

use std::time::Duration;

use roost::demo::trueconf::{Meeting, Order, StandIn, Version};
use roost::trueconf::{Applies, Conference, Fault, Online, People};
use serde_json::json;

use crate::world::{client, client_with, stand_in};

const BOTH: [Version; 2] = [Version::V33, Version::V4];
const HOUR: Duration = Duration::from_secs(3_600);

/// How often the server was asked for what ends so.
fn asked(server: &StandIn, end: &str) -> usize {
    server.counted().iter().filter(|(path, _)| path.ends_with(end)).map(|(_, count)| count).sum()
}

#[test]
fn twelve_hundred_people_over_three_pages_are_counted_once() {
    for zero_is_one in [true, false] {
        let server = stand_in(Version::V33);
        server.manners(|manners| manners.zero_is_one = zero_is_one);
        server.people(1, 500);
        server.people(2, 250);
        server.people(5, 50);
        server.people(0, 398);
        server.people(-2, 1);
        server.people(3, 1);
        let expected = Online { total: 800, free: 500, busy: 250, in_conference: 50 };
        assert_eq!(client(&server).online(), Ok(expected));
        assert_eq!(asked(&server, "/users"), 3);
    }
}

#[test]
fn a_list_of_people_that_leads_in_a_circle_ends() {
    let server = stand_in(Version::V33);
    server.people(1, 3);
    server.manners(|manners| manners.loops = true);
    assert_eq!(client(&server).online().map(|online| online.total), Ok(3));
    assert_eq!(asked(&server, "/users"), 2);
}

#[test]
fn seven_hundred_running_conferences_are_all_found() {
    for version in BOTH {
        for (order, zero_is_one, tells_total) in [
            (Order::RunningFirst, true, true),
            (Order::RunningFirst, false, false),
            (Order::RunningLast, true, false),
            (Order::RunningLast, false, true),
        ] {
            let server = stand_in(version);
            server.manners(|manners| {
                (manners.order, manners.zero_is_one) = (order, zero_is_one);
                manners.tells_total = tells_total;
            });
            server.past_calls(700);
            for number in 0..700 {
                server.begin(Meeting::new(&format!("room{number}")).ago(HOUR));
            }
            server.begin(Meeting { class: 1, ..Meeting::new("two") });
            let running = client(&server).running().unwrap();
            let rooms = running.iter().filter(|found| found.label().starts_with("room")).count();
            assert_eq!(rooms, 700, "{version:?} {order:?} {zero_is_one} {tells_total}");
        }
    }
}

#[test]
fn an_idle_server_with_a_long_log_costs_one_page_once_its_order_is_known() {
    let server = stand_in(Version::V33);
    server.past_calls(700);
    let client = client(&server);
    assert_eq!(client.running(), Ok(vec![]));
    assert_eq!(asked(&server, "/logs/calls"), 2, "both ends of the log");
    server.begin(Meeting::new("a"));
    assert_eq!(client.running().unwrap().len(), 1);
    server.end("a");
    let before = asked(&server, "/logs/calls");
    assert_eq!(client.running(), Ok(vec![]));
    assert_eq!(asked(&server, "/logs/calls") - before, 1);
}

#[test]
fn calls_between_two_people_are_no_conferences() {
    let server = stand_in(Version::V33);
    server.begin(Meeting { class: 1, ..Meeting::new("two") });
    server.begin(Meeting::new("many"));
    let running = client(&server).running().unwrap();
    assert_eq!(running.iter().map(Conference::label).collect::<Vec<_>>(), ["many"]);
}

#[test]
fn a_conference_is_told_with_everything_known_about_it() {
    let server = stand_in(Version::V33);
    let topic = "Утренняя <b>планёрка</b> | a & b";
    let session = server.begin(Meeting::new("a.b").topic(Some(topic)).ago(2 * HOUR));
    server.begin(Meeting { id: None, ..Meeting::new("").topic(None) });
    let running = client(&server).running().unwrap();
    let first = &running[0];
    assert_eq!((first.topic.as_deref(), &first.session), (Some(topic), &session));
    assert_eq!(first.owner.as_deref(), Some("anna@stand-in.example"));
    assert_eq!(first.people, Some(2));
    assert!(first.lasting >= 2 * HOUR && first.started.is_some());
    let base = format!("http://{}", server.address());
    assert_eq!(first.join, Some(format!("{base}/c/a.b")));
    let control =
        format!("{base}/tools/real-time/{}?a=cookies", "00000001%40stand-in.example%23vcs");
    assert_eq!(first.control, Some(control));
    let nameless = &running[1];
    assert_eq!((&nameless.id, &nameless.topic, &nameless.join), (&None, &None, &None));
}

#[test]
fn long_and_foreign_names_come_through() {
    for topic in ["x".repeat(60), "Ж".repeat(60), "a\u{202e}b".to_owned(), "<|>&\"'".to_owned()] {
        for version in BOTH {
            let server = stand_in(version);
            server.begin(Meeting::new("room").topic(Some(&topic)));
            let running = client(&server).running().unwrap();
            assert_eq!(running[0].topic.as_deref(), Some(&*topic), "{version:?}");
        }
    }
}

#[test]
fn people_of_a_conference_are_found_by_role() {
    for version in BOTH {
        let server = stand_in(version);
        server.begin(Meeting::new("room").roles(&[2, 1, 1, 2, 3]));
        let client = client(&server);
        let room = client.running().unwrap().remove(0);
        let expected = People { count: 5, moderators: Some(2) };
        assert_eq!(client.people(&room), Ok(expected), "{version:?}");
        server.end("room");
        assert_eq!(client.people(&room), Err(Fault::NotFound), "{version:?}");
    }
}

#[test]
fn many_people_of_a_conference_are_counted_over_all_pages() {
    let server = stand_in(Version::V4);
    server.begin(Meeting::new("room").roles(&[1; 450]));
    let client = client(&server);
    let room = client.running().unwrap().remove(0);
    assert_eq!(client.people(&room), Ok(People { count: 450, moderators: Some(0) }));
}

/// What is found forgotten: ids with the word of their rule or fault.
fn forgotten(server: &StandIn, rule: &serde_json::Value) -> Vec<(String, String)> {
    let client = client_with(server, &json!({"forgotten": rule}));
    let mut found: Vec<_> = client
        .forgotten()
        .unwrap()
        .into_iter()
        .filter_map(|row| {
            let word = match row.verdict {
                Ok(None) => return None,
                Ok(Some(rule)) => rule.word().to_owned(),
                Err(fault) => fault.word(),
            };
            Some((row.conference.label().to_owned(), word))
        })
        .collect();
    found.sort();
    found
}

fn rows(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let row = |(id, word): &(&str, &str)| ((*id).to_owned(), (*word).to_owned());
    expected.iter().map(row).collect()
}

#[test]
fn forgotten_conferences_are_those_nobody_cares_for() {
    for version in BOTH {
        let server = stand_in(version);
        for (id, hours, roles) in [
            ("alone", 2, &[2][..]),
            ("cared", 2, &[2, 1]),
            ("empty", 2, &[]),
            ("exempt", 2, &[]),
            ("guests", 2, &[1, 1, 1]),
            ("short", 0, &[1]),
            ("two-moderators", 2, &[2, 2]),
        ] {
            server.begin(Meeting::new(id).ago(hours * HOUR).roles(roles));
        }
        let (none, alone) = (Applies::NoModerator.word(), Applies::ModeratorAlone.word());
        let rule = json!({"exempt": ["exempt"]});
        let expected = rows(&[("alone", alone), ("empty", none), ("guests", none)]);
        assert_eq!(forgotten(&server, &rule), expected, "{version:?}");
        let rule =
            json!({"rules": ["no-moderator"], "max-people": 2, "exempt": ["Meeting exempt"]});
        assert_eq!(forgotten(&server, &rule), rows(&[("empty", none)]), "{version:?}");
        let rule = json!({"longer-than": "1s", "rules": ["moderator-alone"]});
        assert_eq!(forgotten(&server, &rule), rows(&[("alone", alone)]), "{version:?}");
    }
}

#[test]
fn where_roles_are_not_told_only_emptiness_is_judged() {
    let server = stand_in(Version::V4);
    server.manners(|manners| manners.tells_roles = false);
    server.begin(Meeting::new("empty").ago(2 * HOUR).roles(&[]));
    server.begin(Meeting::new("full").ago(2 * HOUR));
    let expected = rows(&[("empty", "no-moderator"), ("full", "not-offered")]);
    assert_eq!(forgotten(&server, &json!({})), expected);
}

#[test]
fn where_the_begin_is_not_told_nothing_is_judged_and_that_is_said() {
    let server = stand_in(Version::V4);
    server.manners(|manners| manners.scopes.retain(|scope| scope != "conferences.sessions:read"));
    server.begin(Meeting::new("room").roles(&[]));
    assert_eq!(forgotten(&server, &json!({})), rows(&[("room", "permission-sessions")]));
}

#[test]
fn five_hundred_forgotten_ones_are_looked_up_without_a_flood() {
    let server = stand_in(Version::V33);
    for number in 0..500 {
        server.begin(Meeting::new(&format!("room{number}")).ago(2 * HOUR).roles(&[1]));
    }
    assert_eq!(forgotten(&server, &json!({})).len(), 500);
    assert_eq!(asked(&server, "/participants"), 500);
    assert!(server.most_at_once() <= 8, "{} at once", server.most_at_once());
}

#[test]
fn people_online_are_not_offered_by_version_4() {
    let server = stand_in(Version::V4);
    assert_eq!(client(&server).online(), Err(Fault::NotOffered));
}
