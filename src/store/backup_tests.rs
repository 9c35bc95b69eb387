//! The promises of backups: all that was committed, nothing that was to be left out, and a damaged
//! file takes nobody's place.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use super::backup::{Backup, Existing};
use super::restore::restore;
use super::*;
use crate::ids::ChatId;
use jiff::Timestamp;
use redb::ReadableDatabase;
use tempfile::TempDir;

const ROWS: TableDefinition<u64, &[u8]> = TableDefinition::new("rows");
const PRIVATE: TableDefinition<u64, &[u8]> = TableDefinition::new("private/rows");
const LEFT_OUT: &[&str] = &["private/"];

/// A folder with a database of some rows.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        let store = place.open();
        store.write(|tx| (0..500).try_for_each(|key| put(tx, ROWS, key, b"row"))).unwrap();
        store.write(|tx| put(tx, PRIVATE, 1, b"a-private-canary")).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn database(&self) -> PathBuf {
        self.path("roost.redb")
    }

    fn open(&self) -> Store {
        let prepare = |tx: &Tx| tx.table_mut(ROWS).and(tx.table_mut(PRIVATE).map(drop));
        Store::open(&self.database(), prepare, Box::new(drop)).unwrap()
    }

    fn backup(&self) -> PathBuf {
        let place = self.path("backup.redb");
        self.open().back_up(&place, LEFT_OUT).unwrap();
        place
    }

    fn restore(&self, from: &std::path::Path) -> Result<Option<PathBuf>, StoreError> {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        restore(from, &self.database(), LEFT_OUT, now).map(|restored| restored.before)
    }

    /// Every file with its bytes.
    fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let entries = fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> =
            entries.map(|path| (path.clone(), fs::read(path).unwrap())).collect();
        files.sort();
        files
    }
}

fn put(
    tx: &Tx,
    table: TableDefinition<u64, &[u8]>,
    key: u64,
    row: &[u8],
) -> Result<(), StoreError> {
    tx.table_mut(table)?.insert(key, row).map(drop)
}

