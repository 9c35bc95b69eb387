//! What Prometheus is told of each server.

use jiff::{SignedDuration, Timestamp};

use super::app::Conferences;
use super::fleet::Kept;
use super::record::{Record, State};
use super::store;
use crate::metrics::{Kind, Metrics, Number};
use crate::store::{Snapshot, StoreError};

/// What a server told of conferences and people is of no use after this.
const FRESH: SignedDuration = SignedDuration::from_mins(5);

/// One server and what is kept of it.
type Row<'a> = (&'a Kept, Record);

impl Conferences {
    /// Adds what is known of every server. A number nobody knows has no sample.
    pub(super) fn measure(
        &self,
        read: &Snapshot,
        now: Timestamp,
        metrics: &mut Metrics,
    ) -> Result<(), StoreError> {
        let row = |kept| Ok((kept, store::find(read, kept)?));
        let rows: Vec<Row<'_>> = self.fleet.iter().map(row).collect::<Result<_, StoreError>>()?;
        states(&rows, now, metrics);
        self.checks(&rows, metrics);
        self.looks_of(&rows, now, metrics);
        Ok(())
    }

    fn checks(&self, rows: &[Row<'_>], metrics: &mut Metrics) {
        let help = "Checks since the start, by what they gave.";
        let mut checks = metrics.family("roost_conferences_checks_total", Kind::Counter, help);
        for (kept, _) in rows {
            let (good, failed) = self.board.counts(kept.id);
            checks.sample(&[("server", kept.name()), ("result", "good")], good);
            checks.sample(&[("server", kept.name()), ("result", "failed")], failed);
        }
        let help = "How long the last check took; nothing after one that failed.";
        each(metrics, ("roost_conferences_response_seconds", help), rows, |kept, _| {
            let seen = self.board.seen(kept.id)?;
            Some(seen.answer.ok()?.as_secs_f64().into())
        });
        let help = "1 while our own network is gone, so that nothing is known of the server.";
        each(metrics, ("roost_conferences_network_gone", help), rows, |kept, _| {
            Some(self.board.seen(kept.id)?.is_blind.into())
        });
    }

    fn looks_of(&self, rows: &[Row<'_>], now: Timestamp, metrics: &mut Metrics) {
        let help =
            "Conferences that run, as told within the last 5 minutes because somebody looked.";
        each(metrics, ("roost_conferences_running", help), rows, |kept, _| {
            let running = self.looks.of(kept.id).running?;
            let list = running.answer.as_ref().ok().filter(|_| running.is_fresh(now, FRESH))?;
            Some(list.len().into())
        });
        let help = "People online, as told within the last 5 minutes because somebody looked.";
        each(metrics, ("roost_conferences_people_online", help), rows, |kept, _| {
            let online = self.looks.of(kept.id).online?;
            let answer = online.answer.as_ref().ok().filter(|_| online.is_fresh(now, FRESH))?;
            Some(u64::from(answer.total).into())
        });
    }
}

fn states(rows: &[Row<'_>], now: Timestamp, metrics: &mut Metrics) {
    let help = "1 for the state the server is in.";
    let mut states = metrics.family("roost_conferences_server_state", Kind::Gauge, help);
    for (kept, record) in rows {
        let is = record.state(kept.settings.monitored);
        for state in [State::Up, State::Down, State::Unknown, State::Off] {
            let labels = [("server", kept.name()), ("state", state.word())];
            states.sample(&labels, is == state);
        }
    }
    let help = "1 if the server is confirmed up, 0 if it is confirmed down.";
    each(metrics, ("roost_conferences_server_up", help), rows, |kept, record| {
        match record.state(kept.settings.monitored) {
            State::Up => Some(true.into()),
            State::Down => Some(false.into()),
            State::Unknown | State::Off => None,
        }
    });
    let help = "Since when the state is so, in seconds of the Unix epoch.";
    each(metrics, ("roost_conferences_state_since_seconds", help), rows, |_, record| {
        record.since.and_then(seconds)
    });
    let help = "1 if somebody looks after the outage under way.";
    each(metrics, ("roost_conferences_outage_acknowledged", help), rows, |_, record| {
        Some(record.outage.as_ref()?.acknowledged.is_some().into())
    });
    let help = "1 during announced maintenance.";
    each(metrics, ("roost_conferences_maintenance", help), rows, |_, record| {
        Some(record.is_maintained(now).into())
    });
    let help = "When the certificate expires, in seconds of the Unix epoch.";
    each(metrics, ("roost_conferences_certificate_expiry_seconds", help), rows, |_, record| {
        seconds(record.certificate?.expires)
    });
}

/// A family with a sample for each server of which `value` knows one.
fn each(
    metrics: &mut Metrics,
    (name, help): (&'static str, &str),
    rows: &[Row<'_>],
    value: impl Fn(&Kept, &Record) -> Option<Number>,
) {
    let mut family = metrics.family(name, Kind::Gauge, help);
    for (kept, record) in rows {
        if let Some(value) = value(kept, record) {
            family.sample(&[("server", kept.name())], value);
        }
    }
}

fn seconds(at: Timestamp) -> Option<Number> {
    u64::try_from(at.as_second()).ok().map(Number::from)
}
