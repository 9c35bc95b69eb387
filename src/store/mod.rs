//! The store: one redb file, one writer thread, snapshots for everybody else.
//!
//! [`Store::write`] runs a closure inside the writer's transaction and returns after the durable
//! commit; [`Store::snapshot`] reads the newest committed state from any thread.

pub mod admin_code;
pub mod api_keys;
pub mod aside;
pub mod backup;
mod column;
mod copy;
mod error;
mod file;
pub mod fill;
mod intake;
pub mod log;
mod meta;
mod migrate;
pub mod outbox;
pub mod owner;
pub mod relay;
pub mod restore;
mod room;
#[cfg(feature = "schema-1")]
mod schema_1;
#[cfg(not(feature = "schema-1"))]
#[path = "schema_1_absent.rs"]
mod schema_1;
mod shelf;
mod table;
mod tx;
pub mod users;
pub mod whispers;
pub mod whole;
mod writer;

pub use column::Column;
pub use copy::Contents;
pub use error::StoreError;
pub use meta::{forget_update, fresh_id, is_news, remember_update, was_handled};
pub use migrate::KNOWN as SCHEMA;
pub use table::{Guard, Row, Rows, Table, TableDefinition, TableMut};
pub use tx::{Effects, Read, Snapshot, Subject, Tx};

use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

use file::File;
use writer::{Operation, Replies, Writer};

/// A database that is open for writing by this process.
///
/// Cloning is cheap; the file is closed and the writer thread joined with the last clone.
#[derive(Clone)]
pub struct Store {
    writer: Arc<Writer>,
    file: Arc<File>,
}

/// What follows a commit: the writer calls this once for each transaction that had effects.
pub type OnCommit = Box<dyn Fn(Effects) + Send>;

impl Store {
    /// Opens or creates the database at `path` (mode 0600), brings its schema up to date, runs
    /// `prepare` once (apps create their tables there) and starts the writer.
    pub fn open(
        path: &Path,
        prepare: impl Fn(&Tx) -> Result<(), StoreError>,
        on_commit: OnCommit,
    ) -> Result<Self, StoreError> {
        let file = Arc::new(File::open(path, &prepare)?);
        let writer = Arc::new(Writer::start(Arc::clone(&file), on_commit)?);
        Ok(Self { writer, file })
    }

    /// Where the file lies.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// The newest committed state.
    pub fn snapshot(&self) -> Result<Snapshot, StoreError> {
        self.file.snapshot()
    }

    /// Commits what was begun and closes the file, whoever else holds a clone: reads and writes
    /// answer [`StoreError::Stopped`] from now on.
    ///
    /// A file that was not closed is repaired at the next start, which takes the longer the larger
    /// it is.
    pub fn close(&self) {
        self.writer.stop();
        self.file.close();
    }

    /// Commits a row for the sake of it: whether the disk takes one.
    pub fn try_disk(&self) -> Result<(), StoreError> {
        self.write(meta::touch)
    }

    /// Whether the last commit failed: the disk is full or broken.
    pub fn has_failed(&self) -> bool {
        self.writer.has_failed()
    }

    /// Runs `operation` in the writer's transaction and waits for the durable commit.
    ///
    /// An `Err` leaves nothing of the operation behind. The closure may run more than once (the
    /// transaction is repeated without a neighbour that failed), so it must depend on its
    /// arguments and the transaction alone.
    pub fn write<T, E>(
        &self,
        operation: impl FnMut(&Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + Debug + 'static,
    {
        self.begin(operation).wait()
    }

    /// Like [`Store::write`], but returns at once; several begun operations share a commit.
    pub fn begin<T, E>(
        &self,
        operation: impl FnMut(&Tx) -> Result<T, E> + Send + 'static,
    ) -> Receipt<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + Debug + 'static,
    {
        let (operation, receipt) = Operation::boxed(operation);
        self.writer.submit(operation);
        Receipt(receipt)
    }
}

/// The answer to come of an operation that was begun.
#[must_use = "an operation is committed only when `wait` says so"]
pub struct Receipt<T, E>(Replies<T, E>);

impl<T, E: From<StoreError>> Receipt<T, E> {
    /// Waits for the commit that holds the operation, or for its failure.
    pub fn wait(self) -> Result<T, E> {
        match self.0.recv() {
            Ok(Ok(result)) => result,
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(StoreError::Stopped.into()),
        }
    }
}

#[cfg(test)]
mod backup_tests;
#[cfg(test)]
mod tests;
