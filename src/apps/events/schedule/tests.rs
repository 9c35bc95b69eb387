//! When events happen, as tables of cases: three zones, both nights a year, and odd calendars.

use super::*;

/// A schedule from words: start, zone, recurrence or `-`, until or `-`.
fn schedule(start: &str, hours: f64, zone: &str, recurrence: &str, until: &str) -> Schedule {
    let given = |text: &str| (text != "-").then(|| text.to_owned());
    Schedule::new(
        Start::parse(start).unwrap(),
        Hours::new(hours).unwrap(),
        Zone::parse(zone).unwrap(),
        given(recurrence).map(|text| Recurrence::parse(&text).unwrap()),
        given(until).map(|text| super::super::start::parse_date(&text).unwrap()),
    )
    .unwrap()
}

/// The next occurrences at `now`, each as `start/end` in universal time.
fn next(schedule: &Schedule, now: &str, cancelled: &[&str], count: usize) -> Vec<String> {
    let cancelled = cancelled.iter().map(|date| date.parse().unwrap()).collect();
    schedule
        .not_ended(now.parse().unwrap(), &cancelled)
        .take(count)
        .map(|occurrence| format!("{}/{}", occurrence.starts, occurrence.ends))
        .collect()
}

/// The dates of the next occurrences at `now`.
fn dates(schedule: &Schedule, now: &str, cancelled: &[&str], count: usize) -> Vec<String> {
    let cancelled = cancelled.iter().map(|date| date.parse().unwrap()).collect();
    schedule
        .not_ended(now.parse().unwrap(), &cancelled)
        .take(count)
        .map(|occurrence| occurrence.date.to_string())
        .collect()
}

/// What is shown at `now`: date and phase.
fn shown(schedule: &Schedule, now: &str, cancelled: &[&str]) -> (String, Phase) {
    let cancelled = cancelled.iter().map(|date| date.parse().unwrap()).collect();
    let now = now.parse().unwrap();
    let current = schedule.current(now, &cancelled);
    (current.date.to_string(), current.phase(now))
}

#[test]
fn the_clock_on_the_wall_stays_when_daylight_time_begins_and_ends() {
    let rows = [
        // Berlin: 02:00 → 03:00 on 29 March, 03:00 → 02:00 on 25 October 2026.
        (
            "18:00",
            "Europe/Berlin",
            "2026-03-28T12:00Z",
            ["2026-03-28T17:00:00Z", "2026-03-29T16:00:00Z"],
        ),
        (
            "18:00",
            "Europe/Berlin",
            "2026-10-24T12:00Z",
            ["2026-10-24T16:00:00Z", "2026-10-25T17:00:00Z"],
        ),
        // A clock that is skipped is moved on by the gap, one that comes twice means the first.
        (
            "02:30",
            "Europe/Berlin",
            "2026-03-28T12:00Z",
            ["2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"],
        ),
        (
            "02:30",
            "Europe/Berlin",
            "2026-10-24T12:00Z",
            ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"],
        ),
        // New York: 8 March and 1 November 2026.
        (
            "18:00",
            "America/New_York",
            "2026-03-07T12:00Z",
            ["2026-03-07T23:00:00Z", "2026-03-08T22:00:00Z"],
        ),
        (
            "02:30",
            "America/New_York",
            "2026-03-07T12:00Z",
            ["2026-03-08T07:30:00Z", "2026-03-09T06:30:00Z"],
        ),
        (
            "01:30",
            "America/New_York",
            "2026-10-31T12:00Z",
            ["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"],
        ),
        // Lord Howe moves by half an hour: 5 April (back) and 4 October 2026 (forth).
        (
            "18:00",
            "Australia/Lord_Howe",
            "2026-04-04T00:00Z",
            ["2026-04-04T07:00:00Z", "2026-04-05T07:30:00Z"],
        ),
        (
            "01:45",
            "Australia/Lord_Howe",
            "2026-04-04T00:00Z",
            ["2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"],
        ),
        (
            "02:15",
            "Australia/Lord_Howe",
            "2026-10-03T00:00Z",
            ["2026-10-03T15:45:00Z", "2026-10-04T15:15:00Z"],
        ),
    ];
    for (start, zone, now, expected) in rows {
        let found = next(&schedule(start, 1.0, zone, "-", "-"), now, &[], 2);
        let starts: Vec<_> = found.iter().map(|text| text.split('/').next().unwrap()).collect();
        assert_eq!(starts, expected, "{start} {zone} {now}");
    }
}

