//! Who goes to an event and who stands in line, as far as a decision needs it.

use serde::{Deserialize, Serialize};

use super::action::Action;
use super::model::Event;
use crate::ids::UserId;

/// How somebody stands to an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// Has a seat.
    Going,
    /// Stands in line for one.
    Waitlisted,
    /// Neither.
    #[default]
    None,
}

/// What has to be known of an event's roll to decide; the default is that of a new event.
#[derive(Clone, Copy, Debug, Default)]
pub struct Roll<'a> {
    /// How many have a seat.
    pub going: u32,
    /// How many stand in line.
    pub waiting: u32,
    /// How the person the action [concerns](Action::concerns) stands.
    pub standing: Standing,
    /// The front of the line, in order: the first [`line_needed`] of it, or all if there are fewer.
    pub line: &'a [UserId],
}

/// How much of the front of the line [`decide`](super::domain::decide) has to see for `action`: as many as could be
/// seated. An event can have ten thousand people waiting; mostly one of them is enough.
pub fn line_needed(event: &Event, action: &Action, going: u32) -> usize {
    let capacity = match action {
        Action::Edit(changes) => changes.capacity.clone().over(event.capacity),
        Action::Create(_) | Action::Delete | Action::Attendees => return 0,
        _ => event.capacity,
    };
    // Two more: a seat that the action itself frees, and somebody who leaves the line by it.
    capacity.map_or(usize::MAX, |c| c.seats().saturating_sub(going) as usize + 2)
}
