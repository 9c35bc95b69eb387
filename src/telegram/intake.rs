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
//!
//! What an app calls confidential ([`crate::apps::App::is_confidential`]) is handled like the rest,
//! and of it nothing but its id is kept: neither in the log nor among what is set aside. If a
//! [`whisper`](super::whisper) answers it, it is acknowledged only when that has ended, or after
//! [`LET_GO`].

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::de::{self, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::bot;
use super::client::RawUpdate;
use super::whisper::{Unanswered, Whispers};
use crate::apps::Apps;
use crate::clock;
use crate::store::aside::SetAside;
use crate::store::log::{Alarm, Arrived, Keep};
use crate::store::{self, Receipt, Store, StoreError, Tx, whispers};
use crate::thread;

/// The kinds the built-in apps handle.
pub const HANDLED: [&str; 4] = ["message", "callback_query", "inline_query", "my_chat_member"];

/// Longest kind kept, in characters; Telegram's have at most 27.
const KIND_MAX: usize = 64;

/// How long an update waits for the whisper that answers it before Telegram is told that it arrived.
/// A reader is not kept waiting by the trouble of others; a crash after that is told in words.
pub const LET_GO: Duration = Duration::from_secs(30);

/// How long a post is kept waiting for that; Telegram posts it again after a `503`.
const POST_WAIT: Duration = Duration::from_secs(3);

/// What is done with an update inside the writer's transaction.
pub type Handler = Arc<dyn Fn(&Tx, &str, Timestamp) -> Result<(), StoreError> + Send + Sync>;

/// Takes updates in. Cheap to clone.
#[derive(Clone)]
pub struct Intake {
    store: Store,
    keep: Keep,
    handler: Handler,
    /// Who says what is confidential.
    apps: Option<Arc<Apps>>,
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
        let (asked, alarm) = (Some(Arc::clone(&apps)), alarm(&apps));
        let handler = move |tx: &Tx, json: &str, at| bot::handle(tx, &apps, json, at);
        Self { apps: asked, alarm, ..Self::with_handler(store, keep, Arc::new(handler)) }
    }

    /// An intake that does something else with updates.
    pub fn with_handler(store: Store, keep: Keep, handler: Handler) -> Self {
        let alarm: Alarm = Arc::new(|_, fill| {
            log::warn!("{fill}");
            Ok(())
        });
        Self { store, keep, handler, apps: None, alarm }
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

    /// How many of a batch that was taken in may be acknowledged, from its first: those before one that
    /// waits for the end of a whisper. That is waited for, up to `patience`.
    pub fn answered(&self, batch: &[Update], patience: Duration) -> Result<usize, StoreError> {
        let Some(whispers) = self.whispers() else { return Ok(batch.len()) };
        let ids: Vec<i64> = batch.iter().map(Update::id).collect();
        let mut waiting = whispers.unanswered(&ids, patience);
        let (old, young) = waiting.drain(..).partition(|whisper| whisper.age >= LET_GO);
        self.let_go(old)?;
        let waits = |id: &i64| young.iter().any(|whisper: &Unanswered| whisper.update == *id);
        Ok(ids.iter().position(waits).unwrap_or(batch.len()))
    }

    fn whispers(&self) -> Option<&Whispers> {
        self.apps.as_ref().map(|apps| &apps.context().whispers)
    }

    /// Notes that Telegram will not deliver these updates again, before it is told so.
    fn let_go(&self, old: Vec<Unanswered>) -> Result<(), StoreError> {
        for Unanswered { number, .. } in old {
            self.store.write(move |tx| whispers::let_go(tx, number))?;
            if let Some(whispers) = self.whispers() {
                whispers.let_go(number);
            }
        }
        Ok(())
    }

    /// Takes what was posted. A body that is no update is set aside: sent again it would not be
    /// better.
    pub fn take_body(&self, body: &[u8]) -> Result<(), StoreError> {
        let Ok(update) = Update::read(body) else { return self.refuse(body) };
        let batch = [update];
        self.take(&batch)?;
        if self.answered(&batch, POST_WAIT)? == 1 { Ok(()) } else { Err(StoreError::Unanswered) }
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
        store::log::is_full(&self.store.snapshot()?, self.keep, clock::now())
    }

    /// The refusal left nothing behind, so this is told in a transaction of its own, once.
    fn tell_full(&self) {
        let (keep, alarm) = (self.keep, Arc::clone(&self.alarm));
        let told =
            self.store.write(move |tx| match store::log::watch_full(tx, keep, clock::now())? {
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
            if store::was_handled(tx, update.id, now)? {
                return Ok(());
            }
            if !is_confidential(tx, intake.apps.as_deref(), &update.json)? {
                intake.log(tx, &update, now)?;
            }
            store::remember_update(tx, update.id, now)?;
            (intake.handler)(tx, &update.json, now)
        })
    }

    /// Keeps an update that cannot be handled.
    fn set_aside(&self, update: &Update, error: &StoreError) -> Result<(), StoreError> {
        log::error!("update {} ({}) is set aside: {error}", update.id, update.kind);
        let (update, intake, reason) = (update.clone(), self.clone(), error.to_string());
        self.store.write(move |tx| {
            let now = clock::now();
            if store::was_handled(tx, update.id, now)? {
                return Ok(());
            }
            // Whatever made the handler fail may do the same here.
            let asked = thread::catch(|| is_confidential(tx, intake.apps.as_deref(), &update.json));
            let is_confidential = !matches!(asked, Some(Ok(false)));
            if !is_confidential {
                intake.log(tx, &update, now)?;
            }
            store::remember_update(tx, update.id, now)?;
            let reason = format!("{}: {reason}", update.kind);
            let raw = if is_confidential { Vec::new() } else { update.json.as_bytes().to_vec() };
            let aside = SetAside { at: now, update_id: Some(update.id), reason, raw };
            store::aside::push(tx, &aside)
        })
    }

    /// Appends it to the log.
    fn log(&self, tx: &Tx, update: &Update, at: Timestamp) -> Result<(), StoreError> {
        let raw = update.json.as_bytes();
        let arrived = Arrived { update_id: update.id, kind: &update.kind, at, raw };
        if let Some(fill) = store::log::append(tx, self.keep, &arrived)? {
            (self.alarm)(tx, &fill)?;
        }
        Ok(())
    }

    fn refuse(&self, body: &[u8]) -> Result<(), StoreError> {
        log::warn!("a body of {} bytes is no update and is set aside", body.len());
        let (body, apps) = (body.to_vec(), self.apps.clone());
        self.store.write(move |tx| {
            let text = String::from_utf8_lossy(&body);
            let kept = !is_confidential(tx, apps.as_deref(), &text)?;
            let raw = if kept { body.clone() } else { Vec::new() };
            let reason = "not an update".to_owned();
            store::aside::push(tx, &SetAside { at: clock::now(), update_id: None, reason, raw })
        })
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

fn is_confidential(tx: &Tx, apps: Option<&Apps>, json: &str) -> Result<bool, StoreError> {
    apps.map_or(Ok(false), |apps| apps.is_confidential(tx, json))
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
