//! The thread of one sink: reads what waits, hands it over, keeps how far it has come.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::board::Seat;
use super::pick::{Parcel, Picker};
use super::place::Place;
use super::sink::{Cause, Record, Sink, Trouble};
use super::{Bell, Stop, sinks};
use crate::backoff::Backoff;
use crate::clock;
use crate::settings::relay::SinkSettings;
use crate::store::fill::{self, Alarm};
use crate::store::log::{self as updates, Entry, Keep, Waiting};
use crate::store::relay::{self, Head, Letter};
use crate::store::{Snapshot, Store, StoreError};
use crate::thread;

/// Updates handed over at once.
const BATCH: usize = 500;

/// Their bytes.
const BATCH_BYTES: u64 = 1 << 20;

/// How patient a sink is with its target; it obeys a target as Telegram obeys what webhooks answer.
const BACKOFF: Backoff =
    Backoff { longest: Duration::from_secs(60), longest_told: Duration::from_secs(3_600) };

/// The pause after the store failed.
const PAUSE: Duration = Duration::from_secs(1);

/// What a sink's thread works with.
pub(super) struct Runner {
    pub(super) settings: SinkSettings,
    pub(super) reader: String,
    pub(super) store: Store,
    pub(super) keep: Keep,
    pub(super) alarm: Alarm,
    pub(super) username: super::Username,
    pub(super) picker: Picker,
    pub(super) stop: Stop,
    pub(super) bell: Bell,
    pub(super) seat: Arc<Seat>,
    pub(super) sink: Box<dyn Sink>,
    pub(super) place: Place,
}

/// What comes after a turn.
enum Then {
    /// There may be more.
    More,
    /// Nothing waits.
    Idle,
    /// The target has to be tried again after this long.
    Rest(Duration),
}

/// What is handed over.
#[derive(Debug, Default)]
struct Batch {
    parcels: Vec<Parcel>,
    /// The keys of dead letters that are sent again; empty for updates of the log.
    keys: Vec<String>,
    /// The sequence the log goes on behind, when all of it is done.
    end: u64,
    /// How many a filter left out.
    skipped: usize,
    /// The bytes of all.
    bytes: u64,
}

impl Runner {
    /// Works until the stop, and keeps how far it has come then.
    pub(super) fn work(mut self) {
        while !self.stop.is_set() {
            let count = self.bell.count();
            let then = self.turn().and_then(|then| {
                self.save_if_due()?;
                Ok(then)
            });
            match then {
                Ok(Then::More) => {}
                Ok(Then::Idle) => {
                    let due = self.place.due(self.keep);
                    let left = due.map(|due| due.saturating_duration_since(Instant::now()));
                    self.bell.wait(count, left);
                }
                Ok(Then::Rest(time)) => self.rest(time),
                Err(error) => {
                    let reason = error.to_string();
                    self.trouble(&format!("cannot go on: {reason}"), &reason);
                    self.stop.rest(PAUSE);
                }
            }
        }
        if let Err(error) = self.save() {
            log::error!("sink `{}`: {error}; some updates will be sent again", self.seat.name());
        }
    }

    /// Waits for `time`, for the stop, or until somebody asks for something.
    fn rest(&self, time: Duration) {
        let until = Instant::now() + time;
        while !self.stop.is_set() {
            let (count, left) =
                (self.bell.count(), until.saturating_duration_since(Instant::now()));
            let asked =
                self.store.snapshot().and_then(|read| relay::asked(&read, self.seat.name()));
            if left.is_zero() || asked.is_ok_and(|asked| asked != self.place.asked) {
                return;
            }
            self.bell.wait(count, Some(left));
        }
    }

    fn turn(&mut self) -> Result<Then, StoreError> {
        let read = self.store.snapshot()?;
        self.learn(&read)?;
        let batch = self.next(&read)?;
        drop(read);
        let Some(batch) = batch else { return Ok(Then::Idle) };
        let (done, cause) = self.hand_over(&batch);
        self.come_to(&batch, done);
        let Some(cause) = cause.filter(|_| !self.stop.is_set()) else {
            self.recovered();
            if !batch.keys.is_empty() {
                self.save()?;
            }
            return Ok(Then::More);
        };
        self.save()?;
        let update_id = batch.parcels.get(done).map(|parcel| parcel.update_id);
        self.failed(update_id, &cause).map(Then::Rest)
    }

