//! One round of tidying a server: looks, decides, looks once more at what is to be stopped, stops it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::case::{self, Case, Course, Deed, Found, Terms, Verdict};
use super::store as cases;
use super::words::{self, News};
use crate::apps::conferences::app::Conferences;
use crate::apps::conferences::audit::What;
use crate::apps::conferences::fleet::Kept;
use crate::apps::conferences::looks::RunId;
use crate::apps::conferences::store as records;
use crate::clock;
use crate::settings::AutoStop;
use crate::store::{Store, StoreError, Tx, fresh_id};
use crate::trueconf::{Client, Conference, Fault, Row, Stop, judge};

/// Rounds are this part of the shortest forgotten conference apart …
const PART: u32 = 12;

/// … but at most this: who was warned of a stop may count on the minute …
const RAREST: Duration = Duration::from_secs(300);

/// … and at least this.
const MOST_FREQUENT: Duration = Duration::from_secs(1);

/// A stop that failed is tried again after this.
const AGAIN: SignedDuration = SignedDuration::from_mins(5);

/// How long to wait between two rounds of a server; none if it is not tidied.
pub fn pause(kept: &Kept) -> Option<Duration> {
    let rule = &kept.settings.forgotten;
    let pause = (rule.longer_than / PART).clamp(MOST_FREQUENT, RAREST);
    (rule.auto_stop != AutoStop::Off).then_some(pause)
}

/// One round.
pub struct Round {
    /// The app.
    pub app: Conferences,
    /// The server.
    pub kept: Kept,
}

/// What came of a stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Stopped,
    /// It had ended.
    Ended,
    /// Somebody cares for it now, or has chosen to leave it alone.
    Used,
    Failed(Fault),
}

impl Round {
    /// Does it, on a thread that may wait; when something is due next.
    pub fn run(&self, client: &Client, store: &Store) -> Option<Timestamp> {
        let name = self.kept.name();
        let rows = match client.forgotten() {
            Ok(rows) => rows,
            Err(fault) => {
                log::debug!("server `{name}`: forgotten conferences cannot be looked up: {fault}");
                return None;
            }
        };
        let decided = self.decide(store, &rows).and_then(|stops| {
            stops.into_iter().try_for_each(|case| self.stop(client, store, &rows, case))
        });
        if let Err(error) = decided {
            log::error!("server `{name}`: tidying: {error}");
        }
        let read = store.snapshot().ok()?;
        words::next_due(&cases::find(&read, &self.kept).ok()?)
    }

    /// Keeps what the look means, and tells operators; what is to be stopped.
    fn decide(&self, store: &Store, rows: &[Row]) -> Result<Vec<Case>, StoreError> {
        let found: Vec<Found> = rows.iter().filter_map(found).collect();
        let (app, kept, now) = (self.app.clone(), self.kept.clone(), clock::now());
        store.write(move |tx| decide(&app, tx, &kept, &found, now))
    }

    fn stop(
        &self,
        client: &Client,
        store: &Store,
        rows: &[Row],
        case: Case,
    ) -> Result<(), StoreError> {
        let mut running = rows.iter().map(|row| &row.conference);
        let conference = running.find(|running| running.session == case.session);
        let Some(conference) = conference else { return Ok(()) };
        let outcome = if self.is_still_due(store, &case)? {
            self.try_to_stop(client, conference)
        } else {
            Outcome::Used
        };
        let name = self.kept.name();
        log::info!("server `{name}`: tidying: conference `{}`: {}", case.id, outcome.word());
        let (app, kept, now) = (self.app.clone(), self.kept.clone(), clock::now());
        store.write(move |tx| settle(&app, tx, &kept, &case, outcome, now))
    }

    /// An operator may have chosen something else, or have switched monitoring off, this very moment.
    fn is_still_due(&self, store: &Store, case: &Case) -> Result<bool, StoreError> {
        let read = store.snapshot()?;
        let cases = cases::find(&read, &self.kept)?;
        let now = cases.iter().find(|other| other.session == case.session);
        let is_on = records::find(&read, &self.kept)?.is_monitored(self.kept.settings.monitored);
        Ok(is_on && now.is_some_and(|now| matches!(now.course, Course::Warned(_))))
    }

    /// Looks once more who is in it; the client looks whether it is the same run.
    fn try_to_stop(&self, client: &Client, conference: &Conference) -> Outcome {
        let people = match client.people(conference) {
            Ok(people) => people,
            Err(Fault::NotFound) => return Outcome::Ended,
            Err(fault) => return Outcome::Failed(fault),
        };
        match judge(&self.kept.settings.forgotten, &people) {
            Ok(Some(_)) => {}
            Ok(None) => return Outcome::Used,
            Err(fault) => return Outcome::Failed(fault),
        }
        match client.stop(conference) {
            Ok(Stop::Stopped) => Outcome::Stopped,
            Ok(Stop::Gone | Stop::Replaced) => Outcome::Ended,
            Err(fault) => Outcome::Failed(fault),
        }
    }
}

