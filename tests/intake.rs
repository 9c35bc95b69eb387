//! Intake of the real program by polling: nothing is lost, nothing is done twice, whatever Telegram,
//! the line or the machine does.

mod updates_support;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use roost::demo::telegram::{Denial, Fault, Harm, Person, StandIn, View};
use roost::store::{Store, log};
use roost::telegram::intake::{Intake, Update};
use serde_json::json;
use updates_support::{TOKEN, World};

/// Waits until `person` was answered so many times.
fn waits_for_answers(telegram: &StandIn, person: &Person, count: usize) {
    let id = person.id().0;
    let enough = |view: &View| view.bot_messages(id).len() >= count;
    telegram.wait_for("answers", |view| enough(view).then_some(()));
}

fn open(world: &World) -> Store {
    Store::open(&world.database(), |_| Ok(()), Box::new(drop)).expect("the database opens")
}

/// Has the log kept from the beginning, for somebody who never reads it.
fn keeps_log(world: &World) {
    open(world).write(|tx| log::register(tx, "checker")).expect("registered");
}

/// The ids of the log, in order.
fn logged(world: &World) -> Vec<i64> {
    let store = open(world);
    let read = store.snapshot().expect("a snapshot");
    let mut entries = Vec::new();
    loop {
        let after = entries.last().map_or(0, |entry: &log::Entry| entry.sequence);
        let more = log::read(&read, after, 1_000).expect("read");
        if more.is_empty() {
            return entries.iter().map(|entry| entry.update_id).collect();
        }
        entries.extend(more);
    }
}

#[test]
fn every_failure_of_a_poll_is_survived_and_no_update_is_lost() {
    let denied = |code, words: &str| Harm::Denied(Denial::new(code, words));
    let world = World::new();
    let ada = world.telegram.person(7, "Ada", "en");
    let program = world.runs(&[("ROOST_UPDATES_POLLING_TIMEOUT", "1")]);
    let mut sent = 0;
    for harm in [
        denied(409, "Conflict: terminated by other getUpdates request"),
        Harm::Denied(Denial::flood(1)),
        denied(500, "Internal Server Error: restart"),
        Harm::Html,
        Harm::BrokenJson,
        Harm::Reset,
        Harm::LostAnswer,
        Harm::Chunked,
    ] {
        let before = world.telegram.look(|view| view.calls("getUpdates").len());
        world.telegram.fault(Fault::new(harm.clone()).on("getUpdates").times(1));
        world.telegram.wait_for("the fault to strike", |view| {
            (view.calls("getUpdates").len() > before + 1).then_some(())
        });
        ada.sends("/help");
        sent += 1;
        waits_for_answers(&world.telegram, &ada, sent);
    }
    world.telegram.look(|view| assert_eq!(view.bot_messages(7).len(), sent));
    let (status, log) = program.stops("TERM");
    assert!(status.success() && !log.contains(TOKEN), "{log}");
    assert!(log.contains("409") && log.contains("trying again"), "{log}");
}

#[test]
fn a_storm_of_conflicts_is_shown_and_ends_by_itself() {
    let world = World::new();
    let ada = world.telegram.person(7, "Ada", "en");
    world.telegram.fault(Fault::conflict().times(2));
    ada.sends("/start");
    let program = world.polls();
    program.waits_until_ready("the conflict", |_, report| {
        let reason = report["checks"]["telegram"]["reason"].as_str().unwrap_or_default();
        reason.contains("409") || reason.contains("Conflict")
    });
    waits_for_answers(&world.telegram, &ada, 1);
}

#[test]
fn a_stalled_line_is_given_up_and_tried_anew() {
    let world = World::new();
    let ada = world.telegram.person(7, "Ada", "en");
    world.telegram.fault(Fault::new(Harm::Stall).on("getUpdates").times(1));
    ada.sends("/start");
    let _program = world.runs(&[("ROOST_UPDATES_POLLING_TIMEOUT", "0")]);
    waits_for_answers(&world.telegram, &ada, 1);
}

#[test]
fn strange_updates_in_the_middle_stop_nothing() {
    let world = World::new();
    keeps_log(&world);
    let ada = world.telegram.person(7, "Ada", "en");
    let mut ids = Vec::new();
    for strange in [
        json!({"telepathy": {"from": "Mars"}}),
        json!({"message": 5}),
        json!({"message": {"chat": {"id": "x"}}}),
        json!({"callback_query": {"id": 9}}),
        json!({"callback_query": null}),
        json!({"telepathy": {}, "message": null}),
        json!({}),
    ] {
        ada.sends("/help");
        ids.push(world.telegram.inject(strange));
    }
    ada.sends("/help");
    let program = world.polls();
    waits_for_answers(&world.telegram, &ada, ids.len() + 1);
    world.waits_for_poll();
    assert!(program.stops("TERM").0.success());
    let logged = logged(&world);
    let unwanted = |id: &&i64| **id == 0;
    assert_eq!(logged.len(), 2 * ids.len() + 1 - ids.iter().filter(unwanted).count());
    assert!(logged.is_sorted(), "in the order they came, whatever they are: {logged:?}");
}

