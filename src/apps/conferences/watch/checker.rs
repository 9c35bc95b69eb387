//! The checker of one server: asks whether it is up, as often as the settings say, and never dies.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Instant;

use jiff::Timestamp;

use super::reach::Reach;
use super::verdict;
use crate::apps::conferences::app::Conferences;
use crate::apps::conferences::bells::Note;
use crate::apps::conferences::board::Seen;
use crate::apps::conferences::fleet::Kept;
use crate::apps::conferences::history::Kind;
use crate::apps::conferences::network::{self, Network};
use crate::apps::conferences::pulse::{Damping, Pulse, Turn};
use crate::apps::conferences::record::{Record, State, Window};
use crate::apps::conferences::store;
use crate::clock;
use crate::store::{Store, StoreError, Subject};
use crate::thread;
use crate::trueconf::Fault;

/// The first checks of all servers are spread over this part of the time between two.
const FIRST: u32 = 20;

/// What one server's checker works with.
pub(super) struct Checker {
    pub app: Conferences,
    pub kept: Kept,
    pub store: Store,
    pub reach: Arc<Reach>,
    pub show: Arc<dyn Fn(Subject) + Send + Sync>,
}

/// What a checker knows while its server is checked.
struct Watching {
    pulse: Pulse,
    windows: Vec<Window>,
    /// When the next check is due.
    next: Instant,
}

/// What to do after a rest.
enum Then {
    Check,
    Look,
    End,
}

impl Checker {
    /// Checks until the program ends. A panic costs one check.
    pub fn work(self, inbox: &Receiver<Note>) {
        let mut watching: Option<Watching> = None;
        let mut then = Then::Look;
        loop {
            let done = thread::catch(|| match then {
                Then::Check => watching.as_mut().is_none_or(|watching| self.check(watching)),
                Then::Look => self.look(&mut watching),
                Then::End => false,
            });
            match done {
                Some(true) => {}
                Some(false) => return,
                None => self.stumble(watching.as_mut()),
            }
            then = rest(inbox, watching.as_ref().map(|watching| watching.next));
        }
    }

    fn damping(&self) -> Damping {
        let settings = &self.kept.settings;
        Damping {
            down_after: settings.down_after,
            up_after: settings.up_after,
            every: settings.every,
        }
    }

    /// Looks at what people chose, and begins or ends watching. Always goes on.
    fn look(&self, watching: &mut Option<Watching>) -> bool {
        let record = match self.store.snapshot().and_then(|read| store::find(&read, &self.kept)) {
            Ok(record) => record,
            Err(StoreError::Stopped) => return true,
            Err(error) => {
                log::error!("server `{}`: cannot read its choices: {error}", self.kept.name());
                return true;
            }
        };
        let is_on = record.is_monitored(self.kept.settings.monitored);
        self.app.board.switch(self.kept.id, is_on);
        if !is_on {
            *watching = None;
            self.forget(&record);
            return true;
        }
        match watching {
            Some(watching) if watching.pulse.confirmed() == record.confirmed => {
                watching.windows = record.windows;
            }
            // Just begun; or it was off and on again faster than anybody looked.
            watching => *watching = Some(self.begin(record)),
        }
        true
    }

    fn begin(&self, record: Record) -> Watching {
        let spread = self.kept.settings.every / FIRST * u32::from(chance()) / 255;
        Watching {
            pulse: Pulse::new(record.confirmed),
            windows: record.windows,
            next: Instant::now() + spread,
        }
    }

    /// How it stood means nothing once it is not checked.
    fn forget(&self, record: &Record) {
        if record.confirmed == State::Unknown && record.outage.is_none() {
            return;
        }
        let kept = self.kept.clone();
        if let Err(error) = self.store.write(move |tx| verdict::forget(tx, &kept)) {
            log::error!("server `{}`: {error}", self.kept.name());
        }
    }

    /// One check; false at the end of the program.
    fn check(&self, watching: &mut Watching) -> bool {
        let answer = self.kept.client().check();
        if answer == Err(Fault::Aborted) {
            return false;
        }
        let (at, damping) = (clock::now(), self.damping());
        let mut pulse = watching.pulse.clone();
        let turn = match answer {
            Ok(_) => pulse.good(at, &damping),
            Err(fault) => {
                let network = self.network(&pulse, fault, at);
                pulse.failed(at, &damping, network)
            }
        };
        let seen = Seen { at, answer, is_blind: pulse.is_blind() };
        self.app.board.note(self.kept.id, seen);
        if turn != Turn::None && !self.turned(turn, answer.err(), at) {
            // It is tried again with the next check, or not at all if it was switched off.
            watching.next = Instant::now() + watching.pulse.rest(&damping, chance());
            return true;
        }
        self.tell_network(&watching.pulse, &pulse);
        self.record(&pulse, turn, seen, &watching.windows);
        watching.next = Instant::now() + pulse.rest(&damping, chance());
        watching.pulse = pulse;
        (self.show)(store::subject(&self.kept));
        true
    }

