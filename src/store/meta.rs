//! Small numbers the store keeps: the schema, the next ids, and which updates were handled.

use super::table::TableDefinition;
use jiff::{SignedDuration, Timestamp};

use super::{Read, StoreError, Tx};

pub(super) const NUMBERS: TableDefinition<&str, u64> = TableDefinition::new("numbers");

/// The key of the schema version.
pub(super) const SCHEMA: &str = "schema";

/// The key of a number that only says that something was written.
const TOUCHED: &str = "touched";

/// Updates handled lately, by id, with the second they were handled in.
const HANDLED: TableDefinition<i64, i64> = TableDefinition::new("telegram/handled");

/// Telegram keeps an update for 24 hours, so it can deliver one again for that long.
const HANDLED_FOR: SignedDuration = SignedDuration::from_hours(24);

/// How many handled updates are remembered before old ones are looked for and forgotten.
const HANDLED_SWEEP: u64 = 4096;

pub(super) fn prepare(tx: &Tx) -> Result<(), StoreError> {
    tx.table_mut(NUMBERS)?;
    tx.table_mut(HANDLED)?;
    Ok(())
}

/// The next number of the sequence `name`, from 1; never given twice.
pub fn fresh_id(tx: &Tx, name: &'static str) -> Result<u64, StoreError> {
    let mut numbers = tx.table_mut(NUMBERS)?;
    let id = numbers.get(name)?.map_or(1, |number| number.value() + 1);
    numbers.insert(name, id)?;
    Ok(id)
}

/// Writes something that nobody reads.
pub(super) fn touch(tx: &Tx) -> Result<(), StoreError> {
    let mut numbers = tx.table_mut(NUMBERS)?;
    let last = numbers.get(TOUCHED)?.map_or(0, |number| number.value());
    numbers.insert(TOUCHED, last.wrapping_add(1))?;
    Ok(())
}

/// Notes under `name` whether something is the case; true when it was not before and is now.
pub fn is_news(tx: &Tx, name: &'static str, is: bool) -> Result<bool, StoreError> {
    let was = tx.table(NUMBERS)?.get(name)?.is_some_and(|number| number.value() != 0);
    if was != is {
        tx.table_mut(NUMBERS)?.insert(name, u64::from(is))?;
    }
    Ok(is && !was)
}

/// Whether the update `id` was handled in the 24 hours before `at`.
///
/// Ids may restart at a lower number (Bot API `Update.update_id`), so "smaller than the last" says
/// nothing; only the set of ids does.
pub fn was_handled(read: &impl Read, id: i64, at: Timestamp) -> Result<bool, StoreError> {
    let oldest = (at - HANDLED_FOR).as_second();
    Ok(read.table(HANDLED)?.get(id)?.is_some_and(|second| second.value() >= oldest))
}

/// Notes that the update `id` is handled.
pub fn remember_update(tx: &Tx, id: i64, at: Timestamp) -> Result<(), StoreError> {
    let mut handled = tx.table_mut(HANDLED)?;
    handled.insert(id, at.as_second())?;
    if handled.len()? % HANDLED_SWEEP == 0 {
        let oldest = (at - HANDLED_FOR).as_second();
        handled.retain(|_, second| second >= oldest)?;
    }
    Ok(())
}

/// The update `id` counts as never handled: if Telegram delivers it again, it is.
pub fn forget_update(tx: &Tx, id: i64) -> Result<(), StoreError> {
    tx.table_mut(HANDLED)?.remove(id)?;
    Ok(())
}
