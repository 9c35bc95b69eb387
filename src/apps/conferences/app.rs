//! What Conferences plugs into.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::bells::Bells;
use super::board::Board;
use super::errands::Errands;
use super::fleet::{Fleet, Kept, Right};
use super::history::figures::{self, Point, Uptime};
use super::looks::Looks;
use super::store;
use super::watch::Watch;
use crate::apps::{App, Asked, BotPart, Context, Failure, Outcome, Person, Running, Threads, View};
use crate::ids::UserId;
use crate::metrics::Metrics;
use crate::store::{Read, Snapshot, StoreError, Tx};

/// Its name.
pub(super) const NAME: &str = "conferences";

/// Conferences. Cheap to clone: errands and threads have one of their own.
#[derive(Clone)]
pub struct Conferences {
    pub(super) context: Arc<Context>,
    /// The servers.
    pub fleet: Arc<Fleet>,
    /// Asks them what people want to know, after a commit.
    pub errands: Errands,
    /// What they told last.
    pub looks: Looks,
    /// What the checks saw last.
    pub board: Board,
    pub(super) bells: Bells,
}

/// Its line in the list of apps.
pub fn app(context: &Arc<Context>) -> Box<dyn App> {
    Box::new(Conferences::new(context))
}

impl Conferences {
    /// The app over the servers of `context`; nothing is sent, and no thread runs.
    pub fn new(context: &Arc<Context>) -> Self {
        let fleet = Fleet::new(&context.servers);
        Self {
            context: Arc::clone(context),
            errands: Errands::new(&fleet),
            looks: Looks::default(),
            board: Board::new(&fleet),
            bells: Bells::new(&fleet),
            fleet: Arc::new(fleet),
        }
    }
}

impl App for Conferences {
    fn name(&self) -> &'static str {
        NAME
    }

    fn prepare(&self, tx: &Tx) -> Result<(), StoreError> {
        store::prepare(tx, &self.fleet)
    }

    fn subjects(&self, _: &Snapshot) -> Result<Vec<u64>, StoreError> {
        Ok(self.fleet.iter().map(|kept| kept.id.0).collect())
    }

    fn view(&self, read: &Snapshot, id: u64, now: Timestamp) -> Result<Option<View>, StoreError> {
        self.tile(read, id, now)
    }

    fn loaded(&self, _: Option<&str>) -> Option<Value> {
        Some(json!({"type": "servers-loaded"}))
    }

    fn message(&self, tx: &Tx, asked: &Asked, message: &Value) -> Result<Outcome, Failure> {
        self.answer(tx, asked, message)
    }

    fn is_for(&self, person: Option<&Person>) -> bool {
        person.is_some_and(|person| self.fleet.of(person, Right::Look).next().is_some())
    }

    fn named_by_settings(&self) -> Vec<UserId> {
        let named = |kept: &super::fleet::Kept| {
            [&kept.settings.viewers[..], &kept.settings.operators].concat()
        };
        self.fleet.iter().flat_map(named).collect()
    }

    fn due(&self, read: &Snapshot, _: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.next_end(read)
    }

    fn tick(&self, tx: &Tx, now: Timestamp) -> Result<bool, StoreError> {
        self.end_silences(tx, now)
    }

    fn metrics(
        &self,
        read: &Snapshot,
        now: Timestamp,
        metrics: &mut Metrics,
    ) -> Result<(), StoreError> {
        self.measure(read, now, metrics)
    }

    fn bot(&self) -> Option<&dyn BotPart> {
        Some(self)
    }

    fn run(&self, running: &Running) -> std::io::Result<Threads> {
        if self.fleet.is_empty() {
            return Ok(None);
        }
        Ok(Some(Box::new(Watch::start(self, running)?)))
    }
}

/// Points of a curve of response times, a quarter of an hour each: 24 hours.
const CURVE: (usize, usize) = (96, 3);

impl Conferences {
    /// How much of the time a server was up.
    pub(super) fn uptime(
        &self,
        read: &impl Read,
        kept: &Kept,
        now: Timestamp,
    ) -> Result<Uptime, StoreError> {
        figures::uptime(read, &self.board.tail(kept.id), kept.id, now)
    }

    /// How much of the time a server was up, and its response times of the last 24 hours.
    pub(super) fn figures(
        &self,
        read: &impl Read,
        kept: &Kept,
        now: Timestamp,
    ) -> Result<(Uptime, Vec<Point>), StoreError> {
        let tail = self.board.tail(kept.id);
        let uptime = figures::uptime(read, &tail, kept.id, now)?;
        Ok((uptime, figures::curve(read, &tail, kept.id, now, CURVE)?))
    }
}
