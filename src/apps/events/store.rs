//! The tables of Mini Events, and the one way an action reaches them.

use crate::store::TableDefinition;
use jiff::Timestamp;

use super::action::{Action, Asked};
use super::calendar::Stamps;
use super::decision::{Changed, Decision, Move, Next};
use super::domain::{self, Subject};
use super::frame::Counts;
use super::image::ImageName;
use super::model::{Event, EventId, MAX_EVENTS};
use super::refusal::Refusal;
use super::roll::{Roll, Standing, line_needed};
use super::{mailing, notices, reminded, subscription};
use crate::ids::UserId;
use crate::store::{self, Read, StoreError, Tx};

/// The app's name in subjects and socket messages.
pub const APP: &str = "mini_event";

const EVENTS: TableDefinition<u64, &[u8]> = TableDefinition::new("events");

/// (event, user) → (going or waiting, ticket, since, in seconds).
const ROLL: TableDefinition<(u64, i64), (bool, u64, i64)> = TableDefinition::new("events/roll");

/// (event, ticket) → user, for those who wait: the line, in order.
const LINE: TableDefinition<(u64, u64), i64> = TableDefinition::new("events/line");

/// (user, event), the roll the other way round.
const OF_USER: TableDefinition<(i64, u64), ()> = TableDefinition::new("events/of-user");

/// event → (going, waiting), so that nobody has to count.
const COUNTS: TableDefinition<u64, (u32, u32)> = TableDefinition::new("events/counts");

/// event → (created, changed), in seconds: for calendars.
const STAMPS: TableDefinition<u64, (i64, i64)> = TableDefinition::new("events/stamps");

/// Pictures by name.
const MEDIA: TableDefinition<&str, &[u8]> = TableDefinition::new("events/media");

/// One person on the roll of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Who.
    pub user: UserId,
    /// Going or waitlisted.
    pub standing: Standing,
    /// Since when.
    pub since: Timestamp,
    ticket: u64,
}

