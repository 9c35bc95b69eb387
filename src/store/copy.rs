//! Copies of the database: table by table out of a snapshot into a new file, and read again.
//!
//! A copy is made of rows, so nothing of freed pages is in it. It says of itself what is in it:
//! rows and SHA-256 of every table.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use redb::{ReadTransaction, ReadableDatabase, ReadableTable, TableError, TableHandle};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::StoreError;
use super::file::{CACHE, existing, opening};
use super::table::Bytes;
use super::tx::{Read, Snapshot};

/// Name of a table → its rows, and the SHA-256 of them. Only copies have it.
const MANIFEST: Definition<'static> = redb::TableDefinition::new("copy/manifest");

/// How often a copy looks whether it shall go on, in rows.
const LOOK: u64 = 256;

/// Hexadecimal digits.
const HEX: &[u8; 16] = b"0123456789abcdef";

type Definition<'a> = redb::TableDefinition<'a, Bytes, Bytes>;

/// What is in a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// Tables.
    pub tables: u64,
    /// Rows of all tables.
    pub rows: u64,
    /// SHA-256 of the digests of all tables, in hexadecimal digits.
    pub digest: String,
}

/// Rows and digest of each table.
#[derive(Default)]
struct Manifest(BTreeMap<String, (u64, [u8; 32])>);

/// Writes what `from` shows into the empty `file`, without the tables `leave` names, for as long as
/// `go_on` says so.
pub(super) fn fill(
    from: &ReadTransaction,
    file: File,
    leave: &dyn Fn(&str) -> bool,
    go_on: &dyn Fn() -> bool,
) -> Result<Contents, StoreError> {
    let database = redb::Builder::new().set_cache_size(CACHE).create_file(file);
    let database = database.map_err(|error| opening(Path::new("the copy"), error))?;
    let tx = database.begin_write()?;
    let mut manifest = Manifest::default();
    for table in from.list_tables()? {
        let name = table.name();
        if name == MANIFEST.name() || leave(name) {
            continue;
        }
        let source = match from.open_table(Definition::new(name)) {
            Ok(source) => source,
            Err(TableError::TableTypeMismatch { .. }) => {
                log::warn!("the table `{name}` is not ours and not in the copy");
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let mut target = tx.open_table(Definition::new(name))?;
        let entry = rows(&source, go_on, |key, value| {
            target.insert(key, value)?;
            Ok(())
        })?;
        manifest.0.insert(name.to_owned(), entry);
    }
    let mut table = tx.open_table(MANIFEST)?;
    manifest.rows().try_for_each(|(name, row)| table.insert(name, &row[..]).map(drop))?;
    drop(table);
    if !go_on() {
        return Err(StoreError::Stopped);
    }
    tx.commit()?;
    Ok(manifest.contents())
}

/// Opens the copy at `path` and reads all of it; what is in it.
pub(super) fn check(path: &Path) -> Result<Contents, StoreError> {
    let damaged = |what: &str| Err(StoreError::Damaged(path.to_owned(), what.to_owned()));
    let mut database = existing(path)?;
    if !database.check_integrity().map_err(|error| opening(path, error))? {
        return damaged("its pages are not as they were written");
    }
    let read = database.begin_read()?;
    match contents(&read)? {
        Some((said, found)) if said == found => Ok(found),
        Some(_) => damaged("its rows are not those that were copied"),
        None => damaged("it does not say what is in it"),
    }
}

/// What a copy says is in it, and what is; `None` for a file that is no copy.
pub(super) fn contents(read: &ReadTransaction) -> Result<Option<(Contents, Contents)>, StoreError> {
    let manifest = match read.open_table(MANIFEST) {
        Ok(manifest) => manifest,
        Err(TableError::TableDoesNotExist(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let mut said = Said::default();
    for row in manifest.iter()? {
        let (key, value) = row?;
        said.add(key.value(), value.value());
    }
    let mut found = Manifest::default();
    for table in read.list_tables()?.filter(|table| table.name() != MANIFEST.name()) {
        let source = read.open_table(Definition::new(table.name()))?;
        found.0.insert(table.name().to_owned(), rows(&source, &|| true, |_, _| Ok(()))?);
    }
    Ok(Some((said.contents(), found.contents())))
}

/// Takes the manifest away: a database that is in use is no copy any more.
pub(super) fn forget(tx: &redb::WriteTransaction) -> Result<(), StoreError> {
    // Deleting what is not there would be a write.
    if tx.list_tables()?.any(|table| table.name() == MANIFEST.name()) {
        tx.delete_table(MANIFEST)?;
    }
    Ok(())
}

/// The schema of the file `read` looks into; `None` when it is no database of ours.
pub(super) fn schema(read: &Snapshot) -> Result<Option<u64>, StoreError> {
    use super::meta::{NUMBERS, SCHEMA};
    match read.0.open_table(NUMBERS.bytes()) {
        Ok(_) => {}
        Err(TableError::TableDoesNotExist(_)) => return Ok(None),
        // The first schema had tables of other types.
        Err(TableError::TableTypeMismatch { .. }) => return Ok(Some(1)),
        Err(error) => return Err(error.into()),
    }
    Ok(read.table(NUMBERS)?.get(SCHEMA)?.map(|number| number.value()))
}

/// Gives every row of `table` to `each`; how many there are, and their digest.
fn rows(
    table: &impl ReadableTable<Bytes, Bytes>,
    go_on: &dyn Fn() -> bool,
    mut each: impl FnMut(&[u8], &[u8]) -> Result<(), StoreError>,
) -> Result<(u64, [u8; 32]), StoreError> {
    let (mut count, mut digest) = (0_u64, Sha256::new());
    for row in table.iter()? {
        if count % LOOK == 0 && !go_on() {
            return Err(StoreError::Stopped);
        }
        let (key, value) = row?;
        for part in [key.value(), value.value()] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        each(key.value(), value.value())?;
        count += 1;
    }
    Ok((count, digest.finalize().into()))
}

impl Manifest {
    /// Its rows as bytes.
    fn rows(&self) -> impl Iterator<Item = (&[u8], Vec<u8>)> {
        self.0.iter().map(|(name, (rows, digest))| {
            (name.as_bytes(), [&rows.to_be_bytes()[..], digest].concat())
        })
    }

    fn contents(&self) -> Contents {
        let mut said = Said::default();
        self.rows().for_each(|(name, row)| said.add(name, &row));
        said.contents()
    }
}

/// Adds up the rows of a manifest.
#[derive(Default)]
struct Said {
    tables: u64,
    rows: u64,
    digest: Sha256,
}

impl Said {
    fn add(&mut self, name: &[u8], row: &[u8]) {
        self.tables += 1;
        let count = row.first_chunk().map_or(0, |count| u64::from_be_bytes(*count));
        self.rows = self.rows.saturating_add(count);
        self.digest.update((name.len() as u64).to_be_bytes());
        self.digest.update(name);
        self.digest.update(row);
    }

    fn contents(self) -> Contents {
        let digest: [u8; 32] = self.digest.finalize().into();
        let hex = |byte: &u8| [byte >> 4, byte & 15].map(|half| char::from(HEX[usize::from(half)]));
        let digest = digest.iter().flat_map(hex).collect();
        Contents { tables: self.tables, rows: self.rows, digest }
    }
}
