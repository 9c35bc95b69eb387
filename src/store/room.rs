//! Giving the disk back what the database does not need any more.
//!
//! redb uses freed pages again but keeps the file about as large as it ever was: after a sink was
//! away for a week, that is much. So a large file of which little is in use is made small when it is
//! opened.

use std::fs;
use std::path::Path;

use redb::{Database, ReadTransaction, ReadableDatabase, ReadableTable, TableError, TableHandle};

use super::log;
use super::table::Bytes;
use super::tx::Snapshot;
use super::StoreError;

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
