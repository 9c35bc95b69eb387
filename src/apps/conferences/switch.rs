//! Switching monitoring: kept, written down in the audit log, and told to the checker.

use jiff::Timestamp;

use super::app::Conferences;
use super::audit::{self, Door, Entry, What};
use super::fleet::Kept;
use super::record::State;
use super::store;
use crate::apps::Person;
use crate::store::{StoreError, Tx};

/// Switches monitoring of `server` for good, whatever the settings say; whether that changed anything.
/// The caller has made sure that `by` may operate it.
///
/// Off means that no check is sent after the commit, and that an outage under way is forgotten.
pub fn monitoring(
    app: &Conferences,
    tx: &Tx,
    server: &Kept,
    (by, door): (&Person, Door),
    on: bool,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let mut record = store::find(tx, server)?;
    if record.is_monitored(server.settings.monitored) == on {
        return Ok(false);
    }
    record.monitored = Some(on);
    record.confirmed = State::Unknown;
    record.since = Some(at);
    record.outage = None;
    store::save(tx, server, &record)?;
    let what = if on { What::MonitoringOn } else { What::MonitoringOff };
    audit::push(tx, &Entry::by(by, door, at, server.name(), what))?;
    app.ring_after(tx, server.id);
    Ok(true)
}
