//! What is kept about one server: how it stands, since when, its outage, and what people chose.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ids::UserId;
use crate::trueconf::Fault;

/// How a server stands, in the words of JSON, metrics and pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Not known yet, or nobody can know while our own network is gone.
    #[default]
    Unknown,
    /// Its status port answers.
    Up,
    /// Confirmed not to answer.
    Down,
    /// Monitoring is switched off.
    Off,
}

impl State {
    /// Its word: `unknown`, `up`, `down`, `off`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Up => "up",
            Self::Down => "down",
            Self::Off => "off",
        }
    }
}

/// Everything kept about one server. A server of which nothing is kept has the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// Whether somebody switched monitoring on or off; none: as the settings say.
    pub monitored: Option<bool>,
    /// Up or down, as last confirmed; unknown before. Never [`State::Off`]: see [`Record::state`].
    pub confirmed: State,
    /// Since when it is so: the first check that said so.
    pub since: Option<Timestamp>,
    /// The outage under way.
    pub outage: Option<Outage>,
    /// Outages that ended, the newest first; at most [`PAST_MAX`].
    pub past: Vec<Past>,
    /// Maintenance announced, the earliest first; at most [`WINDOWS_MAX`].
    pub windows: Vec<Window>,
    /// What is known of its certificate.
    pub certificate: Option<Certificate>,
}

/// The most outages kept that ended.
pub const PAST_MAX: usize = 20;

/// The most windows of maintenance of one server.
pub const WINDOWS_MAX: usize = 20;

/// An outage under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outage {
    /// The first check that failed.
    pub began: Timestamp,
    /// Why it failed when the outage was confirmed.
    #[serde(with = "fault")]
    pub reason: Fault,
    /// It was so when monitoring began; nobody knows for how long before.
    #[serde(default)]
    pub at_start: bool,
    /// People were told of it: they are told when it ends.
    #[serde(default)]
    pub told: bool,
    /// Who looks after it.
    #[serde(default)]
    pub acknowledged: Option<Acknowledged>,
}

/// Somebody looks after an outage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    /// Who.
    pub by: UserId,
    /// Their name then.
    pub name: String,
    /// When.
    pub at: Timestamp,
}

/// An outage that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// The first check that failed.
    pub began: Timestamp,
    /// The first good check after it.
    pub ended: Timestamp,
    /// Why it failed.
    #[serde(with = "fault")]
    pub reason: Fault,
}

/// A time in which a server may be down without anybody being told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Window {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end, no longer part of it.
    pub until: Timestamp,
    /// Who announced it.
    pub by: UserId,
}

/// What is known of a server's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// When it expires.
    pub expires: Timestamp,
    /// The smallest number of days before that of which people were told; 0 is its end.
    #[serde(default)]
    pub told: Option<u8>,
}

impl Record {
    /// Whether the server is checked, when the settings say `by_settings`.
    pub fn is_monitored(&self, by_settings: bool) -> bool {
        self.monitored.unwrap_or(by_settings)
    }

    /// How it stands, for people.
    pub fn state(&self, by_settings: bool) -> State {
        if self.is_monitored(by_settings) { self.confirmed } else { State::Off }
    }

    /// Whether maintenance is under way at `at`.
    pub fn is_maintained(&self, at: Timestamp) -> bool {
        self.windows.iter().any(|window| window.has(at))
    }
}

impl Window {
    /// Whether `at` is in it.
    pub fn has(&self, at: Timestamp) -> bool {
        (self.from..self.until).contains(&at)
    }
}

/// A fault in JSON is its word.
pub mod fault {
    use super::{Deserialize, Deserializer, Fault, Serialize, Serializer};

    #[expect(missing_docs, reason = "serde's")]
    pub fn serialize<S: Serializer>(fault: &Fault, to: S) -> Result<S::Ok, S::Error> {
        fault.word().serialize(to)
    }

    #[expect(missing_docs, reason = "serde's")]
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Fault, D::Error> {
        let word = String::deserialize(from)?;
        // A newer or older Roost had other words.
        Ok(Fault::of_word(&word).unwrap_or(Fault::Malformed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_back_and_old_ones_lack_what_came_later() {
        let at = Timestamp::from_second(1_800_000_000).unwrap();
        let record = Record {
            monitored: Some(true),
            confirmed: State::Down,
            since: Some(at),
            outage: Some(Outage {
                began: at,
                reason: Fault::Server(503),
                at_start: true,
                told: true,
                acknowledged: Some(Acknowledged { by: UserId(7), name: "Ada".to_owned(), at }),
            }),
            past: vec![Past { began: at, ended: at, reason: Fault::TimedOut }],
            windows: vec![Window { from: at, until: at, by: UserId(7) }],
            certificate: Some(Certificate { expires: at, told: Some(21) }),
        };
        let kept = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<Record>(&kept).unwrap(), record);
        assert_eq!(serde_json::from_str::<Record>("{}").unwrap(), Record::default());
    }

    #[test]
    fn the_choice_of_a_person_wins_over_the_settings() {
        for (chosen, by_settings, expected) in [
            (None, true, State::Up),
            (None, false, State::Off),
            (Some(true), false, State::Up),
            (Some(false), true, State::Off),
        ] {
            let record = Record { monitored: chosen, confirmed: State::Up, ..Record::default() };
            assert_eq!(record.state(by_settings), expected, "{chosen:?} {by_settings}");
        }
    }
}
