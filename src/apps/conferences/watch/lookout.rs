//! The lookout: one thread that sees to what is not urgent. It has the history written now and then,
//! asks for certificates a few times a day, and begins rounds of tidying.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::apps::Running;
use crate::apps::conferences::alert::Alert;
use crate::apps::conferences::app::Conferences;
use crate::apps::conferences::expiry;
use crate::apps::conferences::fleet::Kept;
use crate::apps::conferences::history::table;
use crate::apps::conferences::history::{Hour, HourNumber};
use crate::apps::conferences::store as records;
use crate::apps::conferences::tidy::{self, Round};
use crate::clock;
use crate::settings::Scheme;
use crate::store::{Store, StoreError, Tx};
use crate::thread::{self, Handle};
use crate::trueconf::Fault;

/// How often checks are written, which is what a crash loses of them. A write costs some 25 KB and a
/// third of one for each server and hour: a megabyte a day is what cards of small boards should bear.
const WRITE: Duration = Duration::from_secs(2 * 3_600);

/// They are written so long after an hour has ended, and without the hour that has begun: a row
/// that were written half would have to be written again.
const AFTER: Duration = Duration::from_secs(5);

/// How often the history is thinned out, after the first time.
const THIN: Duration = Duration::from_secs(86_400);

/// How often certificates are asked for …
const CERTIFICATE: Duration = Duration::from_secs(6 * 3_600);

/// … and while none was seen.
const NO_CERTIFICATE: Duration = Duration::from_secs(600);

/// At the start, servers are left alone for a moment: first it has to be known whether they are up.
const SETTLING: Duration = Duration::from_secs(2);

/// Notes that may wait: the end of a round of each server, and the end of all.
const NOTES: usize = 1_024;

/// Owns the thread. Dropping it writes what was not written yet, and joins.
pub(super) struct Lookout {
    notes: SyncSender<Note>,
    _thread: Handle,
}

enum Note {
    /// The round of the server at this place is over; something is due then.
    Tidied(usize, Option<Timestamp>),
    Stop,
}

impl Lookout {
    pub fn start(app: &Conferences, running: &Running) -> io::Result<Self> {
        let (notes, inbox) = sync_channel(NOTES);
        let now = Instant::now();
        let duties = |kept: &Kept| Duties {
            certificate: (kept.settings.scheme == Scheme::Https).then_some(now + SETTLING),
            tidy: tidy::pause(kept).map(|_| now + SETTLING),
        };
        let work = Work {
            app: app.clone(),
            store: running.store.clone(),
            notes: notes.clone(),
            write: now + until_write(clock::now()),
            thin: now + WRITE,
            duties: app.fleet.iter().map(duties).collect(),
        };
        work.resume();
        let thread = thread::spawn("lookout", move || work.run(&inbox))?;
        Ok(Self { notes, _thread: thread })
    }
}

impl Drop for Lookout {
    fn drop(&mut self) {
        // The thread may have gone with a panic of its own.
        drop(self.notes.send(Note::Stop));
    }
}

/// What is due of one server, and when.
struct Duties {
    certificate: Option<Instant>,
    /// None while a round is under way, or if it is not tidied.
    tidy: Option<Instant>,
}

struct Work {
    app: Conferences,
    store: Store,
    notes: SyncSender<Note>,
    write: Instant,
    thin: Instant,
    duties: Vec<Duties>,
}

