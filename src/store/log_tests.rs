use super::*;
use crate::store::Store;
use crate::store::fill::{is_watch_due, watch, watch_full};

const KEEP: Keep = Keep { age: SignedDuration::from_hours(1), bytes: 1_000 };

fn open(folder: &tempfile::TempDir) -> Store {
    Store::open(&folder.path().join("roost.redb"), |_| Ok(()), Box::new(drop)).unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

/// Appends an update of 36 bytes, so 100 with what an entry takes besides.
fn arrive(store: &Store, id: i64, second: i64) -> Result<Option<u64>, StoreError> {
    store.write(move |tx| {
        let raw = format!("{{\"update_id\":{id:023}}}");
        let raw = raw.as_bytes();
        assert_eq!(raw.len() as u64 + OVERHEAD, 101);
        let arrived = Arrived { update_id: id, kind: "message", at: at(second), raw };
        Ok(append(tx, KEEP, &arrived)?.map(|fill| fill.percent))
    })
}

fn ids(store: &Store, reader: &str) -> Vec<i64> {
    let snapshot = store.snapshot().unwrap();
    let after = cursor(&snapshot, reader).unwrap().unwrap();
    read(&snapshot, after, 100).unwrap().iter().map(|entry| entry.update_id).collect()
}

fn stored(store: &Store) -> usize {
    read(&store.snapshot().unwrap(), 0, 100).unwrap().len()
}

fn done(store: &Store, reader: &'static str, sequence: u64) {
    store.write(move |tx| advance(tx, reader, sequence)).unwrap();
}

#[test]
fn nothing_is_written_while_nobody_reads() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    arrive(&store, 1, 0).unwrap();
    assert_eq!(stored(&store), 0);
    assert_eq!(fullness(&store.snapshot().unwrap(), KEEP, at(0)).unwrap(), None);
}

#[test]
fn each_reader_has_a_cursor_of_its_own_and_begins_with_what_comes_next() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    store.write(|tx| register(tx, "queue")).unwrap();
    arrive(&store, 7, 0).unwrap();
    arrive(&store, 3, 0).unwrap();
    store.write(|tx| register(tx, "late")).unwrap();
    arrive(&store, 4, 0).unwrap();
    assert_eq!((ids(&store, "queue"), ids(&store, "late")), (vec![7, 3, 4], vec![4]));
    done(&store, "queue", 2);
    done(&store, "queue", 1);
    store.write(|tx| register(tx, "queue")).unwrap();
    assert_eq!(ids(&store, "queue"), [4], "going back and registering again change nothing");
    drop(store);
    let store = open(&folder);
    assert_eq!(ids(&store, "queue"), [4], "cursors are kept");
    store.write(|tx| rewind(tx, "queue", 0)).unwrap();
    assert_eq!(ids(&store, "queue"), [7, 3, 4], "what is still there can be read again");
    for reader in ["queue", "late"] {
        assert_eq!(stored(&store), 3);
        store.write(move |tx| unregister(tx, reader)).unwrap();
    }
    assert_eq!(stored(&store), 0, "without readers nothing is kept");
}

#[test]
fn a_full_log_pushes_back_and_drops_nothing_that_waits() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    store.write(|tx| register(tx, "dead").and_then(|()| register(tx, "quick"))).unwrap();
    for id in 1..=9 {
        arrive(&store, id, 0).unwrap();
        done(&store, "quick", id.unsigned_abs());
    }
    let snapshot = store.snapshot().unwrap();
    assert_eq!(fullness(&snapshot, KEEP, at(0)).unwrap(), Some(91));
    assert_eq!(waiting(&snapshot, 7).unwrap().entries, 2);
    let full = arrive(&store, 10, 0).unwrap_err();
    assert!(matches!(full, StoreError::LogFull { entries: 9, bytes: 909 }), "{full}");
    assert_eq!(ids(&store, "dead").len(), 9);
    done(&store, "dead", 4);
    arrive(&store, 10, 0).unwrap();
    assert_eq!((ids(&store, "dead"), ids(&store, "quick")), ((5..=10).collect(), vec![10]));
    assert!(stored(&store) <= 9, "what everybody has makes room");
}

