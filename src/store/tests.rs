//! The promises of the store: durable before the answer, all or nothing, refusing foreign files.

use super::*;
use crate::store::TableDefinition;
use jiff::SignedDuration;
use std::sync::Barrier;
use std::sync::mpsc::channel;

const ROWS: TableDefinition<u64, u64> = TableDefinition::new("rows");

fn prepare(tx: &Tx) -> Result<(), StoreError> {
    tx.table_mut(ROWS).map(drop)
}

fn open(path: &Path) -> Result<Store, StoreError> {
    Store::open(path, prepare, Box::new(drop))
}

fn insert(tx: &Tx, key: u64) -> Result<(), StoreError> {
    tx.table_mut(ROWS)?.insert(key, key)?;
    Ok(())
}

#[test]
fn what_was_written_is_there_after_opening_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roost.redb");
    open(&path).unwrap().write(|tx| insert(tx, 7)).unwrap();
    let store = open(&path).unwrap();
    let read = store.snapshot().unwrap();
    assert_eq!(read.table(ROWS).unwrap().get(7).unwrap().unwrap().value(), 7);
}

#[test]
fn an_operation_that_fails_or_panics_leaves_nothing_and_hurts_no_neighbour() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("roost.redb")).unwrap();
    // Holds the writer until the others wait, so that they share one transaction.
    let barrier = Arc::new(Barrier::new(2));
    let mut held = Some(Arc::clone(&barrier));
    let first = store.begin(move |_| {
        held.take().map(|barrier| barrier.wait());
        Ok::<_, StoreError>(())
    });
    let good = store.begin(|tx| insert(tx, 1));
    let bad = store.begin(|tx| {
        insert(tx, 2)?;
        tx.changed(Subject { app: "x", id: 2 });
        Err::<(), _>(StoreError::Stopped)
    });
    let worse = store.begin(|tx| -> Result<(), StoreError> {
        insert(tx, 3)?;
        panic!("a panic of an app");
    });
    let last = store.begin(|tx| insert(tx, 4));
    barrier.wait();
    first.wait().unwrap();
    good.wait().unwrap();
    assert!(matches!(bad.wait(), Err(StoreError::Stopped)));
    assert!(matches!(worse.wait(), Err(StoreError::Panicked)));
    last.wait().unwrap();
    let read = store.snapshot().unwrap();
    let rows = read.table(ROWS).unwrap();
    let keys: Vec<u64> = rows.iter().unwrap().map(|row| row.unwrap().0.value()).collect();
    assert_eq!(keys, [1, 4]);
}

#[test]
fn effects_follow_the_commit_and_only_of_what_was_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (told, heard) = channel();
    let store = Store::open(
        &folder.path().join("roost.redb"),
        prepare,
        Box::new(move |effects| told.send(effects.changed).unwrap()),
    )
    .unwrap();
    let subject = |id| Subject { app: "x", id };
    let refused = store.write(move |tx| {
        tx.changed(subject(1));
        Err::<(), _>(StoreError::Stopped)
    });
    assert!(refused.is_err());
    store
        .write(move |tx| {
            tx.changed(subject(2));
            insert(tx, 2)
        })
        .unwrap();
    assert_eq!(heard.recv().unwrap(), [subject(2)]);
    assert!(heard.try_recv().is_err());
}

#[test]
fn many_writers_share_commits_and_all_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("roost.redb")).unwrap();
    std::thread::scope(|scope| {
        for writer in 0..16_u64 {
            let store = store.clone();
            scope.spawn(move || {
                for row in 0..20 {
                    store.write(move |tx| insert(tx, writer * 100 + row)).unwrap();
                }
            });
        }
    });
    assert_eq!(store.snapshot().unwrap().table(ROWS).unwrap().len().unwrap(), 320);
}

#[test]
fn foreign_files_are_refused_by_name_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let cases: [(&[u8], &str); 2] = [
        (b"SQLite format 3\0 and so on", "is an SQLite database, not a database of Roost"),
        (b"{\"port\": 1}", "is another kind of file, not a database of Roost"),
    ];
    for (content, expected) in cases {
        let path = folder.path().join("db.sqlite");
        std::fs::write(&path, content).unwrap();
        let error = open(&path).err().unwrap().to_string();
        assert!(error.contains(expected), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), content);
    }
}

#[test]
fn a_second_process_is_told_that_the_file_is_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roost.redb");
    let _store = open(&path).unwrap();
    assert!(matches!(open(&path).err(), Some(StoreError::InUse(_))));
}

#[test]
fn the_file_belongs_to_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roost.redb");
    let _store = open(&path).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn an_update_is_handled_once_even_when_ids_restart_lower() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("roost.redb")).unwrap();
    let at: jiff::Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
    let day = SignedDuration::from_hours(24);
    for id in [900, 901, 17] {
        store.write(move |tx| remember_update(tx, id, at)).unwrap();
    }
    let read = store.snapshot().unwrap();
    let (soon, later) = (at + day - SignedDuration::from_secs(1), at + day * 2);
    for (id, now, expected) in [
        (900, at, true),
        (17, soon, true),
        (16, soon, false),
        (902, at, false),
        (900, later, false),
    ] {
        assert_eq!(was_handled(&read, id, now).unwrap(), expected, "{id}");
    }
}
