//! Updates set aside: bodies that are no updates, and updates that made a handler fail.
//!
//! They are acknowledged, so that Telegram does not send them for ever, and kept for whoever looks
//! into it.

use super::table::TableDefinition;
use jiff::Timestamp;

use super::{Read, StoreError, Tx, fresh_id};

/// Number → received (s), `update_id` or 0, why, raw bytes.
const ASIDE: TableDefinition<u64, (i64, i64, &str, &[u8])> =
    TableDefinition::new("telegram/set-aside");

/// The newest ones kept.
const MOST: u64 = 1_000;

/// Bytes kept of each: real updates have less, and 1,000 of them stay below 64 MB.
const BYTES_MAX: usize = 64 << 10;

/// One that was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// When.
    pub at: Timestamp,
    /// Its `update_id`, if that much could be read.
    pub update_id: Option<i64>,
    /// Why, without its text.
    pub reason: String,
    /// As it came, at most 64 KiB of it.
    pub raw: Vec<u8>,
}

pub(super) fn prepare(tx: &Tx) -> Result<(), StoreError> {
    tx.table_mut(ASIDE).map(drop)
}

/// Keeps `aside`; the oldest goes when there are too many.
pub fn push(tx: &Tx, aside: &SetAside) -> Result<(), StoreError> {
    let number = fresh_id(tx, "telegram/set-aside")?;
    let raw = &aside.raw[..aside.raw.len().min(BYTES_MAX)];
    let id = aside.update_id.unwrap_or(0);
    let mut table = tx.table_mut(ASIDE)?;
    table.insert(number, (aside.at.as_second(), id, aside.reason.as_str(), raw))?;
    while table.len()? > MOST {
        table.pop_first()?;
    }
    Ok(())
}

/// How many are kept.
pub fn count(read: &impl Read) -> Result<u64, StoreError> {
    read.table(ASIDE)?.len()
}

/// Up to `limit` of them, newest first.
pub fn newest(read: &impl Read, limit: usize) -> Result<Vec<SetAside>, StoreError> {
    let table = read.table(ASIDE)?;
    table
        .iter()?
        .rev()
        .take(limit)
        .map(|row| {
            let (_, value) = row?;
            let (at, id, reason, raw) = value.value();
            Ok(SetAside {
                at: Timestamp::from_second(at).unwrap_or_default(),
                update_id: (id != 0).then_some(id),
                reason: reason.to_owned(),
                raw: raw.to_vec(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[test]
    fn the_newest_thousand_are_kept_and_long_ones_are_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roost.redb");
        let store = Store::open(&path, |_| Ok(()), Box::new(drop)).unwrap();
        let one = |number: i64| SetAside {
            at: Timestamp::from_second(number).unwrap(),
            update_id: Some(number),
            reason: "no update".to_owned(),
            raw: vec![b'x'; if number == 1_005 { 1 << 20 } else { 3 }],
        };
        store.write(move |tx| (1..=1_005).try_for_each(|number| push(tx, &one(number)))).unwrap();
        let read = store.snapshot().unwrap();
        assert_eq!(count(&read).unwrap(), 1_000);
        let newest = newest(&read, 2_000).unwrap();
        assert_eq!((newest[0].update_id, newest[0].raw.len()), (Some(1_005), 64 << 10));
        assert_eq!(newest[999].update_id, Some(6));
    }
}