#[test]
fn repeated_and_lower_ids_are_each_handled_once() {
    let world = World::new();
    let ada = world.telegram.person(7, "Ada", "en");
    ada.sends("/help");
    ada.sends("/help");
    world.telegram.restart_ids_at(5_000);
    ada.sends("/help");
    let program = world.polls();
    waits_for_answers(&world.telegram, &ada, 3);
    world.telegram.deliver_again();
    ada.sends("/help");
    waits_for_answers(&world.telegram, &ada, 4);
    world.telegram.restart_ids_at(20);
    ada.sends("/help");
    waits_for_answers(&world.telegram, &ada, 5);
    world.telegram.wait_for("the confirmation", |view| (view.updates_waiting() == 0).then_some(()));
    assert!(program.stops("TERM").0.success());
    world.telegram.look(|view| assert_eq!(view.bot_messages(7).len(), 5));
}

#[test]
fn every_call_names_the_kinds_it_wants_and_waits_no_longer_than_telegram_allows() {
    for (setting, waits) in [("7", 7), ("3600", 50)] {
        let world = World::new();
        let allowed = ("ROOST_UPDATES_ALLOWED_UPDATES", "message,callback_query,poll");
        let _program = world.runs(&[("TELEGRAM_POLLING_TIMEOUT", setting), allowed]);
        world.waits_for_poll();
        world.telegram.look(|view| {
            for call in view.calls("getUpdates") {
                let kinds = json!(["message", "callback_query", "poll"]);
                assert_eq!(call.params["allowed_updates"], kinds);
                let timeout = call.params["timeout"].as_i64().expect("a number");
                assert!(timeout == 0 || timeout == waits, "{timeout}");
            }
            let deleted = view.calls("deleteWebhook");
            assert_eq!(deleted.len(), 1, "before the first poll, not at the end");
            assert_eq!(deleted[0].params["drop_pending_updates"], false);
        });
    }
}

#[test]
fn a_webhook_that_somebody_sets_later_does_not_end_polling() {
    let world = World::new();
    let ada = world.telegram.person(7, "Ada", "en");
    let _program = world.polls();
    world.waits_for_poll();
    let client = roost::telegram::Client::new(
        &world.telegram.base_url(),
        roost::hidden::Hidden::new(TOKEN.to_owned()),
    );
    let other = json!({"url": "https://elsewhere.example/hook"});
    client.call("setWebhook", &other, Duration::from_secs(60)).expect("set");
    ada.sends("/start");
    waits_for_answers(&world.telegram, &ada, 1);
    assert_eq!(world.telegram.look(|view| view.webhook().map(str::to_owned)), None);
}

#[test]
fn a_full_log_leaves_updates_at_telegram_until_its_reader_catches_up() {
    let world = World::new();
    keeps_log(&world);
    let ada = world.telegram.person(7, "Ada", "en");
    let long = "x".repeat(4_000);
    for _ in 0..300 {
        ada.sends(&long);
    }
    let keep = [("ROOST_RELAY_KEEP_SIZE", "1048576")];
    let program = world.runs(&keep);
    program.waits_for_line("the log of updates is 80 % full");
    let report = program.waits_until_ready("the push-back", |status, report| {
        let why = report["checks"]["telegram"]["reason"].as_str().unwrap_or_default();
        status == 503 && why.contains("updates stay with Telegram: the log of updates is full")
    });
    assert_eq!(report["checks"]["updates"]["ok"], false, "{report}");
    assert!(program.stops("TERM").0.success());
    let kept = logged(&world).len();
    assert!((200..300).contains(&kept), "{kept}");
    let store = open(&world);
    store.write(|tx| log::advance(tx, "checker", u64::MAX / 2)).expect("advanced");
    drop(store);
    let program = world.runs(&keep);
    world.telegram.wait_for("the rest", |view| (view.updates_waiting() == 0).then_some(()));
    program.waits_until_ready("readiness", |status, _| status == 200);
}

#[test]
fn a_full_disk_keeps_updates_at_telegram_and_is_survived() {
    let world = World::new();
    let ada = world.telegram.person(7, "Ada", "en");
    let program = world.runs_on_a_small_disk(&[]);
    ada.sends("/start");
    ada.waits_for_text("Hi!");
    program.fills_disk();
    ada.sends("/help");
    program.waits_for_line("updates stay with Telegram");
    assert_eq!(program.ready().0, 503);
    world.telegram.look(|view| assert_eq!(view.updates_waiting(), 1));
    program.frees_disk();
    ada.waits_for_text("/stop");
    program.waits_until_ready("readiness", |status, _| status == 200);
}

/// How often a reader is killed in the test below.
const READERS_KILLED: usize = 15;

/// Where the child of the test below finds its database.
const CHILD: &str = "TEST_OF_A_READER";

