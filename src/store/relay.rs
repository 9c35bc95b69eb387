//! What the relay keeps of a sink besides its cursor: dead letters, and replays under way.

use super::table::TableDefinition;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Read, StoreError, Tx, fresh_id, log};

/// Sink, NUL, number → [`Head`] as a line of JSON, then the update.
const DEAD: TableDefinition<&str, &[u8]> = TableDefinition::new("relay/dead");

/// The same for dead letters that are to be sent again.
const AGAIN: TableDefinition<&str, &[u8]> = TableDefinition::new("relay/again");

/// Sink, NUL, one of [`COUNT`], [`BYTES`] and [`REPLAY`] → number.
const NUMBERS: TableDefinition<&str, u64> = TableDefinition::new("relay/numbers");

/// Dead letters of a sink.
const COUNT: &str = "count";

/// Their bytes.
const BYTES: &str = "bytes";

/// The sequence behind which a replay goes on.
const REPLAY: &str = "replay";

/// How often somebody asked for something, so that a sink that rests wakes.
const ASKED: &str = "asked";

/// Set when the update a sink stands still at shall be left out.
const SKIP: &str = "skip";

/// Dead letters kept for a sink; of more the oldest go.
pub const DEAD_MAX: u64 = 10_000;

/// Their bytes.
const DEAD_BYTES_MAX: u64 = 64 << 20;

/// An update that a sink refuses for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// What is known of it.
    pub head: Head,
    /// The whole update as it came.
    pub raw: Vec<u8>,
}

/// What is known of a dead letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Its place in the log.
    pub sequence: u64,
    /// Telegram's `update_id`.
    pub update_id: i64,
    /// The name of its field.
    pub kind: String,
    /// When it arrived.
    pub received: Timestamp,
    /// When it was refused.
    pub refused: Timestamp,
    /// Why.
    pub reason: String,
}

/// How far a sink has come.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Done with everything up to this sequence.
    pub cursor: u64,
    /// A replay that was at the first sequence is at the second, or over.
    pub replay: Option<(u64, Option<u64>)>,
    /// What was refused.
    pub dead: Vec<Letter>,
    /// Dead letters that were sent again, by their keys.
    pub sent: Vec<String>,
    /// Whether an update was left out because somebody asked.
    pub skipped: bool,
}

pub(super) fn prepare(tx: &Tx) -> Result<(), StoreError> {
    tx.table_mut(DEAD)?;
    tx.table_mut(AGAIN)?;
    tx.table_mut(NUMBERS).map(drop)
}

/// Keeps how far `sink` has come, which reads the log as `reader`. Gives how many of its oldest dead
/// letters had to go.
pub fn save(tx: &Tx, reader: &str, sink: &str, progress: &Progress) -> Result<u64, StoreError> {
    log::advance(tx, reader, progress.cursor)?;
    if let Some((was, now)) = progress.replay
        && replaying(tx, sink)? == Some(was)
    {
        set(tx, sink, REPLAY, now)?;
    }
    if progress.skipped {
        set(tx, sink, SKIP, None)?;
    }
    for key in &progress.sent {
        tx.table_mut(AGAIN)?.remove(key.as_str())?;
    }
    progress.dead.iter().try_for_each(|letter| bury(tx, sink, letter))?;
    trim(tx, sink)
}

/// How many dead letters `sink` has.
pub fn count_dead(read: &impl Read, sink: &str) -> Result<u64, StoreError> {
    Ok(number(read, sink, COUNT)?.unwrap_or(0))
}

/// Up to `limit` dead letters of `sink`, oldest first.
pub fn dead(read: &impl Read, sink: &str, limit: usize) -> Result<Vec<Letter>, StoreError> {
    let rows = rows(read, DEAD, sink, limit, u64::MAX)?;
    Ok(rows.into_iter().map(|(_, letter)| letter).collect())
}

/// Has all dead letters of `sink` sent again; gives how many.
pub fn send_again(tx: &Tx, sink: &str) -> Result<u64, StoreError> {
    let mut count = 0;
    while let Some((key, row)) = first(tx, DEAD, sink)? {
        tx.table_mut(DEAD)?.remove(key.as_str())?;
        tx.table_mut(AGAIN)?.insert(key.as_str(), row.as_slice())?;
        count += 1;
    }
    set(tx, sink, COUNT, None)?;
    set(tx, sink, BYTES, None)?;
    nudge(tx, sink)?;
    Ok(count)
}

/// Up to `limit` dead letters of up to `most` bytes that are to be sent again, with their keys.
pub fn again(
    read: &impl Read,
    sink: &str,
    limit: usize,
    most: u64,
) -> Result<Vec<(String, Letter)>, StoreError> {
    rows(read, AGAIN, sink, limit, most)
}

/// Has everything behind the sequence `after` sent to `sink` again; an earlier replay goes on from
/// wherever is first.
pub fn replay(tx: &Tx, sink: &str, after: u64) -> Result<(), StoreError> {
    let after = replaying(tx, sink)?.map_or(after, |before| before.min(after));
    set(tx, sink, REPLAY, Some(after))?;
    nudge(tx, sink)
}

/// Has the update that `sink` stands still at made a dead letter.
pub fn skip(tx: &Tx, sink: &str) -> Result<(), StoreError> {
    set(tx, sink, SKIP, Some(1))?;
    nudge(tx, sink)
}

/// Whether [`skip`] was asked for and not done.
pub fn is_skipping(read: &impl Read, sink: &str) -> Result<bool, StoreError> {
    Ok(number(read, sink, SKIP)?.is_some())
}

