//! A file that appears under its name whole or not at all.
//!
//! It is written under another name in the same folder and moved to its place at the end, so that
//! a kill or a full disk leaves what stood there before.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

/// What the name of an unfinished file ends with.
pub const UNFINISHED: &str = ".unfinished";

/// A file that is being written; it goes with this value unless it is put in its place.
#[derive(Debug)]
pub struct Unfinished {
    path: PathBuf,
    file: File,
}

impl Unfinished {
    /// An empty file (mode 0600) of the name `place` would have, with [`UNFINISHED`] behind it. One
    /// that a killed process left there is removed; one that somebody still writes is an error.
    pub fn beside(place: &Path) -> io::Result<Self> {
        let path = with_suffix(place, UNFINISHED);
        clear(&path)?;
        let file =
            OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { path, file }),
            Err(TryLockError::WouldBlock) => Err(busy()),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Where it is now.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The open file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Moves it to `place`, whatever file stands there.
    pub fn replace(self, place: &Path) -> io::Result<()> {
        self.settle()?;
        fs::rename(&self.path, place)?;
        sync_folder(place)
    }

    /// Moves it to `place`, where nothing may stand ([`ErrorKind::AlreadyExists`]).
    pub fn appear(self, place: &Path) -> io::Result<()> {
        self.settle()?;
        match renameat_with(CWD, &self.path, CWD, place, RenameFlags::NOREPLACE) {
            Ok(()) => {}
            // A file system that cannot: then somebody may be quicker.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => match fs::symlink_metadata(place) {
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    fs::rename(&self.path, place)?;
                }
                Err(error) => return Err(error),
                Ok(_) => return Err(ErrorKind::AlreadyExists.into()),
            },
            Err(error) => return Err(error.into()),
        }
        sync_folder(place)
    }

    /// Everything is on the disk, and the name still means this file.
    fn settle(&self) -> io::Result<()> {
        self.file.sync_all()?;
        if self.is_there() { Ok(()) } else { Err(busy()) }
    }

    fn is_there(&self) -> bool {
        let inode = |found: fs::Metadata| (found.dev(), found.ino());
        let there = fs::symlink_metadata(&self.path).map(inode);
        there.is_ok_and(|there| self.file.metadata().map(inode).is_ok_and(|ours| ours == there))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Once it is in its place, nothing has this name.
        if self.is_there() {
            drop(fs::remove_file(&self.path));
        }
    }
}

/// `path` with `suffix` behind its last name.
pub fn with_suffix(path: &Path, suffix: impl AsRef<OsStr>) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Makes sure that the folder of `path` remembers which files it has.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if folder != Path::new("") => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

/// Removes what a killed process left at `path`.
fn clear(path: &Path) -> io::Result<()> {
    let found = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        found => found?,
    };
    // A lock can be had on a file only; what is no file is removed if it can be.
    if found.is_file() {
        match File::open(path)?.try_lock_shared() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(busy()),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    fs::remove_file(path)
}

fn busy() -> io::Error {
    io::Error::new(ErrorKind::WouldBlock, "somebody else is writing this file")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_appears_whole_or_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a");
        let unfinished = Unfinished::beside(&place).unwrap();
        assert_eq!(unfinished.file().metadata().unwrap().mode() & 0o777, 0o600);
        assert_eq!(names(folder.path()), ["a.unfinished"]);
        drop(unfinished);
        assert!(names(folder.path()).is_empty());
        let unfinished = Unfinished::beside(&place).unwrap();
        unfinished.file().write_all(b"one").unwrap();
        unfinished.appear(&place).unwrap();
        assert_eq!(names(folder.path()), ["a"]);
        let second = Unfinished::beside(&place).unwrap();
        let refused = second.appear(&place).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::AlreadyExists);
        assert_eq!((fs::read(&place).unwrap(), names(folder.path()).len()), (b"one".to_vec(), 1));
        Unfinished::beside(&place).unwrap().replace(&place).unwrap();
        assert_eq!((fs::read(&place).unwrap(), names(folder.path()).len()), (Vec::new(), 1));
    }

    #[test]
    fn what_a_kill_left_is_removed_and_what_somebody_writes_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a");
        fs::write(folder.path().join("a.unfinished"), "half").unwrap();
        let first = Unfinished::beside(&place).unwrap();
        assert_eq!(first.file().metadata().unwrap().len(), 0);
        assert_eq!(Unfinished::beside(&place).unwrap_err().kind(), ErrorKind::WouldBlock);
        // Somebody took the name away meanwhile.
        fs::remove_file(first.path()).unwrap();
        fs::write(first.path(), "another's").unwrap();
        assert!(first.replace(&place).is_err());
        assert_eq!(names(folder.path()), ["a.unfinished"]);
    }
}
