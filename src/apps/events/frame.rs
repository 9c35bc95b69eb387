//! The frames of Mini Events on the wire: their fields, in this order, and nothing else.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::model::{Capacity, Event, EventId};
use super::roll::Standing;
use super::start::{Recurrence, Zone};
use crate::ids::UserId;

/// An event as one person sees it. The first nine fields are the originals'; `type` comes first.
#[derive(Clone, Debug, Serialize)]
pub struct EventFrame<'a> {
    /// Always `event`.
    pub r#type: &'static str,
    /// The event's number.
    pub id: EventId,
    /// What it is called.
    pub title: &'a str,
    /// What it is about.
    pub description: &'a str,
    /// Where its picture is: an absolute URL or path, empty for none.
    pub image: String,
    /// The start as given: `HH:MM` or `YYYY-MM-DD HH:MM`.
    pub start: String,
    /// Hours; always with a fraction, as in `1.0`.
    pub duration: f64,
    /// Whether this person has a seat.
    pub attending: bool,
    /// How many have a seat.
    pub attendees: u32,
    /// When the current occurrence starts: RFC 3339 with the offset of the event's zone.
    pub starts_at: String,
    /// When it ends.
    pub ends_at: String,
    /// The IANA name of the event's zone.
    pub timezone: &'a str,
    /// Where it is; empty if nobody said.
    pub location: &'a str,
    /// How many can go; `null` for everybody.
    pub capacity: Option<u32>,
    /// How many stand in line.
    pub waiting: u32,
    /// How this person stands: `going`, `waitlisted` or `none`.
    pub state: Standing,
    /// Whether the event is cancelled.
    pub cancelled: bool,
    /// Why; empty if it is not, or nobody said.
    pub cancel_reason: &'a str,
    /// Counts the changes people can see.
    pub version: u64,
    /// `daily`, `weekly`, `monthly`, or `null` for once.
    pub recurrence: Option<Recurrence>,
    /// The last date of the series, or `null`.
    pub until: Option<Date>,
    /// Dates that do not take place, in order.
    pub cancelled_dates: &'a BTreeSet<Date>,
}

/// How many people are on an event's roll.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// How many have a seat.
    pub going: u32,
    /// How many stand in line.
    pub waiting: u32,
}

impl<'a> EventFrame<'a> {
    /// The frame of `event` at `now` for somebody who stands to it as `state` says. `media_base`
    /// goes before the picture's name and ends with a slash.
    ///
    /// Two people of the same standing get the same bytes. The frame changes by itself only when
    /// the current occurrence ends: see [`changes_at`].
    pub fn new(
        event: &'a Event,
        counts: Counts,
        state: Standing,
        media_base: &str,
        now: Timestamp,
    ) -> Self {
        let schedule = &event.schedule;
        let current = event.current(now);
        Self {
            r#type: "event",
            id: event.id,
            title: event.title.as_str(),
            description: event.description.as_str(),
            image: event.image.as_ref().map(|n| format!("{media_base}{n}")).unwrap_or_default(),
            start: schedule.start().to_string(),
            duration: schedule.duration().hours(),
            attending: state == Standing::Going,
            attendees: counts.going,
            starts_at: rfc3339(current.starts, schedule.zone()),
            ends_at: rfc3339(current.ends, schedule.zone()),
            timezone: schedule.zone().name(),
            location: event.location.as_str(),
            capacity: event.capacity.map(Capacity::seats),
            waiting: counts.waiting,
            state,
            cancelled: event.cancelled.is_some(),
            cancel_reason: event.cancelled.as_ref().map_or("", |c| c.reason.as_str()),
            version: event.version,
            recurrence: schedule.recurrence(),
            until: schedule.until(),
            cancelled_dates: &event.cancelled_dates,
        }
    }
}

/// When the frame of `event` next changes without anybody doing anything.
pub fn changes_at(event: &Event, now: Timestamp) -> Option<Timestamp> {
    event.current(now).changes_at(now)
}

/// The order of events in a snapshot: by the text of the start, then by number, as the originals
/// have it. A key for `sort_by_cached_key`.
pub fn order(event: &Event) -> (String, EventId) {
    (event.schedule.start().to_string(), event.id)
}

/// An event is gone.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct DeleteFrame {
    /// Always `delete-event`.
    pub r#type: &'static str,
    /// Its number.
    pub id: EventId,
}