impl Work {
    fn run(mut self, inbox: &Receiver<Note>) {
        loop {
            let rest = self.next().saturating_duration_since(Instant::now());
            match inbox.recv_timeout(rest) {
                Ok(Note::Tidied(place, due)) => self.tidied(place, due),
                Ok(Note::Stop) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    if thread::catch(|| self.act()).is_none() {
                        log::error!("looking after servers ended in a panic; it goes on");
                        self.put_off();
                    }
                }
            }
        }
        self.write(HourNumber(i64::MAX));
    }

    /// When something is due.
    fn next(&self) -> Instant {
        let of_servers = self.duties.iter().flat_map(|duties| [duties.certificate, duties.tidy]);
        of_servers.flatten().chain([self.write, self.thin]).min().unwrap_or(self.write)
    }

    /// Does everything that is due.
    fn act(&mut self) {
        let now = Instant::now();
        if self.write <= now {
            self.write = now + until_write(clock::now());
            self.write(HourNumber::of(clock::now()).0);
        }
        if self.thin <= now {
            self.thin = now + THIN;
            self.thin();
        }
        let app = self.app.clone();
        for (place, kept) in app.fleet.iter().enumerate() {
            if self.duties[place].certificate.is_some_and(|due| due <= now) {
                self.duties[place].certificate = Some(now + self.ask_certificate(kept));
            }
            if self.duties[place].tidy.is_some_and(|due| due <= now) {
                self.duties[place].tidy = self.begin_round(place, kept).then(|| {
                    // It could not begin now.
                    now + tidy::pause(kept).unwrap_or(WRITE)
                });
            }
        }
    }

    /// After a panic nothing is tried again at once.
    fn put_off(&mut self) {
        let later = Instant::now() + Duration::from_secs(60);
        self.write = self.write.max(later);
        self.thin = self.thin.max(later);
        for duties in &mut self.duties {
            for due in [&mut duties.certificate, &mut duties.tidy] {
                *due = due.map(|due| due.max(later));
            }
        }
    }

    fn is_monitored(&self, kept: &Kept) -> bool {
        let record = self.store.snapshot().and_then(|read| records::find(&read, kept));
        record.is_ok_and(|record| record.is_monitored(kept.settings.monitored))
    }

    /// Goes on with the hour a former run has begun.
    fn resume(&self) {
        let (hour, _) = HourNumber::of(clock::now());
        for kept in self.app.fleet.iter() {
            let found = self.store.snapshot().and_then(|read| table::find(&read, kept.id, hour));
            if let Ok(Some(Hour::Raw(samples))) = found {
                self.app.board.resume(kept.id, hour, samples);
            }
        }
    }

    /// Writes the checks that are only in memory, all those before `end` in one transaction.
    fn write(&self, end: HourNumber) {
        let hours = self.app.board.unwritten(end);
        if hours.is_empty() {
            return;
        }
        let all = hours.clone();
        let written = self.store.write(move |tx| table::write(tx, &all));
        match written {
            Ok(()) => self.app.board.written(&hours, clock::now()),
            Err(error) => log::error!("checks of servers cannot be written: {error}"),
        }
    }

    /// Thins the history out, some hours in each transaction.
    fn thin(&self) {
        let now = clock::now();
        let thinned = || -> Result<(), StoreError> {
            while table::is_stale(&self.store.snapshot()?, now)? {
                self.store.write(move |tx| table::thin(tx, now))?;
            }
            Ok(())
        };
        if let Err(error) = thinned() {
            log::error!("old checks of servers cannot be thinned out: {error}");
        }
    }

    /// Has the certificate of a server looked at; when to do so again.
    fn ask_certificate(&self, kept: &Kept) -> Duration {
        if !self.is_monitored(kept) {
            return NO_CERTIFICATE;
        }
        let (app, of) = (self.app.clone(), kept.clone());
        self.app.errands.send_unasked(
            kept.id,
            crate::trueconf::Client::certificate_expiry,
            move |tx, found, now| certificate(&app, tx, &of, *found, now),
        );
        let read = self.store.snapshot().and_then(|read| records::find(&read, kept));
        let is_known = read.is_ok_and(|record| record.certificate.is_some());
        if is_known { CERTIFICATE } else { NO_CERTIFICATE }
    }

    /// Begins a round of tidying; true if it has to be tried again later.
    fn begin_round(&self, place: usize, kept: &Kept) -> bool {
        if !self.is_monitored(kept) {
            return true;
        }
        let (notes, round) =
            (self.notes.clone(), Round { app: self.app.clone(), kept: kept.clone() });
        let begun = self.app.errands.run_unasked(
            kept.id,
            Box::new(move |client, store| {
                let due = thread::catch(|| round.run(client, store)).flatten();
                drop(notes.send(Note::Tidied(place, due)));
            }),
        );
        !begun
    }

    /// The next round of a server comes after its pause, or when something is due before.
    fn tidied(&mut self, place: usize, due: Option<Timestamp>) {
        let app = self.app.clone();
        let Some(kept) = app.fleet.iter().nth(place) else { return };
        let Some(pause) = tidy::pause(kept) else { return };
        let left = due.map(|due| due.duration_since(clock::now()).try_into().unwrap_or_default());
        let rest = left.map_or(pause, |left: Duration| left.min(pause));
        self.duties[place].tidy = Some(Instant::now() + rest.max(Duration::from_secs(1)));
    }
}

/// How long it is until checks are written next.
fn until_write(now: Timestamp) -> Duration {
    let every = WRITE.as_secs().cast_signed();
    let left = every - now.as_second().rem_euclid(every);
    Duration::from_secs(left.unsigned_abs()) + AFTER
}

/// Keeps when a certificate expires, and tells people when that is soon.
pub(in crate::apps::conferences) fn certificate(
    app: &Conferences,
    tx: &Tx,
    kept: &Kept,
    found: Result<Option<Timestamp>, Fault>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Ok(Some(expires)) = found else { return Ok(()) };
    let mut record = records::find(tx, kept)?;
    if !record.is_monitored(kept.settings.monitored) {
        return Ok(());
    }
    let mut certificate = expiry::seen(record.certificate, expires);
    if let Some(days) = expiry::due(&certificate, now) {
        certificate.told = Some(days);
        app.tell(tx, kept, Alert::Certificate(expires, expiry::days_left(expires, now)), now)?;
    }
    if record.certificate != Some(certificate) {
        record.certificate = Some(certificate);
        records::save(tx, kept, &record)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_are_written_right_after_every_second_hour() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        for (now, next) in [
            ("2026-03-01T12:00:00Z", "2026-03-01T14:00:05Z"),
            ("2026-03-01T12:00:05Z", "2026-03-01T14:00:05Z"),
            ("2026-03-01T13:59:59.9Z", "2026-03-01T14:00:05Z"),
            ("2026-03-01T23:10:00Z", "2026-03-02T00:00:05Z"),
        ] {
            let due = at(now) + until_write(at(now));
            assert_eq!(due.as_second(), at(next).as_second(), "at {now}");
        }
    }
}
