//! The outbox: messages to Telegram, kept until they are delivered or refused for good.

use redb::{ReadableTable, TableDefinition};
use serde_json::Value;

use super::{Read, StoreError, Tx, fresh_id};

const OUTBOX: TableDefinition<u64, &[u8]> = TableDefinition::new("outbox");

pub(super) fn prepare(tx: &Tx) -> Result<(), StoreError> {
    tx.table_mut(OUTBOX).map(drop)
}

/// Puts `message` behind all others; the sender wakes after the commit.
pub fn push(tx: &Tx, message: &Value) -> Result<(), StoreError> {
    let row = serde_json::to_vec(message).map_err(|error| StoreError::Row("outbox", error))?;
    let id = fresh_id(tx, "outbox")?;
    tx.table_mut(OUTBOX)?.insert(id, &row[..])?;
    tx.outbox_filled();
    Ok(())
}

/// Up to `limit` messages behind `after`, oldest first.
pub fn next(read: &impl Read, after: u64, limit: usize) -> Result<Vec<(u64, Value)>, StoreError> {
    let outbox = read.table(OUTBOX)?;
    outbox
        .range(after.saturating_add(1)..)?
        .take(limit)
        .map(|row| {
            let (id, message) = row?;
            let message = serde_json::from_slice(message.value());
            Ok((id.value(), message.map_err(|error| StoreError::Row("outbox", error))?))
        })
        .collect()
}

/// Forgets a message that was delivered or refused for good.
pub fn remove(tx: &Tx, id: u64) -> Result<(), StoreError> {
    tx.table_mut(OUTBOX)?.remove(id)?;
    Ok(())
}
