//! The timer: sleeps until an app has something to do by itself, and has it done.
//!
//! It wakes for what is due, when a commit rings because that time is another one now, and, while
//! something is due within a day, each minute to see whether somebody has set the clock. It keeps
//! nothing of its own: what was done is in the store, so a restart goes on where the end came.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::apps::Apps;
use crate::store::{Store, StoreError};
use crate::thread::{self, Handle};

/// While something is due within [`SOON`], the clock is looked at this often.
const LOOK: Duration = Duration::from_secs(60);

/// What is due later than this needs no close look at the clock.
const SOON: SignedDuration = SignedDuration::from_hours(24);

/// How often the clock is looked at for what is due later: it may be a small board whose clock is
/// right only once the network is there.
const GLANCE: Duration = Duration::from_secs(600);

/// After a failure of the store, and after a panic, it is tried again after this.
const AGAIN: SignedDuration = SignedDuration::from_secs(30);

/// Tells the time; another one than the system's in tests.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Wakes the timer. Cheap to clone.
#[derive(Clone)]
pub struct Bell(SyncSender<Note>);

/// What hears the bell.
pub struct Hearing(Receiver<Note>);

enum Note {
    /// When something is due may be another time now.
    Rung,
    /// The program ends.
    Stop,
}

impl Bell {
    /// When something is due may be another time now.
    pub fn ring(&self) {
        // Who finds it full need not ring: what is heard later sees this commit, too.
        let _ = self.0.try_send(Note::Rung);
    }
}

/// The bell and what hears it; made before the store, whose commits ring it.
pub fn bell() -> (Bell, Hearing) {
    let (notes, inbox) = sync_channel(1);
    (Bell(notes), Hearing(inbox))
}

/// Owns the thread. Dropping it lets a transaction under way end and begins no other.
pub struct Timer {
    bell: Bell,
    _thread: Handle,
}

impl Timer {
    /// Starts with what became due while nothing ran.
    pub fn start(
        store: Store,
        apps: Arc<Apps>,
        clock: Clock,
        (bell, hearing): (Bell, Hearing),
    ) -> std::io::Result<Self> {
        let ticker = Ticker { store, apps, clock };
        let thread = thread::spawn("timer", move || ticker.run(&hearing.0))?;
        Ok(Self { bell, _thread: thread })
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        // The thread may have gone with a panic of its own.
        drop(self.bell.0.send(Note::Stop));
    }
}

struct Ticker {
    store: Store,
    apps: Arc<Apps>,
    clock: Clock,
}

impl Ticker {
    fn run(&self, inbox: &Receiver<Note>) {
        let (mut seen, mut next) = ((self.clock)(), self.next());
        loop {
            let note = hear(inbox, patience(next, (self.clock)()));
            let now = (self.clock)();
            match note {
                Some(Note::Stop) => return,
                Some(Note::Rung) => next = self.next(),
                // What is due next by a clock that was ahead says nothing.
                None if now < seen => next = self.next(),
                None if next.is_some_and(|at| at <= now) => next = self.tick(),
                None => {}
            }
            seen = now;
        }
    }

    /// When there is something to do.
    fn next(&self) -> Option<Timestamp> {
        let now = (self.clock)();
        let due = self.store.snapshot().and_then(|read| self.apps.due(&read, now));
        due.unwrap_or_else(|error| Some(self.failed(&error)))
    }

    /// Does a part of what is due; when there is something to do again.
    fn tick(&self) -> Option<Timestamp> {
        let (apps, now) = (Arc::clone(&self.apps), (self.clock)());
        match self.store.write(move |tx| apps.tick(tx, now)) {
            Ok(true) => self.next(),
            // It was done by the last part, or cannot be done now: never in a hurry.
            Ok(false) => self.next().map(|at| at.max(now + SignedDuration::from_secs(1))),
            Err(error) => Some(self.failed(&error)),
        }
    }

    fn failed(&self, error: &StoreError) -> Timestamp {
        log::error!("reminders and notices have to wait: {error}");
        (self.clock)() + AGAIN
    }
}

/// How long to sleep before the clock is looked at again, when something is due at `next`.
fn patience(next: Option<Timestamp>, now: Timestamp) -> Duration {
    let Some(next) = next else { return GLANCE };
    let left = next.duration_since(now);
    let most = if left <= SOON { LOOK } else { GLANCE };
    // What is left is negative when it is due already.
    Duration::try_from(left).unwrap_or(Duration::ZERO).min(most)
}

/// The next note, or nothing after `wait`.
fn hear(inbox: &Receiver<Note>, wait: Duration) -> Option<Note> {
    match inbox.recv_timeout(wait) {
        Ok(note) => Some(note),
        Err(RecvTimeoutError::Timeout) => None,
        Err(RecvTimeoutError::Disconnected) => Some(Note::Stop),
    }
}

#[cfg(test)]
mod tests;