#[test]
fn durations_are_elapsed_hours_also_over_a_daylight_change() {
    let night = schedule("2026-03-28 22:00", 6.5, "Europe/Berlin", "-", "-");
    let expected = ["2026-03-28T21:00:00Z/2026-03-29T03:30:00Z"];
    assert_eq!(next(&night, "2026-03-01T00:00Z", &[], 2), expected);
}

#[test]
fn a_series_keeps_to_the_calendar() {
    let rows: &[(&str, &str, &str, &str, &[&str])] = &[
        ("2026-12-24 18:00", "-", "-", "2026-01-01T00:00Z", &["2026-12-24"]),
        (
            "2026-12-24 18:00",
            "weekly",
            "2027-01-07",
            "2026-01-01T00:00Z",
            &["2026-12-24", "2026-12-31", "2027-01-07"],
        ),
        ("2026-12-24 18:00", "weekly", "2027-01-06", "2026-12-26T00:00Z", &["2026-12-31"]),
        ("2026-12-24 18:00", "weekly", "2026-12-24", "2026-12-01T00:00Z", &["2026-12-24"]),
        (
            "2026-01-31 10:00",
            "monthly",
            "-",
            "2026-01-01T00:00Z",
            &["2026-01-31", "2026-03-31", "2026-05-31", "2026-07-31"],
        ),
        (
            "2027-01-29 10:00",
            "monthly",
            "-",
            "2028-01-30T00:00Z",
            &["2028-02-29", "2028-03-29", "2028-04-29", "2028-05-29"],
        ),
        ("2026-01-29 10:00", "monthly", "2026-03-29", "2026-01-30T00:00Z", &["2026-03-29"]),
        (
            "2028-02-29 10:00",
            "weekly",
            "-",
            "2028-02-01T00:00Z",
            &["2028-02-29", "2028-03-07", "2028-03-14", "2028-03-21"],
        ),
        (
            "2026-12-15 10:00",
            "monthly",
            "-",
            "2198-11-20T00:00Z",
            &["2198-12-15", "2199-01-15", "2199-02-15", "2199-03-15"],
        ),
        ("2026-12-24 18:00", "weekly", "-", "2300-01-01T00:00Z", &[]),
        (
            "2026-12-24 18:00",
            "weekly",
            "-",
            "-009000-01-02T00:00Z",
            &["2026-12-24", "2026-12-31", "2027-01-07", "2027-01-14"],
        ),
    ];
    for (start, recurrence, until, now, expected) in rows {
        let schedule = schedule(start, 1.0, "Europe/Berlin", recurrence, until);
        assert_eq!(dates(&schedule, now, &[], 4), *expected, "{start} {recurrence} {until} {now}");
    }
}

