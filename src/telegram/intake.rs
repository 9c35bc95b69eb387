//! The way of every update, however it arrives: committed with its effects, then acknowledged.
//!
//! Polling and the webhook both hand raw updates to [`Intake`]. One transaction of the writer holds
//! all that an update causes: that its id was seen (for 24 hours; ids may restart lower), its entry
//! in the log for further readers, what the built-in apps do about it, and the messages they send.
//! Only after that commit is it acknowledged: by the next offset, or by `200`. So a crash at any
//! instant loses nothing and repeats nothing.
//!
//! The updates of a batch share commits and stay in order: each refuses unless the one before it is
//! kept. The writer is one thread, so the order per chat needs no further lock, and chats do not
//! wait for each other's readers. What cannot be handled (a handler panics, a row is broken, a body
//! is no update) is kept with its log entry, without effects, and set aside: it is never tried for
//! ever, and the log names its kind and id, not its text. When the store or a full log refuses,
//! nothing is acknowledged and Telegram keeps the updates.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde::de::{self, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::bot;
use super::client::RawUpdate;
use crate::apps::Apps;
use crate::clock;
use crate::store::aside::SetAside;
use crate::store::fill::{self, Alarm};
use crate::store::log::{Arrived, Keep};
use crate::store::{self, Receipt, Store, StoreError, Tx};

/// The kinds the built-in apps handle.
pub const HANDLED: [&str; 4] = ["message", "callback_query", "inline_query", "my_chat_member"];

/// Longest kind kept, in characters; Telegram's have at most 27.
const KIND_MAX: usize = 64;

/// What is done with an update inside the writer's transaction.
pub type Handler = Arc<dyn Fn(&Tx, &str, Timestamp) -> Result<(), StoreError> + Send + Sync>;

/// Takes updates in. Cheap to clone.
#[derive(Clone)]
pub struct Intake {
    store: Store,
    keep: Keep,
    handler: Handler,
    alarm: Alarm,
}

/// One update on its way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    id: i64,
    kind: String,
    json: Arc<str>,
}

/// A body that is no update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnUpdate;

impl Intake {
    /// The intake of the built-in apps; the log is kept within `keep`.
    pub fn new(store: Store, apps: Arc<Apps>, keep: Keep) -> Self {
        let alarm = alarm(&apps);
        let handler = move |tx: &Tx, json: &str, at| bot::handle(tx, &apps, json, at);
        Self { alarm, ..Self::with_handler(store, keep, Arc::new(handler)) }
    }

    /// An intake that does something else with updates.
    pub fn with_handler(store: Store, keep: Keep, handler: Handler) -> Self {
        let alarm: Alarm = Arc::new(|_, fill| {
            log::warn!("{fill}");
            Ok(())
        });
        Self { store, keep, handler, alarm }
    }

    /// Takes a batch in. After `Ok` every update of it is kept and may be acknowledged.
    pub fn take(&self, batch: &[Update]) -> Result<(), StoreError> {
        let taken = self.take_all(batch);
        if let Err(StoreError::LogFull { .. }) = &taken {
            self.tell_full();
        }
        taken
    }

    fn take_all(&self, mut batch: &[Update]) -> Result<(), StoreError> {
        while let Some((index, error)) = self.take_in_turn(batch)? {
            self.set_aside(&batch[index], &error)?;
            batch = &batch[index + 1..];
        }
        Ok(())
    }

    /// Takes what was posted. A body that is no update is set aside: sent again it would not be
    /// better.
    pub fn take_body(&self, body: &[u8]) -> Result<(), StoreError> {
        let Ok(update) = Update::read(body) else { return self.refuse(body) };
        self.take(&[update])
    }

    /// How many updates and bodies were set aside, of the newest thousand.
    pub fn count_set_aside(&self) -> Result<u64, StoreError> {
        store::aside::count(&self.store.snapshot()?)
    }

    /// How full the log is, in percent; `None` while nobody reads it.
    pub fn fullness(&self) -> Result<Option<u64>, StoreError> {
        store::log::fullness(&self.store.snapshot()?, self.keep, clock::now())
    }

    /// Whether the log is at a cap, so that updates stay with Telegram.
    pub fn is_full(&self) -> Result<bool, StoreError> {
        fill::is_full(&self.store.snapshot()?, self.keep, clock::now())
    }

    /// The refusal left nothing behind, so this is told in a transaction of its own, once.
    fn tell_full(&self) {
        let (keep, alarm) = (self.keep, Arc::clone(&self.alarm));
        let told = self.store.write(move |tx| match fill::watch_full(tx, keep, clock::now())? {
            Some(fill) => alarm(tx, &fill),
            None => Ok(()),
        });
        if let Err(error) = told {
            log::warn!("cannot tell that the log of updates is full: {error}");
        }
    }

