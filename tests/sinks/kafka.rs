//! Kafka and the mock cluster of librdkafka.

use std::collections::BTreeMap;

use roost::relay::Sink;
use roost::settings::relay::{Kafka, Target};

use crate::brokers::kafka::Kafka as Cluster;
use crate::records::{bodies, records, sink};

fn to(cluster: &Cluster) -> Box<dyn Sink> {
    let (brokers, topic) = (cluster.brokers(), "updates".to_owned());
    sink(Target::Kafka(Kafka { brokers, topic }))
}

#[test]
fn messages_are_keyed_by_chat_and_in_order() {
    let cluster = Cluster::start("updates");
    let all = bodies(1..=500);
    assert_eq!(to(&cluster).deliver(&records(&all, 1, "updates")), Ok(()));
    let mut chats: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in cluster.read("updates", "%k %h %s") {
        let mut words = line.splitn(3, ' ');
        let mut word = || words.next().expect("three").to_owned();
        let (key, headers, body) = (word(), word(), word());
        assert!(headers.starts_with("content-type=application/json,update_id=1"), "{headers}");
        chats.entry(key).or_default().push(body);
    }
    let of = |parity: usize| all.iter().skip(parity).step_by(2).cloned().collect::<Vec<_>>();
    assert_eq!(chats, BTreeMap::from([("6".to_owned(), of(0)), ("5".to_owned(), of(1))]));
}

#[test]
fn brokers_that_went_away_are_found_again_and_nothing_overtakes() {
    let cluster = Cluster::start("updates");
    let mut sink = to(&cluster);
    let all = bodies(1..=1_000);
    assert_eq!(sink.deliver(&records(&all[..500], 1, "updates")), Ok(()));
    cluster.goes_down();
    let rest = records(&all[500..], 501, "updates");
    let trouble = sink.deliver(&rest).expect_err("down");
    assert_eq!(trouble.confirmed, 0);
    cluster.comes_up();
    assert_eq!(sink.deliver(&rest), Ok(()));
    let mut seen = cluster.read("updates", "%s");
    seen.sort_by_key(|body| all.iter().position(|one| one == body));
    assert_eq!(seen, all);
}
