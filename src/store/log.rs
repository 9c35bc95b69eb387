//! The log of updates: what Telegram delivered, kept byte for byte until every reader has it.
//!
//! Readers (brokers, other bots) have a name and a cursor each, so a slow one delays nobody else.
//! An entry is appended in the transaction that handles its update. Without readers nothing is
//! written at all, which spares SD cards. What waits for a reader is never dropped: when it reaches
//! a cap of [`Keep`], [`append`] fails and Telegram keeps further updates. What every reader has
//! stays for a replay until it is older than [`Keep::age`] or its room is needed.

use jiff::{SignedDuration, Timestamp};

use super::fill::{self, Fill};
use super::meta::NUMBERS;
use super::table::{Guard, TableDefinition, TableMut};
use super::{Read, StoreError, Tx, fresh_id};

/// Sequence → `update_id`, kind, received (ms), bytes appended up to its end, raw JSON.
const LOG: TableDefinition<u64, (i64, &str, i64, u64, &[u8])> = TableDefinition::new("updates/log");

/// Reader → the last sequence it is done with.
const READERS: TableDefinition<&str, u64> = TableDefinition::new("updates/readers");

/// The sequence of entries, in [`NUMBERS`].
const SEQUENCE: &str = "updates/log";

/// What an entry takes besides its JSON, about.
const OVERHEAD: u64 = 64;

/// Bytes of one [`read`]: as much as one answer of `getUpdates` has at most.
const READ_MAX: u64 = 4 << 20;

/// Old entries removed for each one appended, so that one append never takes long.
const TRIM_MAX: usize = 64;

/// The cursor of a reader that never makes anything wait.
pub const ONLOOKER: u64 = u64::MAX;

/// How much is kept (`relay.keep`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// No entry waits longer, and none is kept for a replay longer.
    pub age: SignedDuration,
    /// Bytes of all entries together.
    pub bytes: u64,
}

/// An update to be appended.
#[derive(Clone, Copy, Debug)]
pub struct Arrived<'a> {
    /// Telegram's `update_id`.
    pub update_id: i64,
    /// The name of its field, such as `message`, or `unknown`.
    pub kind: &'a str,
    /// The time.
    pub at: Timestamp,
    /// The whole update as it came.
    pub raw: &'a [u8],
}

/// One update of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the log; later ones have higher numbers.
    pub sequence: u64,
    /// Telegram's `update_id`.
    pub update_id: i64,
    /// The name of its field.
    pub kind: String,
    /// When it arrived.
    pub received: Timestamp,
    /// The whole update as it came.
    pub raw: Vec<u8>,
}

/// What waits behind a cursor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// How many entries.
    pub entries: u64,
    /// Their bytes.
    pub bytes: u64,
    /// When the first of them arrived.
    pub oldest: Option<Timestamp>,
}

pub(super) fn prepare(tx: &Tx) -> Result<(), StoreError> {
    tx.table_mut(LOG)?;
    tx.table_mut(READERS).map(drop)
}

/// Makes `reader` one of those the log is kept for, from now on. One that is known stays where it is.
pub fn register(tx: &Tx, reader: &str) -> Result<(), StoreError> {
    if cursor(tx, reader)?.is_some() {
        return Ok(());
    }
    let newest = newest(tx)?;
    rewind(tx, reader, newest)
}

/// Makes `reader` one that the log is written for, but not kept for: it sees what is still there.
pub fn look_on(tx: &Tx, reader: &str) -> Result<(), StoreError> {
    rewind(tx, reader, ONLOOKER)
}

/// The sequence of the newest entry there ever was.
pub fn newest(read: &impl Read) -> Result<u64, StoreError> {
    Ok(read.table(NUMBERS)?.get(SEQUENCE)?.map_or(0, |number| number.value()))
}

/// `reader` needs nothing any more. With the last reader the whole log goes.
pub fn unregister(tx: &Tx, reader: &str) -> Result<(), StoreError> {
    tx.table_mut(READERS)?.remove(reader)?;
    if !has_readers(tx)? {
        tx.table_mut(LOG)?.retain(|_, _| false)?;
    }
    Ok(())
}

