//! What updates are handed to in the table: real brokers, a web service, a file.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};

use serde_json::{Value, json};
use tempfile::TempDir;

#[cfg(feature = "mqtt")]
use crate::brokers::Mosquitto;
use crate::brokers::Redis;
#[cfg(feature = "kafka")]
use crate::brokers::kafka::Kafka;
use crate::brokers::process::free_port;
#[cfg(feature = "amqp")]
use crate::brokers::{RabbitMq, consumers::amqp};
use crate::world;

/// Something that updates are handed to.
pub struct Target {
    /// Its settings.
    pub settings: Value,
    /// What its template becomes.
    pub place: &'static str,
    broker: Broker,
}

/// What has to run for it.
enum Broker {
    Redis(Redis),
    #[cfg(feature = "mqtt")]
    Mosquitto(Mosquitto),
    #[cfg(feature = "amqp")]
    RabbitMq(Box<RabbitMq>),
    #[cfg(feature = "kafka")]
    Kafka(Kafka),
    Web(u16),
    Folder(TempDir),
}

/// Makes a target whose broker does not run yet.
pub type Make = fn() -> Target;

/// Everything this build can hand updates to.
pub const ALL: &[(&str, Make)] = &[
    ("redis", redis),
    #[cfg(feature = "mqtt")]
    ("mqtt", mqtt),
    #[cfg(feature = "amqp")]
    ("amqp", amqp),
    #[cfg(feature = "kafka")]
    ("kafka", kafka),
    ("http", http),
    ("file", file),
];

impl Target {
    /// Starts its broker.
    pub fn starts(&mut self) -> io::Result<()> {
        match &mut self.broker {
            Broker::Redis(redis) => redis.restart(),
            #[cfg(feature = "mqtt")]
            Broker::Mosquitto(mosquitto) => mosquitto.restart(),
            #[cfg(feature = "amqp")]
            Broker::RabbitMq(rabbit) => {
                rabbit.restart();
                amqp::bind(&rabbit.url(), "bench", "telegram", "#");
            }
            #[cfg(feature = "kafka")]
            Broker::Kafka(kafka) => kafka.comes_up(),
            Broker::Web(port) => return serve(*port),
            Broker::Folder(folder) => return std::fs::create_dir(folder.path().join("later")),
        }
        Ok(())
    }
}

/// A Redis list; the server writes each command to disk before it answers.
pub fn redis() -> Target {
    let redis = Redis::later();
    let settings = json!({"type": "redis", "url": redis.url()});
    Target { settings, place: "", broker: Broker::Redis(redis) }
}

#[cfg(feature = "mqtt")]
fn mqtt() -> Target {
    let mosquitto = Mosquitto::later("allow_anonymous true\n");
    let settings = json!({"type": "mqtt", "url": mosquitto.url(), "topic": "telegram/{kind}"});
    Target { settings, place: "telegram/message", broker: Broker::Mosquitto(mosquitto) }
}

#[cfg(feature = "amqp")]
fn amqp() -> Target {
    let rabbit = RabbitMq::later();
    let settings = json!({"type": "amqp", "url": rabbit.url(), "exchange": "telegram",
        "routing-key": "{kind}", "declare": true});
    Target { settings, place: "message", broker: Broker::RabbitMq(Box::new(rabbit)) }
}

#[cfg(feature = "kafka")]
fn kafka() -> Target {
    let kafka = Kafka::start("updates");
    kafka.goes_down();
    let settings = json!({"type": "kafka", "brokers": kafka.brokers(), "topic": "updates"});
    Target { settings, place: "updates", broker: Broker::Kafka(kafka) }
}

/// A web service that says 200 to everything.
fn http() -> Target {
    let port = free_port();
    let settings = json!({"type": "http", "url": format!("http://127.0.0.1:{port}/updates")});
    Target { settings, place: "", broker: Broker::Web(port) }
}

fn serve(port: u16) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    roost::thread::detach("web", 1 << 16, move || {
        for stream in listener.incoming().map_while(Result::ok) {
            drop(roost::thread::detach("web", 1 << 16, move || drop(answer(&stream))));
        }
    })
}

fn answer(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if line == "\r\n" {
                break;
            }
            let field = line.to_ascii_lowercase();
            if let Some(value) = field.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        (&*stream).write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")?;
    }
}

/// A file in a folder that is not there yet.
fn file() -> Target {
    let folder = world::folder().expect("a folder");
    let settings = json!({"type": "file", "path": folder.path().join("later/updates.jsonl")});
    Target { settings, place: "", broker: Broker::Folder(folder) }
}
