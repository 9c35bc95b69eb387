//! Lanes keep their order, have an end, and what is moved goes with its place.

use super::*;
use crate::store::Store;

fn open() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roost.redb");
    let store = Store::open(&path, |_| Ok(()), Box::new(drop)).unwrap();
    (folder, store)
}

fn head(place: Place) -> Head {
    let at = |second| Timestamp::from_second(second).unwrap();
    Head { place, posted: at(1_800_000_000), expires: at(1_900_000_000) }
}

fn chat(id: i64) -> Head {
    head(Place::Chat(ChatId(id)))
}

#[test]
fn every_place_is_read_as_it_was_written() {
    let (_folder, store) = open();
    for place in [Place::Chat(ChatId(7)), Place::Chat(ChatId(-100)), Place::Bot, Place::Files] {
        let key = store.write(move |tx| push(tx, Lane::Replies, &head(place), b"{}")).unwrap();
        let found = find(&store.snapshot().unwrap(), key).unwrap();
        assert_eq!(found, Some((head(place), b"{}".to_vec())));
    }
}

#[test]
fn each_lane_is_read_in_its_own_order_behind_a_cursor() {
    let (_folder, store) = open();
    let keys = store.write(|tx| {
        [Lane::Notices, Lane::Alerts, Lane::Notices, Lane::Notices]
            .into_iter()
            .map(|lane| push(tx, lane, &chat(7), b""))
            .collect::<Result<Vec<_>, _>>()
    });
    let keys = keys.unwrap();
    let read = store.snapshot().unwrap();
    let found = |lane, after, limit| -> Vec<Key> {
        next(&read, lane, after, limit).unwrap().into_iter().map(|(key, _)| key).collect()
    };
    assert_eq!(found(Lane::Alerts, 0, 10), [keys[1]]);
    assert_eq!(found(Lane::Notices, 0, 2), [keys[0], keys[2]]);
    assert_eq!(found(Lane::Notices, keys[2].number, 10), [keys[3]]);
    let [alerts, .., notices, broadcasts] = waiting(&read).unwrap();
    assert_eq!((alerts.messages, notices.messages, broadcasts.messages), (1, 3, 0));
    assert_eq!((notices.since, broadcasts.since), (Some(chat(7).posted), None));
}

#[test]
fn a_full_lane_refuses_and_the_others_do_not() {
    let (_folder, store) = open();
    let filled = store.write(|tx| {
        (0..Lane::Alerts.most()).try_for_each(|_| push(tx, Lane::Alerts, &chat(7), b"").map(drop))
    });
    filled.unwrap();
    let error = store.write(|tx| push(tx, Lane::Alerts, &chat(7), b"")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "10000 alerts wait for telegram already; try again when some have left"
    );
    store.write(|tx| push(tx, Lane::Replies, &chat(7), b"")).unwrap();
}

#[test]
fn what_waits_for_a_group_moves_with_it() {
    let (_folder, store) = open();
    let keys = store.write(|tx| {
        let keys = [
            push(tx, Lane::Replies, &chat(-5), b"a")?,
            push(tx, Lane::Notices, &chat(-5), b"b")?,
            push(tx, Lane::Notices, &chat(-6), b"c")?,
        ];
        move_all(tx, chat(-5).place, chat(-100).place, |body| [body, b"!"].concat())?;
        Ok::<_, StoreError>(keys)
    });
    let read = store.snapshot().unwrap();
    let found = keys.unwrap().map(|key| find(&read, key).unwrap().unwrap());
    assert_eq!(
        found,
        [(chat(-100), b"a!".to_vec()), (chat(-100), b"b!".to_vec()), (chat(-6), b"c".to_vec())]
    );
}
