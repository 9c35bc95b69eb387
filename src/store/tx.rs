//! A transaction of the writer and a snapshot of a reader, with one way to read both.

use std::cell::{Cell, RefCell};
use std::ops::Deref;

use redb::{ReadOnlyTable, ReadTransaction, ReadableTable, WriteTransaction};

use super::StoreError;
use super::shelf::Shelf;
use super::table::{Bytes, Table, TableDefinition, TableMut};
use crate::ids::UserId;

/// Something open pages show, named by its app and its id there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// [`crate::apps::App::name`] of the app it belongs to.
    pub app: &'static str,
    /// The app's own id.
    pub id: u64,
}

/// What a transaction causes once it is committed.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug, Default)]
pub struct Effects {
    /// Subjects that open pages must be shown anew.
    pub changed: Vec<Subject>,
    /// Users whose rights or name changed: their pages are welcomed again or closed.
    pub people: Vec<UserId>,
    /// The outbox has something new.
    pub outbox: bool,
    /// When apps have something to do by themselves is another time.
    pub due: bool,
    /// The log of updates has something new for its readers.
    pub log: bool,
    /// Whether there is anything for the disk. What only looked, or only has effects, costs it
    /// nothing.
    pub(super) is_written: bool,
    /// What is handed on; the writer runs it.
    pub(super) after: Vec<After>,
}

/// See [`Tx::after`].
pub(super) struct After(Box<dyn FnOnce() + Send>);

impl std::fmt::Debug for After {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("After")
    }
}

impl Effects {
    /// Whether nothing has to follow.
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.people.is_empty() && !self.outbox && !self.due && !self.log
    }

    /// Runs what was to follow the commit; a panic costs only the one it happens in.
    pub(super) fn run_after(&mut self) {
        for After(run) in self.after.drain(..) {
            // The panic hook has told of it.
            let _ = crate::thread::catch(run);
        }
    }
}

/// Reading, in a snapshot and inside a transaction alike.
pub trait Read {
    /// Opens one table. Keep it only for one look: a table is open once at a time in a [`Tx`].
    fn table<K, V>(
        &self,
        definition: TableDefinition<K, V>,
    ) -> Result<Table<impl Deref<Target: ReadableTable<Bytes, Bytes>>, K, V>, StoreError>;
}

/// A consistent view of what was committed when it was taken.
pub struct Snapshot(pub(super) ReadTransaction);

impl Read for Snapshot {
    fn table<K, V>(
        &self,
        definition: TableDefinition<K, V>,
    ) -> Result<Table<impl Deref<Target: ReadableTable<Bytes, Bytes>>, K, V>, StoreError> {
        Ok(Table::new(Opened(self.0.open_table(definition.bytes())?)))
    }
}

/// A table of a snapshot.
struct Opened(ReadOnlyTable<Bytes, Bytes>);

impl Deref for Opened {
    type Target = ReadOnlyTable<Bytes, Bytes>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// The writer's transaction, shared by up to 256 operations in turn.
pub struct Tx<'tx> {
    shelf: Shelf<'tx>,
    touched: Cell<bool>,
    /// Whether any operation opened a table for writing.
    written: Cell<bool>,
    effects: RefCell<Effects>,
}

impl Read for Tx<'_> {
    fn table<K, V>(
        &self,
        definition: TableDefinition<K, V>,
    ) -> Result<Table<impl Deref<Target: ReadableTable<Bytes, Bytes>>, K, V>, StoreError> {
        Ok(Table::new(self.shelf.lend(definition)?))
    }
}

/// Where an operation began, to tell what it did.
pub(super) struct Mark {
    changed: usize,
    people: usize,
    outbox: bool,
    due: bool,
    after: usize,
    log: bool,
}

impl<'tx> Tx<'tx> {
    pub(super) fn new(transaction: &'tx WriteTransaction) -> Self {
        let (touched, written) = (Cell::new(false), Cell::new(false));
        Self { shelf: Shelf::new(transaction), touched, written, effects: RefCell::default() }
    }

    /// Opens a table for writing.
    pub fn table_mut<K, V>(
        &self,
        definition: TableDefinition<K, V>,
    ) -> Result<TableMut<'_, 'tx, K, V>, StoreError> {
        self.touched.set(true);
        self.written.set(true);
        Ok(Table::new(self.shelf.lend(definition)?))
    }

    /// Open pages shall see `subject` anew after the commit.
    pub fn changed(&self, subject: Subject) {
        self.effects.borrow_mut().changed.push(subject);
    }

    /// The rights or the name of `user` are other ones after the commit.
    pub fn person_changed(&self, user: UserId) {
        self.effects.borrow_mut().people.push(user);
    }

    /// When an app has something to do by itself is another time after the commit.
    pub fn due_changed(&self) {
        self.effects.borrow_mut().due = true;
    }

    /// Readers of the log of updates have something to do after the commit.
    pub fn log_changed(&self) {
        self.effects.borrow_mut().log = true;
    }

    /// Runs `hand_on` on the writer's thread once this is committed, and never if it is not: for
    /// handing work to other threads. It must not wait for anything. What it takes along is in memory
    /// only: a crash right after the commit loses it.
    pub fn after(&self, hand_on: impl FnOnce() + Send + 'static) {
        self.effects.borrow_mut().after.push(After(Box::new(hand_on)));
    }

    /// Opens a table with redb's own error.
    #[cfg(not(feature = "schema-1"))]
    pub(super) fn open<K, V>(
        &self,
        definition: TableDefinition<K, V>,
    ) -> Result<TableMut<'_, 'tx, K, V>, redb::TableError> {
        self.shelf.lend(definition).map(Table::new)
    }

    /// redb's own transaction, for what looks at a file whatever its tables are.
    pub(super) fn redb(&self) -> &'tx WriteTransaction {
        self.shelf.cleared()
    }

    pub(super) fn outbox_filled(&self) {
        self.effects.borrow_mut().outbox = true;
    }

    pub(super) fn mark(&self) -> Mark {
        self.touched.set(false);
        let effects = self.effects.borrow();
        Mark {
            changed: effects.changed.len(),
            people: effects.people.len(),
            outbox: effects.outbox,
            due: effects.due,
            after: effects.after.len(),
            log: effects.log,
        }
    }

    /// Takes back the effects since `mark`; false when tables were written, too.
    pub(super) fn undo(&self, mark: &Mark) -> bool {
        let mut effects = self.effects.borrow_mut();
        effects.changed.truncate(mark.changed);
        effects.people.truncate(mark.people);
        effects.outbox = mark.outbox;
        effects.due = mark.due;
        effects.after.truncate(mark.after);
        effects.log = mark.log;
        !self.touched.get()
    }

    /// Closes its tables; what it causes once its transaction has been settled.
    pub(super) fn finish(self) -> Effects {
        Effects { is_written: self.written.get(), ..self.effects.into_inner() }
    }
}

impl Effects {
    /// Makes what led to them durable, if there is anything.
    pub(super) fn settle(self, transaction: WriteTransaction) -> Result<Self, StoreError> {
        if self.is_written {
            transaction.commit()?;
        } else {
            transaction.abort()?;
        }
        Ok(self)
    }
}
