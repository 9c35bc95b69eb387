//! What is due when, as tables.

use serde_json::{Value, json};

use super::*;

const DAY: u64 = 86_400;
const HOUR: u64 = 3600;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn event(schedule: &Value) -> Event {
    let row = json!({"id": 1, "title": "Games", "created_by": 9, "schedule": schedule});
    serde_json::from_value(row).unwrap()
}

fn once(start: &str, zone: &str) -> Event {
    event(&json!({"start": start, "duration": 2.0, "timezone": zone}))
}

fn times(seconds: &[u64]) -> Times {
    Times::new(&seconds.iter().map(|s| Duration::from_secs(*s)).collect::<Vec<_>>())
}

fn usual() -> Times {
    times(&[DAY, HOUR, 0])
}

/// The reminders due at `now`: start and hours before.
fn due_at(event: &Event, times: &Times, since: &str, now: &str) -> Vec<(String, f64)> {
    let found = due(event, times, at(since), at(now)).into_iter();
    found.map(|r| (r.starts.to_string(), r.before.as_secs_f64() / 3600.0)).collect()
}

const LONG_AGO: &str = "1970-01-01T00:00:00Z";

#[test]
fn of_each_occurrence_the_latest_reminder_that_is_due_counts() {
    let event = once("2026-12-24 18:00", "UTC");
    let rows: [(&str, Option<f64>); 13] = [
        ("2026-12-23T17:59:59Z", None),
        ("2026-12-23T18:00:00Z", Some(24.0)),
        ("2026-12-24T16:59:59Z", Some(24.0)),
        ("2026-12-24T17:00:00Z", Some(1.0)),
        ("2026-12-24T17:59:59Z", Some(1.0)),
        ("2026-12-24T18:00:00Z", Some(0.0)),
        ("2026-12-24T18:15:00Z", Some(0.0)),
        ("2026-12-24T18:15:01Z", None),
        ("2026-12-24T19:00:00Z", None),
        ("2026-12-25T00:00:00Z", None),
        ("2027-12-24T18:00:00Z", None),
        ("2025-12-24T18:00:00Z", None),
        ("1969-12-24T18:00:00Z", None),
    ];
    for (now, expected) in rows {
        let found: Vec<f64> =
            due_at(&event, &usual(), LONG_AGO, now).into_iter().map(|(_, before)| before).collect();
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{now}");
    }
}

#[test]
fn an_event_shorter_than_a_quarter_of_an_hour_is_still_caught_up() {
    let event = event(&json!({"start": "2026-12-24 18:00", "duration": 0.1, "timezone": "UTC"}));
    assert_eq!(due_at(&event, &usual(), LONG_AGO, "2026-12-24T18:14:00Z").len(), 1);
}

#[test]
fn what_was_due_before_an_event_had_its_times_is_not_due() {
    let event = once("2026-12-24 18:00", "UTC");
    let now = "2026-12-24T17:30:00Z";
    for (since, expected) in
        [("2026-12-24T16:59:59Z", 1), ("2026-12-24T17:00:00Z", 0), ("2026-12-24T17:20:00Z", 0)]
    {
        assert_eq!(due_at(&event, &usual(), since, now).len(), expected, "{since}");
    }
}

#[test]
fn many_times_in_any_order_are_reminders_each() {
    let event = once("2026-12-24 18:00", "UTC");
    let many = times(&[0, 30 * DAY, HOUR, 900, DAY, 900, 7 * DAY, 0]);
    let mut now = at("2026-11-01T00:00:00Z");
    let mut found = Vec::new();
    while let Some(next) = next(&event, &many, now) {
        now = next;
        let due = due(&event, &many, Timestamp::UNIX_EPOCH, now);
        found.extend(due.iter().map(|reminder| reminder.before.as_secs() / 60));
    }
    assert_eq!(found, [30 * 1440, 7 * 1440, 1440, 60, 15, 0]);
    assert_eq!(super::next(&event, &times(&[]), at("2026-11-01T00:00:00Z")), None);
    assert!(due(&event, &times(&[]), Timestamp::UNIX_EPOCH, at("2026-12-24T18:00:00Z")).is_empty());
}

