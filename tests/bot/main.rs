//! The bot as people meet it: the real program on one side, people with Telegram on the other.

mod admins;
mod canary;
mod crash;
mod groups;
mod lists;
#[path = "../support/models.rs"]
mod models;
mod newcomer;
mod stops;
mod strangers;
#[path = "../support/mod.rs"]
mod support;
mod trouble;
mod updates;
mod world;