    /// What others changed in the store meanwhile.
    fn learn(&mut self, read: &Snapshot) -> Result<(), StoreError> {
        self.place.asked = relay::asked(read, self.seat.name())?;
        let skip = relay::is_skipping(read, self.seat.name())? && !self.place.has_skipped;
        self.place.skip = skip && self.place.failures > 0;
        if skip && !self.place.skip {
            // It went on meanwhile; what comes next is not to suffer for it.
            self.place.has_skipped = true;
            self.place.touch();
        }
        let stored = relay::replaying(read, self.seat.name())?;
        if stored != self.place.stored {
            (self.place.replay, self.place.stored) = (stored, stored);
        }
        let dead = relay::count_dead(read, self.seat.name())? + self.place.dead.len() as u64;
        let mut facts = self.seat.facts();
        (facts.replaying, facts.dead) = (self.place.replay.is_some(), dead);
        Ok(())
    }

    /// What comes next: dead letters that are to be sent again, then the log.
    fn next(&mut self, read: &Snapshot) -> Result<Option<Batch>, StoreError> {
        let again = relay::again(read, self.seat.name(), BATCH, BATCH_BYTES)?;
        if !again.is_empty() {
            let (keys, letters): (Vec<String>, Vec<Letter>) = again.into_iter().unzip();
            let parcels = letters.into_iter().map(|letter| self.picker.wrap(entry(letter)));
            return Ok(Some(Batch { parcels: parcels.collect(), keys, ..Batch::default() }));
        }
        let after = self.place.replay.unwrap_or(self.place.cursor);
        let entries = updates::read_within(read, after, BATCH, BATCH_BYTES)?;
        let (count, Some(end)) = (entries.len(), entries.last().map(|entry| entry.sequence)) else {
            // Nothing is left of what a replay was to begin with.
            if self.place.replay.take().is_some() {
                self.place.touch();
            }
            return Ok(None);
        };
        let bytes = entries.iter().map(|entry| entry.raw.len() as u64).sum();
        let username = (self.username)();
        let pick = |entry| self.picker.pick(entry, username.as_deref());
        let parcels: Vec<Parcel> = entries.into_iter().filter_map(pick).collect();
        let skipped = count - parcels.len();
        Ok(Some(Batch { parcels, keys: Vec::new(), end, skipped, bytes }))
    }

    /// Hands over as much of `batch` as goes: how many are done with, and why no more are.
    fn hand_over(&mut self, batch: &Batch) -> (usize, Option<Cause>) {
        let content_type = self.picker.content_type();
        let records: Vec<Record<'_>> =
            batch.parcels.iter().map(|parcel| parcel.record(content_type)).collect();
        let mut done = 0;
        if self.place.skip && !records.is_empty() {
            (self.place.skip, self.place.has_skipped) = (false, true);
            self.bury(&batch.parcels[0], "left out by `roost relay skip`".to_owned());
            done = 1;
        }
        while done < records.len() {
            let rest = &records[done..];
            let Err(Trouble { confirmed, cause }) = self.deliver(rest) else {
                self.seat.facts().delivered += rest.len() as u64;
                return (records.len(), None);
            };
            let confirmed = confirmed.min(rest.len() - 1);
            self.seat.facts().delivered += confirmed as u64;
            done += confirmed;
            match cause {
                Cause::Refused { reason } => {
                    self.bury(&batch.parcels[done], reason);
                    done += 1;
                }
                cause @ Cause::Again { .. } => return (done, Some(cause)),
            }
        }
        (done, None)
    }

