//! The database file: created whole, recognised before it is opened, opened again after a failure.

use std::fs;
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};

use redb::{Database, DatabaseError, ReadableDatabase, WriteTransaction};

use super::tx::{Snapshot, Tx};
use super::whole::sync_folder;
use super::{StoreError, migrate, owner, room};

/// redb's page cache; its default of 1 GiB does not suit a Raspberry Pi.
pub(super) const CACHE: usize = 4 << 20;

/// The first bytes of a redb file (redb's `design.md`).
const REDB_MAGIC: &[u8] = b"redb\x1A\x0A\xA9\x0D\x0A";

/// The first bytes of an SQLite file, which the originals of Mini Events wrote.
const SQLITE_MAGIC: &[u8] = b"SQLite format 3\0";

/// The open file. `None` while it waits to be opened again after the disk failed.
pub(super) struct File {
    path: PathBuf,
    database: RwLock<Option<Arc<Database>>>,
    leaving: AtomicBool,
}

impl File {
    pub(super) fn open(
        path: &Path,
        prepare: &dyn Fn(&Tx) -> Result<(), StoreError>,
    ) -> Result<Self, StoreError> {
        let mut database = if recognise(path)? { existing(path)? } else { create(path, prepare)? };
        migrate::run(&database, path, prepare)?;
        room::give_back(&mut database, path);
        let database = RwLock::new(Some(Arc::new(database)));
        Ok(Self { path: path.to_owned(), database, leaving: AtomicBool::new(false) })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn database(&self) -> Result<Arc<Database>, StoreError> {
        let database = self.database.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        database.clone().ok_or(StoreError::Stopped)
    }

    pub(super) fn snapshot(&self) -> Result<Snapshot, StoreError> {
        Ok(Snapshot(self.database()?.begin_read()?))
    }

    pub(super) fn begin(&self) -> Result<WriteTransaction, StoreError> {
        if self.database().is_err() {
            self.reopen();
        }
        Ok(self.database()?.begin_write()?)
    }

    /// Whoever reads for long is to stop.
    pub(super) fn leave(&self) {
        self.leaving.store(true, Ordering::Release);
    }

    pub(super) fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::Acquire)
    }

    /// Closes the file once nobody reads it any more.
    pub(super) fn close(&self) {
        *self.database.write().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
    }

    /// Closes and opens the file: redb refuses every use after one failed write (a full disk).
    /// When that fails too, the next write tries again.
    pub(super) fn reopen(&self) {
        let mut database = self.database.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        *database = None;
        match existing(&self.path) {
            Ok(opened) => *database = Some(Arc::new(opened)),
            Err(error) => log::error!("{error}"),
        }
    }
}

/// Whether there is a database of ours at `path`; another program's file is an error.
pub(super) fn recognise(path: &Path) -> Result<bool, StoreError> {
    let mut file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(StoreError::File(path.to_owned(), error)),
    };
    let mut head = Vec::new();
    file.by_ref()
        .take(SQLITE_MAGIC.len() as u64)
        .read_to_end(&mut head)
        .map_err(|error| StoreError::File(path.to_owned(), error))?;
    let foreign = |kind| Err(StoreError::Foreign { path: path.to_owned(), kind });
    match &head[..] {
        [] => Ok(false),
        head if head.starts_with(REDB_MAGIC) => Ok(true),
        head if head == SQLITE_MAGIC => foreign("an SQLite database"),
        _ => foreign("another kind of file"),
    }
}

/// Creates the database beside its place and moves it there once it is whole, so that a crash
/// in between leaves no half a file behind.
fn create(
    path: &Path,
    prepare: &dyn Fn(&Tx) -> Result<(), StoreError>,
) -> Result<Database, StoreError> {
    let at = |error| StoreError::File(path.to_owned(), error);
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let unfinished = PathBuf::from(name);
    let file = claim(path, &unfinished)?;
    let database = redb::Builder::new()
        .set_cache_size(CACHE)
        .create_file(file)
        .map_err(|error| opening(path, error))?;
    migrate::run(&database, path, prepare)?;
    fs::rename(&unfinished, path).map_err(at)?;
    sync_folder(path).map_err(at)?;
    Ok(database)
}

/// The empty file `unfinished`, locked for this process. Another process may be at the same: it is
/// not disturbed, and what it finished meanwhile is not overwritten.
fn claim(path: &Path, unfinished: &Path) -> Result<fs::File, StoreError> {
    let at = |error| StoreError::File(path.to_owned(), error);
    let in_use = || Err(StoreError::InUse(path.to_owned()));
    let mut options = fs::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let file = options.open(unfinished).map_err(at)?;
    match file.try_lock() {
        Err(fs::TryLockError::WouldBlock) => return in_use(),
        Err(fs::TryLockError::Error(error)) => return Err(at(error)),
        Ok(()) => {}
    }
    let inode = |found: fs::Metadata| (found.dev(), found.ino());
    let still_there = fs::metadata(unfinished).map(inode).ok() == file.metadata().map(inode).ok();
    if !still_there || recognise(path)? {
        return in_use();
    }
    file.set_len(0).map_err(at)?;
    owner::as_its_folder(&file, path).map_err(at)?;
    Ok(file)
}

/// Opens the database at `path`. One that was just put aside for a restored one is not the database
/// any more.
pub(super) fn existing(path: &Path) -> Result<Database, StoreError> {
    let identity = || fs::metadata(path).map(|found| (found.dev(), found.ino()));
    let before = identity().map_err(|error| StoreError::File(path.to_owned(), error))?;
    let opened = redb::Builder::new().set_cache_size(CACHE).open(path);
    let opened = opened.map_err(|error| opening(path, error))?;
    match identity() {
        Ok(now) if now == before => Ok(opened),
        _ => Err(StoreError::InUse(path.to_owned())),
    }
}

pub(super) fn opening(path: &Path, error: DatabaseError) -> StoreError {
    match error {
        DatabaseError::DatabaseAlreadyOpen => StoreError::InUse(path.to_owned()),
        error => StoreError::Open(path.to_owned(), Box::new(error.into())),
    }
}
