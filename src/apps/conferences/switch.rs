//! Switching monitoring: kept, and written down in the audit log.

use jiff::Timestamp;

use super::audit::{self, Door, Entry, What};
use super::fleet::Kept;
use super::store;
use crate::apps::Person;
use crate::store::{StoreError, Tx};

/// Switches monitoring of `server`; whether that changed anything.
pub fn monitoring(
    tx: &Tx,
    server: &Kept,
    by: &Person,
    on: bool,
    door: Door,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let mut record = store::find(tx, server)?;
    if record.is_monitored(server.settings.monitored) == on {
        return Ok(false);
    }
    record.monitored = Some(on);
    store::save(tx, server, &record)?;
    audit::push(
        tx,
        &Entry {
            at,
            user: Some(by.id),
            name: by.name.clone(),
            by: door,
            server: server.name().to_owned(),
            what: if on { What::MonitoringOn } else { What::MonitoringOff },
            conference: None,
            result: String::new(),
        },
    )?;
    Ok(true)
}
