use super::*;
use crate::store::TableDefinition;
use crate::store::log;
use jiff::SignedDuration;

/// What the handler of these tests did: number → text.
const DONE: TableDefinition<u64, &str> = TableDefinition::new("done");

const KEEP: Keep = Keep { age: SignedDuration::from_hours(24), bytes: 2_000 };

struct World {
    store: Store,
    intake: Intake,
    _folder: tempfile::TempDir,
}

/// Writes the text down, and panics or fails where it says so.
fn handler(tx: &Tx, json: &str, _: Timestamp) -> Result<(), StoreError> {
    let update: serde_json::Value = serde_json::from_str(json).expect("an update");
    let text = update["message"].as_str().unwrap_or_default();
    let number = store::fresh_id(tx, "done")?;
    tx.table_mut(DONE)?.insert(number, text)?;
    assert!(!text.contains("panic"), "as asked");
    if text.contains("broken row") {
        let error = serde_json::from_str::<u8>("x").expect_err("no number");
        return Err(StoreError::Row("done", error));
    }
    Ok(())
}

fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let prepare = |tx: &Tx| tx.table_mut(DONE).map(drop);
    let store = Store::open(&folder.path().join("roost.redb"), prepare, Box::new(drop)).unwrap();
    store.write(|tx| log::register(tx, "reader")).unwrap();
    let intake = Intake::with_handler(store.clone(), KEEP, Arc::new(handler));
    World { store, intake, _folder: folder }
}

fn update(id: i64, text: &str) -> Update {
    let json = serde_json::json!({"update_id": id, "message": text});
    Update::read(json.to_string().as_bytes()).unwrap()
}

impl World {
    fn done(&self) -> Vec<String> {
        let read = self.store.snapshot().unwrap();
        let table = store::Read::table(&read, DONE).unwrap();
        table.iter().unwrap().map(|row| row.unwrap().1.value().to_owned()).collect()
    }

    fn logged(&self) -> Vec<i64> {
        let read = self.store.snapshot().unwrap();
        log::read(&read, 0, 1_000).unwrap().iter().map(|entry| entry.update_id).collect()
    }

    fn aside(&self) -> Vec<(Option<i64>, String)> {
        let aside = store::aside::newest(&self.store.snapshot().unwrap(), 100).unwrap();
        aside.into_iter().map(|one| (one.update_id, one.reason)).collect()
    }
}

#[test]
fn an_update_is_handled_once_however_often_and_low_it_comes() {
    let world = world();
    let batch = [update(900, "a"), update(901, "b"), update(3, "c")];
    for _ in 0..3 {
        world.intake.take(&batch).unwrap();
    }
    world.intake.take(&[update(901, "b"), update(4, "d")]).unwrap();
    assert_eq!(world.done(), ["a", "b", "c", "d"]);
    assert_eq!(world.logged(), [900, 901, 3, 4]);
}

#[test]
fn an_update_that_breaks_its_handler_is_set_aside_in_its_place_without_effects() {
    for broken in ["panic", "broken row"] {
        let world = world();
        let batch: Vec<Update> = ["a", broken, "b", broken, "c"]
            .into_iter()
            .zip(1..)
            .map(|(t, n)| update(n, t))
            .collect();
        world.intake.take(&batch).unwrap();
        world.intake.take(&batch).unwrap();
        assert_eq!(world.done(), ["a", "b", "c"], "{broken}");
        assert_eq!(world.logged(), [1, 2, 3, 4, 5], "other readers get all, in order");
        let aside = world.aside();
        assert_eq!(aside.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [Some(4), Some(2)]);
        assert!(aside[0].1.starts_with("message: "), "{aside:?}");
        assert_eq!(world.intake.count_set_aside().unwrap(), 2);
    }
}

#[test]
fn a_full_log_stops_a_batch_where_it_stands() {
    let world = world();
    let long = "x".repeat(1_500);
    let batch = [update(1, "a"), update(2, &long), update(3, &long), update(4, "b")];
    let full = world.intake.take(&batch).unwrap_err();
    assert!(matches!(full, StoreError::LogFull { .. } | StoreError::OutOfTurn), "{full}");
    assert_eq!(world.logged(), [1, 2], "nobody overtakes the one that found no room");
    assert!(world.intake.fullness().unwrap().unwrap() > 80);
    world.store.write(|tx| log::advance(tx, "reader", 2)).unwrap();
    world.intake.take(&batch).unwrap();
    assert_eq!(world.done(), ["a", &long, &long, "b"]);
}

#[test]
fn a_body_that_is_no_update_is_set_aside_and_acknowledged() {
    let world = world();
    for body in [
        &b""[..],
        b"not json",
        b"[]",
        b"[7]",
        b"{}",
        b"{\"update_id\":\"7\"}",
        b"{\"update_id\":7,\"update_id\":8}",
        b"{\"update_id\":7} x",
        b"{\"update_id\":7,\"message\":\"\xff\"}",
        b"{\"update_id\":99999999999999999999}",
    ] {
        world.intake.take_body(body).unwrap();
        assert_eq!(world.aside().remove(0), (None, "not an update".to_owned()), "{body:?}");
    }
    assert_eq!(world.intake.count_set_aside().unwrap(), 10);
    let body = " {\"message\": \"\u{e4}\",\n \"update_id\": 7}\n";
    world.intake.take_body(body.as_bytes()).unwrap();
    let entry = log::read(&world.store.snapshot().unwrap(), 0, 1).unwrap().remove(0);
    assert_eq!((entry.raw, entry.kind), (body.as_bytes().to_vec(), "message".to_owned()));
}

#[test]
fn the_kind_is_the_name_of_the_field_whatever_it_is() {
    for (json, kind) in [
        (r#"{"update_id":1,"telepathy":{}}"#.to_owned(), "telepathy".to_owned()),
        (r#"{"update_id":1}"#.to_owned(), "unknown".to_owned()),
        (format!(r#"{{"{}":1,"update_id":1}}"#, "k".repeat(900)), "k".repeat(64)),
    ] {
        assert_eq!(Update::read(json.as_bytes()).unwrap().kind(), kind);
    }
}
