//! The audit log: who did what to which server, when, and how; the newest 10,000 entries.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::apps::Person;
use crate::ids::UserId;
use crate::store::{Read, StoreError, TableDefinition, Tx, fresh_id};

/// Number → [`Entry`].
const AUDIT: TableDefinition<u64, &[u8]> = TableDefinition::new("conferences/audit");

/// The newest entries kept: years of them, in some 3 MB.
const MOST: u64 = 10_000;

/// One entry, in the form of a row of `roost servers audit --json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// The person; none if Roost did it by itself or the command line did.
    #[serde(default)]
    pub user: Option<UserId>,
    /// The person's name then.
    #[serde(default)]
    pub name: String,
    /// Through which door.
    pub by: Door,
    /// The name of the server.
    pub server: String,
    /// What.
    pub what: What,
    /// The conference, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conference: Option<About>,
    /// What came of it, or further words: `stopped`, `gone`, `replaced`, the word of a fault …
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub result: String,
}

/// Through which door something was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Door {
    /// A button or command in the chat.
    Chat,
    /// The mini app.
    Page,
    /// `roost servers …`.
    CommandLine,
    /// Automatic tidying.
    Tidying,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A conference was to be stopped; the result says what came of it.
    Stop,
    /// Tidying decided to stop one; what came of it is the next entry about it.
    Decide,
    /// Tidying would have stopped it, but only pretends.
    WouldStop,
    /// Tidying warned before a stop.
    Warn,
    /// Tidying waits longer before a stop.
    Snooze,
    /// Tidying leaves a conference alone.
    Keep,
    /// Tidying changed its mind; the result says why.
    Spare,
    /// Monitoring was switched on.
    MonitoringOn,
    /// Monitoring was switched off.
    MonitoringOff,
    /// Somebody looks after an outage.
    Acknowledge,
    /// Maintenance was announced.
    MaintenanceOn,
    /// Maintenance was called off.
    MaintenanceOff,
}

/// A conference, as it was then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Its public id, else the id of the run.
    pub id: String,
    /// What it was called.
    pub topic: Option<String>,
    /// People in it, where that was known.
    pub people: Option<u32>,
}

impl Entry {
    /// What somebody did to a server as a whole.
    pub fn by(by: &Person, door: Door, at: Timestamp, server: &str, what: What) -> Self {
        Self {
            at,
            user: Some(by.id),
            name: by.name.clone(),
            by: door,
            server: server.to_owned(),
            what,
            conference: None,
            result: String::new(),
        }
    }
}

/// Makes the table exist.
pub fn prepare(tx: &Tx) -> Result<(), StoreError> {
    tx.table_mut(AUDIT).map(drop)
}

/// Adds `entry`; the oldest goes when there are too many.
pub fn push(tx: &Tx, entry: &Entry) -> Result<(), StoreError> {
    let number = fresh_id(tx, "conferences/audit")?;
    let row = serde_json::to_vec(entry).map_err(|error| StoreError::Row("audit", error))?;
    let mut table = tx.table_mut(AUDIT)?;
    table.insert(number, &row[..])?;
    while table.len()? > MOST {
        table.pop_first()?;
    }
    Ok(())
}

/// Up to `limit` entries, the newest first.
pub fn newest(read: &impl Read, limit: usize) -> Result<Vec<Entry>, StoreError> {
    let table = read.table(AUDIT)?;
    let rows = table.iter()?.rev().take(limit);
    rows.map(|row| {
        serde_json::from_slice(row?.1.value()).map_err(|error| StoreError::Row("audit", error))
    })
    .collect()
}

impl What {
    /// Its word, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Decide => "decide",
            Self::WouldStop => "would-stop",
            Self::Warn => "warn",
            Self::Snooze => "snooze",
            Self::Keep => "keep",
            Self::Spare => "spare",
            Self::MonitoringOn => "monitoring-on",
            Self::MonitoringOff => "monitoring-off",
            Self::Acknowledge => "acknowledge",
            Self::MaintenanceOn => "maintenance-on",
            Self::MaintenanceOff => "maintenance-off",
        }
    }
}

impl Door {
    /// Its word, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Page => "page",
            Self::CommandLine => "command-line",
            Self::Tidying => "tidying",
        }
    }
}
