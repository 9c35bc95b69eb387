//! What `roost demo` and the tests run on instead of the world: a stand-in for Telegram.
//!
//! Loopback only; nothing of `serve` leads here.

pub mod samples;
pub mod telegram;