    /// A sink that panics is made anew; it must not take the others with it.
    fn deliver(&mut self, records: &[Record<'_>]) -> Result<(), Trouble> {
        if let Some(result) = thread::catch(|| self.sink.deliver(records)) {
            return result;
        }
        let made = sinks::open(&self.settings, &self.stop);
        self.sink = made.map_err(|why| Trouble::again(0, why))?;
        Err(Trouble::again(0, "the sink failed inside; please report this"))
    }

    /// Makes a dead letter.
    fn bury(&mut self, parcel: &Parcel, reason: String) {
        let mut facts = self.seat.facts();
        let is_new = facts.refusal.as_ref() != Some(&reason);
        let level = if is_new { log::Level::Warn } else { log::Level::Debug };
        let name = self.seat.name();
        log::log!(
            level,
            "sink `{name}`: update {} is refused for good: {reason}; it is kept, see `roost relay \
             dead {name}`",
            parcel.update_id
        );
        facts.dead += 1;
        facts.refusal = Some(reason.clone());
        drop(facts);
        let head = Head {
            sequence: parcel.sequence,
            update_id: parcel.update_id,
            kind: parcel.kind.clone(),
            received: parcel.received,
            refused: clock::now(),
            reason,
        };
        self.place.dead.push(Letter { head, raw: parcel.raw().to_vec() });
    }

    /// The first `done` of `batch` are done with.
    fn come_to(&mut self, batch: &Batch, done: usize) {
        if done > 0 {
            self.place.failures = 0;
        }
        if batch.keys.is_empty() {
            let next = batch.parcels.get(done);
            self.place.go_to(next.map_or(batch.end, |next| next.sequence - 1));
        } else {
            self.place.sent.extend_from_slice(&batch.keys[..done]);
        }
        let is_part = done < batch.parcels.len();
        let bytes = if is_part { of(&batch.parcels[..done]) } else { batch.bytes };
        self.place.note(done, batch.skipped, bytes);
        let mut facts = self.seat.facts();
        facts.cursor = self.place.cursor;
        facts.replaying = self.place.replay.is_some();
    }

    fn save_if_due(&mut self) -> Result<(), StoreError> {
        let due = self.place.due(self.keep);
        if due.is_some_and(|due| due <= Instant::now()) { self.save() } else { Ok(()) }
    }

    /// Keeps how far the sink has come.
    fn save(&mut self) -> Result<(), StoreError> {
        if self.place.since.is_none() {
            return Ok(());
        }
        let (reader, name) = (self.reader.clone(), self.seat.name().to_owned());
        let progress = self.place.progress();
        let dropped = self.store.write(move |tx| relay::save(tx, &reader, &name, &progress))?;
        self.place.saved();
        if dropped > 0 && !self.place.dropped {
            self.place.dropped = true;
            log::warn!(
                "sink `{}`: only its newest {} dead letters are kept, older ones go",
                self.seat.name(),
                relay::DEAD_MAX
            );
        }
        Ok(())
    }

    /// The target takes updates.
    fn recovered(&self) {
        let trouble = self.seat.facts().trouble.take();
        if trouble.is_some() {
            log::info!("sink `{}`: works again; {}", self.seat.name(), self.backlog());
        }
    }

    /// Says once why it does not go on; gives how long to wait.
    fn failed(&mut self, update_id: Option<i64>, cause: &Cause) -> Result<Duration, StoreError> {
        let what = update_id.map_or("updates".to_owned(), |id| format!("update {id}"));
        self.trouble(&format!("cannot publish {what}: {}", cause.reason()), cause.reason());
        self.watch()?;
        self.place.failures = self.place.failures.saturating_add(1);
        let told = match cause {
            Cause::Again { after, .. } => *after,
            Cause::Refused { .. } => None,
        };
        Ok(BACKOFF.after(self.place.failures, told))
    }

    fn trouble(&self, what: &str, reason: &str) {
        let mut facts = self.seat.facts();
        facts.failures += 1;
        let is_new = facts.trouble.replace(reason.to_owned()).as_deref() != Some(reason);
        drop(facts);
        if is_new {
            log::warn!("sink `{}`: {what}; {}", self.seat.name(), self.backlog());
        }
    }

    /// What waits, for the log.
    fn backlog(&self) -> String {
        let read = self.store.snapshot();
        let waiting = read.and_then(|read| updates::waiting(&read, self.place.cursor));
        match waiting {
            Ok(Waiting { entries: 0, .. }) => "nothing waits".to_owned(),
            Ok(Waiting { entries, oldest, .. }) => {
                let age = oldest.map_or(0, |oldest| clock::now().duration_since(oldest).as_secs());
                format!("{entries} wait on disk, oldest {}", spelled(age))
            }
            Err(error) => error.to_string(),
        }
    }

    /// The log may fill by age alone, while no update comes that would notice.
    fn watch(&self) -> Result<(), StoreError> {
        let (keep, alarm) = (self.keep, Arc::clone(&self.alarm));
        if !fill::is_watch_due(&self.store.snapshot()?, keep, clock::now())? {
            return Ok(());
        }
        self.store.write(move |tx| match fill::watch(tx, keep, clock::now())? {
            Some(fill) => alarm(tx, &fill),
            None => Ok(()),
        })
    }
}

/// The bytes of these.
fn of(parcels: &[Parcel]) -> u64 {
    parcels.iter().map(|parcel| parcel.raw().len() as u64).sum()
}

/// The update of a dead letter as it was in the log.
fn entry(letter: Letter) -> Entry {
    let Letter { head, raw } = letter;
    let Head { sequence, update_id, kind, received, .. } = head;
    Entry { sequence, update_id, kind, received, raw }
}

/// A time in its largest whole unit.
fn spelled(seconds: i64) -> String {
    match seconds {
        86_400.. => format!("{} d", seconds / 86_400),
        3_600.. => format!("{} h", seconds / 3_600),
        60.. => format!("{} min", seconds / 60),
        _ => format!("{} s", seconds.max(0)),
    }
}
