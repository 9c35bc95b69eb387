//! Delivers one message: reads it, calls Telegram, and writes down what came of it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::bot;
use super::client::Client;
use super::contact::Contact;
use super::error::ApiError;
use super::letter::{Fetch, Letter};
use super::outcome::{Care, Outcome, judge, without_quotes};
use super::outgoing::Outgoing;
use super::schedule::{Due, End};
use super::whisper::{self, Again, Whispers};
use crate::apps::Apps;
use crate::clock;
use crate::ids::{ChatId, UserId};
use crate::store::outbox::{self, Head, Key, Place};
use crate::store::{Store, StoreError, Tx, users, whispers};

/// The disk is asked again this often.
pub(super) const STORE_AGAIN: Duration = Duration::from_secs(1);

/// What every worker needs.
#[derive(Clone)]
pub(super) struct Courier {
    pub(super) client: Client,
    pub(super) store: Store,
    pub(super) apps: Arc<Apps>,
    pub(super) contact: Arc<Contact>,
    /// Of one call.
    pub(super) deadline: Duration,
    /// Between calls while the token is not accepted.
    pub(super) probe: Duration,
}

/// How a delivery ended, and what could not be written down yet.
pub(super) struct Delivered {
    pub(super) end: End,
    /// Until this is written by the planning thread, a repeat would be one too many.
    pub(super) debt: Option<Settlement>,
}

/// What is written down after a call.
#[derive(Clone, Debug)]
pub(super) enum Settlement {
    /// It left.
    Gone(Key),
    /// It waits again, after it was taken out.
    Back(Key, Head, Vec<u8>),
    /// It waits, with all others for the chat, under a new id.
    Moved { taken: Option<(Key, Head, Vec<u8>)>, old: ChatId, new: ChatId },
    /// It left, and its chat cannot be written to.
    Unreachable(Key, ChatId),
    /// A file has arrived, or cannot be had.
    Fetched { key: Key, chat: ChatId, fetch: Fetch, file: Option<Arc<[u8]>> },
    /// A whisper has ended.
    Whispered(Key, whisper::End),
}

impl Courier {
    /// Delivers what `due` names.
    pub(super) fn deliver(&self, due: &Due) -> Delivered {
        if let Some((call, again)) = self.whispers().call(due.key) {
            return self.whisper(due, &call, again);
        }
        let row = match self.store.snapshot().and_then(|read| outbox::find(&read, due.key)) {
            Ok(Some(row)) => row,
            // Forgotten meanwhile.
            Ok(None) => return Delivered { end: End::Dropped, debt: None },
            Err(error) => return store_failed(&error),
        };
        match Letter::read(&row.1) {
            Some(Letter { call, fetch: Some(fetch) }) => self.fetch(due, &call, fetch),
            Some(Letter { call, fetch: None }) => self.send(due, &call, row),
            None => {
                log::error!("a message of the outbox cannot be read and is dropped");
                self.settle(End::Dropped, Some(Settlement::Gone(due.key)))
            }
        }
    }

    fn send(&self, due: &Due, call: &Outgoing, (head, body): (Head, Vec<u8>)) -> Delivered {
        let (care, key) = (Care::of(due.key.lane, &call.method), due.key);
        let taken = match care {
            // Taken out first: a crash in the middle must not lead to a second one.
            Care::Once => match self.store.write(move |tx| outbox::remove(tx, key)) {
                Ok(()) => Some((key, head, body)),
                Err(error) => return store_failed(&error),
            },
            Care::Repeat | Care::Reply => None,
        };
        let result = self.client.call(&call.method, &call.params, self.deadline);
        let outcome = judge(care, call.chat, due.tries, result.as_ref());
        if let Err(error) = &result {
            tell(call, outcome, error);
        }
        self.note_contact(outcome, result.as_ref().err());
        let gone = taken.is_none().then_some(Settlement::Gone(key));
        let back = || taken.clone().map(|(key, head, body)| Settlement::Back(key, head, body));
        let (end, settlement) = match (outcome, call.chat) {
            (Outcome::Delivered | Outcome::Refused, _) | (Outcome::Unreachable, None) => {
                (End::Gone, gone)
            }
            (Outcome::Unreachable, Some(chat)) => {
                (End::Unreachable, Some(Settlement::Unreachable(key, chat)))
            }
            (Outcome::Missed, _) => (End::Missed, gone),
            (Outcome::Moved(new), chat) => {
                let old = chat.unwrap_or(new);
                (End::Moved(new), Some(Settlement::Moved { taken, old, new }))
            }
            (Outcome::Flood(told), _) => (End::Flood(told), back()),
            (Outcome::Failed, _) => (End::Failed, back()),
            (Outcome::Offline, _) => (End::Offline, back()),
            (Outcome::Unauthorized, _) => (End::Halted(self.probe), back()),
            // It may have arrived: a reply stays for the next start, a notice is not repeated.
            (Outcome::Aborted, _) => (End::Dropped, None),
        };
        self.settle(end, settlement)
    }

