//! One event as a VEVENT (RFC 5545 §3.6.1).

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

use super::lines::Lines;
use super::{Calendar, Entry};
use crate::apps::events::schedule::Schedule;
use crate::apps::events::start::{Recurrence, Start, Zone};

/// The zone that needs no VTIMEZONE: its times end in `Z`.
const UTC: &str = "UTC";

pub(super) fn write(lines: &mut Lines, calendar: &Calendar<'_>, entry: &Entry) {
    let event = &entry.event;
    lines.put("BEGIN", "VEVENT");
    lines.put("UID", &format!("event-{}@{}.roost", event.id, calendar.installation));
    lines.put("DTSTAMP", &utc(entry.stamps.changed));
    lines.put("CREATED", &utc(entry.stamps.created));
    lines.put("LAST-MODIFIED", &utc(entry.stamps.changed));
    lines.put("SEQUENCE", &sequence(event.version).to_string());
    when(lines, entry);
    lines.put("STATUS", entry.status.name());
    lines.text("SUMMARY", event.title.as_str());
    lines.text("DESCRIPTION", event.description.as_str());
    lines.text("LOCATION", event.location.as_str());
    if let Some(cancelled) = &event.cancelled {
        lines.text("COMMENT", cancelled.reason.as_str());
    }
    if let Some(link) = calendar.link {
        lines.put("URL", &format!("{link}?startapp={}", event.id));
    }
    lines.put("END", "VEVENT");
}

/// SEQUENCE counts from 0 and is an INTEGER of 32 bits (RFC 5545 §3.3.8).
fn sequence(version: u64) -> i32 {
    i32::try_from(version.saturating_sub(1)).unwrap_or(i32::MAX)
}

fn when(lines: &mut Lines, entry: &Entry) {
    let schedule = &entry.event.schedule;
    let first = first(entry);
    local(lines, "DTSTART", schedule.zone(), &[first]);
    ends(lines, schedule, first);
    if let Some(recurrence) = schedule.recurrence() {
        lines.put("RRULE", &rule(schedule, recurrence));
    }
    let skipped = entry.event.cancelled_dates.range(first.date()..);
    let skipped: Vec<_> = skipped.map(|date| date.to_datetime(first.time())).collect();
    if !skipped.is_empty() {
        local(lines, "EXDATE", schedule.zone(), &skipped);
    }
}

/// The first start on the wall. A daily event has none of its own: calendars begin with the first
/// occurrence that had not ended when it was created.
pub(super) fn first(entry: &Entry) -> DateTime {
    let schedule = &entry.event.schedule;
    match schedule.start() {
        Start::Dated(at) => at,
        Start::Daily(time) => earliest(schedule, entry.stamps.created).to_datetime(time),
    }
}

/// No occurrence on an earlier date has still to end at `created`.
fn earliest(schedule: &Schedule, created: Timestamp) -> Date {
    let begun = created.checked_sub(schedule.duration().elapsed()).unwrap_or(created);
    schedule.zone().rules().to_datetime(begun).date()
}

/// Durations are elapsed hours, which a DURATION in hours is in every instance of a series (RFC 5545
/// §3.3.6; days would be nominal). What happens once says its end, for programs that reckon on the
/// wall clock; an end in the second round of a repeated hour can be said in UTC only.
fn ends(lines: &mut Lines, schedule: &Schedule, first: DateTime) {
    let zone = schedule.zone();
    let elapsed = schedule.duration().elapsed();
    let end = instant(zone, first).and_then(|start| start.checked_add(elapsed).ok());
    let Some(end) = end.filter(|_| schedule.recurrence().is_none()) else {
        return lines.put("DURATION", &duration(elapsed.as_secs()));
    };
    let wall = zone.rules().to_datetime(end);
    if instant(zone, wall) == Some(end) {
        local(lines, "DTEND", zone, &[wall]);
    } else {
        lines.put("DTEND", &utc(end));
    }
}

fn instant(zone: &Zone, wall: DateTime) -> Option<Timestamp> {
    zone.rules().to_timestamp(wall).ok()
}

fn duration(seconds: i64) -> String {
    let mut text = String::from("PT");
    let parts = [(seconds / 3600, 'H'), (seconds / 60 % 60, 'M'), (seconds % 60, 'S')];
    // Units may not be skipped between two others (RFC 5545 §3.3.6): `PT1H0M5S`.
    let used = |index: usize| parts[index].0 > 0;
    let first = (0..3).find(|index| used(*index)).unwrap_or(2);
    let last = (0..3).rfind(|index| used(*index)).unwrap_or(2);
    text.extend(parts[first..=last].iter().map(|(count, unit)| format!("{count}{unit}")));
    text
}

fn rule(schedule: &Schedule, recurrence: Recurrence) -> String {
    let frequency = match recurrence {
        Recurrence::Daily => "DAILY",
        Recurrence::Weekly => "WEEKLY",
        // From the 31st on, months without such a day are skipped (RFC 5545 §3.3.10), as we do.
        Recurrence::Monthly => "MONTHLY",
    };
    let last = schedule.until().map(|date| date.to_datetime(schedule.start().time()));
    match last.and_then(|last| instant(schedule.zone(), last)) {
        // In UTC, since DTSTART has a zone (RFC 5545 §3.3.10).
        Some(last) => format!("FREQ={frequency};UNTIL={}", utc(last)),
        None => format!("FREQ={frequency}"),
    }
}

/// Times on the wall of `zone`.
fn local(lines: &mut Lines, name: &str, zone: &Zone, times: &[DateTime]) {
    let times: Vec<String> = times.iter().map(|time| wall(*time)).collect();
    if has_rules(zone) {
        lines.put(&format!("{name};TZID={}", zone.name()), &times.join(","));
    } else {
        lines.put(name, &format!("{}Z", times.join("Z,")));
    }
}

/// Whether times in `zone` need its rules to be understood.
pub(super) fn has_rules(zone: &Zone) -> bool {
    zone.name() != UTC
}

/// A time on a wall: DATE-TIME, form 1 (RFC 5545 §3.3.5).
pub(super) fn wall(time: DateTime) -> String {
    time.strftime("%Y%m%dT%H%M%S").to_string()
}

/// An instant: DATE-TIME, form 2.
fn utc(instant: Timestamp) -> String {
    instant.strftime("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_in_hours_and_less_never_in_days() {
        let rows = [
            (3600, "PT1H"),
            (90 * 60, "PT1H30M"),
            (168 * 3600, "PT168H"),
            (26 * 3600, "PT26H"),
            (45 * 60, "PT45M"),
            (1, "PT1S"),
            (3605, "PT1H0M5S"),
            (61, "PT1M1S"),
        ];
        for (seconds, expected) in rows {
            assert_eq!(duration(seconds), expected);
        }
    }

    #[test]
    fn the_sequence_counts_from_nought_and_does_not_overflow() {
        for (version, expected) in [(1, 0), (2, 1), (0, 0), (u64::MAX, i32::MAX)] {
            assert_eq!(sequence(version), expected);
        }
    }
}
