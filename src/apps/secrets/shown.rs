//! Messages whose text is or was a secret: which they are, and when those of the bot go.

use std::time::Duration;

use jiff::Timestamp;

use super::sight::Place;
use crate::store::{Read, StoreError, TableDefinition, Tx};

/// (chat, message) → the second it was seen in, 8 bytes.
const CONFIDENTIAL: TableDefinition<(i64, i64), &[u8]> = TableDefinition::new("secrets/messages");

/// Second, chat, message: to be deleted then.
const DELETIONS: TableDefinition<(u64, i64, i64), ()> = TableDefinition::new("secrets/deletions");

/// Messages remembered at most; the oldest ids go first in each chat.
const MOST: u64 = 20_000;

/// Old ones are looked for whenever there are so many more.
const SWEEP: u64 = 256;

/// Nobody edits a message any more, and hardly answers it.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(7 * 86_400);

/// Telegram lets a bot delete a message for 48 hours; an hour of them is for trouble.
const LATEST: Duration = Duration::from_secs(47 * 3_600);

pub(super) fn prepare(tx: &Tx) -> Result<(), StoreError> {
    tx.table_mut(CONFIDENTIAL)?;
    tx.table_mut(DELETIONS).map(drop)
}

/// Remembers that the text of a message is a secret: edits, answers and presses below it repeat it.
pub(super) fn remember(tx: &Tx, place: Place, now: Timestamp) -> Result<(), StoreError> {
    let mut messages = tx.table_mut(CONFIDENTIAL)?;
    messages.insert(place, &now.as_second().to_be_bytes()[..])?;
    if messages.len()? % SWEEP == 0 {
        let oldest = (now - FORGOTTEN_AFTER).as_second();
        messages.retain(|_, second| seen(second) >= oldest)?;
    }
    while messages.len()? > MOST {
        messages.pop_first()?;
    }
    Ok(())
}

/// Whether the text of this message is or was a secret.
pub(super) fn is_confidential(read: &impl Read, place: Place) -> Result<bool, StoreError> {
    Ok(read.table(CONFIDENTIAL)?.get(place)?.is_some())
}

/// Has a message of the bot deleted after `time`, also across a restart.
pub(super) fn delete_after(
    tx: &Tx,
    (chat, message): Place,
    time: Duration,
    now: Timestamp,
) -> Result<(), StoreError> {
    let at = now + time.min(LATEST);
    let second = u64::try_from(at.as_second()).unwrap_or(0);
    tx.table_mut(DELETIONS)?.insert((second, chat, message), ())?;
    tx.due_changed();
    Ok(())
}

/// When the next message goes.
pub(super) fn next_deletion(read: &impl Read) -> Result<Option<Timestamp>, StoreError> {
    let first = read.table(DELETIONS)?.first()?.map(|(row, _)| row.value().0);
    let instant = |second| Timestamp::from_second(i64::try_from(second).ok()?).ok();
    Ok(first.map(|second| instant(second).unwrap_or(Timestamp::MAX)))
}

/// Takes out up to `most` messages whose time has come.
pub(super) fn take_due(tx: &Tx, now: Timestamp, most: usize) -> Result<Vec<Place>, StoreError> {
    let now = u64::try_from(now.as_second()).unwrap_or(0);
    let mut deletions = tx.table_mut(DELETIONS)?;
    let mut due = Vec::new();
    while due.len() < most {
        let Some(row) = deletions.first()?.map(|(row, _)| row.value()).filter(|row| row.0 <= now)
        else {
            break;
        };
        deletions.remove(row)?;
        due.push((row.1, row.2));
    }
    Ok(due)
}

fn seen(row: &[u8]) -> i64 {
    row.try_into().map_or(0, i64::from_be_bytes)
}
