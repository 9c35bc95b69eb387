//! One notice for many people: kept with the change that caused it, handed to the outbox in parts.
//!
//! A part is removed in the transaction that posts its messages, so everybody is written to once,
//! whenever the program ends; and a change is as fast with ten thousand people as with ten.

use crate::store::TableDefinition;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::decision::Changed;
use super::model::Event;
use super::reminders::{Reminder, Times};
use super::texts::Reason;
use crate::ids::UserId;
use crate::store::{self, Read, StoreError, Tx};

/// People in one part: their messages are one short transaction.
pub const PART: usize = 500;

/// What changed longer ago is seen in the event itself.
const LIFE: SignedDuration = SignedDuration::from_hours(24);

/// Number → what is said.
const MAILINGS: TableDefinition<u64, &[u8]> = TableDefinition::new("events/mailings");

/// (part, number) → the people still to be told, eight bytes each. Parts come first, so that those
/// of a small event do not wait for all of a large one.
const PEOPLE: TableDefinition<Key, &[u8]> = TableDefinition::new("events/mailings/people");

/// Part and number.
type Key = (u32, u64);

/// What many people are told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailing {
    /// The event: after the change, or as it last was.
    pub event: Event,
    /// What about it.
    pub news: News,
    /// When that came to be, in seconds.
    pub since: i64,
}

impl Mailing {
    /// News of `event` at `at`.
    pub fn new(event: Event, news: News, at: Timestamp) -> Self {
        Self { event, news, since: at.as_second() }
    }

    /// From when on it is of no use.
    pub fn expiry(&self, times: &Times) -> Timestamp {
        match self.news.reminder() {
            Some(reminder) => times.expiry(reminder),
            None => Timestamp::from_second(self.since).unwrap_or_default() + LIFE,
        }
    }
}

/// Some of the people of a mailing.
#[derive(Debug)]
pub struct Part {
    /// What they are told, if the row can be read.
    pub mailing: Option<Mailing>,
    /// Who.
    pub people: Vec<UserId>,
}

/// What is told of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum News {
    /// These things are other ones now.
    Changed(Vec<Changed>),
    /// It is cancelled; why may be empty.
    Cancelled(Reason),
    /// One date of it is cancelled; why may be empty.
    DateCancelled(Date, Reason),
    /// It is no more.
    Deleted,
    /// The reader got a seat; what else the same act changed.
    Promoted(Vec<Changed>),
    /// It starts soon, or now.
    Reminder {
        /// When it starts, in seconds.
        starts: i64,
        /// How many seconds before that it was due.
        before: i64,
    },
}

impl News {
    /// The news that an occurrence starts.
    pub fn of_reminder(reminder: Reminder) -> Self {
        let (starts, before) = (reminder.starts.as_second(), reminder.before.as_secs());
        Self::Reminder { starts, before }
    }

    /// The reminder this is, if it is one.
    pub fn reminder(&self) -> Option<Reminder> {
        let Self::Reminder { starts, before } = *self else { return None };
        let starts = Timestamp::from_second(starts).ok()?;
        Some(Reminder { starts, before: SignedDuration::from_secs(before) })
    }
}

pub(super) fn prepare(tx: &Tx) -> Result<(), StoreError> {
    tx.table_mut(MAILINGS)?;
    tx.table_mut(PEOPLE).map(drop)
}

/// Keeps `mailing` for `people`; nothing is kept for nobody.
pub fn put(tx: &Tx, mailing: &Mailing, people: &[UserId]) -> Result<(), StoreError> {
    if people.is_empty() {
        return Ok(());
    }
    let row = serde_json::to_vec(mailing).map_err(|error| StoreError::Row("mailings", error))?;
    let number = store::fresh_id(tx, "events/mailings")?;
    tx.table_mut(MAILINGS)?.insert(number, &row[..])?;
    let mut table = tx.table_mut(PEOPLE)?;
    for (part, people) in (0..).zip(people.chunks(PART)) {
        table.insert((part, number), &encode(people)[..])?;
    }
    tx.due_changed();
    Ok(())
}

/// Whether somebody is still to be told something.
pub fn waits(read: &impl Read) -> Result<bool, StoreError> {
    Ok(!read.table(PEOPLE)?.is_empty()?)
}

/// Takes out the part whose turn it is.
pub fn take(tx: &Tx) -> Result<Option<Part>, StoreError> {
    let mut table = tx.table_mut(PEOPLE)?;
    let Some((part, number)) = table.first()?.map(|(key, _)| key.value()) else { return Ok(None) };
    let people = table.remove((part, number))?.map_or(Vec::new(), |row| people(row.value()));
    let is_last = table.get((part + 1, number))?.is_none();
    let mut mailings = tx.table_mut(MAILINGS)?;
    let row = mailings.get(number)?.map(|row| row.value().to_vec());
    if is_last {
        mailings.remove(number)?;
    }
    Ok(Some(Part { mailing: row.and_then(|row| decode(number, &row)), people }))
}

/// The key of the part whose turn it is.
fn people(row: &[u8]) -> Vec<UserId> {
    row.as_chunks().0.iter().map(|id| UserId(i64::from_le_bytes(*id))).collect()
}

fn encode(people: &[UserId]) -> Vec<u8> {
    people.iter().flat_map(|user| user.0.to_le_bytes()).collect()
}

/// A row that cannot be read must not hold up those behind it.
fn decode(number: u64, row: &[u8]) -> Option<Mailing> {
    let mailing = serde_json::from_slice(row);
    mailing.inspect_err(|error| log::error!("notice {number} cannot be read: {error}")).ok()
}
