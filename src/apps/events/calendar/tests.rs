//! Events as calendars see them, as tables of cases.

use std::collections::BTreeSet;

use super::*;
use crate::apps::events::model::{Cancelled, EventId};
use crate::apps::events::schedule::Schedule;
use crate::apps::events::start::{Hours, Recurrence, Start, Zone, parse_date};
use crate::apps::events::texts::{Description, Location, Reason, Title};
use crate::ids::UserId;

/// An event from words: start, hours, zone, recurrence or `-`, until or `-`.
fn entry(words: [&str; 5]) -> Entry {
    let [start, hours, zone, recurrence, until] = words;
    let given = |text: &str| (text != "-").then(|| text.to_owned());
    let schedule = Schedule::new(
        Start::parse(start).unwrap(),
        Hours::parse(hours).unwrap(),
        Zone::parse(zone).unwrap(),
        given(recurrence).map(|text| Recurrence::parse(&text).unwrap()),
        given(until).map(|text| parse_date(&text).unwrap()),
    );
    let event = Event {
        id: EventId(7),
        title: Title::parse("Games").unwrap(),
        description: Description::default(),
        image: None,
        schedule: schedule.unwrap(),
        location: Location::default(),
        capacity: None,
        cancelled: None,
        cancelled_dates: BTreeSet::new(),
        created_by: UserId(1),
        version: 3,
    };
    let created = "2026-01-10T12:00:00Z".parse().unwrap();
    let changed = "2026-02-01T12:00:00Z".parse().unwrap();
    Entry { event, status: Status::Confirmed, stamps: Stamps { created, changed } }
}

/// The lines of the calendar, unfolded.
fn lines(entries: Vec<Entry>) -> Vec<String> {
    let calendar = Calendar { name: None, installation: "abc", link: None, entries };
    let text = calendar.write();
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
    text.replace("\r\n ", "").split_terminator("\r\n").map(str::to_owned).collect()
}

/// The lines between `BEGIN:VEVENT` and its end.
fn event_lines(entry: Entry) -> Vec<String> {
    let all = lines(vec![entry]);
    let begin = all.iter().position(|line| line == "BEGIN:VEVENT").unwrap();
    let end = all.iter().position(|line| line == "END:VEVENT").unwrap();
    all[begin + 1..end].to_vec()
}

/// The lines of `zone`'s rules in the calendar of a daily event.
fn zone_lines(zone: &str) -> String {
    let all = lines(vec![entry(["18:00", "2", zone, "-", "-"])]);
    let begin = all.iter().position(|line| line == "BEGIN:VTIMEZONE").unwrap();
    let end = all.iter().position(|line| line == "END:VTIMEZONE").unwrap();
    all[begin + 2..end].join(" ")
}

#[test]
fn an_event_is_written_whole() {
    let mut given = entry(["2026-12-24 18:00", "2", "UTC", "-", "-"]);
    given.event.cancelled = Some(Cancelled { reason: Reason::parse("Ill, sorry").unwrap() });
    given.status = Status::of(&given.event, Standing::Waitlisted);
    let link = Some("https://t.me/RoostBot/events");
    let calendar =
        Calendar { name: Some("My events"), installation: "abc", link, entries: vec![given] };
    let expected = "BEGIN:VCALENDAR VERSION:2.0 PRODID:-//Roost//Mini_Events//EN \
        CALSCALE:GREGORIAN NAME:My_events X-WR-CALNAME:My_events \
        REFRESH-INTERVAL;VALUE=DURATION:PT1H X-PUBLISHED-TTL:PT1H BEGIN:VEVENT \
        UID:event-7@abc.roost DTSTAMP:20260201T120000Z CREATED:20260110T120000Z \
        LAST-MODIFIED:20260201T120000Z SEQUENCE:2 DTSTART:20261224T180000Z \
        DTEND:20261224T200000Z STATUS:CANCELLED SUMMARY:Games COMMENT:Ill\\,_sorry \
        URL:https://t.me/RoostBot/events?startapp=7 END:VEVENT END:VCALENDAR ";
    assert_eq!(calendar.write(), expected.replace(' ', "\r\n").replace('_', " "));
}

