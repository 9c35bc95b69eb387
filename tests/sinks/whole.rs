//! The real program with real brokers: down at the start, hanging, templates, filters, no queue.

use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::brokers::consumers::amqp;
use crate::brokers::kafka::Kafka;
use crate::brokers::{Mosquitto, RabbitMq, Redis};
use crate::world::World;

/// Longer than a stop takes on a busy machine, and much shorter than a broker is waited for.
const SOON: Duration = Duration::from_secs(10);

#[test]
fn brokers_that_come_later_get_everything() {
    let mut redis = Redis::later();
    let mut mosquitto = Mosquitto::later("allow_anonymous true\n");
    let mut rabbit = RabbitMq::later();
    let kafka = Kafka::start("updates");
    kafka.goes_down();
    let mut world = World::new(&json!({
        "list": {"type": "redis", "url": redis.url()},
        "mqtt": {"type": "mqtt", "url": mosquitto.url(), "topic": "telegram"},
        "rabbit": {"type": "amqp", "url": rabbit.url(), "exchange": "telegram", "declare": true},
        "kafka": {"type": "kafka", "brokers": kafka.brokers(), "topic": "updates"},
    }));
    world.sends(300);
    world.waits_until_received();
    for sink in ["kafka", "list", "mqtt", "rabbit"] {
        let standing = world.waits_until_said("connection refused");
        assert!(standing.contains(&format!("{sink}: 300 wait")), "{standing}");
    }
    kafka.comes_up();
    redis.restart();
    rabbit.restart();
    amqp::bind(&rabbit.url(), "shop", "telegram", "#");
    mosquitto.restart();
    let subscriber = mosquitto.subscriber(&["-t", "telegram"]);
    for sink in ["list", "rabbit", "kafka", "mqtt"] {
        world.waits_until_empty(sink);
    }
    world.is_all_there("list", &redis.list("telegram_bot"), 0);
    world.is_all_there("kafka", &kafka.read("updates", "%s"), 0);
    let messages = amqp::drain(&rabbit.url(), "shop");
    world.is_all_there("rabbit", &bodies(&messages), 0);
    // It may have been back before its subscriber, and then nobody was there to see all.
    assert!(world.is_in_order("mqtt", &subscriber.lines(), 0).len() <= 300);
}

#[test]
fn a_killed_program_misses_nothing_at_brokers_that_live() {
    let mosquitto = Mosquitto::start();
    let subscriber = mosquitto.subscriber(&["-t", "telegram"]);
    let mut world = World::new(&json!({
        "mqtt": {"type": "mqtt", "url": mosquitto.url(), "topic": "telegram"},
    }));
    for _ in 0..4 {
        world.sends(1_000);
        world.kills_roost();
    }
    world.waits_until_received();
    world.waits_until_empty("mqtt");
    let newest = world.sends(1).into_iter().next().expect("one").to_string();
    let is_there = |_: &str| subscriber.lines().last().is_some_and(|line| line.contains(&newest));
    world.waits_until("the newest", is_there);
    world.is_all_there("mqtt", &subscriber.lines(), 4);
}

#[test]
fn brokers_that_hang_delay_nobody_and_hold_up_no_stop() {
    // They take connections and never say a word.
    let listeners: Vec<TcpListener> =
        (0..4).map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()).collect();
    let hangs: Vec<String> =
        listeners.iter().map(|one| one.local_addr().unwrap().to_string()).collect();
    let redis = Redis::start();
    let mut world = World::new(&json!({
        "hung-list": {"type": "redis", "url": format!("redis://{}", hangs[0])},
        "hung-mqtt": {"type": "mqtt", "url": format!("mqtt://{}", hangs[1]), "topic": "t"},
        "hung-rabbit": {"type": "amqp", "url": format!("amqp://{}", hangs[2]), "exchange": "e"},
        "hung-kafka": {"type": "kafka", "brokers": hangs[3], "topic": "updates"},
        "list": {"type": "redis", "url": redis.url()},
    }));
    let before = Instant::now();
    world.sends(1_000);
    world.waits_until_received();
    world.waits_until_said("; list: 0 wait");
    assert!(before.elapsed() < SOON, "{:?}", before.elapsed());
    world.is_all_there("list", &redis.list("telegram_bot"), 0);
    let before = Instant::now();
    let (status, log) = world.take().stop();
    assert!(status.success() && before.elapsed() < SOON, "{:?} {log}", before.elapsed());
    assert!(!log.contains("does not stop"), "{log}");
}