/// Takes updates in and reads them for ever, printing each before it is done with it; the parent
/// kills it.
#[test]
fn a_reader_as_a_process_of_its_own() {
    let Ok(path) = std::env::var(CHILD) else { return };
    let store = Store::open(path.as_ref(), |_| Ok(()), Box::new(drop)).expect("opened");
    store.write(|tx| log::register(tx, "child")).expect("registered");
    let keep = log::Keep { age: SignedDuration::from_hours(1), bytes: 20_000 };
    let intake = Intake::with_handler(store.clone(), keep, Arc::new(|_, _, _| Ok(())));
    let cursor = || {
        let read = store.snapshot().expect("a snapshot");
        log::cursor(&read, "child").expect("read").expect("registered")
    };
    for id in cursor() + 1.. {
        // Some were taken in before the kill: they come again, as from Telegram.
        let batch = (id..id + 3).map(|id| format!("{{\"update_id\":{id}}}"));
        let batch = batch.map(|body| Update::read(body.as_bytes()).expect("an update"));
        intake.take(&batch.collect::<Vec<_>>()).expect("taken");
        let read = store.snapshot().expect("a snapshot");
        for entry in log::read(&read, cursor(), 2).expect("read") {
            println!("\nread {} {}", entry.sequence, entry.update_id);
            store.write(move |tx| log::advance(tx, "child", entry.sequence)).expect("advanced");
        }
    }
}

#[test]
fn a_reader_killed_at_any_instant_misses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut seen: Vec<(i64, i64)> = Vec::new();
    for round in 0..READERS_KILLED {
        let mut child = Command::new(std::env::current_exe().expect("ourselves"))
            .args(["--exact", "a_reader_as_a_process_of_its_own", "--nocapture"])
            .env(CHILD, folder.path().join("roost.redb"))
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let lines = lines.map_while(Result::ok).filter(|line| line.starts_with("read "));
        let mut numbers = lines.map(|line| {
            let numbers: Vec<i64> =
                line.split(' ').skip(1).map(|number| number.parse().expect("a number")).collect();
            (numbers[0], numbers[1])
        });
        seen.extend(numbers.by_ref().take(1 + round * 3 % 7));
        child.kill().expect("killed");
        // What it printed before it died counts as read.
        seen.extend(numbers);
        child.wait().expect("ended");
    }
    for pair in seen.windows(2) {
        let step = pair[1].0 - pair[0].0;
        // Printed, but killed before it was noted: read again.
        assert!((0..=1).contains(&step), "{pair:?}");
    }
    assert!(seen.iter().all(|(sequence, id)| sequence == id), "each once, in order: {seen:?}");
}

/// How often the program is killed in the test below.
const KILLS: usize = 12;

/// People who write in it.
const PEOPLE: i64 = 10;

#[test]
fn killed_at_any_instant_it_loses_no_update_and_handles_none_twice() {
    for mode in ["polling", "webhook"] {
        kill_in_loops(mode);
    }
}

fn kill_in_loops(mode: &str) {
    let world = World::new();
    keeps_log(&world);
    let ids = 100..100 + PEOPLE;
    let people: Vec<Person> = ids.map(|id| world.telegram.person(id, "Somebody", "en")).collect();
    let mut sent = BTreeMap::new();
    for round in 0..KILLS {
        let program = world.hooked(&[("ROOST_UPDATES_MODE", mode)]);
        for (at, person) in people.iter().enumerate() {
            if (at + round) % 3 == 0 {
                person.sends("/help");
                *sent.entry(person.id().0).or_insert(0_usize) += 1;
            }
        }
        // Another instant each time: in the introduction, between receiving and answering, in the
        // middle of the answers, after them.
        let calls = world.telegram.look(|view| view.requests().len());
        let later = [0, 1, 9, 12, 13, 14, 15, 17][round % 8];
        world.telegram.wait_for("the instant", |view| {
            let idle = view.updates_waiting() == 0;
            (idle || view.requests().len() >= calls + later).then_some(())
        });
        program.dies();
    }
    let program = world.hooked(&[("ROOST_UPDATES_MODE", mode)]);
    // Pauses between deliveries are over; updates that wait 24 h are not.
    world.telegram.pass(Duration::from_secs(300));
    world.telegram.wait_for("every answer", |view| {
        let all = sent.iter().all(|(id, count)| view.bot_messages(*id).len() >= *count);
        (all && view.updates_waiting() == 0).then_some(())
    });
    assert!(program.stops("TERM").0.success());
    check(&world, &sent);
}

/// Each update is in the log once, in the order it was sent; no more answers were repeated than were
/// on their way when the program was killed.
fn check(world: &World, sent: &BTreeMap<i64, usize>) {
    let logged = logged(world);
    let total: usize = sent.values().sum();
    assert_eq!(logged.len(), total, "{logged:?}");
    let mut once = logged.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), total, "none twice: {logged:?}");
    let answers: usize =
        world.telegram.look(|view| sent.keys().map(|id| view.bot_messages(*id).len()).sum());
    let repeated = answers - total;
    assert!(repeated <= KILLS * 4, "{repeated} answers were repeated");
}
