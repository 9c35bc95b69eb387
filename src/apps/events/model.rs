//! What an event is, as kept: every field has been read once and is within its bounds.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::image::ImageName;
use super::refusal::Problem;
use super::schedule::{Occurrence, Schedule};
use super::texts::{Description, Location, Reason, Title};
use crate::ids::UserId;

/// Events kept at the same time; whoever creates one checks it in the same transaction.
pub const MAX_EVENTS: usize = 1_000;

/// People on one event's roll, going and waiting: more than any Telegram group that meets.
pub const MAX_PEOPLE: u32 = 100_000;

/// Seats of one event: a stadium is fine, a slip of the finger is not.
pub const MAX_CAPACITY: u32 = 1_000_000;

/// Cancelled dates kept per event: a whole year of a daily event.
pub const MAX_CANCELLED_DATES: usize = 366;

/// The number of an event, counted up from 1 and never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(pub u64);

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An event as stored. Rows of older versions stay readable: new fields need a serde default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its number.
    pub id: EventId,
    /// What it is called.
    pub title: Title,
    /// What it is about; may be empty.
    #[serde(default)]
    pub description: Description,
    /// The name of its picture.
    #[serde(default)]
    pub image: Option<ImageName>,
    /// When it happens.
    pub schedule: Schedule,
    /// Where it is; may be empty.
    #[serde(default)]
    pub location: Location,
    /// How many can go; nothing means everybody.
    #[serde(default)]
    pub capacity: Option<Capacity>,
    /// Set once it is cancelled; nothing undoes that.
    #[serde(default)]
    pub cancelled: Option<Cancelled>,
    /// Dates of the series that do not take place.
    #[serde(default)]
    pub cancelled_dates: BTreeSet<Date>,
    /// Who created it; 0 is the command line.
    pub created_by: UserId,
    /// Counts changes people can see, from 1 (the calendar's SEQUENCE is one less).
    #[serde(default = "first_version")]
    pub version: u64,
}

impl Event {
    /// The occurrence to show at `now`: the running one, else the next, else the last.
    pub fn current(&self, now: Timestamp) -> Occurrence {
        self.schedule.current(now, &self.cancelled_dates)
    }

    /// Whether every date has ended or is cancelled at `now`.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.schedule.is_over(now, &self.cancelled_dates)
    }

    /// Whether people can still join: neither cancelled nor over.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.cancelled.is_none() && !self.is_over(now)
    }

    /// Seats left when `going` people go; after the capacity was lowered that is 0, never less.
    pub fn free_seats(&self, going: u32) -> u32 {
        self.capacity.map_or(u32::MAX, |capacity| capacity.seats().saturating_sub(going))
    }
}

fn first_version() -> u64 {
    1
}

/// That an event is cancelled, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelled {
    /// Why; may be empty.
    #[serde(default)]
    pub reason: Reason,
}

/// How many can go, 1 to [`MAX_CAPACITY`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Capacity(u32);

impl Capacity {
    /// Checks a number of seats.
    pub fn new(seats: i64) -> Result<Self, Problem> {
        match u32::try_from(seats) {
            Ok(seats @ 1..=MAX_CAPACITY) => Ok(Self(seats)),
            _ => Err(Problem::CapacityOutOfRange { max: MAX_CAPACITY }),
        }
    }

    /// Reads a number of seats.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        Self::new(text.trim().parse().map_err(|_| Problem::NotAWholeNumber)?)
    }

    /// The number of seats.
    pub fn seats(self) -> u32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_one_to_a_million() {
        let range = Err(Problem::CapacityOutOfRange { max: 1_000_000 });
        let rows = [
            ("1", Ok(1)),
            (" 1000000 ", Ok(1_000_000)),
            ("0", range),
            ("-1", range),
            ("1000001", range),
            ("many", Err(Problem::NotAWholeNumber)),
            ("1.5", Err(Problem::NotAWholeNumber)),
        ];
        for (text, expected) in rows {
            assert_eq!(Capacity::parse(text).map(Capacity::seats), expected, "{text}");
        }
    }

    #[test]
    fn a_row_with_only_the_oldest_fields_is_readable() {
        let row = r#"{"id":7,"title":"Old","schedule":{"start":"09:00","duration":1.0,"timezone":"UTC"},"created_by":1}"#;
        let event: Event = serde_json::from_str(row).unwrap();
        assert_eq!((event.id, event.version, event.capacity), (EventId(7), 1, None));
        let again: Event = serde_json::from_str(&serde_json::to_string(&event).unwrap()).unwrap();
        assert_eq!(again, event);
    }
}