fn count(store: &Store, table: TableDefinition<u64, &[u8]>) -> u64 {
    store.snapshot().unwrap().table(table).unwrap().len().unwrap()
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn a_backup_has_what_was_committed_and_nothing_private() {
    let place = Place::new();
    let store = place.open();
    let row = whispers::Row {
        chat: ChatId(7),
        part: "s:".to_owned(),
        note: "a-whispered-canary".into(),
        update: None,
    };
    store.write(move |tx| whispers::push(tx, &row)).unwrap();
    let size = store.back_up(&place.path("backup.redb"), LEFT_OUT).unwrap();
    let found = fs::metadata(place.path("backup.redb")).unwrap();
    assert_eq!((found.len(), found.mode() & 0o777), (size, 0o600));
    let bytes = fs::read(place.path("backup.redb")).unwrap();
    for canary in [&b"a-private-canary"[..], b"a-whispered-canary"] {
        assert!(holds(&fs::read(place.database()).unwrap(), canary));
        assert!(!holds(&bytes, canary));
    }
    store.write(|tx| put(tx, ROWS, 1_000, b"after")).unwrap();
    drop(store);
    let before = place.restore(&place.path("backup.redb")).unwrap().unwrap();
    assert!(before.ends_with("roost.redb.before-restore-20270115T080000Z"), "{before:?}");
    let store = place.open();
    assert_eq!((count(&store, ROWS), count(&store, PRIVATE)), (500, 0));
    let read = store.snapshot().unwrap();
    assert!(copy::contents(&read.0).unwrap().is_none(), "a database in use is no copy");
    drop(store);
    // Back again, from the file that was kept aside: what is private does not come back.
    fs::rename(&before, place.path("aside")).unwrap();
    place.restore(&place.path("aside")).unwrap();
    let store = place.open();
    assert_eq!((count(&store, ROWS), count(&store, PRIVATE)), (501, 0));
    assert!(!holds(&fs::read(place.database()).unwrap(), b"canary"));
}

#[test]
fn a_copy_shows_one_moment_while_the_writer_goes_on() {
    let place = Place::new();
    let store = place.open();
    let backup = Backup::begin(&place.path("b"), Existing::Refuse, store.path()).unwrap();
    let read = store.snapshot().unwrap();
    let key = std::cell::Cell::new(10_000);
    // Whenever the copy looks whether it shall go on, somebody commits.
    let go_on = || {
        key.set(key.get() + 1);
        let key = key.get();
        store.write(move |tx| put(tx, ROWS, key, b"meanwhile")).is_ok()
    };
    let copied = copy::fill(&read.0, backup.file().unwrap(), &|_| false, &go_on).unwrap();
    backup.finish(&copied).unwrap();
    assert!(key.get() > 10_003 && count(&store, ROWS) > 503);
    let copy = redb::Database::open(place.path("b")).unwrap();
    let rows = Snapshot(copy.begin_read().unwrap()).table(ROWS).unwrap().len().unwrap();
    assert_eq!(rows, 500);
}

#[test]
fn a_backup_that_is_stopped_or_refused_leaves_what_was_there() {
    let place = Place::new();
    let store = place.open();
    let target = place.path("backup.redb");
    fs::write(&target, "precious").unwrap();
    let begin = |path: &PathBuf, existing| Backup::begin(path, existing, store.path());
    assert!(matches!(begin(&target, Existing::Refuse), Err(StoreError::Exists(_))));
    assert!(matches!(begin(&place.database(), Existing::Replace), Err(StoreError::Itself(_))));
    assert!(matches!(
        begin(&place.0.path().to_owned(), Existing::Replace),
        Err(StoreError::Exists(_))
    ));
    assert!(matches!(begin(&place.path("no/such"), Existing::Refuse), Err(StoreError::File(..))));
    let backup = begin(&target, Existing::Replace).unwrap();
    assert!(matches!(begin(&target, Existing::Replace), Err(StoreError::File(..))), "two at once");
    // Something else was written than what was copied.
    let copied = store.copy_into(backup.file().unwrap(), &["rows"]).unwrap();
    let other = Contents { rows: copied.rows + 1, ..copied };
    assert!(matches!(backup.finish(&other), Err(StoreError::Damaged(..))));
    store.stop_copying();
    let backup = begin(&target, Existing::Replace).unwrap();
    let stopped = store.copy_into(backup.file().unwrap(), LEFT_OUT);
    assert!(matches!(stopped, Err(StoreError::Stopped)), "{stopped:?}");
    drop(backup);
    assert_eq!(fs::read_to_string(&target).unwrap(), "precious");
    assert_eq!(place.files().len(), 2);
}

#[test]
fn what_is_no_backup_is_refused_and_nothing_changes() {
    let place = Place::new();
    let backup = place.backup();
    let whole = fs::read(&backup).unwrap();
    let theirs = place.path("theirs");
    let other = redb::Database::create(&theirs).unwrap();
    let tx = other.begin_write().unwrap();
    tx.open_table(redb::TableDefinition::<u64, u64>::new("blocks")).unwrap();
    tx.commit().unwrap();
    drop(other);
    let newer = place.path("newer");
    fs::copy(&backup, &newer).unwrap();
    let opened = redb::Database::open(&newer).unwrap();
    let tx = opened.begin_write().unwrap();
    let mut numbers = tx.open_table(meta::NUMBERS.bytes()).unwrap();
    numbers.insert(&b"schema"[..], &99_u64.to_be_bytes()[..]).unwrap();
    drop(numbers);
    tx.commit().unwrap();
    drop(opened);
    for (name, bytes) in [
        ("empty", &b""[..]),
        ("text", b"not a database"),
        ("sqlite", b"SQLite format 3\0 and so on"),
        ("head", &whole[..9]),
    ] {
        fs::write(place.path(name), bytes).unwrap();
    }
    for length in [10, 64, 320, 4_096, whole.len() / 2, whole.len() - 4_096, whole.len() - 1] {
        fs::write(place.path(&format!("cut-{length}")), &whole[..length]).unwrap();
    }
    let before = place.files();
    for (file, _) in &before {
        let name = file.file_name().unwrap().to_str().unwrap();
        if *file == backup {
            continue;
        }
        let error = place.restore(file).expect_err(name);
        let says = match name {
            "roost.redb" => "is the database itself",
            "theirs" => "a database of another program",
            "newer" => "has schema 99, this program knows up to",
            "sqlite" => "an SQLite database",
            "text" => "another kind of file",
            "empty" => "it is empty",
            _ => "is damaged",
        };
        assert!(error.to_string().contains(says), "{name}: {error}");
    }
    assert!(matches!(place.restore(&place.path("nothing")), Err(StoreError::File(..))));
    let store = place.open();
    let refused = place.restore(&backup);
    assert!(matches!(refused, Err(StoreError::InUse(_))), "{refused:?}");
    drop(store);
    assert_eq!(place.files().len(), before.len());
    assert_eq!(count(&place.open(), ROWS), 500);
    place.restore(&backup).unwrap();
}

#[test]
fn no_damaged_byte_comes_through() {
    let place = Place::new();
    let backup = place.backup();
    let whole = fs::read(&backup).unwrap();
    let said = copy::check(&backup).unwrap();
    let (mut refused, mut harmless) = (0, 0);
    // Spread over the whole file; a step that no page size divides.
    for at in (0..whole.len()).step_by((whole.len() / 120) | 1) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        let damaged = place.path("damaged");
        fs::write(&damaged, &bytes).unwrap();
        let folder = Place(tempfile::tempdir().unwrap());
        if folder.restore(&damaged).is_err() {
            refused += 1;
            assert!(folder.files().is_empty(), "byte {at}");
        } else {
            harmless += 1;
            assert_eq!(copy::check(&folder.database()).unwrap(), said, "byte {at}");
        }
    }
    assert!(refused > 0 && harmless > 0, "{refused} refused, {harmless} harmless");
}

#[test]
fn a_database_that_cannot_be_opened_is_replaced_and_kept() {
    let place = Place::new();
    let backup = place.backup();
    fs::write(place.database(), "broken").unwrap();
    let before = place.restore(&backup).unwrap().unwrap();
    assert_eq!(fs::read_to_string(before).unwrap(), "broken");
    assert_eq!(count(&place.open(), ROWS), 500);
    fs::remove_file(place.database()).unwrap();
    assert_eq!(place.restore(&backup).unwrap(), None);
    assert_eq!(count(&place.open(), ROWS), 500);
}

#[test]
fn a_database_that_was_not_closed_can_be_put_back() {
    let place = Place::new();
    let store = place.open();
    store.write(|tx| put(tx, ROWS, 9_999, b"last")).unwrap();
    // What a kill leaves.
    fs::copy(place.database(), place.path("killed")).unwrap();
    drop(store);
    place.restore(&place.path("killed")).unwrap();
    let store = place.open();
    assert_eq!((count(&store, ROWS), count(&store, PRIVATE)), (501, 0));
}
