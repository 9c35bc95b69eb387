//! The schema version of the file, and the steps from one to the next.

use std::fs;
use std::path::{Path, PathBuf};

use redb::Database;

use super::tx::{Read, Tx};
use super::{
    StoreError, admin_code, api_keys, aside, log, meta, outbox, relay, schema_1, users, whispers,
};

/// Moves the file from one schema to the next inside the transaction it is given.
type Step = fn(&Tx) -> Result<(), StoreError>;

/// `STEPS[n]` moves schema `n + 1` to `n + 2`. The first schema has no step before it.
const STEPS: &[Step] = &[schema_1::leave];

/// Brings the schema up to date and makes every table exist, in one transaction.
pub(super) fn run(
    database: &Database,
    path: &Path,
    prepare: &dyn Fn(&Tx) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    run_steps(database, path, STEPS, prepare)
}

fn run_steps(
    database: &Database,
    path: &Path,
    steps: &[Step],
    prepare: &dyn Fn(&Tx) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let known = steps.len() as u64 + 1;
    let transaction = database.begin_write()?;
    let tx = Tx::new(&transaction);
    let found = version(&tx)?;
    match found {
        Some(found) if found > known => return Err(StoreError::Newer { found, known }),
        Some(found) if found < known => {
            keep_copy(path, found)?;
            for step in steps.iter().skip(usize::try_from(found).unwrap_or(usize::MAX) - 1) {
                step(&tx)?;
            }
        }
        _ => {}
    }
    users::prepare(&tx)?;
    outbox::prepare(&tx)?;
    meta::prepare(&tx)?;
    log::prepare(&tx)?;
    aside::prepare(&tx)?;
    admin_code::prepare(&tx)?;
    api_keys::prepare(&tx)?;
    whispers::prepare(&tx)?;
    relay::prepare(&tx)?;
    prepare(&tx)?;
    if found != Some(known) {
        tx.table_mut(meta::NUMBERS)?.insert(meta::SCHEMA, known)?;
    }
    tx.finish().settle(transaction).map(drop)
}

fn version(tx: &Tx) -> Result<Option<u64>, StoreError> {
    if let Some(first) = schema_1::version(tx)? {
        return Ok(Some(first));
    }
    Ok(tx.table(meta::NUMBERS)?.get(meta::SCHEMA)?.map(|number| number.value()))
}

/// Copies the file as it was before the step. Nothing is written while the transaction is open and
/// uncommitted, and the copy opens like a file after a crash, so it is consistent.
fn keep_copy(path: &Path, version: u64) -> Result<(), StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".schema-{version}"));
    let copy = PathBuf::from(name);
    ::log::warn!("moving the database from schema {version}; a copy stays at `{}`", copy.display());
    fs::copy(path, &copy).map(drop).map_err(|error| StoreError::File(copy, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "a step's type")]
    fn nothing(_: &Tx) -> Result<(), StoreError> {
        Ok(())
    }

    fn database(folder: &Path) -> (Database, PathBuf) {
        let path = folder.join("roost.redb");
        (Database::create(&path).unwrap(), path)
    }

    #[test]
    fn an_old_file_is_copied_and_moved_step_by_step() {
        let folder = tempfile::tempdir().unwrap();
        let (database, path) = database(folder.path());
        run_steps(&database, &path, &[], &nothing).unwrap();
        let one: Step = |tx| {
            tx.table_mut(meta::NUMBERS)?.insert("moved", 1)?;
            Ok(())
        };
        let two: Step = |tx| {
            let mut numbers = tx.table_mut(meta::NUMBERS)?;
            let moved = numbers.get("moved")?.map_or(0, |number| number.value());
            numbers.insert("moved", moved + 10)?;
            Ok(())
        };
        run_steps(&database, &path, &[one, two], &nothing).unwrap();
        let transaction = database.begin_write().unwrap();
        let tx = Tx::new(&transaction);
        assert_eq!(version(&tx).unwrap(), Some(3));
        assert_eq!(tx.table(meta::NUMBERS).unwrap().get("moved").unwrap().unwrap().value(), 11);
        assert!(folder.path().join("roost.redb.schema-1").exists());
    }

    #[test]
    fn a_newer_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (database, path) = database(folder.path());
        run_steps(&database, &path, &[nothing as Step; 4], &nothing).unwrap();
        let error = run(&database, &path, &nothing).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the database has schema 5, this program knows up to 2; use the newer Roost that wrote it"
        );
    }
}