/// Whether anybody reads the log.
pub fn has_readers(read: &impl Read) -> Result<bool, StoreError> {
    Ok(!read.table(READERS)?.is_empty()?)
}

/// Every reader with the last sequence it is done with.
pub fn readers(read: &impl Read) -> Result<Vec<(String, u64)>, StoreError> {
    let readers = read.table(READERS)?;
    let row = |row: Result<(Guard<'_, &str>, Guard<'_, u64>), _>| {
        let (name, cursor) = row?;
        Ok((name.value().to_owned(), cursor.value()))
    };
    readers.iter()?.map(row).collect()
}

/// The last sequence `reader` is done with; `None` if it is not registered.
pub fn cursor(read: &impl Read, reader: &str) -> Result<Option<u64>, StoreError> {
    Ok(read.table(READERS)?.get(reader)?.map(|cursor| cursor.value()))
}

/// Appends `arrived` if anybody reads the log; a full log is [`StoreError::LogFull`]. Gives how full
/// it is when the operator has to be told.
pub fn append(tx: &Tx, keep: Keep, arrived: &Arrived<'_>) -> Result<Option<Fill>, StoreError> {
    let Some((reader, lowest)) = slowest(tx)? else { return Ok(None) };
    let size = arrived.raw.len() as u64 + OVERHEAD;
    let waiting = waiting(tx, lowest)?;
    let percent = share(&waiting, size, keep, arrived.at);
    // Read before anything is written: a refused append costs the transaction nothing.
    if waiting.entries > 0 && percent > 100 {
        return Err(StoreError::LogFull { entries: waiting.entries, bytes: waiting.bytes });
    }
    let sequence = fresh_id(tx, SEQUENCE)?;
    let mut log = tx.table_mut(LOG)?;
    trim(&mut log, lowest, size, keep, arrived.at)?;
    let end = log.last()?.map_or(0, |(_, last)| last.value().3) + size;
    let at = arrived.at.as_millisecond();
    log.insert(sequence, (arrived.update_id, arrived.kind, at, end, arrived.raw))?;
    drop(log);
    tx.log_changed();
    let fill = Fill { percent, reader, waiting, at: arrived.at };
    Ok(fill::is_news(tx, percent)?.then_some(fill))
}

/// Up to `limit` entries behind `after`, oldest first, and no more than a few megabytes of them.
pub fn read(read: &impl Read, after: u64, limit: usize) -> Result<Vec<Entry>, StoreError> {
    read_within(read, after, limit, READ_MAX)
}

/// Up to `limit` entries of up to `most` bytes behind `after`, oldest first; at least one.
pub fn read_within(
    read: &impl Read,
    after: u64,
    limit: usize,
    most: u64,
) -> Result<Vec<Entry>, StoreError> {
    let log = read.table(LOG)?;
    let mut entries = Vec::new();
    let mut bytes = 0;
    for row in log.range(after.saturating_add(1)..)?.take(limit) {
        let (sequence, value) = row?;
        let (update_id, kind, at, _, raw) = value.value();
        bytes += raw.len() as u64;
        if bytes > most && !entries.is_empty() {
            break;
        }
        entries.push(Entry {
            sequence: sequence.value(),
            update_id,
            kind: kind.to_owned(),
            received: Timestamp::from_millisecond(at).unwrap_or_default(),
            raw: raw.to_vec(),
        });
    }
    Ok(entries)
}

