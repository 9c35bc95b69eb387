//! The first schema, whose tables had redb's own types, and the way from there to tables of bytes.

use redb::{Key, ReadableTable, TableDefinition, TableError, TableHandle, Value};

use super::StoreError;
use super::column::{Column, encoded};
use super::meta::SCHEMA;
use super::table::Bytes;
use super::tx::Tx;

/// What a table is called while its rows are copied.
const ASIDE: &str = "schema-1/moving";

/// A type that redb and we both write, each in their own way.
trait Both: Value + Column + for<'a> Column<Of<'a> = <Self as Value>::SelfType<'a>> {}

impl<T: Value + Column + for<'a> Column<Of<'a> = <T as Value>::SelfType<'a>>> Both for T {}

/// The schema that redb's types kept; `None` for a file that is new or has tables of bytes.
pub(super) fn version(tx: &Tx) -> Result<Option<u64>, StoreError> {
    let numbers: TableDefinition<&str, u64> = TableDefinition::new("numbers");
    // Opening would make it.
    if !tx.redb().list_tables()?.any(|table| table.name() == numbers.name()) {
        return Ok(None);
    }
    match tx.redb().open_table(numbers) {
        Ok(table) => Ok(table.get(SCHEMA)?.map(|number| number.value())),
        Err(TableError::TableTypeMismatch { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Writes every table anew as a table of bytes.
pub(super) fn leave(tx: &Tx) -> Result<(), StoreError> {
    let tables: Vec<String> =
        tx.redb().list_tables()?.map(|table| table.name().to_owned()).collect();
    tables.iter().try_for_each(|name| match name.as_str() {
        "numbers" | "updates/readers" => table::<&str, u64>(tx, name),
        "users" => table::<i64, &[u8]>(tx, name),
        "telegram/handled" => table::<i64, i64>(tx, name),
        "telegram/set-aside" => table::<u64, (i64, i64, &str, &[u8])>(tx, name),
        "updates/log" => table::<u64, (i64, &str, i64, u64, &[u8])>(tx, name),
        "events" | "events/mailings" => table::<u64, &[u8]>(tx, name),
        "events/mailings/people" => table::<(u32, u64), &[u8]>(tx, name),
        "events/dialogues" | "events/dialogues/pictures" | "events/dialogues/cancels" => {
            table::<(i64, i64), &[u8]>(tx, name)
        }
        "events/calendars" => table::<&[u8; 32], i64>(tx, name),
        "events/calendar-of" => table::<i64, &[u8; 32]>(tx, name),
        "events/installation" => table::<&str, &str>(tx, name),
        "events/reminded" => table::<(u64, i64, i64), ()>(tx, name),
        "events/since" => table::<u64, i64>(tx, name),
        "events/roll" => table::<(u64, i64), (bool, u64, i64)>(tx, name),
        "events/line" => table::<(u64, u64), i64>(tx, name),
        "events/of-user" => table::<(i64, u64), ()>(tx, name),
        "events/counts" => table::<u64, (u32, u32)>(tx, name),
        "events/stamps" => table::<u64, (i64, i64)>(tx, name),
        "events/media" => table::<&str, &[u8]>(tx, name),
        name if name.starts_with("outbox/") => table::<u64, (i64, i64, i64, &[u8])>(tx, name),
        name => {
            log::warn!("the database has a table `{name}` that is not ours; it stays as it is");
            Ok(())
        }
    })
}

/// Copies one table, row by row: pictures need not fit into memory.
fn table<K: Key + Both + 'static, V: Both + 'static>(
    tx: &Tx,
    name: &str,
) -> Result<(), StoreError> {
    let aside = TableDefinition::<K, V>::new(ASIDE);
    tx.redb().rename_table(TableDefinition::<K, V>::new(name), aside)?;
    {
        let old = tx.redb().open_table(aside)?;
        let mut new = tx.redb().open_table(TableDefinition::<Bytes, Bytes>::new(name))?;
        for row in old.iter()? {
            let (key, value) = row?;
            let (key, value) = (encoded::<K>(&key.value()), encoded::<V>(&value.value()));
            new.insert(&key[..], &value[..])?;
        }
    }
    tx.redb().delete_table(aside)?;
    Ok(())
}
