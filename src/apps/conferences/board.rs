//! What the checks saw last, in memory: for the judgement of our own network, for pages and metrics.
//!
//! Checkers write here and everybody reads. The lock is held for a look, never while anything is asked.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::fleet::{Fleet, ServerId};
use super::history::{Hour, HourNumber, Kind, Sample, Tail};
use super::network::{self, Other};
use crate::trueconf::Fault;

/// The last check of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When.
    pub at: Timestamp,
    /// How long the answer took, or why there was none.
    pub answer: Result<Duration, Fault>,
    /// Whether nothing can be known of the server, because our own network is gone.
    pub is_blind: bool,
}

/// The last check of every server. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Board(Arc<Mutex<Vec<Slate>>>);

#[derive(Clone, Debug)]
struct Slate {
    server: ServerId,
    /// Whether it is checked; a check of before says nothing.
    is_on: bool,
    seen: Option<Seen>,
    tail: Tail,
    /// Checks since the start.
    good: u64,
    failed: u64,
}

impl Board {
    /// Nothing seen yet.
    pub fn new(fleet: &Fleet) -> Self {
        let slate = |server| Slate {
            server,
            is_on: false,
            seen: None,
            tail: Tail::default(),
            good: 0,
            failed: 0,
        };
        Self(Arc::new(Mutex::new(fleet.iter().map(|kept| slate(kept.id)).collect())))
    }

    /// The last check of a server that is checked.
    pub fn seen(&self, server: ServerId) -> Option<Seen> {
        self.look(server, |slate| slate.seen.filter(|_| slate.is_on)).flatten()
    }

    /// Good and failed checks since the start.
    pub fn counts(&self, server: ServerId) -> (u64, u64) {
        self.look(server, |slate| (slate.good, slate.failed)).unwrap_or_default()
    }

    /// The checks that are not in the table of the history, or not all.
    pub fn tail(&self, server: ServerId) -> Tail {
        self.look(server, |slate| slate.tail.clone()).unwrap_or_default()
    }

    /// A check begins to be made, or no longer is.
    pub(super) fn switch(&self, server: ServerId, is_on: bool) {
        self.look(server, |slate| {
            if slate.is_on != is_on {
                slate.tail.pause();
                slate.seen = None;
            }
            slate.is_on = is_on;
        });
    }

    /// A check was made.
    pub(super) fn note(&self, server: ServerId, seen: Seen) {
        self.look(server, |slate| {
            slate.seen = Some(seen);
            match seen.answer {
                Ok(_) => slate.good += 1,
                Err(_) => slate.failed += 1,
            }
        });
    }

    /// What a check turned out to be, and, if that is known now, the failed ones before it.
    pub(super) fn record(
        &self,
        server: ServerId,
        at: Timestamp,
        (kind, settled): (Kind, Option<&dyn Fn(Timestamp) -> Kind>),
        every: Duration,
    ) {
        self.look(server, |slate| {
            slate.tail.push(at, kind, every);
            if let Some(settled) = settled {
                slate.tail.settle(settled);
            }
        });
    }

    /// Goes on with an hour that a former run began.
    pub(super) fn resume(&self, server: ServerId, hour: HourNumber, samples: Vec<Sample>) {
        self.look(server, |slate| slate.tail.resume(hour, samples));
    }

    /// What has to be written of every server, of the hours before `end`.
    pub(super) fn unwritten(&self, end: HourNumber) -> Vec<Unwritten> {
        let hours = |slate: &Slate| (slate.server, slate.tail.unwritten(end));
        let mut all: Vec<Unwritten> = self.lock().iter().map(hours).collect();
        all.retain(|(_, hours)| !hours.is_empty());
        all
    }

    /// This is written.
    pub(super) fn written(&self, all: &[Unwritten], now: Timestamp) {
        for (server, hours) in all {
            self.look(*server, |slate| slate.tail.written(hours, now));
        }
    }

    /// The last check of each other server that is checked.
    pub(super) fn others(&self, server: ServerId) -> Vec<(ServerId, Option<Other>)> {
        let other = |seen: Seen| Other {
            at: seen.at,
            answered: seen.answer.map_or_else(network::answers, |_| true),
        };
        let slates = self.lock();
        let others = slates.iter().filter(|slate| slate.is_on && slate.server != server);
        others.map(|slate| (slate.server, slate.seen.map(other))).collect()
    }

    fn look<T>(&self, server: ServerId, look: impl FnOnce(&mut Slate) -> T) -> Option<T> {
        self.lock().iter_mut().find(|slate| slate.server == server).map(look)
    }

    /// The slates stay whole through a panic: no change of them can panic half-way.
    fn lock(&self) -> MutexGuard<'_, Vec<Slate>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hours of a server to be written.
pub(super) type Unwritten = (ServerId, Vec<(HourNumber, Hour)>);
