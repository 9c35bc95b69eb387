//! The threads over stand-ins: what is written at the end, and that no check ever ends the checking.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;

use super::*;
use crate::apps::conferences::history::{Hour, HourNumber, Kind, table};
use crate::apps::conferences::{for_tests, store};
use crate::demo::trueconf::{Fault, Harm, StandIn, Version};
use crate::hidden::Hidden;
use crate::settings::{Asked, Surroundings, load};
use crate::store::Store;
use crate::telegram;
use crate::telegram::contact::Contact;

/// Between two checks; no settings allow so little.
const EVERY: Duration = Duration::from_millis(50);

/// Threads that watch a stand-in, over a store that outlives them.
struct World {
    folder: tempfile::TempDir,
    server: StandIn,
    store: Store,
    app: Conferences,
    watch: Option<Watch>,
    /// How often a page was shown something.
    shown: Arc<AtomicUsize>,
}

impl World {
    fn new() -> Self {
        let server = StandIn::start("Head office", Version::V33).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let app = app(&server, folder.path());
        let preparing = app.clone();
        let path = folder.path().join("roost.redb");
        let prepare = move |tx: &crate::store::Tx| store::prepare(tx, &preparing.fleet);
        let store = Store::open(&path, prepare, Box::new(drop)).unwrap();
        let shown = Arc::default();
        let mut world = Self { folder, server, store, app, watch: None, shown };
        world.start();
        world
    }

    fn start(&mut self) {
        self.app = app(&self.server, self.folder.path());
        let shown = Arc::clone(&self.shown);
        let contact = || Arc::new(Contact::new("test"));
        let token = Hidden::new("123456:TEST-TOKEN-made-up".to_owned());
        let running = Running {
            store: self.store.clone(),
            telegram: telegram::Client::new("http://127.0.0.1:1", token),
            contacts: [contact(), contact()],
            show: Arc::new(move |_| {
                let count = shown.fetch_add(1, Ordering::SeqCst);
                assert!(!count.is_multiple_of(3), "a check that goes wrong in us, for a test");
            }),
        };
        self.watch = Some(Watch::start(&self.app, &running).unwrap());
    }

    /// Good checks that are in the table.
    fn written(&self) -> usize {
        let read = self.store.snapshot().unwrap();
        let kept = self.app.fleet.iter().next().unwrap();
        let (hour, _) = HourNumber::of(crate::clock::now());
        let hours = table::range(&read, kept.id, hour, 2).unwrap();
        let raw = |hour: Option<Hour>| match hour {
            Some(Hour::Raw(samples)) => samples,
            _ => Vec::new(),
        };
        let samples = hours.into_iter().flat_map(raw);
        samples.filter(|sample| matches!(sample.kind, Kind::Good(_))).count()
    }
}

/// The app over the stand-in.
fn app(server: &StandIn, folder: &std::path::Path) -> Conferences {
    let file = folder.join("settings.json");
    let settings = json!({"servers": {server.name(): server.settings()}});
    std::fs::write(&file, settings.to_string()).unwrap();
    let asked = Asked { file: Some(file), flags: Vec::new() };
    let mut servers = load(&asked, &Surroundings::default()).unwrap().settings.servers;
    servers[0].every = EVERY;
    Conferences::new(&for_tests::context(servers))
}

#[test]
fn what_was_checked_is_written_at_the_end_and_gone_on_with_at_the_next_start() {
    let mut world = World::new();
    world.server.wait_for_checks(3);
    assert_eq!(world.written(), 0, "checks wear out no card");
    world.watch = None;
    let first = world.written();
    assert!(first >= 2, "{first}");
    world.start();
    world.server.wait_for_checks(3);
    world.watch = None;
    let both = world.written();
    assert!(both >= first + 2, "{first} and then {both} in all");
}

#[test]
fn nothing_that_a_server_answers_and_no_panic_of_ours_ends_the_checking() {
    let world = World::new();
    for harm in [
        Harm::Status(500),
        Harm::Html,
        Harm::BrokenJson,
        Harm::Endless,
        Harm::Reset,
        Harm::HangUp,
        Harm::Nothing,
    ] {
        world.server.fault(Fault::new(harm).on("vsstatus").times(2));
        world.server.wait_for_checks(4);
    }
    world.server.go_down();
    world.server.come_up().unwrap();
    world.server.wait_for_checks(2);
    assert!(world.shown.load(Ordering::SeqCst) > 9, "every third check ended in a panic");
}

#[test]
fn the_end_does_not_wait_for_a_server_that_does_not_answer() {
    let mut world = World::new();
    world.server.wait_for_checks(1);
    world.server.fault(Fault::new(Harm::Stall).on("vsstatus"));
    world.server.wait_for("a check that stalls", |asked| {
        asked.last().filter(|last| last.status == 0).map(drop)
    });
    world.watch = None;
}
