//! MQTT: a message for each update, confirmed by PUBACK (QoS 1), or by being written (QoS 0).
//!
//! The protocol of a publisher is five packets ([`packet`]), so it is spoken here, in the thread of
//! the sink. A broker's PUBACK says that it has the message, not that the message is on its disk.

#[cfg(feature = "mqtt")]
mod client;
pub mod packet;

#[cfg(feature = "mqtt")]
pub use client::Mqtt;
