//! How full the log of updates is, and who is told of it: once when a share of a cap is reached.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use super::log::{Keep, Waiting, fullness, share, slowest, waiting};
use super::meta::NUMBERS;
use super::{Read, StoreError, Tx};

/// The share that was last warned of, in [`NUMBERS`].
const WARNED: &str = "updates/log-warned";

/// Shares of a cap, in percent, at which the operator is warned.
const WARN_AT: [u64; 3] = [100, 80, 50];

/// A share counts as left when it is this much below, so that nobody is warned by turns.
const WARN_AGAIN: u64 = 10;

/// A log that has reached a share the operator is warned of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fill {
    /// How full it is, in percent.
    pub percent: u64,
    /// The slowest reader.
    pub reader: String,
    /// What waits for it.
    pub waiting: Waiting,
    /// The time.
    pub at: Timestamp,
}

/// Tells somebody of a log that fills, in the transaction that noticed it.
pub type Alarm = Arc<dyn Fn(&Tx, &Fill) -> Result<(), StoreError> + Send + Sync>;

/// How full the log is at `now`, when the operator has to be told.
pub fn watch(tx: &Tx, keep: Keep, now: Timestamp) -> Result<Option<Fill>, StoreError> {
    watch_as(tx, keep, now, |percent| percent)
}

/// The same when it has just refused an update, whatever room is left for a smaller one; unless the
/// readers have caught up since.
pub fn watch_full(tx: &Tx, keep: Keep, now: Timestamp) -> Result<Option<Fill>, StoreError> {
    watch_as(tx, keep, now, |percent| if percent < WARN_AT[2] { percent } else { percent.max(100) })
}

fn watch_as(
    tx: &Tx,
    keep: Keep,
    now: Timestamp,
    seen: fn(u64) -> u64,
) -> Result<Option<Fill>, StoreError> {
    let Some((reader, lowest)) = slowest(tx)? else { return Ok(None) };
    let waiting = waiting(tx, lowest)?;
    let percent = seen(share(&waiting, 0, keep, now));
    let fill = Fill { percent, reader, waiting, at: now };
    Ok(is_news(tx, percent)?.then_some(fill))
}

/// Whether [`watch`] would write anything: it costs a commit.
pub fn is_watch_due(read: &impl Read, keep: Keep, now: Timestamp) -> Result<bool, StoreError> {
    let Some((_, lowest)) = slowest(read)? else { return Ok(false) };
    let percent = share(&waiting(read, lowest)?, 0, keep, now);
    let warned = warned(read)?;
    Ok(level(percent, warned) != warned)
}

/// Whether the log is at a cap at `now`: what it refused last may have been larger than what is left.
pub fn is_full(read: &impl Read, keep: Keep, now: Timestamp) -> Result<bool, StoreError> {
    let Some(percent) = fullness(read, keep, now)? else { return Ok(false) };
    Ok(level(percent, warned(read)?) == WARN_AT[0])
}

/// Notes the share; true once when a level is reached, and again only after it was left.
pub(super) fn is_news(tx: &Tx, percent: u64) -> Result<bool, StoreError> {
    let warned = warned(tx)?;
    let level = level(percent, warned);
    if level != warned {
        tx.table_mut(NUMBERS)?.insert(WARNED, level)?;
    }
    Ok(level > warned)
}

/// The level that was last warned of.
fn warned(read: &impl Read) -> Result<u64, StoreError> {
    Ok(read.table(NUMBERS)?.get(WARNED)?.map_or(0, |number| number.value()))
}

/// The level `percent` stands for after `warned`.
fn level(percent: u64, warned: u64) -> u64 {
    let of = |percent: u64| WARN_AT.into_iter().find(|level| percent >= *level).unwrap_or(0);
    of(percent).max(of(percent.saturating_add(WARN_AGAIN)).min(warned))
}

impl fmt::Display for Fill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { percent, reader, waiting, at } = self;
        let age = waiting.oldest.map_or(0, |oldest| at.duration_since(oldest).as_secs().max(0));
        write!(
            f,
            "the log of updates is {percent} % full: {} ({} bytes) wait for `{reader}`, the oldest \
             for {age} s; see why, or raise `relay.keep`",
            waiting.entries, waiting.bytes
        )
    }
}
