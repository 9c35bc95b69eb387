//! What somebody is being asked: how far `/new` has come, or that a passphrase is awaited.
//!
//! What they answer that opens or is a secret is in the [vault](super::super::vault) only; the row says
//! that there is something, so that a restart can say it has forgotten it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::apps::Talk;
use crate::apps::secrets::sight::Place;
use crate::ids::UserId;
use crate::store::{Read, StoreError, TableDefinition, Tx, fresh_id};

/// (chat, person) → [`Dialogue`] as JSON.
const DIALOGUES: TableDefinition<(i64, i64), &[u8]> = TableDefinition::new("secrets/dialogues");

/// Questions that wait at most; when there are more, the one with the lowest ids goes.
const MOST: u64 = 10_000;

/// Whoever comes back after this long has forgotten what was asked.
const EXPIRES_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// A question that waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Dialogue {
    /// Its number, which its buttons carry.
    pub number: u64,
    /// The second of the last answer.
    pub touched: i64,
    /// What it is about.
    pub topic: Topic,
}

/// What is asked for next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Topic {
    /// How long the new secret waits.
    Ttl,
    /// Its passphrase.
    Passphrase(Wish),
    /// Who may read it.
    Recipient(Wish),
    /// Its text.
    Text(Wish),
    /// The passphrase of what somebody wants to read; the vault has what opens it.
    Reading,
}

/// What was answered so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wish {
    /// Seconds it waits.
    pub ttl: u64,
    /// The vault has a passphrase.
    pub has_passphrase: bool,
    /// Who alone may read it.
    pub recipient: Option<UserId>,
}

impl Topic {
    /// Whether the answer must not be written down.
    pub(super) fn is_confidential(&self) -> bool {
        matches!(self, Self::Passphrase(_) | Self::Text(_) | Self::Reading)
    }

    /// Whether the vault has an answer that goes with it.
    pub(super) fn needs_vault(&self) -> bool {
        match self {
            Self::Ttl | Self::Passphrase(_) => false,
            Self::Recipient(wish) | Self::Text(wish) => wish.has_passphrase,
            Self::Reading => true,
        }
    }
}

pub(super) fn prepare(tx: &Tx) -> Result<(), StoreError> {
    tx.table_mut(DIALOGUES).map(drop)
}

/// What `owner`, a person in a chat, is being asked.
pub(super) fn current(
    read: &impl Read,
    owner: Place,
    now: Timestamp,
) -> Result<Option<Dialogue>, StoreError> {
    let row = read.table(DIALOGUES)?.get(owner)?.map(|row| row.value().to_vec());
    let dialogue: Option<Dialogue> = row.and_then(|row| serde_json::from_slice(&row).ok());
    Ok(dialogue.filter(|dialogue| is_fresh(dialogue.touched, now)))
}

/// Asks anew; what was asked before is over.
pub(super) fn begin(tx: &Tx, talk: &Talk, topic: Topic) -> Result<Dialogue, StoreError> {
    let number = fresh_id(tx, "secrets/dialogues")?;
    sweep(tx, talk.asked.at)?;
    go_on(tx, talk, number, topic)
}

/// Asks the next question of the same dialogue.
pub(super) fn go_on(
    tx: &Tx,
    talk: &Talk,
    number: u64,
    topic: Topic,
) -> Result<Dialogue, StoreError> {
    let dialogue = Dialogue { number, touched: talk.asked.at.as_second(), topic };
    let row = serde_json::to_vec(&dialogue)
        .map_err(|error| StoreError::Row("secrets/dialogues", error))?;
    tx.table_mut(DIALOGUES)?.insert(owner(talk), &row[..])?;
    Ok(dialogue)
}

/// Asks nothing any more.
pub(super) fn end(tx: &Tx, talk: &Talk) -> Result<(), StoreError> {
    tx.table_mut(DIALOGUES)?.remove(owner(talk))?;
    Ok(())
}

/// Chat and person.
pub(super) fn owner(talk: &Talk) -> Place {
    (talk.chat.0, talk.asked.by.id.0)
}

fn is_fresh(touched: i64, now: Timestamp) -> bool {
    now.as_second().saturating_sub(touched) < EXPIRES_AFTER.as_secs()
}

fn sweep(tx: &Tx, now: Timestamp) -> Result<(), StoreError> {
    let is_alive =
        |row: &[u8]| serde_json::from_slice(row).is_ok_and(|d: Dialogue| is_fresh(d.touched, now));
    let mut dialogues = tx.table_mut(DIALOGUES)?;
    dialogues.retain(|_, row| is_alive(row))?;
    while dialogues.len()? >= MOST {
        dialogues.pop_first()?;
    }
    Ok(())
}
