//! What can go wrong with the database, named by what an operator can do about it.

use std::fmt;
use std::path::PathBuf;

use super::outbox::Lane;

/// A failure of the store.
#[derive(Debug)]
pub enum StoreError {
    /// The file is a database of another program.
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it looks like.
        kind: &'static str,
    },
    /// The file was written by a newer Roost.
    Newer {
        /// The schema version in the file.
        found: u64,
        /// The newest schema version this program knows.
        known: u64,
    },
    /// The file was written before the first release, and this program was built without the way
    /// to move it.
    Unreleased,
    /// The file could not be moved to this program's schema, and is as it was.
    NotMoved {
        /// Its schema.
        found: u64,
        /// Why.
        why: Box<StoreError>,
    },
    /// What lies in the file is not what was written.
    Damaged(PathBuf, String),
    /// Something stands where a new file belongs.
    Exists(PathBuf),
    /// A backup is not the database itself.
    Itself(PathBuf),
    /// Another process holds the file.
    InUse(PathBuf),
    /// The file cannot be opened.
    Open(PathBuf, Box<redb::Error>),
    /// The file or its folder cannot be used.
    File(PathBuf, std::io::Error),
    /// Reading or writing failed; nothing of the operation was kept.
    Failed(Box<redb::Error>),
    /// A row does not have the form this program writes.
    Row(&'static str, serde_json::Error),
    /// A lane of the outbox holds as many messages as it may.
    Full(Lane),
    /// The log of updates has reached a cap of `relay.keep`.
    LogFull {
        /// How many updates wait in it.
        entries: u64,
        /// Their bytes.
        bytes: u64,
    },
    /// An update whose predecessor is not kept yet.
    OutOfTurn,
    /// An update whose answer, which is not written down, has not left yet.
    Unanswered,
    /// The operation panicked; nothing of it was kept.
    Panicked,
    /// The store is stopping, or being opened again after a failure of the disk.
    Stopped,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign { path, kind } => write!(
                f,
                "`{}` is {kind}, not a database of Roost; move it away or set `database` to another file",
                path.display()
            ),
            Self::Newer { found, known } => write!(
                f,
                "the database has schema {found}, this program knows up to {known}; use the newer Roost that wrote it"
            ),
            Self::Unreleased => f.write_str(
                "the database was written by a Roost before its first release; open it once with one \
                 built with `--features schema-1`, which moves it",
            ),
            Self::NotMoved { found, why } => write!(
                f,
                "the database could not be moved on from schema {found} and is as it was: {why}; \
                 moving needs room for two more files of its size, make some and start again"
            ),
            Self::Damaged(path, what) => write!(
                f,
                "`{}` is damaged: {what}; nothing was changed, take another backup",
                path.display()
            ),
            Self::Exists(path) => write!(
                f,
                "`{}` exists; take another name, or replace it with `--force` if it is a file",
                path.display()
            ),
            Self::Itself(path) => {
                write!(f, "`{}` is the database itself; take another name", path.display())
            }
            Self::InUse(path) => write!(
                f,
                "`{}` is in use by another process; stop it, or talk to it through its control socket",
                path.display()
            ),
            Self::Open(path, error) => write!(f, "cannot open `{}`: {error}", path.display()),
            Self::File(path, error) => write!(f, "`{}`: {error}", path.display()),
            Self::Failed(error) => write!(f, "the database failed: {error}"),
            Self::Row(table, error) => write!(f, "a row of `{table}` cannot be read: {error}"),
            Self::Full(lane) => write!(
                f,
                "{} {lane} wait for telegram already; try again when some have left",
                lane.most()
            ),
            Self::LogFull { entries, bytes } => write!(
                f,
                "the log of updates is full: {entries} updates ({bytes} bytes) wait for a reader; see which one is behind, or raise `relay.keep`"
            ),
            Self::OutOfTurn => f.write_str("the update before this one is not kept yet; try again"),
            Self::Unanswered => {
                f.write_str("the answer to this update has not left yet; try again")
            }
            Self::Panicked => f.write_str("the operation failed inside; nothing was changed"),
            Self::Stopped => f.write_str("the database is not available now; try again"),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Open(_, error) | Self::Failed(error) => Some(error),
            Self::File(_, error) => Some(error),
            Self::Row(_, error) => Some(error),
            Self::NotMoved { why, .. } => Some(why),
            _ => None,
        }
    }
}

macro_rules! from_redb {
    ($($error:ty),*) => {$(
        impl From<$error> for StoreError {
            fn from(error: $error) -> Self {
                Self::Failed(Box::new(error.into()))
            }
        }
    )*};
}

from_redb!(redb::StorageError, redb::TableError, redb::TransactionError, redb::CommitError);
