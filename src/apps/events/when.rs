//! Dates and times in words: of the event's own zone, in the reader's language.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

use super::model::Event;
use super::schedule::Schedule;
use super::start::Recurrence;
use crate::i18n::{Dates, Language, fill};

/// When the current occurrence of `event` is, and how it repeats:
/// `Thu, 24 December, 18:00–20:00 (Europe/Berlin) · every Thursday`.
pub fn when(event: &Event, now: Timestamp, language: Language) -> String {
    let dates = &language.sentences().dates;
    let zone = event.schedule.zone();
    let wall = |instant: Timestamp| zone.rules().to_datetime(instant);
    let current = event.current(now);
    let today = wall(now).date();
    let span = span(wall(current.starts), wall(current.ends), today, dates);
    let once = format!("{span} ({})", zone.name());
    match repeats(&event.schedule, current.date, today, dates) {
        Some(repeats) => format!("{once} · {repeats}"),
        None => once,
    }
}

/// A date; its year is left out when it is that of `today`.
pub fn day(date: Date, today: Date, dates: &Dates) -> String {
    let sentence = if date.year() == today.year() { dates.date } else { dates.date_with_year };
    fill(
        sentence,
        &[
            ("weekday", of_week(&dates.weekdays, date)),
            ("day", &date.day().to_string()),
            ("month", dates.months[usize::from(date.month().unsigned_abs()) - 1]),
            ("year", &date.year().to_string()),
        ],
    )
}

/// From when to when. An end in the following night needs no date.
fn span(starts: DateTime, ends: DateTime, today: Date, dates: &Dates) -> String {
    let from = format!("{}, {}", day(starts.date(), today, dates), clock(starts));
    let tomorrow = starts.date().saturating_add(jiff::Span::new().days(1));
    let is_night = ends.date() == tomorrow && ends.time() < starts.time();
    if ends.date() == starts.date() || is_night {
        return format!("{from}–{}", clock(ends));
    }
    format!("{from} – {}, {}", day(ends.date(), today, dates), clock(ends))
}

fn clock(at: DateTime) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

fn repeats(schedule: &Schedule, date: Date, today: Date, dates: &Dates) -> Option<String> {
    let repeats = match schedule.recurrence()? {
        Recurrence::Daily => dates.daily.to_owned(),
        Recurrence::Weekly => of_week(&dates.every_weekday, date).to_owned(),
        Recurrence::Monthly => fill(dates.monthly, &[("day", &date.day().to_string())]),
    };
    Some(match schedule.until() {
        Some(until) => {
            let until = fill(dates.until, &[("date", &day(until, today, dates))]);
            format!("{repeats}, {until}")
        }
        None => repeats,
    })
}

fn of_week(names: &[&'static str; 7], date: Date) -> &'static str {
    names[usize::from(date.weekday().to_monday_zero_offset().unsigned_abs())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn event(schedule: &Value) -> Event {
        let row = json!({"id": 1, "title": "Games", "created_by": 9, "schedule": schedule});
        serde_json::from_value(row).unwrap()
    }

    #[test]
    fn a_date_reads_as_people_write_it() {
        let date: Date = "2026-12-24".parse().unwrap();
        let rows = [
            (Language::En, "Thu, 24 December", "Thu, 24 December 2026"),
            (Language::Ru, "чт, 24 декабря", "чт, 24 декабря 2026 г."),
            (Language::De, "Do., 24. Dezember", "Do., 24. Dezember 2026"),
            (Language::Es, "jue, 24 de diciembre", "jue, 24 de diciembre de 2026"),
        ];
        for (language, this_year, other_year) in rows {
            let dates = &language.sentences().dates;
            let today = |text: &str| text.parse().unwrap();
            assert_eq!(day(date, today("2026-01-01"), dates), this_year);
            assert_eq!(day(date, today("2025-12-31"), dates), other_year);
        }
    }

    #[test]
    fn an_event_says_when_it_is_by_its_own_clock() {
        let berlin = "Europe/Berlin";
        let rows = [
            (
                json!({"start": "2026-12-24 18:00", "duration": 2.0, "timezone": berlin}),
                "Thu, 24 December, 18:00–20:00 (Europe/Berlin)",
            ),
            (
                json!({"start": "2026-12-31 22:00", "duration": 4.0, "timezone": berlin}),
                "Thu, 31 December, 22:00–02:00 (Europe/Berlin)",
            ),
            (
                json!({"start": "2026-12-31 18:00", "duration": 48.0, "timezone": berlin}),
                "Thu, 31 December, 18:00 – Sat, 2 January 2027, 18:00 (Europe/Berlin)",
            ),
            (
                json!({"start": "09:05", "duration": 1.0, "timezone": "UTC"}),
                "Sun, 22 November, 09:05–10:05 (UTC) · every day",
            ),
            (
                json!({"start": "2026-01-01 18:00", "duration": 1.0, "timezone": "UTC",
                    "recurrence": "weekly", "until": "2027-02-01"}),
                "Thu, 26 November, 18:00–19:00 (UTC) · every Thursday, until Mon, 1 February 2027",
            ),
            (
                json!({"start": "2026-01-31 18:00", "duration": 1.0, "timezone": "UTC",
                    "recurrence": "monthly"}),
                "Thu, 31 December, 18:00–19:00 (UTC) · monthly on day 31",
            ),
        ];
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        for (schedule, expected) in rows {
            assert_eq!(when(&event(&schedule), now, Language::En), expected);
        }
    }
}
