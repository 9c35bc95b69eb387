use super::*;
use crate::store::Store;

fn open(folder: &tempfile::TempDir) -> Store {
    let store = Store::open(&folder.path().join("roost.redb"), |_| Ok(()), Box::new(drop)).unwrap();
    for reader in ["sink/a", "sink/ab"] {
        store.write(move |tx| log::register(tx, reader)).unwrap();
    }
    store
}

fn letter(update_id: i64, bytes: usize) -> Letter {
    let at = Timestamp::from_second(1_800_000_000).unwrap();
    let head = Head {
        sequence: 7,
        update_id,
        kind: "message".to_owned(),
        received: at,
        refused: at,
        reason: "the answer was 410\nGone".to_owned(),
    };
    Letter { head, raw: vec![b'\n'; bytes] }
}

fn save(store: &Store, sink: &'static str, progress: Progress) -> u64 {
    store.write(move |tx| super::save(tx, &format!("sink/{sink}"), sink, &progress)).unwrap()
}

fn bury(store: &Store, sink: &'static str, letters: Vec<Letter>) -> u64 {
    save(store, sink, Progress { dead: letters, ..Progress::default() })
}

fn ids(letters: &[Letter]) -> Vec<i64> {
    letters.iter().map(|letter| letter.head.update_id).collect()
}

#[test]
fn dead_letters_of_a_sink_are_its_own_and_are_sent_again_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    bury(&store, "a", vec![letter(1, 3), letter(2, 3)]);
    bury(&store, "ab", vec![letter(3, 3)]);
    let read = store.snapshot().unwrap();
    assert_eq!(dead(&read, "a", 9).unwrap(), [letter(1, 3), letter(2, 3)], "byte for byte");
    assert_eq!((count_dead(&read, "a").unwrap(), count_dead(&read, "ab").unwrap()), (2, 1));
    assert_eq!(dead(&read, "a", 1).unwrap().len(), 1);
    assert_eq!(store.write(|tx| send_again(tx, "a")).unwrap(), 2);
    assert_eq!(store.write(|tx| send_again(tx, "a")).unwrap(), 0);
    let read = store.snapshot().unwrap();
    assert_eq!((count_dead(&read, "a").unwrap(), count_dead(&read, "ab").unwrap()), (0, 1));
    let waiting = again(&read, "a", 9, 1).unwrap();
    assert_eq!(waiting.len(), 1, "at least one, however large");
    let sent = vec![waiting[0].0.clone()];
    save(&store, "a", Progress { sent, dead: vec![letter(1, 3)], ..Progress::default() });
    let read = store.snapshot().unwrap();
    let left: Vec<Letter> =
        again(&read, "a", 9, 1 << 20).unwrap().into_iter().map(|(_, letter)| letter).collect();
    assert_eq!((ids(&left), ids(&dead(&read, "a", 9).unwrap())), (vec![2], vec![1]));
    assert_eq!(store.write(|tx| forget(tx, "a")).unwrap(), 1);
    let read = store.snapshot().unwrap();
    assert!(again(&read, "a", 9, 1 << 20).unwrap().is_empty());
    assert_eq!(ids(&dead(&read, "ab", 9).unwrap()), [3]);
}

#[test]
fn the_oldest_dead_letters_go_when_there_are_too_many_or_too_large_ones() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let most = i64::try_from(DEAD_MAX).unwrap();
    assert_eq!(bury(&store, "a", (1..=most).map(|id| letter(id, 1)).collect()), 0);
    assert_eq!(bury(&store, "a", (1..=5).map(|id| letter(most + id, 1)).collect()), 5);
    let read = store.snapshot().unwrap();
    assert_eq!(
        (count_dead(&read, "a").unwrap(), ids(&dead(&read, "a", 1).unwrap())),
        (DEAD_MAX, vec![6])
    );
    bury(&store, "ab", (1..=3).map(|id| letter(id, 30 << 20)).collect());
    assert_eq!(ids(&dead(&store.snapshot().unwrap(), "ab", 9).unwrap()), [2, 3]);
}

#[test]
fn a_replay_goes_on_unless_somebody_began_another() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    let replaying = || super::replaying(&store.snapshot().unwrap(), "a").unwrap();
    let goes_on = |was, now| {
        save(&store, "a", Progress { replay: Some((was, now)), ..Progress::default() });
    };
    store.write(|tx| replay(tx, "a", 50)).unwrap();
    goes_on(50, Some(60));
    assert_eq!(replaying(), Some(60));
    store.write(|tx| replay(tx, "a", 20)).unwrap();
    store.write(|tx| replay(tx, "a", 70)).unwrap();
    goes_on(60, None);
    assert_eq!(replaying(), Some(20), "the new one stands");
    goes_on(20, None);
    assert_eq!(replaying(), None);
}