#[test]
fn a_running_occurrence_is_shown_until_it_ends() {
    use Phase::{Over, Running, Upcoming};
    let rows = [
        ("18:00", "-", 2.0, "2026-11-21T17:59:59Z", &[][..], ("2026-11-21", Upcoming)),
        ("18:00", "-", 2.0, "2026-11-21T18:00:00Z", &[], ("2026-11-21", Running)),
        ("18:00", "-", 2.0, "2026-11-21T19:59:59Z", &[], ("2026-11-21", Running)),
        ("18:00", "-", 2.0, "2026-11-21T20:00:00Z", &[], ("2026-11-22", Upcoming)),
        ("22:00", "-", 4.0, "2026-11-22T01:00:00Z", &[], ("2026-11-21", Running)),
        // Daily and 100 hours long: five run at once, the one that ends next is shown.
        ("18:00", "-", 100.0, "2026-11-21T18:00:00Z", &[], ("2026-11-17", Running)),
        ("18:00", "-", 100.0, "2026-11-21T22:00:00Z", &[], ("2026-11-18", Running)),
        ("18:00", "-", 168.0, "2026-11-21T17:59:59Z", &[], ("2026-11-14", Running)),
        ("18:00", "-", 2.0, "2026-11-21T19:00:00Z", &["2026-11-21"], ("2026-11-22", Upcoming)),
        (
            "18:00",
            "-",
            2.0,
            "2026-11-21T12:00:00Z",
            &["2026-11-21", "2026-11-22"],
            ("2026-11-23", Upcoming),
        ),
        ("2026-11-21 18:00", "-", 1.0, "2026-11-21T18:59:59Z", &[], ("2026-11-21", Running)),
        ("2026-11-21 18:00", "-", 1.0, "2026-11-21T19:00:00Z", &[], ("2026-11-21", Over)),
        (
            "2026-11-21 18:00",
            "2026-12-05",
            1.0,
            "2026-12-05T18:30:00Z",
            &[],
            ("2026-12-05", Running),
        ),
        ("2026-11-21 18:00", "2026-12-05", 1.0, "2027-01-01T00:00:00Z", &[], ("2026-12-05", Over)),
        (
            "2026-11-21 18:00",
            "2026-12-05",
            1.0,
            "2026-11-29T00:00:00Z",
            &["2026-12-05"],
            ("2026-11-28", Over),
        ),
        (
            "2026-11-21 18:00",
            "2026-11-21",
            1.0,
            "2026-11-01T00:00:00Z",
            &["2026-11-21"],
            ("2026-11-21", Upcoming),
        ),
    ];
    for (start, until, hours, now, cancelled, (date, phase)) in rows {
        let recurrence = if until == "-" { "-" } else { "weekly" };
        let schedule = schedule(start, hours, "UTC", recurrence, until);
        assert_eq!(shown(&schedule, now, cancelled), (date.to_owned(), phase), "{start} {now}");
    }
}

#[test]
fn the_shown_occurrence_changes_when_it_ends_and_never_after_the_last() {
    let schedule = schedule("2026-11-21 18:00", 1.0, "UTC", "weekly", "2026-11-28");
    let at = |now: &str| {
        let now = now.parse().unwrap();
        schedule.current(now, &BTreeSet::new()).changes_at(now).map(|at| at.to_string())
    };
    assert_eq!(at("2026-11-20T00:00Z").as_deref(), Some("2026-11-21T19:00:00Z"));
    assert_eq!(at("2026-11-21T19:00Z").as_deref(), Some("2026-11-28T19:00:00Z"));
    assert_eq!(at("2026-11-28T19:00Z"), None);
}

#[test]
fn every_date_is_known_by_the_series_it_belongs_to() {
    let weekly = schedule("2026-11-21 18:00", 1.0, "UTC", "weekly", "2026-12-05");
    let monthly = schedule("2026-01-31 18:00", 1.0, "UTC", "monthly", "-");
    let rows = [
        (&weekly, "2026-11-21", true),
        (&weekly, "2026-12-05", true),
        (&weekly, "2026-11-22", false),
        (&weekly, "2026-11-14", false),
        (&weekly, "2026-12-12", false),
        (&monthly, "2026-03-31", true),
        (&monthly, "2026-02-28", false),
        (&monthly, "2026-04-30", false),
        (&monthly, "2026-03-30", false),
    ];
    for (schedule, date, expected) in rows {
        assert_eq!(schedule.occurs_on(date.parse().unwrap()), expected, "{date}");
    }
}

#[test]
fn parts_that_do_not_fit_each_other_are_refused() {
    use Problem::{BeforeStart, NeedsDatedStart, NeedsRecurrence, NeedsUndatedStart};
    let (weekly, daily) = (Some(Recurrence::Weekly), Some(Recurrence::Daily));
    let rows = [
        ("18:00", weekly, None, Field::Recurrence.is(NeedsDatedStart)),
        ("18:00", None, Some("2026-12-24"), Field::Until.is(NeedsDatedStart)),
        ("2026-12-24 18:00", daily, None, Field::Recurrence.is(NeedsUndatedStart)),
        ("2026-12-24 18:00", None, Some("2026-12-31"), Field::Until.is(NeedsRecurrence)),
        ("2026-12-24 18:00", weekly, Some("2026-12-23"), Field::Until.is(BeforeStart)),
    ];
    for (start, recurrence, until, expected) in rows {
        let until = until.map(|date| date.parse().unwrap());
        let start = Start::parse(start).unwrap();
        let hours = Hours::new(1.0).unwrap();
        let made = Schedule::new(start, hours, Zone::utc(), recurrence, until);
        assert_eq!(made, Err(expected), "{start} {recurrence:?} {until:?}");
    }
}

