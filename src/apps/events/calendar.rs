//! Events as iCalendar (RFC 5545): what calendar programs import and subscribe to.
//!
//! Pure and deterministic: the same events give the same bytes, so that an unchanged calendar is
//! known by its hash. Nothing here depends on the time of the request.

mod lines;
mod vevent;
mod vtimezone;

use jiff::Timestamp;

use super::model::Event;
use super::roll::Standing;
use lines::Lines;
use vtimezone::Span;

/// The program that wrote it (RFC 5545 §3.7.3).
const PRODUCT: &str = "-//Roost//Mini Events//EN";

/// How often programs should ask again: an hour, as notices tell what is urgent (RFC 7986 §5.7).
const REFRESH: &str = "PT1H";

/// A calendar to be written.
#[derive(Clone, Debug)]
pub struct Calendar<'a> {
    /// What a subscribed calendar is called; one event to be imported has no name of its own.
    pub name: Option<&'a str>,
    /// What tells this installation's events from those of others: letters and digits.
    pub installation: &'a str,
    /// Where the mini app opens; `?startapp=<id>` is added.
    pub link: Option<&'a str>,
    /// The events, in the order they are written.
    pub entries: Vec<Entry>,
}

/// One event of a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The event.
    pub event: Event,
    /// How sure the reader's being there is.
    pub status: Status,
    /// When the event was created and last changed.
    pub stamps: Stamps,
}

/// When an event was created and last changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamps {
    /// When it was created; a daily event has no earlier date in calendars.
    pub created: Timestamp,
    /// When it was last changed.
    pub changed: Timestamp,
}

/// STATUS of a VEVENT (RFC 5545 §3.8.1.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It takes place, and the reader has a seat or needs none.
    Confirmed,
    /// It takes place, and the reader waits for a seat.
    Tentative,
    /// It does not take place.
    Cancelled,
}

impl Status {
    /// The status of `event` for somebody who stands so.
    pub fn of(event: &Event, standing: Standing) -> Self {
        match standing {
            _ if event.cancelled.is_some() => Self::Cancelled,
            Standing::Waitlisted => Self::Tentative,
            Standing::Going | Standing::None => Self::Confirmed,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "CONFIRMED",
            Self::Tentative => "TENTATIVE",
            Self::Cancelled => "CANCELLED",
        }
    }
}

impl Calendar<'_> {
    /// The whole file.
    pub fn write(&self) -> String {
        let mut lines = Lines::default();
        lines.put("BEGIN", "VCALENDAR");
        lines.put("VERSION", "2.0");
        lines.put("PRODID", PRODUCT);
        lines.put("CALSCALE", "GREGORIAN");
        if let Some(name) = self.name {
            lines.text("NAME", name);
            lines.text("X-WR-CALNAME", name);
            lines.put("REFRESH-INTERVAL;VALUE=DURATION", REFRESH);
            lines.put("X-PUBLISHED-TTL", REFRESH);
        }
        for (zone, span) in Span::of_zones(&self.entries) {
            vtimezone::write(&mut lines, zone, span);
        }
        for entry in &self.entries {
            vevent::write(&mut lines, self, entry);
        }
        lines.put("END", "VCALENDAR");
        lines.finish()
    }
}

#[cfg(test)]
mod tests;
