//! Start times and schedules: `start|hours|zone|recurrence|until|now|date`, all of them texts.

use std::collections::BTreeSet;

use jiff::Timestamp;
use roost::apps::events::schedule::{Occurrence, Phase, Schedule};
use roost::apps::events::start::{Hours, Recurrence, Start, Zone, parse_date};

/// How many occurrences are looked at.
const MOST: usize = 20;

/// Reads the parts and looks at the schedule they make at some instant, with a date cancelled.
pub fn run(bytes: &[u8]) {
    let text = super::text(bytes);
    let mut parts = text.split('|');
    let mut next = || parts.next().unwrap_or_default();
    let Some(schedule) = schedule([next(), next(), next(), next(), next()]) else { return };
    let row = serde_json::to_string(&schedule).expect("a schedule is JSON");
    assert_eq!(serde_json::from_str::<Schedule>(&row).ok().as_ref(), Some(&schedule), "{row}");
    let now = next().parse().unwrap_or(super::now());
    let dates = [next(), next(), next()].into_iter();
    look(&schedule, now, &dates.flat_map(parse_date).collect());
}

/// Starts are written as they are read; parts that do not fit each other make no schedule.
fn schedule([start, hours, zone, recurrence, until]: [&str; 5]) -> Option<Schedule> {
    let start = Start::parse(start).ok();
    if let Some(start) = start {
        assert_eq!(Start::parse(&start.to_string()), Ok(start));
    }
    let hours = Hours::parse(hours).ok();
    let zone = Zone::parse(zone).ok();
    if let Some(zone) = &zone {
        assert_eq!(Zone::parse(zone.name()).as_ref(), Ok(zone));
    }
    let (recurrence, until) = (Recurrence::parse(recurrence).ok(), parse_date(until).ok());
    let zone = zone.unwrap_or_else(Zone::utc);
    Schedule::new(start?, hours.unwrap_or(Hours::new(1.0).ok()?), zone, recurrence, until).ok()
}

/// Occurrences come in order, none of them has ended, none is cancelled, and the first is current.
fn look(schedule: &Schedule, now: Timestamp, cancelled: &BTreeSet<jiff::civil::Date>) {
    let current = schedule.current(now, cancelled);
    whole(schedule, &current);
    let mut before: Option<Occurrence> = None;
    for next in schedule.not_ended(now, cancelled).take(MOST) {
        whole(schedule, &next);
        assert_ne!(next.phase(now), Phase::Over);
        assert!(!cancelled.contains(&next.date), "{} is cancelled", next.date);
        match before {
            None => assert_eq!(next, current),
            Some(before) => assert!(before.date < next.date && before.ends <= next.ends),
        }
        before = Some(next);
    }
    assert_eq!(schedule.is_over(now, cancelled), before.is_none());
}

/// An occurrence has a date of the series, and takes its time.
fn whole(schedule: &Schedule, occurrence: &Occurrence) {
    assert_eq!(schedule.occurrence(occurrence.date).as_ref(), Some(occurrence));
    assert!(schedule.until().is_none_or(|until| occurrence.date <= until));
    let took = occurrence.ends.duration_since(occurrence.starts);
    assert_eq!(took, schedule.duration().elapsed());
}
