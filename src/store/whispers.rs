//! What is said without being written down: that something is on its way, and nothing of its text.
//!
//! A row stands from the commit that caused a whisper until its end is known. Rows that a start
//! finds belong to an earlier run, which took their texts with it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::outbox::Lane;
use super::{Read, StoreError, TableDefinition, Tx, fresh_id};
use crate::ids::ChatId;

/// Number → [`Row`] as JSON.
const WHISPERS: TableDefinition<u64, &[u8]> = TableDefinition::new("whispers");

/// Whispers on their way at most: their texts are in memory.
const MOST: u64 = 2_000;

/// A whisper on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Where it goes.
    pub chat: ChatId,
    /// The prefix of the part of the bot that is told its end.
    pub part: String,
    /// What that part wants to know then.
    pub note: Value,
    /// The update it answers, as long as Telegram has not been told that it arrived.
    pub update: Option<i64>,
}

/// Whether this is what the table `name` holds.
pub(super) fn is_of(name: &str) -> bool {
    name == "whispers"
}

pub(super) fn prepare(tx: &Tx) -> Result<(), StoreError> {
    tx.table_mut(WHISPERS).map(drop)
}

/// Notes that something is on its way; its number is of the same sequence as those of the outbox.
pub fn push(tx: &Tx, row: &Row) -> Result<u64, StoreError> {
    if tx.table(WHISPERS)?.len()? >= MOST {
        return Err(StoreError::Full(Lane::Replies));
    }
    let number = fresh_id(tx, "outbox")?;
    put(tx, number, row)?;
    tx.outbox_filled();
    Ok(number)
}

/// Takes a row out.
pub fn take(tx: &Tx, number: u64) -> Result<Option<Row>, StoreError> {
    let row = tx.table_mut(WHISPERS)?.remove(number)?.map(|row| row.value().to_vec());
    // A row of another version must not keep the program from starting.
    Ok(row.and_then(|row| serde_json::from_slice(&row).ok()))
}

/// Telegram is told that the update it answers has arrived, though nobody knows its end.
pub fn let_go(tx: &Tx, number: u64) -> Result<(), StoreError> {
    match take(tx, number)? {
        Some(row) => put(tx, number, &Row { update: None, ..row }),
        None => Ok(()),
    }
}

/// The numbers of all rows.
pub fn numbers(read: &impl Read) -> Result<Vec<u64>, StoreError> {
    read.table(WHISPERS)?.iter()?.map(|row| Ok(row?.0.value())).collect()
}

fn put(tx: &Tx, number: u64, row: &Row) -> Result<(), StoreError> {
    let row = serde_json::to_vec(row).map_err(|error| StoreError::Row("whispers", error))?;
    tx.table_mut(WHISPERS)?.insert(number, &row[..])?;
    Ok(())
}
