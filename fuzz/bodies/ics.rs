//! Calendars of arbitrary texts and times:
//! `start|hours|zone|recurrence|until|cancelled|title|description|location|reason|name`.

use jiff::SignedDuration;
use roost::apps::events::calendar::{Calendar, Entry, Stamps, Status};
use roost::apps::events::model::Event;
use roost::apps::events::roll::Standing;
use roost::apps::events::schedule::Schedule;
use roost::apps::events::start::{Hours, Recurrence, Start, Zone, parse_date};
use serde_json::json;

/// Longest line in octets (RFC 5545 §3.1).
const WIDTH: usize = 75;

/// Writes the calendar of one event and reads it back.
pub fn run(bytes: &[u8]) {
    let text = super::text(bytes);
    let mut parts = text.splitn(11, '|');
    let mut next = || parts.next().unwrap_or_default();
    let schedule = schedule([next(), next(), next(), next(), next()]);
    let cancelled: Vec<_> = parse_date(next()).into_iter().collect();
    let [title, description, location, reason, name] = [(); 5].map(|()| next());
    // As a row, so that the texts need not be such as people can send.
    let row = json!({"id": 7, "title": title, "description": description, "location": location,
        "cancelled": {"reason": reason}, "cancelled_dates": cancelled, "created_by": 1,
        "schedule": schedule});
    let event: Event = serde_json::from_value(row).expect("a row can hold any text");
    let expected = [
        ("SUMMARY", title),
        ("DESCRIPTION", description),
        ("LOCATION", location),
        ("COMMENT", reason),
        ("X-WR-CALNAME", name),
    ];
    check(&unfold(&write(event, name)), &expected);
}

/// The schedule of these parts; what is wrong is left out or replaced.
fn schedule([start, hours, zone, recurrence, until]: [&str; 5]) -> Schedule {
    let start = Start::parse(start).unwrap_or(Start::parse("2026-12-24 18:00").unwrap());
    let hours = Hours::parse(hours).unwrap_or(Hours::new(1.0).unwrap());
    let zone = Zone::parse(zone).unwrap_or(Zone::utc());
    let (recurrence, until) = (Recurrence::parse(recurrence).ok(), parse_date(until).ok());
    let fits = Schedule::new(start, hours, zone.clone(), recurrence, until);
    fits.or_else(|_| Schedule::new(start, hours, zone, None, None)).expect("these always fit")
}

fn write(event: Event, name: &str) -> String {
    let created = super::now();
    let stamps = Stamps { created, changed: created + SignedDuration::from_hours(1) };
    let status = Status::of(&event, Standing::Going);
    let entries = vec![Entry { event, status, stamps }];
    Calendar { name: Some(name), installation: "abc", link: None, entries }.write()
}

/// The lines of `calendar`, put together again. Each of its own is narrow and plain.
fn unfold(calendar: &str) -> Vec<String> {
    assert!(calendar.ends_with("\r\n"));
    let mut lines: Vec<String> = Vec::new();
    for line in calendar.split_terminator("\r\n") {
        assert!(line.len() <= WIDTH, "{} octets: {line:?}", line.len());
        assert!(!line.contains(|c: char| c.is_control() && c != '\t'), "{line:?} is not plain");
        match line.strip_prefix(' ') {
            Some(more) => lines.last_mut().expect("no text comes first").push_str(more),
            None => lines.push(line.to_owned()),
        }
    }
    lines
}

/// There is one event, every line has a name, and every text is the one that was written.
fn check(lines: &[String], expected: &[(&str, &str)]) {
    let named = |c: char| c.is_ascii_uppercase() || c == '-';
    assert!(lines.iter().all(|line| line.starts_with(named) && line.contains(':')));
    assert_eq!(lines.iter().filter(|line| *line == "BEGIN:VEVENT").count(), 1);
    assert_eq!(lines.last().map(String::as_str), Some("END:VCALENDAR"));
    for (name, text) in expected {
        let values = lines.iter().filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let values: Vec<_> = values.map(unescape).collect();
        let wanted = (!text.is_empty()).then(|| plain(text));
        assert_eq!(values, Vec::from_iter(wanted), "{name}");
    }
}

/// `text` as a calendar can hold it: lines end in LF, other control characters are gone.
fn plain(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n");
    text.replace(|c: char| c.is_control() && c != '\t' && c != '\n', "")
}

/// A TEXT as it was meant (RFC 5545 §3.3.11); panics at what has to be escaped and is not.
fn unescape(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        text.push(match letter {
            '\\' => match letters.next() {
                Some('n') => '\n',
                Some(letter @ ('\\' | ';' | ',')) => letter,
                other => panic!("{other:?} is no escape in {value:?}"),
            },
            ';' | ',' => panic!("{letter:?} stands bare in {value:?}"),
            other => other,
        });
    }
    text
}