#[test]
fn the_time_of_an_event_keeps_its_elapsed_hours() {
    let rows = [
        (
            ["2026-12-24 18:00", "2", "Europe/Berlin", "-", "-"],
            "DTSTART;TZID=Europe/Berlin:20261224T180000 DTEND;TZID=Europe/Berlin:20261224T200000",
        ),
        // Two elapsed hours over the nights the clock changes.
        (
            ["2026-03-29 01:00", "2", "Europe/Berlin", "-", "-"],
            "DTSTART;TZID=Europe/Berlin:20260329T010000 DTEND;TZID=Europe/Berlin:20260329T040000",
        ),
        (
            ["2026-10-25 01:30", "2", "Europe/Berlin", "-", "-"],
            "DTSTART;TZID=Europe/Berlin:20261025T013000 DTEND:20261025T013000Z",
        ),
        (
            ["2026-10-25 01:30", "3", "Europe/Berlin", "-", "-"],
            "DTSTART;TZID=Europe/Berlin:20261025T013000 DTEND;TZID=Europe/Berlin:20261025T033000",
        ),
        (
            ["2026-12-24 18:00", "26,5", "UTC", "-", "-"],
            "DTSTART:20261224T180000Z DTEND:20261225T203000Z",
        ),
        // A series says how long, in hours even if it takes days.
        (
            ["18:00", "2", "Europe/Berlin", "-", "-"],
            "DTSTART;TZID=Europe/Berlin:20260110T180000 DURATION:PT2H RRULE:FREQ=DAILY",
        ),
        (
            ["23:00", "26", "UTC", "-", "-"],
            "DTSTART:20260109T230000Z DURATION:PT26H RRULE:FREQ=DAILY",
        ),
        (
            ["2026-10-20 18:00", "1,5", "America/New_York", "weekly", "-"],
            "DTSTART;TZID=America/New_York:20261020T180000 DURATION:PT1H30M RRULE:FREQ=WEEKLY",
        ),
        // The last date is an instant in UTC, by the offset of that date.
        (
            ["2026-10-20 18:00", "1", "America/New_York", "weekly", "2026-11-30"],
            "DTSTART;TZID=America/New_York:20261020T180000 DURATION:PT1H RRULE:FREQ=WEEKLY;UNTIL=20261130T230000Z",
        ),
        (
            ["2026-10-20 18:00", "1", "America/New_York", "weekly", "2026-10-27"],
            "DTSTART;TZID=America/New_York:20261020T180000 DURATION:PT1H RRULE:FREQ=WEEKLY;UNTIL=20261027T220000Z",
        ),
        (
            ["2026-01-31 09:00", "1", "Asia/Kolkata", "monthly", "2026-12-31"],
            "DTSTART;TZID=Asia/Kolkata:20260131T090000 DURATION:PT1H RRULE:FREQ=MONTHLY;UNTIL=20261231T033000Z",
        ),
    ];
    for (words, expected) in rows {
        let found = event_lines(entry(words));
        let time = |line: &&String| {
            ["DTSTART", "DTEND", "DURATION", "RRULE"].iter().any(|name| line.starts_with(name))
        };
        let found: Vec<&str> = found.iter().filter(time).map(String::as_str).collect();
        assert_eq!(found.join(" "), expected, "{words:?}");
    }
}

#[test]
fn dates_that_do_not_take_place_are_named_by_their_start() {
    let rows = [
        (
            ["2026-10-20 18:00", "1", "Europe/Berlin", "weekly", "-"],
            "EXDATE;TZID=Europe/Berlin:20261020T180000,20261027T180000",
        ),
        (
            ["2026-10-20 18:00", "1", "UTC", "weekly", "-"],
            "EXDATE:20261020T180000Z,20261027T180000Z",
        ),
        (["18:00", "1", "UTC", "-", "-"], "EXDATE:20261020T180000Z,20261027T180000Z"),
    ];
    for (words, expected) in rows {
        let mut given = entry(words);
        // The first is before the calendar begins and would name nothing.
        for date in ["2025-12-30", "2026-10-20", "2026-10-27"] {
            given.event.cancelled_dates.insert(date.parse().unwrap());
        }
        let found = event_lines(given);
        assert!(found.iter().any(|line| line == expected), "{found:?}");
    }
}

