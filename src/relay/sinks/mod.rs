//! The kinds of sinks, one module each; each is a Cargo feature of the same name.
//!
//! A module has a type with `new(settings, stop)`, which connects nowhere, and its [`Sink`].

#[cfg(any(feature = "amqp", feature = "kafka", feature = "mqtt"))]
mod ahead;
#[cfg(feature = "amqp")]
mod amqp;
#[cfg(feature = "file")]
mod file;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "kafka")]
mod kafka;
#[cfg(any(feature = "amqp", feature = "mqtt", feature = "redis"))]
mod line;
pub mod mqtt;
pub mod redis;
#[cfg(feature = "amqp")]
mod wait;
#[cfg(any(feature = "mqtt", feature = "redis"))]
mod wire;

use super::{Sink, Stop};
use crate::settings::relay;

/// Makes the sink of `settings`; connects nowhere yet. What it waits for ends at `stop`.
///
/// A kind that is not built in was refused with the settings; should it come here, that is the error.
pub fn open(settings: &relay::SinkSettings, stop: &Stop) -> Result<Box<dyn Sink>, String> {
    match &settings.target {
        #[cfg(feature = "amqp")]
        relay::Target::Amqp(amqp) => Ok(Box::new(amqp::Amqp::new(amqp, stop))),
        #[cfg(feature = "file")]
        relay::Target::File(file) => Ok(Box::new(file::Lines::new(file, stop))),
        #[cfg(feature = "http")]
        relay::Target::Http(http) => Ok(Box::new(http::Http::new(http, stop))),
        #[cfg(feature = "redis")]
        relay::Target::Redis(redis) => Ok(Box::new(redis::Redis::new(redis, stop))),
        #[cfg(feature = "kafka")]
        relay::Target::Kafka(kafka) => Ok(Box::new(kafka::Kafka::new(kafka, stop))),
        #[cfg(feature = "mqtt")]
        relay::Target::Mqtt(mqtt) => Ok(Box::new(mqtt::Mqtt::new(mqtt, stop))),
        #[allow(unreachable_patterns, reason = "a program with all kinds has no other")]
        target => {
            let _ = stop;
            Err(format!("sinks of type `{}` are not built in", target.type_name()))
        }
    }
}
