//! Which reminders were sent, so that none is sent twice: not after a restart, not when the clock
//! is set back.

use crate::store::TableDefinition;
use jiff::{SignedDuration, Timestamp};

use super::model::EventId;
use super::reminders::Reminder;
use crate::store::{Read, StoreError, Tx};

/// (event, start, how long before, in seconds): was sent.
const REMINDED: TableDefinition<(u64, i64, i64), ()> = TableDefinition::new("events/reminded");

/// event → second since when its times are what they are.
const SINCE: TableDefinition<u64, i64> = TableDefinition::new("events/since");

/// A clock that is set back by more than this, hours after a start, is not this clock's fault.
const KEEP: SignedDuration = SignedDuration::from_hours(48);

pub(super) fn prepare(tx: &Tx) -> Result<(), StoreError> {
    tx.table_mut(REMINDED)?;
    tx.table_mut(SINCE).map(drop)
}

/// Notes that the times of the event are other ones since `at`.
pub(super) fn begin(tx: &Tx, id: EventId, at: Timestamp) -> Result<(), StoreError> {
    tx.table_mut(SINCE)?.insert(id.0, at.as_second())?;
    Ok(())
}

/// Since when its times are what they are.
pub fn since(read: &impl Read, id: EventId) -> Result<Timestamp, StoreError> {
    let second = read.table(SINCE)?.get(id.0)?.map(|row| row.value());
    let at = |second| Timestamp::from_second(second).ok();
    Ok(second.and_then(at).unwrap_or(Timestamp::UNIX_EPOCH))
}

/// Whether the reminder was sent.
pub fn was_sent(read: &impl Read, id: EventId, reminder: Reminder) -> Result<bool, StoreError> {
    Ok(read.table(REMINDED)?.get(key(id, reminder))?.is_some())
}

/// Notes that the reminder is sent.
pub fn mark(tx: &Tx, id: EventId, reminder: Reminder) -> Result<(), StoreError> {
    tx.table_mut(REMINDED)?.insert(key(id, reminder), ())?;
    Ok(())
}

/// Forgets reminders of what began long ago.
pub fn prune(tx: &Tx, now: Timestamp) -> Result<(), StoreError> {
    let oldest = (now - KEEP).as_second();
    tx.table_mut(REMINDED)?.retain(|(_, starts, _), ()| oldest <= starts)
}

/// Forgets an event.
pub(super) fn forget(tx: &Tx, id: EventId) -> Result<(), StoreError> {
    tx.table_mut(SINCE)?.remove(id.0)?;
    let all = (id.0, i64::MIN, i64::MIN)..=(id.0, i64::MAX, i64::MAX);
    tx.table_mut(REMINDED)?.retain_in(all, |_, ()| false)
}

fn key(id: EventId, reminder: Reminder) -> (u64, i64, i64) {
    (id.0, reminder.starts.as_second(), reminder.before.as_secs())
}
