//! Backups: a copy that is written, checked against what it was made of, and put in its place.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::copy::{self, Contents};
use super::whole::Unfinished;
use super::{Store, StoreError, whispers};

/// What to do with a file that stands where the backup belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and there is no backup.
    Refuse,
    /// It goes when the backup is whole.
    Replace,
}

/// A backup that is being made. Dropping it leaves what stood in its place.
#[derive(Debug)]
pub struct Backup {
    place: PathBuf,
    existing: Existing,
    unfinished: Unfinished,
}

impl Backup {
    /// Begins a backup of `database` at `place`.
    pub fn begin(place: &Path, existing: Existing, database: &Path) -> Result<Self, StoreError> {
        let at = |error| StoreError::File(place.to_owned(), error);
        let there = match fs::symlink_metadata(place) {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            found => Some(found.map_err(at)?),
        };
        if there.as_ref().is_some_and(|there| existing == Existing::Refuse || !there.is_file()) {
            return Err(StoreError::Exists(place.to_owned()));
        }
        let itself = |of: &Path| fs::metadata(of).map(|of| (of.dev(), of.ino())).ok();
        if there.is_some() && itself(place) == itself(database) {
            return Err(StoreError::Itself(place.to_owned()));
        }
        let unfinished = Unfinished::beside(place).map_err(at)?;
        Ok(Self { place: place.to_owned(), existing, unfinished })
    }

    /// The empty file a copy goes to.
    pub fn file(&self) -> Result<File, StoreError> {
        let file = self.unfinished.file().try_clone();
        file.map_err(|error| StoreError::File(self.place.clone(), error))
    }

    /// Reads what was written, holds it against the `copied` and puts it in its place; its size in
    /// bytes.
    pub fn finish(self, copied: &Contents) -> Result<u64, StoreError> {
        let Self { place, existing, unfinished } = self;
        if copy::check(unfinished.path())? != *copied {
            let what = "what was written is not what was copied".to_owned();
            return Err(StoreError::Damaged(place, what));
        }
        let size = unfinished.file().metadata().map(|file| file.len());
        let put = size.and_then(|size| {
            match existing {
                Existing::Refuse => unfinished.appear(&place),
                Existing::Replace => unfinished.replace(&place),
            }?;
            Ok(size)
        });
        put.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => StoreError::Exists(place),
            _ => StoreError::File(place, error),
        })
    }
}

impl Store {
    /// Writes a consistent copy into the empty `file`, without the tables whose names begin with one
    /// of `left_out` and without what is only known while this process runs. The writer goes on.
    pub fn copy_into(&self, file: File, left_out: &[&str]) -> Result<Contents, StoreError> {
        let read = self.snapshot()?;
        copy::fill(&read.0, file, &|name| is_left_out(name, left_out), &|| !self.file.is_leaving())
    }

    /// Ends copies under way, since the program ends.
    pub fn stop_copying(&self) {
        self.file.leave();
    }

    /// A whole backup at `place`; its size in bytes.
    pub fn back_up(&self, place: &Path, left_out: &[&str]) -> Result<u64, StoreError> {
        let backup = Backup::begin(place, Existing::Refuse, self.path())?;
        let copied = self.copy_into(backup.file()?, left_out)?;
        backup.finish(&copied)
    }
}

/// Whether the table `name` is in no copy.
pub(super) fn is_left_out(name: &str, left_out: &[&str]) -> bool {
    whispers::is_of(name) || left_out.iter().any(|prefix| name.starts_with(prefix))
}
