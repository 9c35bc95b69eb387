//! What people are told of TrueConf servers unasked, and what they can do about it.

use std::sync::Arc;

use jiff::Timestamp;

use super::chat::{ADMIN, BEN, Call, Chat, only};
use crate::apps::conferences::for_tests::{Checks, OPERATOR, OTHER, VIEWER, server};
use crate::settings::Server;

/// A bot with two servers, and the checks of the first.
struct Watched {
    chat: Chat,
    checks: Checks,
}

impl Watched {
    /// Everybody who looks after the servers has opened a chat, but not the admin.
    fn new() -> Self {
        let second =
            Server { name: "Филиал".to_owned(), operators: vec![OPERATOR], ..server() };
        let mut chat = Chat::with(|context| context.servers = vec![server(), second]);
        for person in [OPERATOR.0, OTHER.0, VIEWER.0, BEN] {
            chat.says(person, "/start");
        }
        let checks = Checks::new(&Arc::clone(chat.context()), chat.store());
        chat.at("2026-11-21T12:00:00Z");
        Self { chat, checks }
    }

    /// It is `time` of that day; what ended until then is ended. The alerts that come of it.
    fn at(&mut self, time: &str) -> Vec<(i64, String)> {
        self.chat.at(&format!("2026-11-21T{time}Z"));
        self.chat.ticks();
        self.alerts()
    }

    /// It is confirmed down now, since a minute ago.
    fn down(&mut self) -> Vec<(i64, String)> {
        self.checks.down(self.chat.now - jiff::SignedDuration::from_mins(1), self.chat.now);
        self.alerts()
    }

    fn up(&mut self) -> Vec<(i64, String)> {
        self.checks.up(self.chat.now, self.chat.now);
        self.alerts()
    }

    fn alerts(&mut self) -> Vec<(i64, String)> {
        let alerts = self.chat.alerts().into_iter();
        alerts.map(|(to, call)| (to, plain(call.text()))).collect()
    }

    /// The alert somebody got of an outage now.
    fn alert(&mut self, to: i64) -> Call {
        self.checks.down(self.chat.now, self.chat.now);
        let alerts = self.chat.alerts().into_iter();
        alerts.filter(|(of, _)| *of == to).map(|(_, call)| call).next().expect("an alert")
    }

    fn says(&mut self, user: i64, text: &str) -> String {
        plain(self.chat.told(user, text).text())
    }
}

/// Without the marks around names that keep their direction.
fn plain(text: &str) -> String {
    text.replace(['\u{2068}', '\u{2069}'], "")
}

/// Who is told something, in order.
fn people(alerts: &[(i64, String)]) -> Vec<i64> {
    alerts.iter().map(|(to, _)| *to).collect()
}

const EVERYBODY: [i64; 3] = [OPERATOR.0, OTHER.0, VIEWER.0];

#[test]
fn who_looks_after_a_server_is_told_once_that_it_is_down_and_once_that_it_is_up() {
    let mut world = Watched::new();
    world.checks.up(world.chat.now, world.chat.now);
    assert_eq!(world.alerts(), [], "that all is well is no news");
    let down = world.down();
    assert_eq!(people(&down), EVERYBODY, "neither who opened no chat nor who has no right");
    let expected =
        "🔴 <b>Head office</b> is down: the connection was refused\nSince 11:59.".to_owned();
    assert_eq!(down[0].1, expected);
    assert_eq!(world.at("14:04:00"), []);
    let up = world.up();
    assert_eq!(people(&up), EVERYBODY);
    let expected =
        "🟢 <b>Head office</b> is up again. It was down for 2 h 5 min.\nFrom 11:59 to 14:04.";
    assert_eq!(up[0].1, expected);
    world.chat.says(ADMIN, "/start");
    assert_eq!(people(&world.down())[0], ADMIN, "an admin operates every server");
}

#[test]
fn a_server_that_was_down_from_the_beginning_is_told_as_such() {
    let mut world = Watched::new();
    let down = world.down();
    assert_eq!(people(&down), EVERYBODY);
    assert!(down[0].1.contains("did not answer the first check at 11:59"), "{}", down[0].1);
}

#[test]
fn a_silence_is_of_one_person_and_what_is_still_down_at_its_end_is_told() {
    let mut world = Watched::new();
    world.up();
    let alert = world.alert(OPERATOR.0);
    let data = alert.data("Mute for 2 h");
    let answer = only(world.chat.presses(OPERATOR.0, &data));
    assert_eq!(
        plain(answer.text()),
        "You get no alerts of Head office until 14:00. What is down then, you are told."
    );
    assert_eq!(people(&world.up()), [OTHER.0, VIEWER.0]);
    world.at("12:30:00");
    assert_eq!(people(&world.down()), [OTHER.0, VIEWER.0]);
    assert_eq!(world.at("13:59:00"), []);
    let late = world.at("14:00:00");
    assert_eq!(people(&late), [OPERATOR.0]);
    assert!(late[0].1.contains("is still down") && late[0].1.contains("Since 12:29"), "{late:?}");
    assert_eq!(people(&world.up()), EVERYBODY);
    assert_eq!(world.at("20:00:00"), []);
}

