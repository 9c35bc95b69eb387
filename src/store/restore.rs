//! Putting a backup in the place of the database, while nobody has that open.
//!
//! A copy of the backup is made beside the database, checked, and moved to its place in one step;
//! the database as it was has a second name before that. Whatever ends the process, the old
//! database or the new one is in its place, whole.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use redb::ReadableDatabase;
use rustix::fs::{Gid, Uid, fchown};

use super::StoreError;
use super::backup::is_left_out;
use super::copy::{self, Contents};
use super::file::{existing, opening, recognise};
use super::migrate::KNOWN;
use super::tx::Snapshot;
use super::whole::{Unfinished, sync_folder, with_suffix};

/// A database that was restored.
#[derive(Debug)]
pub struct Restored {
    /// What is in it.
    pub contents: Contents,
    /// Where the database is that was there before, if there was one.
    pub before: Option<PathBuf>,
}

/// Puts the backup `from` in the place of `database`, without the tables whose names begin with one
/// of `left_out`. `from` may also be a database that was kept aside; it stays as it is.
pub fn restore(
    from: &Path,
    database: &Path,
    left_out: &[&str],
    now: Timestamp,
) -> Result<Restored, StoreError> {
    let at = |error| StoreError::File(database.to_owned(), error);
    let old = hold(database)?;
    let source = File::open(from).map_err(|error| StoreError::File(from.to_owned(), error))?;
    if let Some(old) = &old
        && same(old, &source).map_err(at)?
    {
        return Err(StoreError::Itself(from.to_owned()));
    }
    if !recognise(from)? {
        return Err(StoreError::Damaged(from.to_owned(), "it is empty".to_owned()));
    }
    let (new, contents) = whole(source, from, database, left_out)?;
    own(new.file(), old.as_ref(), database).map_err(at)?;
    let before = match &old {
        Some(_) => Some(keep(database, now)?),
        None => None,
    };
    match before {
        Some(_) => new.replace(database),
        // Nobody could hold what was not there.
        None => new.appear(database),
    }
    .map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => StoreError::InUse(database.to_owned()),
        _ => StoreError::File(database.to_owned(), error),
    })?;
    Ok(Restored { contents, before })
}

/// The database, locked so that no server and no command can open it; `None` when there is none.
fn hold(database: &Path) -> Result<Option<File>, StoreError> {
    let at = |error| StoreError::File(database.to_owned(), error);
    let old = match File::options().read(true).write(true).open(database) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        old => old.map_err(at)?,
    };
    match old.try_lock() {
        Ok(()) => Ok(Some(old)),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(database.to_owned())),
        Err(TryLockError::Error(error)) => Err(at(error)),
    }
}

/// A checked copy of `from` beside `database`, with what is in it.
fn whole(
    mut source: File,
    from: &Path,
    database: &Path,
    left_out: &[&str],
) -> Result<(Unfinished, Contents), StoreError> {
    let at = |error| StoreError::File(database.to_owned(), error);
    let bytes = Unfinished::beside(&with_suffix(database, ".restore")).map_err(at)?;
    io::copy(&mut source, &mut bytes.file()).map_err(at)?;
    // redb takes the lock itself, through a handle of its own.
    bytes.file().unlock().map_err(at)?;
    // A broken file can lead redb anywhere.
    let looked = crate::thread::catch(|| look(bytes.path(), from, database, left_out));
    let damaged = || StoreError::Damaged(from.to_owned(), "it cannot be read".to_owned());
    match looked.unwrap_or_else(|| Err(damaged()))? {
        (Some(copied), contents) => Ok((copied, contents)),
        (None, contents) => Ok((bytes, contents)),
    }
}

/// Checks the file at `path`, a copy of `from`. What is no backup but a database may have tables that
/// do not come back: it is copied once more, row by row.
fn look(
    path: &Path,
    from: &Path,
    database: &Path,
    left_out: &[&str],
) -> Result<(Option<Unfinished>, Contents), StoreError> {
    let damaged = |what: &str| Err(StoreError::Damaged(from.to_owned(), what.to_owned()));
    let named = |error: StoreError| match error {
        StoreError::Open(_, error) => StoreError::Damaged(from.to_owned(), error.to_string()),
        error => error,
    };
    let mut opened = existing(path).map_err(named)?;
    if !opened.check_integrity().map_err(|error| opening(from, error)).map_err(named)? {
        return damaged("its pages are not as they were written");
    }
    let read = Snapshot(opened.begin_read()?);
    match copy::schema(&read)? {
        Some(1) => return Err(StoreError::Unreleased),
        Some(found) if found <= KNOWN => {}
        Some(found) => return Err(StoreError::Newer { found, known: KNOWN }),
        None => {
            let kind = "a database of another program";
            return Err(StoreError::Foreign { path: from.to_owned(), kind });
        }
    }
    match copy::contents(&read.0)? {
        Some((said, found)) if said == found => return Ok((None, found)),
        Some(_) => return damaged("its rows are not those that were copied"),
        None => {}
    }
    let at = |error| StoreError::File(database.to_owned(), error);
    let copied = Unfinished::beside(database).map_err(at)?;
    let file = copied.file().try_clone().map_err(at)?;
    let filled = copy::fill(&read.0, file, &|name| is_left_out(name, left_out), &|| true)?;
    if copy::check(copied.path())? != filled {
        return damaged("what was written is not what was copied");
    }
    Ok((Some(copied), filled))
}

/// Gives `new` to whoever had the database, or has its folder: the server may be another user.
fn own(new: &File, old: Option<&File>, database: &Path) -> io::Result<()> {
    let folder = database.parent().filter(|folder| *folder != Path::new(""));
    let folder = || fs::metadata(folder.unwrap_or(Path::new(".")));
    let owner = old.map_or_else(folder, File::metadata)?;
    let ours = new.metadata()?;
    if (ours.uid(), ours.gid()) == (owner.uid(), owner.gid()) {
        return Ok(());
    }
    let done = fchown(new, Some(Uid::from_raw(owner.uid())), Some(Gid::from_raw(owner.gid())));
    match done {
        // Whoever may not give files away wants it for themselves.
        Err(rustix::io::Errno::PERM) if old.is_none() => Ok(()),
        done => Ok(done?),
    }
}

/// Gives the database a second name, which it keeps when another takes its place.
fn keep(database: &Path, now: Timestamp) -> Result<PathBuf, StoreError> {
    let first = format!(".before-restore-{}", stamp(now));
    // Two restores in one second are two files.
    let more = (2..).map(|number| format!("{first}-{number}"));
    for suffix in std::iter::once(first.clone()).chain(more) {
        let name = with_suffix(database, suffix);
        match second_name(database, &name) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(StoreError::File(name, error)),
            Ok(()) => return Ok(name),
        }
    }
    Err(StoreError::Exists(database.to_owned()))
}

fn second_name(database: &Path, name: &Path) -> io::Result<()> {
    match fs::hard_link(database, name) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(error),
        Ok(()) => {}
        // A file system without second names.
        Err(_) => {
            let copy = Unfinished::beside(name)?;
            io::copy(&mut File::open(database)?, &mut copy.file())?;
            copy.appear(name)?;
        }
    }
    sync_folder(name)
}

/// The time in the name of a file; names are ordered as the times are.
pub fn stamp(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn same(one: &File, other: &File) -> io::Result<bool> {
    let identity = |file: &File| file.metadata().map(|found| (found.dev(), found.ino()));
    Ok(identity(one)? == identity(other)?)
}
