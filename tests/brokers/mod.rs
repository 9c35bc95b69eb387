//! Real brokers: started on free ports with folders of their own, killed as a power cut kills them,
//! and read back by programs that have nothing to do with ours.
//!
//! A missing program is a failure that names the package. None of these is a service of the system:
//! each is a child of the test and ends with it.

#![allow(dead_code, unused_imports, reason = "every test file uses another part")]

pub mod consumers;
#[cfg(feature = "kafka")]
pub mod kafka;
pub mod mosquitto;
pub mod process;
pub mod rabbitmq;
pub mod redis;

pub use mosquitto::Mosquitto;
pub use rabbitmq::RabbitMq;
pub use redis::Redis;

use std::time::Duration;

/// Longer than a broker takes to start on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);
