//! Settings of one-time messages.

use std::time::Duration;

use serde_json::Value;

use super::resolved::Resolved;
use super::typed::{CHECKED, duration, number, users};
use crate::ids::UserId;

/// Settings of one-time messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secrets {
    /// How long one waits unless its sender says something else.
    pub ttl: Duration,
    /// The longest a sender may say.
    pub max_ttl: Duration,
    /// Code points of a text.
    pub max_length: usize,
    /// Open ones of one person.
    pub per_user: usize,
    /// Who may make them in the bot.
    pub who: Who,
    /// Whether they can be read on a page.
    pub web_reveal: bool,
    /// How long the text stays in the reader's chat.
    pub reveal_timer: Duration,
}

/// Who may do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// Everybody.
    Everyone,
    /// Admins.
    Admins,
    /// These people, and admins.
    Users(Vec<UserId>),
}

impl Secrets {
    pub(super) fn new(resolved: &Resolved) -> Self {
        let time = |row| resolved.text(row).and_then(duration).expect(CHECKED);
        Self {
            ttl: time("secrets.ttl"),
            max_ttl: time("secrets.max-ttl"),
            max_length: number(resolved, "secrets.max-length"),
            per_user: number(resolved, "secrets.per-user"),
            who: match resolved.value("secrets.who") {
                Some(Value::Array(list)) => Who::Users(users(list)),
                Some(Value::String(word)) if word == "admins" => Who::Admins,
                _ => Who::Everyone,
            },
            web_reveal: resolved.flag("secrets.web-reveal").expect(CHECKED),
            reveal_timer: time("secrets.reveal-timer"),
        }
    }
}
