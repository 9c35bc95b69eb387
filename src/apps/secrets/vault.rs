//! What people told the bot between two messages and must not be written down: a passphrase, or what
//! they want to open. It is in memory only, and a restart forgets it.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::token::SecretText;

/// Things kept at the same time, of all people.
const MOST: usize = 1_000;

/// Nobody answers a question after this.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// Chat and person.
pub(super) type Owner = (i64, i64);

/// One thing per person and chat, wiped when it is overwritten, forgotten or too old.
///
/// It is filled inside transactions, which may fail or be run again: what counts is only what a
/// question in the database names by its number.
#[derive(Default)]
pub struct Vault(Mutex<HashMap<Owner, Kept>>);

struct Kept {
    number: u64,
    since: Timestamp,
    text: SecretText,
}

impl Vault {
    /// Keeps `text` for the question with this number; false when there is no room.
    pub(super) fn keep(&self, owner: Owner, number: u64, text: SecretText, now: Timestamp) -> bool {
        let mut all = self.lock();
        all.retain(|_, kept| now.duration_since(kept.since) < FORGOTTEN_AFTER);
        if all.len() >= MOST && !all.contains_key(&owner) {
            return false;
        }
        all.insert(owner, Kept { number, since: now, text });
        true
    }

    /// What was kept for the question with this number.
    pub(super) fn find(&self, owner: Owner, number: u64) -> Option<SecretText> {
        let all = self.lock();
        all.get(&owner).filter(|kept| kept.number == number).map(|kept| kept.text.clone())
    }

    /// Forgets what was kept for a question that is over, once that is committed.
    pub(super) fn forget(&self, owner: Owner, number: u64) {
        let mut all = self.lock();
        if all.get(&owner).is_some_and(|kept| kept.number == number) {
            all.remove(&owner);
        }
    }

    /// It stays whole through a panic, since every change of it is one step.
    fn lock(&self) -> MutexGuard<'_, HashMap<Owner, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Vault").field(&self.lock().len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_one_thing_each_for_an_hour_and_not_for_everybody() {
        let vault = Vault::default();
        let now = |second| Timestamp::from_second(second).unwrap();
        let text = |text: &str| SecretText::new(text);
        assert!(vault.keep((1, 1), 5, text("a"), now(0)));
        assert_eq!(vault.find((1, 1), 5), Some(text("a")));
        assert_eq!((vault.find((1, 1), 4), vault.find((1, 2), 5)), (None, None));
        assert!(vault.keep((1, 1), 6, text("b"), now(1)));
        vault.forget((1, 1), 5);
        assert_eq!((vault.find((1, 1), 5), vault.find((1, 1), 6)), (None, Some(text("b"))));
        for person in 2..=1_000 {
            assert!(vault.keep((1, person), 5, text("x"), now(2)));
        }
        assert!(!vault.keep((1, 1_001), 5, text("x"), now(2)));
        assert!(vault.keep((1, 1), 7, text("c"), now(3)));
        assert!(vault.keep((1, 1_001), 5, text("x"), now(3_602)));
        vault.forget((1, 1), 7);
        assert_eq!(vault.find((1, 1), 7), None);
        assert_eq!(format!("{vault:?}"), "Vault(1)");
    }
}
