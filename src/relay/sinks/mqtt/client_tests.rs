use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};

use super::*;
use crate::settings::broker::BrokerUrl;
use crate::thread::Handle;

/// A broker that answers each packet of one connection as `script` says, then hangs up.
fn broker(script: Vec<(&'static [u8], &'static [u8])>) -> (u16, Handle) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let handle = crate::thread::spawn("broker", move || {
        let mut stream = listener.accept().unwrap().0;
        for (expected, answer) in script {
            hears(&mut stream, expected);
            stream.write_all(answer).unwrap();
        }
    });
    (port, handle.unwrap())
}

/// Reads until `expected` has come.
fn hears(stream: &mut TcpStream, expected: &[u8]) {
    let mut heard: Vec<u8> = Vec::new();
    while !heard.windows(expected.len()).any(|part| part == expected) {
        let mut some = [0; 1024];
        let count = stream.read(&mut some).unwrap();
        assert!(count > 0, "closed before {expected:?}; heard {heard:?}");
        heard.extend(&some[..count]);
    }
}

fn sink(port: u16, qos: u8) -> Mqtt {
    let url = BrokerUrl::parse(&format!("mqtt://user:canary@127.0.0.1:{port}")).unwrap();
    Mqtt::new(&relay::Mqtt { url, topic: "t".to_owned(), qos }, &Stop::default())
}

const fn record(sequence: u64, body: &[u8]) -> Record<'_> {
    Record {
        sequence,
        update_id: 7,
        kind: "message",
        chat: Some(5),
        place: "t",
        body,
        content_type: "application/json",
    }
}

const BODIES: [Record<'static>; 3] = [record(1, b"one"), record(2, b"two"), record(3, b"three")];

#[test]
fn a_batch_is_confirmed_when_every_message_is() {
    let (port, _broker) = broker(vec![
        (b"canary", b"\x20\x02\0\0"),
        (b"three", b"\x40\x02\0\x02\x40\x02\0\x01\x40\x03\0\x03\x10"),
    ]);
    assert_eq!(sink(port, 1).deliver(&BODIES), Ok(()));
}

#[test]
fn what_was_acknowledged_before_the_end_is_confirmed() {
    for (answer, confirmed, reason) in [
        (&b"\x40\x02\0\x01\x40\x02\0\x03"[..], 1, "the connection was closed"),
        (b"\x40\x02\0\x01\xE0\x01\x8B", 1, "the broker hangs up: it is shutting down"),
        (b"\x40\x03\0\x01\x87", 0, "topic `t`: not allowed"),
        (b"\x40\x02\0\x01\x40\x03\0\x02\x97", 1, "topic `t`: a quota is used up"),
        (b"\x40\x02\0\x09", 0, "an answer that nobody asked for"),
        (b"\x20\xFF\xFF\xFF\xFF", 0, "the answer is no MQTT"),
    ] {
        let (port, _broker) = broker(vec![(b"canary", b"\x20\x02\0\0"), (b"three", answer)]);
        assert_eq!(sink(port, 1).deliver(&BODIES), Err(Trouble::again(confirmed, reason)));
    }
}

#[test]
fn a_message_the_broker_will_never_take_is_refused() {
    let (port, _broker) =
        broker(vec![(b"canary", b"\x20\x02\0\0"), (b"three", b"\x40\x02\0\x01\x40\x03\0\x02\x90")]);
    let refused = Trouble::refused(1, "it does not take this topic");
    assert_eq!(sink(port, 1).deliver(&BODIES), Err(refused));
    // It said that its packets have at most 100 bytes.
    let small = b"\x20\x08\0\0\x05\x27\0\0\0\x64";
    for qos in [0, 1] {
        let (port, _broker) = broker(vec![(b"canary", small), (b"one", b"\x40\x02\0\x01")]);
        let long = [b'x'; 100];
        let batch = [BODIES[0], record(2, &long)];
        let refused = Trouble::refused(1, "larger than the broker takes");
        assert_eq!(sink(port, qos).deliver(&batch), Err(refused));
    }
}

#[test]
fn no_more_messages_are_under_way_than_the_broker_allows() {
    let (port, _broker) = broker(vec![
        (b"canary", b"\x20\x06\0\0\x03\x21\0\x01"),
        (b"one", b"\x40\x02\0\x01"),
        (b"two", b"\x40\x02\0\x02"),
        (b"three", b"\x40\x02\0\x03"),
    ]);
    assert_eq!(sink(port, 1).deliver(&BODIES), Ok(()));
}

#[test]
fn an_old_broker_is_spoken_to_in_its_own_version() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let broker = crate::thread::spawn("broker", move || {
        let mut first = listener.accept().unwrap().0;
        hears(&mut first, b"MQTT\x05");
        first.write_all(b"\x20\x02\0\x01").unwrap();
        let mut second = listener.accept().unwrap().0;
        hears(&mut second, b"MQTT\x04");
        second.write_all(b"\x20\x02\0\0").unwrap();
        hears(&mut second, b"\x32\x08\0\x01t\0\x01one");
        second.write_all(b"\x40\x02\0\x01").unwrap();
    });
    assert_eq!(sink(port, 1).deliver(&BODIES[..1]), Ok(()));
    drop(broker.unwrap());
}

#[test]
fn whoever_is_not_let_in_is_told_why_and_no_password() {
    for (greeting, reason) in [
        (&b"\x20\x02\0\x05"[..], "the broker refuses: not allowed"),
        (b"\x20\x03\0\x86\0", "the broker refuses: wrong user or password"),
        (b"\x20\x05\0\0\x02\x24\0", "the broker takes QoS 0 only; set `qos` to 0"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "the answer is no MQTT"),
    ] {
        let (port, _broker) = broker(vec![(b"canary", greeting)]);
        assert_eq!(sink(port, 1).check(), Err(Cause::again(reason)));
    }
}
