//! Telegram: the Bot API client, the poll and sender threads, the bot's router, and logins.
//!
//! `poll` fetches updates, or `webhook` is posted them; `intake` commits each with what `bot` does
//! about it in one transaction; what is to be said goes into the outbox, which `sender` delivers, or is a `whisper` if it must not be
//! written down. `init_data` checks logins of mini apps.

pub mod asks;
pub mod bot;
#[cfg(test)]
mod bot_tests;
pub mod client;
pub mod command;
pub mod contact;
mod courier;
pub mod endpoint;
pub mod error;
pub mod form;
pub mod html;
pub mod init_data;
pub mod inline;
pub mod intake;
pub mod introduce;
mod letter;
mod outcome;
pub mod outgoing;
pub mod pace;
mod patience;
pub mod poll;
mod schedule;
pub mod sender;
pub mod types;
pub mod webhook;
pub mod whisper;

pub use client::{Client, RawUpdate};
pub use error::{ApiError, Trouble};
pub use outgoing::Outgoing;

/// Log targets that write request paths, and so the bot token, at level `trace`.
///
/// Whoever sets up the logger caps these at `debug`, whatever the settings ask for.
pub const NEVER_TRACE: [&str; 2] = ["ureq", "ureq_proto"];