/// Why an action was not carried out.
#[derive(Debug)]
pub enum NotDone {
    /// The domain said no.
    Refused(Refusal),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for NotDone {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Refusal> for NotDone {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Makes the tables exist.
pub fn prepare(tx: &Tx) -> Result<(), StoreError> {
    tx.table_mut(EVENTS)?;
    tx.table_mut(ROLL)?;
    tx.table_mut(LINE)?;
    tx.table_mut(OF_USER)?;
    tx.table_mut(COUNTS)?;
    tx.table_mut(STAMPS)?;
    tx.table_mut(MEDIA)?;
    mailing::prepare(tx)?;
    reminded::prepare(tx)?;
    subscription::prepare(tx)
}

/// Carries out `action`: loads what the decision needs, decides, and writes what follows. Every
/// door ends here: socket, button, command and command line; so whoever is concerned is told.
pub fn act(
    tx: &Tx,
    asked: &Asked,
    event: Option<EventId>,
    action: &Action,
) -> Result<(EventId, Decision), NotDone> {
    let known = event.map(|id| find(tx, id)).transpose()?.flatten();
    let id = match (event, action) {
        (None, Action::Create(_)) => fresh(tx, asked, action)?,
        (Some(id), _) => id,
        (None, _) => return Err(Refusal::NoSuchEvent.into()),
    };
    let subject = match (&known, action) {
        (_, Action::Create(_)) => Subject::New(id),
        (known, _) => known.as_ref().into(),
    };
    let counts = counts(tx, id)?;
    let needed = known.as_ref().map_or(0, |event| line_needed(event, action, counts.going));
    let line = line(tx, id, needed)?;
    let standing = standing(tx, id, action.concerns(asked))?;
    let roll = Roll { going: counts.going, waiting: counts.waiting, standing, line: &line };
    let decision = domain::decide(subject, &roll, asked, action)?;
    if let Some(before) = &known {
        notices::announce(tx, before, &decision, asked)?;
    }
    apply(tx, id, action, &decision, asked.at)?;
    Ok((id, decision))
}

/// The number of an event to be; refused before anything is written.
fn fresh(tx: &Tx, asked: &Asked, action: &Action) -> Result<EventId, NotDone> {
    super::action::may(asked, action.verb())?;
    let kept = tx.table(EVENTS)?.len()?;
    if kept >= MAX_EVENTS as u64 {
        return Err(Refusal::TooManyEvents { max: MAX_EVENTS }.into());
    }
    Ok(EventId(store::fresh_id(tx, "events")?))
}

fn apply(
    tx: &Tx,
    id: EventId,
    action: &Action,
    decision: &Decision,
    at: Timestamp,
) -> Result<(), StoreError> {
    if decision.is_nothing() {
        return Ok(());
    }
    if let Some(picture) = action.picture() {
        tx.table_mut(MEDIA)?.insert(picture.name.as_str(), &picture.bytes[..])?;
    }
    for change in &decision.moves {
        step(tx, id, change, at)?;
    }
    match &decision.next {
        Next::Same => {}
        Next::Put(event) => {
            put(tx, event)?;
            stamp(tx, id, at)?;
            reschedule(tx, id, &decision.changes, at)?;
        }
        Next::Delete => delete(tx, id)?,
    }
    if decision.next != Next::Same {
        tx.due_changed();
    }
    if let Some(unused) = &decision.unused {
        forget_picture(tx, unused)?;
    }
    tx.changed(store::Subject { app: APP, id: id.0 });
    Ok(())
}

fn put(tx: &Tx, event: &Event) -> Result<(), StoreError> {
    let row = serde_json::to_vec(event).map_err(|error| StoreError::Row("events", error))?;
    tx.table_mut(EVENTS)?.insert(event.id.0, &row[..])?;
    Ok(())
}

/// Notes that the event is another one since `at`.
fn stamp(tx: &Tx, id: EventId, at: Timestamp) -> Result<(), StoreError> {
    let mut stamps = tx.table_mut(STAMPS)?;
    let created = stamps.get(id.0)?.map_or(at.as_second(), |row| row.value().0);
    stamps.insert(id.0, (created, at.as_second()))?;
    Ok(())
}

/// Reminders that were due before an event had its times are not those of these times.
fn reschedule(tx: &Tx, id: EventId, changes: &[Changed], at: Timestamp) -> Result<(), StoreError> {
    let is_other = |change: &Changed| matches!(change, Changed::Created | Changed::Schedule { .. });
    if changes.iter().any(is_other) { reminded::begin(tx, id, at) } else { Ok(()) }
}

/// One person's standing changes.
fn step(tx: &Tx, id: EventId, change: &Move, at: Timestamp) -> Result<(), StoreError> {
    let (event, user) = (id.0, change.user.0);
    let before = tx.table_mut(ROLL)?.remove((event, user))?.map(|entry| entry.value());
    if let Some((false, ticket, _)) = before {
        tx.table_mut(LINE)?.remove((event, ticket))?;
    }
    if change.to == Standing::None {
        tx.table_mut(OF_USER)?.remove((user, event))?;
    } else {
        let going = change.to == Standing::Going;
        let ticket = store::fresh_id(tx, "events/tickets")?;
        tx.table_mut(ROLL)?.insert((event, user), (going, ticket, at.as_second()))?;
        tx.table_mut(OF_USER)?.insert((user, event), ())?;
        if !going {
            tx.table_mut(LINE)?.insert((event, ticket), user)?;
        }
    }
    recount(tx, id, change)
}

fn recount(tx: &Tx, id: EventId, change: &Move) -> Result<(), StoreError> {
    let Counts { mut going, mut waiting } = counts(tx, id)?;
    match change.from {
        Standing::Going => going = going.saturating_sub(1),
        Standing::Waitlisted => waiting = waiting.saturating_sub(1),
        Standing::None => {}
    }
    match change.to {
        Standing::Going => going += 1,
        Standing::Waitlisted => waiting += 1,
        Standing::None => {}
    }
    tx.table_mut(COUNTS)?.insert(id.0, (going, waiting))?;
    Ok(())
}

fn delete(tx: &Tx, id: EventId) -> Result<(), StoreError> {
    for entry in roll(tx, id)? {
        tx.table_mut(OF_USER)?.remove((entry.user.0, id.0))?;
        tx.table_mut(ROLL)?.remove((id.0, entry.user.0))?;
    }
    tx.table_mut(LINE)?.retain_in((id.0, 0)..=(id.0, u64::MAX), |_, _| false)?;
    tx.table_mut(COUNTS)?.remove(id.0)?;
    tx.table_mut(STAMPS)?.remove(id.0)?;
    tx.table_mut(EVENTS)?.remove(id.0)?;
    reminded::forget(tx, id)
}

/// Removes a picture that no event has any more.
fn forget_picture(tx: &Tx, name: &ImageName) -> Result<(), StoreError> {
    if all(tx)?.iter().any(|event| event.image.as_ref() == Some(name)) {
        return Ok(());
    }
    tx.table_mut(MEDIA)?.remove(name.as_str())?;
    Ok(())
}

/// The event with this number.
pub fn find(read: &impl Read, id: EventId) -> Result<Option<Event>, StoreError> {
    read.table(EVENTS)?.get(id.0)?.map(|row| decode(row.value())).transpose()
}

/// Every event, by number.
pub fn all(read: &impl Read) -> Result<Vec<Event>, StoreError> {
    read.table(EVENTS)?.iter()?.map(|row| decode(row?.1.value())).collect()
}

/// The numbers of all events.
pub fn ids(read: &impl Read) -> Result<Vec<u64>, StoreError> {
    read.table(EVENTS)?.iter()?.map(|row| Ok(row?.0.value())).collect()
}

/// How many go and wait.
pub fn counts(read: &impl Read, id: EventId) -> Result<Counts, StoreError> {
    let row = read.table(COUNTS)?.get(id.0)?.map(|row| row.value());
    let (going, waiting) = row.unwrap_or_default();
    Ok(Counts { going, waiting })
}

/// When the event was created and last changed; the epoch if nobody noted it.
pub fn stamps(read: &impl Read, id: EventId) -> Result<Stamps, StoreError> {
    let row = read.table(STAMPS)?.get(id.0)?.map(|row| row.value());
    let (created, changed) = row.unwrap_or_default();
    let at = |second| Timestamp::from_second(second).unwrap_or_default();
    Ok(Stamps { created: at(created), changed: at(changed) })
}

/// How `user` stands to the event.
pub fn standing(read: &impl Read, id: EventId, user: UserId) -> Result<Standing, StoreError> {
    let row = read.table(ROLL)?.get((id.0, user.0))?.map(|row| row.value());
    Ok(row.map_or(Standing::None, |(going, ..)| standing_of(going)))
}

/// Where `user` stands in the line of the event, from 1; 0 for somebody who does not wait.
pub fn place_in_line(read: &impl Read, id: EventId, user: UserId) -> Result<usize, StoreError> {
    let row = read.table(ROLL)?.get((id.0, user.0))?.map(|row| row.value());
    let Some((false, ticket, _)) = row else { return Ok(0) };
    Ok(read.table(LINE)?.range((id.0, 0)..=(id.0, ticket))?.count())
}

/// Everybody on the roll: those who go in the order of their seats, then those in line in its order.
pub fn roll(read: &impl Read, id: EventId) -> Result<Vec<Entry>, StoreError> {
    let mut entries = by_user(read, id)?;
    entries.sort_by_key(|entry| (entry.standing != Standing::Going, entry.ticket));
    Ok(entries)
}

/// Everybody on the roll, by id.
pub fn by_user(read: &impl Read, id: EventId) -> Result<Vec<Entry>, StoreError> {
    let roll = read.table(ROLL)?;
    let rows = roll.range((id.0, i64::MIN)..=(id.0, i64::MAX))?;
    rows.map(|row| {
        let (key, value) = row?;
        let ((_, user), (going, ticket, since)) = (key.value(), value.value());
        Ok(Entry {
            user: UserId(user),
            standing: standing_of(going),
            since: Timestamp::from_second(since).unwrap_or_default(),
            ticket,
        })
    })
    .collect()
}

/// The events `user` goes to or waits for.
pub fn of_user(read: &impl Read, user: UserId) -> Result<Vec<EventId>, StoreError> {
    let table = read.table(OF_USER)?;
    let rows = table.range((user.0, 0)..=(user.0, u64::MAX))?;
    rows.map(|row| Ok(EventId(row?.0.value().1))).collect()
}

/// A picture's bytes.
pub fn picture(read: &impl Read, name: &ImageName) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(read.table(MEDIA)?.get(name.as_str())?.map(|row| row.value().to_vec()))
}

fn line(read: &impl Read, id: EventId, needed: usize) -> Result<Vec<UserId>, StoreError> {
    if needed == 0 {
        return Ok(Vec::new());
    }
    let table = read.table(LINE)?;
    let rows = table.range((id.0, 0)..=(id.0, u64::MAX))?;
    rows.take(needed).map(|row| Ok(UserId(row?.1.value()))).collect()
}

fn standing_of(going: bool) -> Standing {
    if going { Standing::Going } else { Standing::Waitlisted }
}

fn decode(row: &[u8]) -> Result<Event, StoreError> {
    serde_json::from_slice(row).map_err(|error| StoreError::Row("events", error))
}
