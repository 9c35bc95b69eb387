//! What follows when the state of a server turns, in one transaction: what is kept, and who is told.

use jiff::Timestamp;

use crate::apps::conferences::alert::Alert;
use crate::apps::conferences::app::Conferences;
use crate::apps::conferences::fleet::Kept;
use crate::apps::conferences::pulse::Turn;
use crate::apps::conferences::record::{Outage, PAST_MAX, Past, Record, State};
use crate::apps::conferences::store;
use crate::store::{StoreError, Tx};
use crate::trueconf::Fault;

/// Keeps the turn and tells people; false if monitoring was switched off meanwhile, and nothing is
/// kept.
pub(in crate::apps::conferences) fn turned(
    app: &Conferences,
    tx: &Tx,
    kept: &Kept,
    (turn, fault): (Turn, Option<Fault>),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut record = store::find(tx, kept)?;
    if !record.is_monitored(kept.settings.monitored) {
        return Ok(false);
    }
    match turn {
        Turn::None => return Ok(true),
        Turn::Down(began) => {
            let reason = fault.unwrap_or(Fault::TimedOut);
            go_down(app, tx, kept, &mut record, (began, reason), now)?;
        }
        Turn::Up(first) => come_up(app, tx, kept, &mut record, first, now)?,
    }
    store::save(tx, kept, &record)?;
    Ok(true)
}

fn go_down(
    app: &Conferences,
    tx: &Tx,
    kept: &Kept,
    record: &mut Record,
    (began, reason): (Timestamp, Fault),
    now: Timestamp,
) -> Result<(), StoreError> {
    if record.confirmed == State::Down {
        return Ok(());
    }
    let at_start = record.confirmed == State::Unknown;
    let told = !record.is_maintained(now);
    let outage = Outage { began, reason, at_start, told, acknowledged: None };
    if told {
        app.tell(tx, kept, Alert::Down(&outage), now)?;
    }
    (record.confirmed, record.since) = (State::Down, Some(began));
    record.outage = Some(outage);
    Ok(())
}

fn come_up(
    app: &Conferences,
    tx: &Tx,
    kept: &Kept,
    record: &mut Record,
    first: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    (record.confirmed, record.since) = (State::Up, Some(first));
    let Some(outage) = record.outage.take() else { return Ok(()) };
    let past = Past { began: outage.began, ended: first, reason: outage.reason };
    record.past.insert(0, past);
    record.past.truncate(PAST_MAX);
    if outage.told {
        app.tell(tx, kept, Alert::Up(&past), now)?;
    }
    Ok(())
}

/// Forgets how a server stood that is no longer checked, as the settings say now.
pub(super) fn forget(tx: &Tx, kept: &Kept) -> Result<(), StoreError> {
    let mut record = store::find(tx, kept)?;
    if record.is_monitored(kept.settings.monitored)
        || (record.confirmed == State::Unknown && record.outage.is_none())
    {
        return Ok(());
    }
    (record.confirmed, record.since, record.outage) = (State::Unknown, None, None);
    store::save(tx, kept, &record)
}
