//! Whispers: messages whose text must never reach the disk.
//!
//! What causes a whisper is committed first; then the text, which is in memory only, takes its turn
//! among the replies of its chat, at the same pace. A row says that it is on its way, and for whom;
//! it goes in the transaction in which the app is told how it ended. A text that a crash took along
//! is not there any more to be sent twice: the next start tells the app that nobody knows
//! ([`End::Lost`]). So whatever crashes, a whisper is said once at most.
//!
//! An update that a whisper answers is not acknowledged to Telegram until the whisper's end is known
//! ([`Whispers::unanswered`]), so that a crash in between brings the update again.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::Value;

use super::letter::LIFE;
use super::outgoing::Outgoing;
use crate::clock;
use crate::ids::ChatId;
use crate::store::outbox::{Head, Key, Lane, Place};
use crate::store::{StoreError, Tx, whispers};

/// Something to be said and not written down.
pub struct Whisper {
    /// The call; its chat is where it goes.
    pub call: Outgoing,
    /// The [`crate::apps::BotPart::prefix`] of the part that is told the end.
    pub part: &'static str,
    /// What that part wants to know then; it is written down.
    pub note: Value,
    /// Whether it may be said again when nobody knows whether it was.
    pub again: Again,
    /// The update it answers.
    pub update: Option<i64>,
}

/// Whether a whisper may be said twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// Never: after a failure it is given up.
    Never,
    /// It does no harm: it is repeated like any reply.
    Harmless,
}

/// How a whisper ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It is in the chat, as this message.
    Delivered(i64),
    /// It is certainly not in the chat and never will be.
    Refused,
    /// The same, and the chat cannot be written to.
    Unreachable,
    /// Nobody knows whether it is in the chat; it is not said again.
    Missed,
    /// The program ended before anybody knew.
    Lost,
}

/// The end of a whisper, for the part that said it.
#[derive(Clone, Debug)]
pub struct Whispered {
    /// Where it went.
    pub chat: ChatId,
    /// What the part wanted to know.
    pub note: Value,
    /// How it ended.
    pub end: End,
    /// The update it answers, if Telegram does not know yet that it arrived.
    pub update: Option<i64>,
    /// The time.
    pub at: Timestamp,
}

/// The whispers of this process. Cheap to clone.
#[derive(Clone, Default)]
pub struct Whispers(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    settled: Condvar,
}

#[derive(Default)]
struct State {
    held: HashMap<u64, Held>,
    /// Not given to the sender yet.
    fresh: Vec<u64>,
    stopping: bool,
}

/// A text on its way.
#[derive(Clone)]
struct Held {
    call: Outgoing,
    again: Again,
    head: Head,
    update: Option<i64>,
    since: Instant,
}

/// A whisper whose end is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// Its number.
    pub number: u64,
    /// The update it answers.
    pub update: i64,
    /// How long it is on its way.
    pub age: Duration,
}

impl Whispers {
    /// Says `whisper` once the transaction is committed.
    pub fn say(&self, tx: &Tx, whisper: Whisper) -> Result<(), StoreError> {
        let Whisper { call, part, note, again, update } = whisper;
        let chat = call.chat.unwrap_or(ChatId(0));
        let row = whispers::Row { chat, part: part.to_owned(), note, update };
        let number = whispers::push(tx, &row)?;
        let (posted, shared) = (clock::now(), self.clone());
        let head = Head { place: Place::Chat(chat), posted, expires: posted + LIFE };
        tx.after(move || {
            let since = Instant::now();
            let mut state = shared.lock();
            state.held.insert(number, Held { call, again, head, update, since });
            state.fresh.push(number);
        });
        Ok(())
    }

    /// What was said since the last time.
    pub(super) fn fresh(&self) -> Vec<(Key, Head)> {
        let mut state = self.lock();
        let fresh = std::mem::take(&mut state.fresh);
        let row = |number| Some((key(number), state.held.get(&number)?.head));
        fresh.into_iter().filter_map(row).collect()
    }

    /// The text of a whisper on its way.
    pub(super) fn call(&self, key: Key) -> Option<(Outgoing, Again)> {
        let state = self.lock();
        state.held.get(&key.number).map(|held| (held.call.clone(), held.again))
    }

    /// Whether this names a whisper on its way.
    pub(super) fn holds(&self, key: Key) -> bool {
        self.lock().held.contains_key(&key.number)
    }

    /// The end of a whisper is written down.
    pub(super) fn settled(&self, key: Key) {
        self.lock().held.remove(&key.number);
        self.0.settled.notify_all();
    }

    /// Waits up to `patience` for the ends of what answers `updates`; gives those still on their way.
    pub fn unanswered(&self, updates: &[i64], patience: Duration) -> Vec<Unanswered> {
        let until = Instant::now() + patience;
        let mut state = self.lock();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let unanswered = state.unanswered(updates);
            if unanswered.is_empty() || left.is_zero() || state.stopping {
                return unanswered;
            }
            let waited = self.0.settled.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Nobody waits for the end of this one any more.
    pub fn let_go(&self, number: u64) {
        if let Some(held) = self.lock().held.get_mut(&number) {
            held.update = None;
        }
    }

    /// As if everything had been on its way for so much longer.
    #[cfg(test)]
    pub(super) fn grow_older(&self, by: Duration) {
        for held in self.lock().held.values_mut() {
            held.since -= by;
        }
    }

    /// The program ends: nobody waits any more.
    pub fn stop(&self) {
        self.lock().stopping = true;
        self.0.settled.notify_all();
    }

    /// The state; it stays whole through a panic, since every change of it is one step.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn unanswered(&self, updates: &[i64]) -> Vec<Unanswered> {
        let one = |(number, held): (&u64, &Held)| {
            let update = held.update.filter(|update| updates.contains(update))?;
            Some(Unanswered { number: *number, update, age: held.since.elapsed() })
        };
        self.held.iter().filter_map(one).collect()
    }
}

impl fmt::Debug for Whispers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Whispers").field("held", &self.lock().held.len()).finish()
    }
}

/// Whispers are replies.
fn key(number: u64) -> Key {
    Key { lane: Lane::Replies, number }
}

#[cfg(test)]
#[path = "whisper_tests.rs"]
mod tests;
