//! Updates from the stand-in Telegram through intake to reply, and what waiting messages cost.
//!
//! The sender keeps to 30 messages a second whatever we do, so intake (an update counts when its
//! batch is confirmed, which is after the commit of all it causes) is measured apart from delivery.

use std::error::Error;
use std::time::{Duration, Instant};

use roost::demo::telegram::{Fault, Person, StandIn, View};
use roost::ids::ChatId;
use roost::store::outbox::{self, Lane};
use roost::store::{Store, StoreError};
use roost::telegram::{Outgoing, sender};
use serde_json::{Value, json};

use crate::Measured;
use crate::attends;
use crate::report::{Row, number};
use crate::statistics::{median, percentile};
use crate::world::{self, World};

/// People who ask, and how many commands they ask for in all.
const PEOPLE: i64 = 500;
const COMMANDS: u32 = 5_000;

/// Updates measured one at a time; so far apart that the sender's pacing delays none of them.
const SINGLES: i64 = 300;
const APART: Duration = Duration::from_millis(40);

/// Milliseconds over the commit.
const LIMIT: f64 = 5.0;

/// Messages that wait, and the first people they may be delivered to.
const QUEUED: u32 = 10_000;
const DELIVERED: i64 = 1_000;

/// How long the server is watched while messages wait, and while they leave.
const WATCHED: Duration = Duration::from_secs(5);

/// Updates from a downtime, every tenth a command: more replies than the outbox holds would push
/// back on Telegram, and then it is the sender's pace that counts.
const BACKLOG: u32 = 100_000;

/// The longest any wait takes before the group gives up.
const PATIENCE: Duration = Duration::from_secs(40);

/// Measures intake, an answer, a full outbox and a backlog.
pub fn measure() -> Measured {
    let mut rows = intake()?;
    rows.extend(answer()?);
    rows.extend(queue()?);
    rows.extend(backlog()?);
    Ok(rows)
}

fn intake() -> Measured {
    let world = World::new(PEOPLE, 20)?;
    let people = people(world.telegram());
    let server = world.serve(&[], json!({}))?;
    polled(&world)?;
    let cpu = server.process.cpu()?;
    let started = Instant::now();
    for person in people.iter().cycle().take(COMMANDS as usize) {
        person.sends("/help");
    }
    let due = Instant::now() + PATIENCE;
    wait(&world, due, |view| view.updates_waiting() == 0)?;
    let rate = f64::from(COMMANDS) / started.elapsed().as_secs_f64();
    let cpu = (server.process.cpu()? - cpu) / f64::from(COMMANDS) * 1e6;
    drop(server);
    check_replies(&world, COMMANDS)?;
    Ok(vec![
        Row::plain("intake, 5,000 commands, replies committed", format!("{rate:.0} /s")),
        Row::plain("  processor time for each", format!("{} µs", number(cpu))),
    ])
}

fn answer() -> Measured {
    let world = World::new(PEOPLE, 20)?;
    let people = people(world.telegram());
    let database = attends::database(world.path())?;
    let _server = world.serve(&[], json!({}))?;
    let (mut times, mut commits) = (Vec::new(), Vec::new());
    for person in people.iter().take(usize::try_from(SINGLES)?) {
        polled(&world)?;
        std::thread::sleep(APART);
        let started = Instant::now();
        attends::one_commit(&database, person.id().0)?;
        commits.push(milliseconds(started));
        times.push(answered(&world, person)?);
    }
    let (middle, p99) = (median(&mut times), percentile(&mut times, 99));
    let (commit, slow) = (median(&mut commits), percentile(&mut commits, 99));
    Ok(vec![
        Row::at_most("update to sendMessage, p99 over the p50 commit", (p99 - commit, LIMIT), "ms"),
        Row::plain("  p50, p99, commit included", format!("{middle:.2}, {p99:.2} ms")),
        Row::plain("  commits in turns with them, p50, p99", format!("{commit:.2}, {slow:.2} ms")),
    ])
}