#[test]
fn who_heard_that_it_was_down_hears_at_the_end_of_a_silence_that_it_is_up() {
    let mut world = Watched::new();
    world.up();
    world.down();
    world.at("12:10:00");
    assert!(world.says(OPERATOR.0, "/mute 1h").contains("no alerts until 13:10"));
    assert!(world.says(VIEWER.0, "/mute 1h Филиал").contains("no alerts of Филиал until 13:10"));
    world.at("12:20:00");
    assert_eq!(people(&world.up()), [OTHER.0, VIEWER.0], "a silence of one server is of that one");
    // Another outage that came and went within the silence is nothing to the silent.
    world.at("12:30:00");
    let of_that = [people(&world.down()), people(&world.up())];
    assert_eq!(of_that, [[OTHER.0, VIEWER.0], [OTHER.0, VIEWER.0]]);
    let late = world.at("13:10:00");
    assert_eq!(people(&late), [OPERATOR.0], "of the outage they had heard of");
    assert!(late[0].1.contains("From 11:59 to 12:20."), "{late:?}");
    world.down();
    world.at("13:20:00");
    assert!(world.says(VIEWER.0, "/mute 1h").contains("no alerts until 14:20"));
    world.at("13:30:00");
    assert_eq!(people(&world.up()), [OPERATOR.0, OTHER.0]);
    assert_eq!(world.says(VIEWER.0, "/mute off"), "You get alerts again.");
    let late = world.alerts();
    assert_eq!(people(&late), [VIEWER.0]);
    assert!(late[0].1.contains("is up again"), "{late:?}");
}

#[test]
fn a_silence_can_be_looked_at_changed_and_ended() {
    let mut world = Watched::new();
    assert!(world.says(OPERATOR.0, "/mute").starts_with("You get all alerts."));
    for wrong in ["/mute soon", "/mute 31d", "/mute 0m", "/mute Head office"] {
        assert!(world.says(OPERATOR.0, wrong).starts_with("Say for how long"), "{wrong}");
    }
    let unknown = world.says(VIEWER.0, "/mute 2h <b>Nowhere");
    assert!(unknown.starts_with("You look after no server called &lt;b&gt;Nowhere."), "{unknown}");
    assert!(unknown.ends_with("Head office, Филиал"), "{unknown}");
    world.says(OPERATOR.0, "/mute 2h head OFFICE");
    world.says(OPERATOR.0, "/mute 3h");
    let both = world.says(OPERATOR.0, "/mute");
    assert!(both.contains("of Head office until 14:00") && both.contains("alerts until 15:00"));
    world.says(OPERATOR.0, "/mute off Head office");
    assert_eq!(people(&world.down()), [OTHER.0, VIEWER.0], "all servers are silent still");
    world.says(OPERATOR.0, "/mute off");
    assert_eq!(people(&world.alerts()), [OPERATOR.0]);
    assert_eq!(world.chat.says_in_group(OPERATOR.0, "/mute 2h").len(), 1, "told where to say it");
    assert!(world.says(BEN, "/mute 2h").contains("only for people who look after"));
}

#[test]
fn nobody_is_told_during_maintenance_and_everybody_if_it_is_still_down_afterwards() {
    let mut world = Watched::new();
    world.up();
    assert!(world.says(OPERATOR.0, "/maintenance").starts_with("No maintenance is announced."));
    let answer = world.says(OPERATOR.0, "/maintenance 2h Head office");
    assert_eq!(
        answer,
        "Maintenance of <b>Head office</b> from 12:00 to 14:00: nobody is told if it is down then."
    );
    let told = world.chat.notices();
    assert_eq!(told.len(), 1, "the other operator: {told:?}");
    assert!(told[0].text().contains("has announced maintenance"), "{}", told[0].text());
    world.at("12:30:00");
    assert_eq!(world.down(), []);
    world.at("12:40:00");
    assert_eq!(world.up(), [], "what was not told does not end");
    world.at("13:50:00");
    assert_eq!(world.down(), []);
    let late = world.at("14:00:00");
    assert_eq!(people(&late), EVERYBODY);
    assert!(late[0].1.contains("is down") && late[0].1.contains("Since 13:49"), "{late:?}");
    assert_eq!(people(&world.up()), EVERYBODY);
    assert!(world.says(OPERATOR.0, "/maintenance").starts_with("No maintenance is announced."));
}

#[test]
fn an_outage_that_was_told_ends_in_words_although_maintenance_has_begun() {
    let mut world = Watched::new();
    world.up();
    world.down();
    world.says(OPERATOR.0, "/maintenance 2h Head office");
    assert_eq!(people(&world.up()), EVERYBODY);
}

