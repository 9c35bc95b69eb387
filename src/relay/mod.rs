//! The relay: every update of the log, handed on to other programs, at least once.
//!
//! A *sink* is one target of `relay.sinks`: a broker, a web service or a file. Each has a thread and
//! a cursor of its own, so that one that is slow, hangs or is gone delays nobody else. [`sink`] says
//! what a sink is, [`sinks`] has one module for each kind. The log of updates ([`crate::store::log`])
//! is the only source: what the intake does not write there never leaves.

mod bell;
mod board;
mod pick;
mod place;
mod runner;
pub mod sink;
pub mod sinks;
mod stop;

pub use bell::Bell;
pub use board::{Board, Standing, State, stopped};
pub use pick::{Parcel, Picker};
pub use sink::{Cause, Record, Sink, Trouble};
pub use stop::{Stop, Watch};

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use board::Seat;
use place::Place;
use runner::Runner;

use crate::settings::relay::SinkSettings;
use crate::store::fill::Alarm;
use crate::store::log::{self as updates, Keep};
use crate::store::{Store, StoreError, Tx, relay};
use crate::thread::{self, Handle};

/// How the readers of sinks are called in the log.
const READER: &str = "sink/";

/// How the readers of `roost relay tail` are called there.
const ONLOOKER: &str = "tail/";

/// A stop waits so long for the sinks: a name look-up cannot be ended.
const GRACE: Duration = Duration::from_secs(2);

/// The bot's username, once it is known.
pub type Username = Arc<dyn Fn() -> Option<String> + Send + Sync>;

/// What the relay works with.
pub struct Plan {
    /// The sinks.
    pub sinks: Vec<SinkSettings>,
    /// How much the log keeps.
    pub keep: Keep,
    /// Who is told when it fills.
    pub alarm: Alarm,
    /// The id of the bot.
    pub bot: String,
    /// Its username.
    pub username: Username,
}

/// Owns the threads of the sinks. Dropping it ends what hangs, and keeps how far each has come.
pub struct Relay {
    stop: Stop,
    bell: Bell,
    board: Board,
    /// Closed when the last thread has ended.
    ended: Receiver<()>,
    threads: Vec<Handle>,
}

/// Why the relay cannot start.
#[derive(Debug)]
pub enum StartError {
    /// The database.
    Store(StoreError),
    /// No thread could be made.
    Thread(io::Error),
    /// A sink of this name cannot be made.
    Sink(String, String),
}

/// How the sink `name` is called in the log.
pub fn reader_of(name: &str) -> String {
    format!("{READER}{name}")
}

/// The sink that is called `reader` in the log.
pub fn sink_of(reader: &str) -> Option<&str> {
    reader.strip_prefix(READER)
}

/// How an onlooker is called in the log, until the next start.
pub fn onlooker(number: u64) -> String {
    format!("{ONLOOKER}{number}")
}

/// Whether `reader` is called as an onlooker is.
pub fn is_onlooker(reader: &str) -> bool {
    reader.starts_with(ONLOOKER)
}

impl Relay {
    /// Starts the sinks of `plan`, which `bell` wakes. A new one begins with what comes next; what
    /// is not in the settings any more is forgotten.
    pub fn start(plan: &Plan, store: &Store, bell: &Bell) -> Result<Self, StartError> {
        let names: Vec<String> = plan.sinks.iter().map(|sink| sink.name.clone()).collect();
        store.write(move |tx| settle(tx, &names)).map_err(StartError::Store)?;
        let (stop, (end, ended)) = (Stop::default(), sync_channel(0));
        let seats: Vec<Arc<Seat>> = plan.sinks.iter().map(seat).collect();
        let board = Board::new(seats.clone());
        let mut relay = Self { stop, bell: bell.clone(), board, ended, threads: Vec::new() };
        for (settings, seat) in plan.sinks.iter().zip(seats) {
            let runner = relay.runner(plan, settings, seat, store)?;
            relay.run(runner, end.clone()).map_err(StartError::Thread)?;
        }
        Ok(relay)
    }

    /// How the sinks stand.
    pub fn board(&self) -> &Board {
        &self.board
    }

    fn runner(
        &self,
        plan: &Plan,
        settings: &SinkSettings,
        seat: Arc<Seat>,
        store: &Store,
    ) -> Result<Runner, StartError> {
        let sink = sinks::open(settings, &self.stop);
        let sink = sink.map_err(|why| StartError::Sink(settings.name.clone(), why))?;
        let reader = reader_of(&settings.name);
        let place = place(store, &reader, &settings.name).map_err(StartError::Store)?;
        seat.facts().cursor = place.cursor();
        Ok(Runner {
            picker: Picker::new(settings, &plan.bot),
            settings: settings.clone(),
            reader,
            store: store.clone(),
            keep: plan.keep,
            alarm: Arc::clone(&plan.alarm),
            username: Arc::clone(&plan.username),
            stop: self.stop.clone(),
            bell: self.bell.clone(),
            seat,
            sink,
            place,
        })
    }

    fn run(&mut self, runner: Runner, end: SyncSender<()>) -> io::Result<()> {
        let name = format!("sink-{}", self.threads.len() + 1);
        let thread = thread::spawn(&name, move || {
            runner.work();
            drop(end);
        })?;
        self.threads.push(thread);
        Ok(())
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.stop.set();
        self.bell.ring();
        // Nothing is ever sent: the channel closes with the threads.
        if self.ended.recv_timeout(GRACE) == Err(RecvTimeoutError::Timeout) {
            log::warn!("a sink does not stop; some updates may be sent again after the next start");
            std::mem::forget(std::mem::take(&mut self.threads));
        }
    }
}

fn seat(settings: &SinkSettings) -> Arc<Seat> {
    Arc::new(Seat::new(&settings.name, settings.target.type_name()))
}

fn place(store: &Store, reader: &str, sink: &str) -> Result<Place, StoreError> {
    let read = store.snapshot()?;
    let cursor = updates::cursor(&read, reader)?.unwrap_or(0);
    Ok(Place::of(cursor, relay::replaying(&read, sink)?))
}

/// Makes the readers of the log those of the settings.
fn settle(tx: &Tx, names: &[String]) -> Result<(), StoreError> {
    for (reader, cursor) in updates::readers(tx)? {
        let gone = sink_of(&reader).filter(|name| !names.iter().any(|known| known == name));
        if let Some(name) = gone {
            let waiting = updates::waiting(tx, cursor)?.entries;
            let dead = relay::forget(tx, name)?;
            log::warn!(
                "sink `{name}` is not in the settings any more: {waiting} updates that waited for \
                 it and {dead} dead letters are forgotten"
            );
        }
        if gone.is_some() || is_onlooker(&reader) {
            updates::unregister(tx, &reader)?;
        }
    }
    names.iter().try_for_each(|name| updates::register(tx, &reader_of(name)))
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Thread(error) => write!(f, "cannot start the thread of a sink: {error}"),
            Self::Sink(name, why) => write!(f, "sink `{name}`: {why}"),
        }
    }
}

impl std::error::Error for StartError {}
