//! The schema version of the file, and the steps from one to the next.

use std::fs::File;
use std::io;
use std::path::Path;

use redb::{Database, TableHandle};

use super::file::{existing, opening};
use super::tx::{Effects, Read, Tx};
use super::whole::{Unfinished, with_suffix};
use super::{
    StoreError, admin_code, api_keys, aside, copy, log, meta, outbox, relay, schema_1, users,
    whispers,
};

/// Moves the file from one schema to the next inside the transaction it is given.
type Step = fn(&Tx) -> Result<(), StoreError>;

/// `STEPS[n]` moves schema `n + 1` to `n + 2`. The first schema has no step before it.
const STEPS: &[Step] = &[schema_1::leave];

/// The table that tells a file of ours.
const NUMBERS: &str = "numbers";

/// The schema of this program's files.
pub const KNOWN: u64 = STEPS.len() as u64 + 1;

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
    let found = version(&tx, path)?;
    match found {
        Some(found) if found > known => return Err(StoreError::Newer { found, known }),
        Some(found) if found < known => {
            let not_moved = |why: StoreError| StoreError::NotMoved { found, why: Box::new(why) };
            keep_copy(path, found).map_err(not_moved)?;
            take_steps(&tx, steps, found).map_err(not_moved)?;
            // Whatever follows is written in the same transaction, which is the move.
            finish(tx, known, prepare)
                .and_then(|effects| effects.settle(transaction))
                .map_err(not_moved)?;
            ::log::info!("the database was moved to schema {known}");
            return Ok(());
        }
        _ => {}
    }
    finish(tx, known, prepare)?.settle(transaction).map(drop)
}

fn take_steps(tx: &Tx, steps: &[Step], found: u64) -> Result<(), StoreError> {
    let done = usize::try_from(found).unwrap_or(usize::MAX).saturating_sub(1);
    steps.iter().skip(done).try_for_each(|step| step(tx))
}

/// Makes every table exist and notes the schema.
fn finish(
    tx: Tx,
    known: u64,
    prepare: &dyn Fn(&Tx) -> Result<(), StoreError>,
) -> Result<Effects, StoreError> {
    copy::forget(tx.redb())?;
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
    let found = tx.table(meta::NUMBERS)?.get(meta::SCHEMA)?.map(|number| number.value());
    if found != Some(known) {
        tx.table_mut(meta::NUMBERS)?.insert(meta::SCHEMA, known)?;
    }
    Ok(tx.finish())
}

fn version(tx: &Tx, path: &Path) -> Result<Option<u64>, StoreError> {
    // Looked at before our own are made.
    let is_empty = tx.redb().list_tables()?.next().is_none();
    let is_ours = tx.redb().list_tables()?.any(|table| table.name() == NUMBERS);
    if !is_empty && !is_ours {
        let kind = "a database of another program";
        return Err(StoreError::Foreign { path: path.to_owned(), kind });
    }
    if let Some(first) = schema_1::version(tx)? {
        return Ok(Some(first));
    }
    Ok(tx.table(meta::NUMBERS)?.get(meta::SCHEMA)?.map(|number| number.value()))
}

/// Copies the file as it was before the step. Nothing is written while the transaction is open and
/// uncommitted, and the copy opens like a file after a crash, so it is consistent. It is looked
/// through before it counts.
fn keep_copy(path: &Path, version: u64) -> Result<(), StoreError> {
    let place = with_suffix(path, format!(".schema-{version}"));
    let at = |error| StoreError::File(place.clone(), error);
    let copy = Unfinished::beside(&place).map_err(at)?;
    io::copy(&mut File::open(path).map_err(at)?, &mut copy.file()).map_err(at)?;
    copy.file().unlock().map_err(at)?;
    let mut opened = existing(copy.path())?;
    // A file that was not closed is repaired by opening it, which is not damage.
    opened.check_integrity().map_err(|error| opening(&place, error))?;
    drop(opened);
    copy.replace(&place).map_err(at)?;
    ::log::warn!(
        "moving the database from schema {version}; a copy stays at `{}`",
        place.display()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

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
        assert_eq!(version(&tx, &path).unwrap(), Some(3));
        assert_eq!(tx.table(meta::NUMBERS).unwrap().get("moved").unwrap().unwrap().value(), 11);
        assert!(folder.path().join("roost.redb.schema-1").exists());
    }

    #[test]
    fn a_move_that_fails_leaves_the_file_as_it_was_with_a_copy_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let (database, path) = database(folder.path());
        run_steps(&database, &path, &[], &nothing).unwrap();
        let full: Step = |tx| {
            tx.table_mut(meta::NUMBERS)?.insert("moved", 1)?;
            let full = io::Error::from_raw_os_error(28);
            Err(StoreError::File("roost.redb".into(), full))
        };
        let error = run_steps(&database, &path, &[full], &nothing).unwrap_err().to_string();
        assert!(error.contains("No space left on device"), "{error}");
        assert!(error.contains("is as it was") && error.contains("make some"), "{error}");
        drop(database);
        for file in [path, folder.path().join("roost.redb.schema-1")] {
            let database = existing(&file).unwrap();
            let transaction = database.begin_write().unwrap();
            let tx = Tx::new(&transaction);
            assert_eq!(version(&tx, &file).unwrap(), Some(1));
            assert!(tx.table(meta::NUMBERS).unwrap().get("moved").unwrap().is_none());
        }
    }

    #[test]
    fn a_database_of_another_program_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (database, path) = database(folder.path());
        let theirs = redb::TableDefinition::<u64, u64>::new("blocks");
        let tx = database.begin_write().unwrap();
        tx.open_table(theirs).unwrap().insert(1, 2).unwrap();
        tx.commit().unwrap();
        let error = run(&database, &path, &nothing).unwrap_err();
        assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
        let tx = database.begin_write().unwrap();
        assert_eq!(tx.list_tables().unwrap().count(), 1);
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