#[test]
fn maintenance_can_be_planned_listed_and_called_off() {
    let mut world = Watched::new();
    world.up();
    let which = world.says(OPERATOR.0, "/maintenance 2h");
    assert!(which.starts_with("Which server?"), "{which}");
    let answer = world.says(OTHER.0, "/maintenance 2026-12-24 22:00 3h");
    assert!(answer.contains("from Thu, 24 December, 22:00 to Fri, 25 December, 01:00"), "{answer}");
    let past = world.says(OTHER.0, "/maintenance 2026-11-20 22:00 3h");
    assert_eq!(past, "This would be over already.");
    for wrong in ["/maintenance tomorrow", "/maintenance 2026-12-24 3h", "/maintenance 22:00"] {
        assert!(world.says(OTHER.0, wrong).starts_with("Say for how long"), "{wrong}");
    }
    assert!(world.says(VIEWER.0, "/maintenance 2h Head office").contains("no server called"));
    assert!(world.says(OTHER.0, "/maintenance 2h Филиал").contains("no server called"));
    world.says(OTHER.0, "/maintenance 1h Head office");
    let list = world.says(VIEWER.0, "/maintenance");
    assert!(list.contains("from 12:00 to 13:00") && list.contains("24 December"), "{list}");
    assert_eq!(world.down(), []);
    let off = world.says(OPERATOR.0, "/maintenance off Head office");
    assert_eq!(off, "The maintenance of <b>Head office</b> is called off.");
    assert_eq!(people(&world.alerts()), EVERYBODY, "it is down, and that is news now");
    let list = world.says(VIEWER.0, "/maintenance");
    assert!(list.contains("24 December") && !list.contains("13:00"), "planned ones stay: {list}");
}

#[test]
fn the_first_operator_to_acknowledge_looks_after_the_outage() {
    let mut world = Watched::new();
    world.up();
    world.checks.down(world.chat.now, world.chat.now);
    let alerts: Vec<(i64, Call)> = world.chat.alerts();
    let of = |who: i64| alerts.iter().find(|(to, _)| *to == who).expect("told").1.clone();
    assert_eq!(of(VIEWER.0).labels(), ["Mute for 2 h"], "who may look cannot look after it");
    let data = of(OPERATOR.0).data("Acknowledge");
    let refused = only(world.chat.presses(VIEWER.0, &data));
    assert_eq!(refused.text(), "Only operators of this server may do that.");
    let refused = only(world.chat.presses(BEN, &data));
    assert!(refused.text().contains("only for people who look after"), "{}", refused.text());
    let answers = world.chat.presses(OPERATOR.0, &data);
    assert!(answers[0].text().starts_with("Noted"), "{answers:?}");
    assert!(plain(answers[1].text()).ends_with("P70 looks after it."), "{answers:?}");
    assert_eq!(answers[1].labels(), ["Mute for 2 h"]);
    let told = world.chat.notices();
    assert_eq!(told.len(), 1, "the other operator");
    assert!(plain(told[0].text()).starts_with("P70 looks after the outage of"), "{told:?}");
    let late = only(world.chat.presses(OTHER.0, &data));
    assert_eq!(plain(late.text()), "P70 already looks after it.");
    world.up();
    let over = only(world.chat.presses(OTHER.0, &data));
    assert_eq!(over.text(), "This outage is over.");
    world.at("13:00:00");
    world.down();
    let over = only(world.chat.presses(OTHER.0, &data));
    assert_eq!(over.text(), "This outage is over.", "the alert was of another one");
}

#[test]
fn a_certificate_is_told_of_at_21_7_and_1_days_also_across_a_restart() {
    let mut world = Watched::new();
    let expires: Timestamp = "2026-12-24T12:00:00Z".parse().unwrap();
    let mut told = Vec::new();
    for day in 0..35 {
        world.chat.now = "2026-11-21T12:00:00Z".parse::<Timestamp>().unwrap()
            + jiff::SignedDuration::from_hours(24 * day);
        world.checks.certificate(expires, world.chat.now);
        let alerts = world.alerts();
        assert!(alerts.is_empty() || people(&alerts) == EVERYBODY);
        told.extend(alerts.into_iter().next().map(|(_, text)| (day, text)));
        if day == 13 {
            world.chat.restarts();
            world.checks = Checks::new(&Arc::clone(world.chat.context()), world.chat.store());
        }
    }
    let days: Vec<i64> = told.iter().map(|(day, _)| *day).collect();
    assert_eq!(days, [12, 26, 32, 33]);
    assert!(told[0].1.contains("expires in 21 days"), "{told:?}");
    assert!(told[2].1.contains("expires in 1 day\n"), "{told:?}");
    assert!(told[3].1.contains("has expired"), "{told:?}");
}