#[test]
fn the_clock_on_the_wall_counts_also_in_nights_it_is_changed() {
    // Zone, start of every day, a night, and the starts and reminders an hour before around it.
    let rows = [
        (
            "Europe/Berlin",
            "18:00",
            "2026-03-28T12:00:00Z",
            "2026-03-28T17:00:00Z",
            "2026-03-29T16:00:00Z",
        ),
        (
            "Europe/Berlin",
            "18:00",
            "2026-10-24T12:00:00Z",
            "2026-10-24T16:00:00Z",
            "2026-10-25T17:00:00Z",
        ),
        // Half past two does not exist in one night and exists twice in the other.
        (
            "Europe/Berlin",
            "02:30",
            "2026-03-27T12:00:00Z",
            "2026-03-28T01:30:00Z",
            "2026-03-29T01:30:00Z",
        ),
        (
            "Europe/Berlin",
            "02:30",
            "2026-10-23T12:00:00Z",
            "2026-10-24T00:30:00Z",
            "2026-10-25T00:30:00Z",
        ),
        (
            "America/New_York",
            "19:00",
            "2026-03-07T12:00:00Z",
            "2026-03-08T00:00:00Z",
            "2026-03-08T23:00:00Z",
        ),
        (
            "America/New_York",
            "19:00",
            "2026-10-31T12:00:00Z",
            "2026-10-31T23:00:00Z",
            "2026-11-02T00:00:00Z",
        ),
        // The clock is changed by half an hour.
        (
            "Australia/Lord_Howe",
            "12:00",
            "2026-04-03T12:00:00Z",
            "2026-04-04T01:00:00Z",
            "2026-04-05T01:30:00Z",
        ),
        (
            "Australia/Lord_Howe",
            "12:00",
            "2026-10-02T12:00:00Z",
            "2026-10-03T01:30:00Z",
            "2026-10-04T01:00:00Z",
        ),
    ];
    for (zone, start, from, first, second) in rows {
        let event = once(start, zone);
        for before in [0, HOUR, DAY] {
            let times = times(&[before]);
            let before = SignedDuration::from_secs(before.cast_signed());
            let one = next(&event, &times, at(from) - before).unwrap();
            let two = next(&event, &times, one).unwrap();
            assert_eq!([one + before, two + before], [at(first), at(second)], "{zone} {start}");
            let found = due(&event, &times, Timestamp::UNIX_EPOCH, one);
            assert!(found.contains(&Reminder { starts: at(first), before }), "{zone} {start}");
        }
    }
}

#[test]
fn occurrences_of_a_series_are_reminded_of_each() {
    let event = once("09:00", "UTC");
    let now = "2026-12-24T08:30:00Z";
    let expected = [("2026-12-24T09:00:00Z".to_owned(), 1.0)];
    assert_eq!(due_at(&event, &usual(), LONG_AGO, now), expected);
    let now = "2026-12-24T09:00:00Z";
    let found = due_at(&event, &usual(), LONG_AGO, now);
    let expected =
        [("2026-12-24T09:00:00Z".to_owned(), 0.0), ("2026-12-25T09:00:00Z".to_owned(), 24.0)];
    assert_eq!(found, expected);
}

#[test]
fn what_is_cancelled_is_not_reminded_of() {
    let now = "2026-12-24T09:00:00Z";
    let mut event = once("09:00", "UTC");
    event.cancelled_dates.insert("2026-12-24".parse().unwrap());
    let expected = [("2026-12-25T09:00:00Z".to_owned(), 24.0)];
    assert_eq!(due_at(&event, &usual(), LONG_AGO, now), expected);
    let reminder = |day: &str| Reminder { starts: at(day), before: SignedDuration::ZERO };
    assert!(!stands(&event, reminder("2026-12-24T09:00:00Z")));
    assert!(stands(&event, reminder("2026-12-25T09:00:00Z")));
    assert!(!stands(&event, reminder("2026-12-25T09:01:00Z")));
    event.cancelled = Some(crate::apps::events::model::Cancelled::default());
    assert!(due_at(&event, &usual(), LONG_AGO, now).is_empty());
    assert_eq!(next(&event, &usual(), at(now)), None);
    assert!(!stands(&event, reminder("2026-12-25T09:00:00Z")));
}

#[test]
fn a_reminder_is_of_use_until_the_next_one_is_due() {
    let starts = at("2026-12-24T18:00:00Z");
    let of = |hours| Reminder { starts, before: SignedDuration::from_hours(hours) };
    for (times, hours, expected) in [
        (usual(), 24, "2026-12-24T17:00:00Z"),
        (usual(), 1, "2026-12-24T18:00:00Z"),
        (usual(), 0, "2026-12-24T18:15:00Z"),
        (times(&[HOUR]), 1, "2026-12-24T18:15:00Z"),
    ] {
        assert_eq!(times.expiry(of(hours)), at(expected), "{hours}");
    }
}
