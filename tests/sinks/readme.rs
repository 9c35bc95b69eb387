//! README's settings and consumers, word for word, with real brokers between them and the program.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use roost::settings::relay::{self, RedisWay, Target};
use serde_json::Value;

use crate::brokers::consumers::PYTHON;
use crate::brokers::kafka::Kafka;
use crate::brokers::process::{self, Process};
use crate::brokers::{Mosquitto, PATIENCE, RabbitMq, Redis};
use crate::records::{records, sink, url};
use crate::world::World;

/// How often somebody who waits looks.
const LOOK: Duration = Duration::from_millis(50);

/// A program of README's that runs.
struct Consumer {
    name: String,
    _process: Process,
    log: PathBuf,
}

fn readme() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    fs::read_to_string(file).expect("README.md")
}

/// The block below the line that begins with `heading`.
fn block(readme: &str, heading: &str) -> String {
    let after = readme.split_once(&format!("\n{heading}"));
    let after = after.unwrap_or_else(|| panic!("README has no line {heading} above a block")).1;
    let code = after.split_once("\n\n```").expect("a block").1;
    let code = code.split_once('\n').expect("its language").1;
    code.split_once("```").expect("its end").0.to_owned()
}

impl Consumer {
    /// Runs the block `name` with one argument.
    fn start(readme: &str, folder: &Path, name: &str, argument: &str) -> Self {
        let file = folder.join(name);
        fs::write(&file, block(readme, &format!("`{name}`"))).expect("written");
        let is_python = Path::new(name).extension().is_some_and(|kind| kind == "py");
        let mut command = process::command(if is_python { PYTHON } else { "sh" }, "python3");
        let log = folder.join(format!("{name}.log"));
        let process = Process::start(command.arg(&file).arg(argument), &log);
        Self { name: name.to_owned(), _process: process, log }
    }

    /// All it has printed.
    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The updates it has printed: the number alone, or the whole of it.
    fn seen(&self) -> Vec<i64> {
        let id = |line: &str| match serde_json::from_str(line).ok()? {
            Value::Number(id) => id.as_i64(),
            update => update["update_id"].as_i64(),
        };
        self.log().lines().filter_map(id).collect()
    }

    /// Waits until it has printed all of `ids`.
    fn waits_for(&self, ids: &BTreeSet<i64>) {
        let until = Instant::now() + PATIENCE;
        while !ids.iter().all(|id| self.seen().contains(id)) {
            assert!(Instant::now() < until, "{} has not seen {ids:?}: {}", self.name, self.log());
            std::thread::sleep(LOOK);
        }
    }

    /// Fails if anything was printed twice.
    fn saw_each_once(&self) {
        let seen = self.seen();
        let once: BTreeSet<i64> = seen.iter().copied().collect();
        assert_eq!(seen.len(), once.len(), "{}: {seen:?}", self.name);
    }
}

/// Sends updates until everybody has seen one: MQTT has nothing for those who come later.
fn subscribe(world: &mut World, consumers: &[Consumer]) {
    let until = Instant::now() + PATIENCE;
    while let Some(consumer) = consumers.iter().find(|consumer| consumer.seen().is_empty()) {
        assert!(Instant::now() < until, "{} sees nothing: {}", consumer.name, consumer.log());
        world.sends(1);
        std::thread::sleep(LOOK);
    }
}

/// Hands the updates `ids` to each of `sinks` once more.
fn repeats(sinks: &Value, ids: &BTreeSet<i64>) {
    let text = |sink: &str, key: &str| sinks[sink][key].as_str().expect(key).to_owned();
    let bodies: Vec<String> = ids.iter().map(|id| format!("{{\"update_id\":{id}}}")).collect();
    let redis = relay::Redis {
        url: url(&text("queue", "url")),
        way: RedisWay::List(text("queue", "list")),
    };
    let (mqtt, topic) = (url(&text("mqtt", "url")), text("mqtt", "topic"));
    let amqp = relay::Amqp {
        url: url(&text("rabbit", "url")),
        exchange: text("rabbit", "exchange"),
        routing_key: String::new(),
        declare: true,
        persistent: true,
    };
    let kafka = text("kafka", "topic");
    for (target, place) in [
        (Target::Redis(redis), ""),
        (Target::Mqtt(relay::Mqtt { url: mqtt, topic, qos: 1 }), "telegram/message"),
        (Target::Amqp(amqp), "message.5"),
        (
            Target::Kafka(relay::Kafka { brokers: text("kafka", "brokers"), topic: kafka.clone() }),
            &kafka,
        ),
    ] {
        let mut records = records(&bodies, 1, place);
        for (record, id) in records.iter_mut().zip(ids) {
            record.update_id = *id;
        }
        assert_eq!(sink(target).deliver(&records), Ok(()));
    }
}

#[test]
fn consumers_of_readme_get_every_update_and_notice_repeats() {
    let (readme, redis, mosquitto) = (readme(), Redis::start(), Mosquitto::start());
    let (rabbit, kafka) = (RabbitMq::start(), Kafka::start("telegram-updates"));
    let port = mosquitto.port().to_string();
    let settings = block(&readme, "`settings.json` with four brokers")
        .replace("redis://127.0.0.1:6379", &redis.url())
        .replace("127.0.0.1:1883", &format!("127.0.0.1:{port}"))
        .replace("127.0.0.1:5672", &format!("127.0.0.1:{}", rabbit.port()))
        .replace("127.0.0.1:9092", &kafka.brokers());
    let settings: Value = serde_json::from_str(&settings).expect("JSON");
    let mut world = World::new(&settings["relay"]["sinks"]);
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        ("redis", redis.url()),
        ("mqtt", port),
        ("amqp", format!("amqp://127.0.0.1:{}", rabbit.port())),
        ("kafka", kafka.brokers()),
    ];
    let start = |end: &str| -> Vec<Consumer> {
        let each = arguments.iter().map(|(kind, argument)| {
            Consumer::start(&readme, folder.path(), &format!("from_{kind}.{end}"), argument)
        });
        each.collect()
    };
    let programs = start("py");
    subscribe(&mut world, &programs);
    let first = world.sends(20);
    for sink in ["queue", "mqtt", "rabbit", "kafka"] {
        world.waits_until_empty(sink);
    }
    // Everything once more, as after a crash.
    repeats(&settings["relay"]["sinks"], &first);
    let last = world.sends(1);
    for consumer in &programs {
        consumer.waits_for(&first);
        consumer.waits_for(&last);
        consumer.saw_each_once();
    }
    // The queues of Redis and AMQP have one consumer at a time here.
    drop(programs);
    let scripts = start("sh");
    subscribe(&mut world, &scripts);
    let more = world.sends(20);
    for consumer in &scripts {
        consumer.waits_for(&more);
    }
}
