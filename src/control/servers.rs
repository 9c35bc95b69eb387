//! The commands about TrueConf servers, as far as they are about what is kept of them.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Failure;
use crate::apps::Context;
use crate::apps::conferences::fleet::{Fleet, Kept};
use crate::apps::conferences::outside::Done;
use crate::apps::conferences::record::Record;
use crate::apps::conferences::{audit, store as table};
use crate::store::{Store, StoreError};

/// How every server of the settings stands, as last confirmed.
pub(super) fn list(store: &Store, context: &Context) -> Result<Value, Failure> {
    let snapshot = store.snapshot()?;
    let fleet = Fleet::new(&context.servers);
    let rows = fleet.iter().map(|kept| Ok(row(kept, &table::find(&snapshot, kept)?)));
    let rows: Result<Vec<Value>, StoreError> = rows.collect();
    Ok(rows?.into())
}

fn row(kept: &Kept, record: &Record) -> Value {
    let state = record.state(kept.settings.monitored);
    let reason = record.outage.as_ref().map(|outage| outage.reason.to_string());
    json!({"name": kept.name(), "state": state, "since": record.since, "reason": reason})
}

/// The newest entries of the audit log.
pub(super) fn audit(store: &Store, limit: usize) -> Result<Value, Failure> {
    let entries = audit::newest(&store.snapshot()?, limit)?;
    entries
        .iter()
        .map(serde_json::to_value)
        .collect::<Result<_, _>>()
        .map_err(|error| Failure::Store(StoreError::Row("audit", error)))
}

/// Keeps what the command line did.
pub(super) fn done(
    store: &Store,
    context: &Arc<Context>,
    now: Timestamp,
    done: Done,
) -> Result<Value, Failure> {
    let (context, fleet) = (Arc::clone(context), Fleet::new(&context.servers));
    store.write(move |tx| done.keep(tx, &context, &fleet, now))?;
    Ok(Value::Bool(true))
}
