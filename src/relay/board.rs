//! How the sinks stand: kept by their threads, read by whoever is asked.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;

use super::reader_of;
use crate::metrics::{Kind, Metrics};
use crate::store::log::{self, Waiting};
use crate::store::{Read, StoreError, relay};

/// All sinks. Clones are the same board.
#[derive(Clone, Debug, Default)]
pub struct Board(Arc<[Arc<Seat>]>);

/// One sink's place on the board.
#[derive(Debug)]
pub(super) struct Seat {
    name: String,
    kind: &'static str,
    facts: Mutex<Facts>,
}

/// What the thread of a sink knows.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// Done with everything up to this sequence, also what is not saved yet.
    pub(super) cursor: u64,
    /// Whether it is sent older updates again.
    pub(super) replaying: bool,
    /// Dead letters, also those not saved yet.
    pub(super) dead: u64,
    /// Why the last try failed, if it did.
    pub(super) trouble: Option<String>,
    /// Updates confirmed since the start.
    pub(super) delivered: u64,
    /// Tries that failed since the start.
    pub(super) failures: u64,
    /// The last dead letter's reason.
    pub(super) refusal: Option<String>,
}

/// How a sink stands at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// What it does.
    pub state: State,
    /// Updates that wait for it.
    pub lag: u64,
    /// Since when the oldest of them waits; 0 when nothing does.
    pub oldest_seconds: u64,
    /// Dead letters.
    pub dead: u64,
    /// The trouble it is in, else why it refused the last dead letter.
    pub last_error: Option<String>,
    /// Whether it is sent older updates again.
    #[serde(skip)]
    pub replaying: bool,
    /// Updates confirmed since the start.
    #[serde(skip)]
    pub delivered: u64,
    /// Tries that failed since the start.
    #[serde(skip)]
    pub failures: u64,
}

/// What a sink does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It takes what comes.
    Ok,
    /// Its last try failed; the next follows.
    Retrying,
    /// It is sent older updates again.
    Replaying,
    /// No server runs.
    Stopped,
}

impl Board {
    pub(super) fn new(seats: Vec<Arc<Seat>>) -> Self {
        Self(seats.into())
    }

    /// Whether there are no sinks at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The last sequence that the sink `name` is done with.
    pub fn cursor(&self, name: &str) -> Option<u64> {
        self.0.iter().find(|seat| seat.name == name).map(|seat| seat.facts().cursor)
    }

    /// How every sink stands.
    pub fn standings(&self, read: &impl Read, now: Timestamp) -> Result<Vec<Standing>, StoreError> {
        self.0.iter().map(|seat| seat.standing(read, now)).collect()
    }

    /// The same as numbers.
    pub fn metrics(
        &self,
        read: &impl Read,
        now: Timestamp,
        metrics: &mut Metrics,
    ) -> Result<(), StoreError> {
        type Of = fn(&Standing) -> u64;
        let families: [(_, _, _, Of); 6] = [
            ("roost_relay_lag_updates", Kind::Gauge, "Updates that wait for a sink.", |s| s.lag),
            (
                "roost_relay_oldest_seconds",
                Kind::Gauge,
                "Age of the oldest update that waits for a sink, 0 without one.",
                |s| s.oldest_seconds,
            ),
            (
                "roost_relay_dead_letters",
                Kind::Gauge,
                "Updates that a sink refused for good.",
                |s| s.dead,
            ),
            (
                "roost_relay_up",
                Kind::Gauge,
                "1 while a sink takes updates, 0 while it is tried again.",
                |s| u64::from(s.state != State::Retrying),
            ),
            (
                "roost_relay_delivered_total",
                Kind::Counter,
                "Updates that a sink has confirmed.",
                |s| s.delivered,
            ),
            (
                "roost_relay_failures_total",
                Kind::Counter,
                "Tries to hand updates to a sink that failed.",
                |s| s.failures,
            ),
        ];
        let standings = self.standings(read, now)?;
        for (name, kind, help, of) in families {
            let mut family = metrics.family(name, kind, help);
            for standing in &standings {
                let labels = [("sink", standing.name.as_str()), ("type", standing.kind)];
                family.sample(&labels, of(standing));
            }
        }
        Ok(())
    }
}

impl Seat {
    pub(super) fn new(name: &str, kind: &'static str) -> Self {
        Self { name: name.to_owned(), kind, facts: Mutex::default() }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn standing(&self, read: &impl Read, now: Timestamp) -> Result<Standing, StoreError> {
        let facts = self.facts().clone();
        let waiting = log::waiting(read, facts.cursor)?;
        let state = match &facts.trouble {
            Some(_) => State::Retrying,
            None if facts.replaying => State::Replaying,
            None => State::Ok,
        };
        Ok(Standing {
            name: self.name.clone(),
            kind: self.kind,
            state,
            lag: waiting.entries,
            oldest_seconds: oldest(&waiting, now),
            dead: facts.dead,
            last_error: facts.trouble.or(facts.refusal.filter(|_| facts.dead > 0)),
            replaying: facts.replaying,
            delivered: facts.delivered,
            failures: facts.failures,
        })
    }
}

/// How a sink stands that no server works for.
pub fn stopped(
    read: &impl Read,
    name: &str,
    kind: &'static str,
    now: Timestamp,
) -> Result<Standing, StoreError> {
    let waiting = match log::cursor(read, &reader_of(name))? {
        Some(cursor) => log::waiting(read, cursor)?,
        None => Waiting::default(),
    };
    Ok(Standing {
        name: name.to_owned(),
        kind,
        state: State::Stopped,
        lag: waiting.entries,
        oldest_seconds: oldest(&waiting, now),
        dead: relay::count_dead(read, name)?,
        last_error: None,
        replaying: relay::replaying(read, name)?.is_some(),
        delivered: 0,
        failures: 0,
    })
}

fn oldest(waiting: &Waiting, now: Timestamp) -> u64 {
    let age = waiting.oldest.map_or(0, |oldest| now.duration_since(oldest).as_secs());
    age.max(0).unsigned_abs()
}