    /// The whispers of this process.
    pub(super) fn whispers(&self) -> &Whispers {
        &self.apps.context().whispers
    }

    /// Says a whisper. What must not be said twice is tried again only if it certainly was not said:
    /// there was no connection, or Telegram refused it as one too many (429).
    fn whisper(&self, due: &Due, call: &Outgoing, again: Again) -> Delivered {
        let result = self.client.call(&call.method, &call.params, self.deadline);
        let care = if again == Again::Never { Care::Once } else { Care::Reply };
        let outcome = judge(care, call.chat, due.tries, result.as_ref());
        if let Err(error) = &result {
            tell(call, outcome, error);
        }
        self.note_contact(outcome, result.as_ref().err());
        let never = again == Again::Never;
        let (end, ended) = match outcome {
            Outcome::Delivered => (End::Gone, Some(whisper::End::Delivered(message_id(&result)))),
            Outcome::Flood(told) => (End::Flood(told), None),
            Outcome::Offline => (End::Offline, None),
            // It may have been said; the row stays, and the next start tells.
            Outcome::Aborted => (End::Dropped, None),
            Outcome::Missed => (End::Missed, Some(whisper::End::Missed)),
            Outcome::Failed if never => (End::Missed, Some(whisper::End::Missed)),
            Outcome::Failed => (End::Failed, None),
            Outcome::Unauthorized if never => {
                (End::Halted(self.probe), Some(whisper::End::Refused))
            }
            Outcome::Unauthorized => (End::Halted(self.probe), None),
            Outcome::Unreachable => (End::Unreachable, Some(whisper::End::Unreachable)),
            Outcome::Refused | Outcome::Moved(_) => (End::Gone, Some(whisper::End::Refused)),
        };
        self.settle(end, ended.map(|ended| Settlement::Whispered(due.key, ended)))
    }

    /// Fetches a file; it reaches the app that waits for it in the transaction that forgets the row.
    fn fetch(&self, due: &Due, call: &Outgoing, fetch: Fetch) -> Delivered {
        let result = self.download(call, fetch.max_bytes);
        let outcome = match &result {
            // Not a chat that is written to, and nothing to repeat when it is too large.
            Err(ApiError::TooLarge { .. }) => Outcome::Refused,
            Err(error) if error.is_unreachable() => Outcome::Refused,
            result => judge(Care::Repeat, None, due.tries, result.as_ref().map(|_| &Value::Null)),
        };
        if let Err(error) = &result {
            tell(call, outcome, error);
        }
        self.note_contact(outcome, result.as_ref().err());
        let end = match outcome {
            Outcome::Flood(told) => End::Flood(told),
            Outcome::Failed => End::Failed,
            Outcome::Offline => End::Offline,
            Outcome::Unauthorized => End::Halted(self.probe),
            Outcome::Aborted => End::Dropped,
            _ => End::Gone,
        };
        let chat = call.chat.unwrap_or(ChatId::from(fetch.user));
        let file = result.ok().map(Arc::from);
        let arrived = Settlement::Fetched { key: due.key, chat, fetch, file };
        self.settle(end, (end == End::Gone).then_some(arrived))
    }

    fn download(&self, call: &Outgoing, max_bytes: u64) -> Result<Vec<u8>, ApiError> {
        let file = self.client.call(&call.method, &call.params, self.deadline)?;
        if file["file_size"].as_u64().is_some_and(|size| size > max_bytes) {
            return Err(ApiError::TooLarge { limit: max_bytes });
        }
        let path = file["file_path"].as_str().unwrap_or_default();
        self.client.download(path, max_bytes, self.deadline)
    }

    fn note_contact(&self, outcome: Outcome, error: Option<&ApiError>) {
        match (outcome, error) {
            (Outcome::Aborted, _) => {}
            (
                Outcome::Missed | Outcome::Failed | Outcome::Offline | Outcome::Unauthorized,
                Some(error),
            ) => self.contact.failed(&without_quotes(error)),
            _ => self.contact.succeeded(clock::now()),
        }
    }

