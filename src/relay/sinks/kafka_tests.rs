use std::net::{Ipv4Addr, TcpListener};

use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};

use super::*;

type Cluster = MockCluster<'static, DefaultProducerContext>;

fn cluster() -> Cluster {
    let cluster = MockCluster::new(1).unwrap();
    cluster.create_topic("updates", 4, 1).unwrap();
    cluster
}

fn sink(brokers: &str, topic: &str) -> Kafka {
    let settings = relay::Kafka { brokers: brokers.to_owned(), topic: topic.to_owned() };
    Kafka::new(&settings, &Stop::default())
}

fn record<'a>(place: &'a str, body: &'a [u8]) -> Record<'a> {
    Record {
        sequence: 1,
        update_id: 7,
        kind: "message",
        chat: Some(5),
        place,
        body,
        content_type: "application/json",
    }
}

/// The records with the places in the log that they would have.
fn numbered(mut records: Vec<Record<'_>>) -> Vec<Record<'_>> {
    for (sequence, record) in (1..).zip(&mut records) {
        record.sequence = sequence;
    }
    records
}

#[test]
fn a_batch_is_confirmed_and_the_client_kept() {
    let cluster = cluster();
    let mut sink = sink(&cluster.bootstrap_servers(), "updates");
    assert_eq!(sink.check(), Ok(()));
    for _ in 0..3 {
        assert_eq!(sink.deliver(&numbered(vec![record("updates", b"{}"); 500])), Ok(()));
        assert!(sink.client.is_some());
    }
}

#[test]
fn a_refused_message_is_told_from_one_to_be_sent_again() {
    use RDKafkaRespErr as Answer;
    for (answer, expected) in [
        (
            Answer::RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE,
            Trouble::refused(0, "larger than the broker takes"),
        ),
        (
            Answer::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
            Trouble::again(0, "topic `updates`: not allowed"),
        ),
    ] {
        let cluster = cluster();
        cluster.request_errors(RDKafkaApiKey::Produce, &[answer]);
        let mut sink = sink(&cluster.bootstrap_servers(), "updates");
        assert_eq!(sink.deliver(&[record("updates", b"{}")]), Err(expected));
        assert_eq!(sink.deliver(&[record("updates", b"{}")]), Ok(()));
    }
}

#[test]
fn a_message_too_large_for_any_broker_is_refused_and_what_is_before_it_confirmed() {
    let cluster = cluster();
    let mut sink = sink(&cluster.bootstrap_servers(), "updates");
    let huge = vec![b'x'; 17_000_000];
    let batch = numbered(vec![
        record("updates", b"{}"),
        record("updates", &huge),
        record("updates", b"{}"),
    ]);
    assert_eq!(sink.deliver(&batch), Err(Trouble::refused(1, "larger than the broker takes")));
}

#[test]
fn a_topic_that_does_not_exist_is_named() {
    let cluster = cluster();
    let unknown = RDKafkaRespErr::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    cluster.topic_error("nowhere", unknown).unwrap();
    let reason = "there is no topic `nowhere`; create it";
    let mut sink = sink(&cluster.bootstrap_servers(), "nowhere");
    assert_eq!(sink.check(), Err(Cause::again(reason)));
    assert_eq!(sink.deliver(&[record("nowhere", b"{}")]), Err(Trouble::again(0, reason)));
}

#[test]
fn brokers_that_are_gone_are_named_soon() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let brokers = listener.local_addr().unwrap().to_string();
    drop(listener);
    let refused = format!("{brokers}: connection refused");
    let mut sink = sink(&brokers, "updates");
    assert_eq!(sink.check(), Err(Cause::again(refused.clone())));
    let trouble = sink.deliver(&[record("updates", b"{}")]);
    assert_eq!(trouble, Err(Trouble::again(0, refused)));
}

#[test]
fn a_stop_ends_waiting_for_brokers_that_hang() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let brokers = listener.local_addr().unwrap().to_string();
    let stop = Stop::default();
    let settings = relay::Kafka { brokers, topic: "updates".to_owned() };
    let mut sink = Kafka::new(&settings, &stop);
    let waits = crate::thread::spawn("delivers", move || {
        let trouble = sink.deliver(&[record("updates", b"{}")]);
        assert_eq!(trouble, Err(Trouble::again(0, "stopping")));
    });
    let _connected = listener.accept().unwrap();
    stop.set();
    drop(waits.unwrap());
}
