//! What is kept about the servers, by their names, so that it outlives any change of the settings.

use super::fleet::{Fleet, Kept};
use super::record::Record;
use super::{app, audit, history, mutes, stops, tidy};
use crate::store::{Read, StoreError, Subject, TableDefinition, Tx};

/// Name of a server → its [`Record`].
const SERVERS: TableDefinition<&str, &[u8]> = TableDefinition::new("conferences/servers");

/// Records kept, of servers that have left the settings, too: they may come back.
const MOST: u64 = 1_000;

/// Makes the tables exist, and forgets servers that have left the settings when there are too many.
pub fn prepare(tx: &Tx, fleet: &Fleet) -> Result<(), StoreError> {
    audit::prepare(tx)?;
    mutes::prepare(tx)?;
    history::table::prepare(tx)?;
    stops::prepare(tx)?;
    tidy::prepare(tx, fleet)?;
    let mut servers = tx.table_mut(SERVERS)?;
    if servers.len()? > MOST {
        servers.retain(|name, _| fleet.iter().any(|kept| kept.name() == name))?;
    }
    Ok(())
}

/// What is kept about `server`; the default if nothing is.
pub fn find(read: &impl Read, server: &Kept) -> Result<Record, StoreError> {
    let servers = read.table(SERVERS)?;
    let Some(row) = servers.get(server.name())? else { return Ok(Record::default()) };
    serde_json::from_slice(row.value()).map_err(|error| StoreError::Row("conferences", error))
}

/// Keeps `record`; open pages are shown it.
pub fn save(tx: &Tx, server: &Kept, record: &Record) -> Result<(), StoreError> {
    let row = serde_json::to_vec(record).map_err(|error| StoreError::Row("conferences", error))?;
    tx.table_mut(SERVERS)?.insert(server.name(), &row[..])?;
    tx.changed(subject(server));
    Ok(())
}

/// The server as open pages show it.
pub fn subject(server: &Kept) -> Subject {
    Subject { app: app::NAME, id: server.id.0 }
}
