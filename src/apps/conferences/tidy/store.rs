//! The cases of each server, kept, so that a restart neither forgets a warning nor warns twice.

use super::case::Case;
use crate::apps::conferences::fleet::{Fleet, Kept};
use crate::store::{Read, StoreError, TableDefinition, Tx};

/// Name of a server → its cases, at most [`super::case::CASES_MAX`].
const CASES: TableDefinition<&str, &[u8]> = TableDefinition::new("conferences/tidying");

/// Makes the table exist, and forgets cases of servers that have left the settings.
pub fn prepare(tx: &Tx, fleet: &Fleet) -> Result<(), StoreError> {
    let mut table = tx.table_mut(CASES)?;
    table.retain(|name, _| fleet.iter().any(|kept| kept.name() == name))?;
    Ok(())
}

/// The cases of a server.
pub fn find(read: &impl Read, server: &Kept) -> Result<Vec<Case>, StoreError> {
    let table = read.table(CASES)?;
    let Some(row) = table.get(server.name())? else { return Ok(Vec::new()) };
    serde_json::from_slice(row.value()).map_err(|error| StoreError::Row("tidying", error))
}

/// Keeps the cases of a server; nothing is written if they are the same.
pub fn save(tx: &Tx, server: &Kept, cases: &[Case]) -> Result<(), StoreError> {
    if find(tx, server)? == cases {
        return Ok(());
    }
    let row = serde_json::to_vec(cases).map_err(|error| StoreError::Row("tidying", error))?;
    let mut table = tx.table_mut(CASES)?;
    if cases.is_empty() {
        table.remove(server.name())?;
    } else {
        table.insert(server.name(), &row[..])?;
    }
    Ok(())
}
