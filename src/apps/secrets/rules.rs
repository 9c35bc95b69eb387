//! What the settings say about secrets.

use std::time::Duration;

use super::store::Limits;
use crate::apps::Person;
use crate::ids::UserId;

/// What the settings say about secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How long one waits unless its sender says something else.
    pub ttl: Duration,
    /// Limits of each.
    pub limits: Limits,
    /// Who may make them in the bot.
    pub who: Makers,
    /// Whether they can be read on a page.
    pub web_reveal: bool,
    /// How long the text stays in the reader's chat.
    pub reveal_timer: Duration,
}

/// Who may make secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Makers {
    /// Everybody.
    Everyone,
    /// Admins.
    Admins,
    /// These people, and admins.
    Users(Vec<UserId>),
}

impl Rules {
    /// Whether `person` may make secrets.
    pub fn may_make(&self, person: &Person) -> bool {
        match &self.who {
            Makers::Everyone => true,
            Makers::Admins => person.is_admin,
            Makers::Users(list) => person.is_admin || list.contains(&person.id),
        }
    }
}

impl Default for Rules {
    fn default() -> Self {
        let hours = |hours: u64| Duration::from_secs(hours * 3_600);
        Self {
            ttl: hours(24),
            limits: Limits { max_length: 4_000, per_user: 20, max_ttl: hours(7 * 24) },
            who: Makers::Everyone,
            web_reveal: true,
            reveal_timer: Duration::from_secs(600),
        }
    }
}
