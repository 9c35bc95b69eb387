//! What `roost demo` and the tests run on instead of the world: stand-ins for Telegram and for
//! TrueConf servers.
//!
//! Loopback only; nothing of `serve` leads here.

pub mod samples;
pub mod telegram;
pub mod trueconf;
