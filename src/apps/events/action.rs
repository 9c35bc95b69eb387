//! What people can ask of an event, and who may: the one authorisation rule for every door.

use jiff::Timestamp;
use jiff::civil::Date;

use super::changes::{Change, Changes, Draft};
use super::image::Picture;
use super::refusal::Refusal;
use super::texts::Reason;
use crate::ids::UserId;

/// Who asks, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The person; 0 is the command line.
    pub user: UserId,
    /// Whether that person is an admin at this moment.
    pub is_admin: bool,
    /// The current instant.
    pub at: Timestamp,
}

/// What somebody asks for, without the details; enough to know whether they may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Join an event.
    Attend,
    /// Leave it, or its line.
    Leave,
    /// Make a new event.
    Create,
    /// Change an event.
    Edit,
    /// Cancel an event or one date of it.
    Cancel,
    /// Remove an event with everything about it.
    Delete,
    /// See who is on the roll.
    Attendees,
    /// Take somebody else off the roll.
    RemoveAttendee,
}

/// Whether who asks may do `verb`: the one rule for every door.
pub fn may(asked: &Asked, verb: Verb) -> Result<(), Refusal> {
    match verb {
        Verb::Attend | Verb::Leave => Ok(()),
        Verb::Create
        | Verb::Edit
        | Verb::Cancel
        | Verb::Delete
        | Verb::Attendees
        | Verb::RemoveAttendee => asked.is_admin.then_some(()).ok_or(Refusal::NotAdmin),
    }
}

/// What somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Join the event, or the end of its line.
    Attend,
    /// Leave the event, or its line.
    Leave,
    /// Make this event.
    Create(Box<Draft>),
    /// Change these fields.
    Edit(Box<Changes>),
    /// Cancel the event for good.
    Cancel {
        /// Why; empty if nobody said.
        reason: Reason,
    },
    /// Cancel one date of a series.
    CancelDate {
        /// Which date.
        date: Date,
        /// Why; goes into the notice and is not kept.
        reason: Reason,
    },
    /// Remove the event with everything about it.
    Delete,
    /// See who is on the roll; changes nothing.
    Attendees,
    /// Take this person off the roll.
    RemoveAttendee(UserId),
}

impl Action {
    /// What kind of action it is.
    pub fn verb(&self) -> Verb {
        match self {
            Self::Attend => Verb::Attend,
            Self::Leave => Verb::Leave,
            Self::Create(_) => Verb::Create,
            Self::Edit(_) => Verb::Edit,
            Self::Cancel { .. } | Self::CancelDate { .. } => Verb::Cancel,
            Self::Delete => Verb::Delete,
            Self::Attendees => Verb::Attendees,
            Self::RemoveAttendee(_) => Verb::RemoveAttendee,
        }
    }

    /// Whose standing the action may change: the person named, else the one who asks.
    pub fn concerns(&self, asked: &Asked) -> UserId {
        match self {
            Self::RemoveAttendee(user) => *user,
            _ => asked.user,
        }
    }

    /// The picture to keep if the action is done.
    pub fn picture(&self) -> Option<&Picture> {
        match self {
            Self::Create(draft) => draft.image.as_ref(),
            Self::Edit(changes) => match &changes.image {
                Change::Set(picture) => Some(picture),
                _ => None,
            },
            _ => None,
        }
    }
}
