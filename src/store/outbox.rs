//! The outbox: messages to Telegram, kept in lanes until they are delivered or refused for good.
//!
//! A row has a head that says when and where it goes, so that whoever plans need not read bodies.

use std::fmt;

use super::table::TableDefinition;
use jiff::Timestamp;

use super::{Read, StoreError, Tx, fresh_id};
use crate::ids::ChatId;

/// Place, second it was posted, second it expires, body.
type Row = (i64, i64, i64, &'static [u8]);

/// One table per lane, so that each knows its length; numbers are unique over all of them.
const LANES: [TableDefinition<u64, Row>; 5] = [
    TableDefinition::new("outbox/alerts"),
    TableDefinition::new("outbox/replies"),
    TableDefinition::new("outbox/consumers"),
    TableDefinition::new("outbox/notices"),
    TableDefinition::new("outbox/broadcasts"),
];

/// [`Place::Bot`] in a row; no chat has this id.
const BOT: i64 = 0;

/// [`Place::Files`] in a row.
const FILES: i64 = i64::MIN;

/// [`Place::Apart`] in a row.
const APART: i64 = i64::MIN + 1;

/// The classes of messages, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// Something that somebody must know now; overtakes everything.
    Alerts,
    /// What people get for what they did.
    Replies,
    /// What other bot programs send through us.
    Consumers,
    /// Reminders, and what changed.
    Notices,
    /// One text for everybody.
    Broadcasts,
}

/// Where a message goes, within which order is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A chat.
    Chat(ChatId),
    /// The bot itself: its menus and texts.
    Bot,
    /// Files that are fetched.
    Files,
    /// Nowhere: an answer to a tap or to an inline query, in no order with others.
    Apart,
}

/// Names a row for ever: numbers are never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Its lane.
    pub lane: Lane,
    /// Its number; lower is older.
    pub number: u64,
}

/// When and where a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Where.
    pub place: Place,
    /// Since when it waits.
    pub posted: Timestamp,
    /// It is of no use afterwards.
    pub expires: Timestamp,
}

/// How a lane stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The lane.
    pub lane: Lane,
    /// Messages in it.
    pub messages: u64,
    /// When the oldest was posted.
    pub since: Option<Timestamp>,
}

pub(super) fn prepare(tx: &Tx) -> Result<(), StoreError> {
    LANES.iter().try_for_each(|lane| tx.table_mut(*lane).map(drop))
}

/// Puts a message behind all others of its lane; the sender wakes after the commit.
///
/// A full lane refuses with [`StoreError::Full`], so that nothing is done that cannot be told.
pub fn push(tx: &Tx, lane: Lane, head: &Head, body: &[u8]) -> Result<Key, StoreError> {
    if tx.table(lane.table())?.len()? >= lane.most() {
        return Err(StoreError::Full(lane));
    }
    let key = Key { lane, number: fresh_id(tx, "outbox")? };
    put(tx, key, head, body)?;
    tx.outbox_filled();
    Ok(key)
}

/// Puts a message that was taken out back where it stood.
pub fn put(tx: &Tx, key: Key, head: &Head, body: &[u8]) -> Result<(), StoreError> {
    let (posted, expires) = (head.posted.as_second(), head.expires.as_second());
    let row = (head.place.encoded(), posted, expires, body);
    tx.table_mut(key.lane.table())?.insert(key.number, row)?;
    Ok(())
}

/// Up to `limit` heads of `lane` behind `after`, oldest first.
pub fn next(
    read: &impl Read,
    lane: Lane,
    after: u64,
    limit: usize,
) -> Result<Vec<(Key, Head)>, StoreError> {
    let table = read.table(lane.table())?;
    let rows = table.range(after.saturating_add(1)..)?.take(limit);
    rows.map(|row| {
        let (number, row) = row?;
        Ok((Key { lane, number: number.value() }, head(row.value())))
    })
    .collect()
}

/// The head and body of one message, if it is still there.
pub fn find(read: &impl Read, key: Key) -> Result<Option<(Head, Vec<u8>)>, StoreError> {
    let table = read.table(key.lane.table())?;
    let row = table.get(key.number)?;
    Ok(row.map(|row| (head(row.value()), row.value().3.to_vec())))
}

/// Forgets a message that was delivered or refused for good.
pub fn remove(tx: &Tx, key: Key) -> Result<(), StoreError> {
    tx.table_mut(key.lane.table())?.remove(key.number)?;
    Ok(())
}

/// Gives every message for `old` to `new`, with its body as `rewrite` makes it.
pub fn move_all(
    tx: &Tx,
    old: Place,
    new: Place,
    rewrite: impl Fn(&[u8]) -> Vec<u8>,
) -> Result<(), StoreError> {
    for lane in Lane::ALL {
        let mut table = tx.table_mut(lane.table())?;
        let mut moved = Vec::new();
        for row in table.iter()? {
            let (number, row) = row?;
            let (place, posted, expires, body) = row.value();
            if place == old.encoded() {
                moved.push((number.value(), posted, expires, rewrite(body)));
            }
        }
        for (number, posted, expires, body) in moved {
            table.insert(number, (new.encoded(), posted, expires, &body[..]))?;
        }
    }
    Ok(())
}

/// How each lane stands, the most urgent first.
pub fn waiting(read: &impl Read) -> Result<[Waiting; 5], StoreError> {
    let mut all = Lane::ALL.map(|lane| Waiting { lane, messages: 0, since: None });
    for waiting in &mut all {
        let table = read.table(waiting.lane.table())?;
        waiting.messages = table.len()?;
        waiting.since = table.first()?.map(|(_, row)| head(row.value()).posted);
    }
    Ok(all)
}

fn head((place, posted, expires, _): (i64, i64, i64, &[u8])) -> Head {
    let at = |second| Timestamp::from_second(second).unwrap_or(Timestamp::MAX);
    Head { place: Place::decoded(place), posted: at(posted), expires: at(expires) }
}

impl Lane {
    /// Every lane, the most urgent first.
    pub const ALL: [Self; 5] =
        [Self::Alerts, Self::Replies, Self::Consumers, Self::Notices, Self::Broadcasts];

    /// Messages it holds at most: ours to one person are few, those to everybody are as many as
    /// there are people.
    pub const fn most(self) -> u64 {
        match self {
            Self::Alerts => 10_000,
            Self::Replies | Self::Consumers => 20_000,
            Self::Notices | Self::Broadcasts => 50_000,
        }
    }

    /// Whether the same goes to many, so that nobody waits for theirs.
    pub const fn is_bulk(self) -> bool {
        matches!(self, Self::Notices | Self::Broadcasts)
    }

    fn table(self) -> TableDefinition<u64, Row> {
        LANES[self as usize]
    }
}

impl Place {
    fn encoded(self) -> i64 {
        match self {
            Self::Chat(ChatId(id)) => id,
            Self::Bot => BOT,
            Self::Files => FILES,
            Self::Apart => APART,
        }
    }

    fn decoded(place: i64) -> Self {
        match place {
            BOT => Self::Bot,
            FILES => Self::Files,
            APART => Self::Apart,
            id => Self::Chat(ChatId(id)),
        }
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Alerts => "alerts",
            Self::Replies => "replies",
            Self::Consumers => "messages of consumers",
            Self::Notices => "notices",
            Self::Broadcasts => "broadcasts",
        })
    }
}

#[cfg(test)]
#[path = "outbox_tests.rs"]
mod tests;
