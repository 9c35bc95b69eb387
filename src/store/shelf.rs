//! The tables of a transaction that are open, but used by nobody just now.
//!
//! redb looks a table up in its catalogue each time it is opened, and an operation opens ten. A batch
//! of operations opens each table once instead.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

use redb::{TableError, WriteTransaction};

use super::table::{Bytes, TableDefinition};

/// A table of redb's.
type Inner<'tx> = redb::Table<'tx, Bytes, Bytes>;

/// Opens the tables of a transaction and keeps them open.
pub(super) struct Shelf<'tx> {
    transaction: &'tx WriteTransaction,
    idle: RefCell<Vec<(&'static str, Inner<'tx>)>>,
}

/// A table that goes back to its shelf when it is dropped.
pub struct Lent<'shelf, 'tx> {
    name: &'static str,
    /// None only while it is dropped.
    table: Option<Inner<'tx>>,
    shelf: &'shelf Shelf<'tx>,
}

impl<'tx> Shelf<'tx> {
    pub fn new(transaction: &'tx WriteTransaction) -> Self {
        Self { transaction, idle: RefCell::default() }
    }

    /// The table, which nobody else can have meanwhile.
    pub fn lend<K, V>(
        &self,
        definition: TableDefinition<K, V>,
    ) -> Result<Lent<'_, 'tx>, TableError> {
        let name = definition.name();
        let idle = {
            let mut idle = self.idle.borrow_mut();
            let place = idle.iter().position(|(known, _)| *known == name);
            place.map(|place| idle.swap_remove(place).1)
        };
        let table = match idle {
            Some(table) => table,
            None => self.transaction.open_table(definition.bytes())?,
        };
        Ok(Lent { name, table: Some(table), shelf: self })
    }

    /// redb's own transaction, with no table open.
    pub fn cleared(&self) -> &'tx WriteTransaction {
        self.idle.borrow_mut().clear();
        self.transaction
    }
}

impl Drop for Lent<'_, '_> {
    fn drop(&mut self) {
        let table = self.table.take();
        self.shelf.idle.borrow_mut().extend(table.map(|table| (self.name, table)));
    }
}

impl<'tx> Deref for Lent<'_, 'tx> {
    type Target = Inner<'tx>;

    fn deref(&self) -> &Inner<'tx> {
        self.table.as_ref().expect("it is not dropped")
    }
}

impl<'tx> DerefMut for Lent<'_, 'tx> {
    fn deref_mut(&mut self) -> &mut Inner<'tx> {
        self.table.as_mut().expect("it is not dropped")
    }
}

#[cfg(test)]
mod tests {
    use redb::{Database, ReadableDatabase, ReadableTable};

    use super::*;

    const ROWS: TableDefinition<u64, u64> = TableDefinition::new("rows");

    #[test]
    fn a_table_is_lent_to_one_at_a_time_and_keeps_what_each_wrote() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::create(folder.path().join("db")).unwrap();
        let transaction = database.begin_write().unwrap();
        let shelf = Shelf::new(&transaction);
        for number in 0..3_u8 {
            let mut table = shelf.lend(ROWS).unwrap();
            table.insert(&[number][..], &[][..]).unwrap();
            assert!(matches!(shelf.lend(ROWS), Err(TableError::TableAlreadyOpen(..))));
        }
        drop(shelf);
        transaction.commit().unwrap();
        let read = database.begin_read().unwrap();
        assert_eq!(read.open_table(ROWS.bytes()).unwrap().iter().unwrap().count(), 3);
    }
}