    fn settle(&self, end: End, settlement: Option<Settlement>) -> Delivered {
        // A move is written by the planning thread, in one go with its schedule: else it might read a
        // message under the new id and send it before those it does not know to have moved.
        let is_move = |what: &Settlement| matches!(what, Settlement::Moved { .. });
        let debt = settlement.filter(|settlement| is_move(settlement) || !self.write(settlement));
        Delivered { end, debt }
    }

    /// Writes `settlement` down; false when the disk does not take it.
    pub(super) fn write(&self, settlement: &Settlement) -> bool {
        let (apps, what) = (Arc::clone(&self.apps), settlement.clone());
        match self.store.write(move |tx| what.apply(tx, &apps)) {
            Ok(()) => self.written(settlement),
            Err(StoreError::Panicked) => self.set_aside(settlement),
            Err(error) => {
                log::error!("cannot note what was sent: {error}");
                false
            }
        }
    }

    fn written(&self, settlement: &Settlement) -> bool {
        if let Settlement::Whispered(key, _) = settlement {
            self.whispers().settled(*key);
        }
        true
    }

    /// What makes a handler panic is not tried again for ever.
    fn set_aside(&self, settlement: &Settlement) -> bool {
        match settlement {
            Settlement::Fetched { key, .. } => {
                log::error!("a fetched file could not be handled and is set aside");
                let key = *key;
                self.store.write(move |tx| outbox::remove(tx, key)).is_ok()
            }
            Settlement::Whispered(key, _) => {
                log::error!("the end of a one-time message could not be handled");
                let number = key.number;
                let taken = self.store.write(move |tx| whispers::take(tx, number).map(drop));
                taken.is_ok() && self.written(settlement)
            }
            _ => true,
        }
    }
}

impl Settlement {
    fn apply(&self, tx: &Tx, apps: &Apps) -> Result<(), StoreError> {
        match self {
            Self::Gone(key) => outbox::remove(tx, *key),
            Self::Back(key, head, body) => outbox::put(tx, *key, head, body),
            Self::Moved { taken, old, new } => {
                if let Some((key, head, body)) = taken {
                    outbox::put(tx, *key, head, body)?;
                }
                let (from, to) = (Place::Chat(*old), Place::Chat(*new));
                outbox::move_all(tx, from, to, |body| Letter::moved(body, *new))
            }
            Self::Unreachable(key, chat) => {
                outbox::remove(tx, *key)?;
                mark_unreachable(tx, *chat)
            }
            Self::Fetched { key, chat, fetch, file } => {
                outbox::remove(tx, *key)?;
                bot::fetched(tx, apps, *chat, fetch, file.as_deref(), clock::now())
            }
            Self::Whispered(key, end) => match whispers::take(tx, key.number)? {
                Some(row) => {
                    if *end == whisper::End::Unreachable {
                        mark_unreachable(tx, row.chat)?;
                    }
                    bot::whispered(tx, apps, row, *end, clock::now())
                }
                None => Ok(()),
            },
        }
    }
}

/// The id of the message that was sent.
fn message_id(result: &Result<Value, ApiError>) -> i64 {
    result.as_ref().ok().and_then(|sent| sent["message_id"].as_i64()).unwrap_or_default()
}

/// Notes that somebody's private chat takes no messages, until they write again.
fn mark_unreachable(tx: &Tx, chat: ChatId) -> Result<(), StoreError> {
    let Some(mut user) = users::find(tx, UserId(chat.0))? else { return Ok(()) };
    user.reachable = false;
    users::save(tx, &user)
}

fn store_failed(error: &StoreError) -> Delivered {
    log::error!("cannot use the outbox: {error}");
    Delivered { end: End::Halted(STORE_AGAIN), debt: None }
}

/// Logs what is not a matter of course, without the text of the message.
fn tell(call: &Outgoing, outcome: Outcome, error: &ApiError) {
    let (method, error) = (&call.method, without_quotes(error));
    match outcome {
        Outcome::Refused => log::warn!("`{method}` was refused and is dropped: {error}"),
        Outcome::Missed => log::warn!("`{method}` may have been lost; it is not repeated: {error}"),
        Outcome::Unreachable => log::info!("`{method}` reaches nobody: {error}"),
        Outcome::Flood(_) => log::warn!("`{method}` must wait: {error}"),
        Outcome::Moved(_) => log::info!("a group became a supergroup; its messages follow"),
        _ => log::debug!("`{method}`: {error}"),
    }
}
