//! What a server tells, in types; every text is bounded, every number read whatever its spelling.

use std::time::Duration;

use jiff::Timestamp;

use super::fault::Fault;
use super::rule::Applies;

/// A conference that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conference {
    /// Its public id, which joining and stopping take; none for a call that has no such id and
    /// cannot be stopped.
    pub id: Option<String>,
    /// Identifies this very run: the same conference started again has another.
    pub session: String,
    /// What it is called, unless it has no title.
    pub topic: Option<String>,
    /// Who owns it (`user@server`), where the server says so.
    pub owner: Option<String>,
    /// How many people are in it, where the server says so.
    pub people: Option<u32>,
    /// When it began, where the server says so.
    pub started: Option<Timestamp>,
    /// For how long it has been running.
    pub lasting: Duration,
    /// Address of the page that joins it; none without a public id.
    pub join: Option<String>,
    /// Address of its page for administrators of the server; none where the server has none.
    pub control: Option<String>,
}

/// People of a server by status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Online {
    /// Signed in, whatever they do: the sum of the others.
    pub total: u32,
    /// Signed in and free.
    pub free: u32,
    /// Busy.
    pub busy: u32,
    /// In a conference of several people.
    pub in_conference: u32,
}

/// People of one conference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct People {
    /// All of them.
    pub count: u32,
    /// Those that own or moderate it; none where the server does not tell.
    pub moderators: Option<u32>,
}

/// A conference that runs for longer than the rule of its server allows, and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The conference; `people` as found by the look-up.
    pub conference: Conference,
    /// Why it counts as forgotten, none if it does not, or why that could not be found out.
    pub verdict: Result<Option<Applies>, Fault>,
}

/// What came of stopping a conference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The server stopped it.
    Stopped,
    /// It had ended by itself.
    Gone,
    /// It had ended, and the same conference runs anew: that run was left alone.
    Replaced,
}

impl Conference {
    /// The public id, else the id of the run.
    pub fn label(&self) -> &str {
        self.id.as_deref().unwrap_or(&self.session)
    }
}

impl Stop {
    /// Its word: `stopped`, `gone`, `replaced`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Gone => "gone",
            Self::Replaced => "replaced",
        }
    }
}
