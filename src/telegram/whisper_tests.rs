use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::apps::{Apps, Context};
use crate::store::Store;
use crate::store::log::Keep;
use crate::telegram::bot;
use crate::telegram::intake::{Intake, LET_GO, Update};

/// A message of an update, and nothing else is known.
const UPDATE: i64 = 7;

struct World {
    store: Store,
    apps: Arc<Apps>,
    intake: Intake,
    _folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let context = Context::default();
        let apps = Arc::new(Apps::all(Arc::new(context)));
        let folder = tempfile::tempdir().unwrap();
        let preparing = Arc::clone(&apps);
        let path = folder.path().join("roost.redb");
        let store = Store::open(&path, move |tx| preparing.prepare(tx), Box::new(drop)).unwrap();
        let keep = Keep { age: jiff::SignedDuration::from_hours(1), bytes: 1 << 20 };
        let intake = Intake::new(store.clone(), Arc::clone(&apps), keep);
        Self { store, apps, intake, _folder: folder }
    }

    fn whispers(&self) -> &Whispers {
        &self.apps.context().whispers
    }

    /// Says something in answer to [`UPDATE`]; `fails` undoes the transaction.
    fn say(&self, fails: bool) -> Result<(), StoreError> {
        let whispers = self.whispers().clone();
        self.store.write(move |tx| {
            let whisper = Whisper {
                call: Outgoing::plain(ChatId(5), "psst"),
                part: "?",
                note: json!({}),
                again: Again::Never,
                update: Some(UPDATE),
            };
            whispers.say(tx, whisper)?;
            if fails { Err(StoreError::OutOfTurn) } else { Ok(()) }
        })
    }

    fn rows(&self) -> usize {
        whispers::numbers(&self.store.snapshot().unwrap()).unwrap().len()
    }
}

fn update(id: i64) -> Update {
    Update::read(format!("{{\"update_id\":{id}}}").as_bytes()).unwrap()
}

#[test]
fn a_whisper_is_there_once_it_is_committed_and_never_if_it_is_not() {
    let world = World::new();
    assert!(world.say(true).is_err());
    assert_eq!((world.whispers().fresh().len(), world.rows()), (0, 0));
    world.say(false).unwrap();
    let [(key, head)] = world.whispers().fresh()[..] else { panic!("one") };
    assert_eq!((key.lane, head.place), (Lane::Replies, Place::Chat(ChatId(5))));
    assert_eq!((world.whispers().fresh().len(), world.rows()), (0, 1));
    let (call, again) = world.whispers().call(key).unwrap();
    assert_eq!((call.params["text"].as_str(), again), (Some("psst"), Again::Never));
    world.whispers().settled(key);
    assert!(!world.whispers().holds(key));
}

#[test]
fn an_update_is_acknowledged_when_its_whisper_has_ended() {
    let world = World::new();
    world.say(false).unwrap();
    let batch = [update(1), update(UPDATE), update(9)];
    let answered = || world.intake.answered(&batch, Duration::ZERO).unwrap();
    assert_eq!(answered(), 1, "those before it may be");
    let [(key, _)] = world.whispers().fresh()[..] else { panic!("one") };
    let others = world.whispers().clone();
    let ended = crate::thread::spawn("settles", move || others.settled(key)).unwrap();
    assert_eq!(world.intake.answered(&batch, Duration::from_secs(600)).unwrap(), 3);
    drop(ended);
}

#[test]
fn an_update_whose_whisper_takes_too_long_is_let_go_and_that_is_written_down_first() {
    let world = World::new();
    world.say(false).unwrap();
    world.whispers().grow_older(LET_GO);
    assert_eq!(world.intake.answered(&[update(UPDATE)], Duration::ZERO).unwrap(), 1);
    let row = world.store.write(|tx| {
        let number = whispers::numbers(tx)?[0];
        whispers::take(tx, number)
    });
    assert_eq!(row.unwrap().unwrap().update, None);
}

#[test]
fn nobody_waits_for_a_whisper_when_the_program_ends() {
    let world = World::new();
    world.say(false).unwrap();
    world.whispers().stop();
    assert_eq!(world.intake.answered(&[update(UPDATE)], Duration::from_secs(600)).unwrap(), 0);
}

#[test]
fn rows_of_an_earlier_run_are_taken_out_whoever_wrote_them() {
    let world = World::new();
    world.say(false).unwrap();
    bot::recover(&world.store, &world.apps).unwrap();
    assert_eq!(world.rows(), 0);
}

#[test]
fn too_many_whispers_are_refused() {
    let world = World::new();
    let whispers = world.whispers().clone();
    let filled = world.store.write(move |tx| {
        for _ in 0..=2_000 {
            let call = Outgoing::plain(ChatId(5), "psst");
            let note = json!({});
            let whisper = Whisper { call, part: "?", note, again: Again::Never, update: None };
            whispers.say(tx, whisper)?;
        }
        Ok::<_, StoreError>(())
    });
    assert!(matches!(filled, Err(StoreError::Full(Lane::Replies))));
    assert_eq!((world.whispers().fresh().len(), world.rows()), (0, 0));
}