#[test]
fn a_broker_that_hangs_is_told_and_found_again() {
    let rabbit = RabbitMq::start();
    let mosquitto = Mosquitto::start();
    amqp::bind(&rabbit.url(), "shop", "telegram", "#");
    let mut world = World::new(&json!({
        "rabbit": {"type": "amqp", "url": rabbit.url(), "exchange": "telegram", "declare": true},
        "mqtt": {"type": "mqtt", "url": mosquitto.url(), "topic": "t"},
    }));
    world.sends(10);
    world.waits_until_received();
    world.waits_until_empty("rabbit");
    world.waits_until_empty("mqtt");
    rabbit.process().freeze();
    mosquitto.process().freeze();
    world.sends(10);
    let standing = "mqtt: 10 wait, oldest";
    world.waits_until_said(standing);
    let both = |said: String| said.matches("no answer for 15 seconds").count() == 2;
    world.waits_until("both to be told", |standing| both(standing.to_owned()));
    rabbit.process().thaw();
    mosquitto.process().thaw();
    world.waits_until_empty("rabbit");
    world.waits_until_empty("mqtt");
    world.is_all_there("rabbit", &bodies(&amqp::drain(&rabbit.url(), "shop")), 1);
}

#[test]
fn templates_filters_and_envelopes_reach_the_broker() {
    let mosquitto = Mosquitto::start();
    let rabbit = RabbitMq::start();
    let kafka = Kafka::start("of-channel_post");
    amqp::bind(&rabbit.url(), "shop", "telegram", "channel_post.-1000000000003");
    amqp::bind(&rabbit.url(), "rest", "telegram", "*.none");
    let subscriber = mosquitto.subscriber(&["-t", "telegram/#", "-F", "{\"at\": \"%t\"}"]);
    let world = &mut World::new(&json!({
        "mqtt": {"type": "mqtt", "url": mosquitto.url(), "topic": "telegram/{kind}/{chat}",
            "chats": [-1_000_000_000_001_i64]},
        "rabbit": {"type": "amqp", "url": rabbit.url(), "exchange": "telegram", "declare": true,
            "routing-key": "{kind}.{chat}", "format": "cloudevents",
            "chats": [-1_000_000_000_003_i64]},
        "rest": {"type": "amqp", "url": rabbit.url(), "exchange": "telegram", "declare": true,
            "routing-key": "{kind}.{chat}", "kinds": ["telepathy"]},
        "kafka": {"type": "kafka", "brokers": kafka.brokers(), "topic": "of-{kind}",
            "kinds": ["channel_post"]},
    }));
    world.sends(7);
    world.telegram.inject(json!({"telepathy": {}}));
    world.waits_until_received();
    for sink in ["kafka", "mqtt", "rabbit", "rest"] {
        world.waits_until_empty(sink);
    }
    let at = "{\"at\": \"telegram/channel_post/-1000000000001\"}";
    world.waits_until("the topic", |_| subscriber.lines() == [at]);
    let [message] = &amqp::drain(&rabbit.url(), "shop")[..] else { panic!("one message") };
    assert_eq!(message["properties"]["content_type"], "application/cloudevents+json");
    let event: Value = serde_json::from_str(message["body"].as_str().unwrap()).unwrap();
    assert_eq!(event["type"], "org.telegram.update.channel_post");
    assert_eq!(event["data"]["channel_post"]["text"], "п 2");
    let [message] = &amqp::drain(&rabbit.url(), "rest")[..] else { panic!("one message") };
    assert_eq!(message["key"], "telepathy.none");
    let mut keys = kafka.read("of-channel_post", "%k");
    keys.sort();
    let chats = (1..=7).map(|chat| format!("-{}", 1_000_000_000_000_i64 + chat));
    assert_eq!(keys, chats.collect::<Vec<_>>());
}

#[test]
fn what_no_queue_takes_waits_and_says_so() {
    let rabbit = RabbitMq::start();
    let mut world = World::new(&json!({
        "rabbit": {"type": "amqp", "url": rabbit.url(), "exchange": "telegram", "declare": true,
            "routing-key": "{kind}"},
        "absent": {"type": "amqp", "url": rabbit.url(), "exchange": "nowhere"},
    }));
    world.sends(20);
    world.waits_until_said("no queue is bound for `channel_post`");
    let absent = "there is no exchange `nowhere`; create it, or set `declare`";
    world.waits_until_said(absent);
    amqp::bind(&rabbit.url(), "shop", "telegram", "#");
    world.waits_until_empty("rabbit");
    world.is_all_there("rabbit", &bodies(&amqp::drain(&rabbit.url(), "shop")), 0);
    assert!(world.standing().contains("absent: 20 wait"), "{}", world.standing());
}

fn bodies(messages: &[Value]) -> Vec<String> {
    let body = |message: &Value| message["body"].as_str().expect("text").to_owned();
    messages.iter().map(body).collect()
}