impl Outcome {
    fn word(self) -> String {
        match self {
            Self::Stopped => "stopped".to_owned(),
            Self::Ended => "ended".to_owned(),
            Self::Used => "used".to_owned(),
            Self::Failed(fault) => fault.word(),
        }
    }
}

/// What can be stopped has a public id.
fn found(row: &Row) -> Option<Found> {
    Some(Found {
        session: row.conference.session.clone(),
        id: row.conference.id.clone()?,
        topic: row.conference.topic.clone(),
        people: row.conference.people,
        verdict: match row.verdict {
            Ok(Some(rule)) => Verdict::Forgotten(rule),
            Ok(None) => Verdict::Used,
            Err(_) => Verdict::Unknown,
        },
    })
}

fn terms(app: &Conferences, kept: &Kept, now: Timestamp) -> Terms {
    let rule = &kept.settings.forgotten;
    let time = app.context.timezone.to_datetime(now).time();
    Terms {
        warn_before: rule.warn_before.try_into().unwrap_or(SignedDuration::MAX),
        is_quiet: rule.quiet_hours.is_some_and(|quiet| quiet.has(time)),
        is_dry: rule.auto_stop != AutoStop::On,
    }
}

fn decide(
    app: &Conferences,
    tx: &Tx,
    kept: &Kept,
    found: &[Found],
    now: Timestamp,
) -> Result<Vec<Case>, StoreError> {
    if !records::find(tx, kept)?.is_monitored(kept.settings.monitored) {
        return Ok(Vec::new());
    }
    let terms = terms(app, kept, now);
    let (mut cases, deeds) = case::look(cases::find(tx, kept)?, found, now, &terms);
    let mut stops = Vec::new();
    for deed in deeds {
        match deed {
            Deed::Warn(place) => warn(app, tx, kept, (&mut cases[place], terms.is_dry), now)?,
            Deed::Stop(place) => {
                words::audit(tx, kept, &cases[place], (What::Decide, ""), now)?;
                stops.push(cases[place].clone());
            }
            Deed::Pretend(place) => {
                words::audit(tx, kept, &cases[place], (What::WouldStop, ""), now)?;
                app.tell_operators(tx, kept, &cases[place], News::Pretended, now)?;
            }
            Deed::Spare(case) => spare(app, tx, kept, &case, (News::Spared, "used"), now)?,
            Deed::Ended(case) => spare(app, tx, kept, &case, (News::Ended, "ended"), now)?,
        }
    }
    cases::save(tx, kept, &cases)?;
    Ok(stops)
}

fn warn(
    app: &Conferences,
    tx: &Tx,
    kept: &Kept,
    (case, is_dry): (&mut Case, bool),
    now: Timestamp,
) -> Result<(), StoreError> {
    if case.number == 0 {
        case.number = fresh_id(tx, "conferences/tidying")?;
    }
    let stop_at = case.due().unwrap_or(now);
    let news = if is_dry { News::WarnDry(stop_at) } else { News::Warn(stop_at) };
    words::audit(tx, kept, case, (What::Warn, ""), now)?;
    app.tell_operators(tx, kept, case, news, now)
}

fn spare(
    app: &Conferences,
    tx: &Tx,
    kept: &Kept,
    case: &Case,
    (news, why): (News, &str),
    now: Timestamp,
) -> Result<(), StoreError> {
    words::audit(tx, kept, case, (What::Spare, why), now)?;
    app.tell_operators(tx, kept, case, news, now)
}

/// Keeps what came of a stop, and tells operators.
fn settle(
    app: &Conferences,
    tx: &Tx,
    kept: &Kept,
    case: &Case,
    outcome: Outcome,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut cases = cases::find(tx, kept)?;
    let place = cases.iter().position(|other| other.session == case.session);
    let word = outcome.word();
    match outcome {
        Outcome::Stopped => {
            words::audit(tx, kept, case, (What::Stop, &word), now)?;
            app.tell_operators(tx, kept, case, News::Stopped, now)?;
            app.looks.strike(kept.id, RunId::of_session(&case.session));
            tx.changed(records::subject(kept));
        }
        Outcome::Ended => spare(app, tx, kept, case, (News::Ended, &word), now)?,
        Outcome::Used => {
            // Who left it alone has told the others.
            let chosen =
                place.is_some_and(|place| !matches!(cases[place].course, Course::Warned(_)));
            words::audit(tx, kept, case, (What::Spare, &word), now)?;
            if chosen {
                return Ok(());
            }
            app.tell_operators(tx, kept, case, News::Spared, now)?;
        }
        Outcome::Failed(fault) => {
            words::audit(tx, kept, case, (What::Stop, &word), now)?;
            let given_up = place.is_some_and(|place| cases[place].failed(now + AGAIN));
            if given_up {
                app.tell_operators(tx, kept, case, News::Failed(fault), now)?;
            }
            return cases::save(tx, kept, &cases);
        }
    }
    cases.retain(|other| other.session != case.session);
    cases::save(tx, kept, &cases)
}
