//! The sender: one thread plans what leaves next, a few deliver it, one fetches files.
//!
//! A message leaves the outbox after Telegram took it or refused it for good. While it is under
//! way its chat waits, others do not; whispers, whose texts are in memory only, take their turns
//! among the replies. A call that stalls holds one of the workers, of which some
//! are kept for what is urgent. A kill repeats at most the replies that were under way.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use super::client::Client;
use super::contact::Contact;
use super::courier::{Courier, Delivered, STORE_AGAIN, Settlement};
pub use super::letter::{Fetch, fetch, post, post_in, post_until};
use super::pace::Limits;
use super::patience::BACKOFF;
use super::schedule::{Due, End, Next, Schedule, Spot};
use super::whisper;
use crate::apps::Apps;
use crate::clock;
use crate::store::outbox::{self, Key, Lane};
use crate::store::{Store, StoreError};
use crate::thread::{self, Handle};

/// Messages on their way at the same time; thirty a second need one or two on a good line.
const WORKERS: usize = 4;

/// Heads read from the outbox at once.
const PAGE: usize = 1000;

/// How the sender treats Telegram; the defaults are right for the real one.
#[derive(Clone, Copy, Debug)]
pub struct Tuning {
    /// A call that takes longer is given up, so that it holds up others no longer than 45 s.
    pub deadline: Duration,
    /// While the token is not accepted it is tried this often.
    pub probe: Duration,
    /// At the end, calls on their way may take this long to be answered.
    pub grace: Duration,
    /// How fast messages leave.
    pub limits: Limits,
    /// How long to wait after failures in a row, or as Telegram tells.
    pub wait: fn(failures: u32, told: Option<Duration>) -> Duration,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(40),
            probe: Duration::from_secs(60),
            grace: Duration::from_secs(2),
            limits: Limits::default(),
            wait: |failures, told| BACKOFF.after(failures, told),
        }
    }
}

/// Wakes the sender. Cheap to clone.
#[derive(Clone)]
pub struct Bell {
    rung: Arc<AtomicBool>,
    notes: SyncSender<Note>,
}

/// What hears the bell.
pub struct Hearing {
    rung: Arc<AtomicBool>,
    inbox: Receiver<Note>,
    notes: SyncSender<Note>,
}

/// What the planning thread is told.
enum Note {
    /// There is something new in the outbox.
    Rung,
    /// A worker is free again.
    Done(usize, Delivered),
    /// The program ends.
    Stop,
}

impl Bell {
    /// There is something new in the outbox.
    pub fn ring(&self) {
        if !self.rung.swap(true, Ordering::SeqCst) {
            // Never full: it has room for the bell, each worker and the end.
            let _ = self.notes.try_send(Note::Rung);
        }
    }
}

/// The bell and what hears it; made before the store, whose commits ring it.
pub fn bell() -> (Bell, Hearing) {
    let (notes, inbox) = sync_channel(WORKERS + 3);
    let rung = Arc::new(AtomicBool::new(false));
    (Bell { rung: Arc::clone(&rung), notes: notes.clone() }, Hearing { rung, inbox, notes })
}

/// Owns the sender's threads. Dropping it sends nothing more, gives calls on their way a moment
/// and aborts them then; they stay in the outbox.
pub struct Sender {
    bell: Bell,
    _thread: Handle,
}

impl Sender {
    /// Starts with what an earlier run left behind.
    pub fn start(
        client: Client,
        store: Store,
        apps: Arc<Apps>,
        contact: Arc<Contact>,
        bell: (Bell, Hearing),
    ) -> std::io::Result<Self> {
        Self::start_with(Tuning::default(), client, store, apps, contact, bell)
    }

    /// The same for a Telegram with other manners.
    pub fn start_with(
        tuning: Tuning,
        client: Client,
        store: Store,
        apps: Arc<Apps>,
        contact: Arc<Contact>,
        (bell, hearing): (Bell, Hearing),
    ) -> std::io::Result<Self> {
        let Tuning { deadline, probe, .. } = tuning;
        let courier = Courier { client, store, apps, contact, deadline, probe };
        let mut workers = Vec::new();
        for number in 1..=WORKERS {
            let name = format!("sender-{number}");
            workers.push(Worker::start(&name, workers.len(), &courier, &hearing.notes)?);
        }
        workers.push(Worker::start("sender-files", workers.len(), &courier, &hearing.notes)?);
        let planner = Planner {
            courier,
            hearing,
            schedule: Schedule::new(tuning.limits, WORKERS, tuning.wait),
            free: (0..WORKERS).collect(),
            workers,
            under_way: HashMap::new(),
            read: [0; 5],
            unread: true,
            forgotten: Vec::new(),
            debts: Vec::new(),
            grace: tuning.grace,
            stop_by: None,
        };
        let thread = thread::spawn("sender", move || planner.work())?;
        Ok(Self { bell, _thread: thread })
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        // The planning thread may have gone with a panic of its own.
        drop(self.bell.notes.send(Note::Stop));
    }
}

/// A thread that delivers one message at a time.
struct Worker {
    jobs: SyncSender<Due>,
    _thread: Handle,
}

