//! How the contact with Telegram stands, for `roost health` and `/readyz`.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// Without a successful call for this long, Telegram counts as gone.
const GONE_AFTER: SignedDuration = SignedDuration::from_secs(90);

/// What the poll and sender threads last saw.
#[derive(Debug)]
pub struct Contact {
    name: &'static str,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    good: Option<Timestamp>,
    trouble: Option<String>,
    failures: u64,
    note: Option<String>,
}

/// The state of the contact at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Telegram answered within the last 90 s.
    pub ok: bool,
    /// When it last answered.
    pub last_contact: Option<Timestamp>,
    /// The failure since then, if any.
    pub last_error: Option<String>,
    /// Failed calls in a row.
    pub failures: u64,
    /// What else is worth knowing.
    pub note: Option<String>,
}

impl Contact {
    /// No contact yet; `name` says of what kind, in the log.
    pub fn new(name: &'static str) -> Self {
        Self { name, seen: Mutex::default() }
    }

    /// Telegram answered.
    pub fn succeeded(&self, at: Timestamp) {
        let mut seen = self.seen();
        if seen.trouble.take().is_some() {
            log::info!("{}: Telegram answers again", self.name);
        }
        seen.good = Some(at);
        seen.failures = 0;
    }

    /// A call failed with `trouble`, which holds no secret.
    pub fn failed(&self, trouble: &str) {
        let mut seen = self.seen();
        if seen.trouble.as_deref() != Some(trouble) {
            log::warn!("{}: {trouble}; trying again", self.name);
        }
        seen.trouble = Some(trouble.to_owned());
        seen.failures += 1;
    }

    /// What else is worth knowing from now on; holds no secret.
    pub fn note(&self, note: Option<String>) {
        let mut seen = self.seen();
        if let Some(note) = note.as_ref().filter(|_| seen.note != note) {
            log::warn!("{}: {note}", self.name);
        }
        seen.note = note;
    }

    /// How it stands at `now`.
    pub fn standing(&self, now: Timestamp) -> Standing {
        let seen = self.seen();
        Standing {
            ok: seen.good.is_some_and(|good| now.duration_since(good) <= GONE_AFTER),
            last_contact: seen.good,
            last_error: seen.trouble.clone(),
            failures: seen.failures,
            note: seen.note.clone(),
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telegram_is_gone_after_90_seconds_and_back_at_the_first_answer() {
        let contact = Contact::new("receiving");
        let at = |second| Timestamp::from_second(1_800_000_000_i64 + second).unwrap();
        assert!(!contact.standing(at(0)).ok, "never answered");
        contact.succeeded(at(0));
        contact.failed("409");
        contact.failed("409");
        assert!(contact.standing(at(90)).ok);
        let gone = contact.standing(at(91));
        assert!(!gone.ok);
        assert_eq!((gone.last_error.as_deref(), gone.failures), (Some("409"), 2));
        contact.succeeded(at(92));
        assert_eq!(contact.standing(at(92)).last_error, None);
        assert!(contact.standing(at(92)).ok);
    }
}