    /// Takes updates until one cannot be handled, and gives its place.
    fn take_in_turn(&self, batch: &[Update]) -> Result<Option<(usize, StoreError)>, StoreError> {
        let mut before = None;
        let begun: Vec<Receipt<(), StoreError>> =
            batch.iter().map(|update| self.begin(update, before.replace(update.id))).collect();
        for (index, receipt) in begun.into_iter().enumerate() {
            match receipt.wait() {
                Ok(()) => {}
                Err(error @ (StoreError::Panicked | StoreError::Row(..))) => {
                    return Ok(Some((index, error)));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    fn begin(&self, update: &Update, before: Option<i64>) -> Receipt<(), StoreError> {
        let (update, intake) = (update.clone(), self.clone());
        self.store.begin(move |tx| {
            let now = clock::now();
            if before.is_some_and(|id| !matches!(store::was_handled(tx, id, now), Ok(true))) {
                return Err(StoreError::OutOfTurn);
            }
            if intake.keeps(tx, &update, now)? {
                (intake.handler)(tx, &update.json, now)
            } else {
                Ok(())
            }
        })
    }

    /// Keeps an update that cannot be handled.
    fn set_aside(&self, update: &Update, error: &StoreError) -> Result<(), StoreError> {
        log::error!("update {} ({}) is set aside: {error}", update.id, update.kind);
        let (update, intake, reason) = (update.clone(), self.clone(), error.to_string());
        self.store.write(move |tx| {
            let now = clock::now();
            if !intake.keeps(tx, &update, now)? {
                return Ok(());
            }
            let reason = format!("{}: {reason}", update.kind);
            let raw = update.json.as_bytes().to_vec();
            let aside = SetAside { at: now, update_id: Some(update.id), reason, raw };
            store::aside::push(tx, &aside)
        })
    }

    /// Notes that the update was seen and appends it to the log; false if it was seen before.
    fn keeps(&self, tx: &Tx, update: &Update, at: Timestamp) -> Result<bool, StoreError> {
        if store::was_handled(tx, update.id, at)? {
            return Ok(false);
        }
        let raw = update.json.as_bytes();
        let arrived = Arrived { update_id: update.id, kind: &update.kind, at, raw };
        if let Some(fill) = store::log::append(tx, self.keep, &arrived)? {
            (self.alarm)(tx, &fill)?;
        }
        store::remember_update(tx, update.id, at)?;
        Ok(true)
    }

    fn refuse(&self, body: &[u8]) -> Result<(), StoreError> {
        log::warn!("a body of {} bytes is no update and is set aside", body.len());
        let (reason, raw) = ("not an update".to_owned(), body.to_vec());
        let aside = SetAside { at: clock::now(), update_id: None, reason, raw };
        self.store.write(move |tx| store::aside::push(tx, &aside))
    }
}

/// Tells the log of this program and the bot's admins that the log of updates fills.
pub fn alarm(apps: &Arc<Apps>) -> Alarm {
    let apps = Arc::clone(apps);
    Arc::new(move |tx, fill| {
        log::warn!("{fill}");
        apps.house().tell_fill(tx, fill)
    })
}

impl Update {
    /// Reads a posted body: a JSON object with an `update_id`, whatever else is in it.
    pub fn read(body: &[u8]) -> Result<Self, NotAnUpdate> {
        let json = str::from_utf8(body).map_err(|_| NotAnUpdate)?;
        let Head { id, kind } = serde_json::from_str(json).map_err(|_| NotAnUpdate)?;
        Ok(Self { id: id.ok_or(NotAnUpdate)?, kind: named(kind.as_deref()), json: json.into() })
    }

    /// Telegram's `update_id`.
    pub fn id(&self) -> i64 {
        self.id
    }

    /// The name of its field, such as `message`.
    pub fn kind(&self) -> &str {
        &self.kind
    }
}

impl From<&RawUpdate> for Update {
    fn from(raw: &RawUpdate) -> Self {
        let json = raw.json.get();
        let kind = serde_json::from_str::<Head>(json).ok().and_then(|head| head.kind);
        Self { id: raw.id, kind: named(kind.as_deref()), json: json.into() }
    }
}

/// The kind as it is kept.
fn named(kind: Option<&str>) -> String {
    kind.unwrap_or("unknown").chars().take(KIND_MAX).collect()
}

/// What must be known of an update to keep it: its id, and the name of its first other field.
#[derive(Default)]
struct Head {
    id: Option<i64>,
    kind: Option<String>,
}

impl<'de> Deserialize<'de> for Head {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_map(HeadVisitor)
    }
}

struct HeadVisitor;

impl<'de> Visitor<'de> for HeadVisitor {
    type Value = Head;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an update")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Head, A::Error> {
        let mut head = Head::default();
        while let Some(name) = fields.next_key::<String>()? {
            if name != "update_id" {
                fields.next_value::<IgnoredAny>()?;
                head.kind.get_or_insert(name);
            } else if head.id.replace(fields.next_value()?).is_some() {
                return Err(de::Error::duplicate_field("update_id"));
            }
        }
        Ok(head)
    }
}

#[cfg(test)]
#[path = "intake_tests.rs"]
mod tests;
