//! The relay of the real program: real updates of the stand-in Telegram in, sinks out.

#![expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the method alone is not general enough over lifetimes"
)]

mod beside;
mod bot;
mod bounds;
#[path = "../brokers/mod.rs"]
mod brokers;
mod canary;
mod commands;
mod crash;
mod files;
mod hook;
mod posts;
mod receiver;
mod settings;
mod streams;
#[path = "../updates_support/mod.rs"]
mod updates_support;
mod world;
