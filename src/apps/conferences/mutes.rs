//! Who gets no alerts for a while: a choice each person makes for themselves.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::fleet::ServerId;
use crate::ids::UserId;
use crate::store::{self, Read, StoreError, TableDefinition, Tx};

/// Person, server or [`EVERY`] → [`Mute`].
const MUTES: TableDefinition<(i64, i64), &[u8]> = TableDefinition::new("conferences/mutes");

/// Stands for every server in a key; no server has this id.
const EVERY: i64 = -1;

/// Rows kept at most; only people who look after servers have any, and each at most one per server.
const MOST: u64 = 10_000;

/// The longest silence.
pub const LONGEST: Duration = Duration::from_secs(30 * 86_400);

/// A silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mute {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end, no longer part of it.
    pub until: Timestamp,
}

/// A silence with whose it is, and of which server; none is every.
pub type Row = (UserId, Option<ServerId>, Mute);

pub(super) fn prepare(tx: &Tx) -> Result<(), StoreError> {
    tx.table_mut(MUTES).map(drop)
}

/// Keeps a silence in place of the one before. When it ends is looked at by the timer.
pub fn set(tx: &Tx, user: UserId, server: Option<ServerId>, mute: Mute) -> Result<(), StoreError> {
    let row = serde_json::to_vec(&mute).map_err(|error| StoreError::Row("mutes", error))?;
    let mut table = tx.table_mut(MUTES)?;
    if table.len()? < MOST {
        table.insert(key(user, server), &row[..])?;
    }
    tx.due_changed();
    Ok(())
}

/// Ends a silence; what it was.
pub fn end(tx: &Tx, user: UserId, server: Option<ServerId>) -> Result<Option<Mute>, StoreError> {
    let mut table = tx.table_mut(MUTES)?;
    let row = table.remove(key(user, server))?;
    row.map(|row| decode(row.value())).transpose()
}

/// The silences of somebody.
pub fn of(read: &impl Read, user: UserId) -> Result<Vec<Row>, StoreError> {
    let table = read.table(MUTES)?;
    table.range((user.0, i64::MIN)..=(user.0, i64::MAX))?.map(|row| decoded(&row?)).collect()
}

/// Until when `user` gets no alerts of `server`, if so at `at`.
pub fn until(
    read: &impl Read,
    user: UserId,
    server: ServerId,
    at: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let table = read.table(MUTES)?;
    let mut latest = None;
    for of in [None, Some(server)] {
        if let Some(row) = table.get(key(user, of))? {
            let mute = decode(row.value())?;
            latest = latest.max(Some(mute.until).filter(|until| *until > at));
        }
    }
    Ok(latest)
}

/// Everybody's silences.
pub fn all(read: &impl Read) -> Result<Vec<Row>, StoreError> {
    read.table(MUTES)?.iter()?.map(|row| decoded(&row?)).collect()
}

fn key(user: UserId, server: Option<ServerId>) -> (i64, i64) {
    (user.0, server.map_or(EVERY, ServerId::key))
}

fn decoded((key, row): &store::Row<'_, (i64, i64), &'static [u8]>) -> Result<Row, StoreError> {
    let (user, server) = key.value();
    // A server's key is never below zero.
    Ok((UserId(user), u64::try_from(server).ok().map(ServerId), decode(row.value())?))
}

fn decode(row: &[u8]) -> Result<Mute, StoreError> {
    serde_json::from_slice(row).map_err(|error| StoreError::Row("mutes", error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[test]
    fn a_silence_is_of_one_person_and_one_or_every_server() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roost.redb");
        let store = Store::open(&path, prepare, Box::new(drop)).unwrap();
        let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).unwrap();
        let (ada, ben, one, other) = (UserId(7), UserId(8), ServerId(1), ServerId((1 << 48) - 1));
        store
            .write(move |tx| {
                set(tx, ada, Some(other), Mute { from: at(0), until: at(100) })?;
                set(tx, ada, None, Mute { from: at(0), until: at(50) })
            })
            .unwrap();
        let read = store.snapshot().unwrap();
        for (user, server, second, expected) in [
            (ada, one, 0, Some(50)),
            (ada, one, 50, None),
            (ada, other, 0, Some(100)),
            (ada, other, 99, Some(100)),
            (ada, other, 100, None),
            (ben, other, 0, None),
        ] {
            let found = until(&read, user, server, at(second)).unwrap();
            assert_eq!(found, expected.map(at), "{user} {server} {second}");
        }
        assert_eq!(of(&read, ada).unwrap().len(), 2);
        let ended = store.write(move |tx| end(tx, ada, None)).unwrap();
        assert_eq!(ended, Some(Mute { from: at(0), until: at(50) }));
        let left = all(&store.snapshot().unwrap()).unwrap();
        assert_eq!(left, [(ada, Some(other), Mute { from: at(0), until: at(100) })]);
    }
}