#[test]
fn the_rules_of_a_zone_are_those_of_its_clock() {
    let rows = [
        (
            "Europe/Berlin",
            "BEGIN:DAYLIGHT DTSTART:20250330T020000 TZOFFSETFROM:+0100 TZOFFSETTO:+0200 \
             TZNAME:CEST RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU END:DAYLIGHT \
             BEGIN:STANDARD DTSTART:20251026T030000 TZOFFSETFROM:+0200 TZOFFSETTO:+0100 \
             TZNAME:CET RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU END:STANDARD",
        ),
        (
            "America/New_York",
            "BEGIN:DAYLIGHT DTSTART:20250309T020000 TZOFFSETFROM:-0500 TZOFFSETTO:-0400 \
             TZNAME:EDT RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU END:DAYLIGHT \
             BEGIN:STANDARD DTSTART:20251102T020000 TZOFFSETFROM:-0400 TZOFFSETTO:-0500 \
             TZNAME:EST RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU END:STANDARD",
        ),
        (
            "Australia/Lord_Howe",
            "BEGIN:STANDARD DTSTART:20250406T020000 TZOFFSETFROM:+1100 TZOFFSETTO:+1030 \
             TZNAME:+1030 RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU END:STANDARD \
             BEGIN:DAYLIGHT DTSTART:20251005T020000 TZOFFSETFROM:+1030 TZOFFSETTO:+1100 \
             TZNAME:+11 RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=1SU END:DAYLIGHT",
        ),
        (
            "Asia/Kolkata",
            "BEGIN:STANDARD DTSTART:19700101T000000 TZOFFSETFROM:+0530 TZOFFSETTO:+0530 \
             TZNAME:IST END:STANDARD",
        ),
        (
            "Asia/Jerusalem",
            "BEGIN:DAYLIGHT DTSTART:20250328T020000 TZOFFSETFROM:+0200 TZOFFSETTO:+0300 \
             TZNAME:IDT RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=FR;BYMONTHDAY=23,24,25,26,27,28,29 \
             END:DAYLIGHT \
             BEGIN:STANDARD DTSTART:20251026T020000 TZOFFSETFROM:+0300 TZOFFSETTO:+0200 \
             TZNAME:IST RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU END:STANDARD",
        ),
    ];
    for (zone, expected) in rows {
        assert_eq!(zone_lines(zone), expected);
    }
}

#[test]
fn changes_without_a_rule_are_listed() {
    let text = zone_lines("Africa/Casablanca");
    assert!(text.contains("RDATE:") && !text.contains("RRULE"), "{text}");
}

#[test]
fn every_zone_comes_once_and_utc_not_at_all() {
    let zones = ["Europe/Berlin", "UTC", "Asia/Kolkata", "Europe/Berlin"];
    let entries = zones.map(|zone| entry(["18:00", "2", zone, "-", "-"])).to_vec();
    let lines = lines(entries);
    let named = lines.iter().filter(|line| line.starts_with("TZID:"));
    assert_eq!(named.collect::<Vec<_>>(), ["TZID:Asia/Kolkata", "TZID:Europe/Berlin"]);
}

#[test]
fn an_old_event_gets_the_rules_of_its_time() {
    let given = entry(["1970-01-01 00:00", "2", "Europe/Berlin", "weekly", "-"]);
    let text = lines(vec![given]).join(" ");
    let first = "BEGIN:STANDARD DTSTART:19700101T000000 TZOFFSETFROM:+0100 TZOFFSETTO:+0100";
    assert!(text.contains(first), "{text}");
    assert!(text.contains("DTSTART:19800406T020000"), "{text}");
}

#[test]
fn who_waits_may_come_and_what_is_cancelled_is_for_nobody() {
    let mut event = entry(["18:00", "2", "UTC", "-", "-"]).event;
    for (standing, expected) in [
        (Standing::Going, Status::Confirmed),
        (Standing::None, Status::Confirmed),
        (Standing::Waitlisted, Status::Tentative),
    ] {
        assert_eq!(Status::of(&event, standing), expected);
    }
    event.cancelled = Some(Cancelled::default());
    for standing in [Standing::Going, Standing::None, Standing::Waitlisted] {
        assert_eq!(Status::of(&event, standing), Status::Cancelled);
    }
}