/// The sequence before the first entry that arrived at `since` or later, of those still there.
pub fn before_time(read: &impl Read, since: Timestamp) -> Result<u64, StoreError> {
    let log = read.table(LOG)?;
    let (Some((first, _)), Some((last, _))) = (log.first()?, log.last()?) else {
        return newest(read);
    };
    let (mut low, mut high) = (first.value(), last.value() + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let row = log.range(middle..)?.next().transpose()?;
        let is_older = |at: i64| at < since.as_millisecond();
        if row.is_some_and(|(_, row)| is_older(row.value().2)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low - 1)
}

/// How many entries there are behind `after`.
pub fn count(read: &impl Read, after: u64) -> Result<u64, StoreError> {
    Ok(waiting(read, after)?.entries)
}

/// The sequence before the newest entry of the update `id`, if it is still there.
pub fn before_update(read: &impl Read, id: i64) -> Result<Option<u64>, StoreError> {
    for row in read.table(LOG)?.iter()?.rev() {
        let (sequence, row) = row?;
        if row.value().0 == id {
            return Ok(Some(sequence.value() - 1));
        }
    }
    Ok(None)
}

/// `reader` is done with everything up to `sequence`; going back does nothing.
pub fn advance(tx: &Tx, reader: &str, sequence: u64) -> Result<(), StoreError> {
    match cursor(tx, reader)? {
        Some(cursor) if cursor < sequence => rewind(tx, reader, sequence),
        _ => Ok(()),
    }
}

/// Moves `reader` to behind `sequence`, also backwards, to read again what is still there.
pub fn rewind(tx: &Tx, reader: &str, sequence: u64) -> Result<(), StoreError> {
    tx.table_mut(READERS)?.insert(reader, sequence)?;
    Ok(())
}

/// What waits for a reader whose cursor is `after`.
pub fn waiting(read: &impl Read, after: u64) -> Result<Waiting, StoreError> {
    let log = read.table(LOG)?;
    let first = log.range(after.saturating_add(1)..)?.next().transpose()?;
    let (Some((first, head)), Some((last, tail))) = (first, log.last()?) else {
        return Ok(Waiting::default());
    };
    let (_, _, at, end, raw) = head.value();
    Ok(Waiting {
        entries: last.value() - first.value() + 1,
        bytes: tail.value().3 - (end - raw.len() as u64 - OVERHEAD),
        oldest: Timestamp::from_millisecond(at).ok(),
    })
}

/// How full the log is, in percent of what `keep` allows at `now`; `None` without readers.
pub fn fullness(read: &impl Read, keep: Keep, now: Timestamp) -> Result<Option<u64>, StoreError> {
    let Some((_, lowest)) = slowest(read)? else { return Ok(None) };
    Ok(Some(share(&waiting(read, lowest)?, 0, keep, now)))
}

/// The slowest reader and its cursor.
pub(super) fn slowest(read: &impl Read) -> Result<Option<(String, u64)>, StoreError> {
    Ok(readers(read)?.into_iter().min_by_key(|(_, cursor)| *cursor))
}

/// The nearer of the two caps, in percent, once `size` bytes more wait.
pub(super) fn share(waiting: &Waiting, size: u64, keep: Keep, now: Timestamp) -> u64 {
    let of = |part: u64, whole: u64| part.saturating_mul(100).div_ceil(whole.max(1));
    let age = waiting.oldest.map_or(SignedDuration::ZERO, |oldest| now.duration_since(oldest));
    let seconds = |time: SignedDuration| u64::try_from(time.as_secs()).unwrap_or(0);
    of(waiting.bytes + size, keep.bytes).max(of(seconds(age), seconds(keep.age)))
}

/// Drops what every reader has, if it is too old or its room is needed for `size` bytes.
fn trim(
    log: &mut TableMut<'_, '_, u64, (i64, &'static str, i64, u64, &'static [u8])>,
    lowest: u64,
    size: u64,
    keep: Keep,
    now: Timestamp,
) -> Result<(), StoreError> {
    let oldest = (now - keep.age).as_millisecond();
    let end = log.last()?.map_or(0, |(_, last)| last.value().3);
    for _ in 0..TRIM_MAX {
        let Some((sequence, first)) = log.first()? else { break };
        let (_, _, at, its_end, raw) = first.value();
        let bytes = end - (its_end - raw.len() as u64 - OVERHEAD);
        let stays = at >= oldest && bytes + size <= keep.bytes;
        if sequence.value() > lowest || stays {
            break;
        }
        drop((sequence, first));
        log.pop_first()?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "log_tests.rs"]
mod tests;