#[test]
fn what_waits_too_long_pushes_back_and_what_everybody_has_goes_when_it_is_old() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    store.write(|tx| register(tx, "queue")).unwrap();
    arrive(&store, 1, 0).unwrap();
    arrive(&store, 2, 3_600).unwrap();
    assert!(matches!(arrive(&store, 3, 3_700), Err(StoreError::LogFull { .. })));
    done(&store, "queue", 2);
    assert_eq!(stored(&store), 2, "kept for a replay");
    arrive(&store, 3, 3_700).unwrap();
    assert_eq!(stored(&store), 2, "the first is older than an hour");
    arrive(&store, 4, 99_999).unwrap_err();
}

#[test]
fn a_reading_is_bounded_in_entries_and_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    store.write(|tx| register(tx, "queue")).unwrap();
    let keep = Keep { bytes: 100 << 20, ..KEEP };
    for id in 1..=4 {
        let append = move |tx: &Tx| {
            let raw = vec![b' '; 3 << 20];
            append(tx, keep, &Arrived { update_id: id, kind: "message", at: at(0), raw: &raw })
        };
        store.write(append).unwrap();
    }
    let snapshot = store.snapshot().unwrap();
    assert_eq!(read(&snapshot, 0, 100).unwrap().len(), 1);
    assert_eq!(read(&snapshot, 1, 0).unwrap().len(), 0);
}

#[test]
fn each_share_is_told_once_and_again_after_it_was_left() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    store.write(|tx| register(tx, "dead")).unwrap();
    let told: Vec<Option<u64>> = (1..=9).map(|id| arrive(&store, id, 0).unwrap()).collect();
    let (none, some) = (None, Some);
    assert_eq!(told, [none, none, none, none, some(51), none, none, some(81), none]);
    assert!(arrive(&store, 10, 0).is_err());
    let full = || {
        let fill = store.write(|tx| watch_full(tx, KEEP, at(0))).unwrap();
        fill.map(|fill| (fill.percent, fill.reader, fill.waiting.entries))
    };
    assert_eq!(full(), Some((100, "dead".to_owned(), 9)));
    assert_eq!(full(), None);
    assert!(!is_watch_due(&store.snapshot().unwrap(), KEEP, at(0)).unwrap(), "91 % is near");
    done(&store, "dead", 7);
    assert!(is_watch_due(&store.snapshot().unwrap(), KEEP, at(0)).unwrap());
    let told: Vec<Option<u64>> = (10..=12).map(|id| arrive(&store, id, 0).unwrap()).collect();
    assert_eq!(told, [none, none, some(51)]);
}

#[test]
fn what_waits_grows_old_without_any_new_update() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    store.write(|tx| register(tx, "dead")).unwrap();
    arrive(&store, 1, 0).unwrap();
    for (second, expected) in [(1_700, None), (1_800, Some(50)), (2_000, None), (3_600, Some(100))]
    {
        let due = is_watch_due(&store.snapshot().unwrap(), KEEP, at(second)).unwrap();
        let fill = store.write(move |tx| watch(tx, KEEP, at(second))).unwrap();
        assert_eq!((due, fill.map(|fill| fill.percent)), (expected.is_some(), expected));
    }
}

#[test]
fn an_onlooker_has_the_log_written_and_holds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    store.write(|tx| look_on(tx, "tail/1")).unwrap();
    for id in 1..=30 {
        arrive(&store, id, 0).unwrap();
    }
    assert_eq!(fullness(&store.snapshot().unwrap(), KEEP, at(0)).unwrap(), Some(0));
    assert_eq!(stored(&store), 9, "what fits");
    store.write(|tx| unregister(tx, "tail/1")).unwrap();
    assert_eq!(stored(&store), 0);
}

#[test]
fn a_place_in_the_log_is_found_by_time_and_by_update() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let before = |second| before_time(&store.snapshot().unwrap(), at(second)).unwrap();
    store.write(|tx| register(tx, "queue")).unwrap();
    assert_eq!(before(0), 0);
    for (id, second) in [(70, 10), (71, 20), (72, 20), (5, 40)] {
        arrive(&store, id, second).unwrap();
    }
    for (second, expected) in [(0, 0), (10, 0), (11, 1), (20, 1), (21, 3), (40, 3), (41, 4)] {
        assert_eq!(before(second), expected, "{second}");
    }
    for (id, expected) in [(70, Some(0)), (5, Some(3)), (6, None)] {
        assert_eq!(before_update(&store.snapshot().unwrap(), id).unwrap(), expected, "{id}");
    }
}