impl DeleteFrame {
    /// The frame for the event with this number.
    pub fn new(id: EventId) -> Self {
        Self { r#type: "delete-event", id }
    }
}

/// Who is on an event's roll; for admins only.
#[derive(Clone, Debug, Serialize)]
pub struct AttendeesFrame {
    /// Always `attendees`.
    pub r#type: &'static str,
    /// The event's number.
    pub event: EventId,
    /// Those who go in the order they got their seats, then those in line in its order.
    pub list: Vec<Attendee>,
}

/// One person on a roll.
#[derive(Clone, Debug, Serialize)]
pub struct Attendee {
    /// Who.
    pub telegram_id: UserId,
    /// As they call themselves.
    pub name: String,
    /// `going` or `waitlisted`.
    pub state: Standing,
    /// Since when they stand so.
    pub since: Timestamp,
    /// Whether the bot may write to them; if not, they cannot be reminded.
    pub reachable: bool,
}

impl AttendeesFrame {
    /// The frame of these people.
    pub fn new(event: EventId, list: Vec<Attendee>) -> Self {
        Self { r#type: "attendees", event, list }
    }
}

/// `2026-11-21T18:30:00+01:00`.
fn rfc3339(at: Timestamp, zone: &Zone) -> String {
    at.display_with_offset(zone.rules().to_offset(at)).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::{json, to_string, to_value};

    use super::*;
    use crate::apps::events::model::Cancelled;
    use crate::apps::events::texts::Reason;

    fn event(row: &serde_json::Value) -> Event {
        serde_json::from_value(row.clone()).unwrap()
    }

    fn plain(schedule: &serde_json::Value) -> Event {
        event(&json!({"id": 1, "title": "Event 1", "description": "Description 1",
            "schedule": schedule, "created_by": 1}))
    }

    fn now() -> Timestamp {
        "2026-11-21T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn an_event_frame_has_exactly_these_fields_in_this_order() {
        let mut event =
            plain(&json!({"start": "18:30", "duration": 1.0, "timezone": "Europe/Berlin"}));
        let counts = Counts { going: 3, waiting: 0 };
        let frame = EventFrame::new(&event, counts, Standing::Going, "/media/", now());
        assert_eq!(
            to_string(&frame).unwrap(),
            concat!(
                r#"{"type":"event","id":1,"title":"Event 1","description":"Description 1","image":"","#,
                r#""start":"18:30","duration":1.0,"attending":true,"attendees":3,"#,
                r#""starts_at":"2026-11-21T18:30:00+01:00","ends_at":"2026-11-21T19:30:00+01:00","#,
                r#""timezone":"Europe/Berlin","location":"","capacity":null,"waiting":0,"#,
                r#""state":"going","cancelled":false,"cancel_reason":"","version":1,"#,
                r#""recurrence":"daily","until":null,"cancelled_dates":[]}"#,
            )
        );
        event.capacity = Some(Capacity::new(3).unwrap());
        event.cancelled = Some(Cancelled { reason: Reason::parse("rain").unwrap() });
        event.cancelled_dates.insert("2026-11-21".parse().unwrap());
        let counts = Counts { going: 3, waiting: 2 };
        let frame = EventFrame::new(&event, counts, Standing::Waitlisted, "/media/", now());
        let frame = to_value(&frame).unwrap();
        let rows = [
            ("attending", json!(false)),
            ("state", json!("waitlisted")),
            ("capacity", json!(3)),
            ("waiting", json!(2)),
            ("cancelled", json!(true)),
            ("cancel_reason", json!("rain")),
            ("starts_at", json!("2026-11-22T18:30:00+01:00")),
            ("cancelled_dates", json!(["2026-11-21"])),
        ];
        for (field, expected) in rows {
            assert_eq!(frame[field], expected, "{field}");
        }
    }

    #[test]
    fn a_picture_is_named_from_the_base_and_a_series_tells_its_last_date() {
        let name = format!("{}.png", "a".repeat(64));
        let event = event(
            &json!({"id": 2, "title": "T", "image": name, "created_by": 1, "schedule":
            {"start": "2026-12-31 23:30", "duration": 1.5, "timezone": "UTC", "recurrence": "monthly",
             "until": "2027-12-31"}}),
        );
        let base = "https://bot.example.org/media/";
        let frame = EventFrame::new(&event, Counts::default(), Standing::None, base, now());
        let frame = to_value(&frame).unwrap();
        assert_eq!(frame["image"], format!("{base}{name}"));
        assert_eq!(frame["start"], "2026-12-31 23:30");
        assert_eq!(frame["ends_at"], "2027-01-01T01:00:00+00:00");
        assert_eq!(
            (&frame["recurrence"], &frame["until"]),
            (&json!("monthly"), &json!("2027-12-31"))
        );
    }

    #[test]
    fn the_other_frames_are_as_short_as_they_can_be() {
        let frame = to_string(&DeleteFrame::new(EventId(5))).unwrap();
        assert_eq!(frame, r#"{"type":"delete-event","id":5}"#);
        let person = Attendee {
            telegram_id: UserId(7),
            name: "Ada Löve".to_owned(),
            state: Standing::Going,
            since: now(),
            reachable: true,
        };
        let frame = to_string(&AttendeesFrame::new(EventId(5), vec![person])).unwrap();
        assert_eq!(
            frame,
            r#"{"type":"attendees","event":5,"list":[{"telegram_id":7,"name":"Ada Löve","state":"going","since":"2026-11-21T12:00:00Z","reachable":true}]}"#
        );
    }

    #[test]
    fn a_snapshot_is_ordered_by_the_text_of_the_start_and_then_by_number() {
        let daily = |start: &str| plain(&json!({"start": start, "duration": 1, "timezone": "UTC"}));
        assert!(order(&daily("09:00")) < order(&daily("18:00")));
        assert!(order(&daily("18:00")) < order(&daily("2026-01-01 08:00")));
        let later = Event { id: EventId(2), ..daily("09:00") };
        assert!(order(&daily("09:00")) < order(&later));
    }
}
