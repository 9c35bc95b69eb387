//! Brokers and the program itself are killed again and again while updates flow.

use serde_json::json;

use crate::brokers::consumers::amqp;
use crate::brokers::kafka::Kafka;
use crate::brokers::{Mosquitto, RabbitMq, Redis};
use crate::world::World;

/// Updates in all.
const UPDATES: usize = 50_000;

/// Between two blows.
const PORTION: usize = 1_000;

/// What happens, and to whom.
#[derive(Clone, Copy)]
enum Blow {
    Nothing,
    Roost,
    Redis,
    Mosquitto,
    RabbitMq,
    Kafka,
}

/// The order of blows, which `seed` shuffles.
fn blows(mut seed: u64) -> Vec<Blow> {
    use Blow::{Kafka, Mosquitto, Nothing, RabbitMq, Redis, Roost};
    let mut blows = [Roost, Redis, Mosquitto, Kafka].repeat(5);
    blows.extend([RabbitMq, RabbitMq]);
    blows.resize(UPDATES / PORTION, Nothing);
    for last in (1..blows.len()).rev() {
        // Xorshift: any order will do, as long as the seed tells it.
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        blows.swap(last, usize::try_from(seed).expect("64 bits") % (last + 1));
    }
    blows
}

#[test]
fn nothing_telegram_was_told_was_received_is_missing_whoever_is_killed() {
    let mut redis = Redis::start();
    let mut mosquitto = Mosquitto::start();
    let mut rabbit = RabbitMq::start();
    let kafka = Kafka::start("updates");
    amqp::bind(&rabbit.url(), "shop", "telegram", "#");
    let subscriber = mosquitto.subscriber(&["-t", "telegram/#"]);
    let mut world = World::new(&json!({
        "list": {"type": "redis", "url": redis.url()},
        "mqtt": {"type": "mqtt", "url": mosquitto.url(), "topic": "telegram/{kind}"},
        "rabbit": {"type": "amqp", "url": rabbit.url(), "exchange": "telegram",
            "routing-key": "{kind}.{chat}", "declare": true},
        "kafka": {"type": "kafka", "brokers": kafka.brokers(), "topic": "updates"},
        "disk": {"type": "file", "path": "updates.jsonl"},
    }));
    let seed = roost::clock::now().as_microsecond().unsigned_abs();
    println!("seed {seed}");
    let mut roost = 0;
    let (mut redises, mut mosquittos, mut rabbits, mut kafkas) = (0, 0, 0, 0);
    for blow in blows(seed) {
        drop(world.sends(PORTION));
        match blow {
            Blow::Nothing => world.waits_until_received(),
            Blow::Roost => {
                world.kills_roost();
                roost += 1;
            }
            Blow::Redis => {
                redis.kill();
                redis.restart();
                redises += 1;
            }
            Blow::Mosquitto => {
                mosquitto.kill();
                mosquitto.restart();
                mosquittos += 1;
            }
            Blow::RabbitMq => {
                rabbit.kill();
                rabbit.restart();
                rabbits += 1;
            }
            Blow::Kafka => {
                kafka.goes_down();
                kafka.comes_up();
                kafkas += 1;
            }
        }
    }
    world.waits_until_received();
    for sink in ["list", "mqtt", "rabbit", "kafka", "disk"] {
        world.waits_until_empty(sink);
    }
    world.is_all_there("list", &redis.list("telegram_bot"), roost + redises);
    let messages = amqp::drain(&rabbit.url(), "shop");
    let bodies = messages.iter().map(|message| message["body"].as_str().expect("text").to_owned());
    world.is_all_there("rabbit", &bodies.collect::<Vec<_>>(), roost + rabbits);
    world.is_all_there("kafka", &kafka.read("updates", "%s"), roost + kafkas);
    let lines = std::fs::read_to_string(world.home.folder().join("updates.jsonl")).unwrap();
    let lines: Vec<String> = lines.lines().map(str::to_owned).collect();
    world.is_all_there("disk", &lines, roost);
    // A PUBACK says that mosquitto has it, not that its disk has.
    let lost = world.is_in_order("mqtt", &subscriber.lines(), roost + mosquittos);
    println!("mqtt: {} confirmed and lost in {mosquittos} kills of the broker", lost.len());
    // How many depends on how far behind its subscriber is; without a kill of the broker, none.
    assert!(mosquittos > 0 || lost.is_empty(), "{lost:?}");
}