    /// Whose fault a failed check may be; only asked at the brink of an outage.
    fn network(&self, pulse: &Pulse, fault: Fault, at: Timestamp) -> Network {
        let Some(first) = pulse.is_at_the_brink(at, &self.damping()) else { return Network::There };
        if network::answers(fault) {
            return Network::There;
        }
        let telegram = self.reach.telegram(first);
        let others = self.app.board.others(self.kept.id);
        let found = network::judge(first, fault, others.iter().map(|(_, other)| *other), telegram);
        if found == Network::Unclear {
            for (server, other) in others {
                if other.is_none_or(|other| other.answered && other.at < first) {
                    self.app.bells.ring(server, Note::CheckNow);
                }
            }
        }
        found
    }

    /// Keeps a turn and tells people; false if that was not to be, or could not be.
    fn turned(&self, turn: Turn, fault: Option<Fault>, at: Timestamp) -> bool {
        let (app, kept) = (self.app.clone(), self.kept.clone());
        let kept_it =
            self.store.write(move |tx| verdict::turned(&app, tx, &kept, (turn, fault), at));
        let name = self.kept.name();
        match (&kept_it, turn) {
            (Ok(true), Turn::Down(_)) => {
                let why = fault.map(|fault| fault.to_string()).unwrap_or_default();
                log::warn!("server `{name}` is down: {why}");
            }
            (Ok(true), _) => log::info!("server `{name}` is up"),
            (Ok(false), _) => {}
            (Err(error), _) => log::error!("server `{name}`: cannot keep how it stands: {error}"),
        }
        kept_it.unwrap_or(false)
    }

    fn tell_network(&self, before: &Pulse, after: &Pulse) {
        let name = self.kept.name();
        match (before.is_blind(), after.is_blind()) {
            (false, true) => log::warn!(
                "server `{name}` does not answer, but neither do the others nor Telegram: our own network seems to be gone"
            ),
            (true, false) => log::info!("server `{name}`: our own network is back"),
            _ => {}
        }
    }

    /// Adds the check to the history.
    fn record(&self, pulse: &Pulse, turn: Turn, seen: Seen, windows: &[Window]) {
        let failed = |when: Timestamp| {
            let is_planned = windows.iter().any(|window| window.has(when));
            if is_planned { Kind::Planned } else { Kind::Down }
        };
        let (blip, blind) = (|_| Kind::Blip, |_| Kind::Blind);
        let (kind, settled): (Kind, Option<&dyn Fn(Timestamp) -> Kind>) = match seen.answer {
            Ok(took) => (Kind::good(took), Some(&blip)),
            Err(_) if pulse.is_blind() => (Kind::Blind, Some(&blind)),
            Err(_) if turn != Turn::None => (failed(seen.at), Some(&failed)),
            Err(_) if pulse.confirmed() == State::Down => (failed(seen.at), None),
            Err(_) => (Kind::Pending, None),
        };
        let every = self.kept.settings.every;
        self.app.board.record(self.kept.id, seen.at, (kind, settled), every);
    }

    /// A panic was caught: the check is lost, the next one comes.
    fn stumble(&self, watching: Option<&mut Watching>) {
        log::error!(
            "server `{}`: a check ended in a panic; the next one is made",
            self.kept.name()
        );
        if let Some(watching) = watching {
            watching.next = Instant::now() + self.kept.settings.every;
        }
    }
}

/// Waits for the next check or for a note; without a check for a note alone.
fn rest(inbox: &Receiver<Note>, next: Option<Instant>) -> Then {
    let note = match next {
        Some(next) => inbox.recv_timeout(next.saturating_duration_since(Instant::now())),
        None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
    };
    match note {
        Ok(Note::Chosen) => Then::Look,
        Ok(Note::CheckNow) | Err(RecvTimeoutError::Timeout) => Then::Check,
        Ok(Note::Stop) | Err(RecvTimeoutError::Disconnected) => Then::End,
    }
}

/// Spreads servers that would be checked together; a system without random numbers spreads none.
fn chance() -> u8 {
    getrandom::u32().map_or(128, |number| number.to_le_bytes()[0])
}
