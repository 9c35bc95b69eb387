//! What follows from an action, as plain values for the store and the notices.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::image::ImageName;
use super::model::{Capacity, Event};
use super::roll::Standing;
use super::schedule::Schedule;
use super::texts::{Description, Location, Reason, Title};
use crate::ids::UserId;

/// What follows from an action. The default is that nothing does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// What becomes of the event.
    pub next: Next,
    /// How people's standing changes, in order.
    pub moves: Vec<Move>,
    /// What people can see has changed, for the notices.
    pub changes: Vec<Changed>,
    /// A picture this event no longer has; it can go once no other event has it.
    pub unused: Option<ImageName>,
}

/// What becomes of the event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Next {
    /// It stays as it is.
    #[default]
    Same,
    /// It is stored like this.
    Put(Box<Event>),
    /// It is removed, with its roll.
    Delete,
}

/// Somebody's standing changes. To [`Standing::Waitlisted`] means to the end of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// Whose.
    pub user: UserId,
    /// What it was.
    pub from: Standing,
    /// What it is now.
    pub to: Standing,
}

/// One thing people can see has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Changed {
    /// The event is new.
    Created,
    /// Its name.
    Title {
        /// Before.
        old: Title,
        /// After.
        new: Title,
    },
    /// What it is about.
    Description {
        /// Before.
        old: Description,
        /// After.
        new: Description,
    },
    /// Its picture.
    Image {
        /// Before.
        old: Option<ImageName>,
        /// After.
        new: Option<ImageName>,
    },
    /// When it happens.
    Schedule {
        /// Before.
        old: Box<Schedule>,
        /// After.
        new: Box<Schedule>,
    },
    /// Where it is.
    Location {
        /// Before.
        old: Location,
        /// After.
        new: Location,
    },
    /// How many can go.
    Capacity {
        /// Before.
        old: Option<Capacity>,
        /// After.
        new: Option<Capacity>,
    },
    /// It is cancelled.
    Cancelled {
        /// Why; may be empty.
        reason: Reason,
    },
    /// It was cancelled before; why is told anew.
    Reason {
        /// Before.
        old: Reason,
        /// After.
        new: Reason,
    },
    /// One date of the series is cancelled.
    DateCancelled {
        /// Which.
        date: Date,
        /// Why; may be empty.
        reason: Reason,
    },
    /// It is removed.
    Deleted,
}

impl Decision {
    /// Whether nothing follows.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Who got a seat from the line.
    pub fn promoted(&self) -> impl Iterator<Item = UserId> + '_ {
        let up = |m: &&Move| m.from == Standing::Waitlisted && m.to == Standing::Going;
        self.moves.iter().filter(up).map(|m| m.user)
    }

    /// The event becomes this.
    pub(super) fn put(event: Event, changes: Vec<Changed>) -> Self {
        Self { next: Next::Put(Box::new(event)), changes, ..Self::default() }
    }
}