#[test]
fn the_far_ends_of_time_are_answered_at_once() {
    let zones = ["Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"];
    let starts = [("00:00", "-"), ("1970-01-31 00:00", "monthly"), ("2200-12-31 23:59", "weekly")];
    for (zone, (start, recurrence)) in zones.iter().flat_map(|z| starts.map(|s| (z, s))) {
        let schedule = schedule(start, 168.0, zone, recurrence, "-");
        for now in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
            let current = schedule.current(now, &BTreeSet::new());
            assert!((1970..=2200).contains(&current.date.year()), "{zone} {start} {now}");
        }
        assert_eq!(shown(&schedule, "9000-01-01T00:00Z", &[]).1, Phase::Over);
    }
}

#[test]
fn a_stored_schedule_is_read_back_and_needs_only_its_first_three_fields() {
    let row = r#"{"start":"2026-12-24 18:00","duration":1.5,"timezone":"Europe/Berlin","recurrence":"weekly","until":"2027-01-07"}"#;
    let read: Schedule = serde_json::from_str(row).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), row);
    let row = r#"{"start":"18:00","duration":1.0,"timezone":"UTC"}"#;
    let read: Schedule = serde_json::from_str(row).unwrap();
    assert_eq!(read.recurrence(), Some(Recurrence::Daily));
}

/// The first occurrence that has not ended, found the long way: day after day.
fn walked(schedule: &Schedule, now: Timestamp, cancelled: &BTreeSet<Date>) -> Option<Date> {
    let first = schedule.first();
    let end = schedule.until().unwrap_or(Date::constant(2032, 12, 31));
    let fits = |date: &Date| match schedule.recurrence() {
        None => *date == first,
        Some(Recurrence::Daily) => true,
        Some(Recurrence::Weekly) => date.weekday() == first.weekday(),
        Some(Recurrence::Monthly) => date.day() == first.day(),
    };
    let from = first.max(Date::constant(2023, 1, 1));
    from.series(jiff::Span::new().days(1))
        .take_while(|date| *date <= end)
        .filter(fits)
        .filter(|date| !cancelled.contains(date))
        .find(|date| now < schedule.occurrence_on(*date).unwrap().ends)
}

#[test]
fn counting_days_weeks_and_months_finds_what_walking_day_by_day_finds() {
    let mut seed: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut chance = |end: i64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        i64::try_from(seed % u64::try_from(end).unwrap()).unwrap()
    };
    let zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"];
    let day = |days: i64| after_days(Date::constant(2024, 1, 1), days).unwrap();
    for _ in 0..1_500 {
        let (recurrence, dated) = [("-", false), ("-", true), ("weekly", true), ("monthly", true)]
            [usize::try_from(chance(4)).unwrap()];
        let clock = format!("{:02}:{:02}", chance(24), chance(60));
        let first = chance(800);
        let start = if dated { format!("{} {clock}", day(first)) } else { clock };
        let until = match chance(2) {
            1 if recurrence != "-" => day(first + chance(400)).to_string(),
            _ => "-".to_owned(),
        };
        let zone = zones[usize::try_from(chance(4)).unwrap()];
        let hours = f64::from(u32::try_from(chance(1680) + 1).unwrap()) / 10.0;
        let schedule = schedule(&start, hours, zone, recurrence, &until);
        let cancelled: BTreeSet<Date> = (0..chance(200)).map(|_| day(chance(900))).collect();
        let now = day(chance(900)).at(0, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).unwrap();
        let now = now.timestamp() + SignedDuration::from_mins(chance(1440));
        let found = schedule.not_ended(now, &cancelled).next().map(|occurrence| occurrence.date);
        let expected = walked(&schedule, now, &cancelled);
        assert_eq!(found, expected, "{start} {zone} {recurrence} {until} {hours} h at {now}");
    }
}
