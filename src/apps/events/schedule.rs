//! When an event happens: a start on the wall clock of a zone, how long, how often, until when.
//!
//! The clock on the wall is what is kept. An occurrence that falls into the gap of a daylight
//! change starts as much later as the gap is long; one that falls into the repeated hour starts the
//! first time round (`jiff`'s "compatible", RFC 5545 §3.3.5). Durations are elapsed hours.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::refusal::{Field, Invalid, Problem};
use super::start::{FIRST_YEAR, Hours, LAST_YEAR, Recurrence, Start, Zone};

/// The day daily events began.
const DAWN: Date = Date::constant(FIRST_YEAR, 1, 1);

/// The day every series ends at the latest.
const DUSK: Date = Date::constant(LAST_YEAR, 12, 31);

/// When an event happens. The parts always fit each other: see [`Schedule::new`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    start: Start,
    duration: Hours,
    #[serde(rename = "timezone")]
    zone: Zone,
    /// Weekly or monthly; nothing for a daily start, which says so itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recurrence: Option<Recurrence>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Date>,
}

/// One time the event happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// The date it is known by: the one on the wall when it was meant to start.
    pub date: Date,
    /// The instant it starts.
    pub starts: Timestamp,
    /// The instant it ends.
    pub ends: Timestamp,
}

/// Where an occurrence stands at some instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It starts later.
    Upcoming,
    /// It has started and not ended.
    Running,
    /// It has ended.
    Over,
}

impl Occurrence {
    /// Where this occurrence stands at `now`: running from its first instant, over from its last.
    pub fn phase(&self, now: Timestamp) -> Phase {
        match () {
            () if now < self.starts => Phase::Upcoming,
            () if now < self.ends => Phase::Running,
            () => Phase::Over,
        }
    }

    /// When the current occurrence next becomes another one: at its end. Never, once it is over.
    pub fn changes_at(&self, now: Timestamp) -> Option<Timestamp> {
        (self.phase(now) != Phase::Over).then_some(self.ends)
    }
}

impl Schedule {
    /// A schedule of parts that fit each other. `weekly` and `monthly` need a start with a date,
    /// `daily` one without; `until` needs a series from a date on, and cannot be before it.
    pub fn new(
        start: Start,
        duration: Hours,
        zone: Zone,
        recurrence: Option<Recurrence>,
        until: Option<Date>,
    ) -> Result<Self, Invalid> {
        let recurrence = match (start, recurrence) {
            (Start::Daily(_), None | Some(Recurrence::Daily)) => None,
            (Start::Daily(_), _) => return Err(Field::Recurrence.is(Problem::NeedsDatedStart)),
            (Start::Dated(_), Some(Recurrence::Daily)) => {
                return Err(Field::Recurrence.is(Problem::NeedsUndatedStart));
            }
            (Start::Dated(_), recurrence) => recurrence,
        };
        check_until(start, recurrence, until)?;
        Ok(Self { start, duration, zone, recurrence, until })
    }

    /// When it starts, by the clock on the wall.
    pub fn start(&self) -> Start {
        self.start
    }

    /// How long each occurrence takes.
    pub fn duration(&self) -> Hours {
        self.duration
    }

    /// The zone the clock is in.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// How it repeats; nothing for an event that happens once.
    pub fn recurrence(&self) -> Option<Recurrence> {
        match self.start {
            Start::Daily(_) => Some(Recurrence::Daily),
            Start::Dated(_) => self.recurrence,
        }
    }

    /// The last date on which an occurrence may start.
    pub fn until(&self) -> Option<Date> {
        self.until
    }

    /// The current occurrence: the first that has not ended at `now`. When all have ended it is
    /// the last one, and its phase is [`Phase::Over`].
    ///
    /// So a running occurrence stays the current one until its end, and a daily event of 100 hours,
    /// which overlaps itself, shows the one that ends next. Dates in `cancelled` do not take place;
    /// when no other is left the last date of all stands in, and [`Schedule::is_over`] says so.
    pub fn current(&self, now: Timestamp, cancelled: &BTreeSet<Date>) -> Occurrence {
        self.not_ended(now, cancelled).next().unwrap_or_else(|| self.last(cancelled))
    }

    /// Whether nothing of it is left at `now`: every date has ended or is cancelled.
    pub fn is_over(&self, now: Timestamp, cancelled: &BTreeSet<Date>) -> bool {
        self.not_ended(now, cancelled).next().is_none()
    }

