//! A zone's rules as a VTIMEZONE (RFC 5545 §3.6.5), found by watching its clock.
//!
//! A change that comes on the same weekday of the same week of a month every year is a rule without
//! end; any other is a list of dates up to the [`Span`]'s last year.

use std::collections::BTreeMap;

use jiff::civil::{DateTime, Time, Weekday};
use jiff::tz::{Dst, Offset};
use jiff::{SignedDuration, Timestamp};

use super::Entry;
use super::lines::Lines;
use super::vevent::{first, has_rules, wall};
use crate::apps::events::start::Zone;

/// Years after which weekdays and dates meet again: a rule has then been seen on each of its days.
const CYCLE: usize = 28;

/// How far lists of dates reach beyond the last start: more than a [`CYCLE`], and nobody plans
/// further.
const YEARS: i16 = 40;

/// A change before the first start says what the clock showed then.
const BEFORE: SignedDuration = SignedDuration::from_hours(400 * 24);

/// What was valid from the beginning begins here; no event is older.
const DAWN: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// The time a calendar needs a zone's rules for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    first: Timestamp,
    last_year: i16,
}

impl Span {
    /// The zones the events are in, by name, each with its span.
    pub(super) fn of_zones(entries: &[Entry]) -> Vec<(&Zone, Self)> {
        let mut found: BTreeMap<&str, (&Zone, Self)> = BTreeMap::new();
        for entry in entries.iter().filter(|entry| has_rules(entry.event.schedule.zone())) {
            let zone = entry.event.schedule.zone();
            let span = Self::from(zone, first(entry));
            let known = found.entry(zone.name()).or_insert((zone, span));
            known.1.first = known.1.first.min(span.first);
            known.1.last_year = known.1.last_year.max(span.last_year);
        }
        found.into_values().collect()
    }

    fn from(zone: &Zone, start: DateTime) -> Self {
        let first = zone.rules().to_timestamp(start).unwrap_or_default();
        Self { first, last_year: start.year().saturating_add(YEARS) }
    }
}

/// What a change of the clock looks like, but for its day.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Kind {
    from: Offset,
    to: Offset,
    name: String,
    dst: Dst,
    month: i8,
    weekday: Weekday,
    time: Time,
}

/// Changes of one kind, by the clock before each of them.
#[derive(Clone, Debug)]
struct Observance {
    kind: Kind,
    onsets: Vec<DateTime>,
}

pub(super) fn write(lines: &mut Lines, zone: &Zone, span: Span) {
    lines.put("BEGIN", "VTIMEZONE");
    lines.put("TZID", zone.name());
    for observance in observances(zone, span) {
        write_observance(lines, &observance, span.last_year);
    }
    lines.put("END", "VTIMEZONE");
}

fn write_observance(lines: &mut Lines, observance: &Observance, last_year: i16) {
    let Observance { kind, onsets } = observance;
    let component = if kind.dst == Dst::Yes { "DAYLIGHT" } else { "STANDARD" };
    lines.put("BEGIN", component);
    lines.put("DTSTART", &wall(onsets[0]));
    lines.put("TZOFFSETFROM", &offset(kind.from));
    lines.put("TZOFFSETTO", &offset(kind.to));
    lines.text("TZNAME", &kind.name);
    if let Some(day) = yearly(onsets, last_year) {
        lines.put("RRULE", &format!("FREQ=YEARLY;BYMONTH={};{day}", kind.month));
    } else if onsets.len() > 1 {
        let others: Vec<String> = onsets[1..].iter().map(|onset| wall(*onset)).collect();
        lines.put("RDATE", &others.join(","));
    }
    lines.put("END", component);
}

/// All changes of the span by their kind, in the order the kinds first come; in front what was valid
/// before the first of them, if the first start needs it.
fn observances(zone: &Zone, span: Span) -> Vec<Observance> {
    let rules = zone.rules();
    let mut found: Vec<Observance> = Vec::new();
    let start = span.first.checked_sub(BEFORE).unwrap_or(span.first);
    let mut before = Clock::at(zone, start);
    let initial = before.clone();
    let mut is_known = false;
    for change in rules.following(start) {
        let after = Clock::at(zone, change.timestamp());
        let onset = before.offset.to_datetime(change.timestamp());
        if onset.year() > span.last_year {
            break;
        }
        if after != before {
            is_known |= change.timestamp() <= span.first;
            add(&mut found, Kind::new(&before, &after, onset), onset);
            before = after;
        }
    }
    if !is_known {
        let kind = Kind::new(&initial, &initial, DAWN);
        found.insert(0, Observance { kind, onsets: vec![DAWN] });
    }
    found
}

fn add(found: &mut Vec<Observance>, kind: Kind, onset: DateTime) {
    match found.iter_mut().find(|observance| observance.kind == kind) {
        Some(observance) => observance.onsets.push(onset),
        None => found.push(Observance { kind, onsets: vec![onset] }),
    }
}

/// What the clock of a zone shows for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Clock {
    offset: Offset,
    dst: Dst,
    name: String,
}

impl Clock {
    fn at(zone: &Zone, instant: Timestamp) -> Self {
        let info = zone.rules().to_offset_info(instant);
        Self { offset: info.offset(), dst: info.dst(), name: info.abbreviation().to_owned() }
    }
}

impl Kind {
    fn new(before: &Clock, after: &Clock, onset: DateTime) -> Self {
        Self {
            from: before.offset,
            to: after.offset,
            name: after.name.clone(),
            dst: after.dst,
            month: onset.month(),
            weekday: onset.weekday(),
            time: onset.time(),
        }
    }
}

/// The day of the month as a part of a rule, if there is one onset a year until `last_year` and all
/// fall into the same week of their month.
fn yearly(onsets: &[DateTime], last_year: i16) -> Option<String> {
    let years = onsets[0].year()..=last_year;
    if onsets.len() < CYCLE || !years.eq(onsets.iter().map(|onset| onset.year())) {
        return None;
    }
    let weekday = match onsets[0].weekday() {
        Weekday::Monday => "MO",
        Weekday::Tuesday => "TU",
        Weekday::Wednesday => "WE",
        Weekday::Thursday => "TH",
        Weekday::Friday => "FR",
        Weekday::Saturday => "SA",
        Weekday::Sunday => "SU",
    };
    if onsets.iter().all(|onset| onset.day() > onset.date().days_in_month() - 7) {
        return Some(format!("BYDAY=-1{weekday}"));
    }
    let week = |onset: &DateTime| (onset.day() + 6) / 7;
    if onsets.iter().all(|onset| week(onset) == week(&onsets[0])) {
        return Some(format!("BYDAY={}{weekday}", week(&onsets[0])));
    }
    let first = onsets.iter().map(|onset| onset.day()).min()?;
    let days: Vec<String> = (first..first + 7).map(|day| day.to_string()).collect();
    let last = onsets.iter().map(|onset| onset.date().days_in_month()).min()?;
    let fits = onsets.iter().all(|onset| onset.day() < first + 7) && first + 6 <= last;
    fits.then(|| format!("BYDAY={weekday};BYMONTHDAY={}", days.join(",")))
}

/// UTC-OFFSET (RFC 5545 §3.3.14): seconds only where there are some.
fn offset(offset: Offset) -> String {
    let seconds = offset.seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() / 60 % 60);
    match seconds.abs() % 60 {
        0 => format!("{sign}{hours:02}{minutes:02}"),
        rest => format!("{sign}{hours:02}{minutes:02}{rest:02}"),
    }
}