/// Milliseconds until the server calls `sendMessage` for a command of `person`.
fn answered(world: &World, person: &Person) -> Result<f64, Box<dyn Error>> {
    let before = world.telegram().look(|view| view.requests().len());
    let started = Instant::now();
    person.sends("/help");
    wait(world, started + PATIENCE, |view| {
        let mut new = view.requests()[before..].iter();
        new.any(|call| call.method == "sendMessage" && call.params["chat_id"] == person.id().0)
    })?;
    Ok(milliseconds(started))
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

fn queue() -> Measured {
    let world = World::new(QUEUED.into(), 20)?;
    for id in 1..=DELIVERED {
        world.telegram().person(id, "Somebody", "en").allows_writing();
    }
    let server = world.serve(&[], json!({}))?;
    wait(&world, Instant::now() + PATIENCE, |view| view.updates_waiting() == 0)?;
    drop(server);
    let empty = idle(&world)?;
    post(&world::open(&world.path().join("roost.redb"))?)?;
    let mut rows = held(&world, empty)?;
    rows.push(leaving(&world)?);
    Ok(rows)
}

/// Telegram refuses everything, and all messages wait.
fn held(world: &World, empty: f64) -> Measured {
    world.telegram().fault(Fault::flood(86_400).on("sendMessage"));
    let server = world.serve(&[], json!({}))?;
    wait(world, Instant::now() + PATIENCE, |view| view.calls("sendMessage").len() >= 3)?;
    std::thread::sleep(Duration::from_secs(1));
    let more = server.process.resident()? - empty;
    let cpu = server.process.cpu()?;
    std::thread::sleep(WATCHED);
    let cpu = (server.process.cpu()? - cpu) / WATCHED.as_secs_f64() * 100.0;
    Ok(vec![
        Row::plain("10,000 messages held back: resident", format!("{:+.2} MiB", more / 1024.0)),
        Row::plain("  without any", format!("{:.1} MiB", empty / 1024.0)),
        Row::plain("  CPU while they wait", format!("{} % of a core", number(cpu))),
    ])
}

/// They leave, as fast as the sender lets them.
fn leaving(world: &World) -> Result<Row, Box<dyn Error>> {
    world.telegram().heal();
    let server = world.serve(&[], json!({}))?;
    wait(world, Instant::now() + PATIENCE, |view| sent(view) > 0)?;
    std::thread::sleep(Duration::from_secs(1));
    let (before, cpu) = (delivered(world), server.process.cpu()?);
    std::thread::sleep(WATCHED);
    let sent = u32::try_from(delivered(world) - before)?;
    let cpu = (server.process.cpu()? - cpu) / f64::from(sent.max(1)) * 1e3;
    let rate = f64::from(sent) / WATCHED.as_secs_f64();
    let what = format!("  CPU for each when they leave, {rate:.0} /s");
    Ok(Row::plain(what, format!("{} ms", number(cpu))))
}

fn backlog() -> Measured {
    let world = World::new(PEOPLE, 20)?;
    for person in people(world.telegram()) {
        person.allows_writing();
    }
    let before = idle(&world)?;
    for number in 0..BACKLOG {
        world.telegram().inject(update(number.into()));
    }
    let server = world.serve(&[], json!({}))?;
    let due = Instant::now() + PATIENCE;
    let still = |view: &View| u32::try_from(view.updates_waiting()).unwrap_or(u32::MAX);
    wait(&world, due, |view| still(view) < BACKLOG)?;
    let started = Instant::now();
    wait(&world, due, |view| still(view) <= BACKLOG / 2)?;
    let half = server.process.resident()?;
    wait(&world, due, |view| still(view) == 0)?;
    let rate = f64::from(BACKLOG) / started.elapsed().as_secs_f64();
    let end = server.process.resident()?;
    drop(server);
    check_replies(&world, BACKLOG / 10)?;
    let more = |resident: f64| format!("{:+.1} MiB", (resident - before) / 1024.0);
    Ok(vec![
        Row::plain("backlog of 100,000 updates", format!("{rate:.0} /s")),
        Row::plain("  resident after half of it", more(half)),
        Row::plain("  after all of it", more(end)),
        Row::plain("  before", format!("{:.1} MiB", before / 1024.0)),
    ])
}

/// A command in a private chat, or talk in a group.
fn update(number: i64) -> Value {
    let id = number % PEOPLE + 1;
    let is_command = number % 10 == 0;
    let text = if is_command { "/help" } else { "shall we take the long way round the lake?" };
    let chat = if is_command {
        json!({"id": id, "type": "private", "first_name": "Somebody"})
    } else {
        json!({"id": -1_000_000_000_007_i64, "type": "supergroup", "title": "Walkers"})
    };
    let command = json!([{"type": "bot_command", "offset": 0, "length": 5}]);
    json!({"message": {
        "message_id": number + 1, "date": roost::clock::now().as_second(), "text": text,
        "from": {"id": id, "is_bot": false, "first_name": "Somebody", "language_code": "en"},
        "chat": chat, "entities": if is_command { command } else { json!([]) },
    }})
}

fn people(telegram: &StandIn) -> Vec<Person> {
    (1..=PEOPLE).map(|id| telegram.person(id, "Somebody", "en")).collect()
}

/// Resident KiB of a server that has nothing to do.
fn idle(world: &World) -> Result<f64, Box<dyn Error>> {
    let server = world.serve(&[], json!({}))?;
    std::thread::sleep(Duration::from_secs(1));
    server.process.resident()
}

fn post(store: &Store) -> Result<(), StoreError> {
    store.write(|tx| {
        (1..=i64::from(QUEUED)).try_for_each(|id| {
            let text = "The walk round the lake begins at 18:30; bring shoes, rain or shine.";
            sender::post_in(tx, Lane::Broadcasts, Outgoing::message(ChatId(id), text))
        })
    })
}

/// Of a stopped server: a figure is none if an answer is missing.
fn check_replies(world: &World, asked: u32) -> Result<(), Box<dyn Error>> {
    let (sent, left) = (delivered(world), left(world)?);
    if sent + left < u64::from(asked) {
        return Err(format!("{asked} commands, but {sent} replies sent and {left} left").into());
    }
    Ok(())
}

/// Messages in the outbox of a stopped server.
fn left(world: &World) -> Result<u64, StoreError> {
    let store = world::open(&world.path().join("roost.redb"))?;
    let waiting = outbox::waiting(&store.snapshot()?)?;
    Ok(waiting.iter().map(|lane| lane.messages).sum())
}

fn delivered(world: &World) -> u64 {
    world.telegram().look(sent)
}

/// Messages Telegram has taken.
fn sent(view: &View) -> u64 {
    let calls = view.calls("sendMessage");
    calls.iter().filter(|call| call.status == 200).count() as u64
}

/// Waits until the server waits for updates.
fn polled(world: &World) -> Result<(), Box<dyn Error>> {
    wait(world, Instant::now() + PATIENCE, |view| view.polls_waiting() > 0)
}

/// Looks again and again, so often that it adds a tenth of a millisecond at most.
fn wait(world: &World, due: Instant, is_so: impl Fn(&View) -> bool) -> Result<(), Box<dyn Error>> {
    while !world.telegram().look(&is_so) {
        if Instant::now() > due {
            return Err("the server did not get it done in time; see what it logs".into());
        }
        std::thread::sleep(Duration::from_micros(50));
    }
    Ok(())
}
