//! One-time messages: through the bot and the command line of the real program, beside the stand-in
//! Telegram.

mod bot;
mod canary;
mod chat;
mod crash;
mod delivery;
mod doors;
mod groups;
mod guide;
#[path = "../support/models.rs"]
mod models;
#[path = "../support/mod.rs"]
mod support;
#[path = "../bot/world.rs"]
#[expect(dead_code, reason = "the tests of the bot use the rest")]
mod world;
