//! MQTT and mosquitto.

use std::process::Command;

use roost::relay::{Sink, Trouble};
use roost::settings::relay::{Mqtt, Target};

use crate::brokers::mosquitto::Subscriber;
use crate::brokers::{Mosquitto, process};
use crate::records::{bodies, records, sink, url};

fn to(address: &str, qos: u8) -> Box<dyn Sink> {
    sink(Target::Mqtt(Mqtt { url: url(address), topic: "telegram/{kind}".to_owned(), qos }))
}

/// Waits until `subscriber` has seen so many updates; what they are.
fn sees(mosquitto: &mut Mosquitto, subscriber: &Subscriber, count: usize) -> Vec<String> {
    let enough = || subscriber.lines().len() >= count;
    mosquitto.process_mut().waits_until("the updates", enough);
    subscriber.lines()
}

#[test]
fn every_message_arrives_at_its_topic_in_order() {
    let mut mosquitto = Mosquitto::start();
    let subscriber = mosquitto.subscriber(&["-t", "telegram/message"]);
    for qos in [1, 0] {
        let mut sink = to(&mosquitto.url(), qos);
        let all = bodies(1..=500);
        assert_eq!(sink.check(), Ok(()));
        assert_eq!(sink.deliver(&records(&all, 1, "telegram/message")), Ok(()));
        assert_eq!(sink.deliver(&records(&all[..1], 501, "telegram/other")), Ok(()));
        let after = 500 * (2 - usize::from(qos));
        assert_eq!(sees(&mut mosquitto, &subscriber, after)[after - 500..], all);
    }
}

#[test]
fn a_message_says_its_update_beside_the_body() {
    let mut mosquitto = Mosquitto::start();
    let format = "{\"type\": \"%C\", \"user\": \"%P\", \"qos\": %q}";
    let subscriber = mosquitto.subscriber(&["-V", "5", "-t", "telegram/#", "-F", format]);
    let all = bodies(1..=1);
    let sent = to(&mosquitto.url(), 1).deliver(&records(&all, 1, "telegram/message"));
    assert_eq!(sent, Ok(()));
    let expected = "{\"type\": \"application/json\", \"user\": \"update_id:1001\", \"qos\": 1}";
    assert_eq!(sees(&mut mosquitto, &subscriber, 1), [expected]);
}

#[test]
fn who_may_not_publish_is_told_so_and_no_password() {
    let mut mosquitto =
        Mosquitto::later("password_file {folder}/passwords\nacl_file {folder}/rights\n");
    let mut command = process::command("mosquitto_passwd", "mosquitto");
    process::output(
        command.arg("-b").arg("-c").arg(mosquitto.file("passwords")).args(["roost", "canary"]),
    );
    std::fs::write(mosquitto.file("rights"), "user roost\ntopic write telegram/#\n").unwrap();
    for file in ["passwords", "rights"] {
        Command::new("chmod").arg("600").arg(mosquitto.file(file)).status().unwrap();
    }
    mosquitto.restart();
    let address = |login: &str| format!("mqtt://{login}127.0.0.1:{}", mosquitto.port());
    let all = bodies(1..=2);
    let mut sink = to(&address("roost:canary@"), 1);
    assert_eq!(sink.deliver(&records(&all, 1, "telegram/message")), Ok(()));
    let elsewhere = sink.deliver(&records(&all, 3, "elsewhere"));
    assert_eq!(elsewhere, Err(Trouble::again(0, "topic `elsewhere`: not allowed")));
    for login in ["", "roost:canary2@"] {
        let refused = to(&address(login), 1).check().expect_err("not let in");
        assert!(refused.reason().starts_with("the broker refuses: "), "{refused:?}");
        assert!(!refused.reason().contains("canary"), "{refused:?}");
    }
}

#[test]
fn a_killed_broker_is_found_again_without_an_error() {
    let mut mosquitto = Mosquitto::start();
    let subscriber = mosquitto.subscriber(&["-t", "telegram/#"]);
    let mut sink = to(&mosquitto.url(), 1);
    let all = bodies(1..=3);
    assert_eq!(sink.deliver(&records(&all[..1], 1, "telegram/message")), Ok(()));
    sees(&mut mosquitto, &subscriber, 1);
    mosquitto.kill();
    let again = Trouble::again(0, "connection refused");
    assert_eq!(sink.deliver(&records(&all[1..], 2, "telegram/message")), Err(again));
    mosquitto.restart();
    assert_eq!(sink.deliver(&records(&all[1..2], 2, "telegram/message")), Ok(()));
    mosquitto.kill();
    mosquitto.restart();
    assert_eq!(sink.deliver(&records(&all[2..], 3, "telegram/message")), Ok(()));
}

#[test]
fn a_broker_that_hangs_is_given_up() {
    let mosquitto = Mosquitto::start();
    let mut sink = to(&mosquitto.url(), 1);
    let all = bodies(1..=2);
    assert_eq!(sink.deliver(&records(&all[..1], 1, "telegram/message")), Ok(()));
    mosquitto.process().freeze();
    let rest = records(&all[1..], 2, "telegram/message");
    assert_eq!(sink.deliver(&rest), Err(Trouble::again(0, "no answer for 15 seconds")));
    mosquitto.process().thaw();
    assert_eq!(sink.deliver(&rest), Ok(()));
}

/// What README says of mosquitto: it has what it acknowledged in memory.
#[test]
fn a_puback_is_no_promise_of_the_disk() {
    let mut mosquitto = Mosquitto::start();
    // A session that stays while its owner is away.
    drop(mosquitto.subscriber(&["-t", "telegram/#"]));
    let all = bodies(1..=500);
    let mut sink = to(&mosquitto.url(), 1);
    assert_eq!(sink.deliver(&records(&all, 1, "telegram/message")), Ok(()));
    mosquitto.kill();
    mosquitto.restart();
    let subscriber = mosquitto.subscriber(&["-t", "telegram/#"]);
    let end = bodies(501..=501);
    assert_eq!(sink.deliver(&records(&end, 501, "telegram/message")), Ok(()));
    let is_there = || subscriber.lines().last() == end.last();
    mosquitto.process_mut().waits_until("the newest", is_there);
    println!("{} of 501 acknowledged messages survived the kill", subscriber.lines().len());
}