impl Worker {
    fn start(
        name: &str,
        number: usize,
        courier: &Courier,
        notes: &SyncSender<Note>,
    ) -> std::io::Result<Self> {
        let (jobs, inbox) = sync_channel::<Due>(1);
        let (courier, notes) = (courier.clone(), notes.clone());
        let thread = thread::spawn(name, move || {
            for due in inbox {
                if notes.send(Note::Done(number, courier.deliver(&due))).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { jobs, _thread: thread })
    }
}

/// The planning thread.
struct Planner {
    courier: Courier,
    hearing: Hearing,
    schedule: Schedule,
    /// The last one fetches files.
    workers: Vec<Worker>,
    free: Vec<usize>,
    /// What each worker delivers.
    under_way: HashMap<usize, Spot>,
    /// The last number read of each lane.
    read: [u64; 5],
    /// There may be more in the outbox.
    unread: bool,
    /// To be removed from the outbox.
    forgotten: Vec<Key>,
    /// Deliveries whose end the disk did not take yet.
    debts: Vec<(Spot, End, Settlement)>,
    grace: Duration,
    stop_by: Option<Instant>,
}

impl Planner {
    fn work(mut self) {
        loop {
            let rest = self.pass();
            if self.stop_by.is_some() && self.under_way.is_empty() {
                return;
            }
            self.hear(rest);
        }
    }

    /// Does what can be done now; gives how long to wait for news.
    fn pass(&mut self) -> Option<Instant> {
        let again = Instant::now() + STORE_AGAIN;
        if let Some(stop_by) = self.stop_by {
            return self.stop(stop_by);
        }
        if self.unread
            && let Err(error) = self.load()
        {
            log::error!("cannot read the outbox: {error}");
            return Some(again);
        }
        self.pay_debts();
        let rest = self.dispatch();
        self.forget();
        if self.debts.is_empty() { rest } else { Some(rest.map_or(again, |at| at.min(again))) }
    }

    /// Reads the heads of what was posted since the last time.
    fn load(&mut self) -> Result<(), StoreError> {
        let read = self.courier.store.snapshot()?;
        for lane in Lane::ALL {
            loop {
                let rows = outbox::next(&read, lane, self.read[lane as usize], PAGE)?;
                for (key, head) in &rows {
                    self.read[lane as usize] = key.number;
                    if !self.schedule.add(*key, head) {
                        log::warn!("too many replies wait for one chat; one is dropped");
                        self.forgotten.push(*key);
                    }
                }
                if rows.len() < PAGE {
                    break;
                }
            }
        }
        for (key, head) in self.courier.whispers().fresh() {
            if !self.schedule.add(key, &head) {
                log::warn!("too many replies wait for one chat; a one-time message is given up");
                self.forgotten.push(key);
            }
        }
        self.unread = false;
        Ok(())
    }

    /// Gives messages to free workers until there is a reason to wait.
    fn dispatch(&mut self) -> Option<Instant> {
        loop {
            match self.schedule.next(Instant::now(), clock::now()) {
                Next::Send(due) => self.hand_over(due),
                Next::Expired(key) => {
                    log::debug!("a message waited too long and is dropped");
                    self.forgotten.push(key);
                }
                Next::Rest(until) => return until,
            }
        }
    }

    fn hand_over(&mut self, due: Due) {
        let files = WORKERS;
        let worker = if due.spot == Spot::Files {
            files
        } else {
            self.free.pop().expect("the schedule knows how many workers there are")
        };
        self.under_way.insert(worker, due.spot);
        // A worker takes its next job only after its last: there is room.
        drop(self.workers[worker].jobs.send(due));
    }

    fn hear(&mut self, until: Option<Instant>) {
        let inbox = &self.hearing.inbox;
        let note = match until {
            Some(until) => inbox.recv_timeout(until.saturating_duration_since(Instant::now())),
            // Our own notes keep the channel open.
            None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        let mut next = note.ok();
        while let Some(note) = next {
            self.take(note);
            next = self.hearing.inbox.try_recv().ok();
        }
    }

    fn take(&mut self, note: Note) {
        match note {
            Note::Rung => {
                // Before reading, so that what comes meanwhile rings again.
                self.hearing.rung.store(false, Ordering::SeqCst);
                self.unread = true;
            }
            Note::Done(worker, delivered) => self.returned(worker, delivered),
            Note::Stop => self.stop_by = Some(Instant::now() + self.grace),
        }
    }

    fn returned(&mut self, worker: usize, delivered: Delivered) {
        let Some(spot) = self.under_way.remove(&worker) else { return };
        if worker < WORKERS {
            self.free.push(worker);
        }
        match delivered.debt {
            None => self.ended(spot, delivered.end),
            // For the schedule it is still on its way: the more of these, the less is sent.
            Some(debt) => self.debts.push((spot, delivered.end, debt)),
        }
    }

    fn ended(&mut self, spot: Spot, end: End) {
        let forgotten = self.schedule.done(spot, end, Instant::now());
        self.forgotten.extend(forgotten);
    }

    fn pay_debts(&mut self) {
        for (spot, end, debt) in std::mem::take(&mut self.debts) {
            if self.courier.write(&debt) {
                self.ended(spot, end);
            } else {
                self.debts.push((spot, end, debt));
            }
        }
    }

    /// Removes what is not sent any more; what stays by a failure is looked at after a start.
    fn forget(&mut self) {
        let forgotten = std::mem::take(&mut self.forgotten);
        let (whispers, keys): (Vec<Key>, Vec<Key>) =
            forgotten.into_iter().partition(|key| self.courier.whispers().holds(*key));
        for key in whispers {
            let unsaid = Settlement::Whispered(key, whisper::End::Refused);
            if !self.courier.write(&unsaid) {
                self.forgotten.push(key);
            }
        }
        if keys.is_empty() {
            return;
        }
        let store = &self.courier.store;
        let removed =
            store.write(move |tx| keys.iter().try_for_each(|key| outbox::remove(tx, *key)));
        if let Err(error) = removed {
            log::error!("cannot clear the outbox: {error}");
        }
    }

    /// Waits for calls on their way, then aborts them.
    fn stop(&mut self, by: Instant) -> Option<Instant> {
        self.pay_debts();
        self.forget();
        if Instant::now() < by {
            return Some(by);
        }
        self.courier.client.abort();
        None
    }
}
