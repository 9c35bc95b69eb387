//! What somebody is being asked, kept between messages: by chat and person, for an hour.

use crate::store::TableDefinition;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::apps::Talk;
use crate::apps::events::model::EventId;
use crate::store::{Read, StoreError, Tx, fresh_id};

/// (chat, person) → what they are asked.
const DIALOGUES: TableDefinition<(i64, i64), &[u8]> = TableDefinition::new("events/dialogues");

/// (chat, person) → the picture they sent for the event to be.
const PICTURES: TableDefinition<(i64, i64), &[u8]> =
    TableDefinition::new("events/dialogues/pictures");

/// (chat, person) → the series they want to cancel, while they choose how much of it.
const CANCELS: TableDefinition<(i64, i64), &[u8]> =
    TableDefinition::new("events/dialogues/cancels");

/// Whoever comes back after this long has forgotten what was asked.
const EXPIRES_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// Questions that wait for an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Dialogue {
    /// Its number, which its buttons carry: those of an older one do nothing.
    pub number: u64,
    /// The second of the last answer.
    pub touched: i64,
    /// What it is about.
    pub topic: Topic,
}

/// What the questions are about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Topic {
    /// A new event.
    Add {
        /// The step to be answered, from 0.
        step: usize,
        /// The answers so far: the field's name and the text, which was checked.
        answers: Vec<(String, String)>,
    },
    /// A new value for this field.
    Edit {
        /// Of this event.
        event: EventId,
        /// The field's name.
        field: String,
    },
}

/// A series somebody wants to cancel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cancel {
    /// Which.
    pub event: EventId,
    /// Why; may be empty.
    pub reason: String,
    touched: i64,
}

/// Makes the tables exist.
pub fn prepare(tx: &Tx) -> Result<(), StoreError> {
    tx.table_mut(DIALOGUES)?;
    tx.table_mut(PICTURES)?;
    tx.table_mut(CANCELS)?;
    Ok(())
}

/// What the person is being asked in this chat.
pub(super) fn current(tx: &Tx, talk: &Talk) -> Result<Option<Dialogue>, StoreError> {
    let row = tx.table(DIALOGUES)?.get(key(talk))?.map(|row| row.value().to_vec());
    let dialogue: Option<Dialogue> = row.and_then(|row| serde_json::from_slice(&row).ok());
    Ok(dialogue.filter(|dialogue| is_fresh(dialogue.touched, talk.asked.at)))
}

/// Begins new questions; those before are forgotten, and so are all that have expired.
pub(super) fn begin(tx: &Tx, talk: &Talk, topic: Topic) -> Result<Dialogue, StoreError> {
    end(tx, talk)?;
    sweep(tx, talk.asked.at)?;
    let number = fresh_id(tx, "events/dialogues")?;
    keep(tx, talk, Dialogue { number, touched: 0, topic })
}

/// Keeps the questions as they stand now.
pub(super) fn keep(tx: &Tx, talk: &Talk, dialogue: Dialogue) -> Result<Dialogue, StoreError> {
    let dialogue = Dialogue { touched: talk.asked.at.as_second(), ..dialogue };
    tx.table_mut(DIALOGUES)?.insert(key(talk), &encode(&dialogue)?[..])?;
    Ok(dialogue)
}

/// Ends the questions.
pub(super) fn end(tx: &Tx, talk: &Talk) -> Result<(), StoreError> {
    tx.table_mut(DIALOGUES)?.remove(key(talk))?;
    tx.table_mut(PICTURES)?.remove(key(talk))?;
    Ok(())
}

/// Keeps the picture for the event to be; it ends with the questions.
pub(super) fn keep_picture(tx: &Tx, talk: &Talk, bytes: &[u8]) -> Result<(), StoreError> {
    tx.table_mut(PICTURES)?.insert(key(talk), bytes)?;
    Ok(())
}

/// The picture for the event to be.
pub(super) fn picture(tx: &Tx, talk: &Talk) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(tx.table(PICTURES)?.get(key(talk))?.map(|row| row.value().to_vec()))
}

/// Keeps what is to be cancelled while the person chooses how much of it.
pub(super) fn keep_cancel(
    tx: &Tx,
    talk: &Talk,
    event: EventId,
    reason: String,
) -> Result<(), StoreError> {
    let cancel = Cancel { event, reason, touched: talk.asked.at.as_second() };
    tx.table_mut(CANCELS)?.insert(key(talk), &encode(&cancel)?[..])?;
    Ok(())
}

/// What is to be cancelled; asked once.
pub(super) fn take_cancel(tx: &Tx, talk: &Talk) -> Result<Option<Cancel>, StoreError> {
    let row = tx.table_mut(CANCELS)?.remove(key(talk))?.map(|row| row.value().to_vec());
    let cancel: Option<Cancel> = row.and_then(|row| serde_json::from_slice(&row).ok());
    Ok(cancel.filter(|cancel| is_fresh(cancel.touched, talk.asked.at)))
}

fn key(talk: &Talk) -> (i64, i64) {
    (talk.chat.0, talk.asked.by.id.0)
}

fn is_fresh(touched: i64, now: Timestamp) -> bool {
    now.as_second().saturating_sub(touched) < EXPIRES_AFTER.as_secs()
}

fn encode(row: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(row).map_err(|error| StoreError::Row("events/dialogues", error))
}

/// Forgets questions nobody answered, with their pictures.
fn sweep(tx: &Tx, now: Timestamp) -> Result<(), StoreError> {
    #[derive(Deserialize)]
    struct Touched {
        touched: i64,
    }
    let is_alive = |row: &[u8]| {
        serde_json::from_slice::<Touched>(row).is_ok_and(|row| is_fresh(row.touched, now))
    };
    let mut dialogues = tx.table_mut(DIALOGUES)?;
    dialogues.retain(|_, row| is_alive(row))?;
    let mut pictures = tx.table_mut(PICTURES)?;
    let orphans: Vec<(i64, i64)> = pictures
        .iter()?
        .map(|row| Ok(row?.0.value()))
        .filter(|key| !matches!(key, Ok(key) if dialogues.get(key).is_ok_and(|d| d.is_some())))
        .collect::<Result<_, StoreError>>()?;
    for orphan in orphans {
        pictures.remove(orphan)?;
    }
    tx.table_mut(CANCELS)?.retain(|_, row| is_alive(row))?;
    Ok(())
}
