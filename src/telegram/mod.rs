//! The Bot API: calling it, reading its updates, building what we send, and checking logins.

pub mod client;
pub mod command;
pub mod error;
pub mod form;
pub mod html;
pub mod init_data;
pub mod outgoing;
pub mod types;

pub use client::{Client, RawUpdate};
pub use error::{ApiError, Trouble};
pub use outgoing::Outgoing;

/// Log targets that write request paths, and so the bot token, at level `trace`.
///
/// Whoever sets up the logger caps these at `debug`, whatever the settings ask for.
pub const NEVER_TRACE: [&str; 2] = ["ureq", "ureq_proto"];
