//! Giving the disk back what the database does not need any more.
//!
//! redb uses freed pages again but keeps the file about as large as it ever was: after a sink was
//! away for a week, that is much. So a large file of which little is in use is made small when it is
//! opened.

use std::fs;
use std::path::Path;

use redb::{Database, ReadTransaction, ReadableDatabase, ReadableTable, TableError, TableHandle};

use super::StoreError;
use super::log;
use super::table::Bytes;
use super::tx::Snapshot;

/// The largest table, which knows its own size.
const LOG: &str = "updates/log";

/// Smaller files are left alone, in bytes.
const LARGE: u64 = 32 << 20;

/// A file is made smaller when its rows take less than this part of it. B-trees are at least about
/// a third full.
const PART: u64 = 4;

/// Makes the file at `path` smaller, if that is worth it. A failure costs nothing but the room.
pub(super) fn give_back(database: &mut Database, path: &Path) {
    let size = || fs::metadata(path).map_or(0, |file| file.len());
    let before = size();
    if before < LARGE {
        return;
    }
    match is_worth_it(database, before / PART) {
        Ok(false) => return,
        Ok(true) => {}
        Err(error) => return ::log::warn!("cannot see how full the database is: {error}"),
    }
    match database.compact() {
        Ok(_) => ::log::info!("the database had {before} bytes and needs {}", size()),
        Err(error) => ::log::warn!("the database stays larger than it need be: {error}"),
    }
}

/// Whether all rows together have fewer than `most` bytes; looks no further than that.
fn is_worth_it(database: &Database, most: u64) -> Result<bool, StoreError> {
    let read = Snapshot(database.begin_read()?);
    let mut used = log::waiting(&read, 0)?.bytes;
    for table in read.0.list_tables()?.filter(|table| table.name() != LOG) {
        if used < most {
            used += size(&read.0, table.name(), most - used)?;
        }
    }
    Ok(used < most)
}

/// The bytes of the rows of a table, or a number above `most`.
fn size(read: &ReadTransaction, name: &str, most: u64) -> Result<u64, StoreError> {
    let table = match read.open_table(redb::TableDefinition::<Bytes, Bytes>::new(name)) {
        Ok(table) => table,
        Err(TableError::TableTypeMismatch { .. }) => return Ok(0),
        Err(error) => return Err(error.into()),
    };
    let mut bytes = 0;
    for row in table.iter()? {
        let (key, value) = row?;
        bytes += (key.value().len() + value.value().len()) as u64;
        if bytes > most {
            break;
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Store, TableDefinition};

    const ROWS: TableDefinition<u64, &[u8]> = TableDefinition::new("rows");

    #[test]
    fn a_large_file_with_little_in_it_becomes_small_when_it_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roost.redb");
        let open = || Store::open(&path, |tx| tx.table_mut(ROWS).map(drop), Box::new(drop));
        let size = || fs::metadata(&path).unwrap().len();
        let store = open().unwrap();
        let put = |tx: &crate::store::Tx| {
            let mut rows = tx.table_mut(ROWS)?;
            let row = vec![7; 1 << 20];
            (0..48).try_for_each(|key| rows.insert(key, &row[..]).map(drop))
        };
        store.write(put).unwrap();
        drop(store);
        let full = size();
        assert!(full > LARGE, "{full}");
        let store = open().unwrap();
        assert_eq!(size(), full, "all of it is in use");
        store.write(|tx| tx.table_mut(ROWS)?.retain(|key, _| key < 3)).unwrap();
        drop(store);
        let store = open().unwrap();
        assert!(size() < full / 4, "{} of {full}", size());
        let read = store.snapshot().unwrap();
        assert_eq!(crate::store::Read::table(&read, ROWS).unwrap().len().unwrap(), 3);
    }
}
