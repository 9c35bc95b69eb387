//! Sinks against real brokers, which are killed and come back.

#[cfg(feature = "amqp")]
mod amqp;
#[path = "../brokers/mod.rs"]
mod brokers;
#[cfg(feature = "kafka")]
mod kafka;
#[cfg(feature = "mqtt")]
mod mqtt;
#[cfg(all(feature = "mqtt", feature = "amqp", feature = "kafka"))]
mod readme;
mod records;
#[cfg(all(feature = "mqtt", feature = "amqp", feature = "kafka"))]
mod storm;
#[path = "../support/mod.rs"]
mod support;
#[cfg(all(feature = "mqtt", feature = "amqp", feature = "kafka"))]
mod whole;
#[cfg(any(feature = "mqtt", feature = "amqp", feature = "kafka"))]
mod world;
