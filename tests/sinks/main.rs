//! Sinks against real brokers, which are killed and come back.

#[cfg(feature = "amqp")]
mod amqp;
#[path = "../brokers/mod.rs"]
mod brokers;
#[cfg(feature = "kafka")]
mod kafka;
#[cfg(feature = "mqtt")]
mod mqtt;
mod records;
