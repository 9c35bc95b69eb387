//! The commands about TrueConf servers: what is kept of them, and who did what.

use serde_json::{Value, json};

use super::Failure;
use crate::apps::Context;
use crate::apps::conferences::audit::{self, Entry};
use crate::apps::conferences::fleet::Fleet;
use crate::apps::conferences::store as servers;
use crate::store::{Store, StoreError};

/// How each server stood when monitoring last said so, in the order of the settings.
pub(super) fn states(store: &Store, context: &Context) -> Result<Value, Failure> {
    let read = store.snapshot()?;
    let fleet = Fleet::new(&context.servers);
    let row = |kept| {
        let record = servers::find(&read, kept)?;
        let reason = record.outage.as_ref().map(|outage| outage.reason.to_string());
        Ok::<_, StoreError>(json!({
            "name": kept.name(),
            "state": record.state(kept.settings.monitored),
            "since": record.since,
            "reason": reason,
        }))
    };
    Ok(fleet.iter().map(row).collect::<Result<_, _>>()?)
}

/// The newest entries of the audit log, the newest first.
pub(super) fn newest(store: &Store, limit: usize) -> Result<Value, Failure> {
    Ok(json!(audit::newest(&store.snapshot()?, limit)?))
}

/// Adds entries to the audit log.
pub(super) fn note(store: &Store, entries: Vec<Entry>) -> Result<Value, Failure> {
    let count = entries.len();
    store.write(move |tx| entries.iter().try_for_each(|entry| audit::push(tx, entry)))?;
    Ok(json!(count))
}