    /// The occurrences that have not ended at `now`, in order, for ever or until the series ends.
    pub fn not_ended<'a>(
        &'a self,
        now: Timestamp,
        cancelled: &'a BTreeSet<Date>,
    ) -> impl Iterator<Item = Occurrence> + 'a {
        (self.index_before(now)..=self.last_index())
            .filter_map(|index| self.date(index))
            .filter(|date| !cancelled.contains(date))
            .filter_map(|date| self.occurrence_on(date))
            .filter(move |occurrence| now < occurrence.ends)
    }

    /// Whether the series has an occurrence on `date`, cancelled or not.
    pub fn occurs_on(&self, date: Date) -> bool {
        self.date(self.index_at(date)) == Some(date)
    }

    /// The occurrence of `date`, cancelled or not; nothing if the series has no such date.
    pub fn occurrence(&self, date: Date) -> Option<Occurrence> {
        self.occurs_on(date).then(|| self.occurrence_on(date)).flatten()
    }

    fn occurrence_on(&self, date: Date) -> Option<Occurrence> {
        let starts = self.zone.rules().to_timestamp(date.to_datetime(self.start.time())).ok()?;
        let ends = starts.checked_add(self.duration.elapsed()).ok()?;
        Some(Occurrence { date, starts, ends })
    }

    /// The last occurrence that is not cancelled, or else the very last.
    fn last(&self, cancelled: &BTreeSet<Date>) -> Occurrence {
        let dates = || (0..=self.last_index()).rev().filter_map(|index| self.date(index));
        let kept = dates().find(|date| !cancelled.contains(date)).or_else(|| dates().next());
        let date = kept.unwrap_or(self.first());
        // Years are bounded to what every zone can express, so there is always an instant.
        self.occurrence_on(date).unwrap_or(Occurrence {
            date,
            starts: Timestamp::UNIX_EPOCH,
            ends: Timestamp::UNIX_EPOCH,
        })
    }

    /// The first date of the series.
    fn first(&self) -> Date {
        match self.start {
            Start::Daily(_) => DAWN,
            Start::Dated(at) => at.date(),
        }
    }

    /// The date with this index, if the series has one there. Indices count days, weeks or months
    /// from the first date, so no search ever walks through the years.
    fn date(&self, index: i64) -> Option<Date> {
        let first = self.first();
        let date = match self.recurrence() {
            None => (index == 0).then_some(first),
            Some(Recurrence::Daily) => after_days(first, index),
            Some(Recurrence::Weekly) => after_days(first, index.checked_mul(7)?),
            Some(Recurrence::Monthly) => after_months(first, index),
        }?;
        (first <= date && date <= self.end()).then_some(date)
    }

    /// The index of `date`, or of the last date before it; never below 0.
    fn index_at(&self, date: Date) -> i64 {
        let first = self.first();
        let index = match self.recurrence() {
            None => 0,
            Some(Recurrence::Daily) => days_between(first, date),
            Some(Recurrence::Weekly) => days_between(first, date).div_euclid(7),
            Some(Recurrence::Monthly) => months_between(first, date),
        };
        index.max(0)
    }

    /// An index before every occurrence that has not ended at `now`, and near the first of them.
    fn index_before(&self, now: Timestamp) -> i64 {
        let today = self.zone.rules().to_datetime(now).date();
        let days = self.duration.elapsed().as_hours() / 24 + 2;
        after_days(today, -days).map_or(0, |date| self.index_at(date))
    }

    fn last_index(&self) -> i64 {
        self.index_at(self.end())
    }

    /// The last day an occurrence may start on.
    fn end(&self) -> Date {
        self.until.unwrap_or(DUSK).min(DUSK)
    }
}

fn check_until(
    start: Start,
    recurrence: Option<Recurrence>,
    until: Option<Date>,
) -> Result<(), Invalid> {
    let Some(until) = until else { return Ok(()) };
    let problem = match (start, recurrence) {
        (Start::Daily(_), _) => Problem::NeedsDatedStart,
        (Start::Dated(_), None) => Problem::NeedsRecurrence,
        (Start::Dated(at), Some(_)) if until < at.date() => Problem::BeforeStart,
        _ => return Ok(()),
    };
    Err(Field::Until.is(problem))
}

fn days_between(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}

fn after_days(date: Date, days: i64) -> Option<Date> {
    let hours = days.checked_mul(24)?;
    date.checked_add(SignedDuration::try_from_hours(hours)?).ok()
}

fn months_between(from: Date, to: Date) -> i64 {
    let months = |date: Date| i64::from(date.year()) * 12 + i64::from(date.month());
    months(to) - months(from)
}

/// The same day `months` later; nothing if that month has no such day.
fn after_months(date: Date, months: i64) -> Option<Date> {
    let month = i64::from(date.year()) * 12 + i64::from(date.month()) - 1 + months;
    let year = i16::try_from(month.div_euclid(12)).ok()?;
    let month = i8::try_from(month.rem_euclid(12) + 1).ok()?;
    Date::new(year, month, date.day()).ok()
}

#[cfg(test)]
mod tests;