/// How often somebody asked for something.
pub fn asked(read: &impl Read, sink: &str) -> Result<u64, StoreError> {
    Ok(number(read, sink, ASKED)?.unwrap_or(0))
}

fn nudge(tx: &Tx, sink: &str) -> Result<(), StoreError> {
    add(tx, sink, ASKED, 1)?;
    tx.log_changed();
    Ok(())
}

/// The sequence behind which a replay of `sink` goes on, if there is one.
pub fn replaying(read: &impl Read, sink: &str) -> Result<Option<u64>, StoreError> {
    number(read, sink, REPLAY)
}

/// Forgets everything about `sink`; gives how many dead letters it had.
pub fn forget(tx: &Tx, sink: &str) -> Result<u64, StoreError> {
    let count = count_dead(tx, sink)?;
    for table in [DEAD, AGAIN] {
        while let Some((key, _)) = first(tx, table, sink)? {
            tx.table_mut(table)?.remove(key.as_str())?;
        }
    }
    [COUNT, BYTES, REPLAY, ASKED, SKIP]
        .into_iter()
        .try_for_each(|name| set(tx, sink, name, None))?;
    Ok(count)
}

fn bury(tx: &Tx, sink: &str, letter: &Letter) -> Result<(), StoreError> {
    let row = letter.encoded()?;
    let key = format!("{sink}\0{:020}", fresh_id(tx, "relay/dead")?);
    tx.table_mut(DEAD)?.insert(key.as_str(), row.as_slice())?;
    add(tx, sink, COUNT, 1)?;
    add(tx, sink, BYTES, row.len() as u64)
}

/// Drops the oldest dead letters above the caps.
fn trim(tx: &Tx, sink: &str) -> Result<u64, StoreError> {
    let mut dropped = 0;
    loop {
        let of = |name| number(tx, sink, name).map(|number| number.unwrap_or(0));
        let (count, bytes) = (of(COUNT)?, of(BYTES)?);
        if count <= 1 || (count <= DEAD_MAX && bytes <= DEAD_BYTES_MAX) {
            return Ok(dropped);
        }
        let Some((key, row)) = first(tx, DEAD, sink)? else { return Ok(dropped) };
        tx.table_mut(DEAD)?.remove(key.as_str())?;
        set(tx, sink, COUNT, Some(count - 1))?;
        set(tx, sink, BYTES, Some(bytes.saturating_sub(row.len() as u64)))?;
        dropped += 1;
    }
}

type Table = TableDefinition<&'static str, &'static [u8]>;

fn first(
    read: &impl Read,
    table: Table,
    sink: &str,
) -> Result<Option<(String, Vec<u8>)>, StoreError> {
    let (from, to) = bounds(sink);
    let table = read.table(table)?;
    let row = table.range(from.as_str()..to.as_str())?.next().transpose()?;
    Ok(row.map(|(key, row)| (key.value().to_owned(), row.value().to_vec())))
}

fn rows(
    read: &impl Read,
    table: Table,
    sink: &str,
    limit: usize,
    most: u64,
) -> Result<Vec<(String, Letter)>, StoreError> {
    let (from, to) = bounds(sink);
    let table = read.table(table)?;
    let (mut letters, mut bytes) = (Vec::new(), 0);
    for row in table.range(from.as_str()..to.as_str())?.take(limit) {
        let (key, row) = row?;
        bytes += row.value().len() as u64;
        if bytes > most && !letters.is_empty() {
            break;
        }
        letters.push((key.value().to_owned(), Letter::decoded(row.value())?));
    }
    Ok(letters)
}

/// The keys of `sink` are from the first up to the second.
fn bounds(sink: &str) -> (String, String) {
    (format!("{sink}\0"), format!("{sink}\u{1}"))
}

fn number(read: &impl Read, sink: &str, name: &str) -> Result<Option<u64>, StoreError> {
    let key = format!("{sink}\0{name}");
    Ok(read.table(NUMBERS)?.get(key.as_str())?.map(|number| number.value()))
}

fn set(tx: &Tx, sink: &str, name: &str, value: Option<u64>) -> Result<(), StoreError> {
    let key = format!("{sink}\0{name}");
    let mut numbers = tx.table_mut(NUMBERS)?;
    match value {
        Some(value) => numbers.insert(key.as_str(), value)?,
        None => numbers.remove(key.as_str())?,
    };
    Ok(())
}

fn add(tx: &Tx, sink: &str, name: &str, more: u64) -> Result<(), StoreError> {
    let before = number(tx, sink, name)?.unwrap_or(0);
    set(tx, sink, name, Some(before + more))
}

impl Letter {
    fn encoded(&self) -> Result<Vec<u8>, StoreError> {
        let mut row = serde_json::to_vec(&self.head).map_err(broken)?;
        row.push(b'\n');
        row.extend_from_slice(&self.raw);
        Ok(row)
    }

    fn decoded(row: &[u8]) -> Result<Self, StoreError> {
        let end = row.iter().position(|byte| *byte == b'\n').unwrap_or(row.len());
        let head = serde_json::from_slice(&row[..end]).map_err(broken)?;
        Ok(Self { head, raw: row.get(end + 1..).unwrap_or_default().to_vec() })
    }
}

fn broken(error: serde_json::Error) -> StoreError {
    StoreError::Row("relay/dead", error)
}

#[cfg(test)]
#[path = "relay_tests.rs"]
mod tests;
