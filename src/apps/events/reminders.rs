//! The reminders that are due, as a pure function of events, settings and time.
//!
//! Of each occurrence only the latest reminder that is due counts: who was asleep for a day is not
//! told a day too late. Nothing is due of what began more than [`CATCH_UP`] ago.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::model::Event;

/// After the start somebody who was not reminded still hurries; later it only annoys.
pub const CATCH_UP: SignedDuration = SignedDuration::from_mins(15);

/// How long before a start people are reminded, ascending and distinct.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Times(Vec<SignedDuration>);

/// One reminder of one occurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reminder {
    /// When the occurrence starts.
    pub starts: Timestamp,
    /// How long before it is due; zero is at the start.
    pub before: SignedDuration,
}

impl Times {
    /// The times of the settings, in any order.
    pub fn new(times: &[Duration]) -> Self {
        let mut times: Vec<_> =
            times.iter().filter_map(|time| SignedDuration::try_from(*time).ok()).collect();
        times.sort_unstable();
        times.dedup();
        Self(times)
    }

    /// The latest reminder of an occurrence that is due at `now`.
    fn latest(&self, starts: Timestamp, now: Timestamp) -> Option<Reminder> {
        let reminders = self.0.iter().map(|before| Reminder { starts, before: *before });
        reminders.into_iter().find(|reminder| reminder.at() <= now)
    }

    /// From when on `reminder` is of no use: the next one is due, or the event has begun.
    pub fn expiry(&self, reminder: Reminder) -> Timestamp {
        let next = self.0.iter().rev().find(|before| **before < reminder.before);
        next.map_or(reminder.starts + CATCH_UP, |before| reminder.starts - *before)
    }
}

impl Reminder {
    /// When it is due.
    pub fn at(&self) -> Timestamp {
        self.starts - self.before
    }
}

/// The reminders of `event` due at `now`, also those that were sent; at most one per occurrence.
/// Those due up to `since`, when its times became what they are, belong to no time of it.
pub fn due(event: &Event, times: &Times, since: Timestamp, now: Timestamp) -> Vec<Reminder> {
    let Some(longest) = times.0.last().filter(|_| event.cancelled.is_none()) else {
        return Vec::new();
    };
    let oldest = now - CATCH_UP;
    event
        .schedule
        .not_ended(oldest, &event.cancelled_dates)
        .map(|occurrence| occurrence.starts)
        .take_while(|starts| *starts <= now + *longest)
        .filter(|starts| oldest <= *starts)
        .filter_map(|starts| times.latest(starts, now))
        .filter(|reminder| since < reminder.at())
        .collect()
}

/// When the next reminder of `event` after `now` is due.
pub fn next(event: &Event, times: &Times, now: Timestamp) -> Option<Timestamp> {
    if event.cancelled.is_some() {
        return None;
    }
    let first = |before: &SignedDuration| {
        let after = now + *before;
        let mut left = event.schedule.not_ended(after, &event.cancelled_dates);
        left.find(|occurrence| after < occurrence.starts).map(|next| next.starts - *before)
    };
    times.0.iter().filter_map(first).min()
}

/// Whether `event` still has an occurrence with the start of `reminder`.
pub fn stands(event: &Event, reminder: Reminder) -> bool {
    let mut left = event.schedule.not_ended(reminder.starts, &event.cancelled_dates);
    event.cancelled.is_none()
        && left
            .find(|occurrence| reminder.starts <= occurrence.starts)
            .is_some_and(|occurrence| occurrence.starts == reminder.starts)
}

#[cfg(test)]
mod tests;
