//! Durable attends through the store, against one commit for each on the same disk.

use std::time::{Duration, Instant};

use redb::{Database, TableDefinition};
use roost::apps::events::action::Action;
use roost::apps::events::store::{self as events, NotDone};
use roost::store::Store;

use crate::Measured;
use crate::report::Row;
use crate::statistics::{median, percentile};
use crate::world::{self, EVENT, World};

/// How many people attend at once.
const CALLERS: [i64; 3] = [1, 8, 64];

/// How long each case takes.
const TIME: Duration = Duration::from_secs(3);

const ALONE: TableDefinition<u64, i64> = TableDefinition::new("alone");

/// What callers saw.
struct Seen {
    /// Done in a second.
    rate: f64,
    /// Milliseconds of each.
    waits: Vec<f64>,
}

/// Measures each number of callers both ways.
pub fn measure() -> Measured {
    let world = World::new(10_000, 20)?;
    let store = world::open(&world.path().join("roost.redb"))?;
    let database = Database::create(world.path().join("alone.redb"))?;
    let transaction = database.begin_write()?;
    transaction.open_table(ALONE)?;
    transaction.commit()?;
    let mut rows = Vec::new();
    let mut commit = f64::NAN;
    for callers in CALLERS {
        let mut alone = run(callers, |user, _| one_commit(&database, user));
        if callers == 1 {
            commit = median(&mut alone.waits);
            rows.push(Row::plain("one commit on this disk", format!("{commit:.2} ms")));
        }
        let seen = run(callers, |user, turn| attend(&store, user, turn));
        rows.extend(case(callers, seen, &alone, commit));
    }
    Ok(rows)
}

fn case(callers: i64, mut seen: Seen, alone: &Seen, commit: f64) -> Vec<Row> {
    let what = format!("durable attends, {callers} at once");
    let single = format!("{:.0} /s", alone.rate);
    let (rate, p99) = (seen.rate, percentile(&mut seen.waits, 99));
    let mut rows = match callers {
        64 => vec![Row::at_least(what, (rate, 50.0 * alone.rate), "/s")],
        _ => vec![Row::plain(what, format!("{rate:.0} /s"))],
    };
    rows.push(Row::plain("  one commit for each", single));
    let what = format!("  answer p99, {callers} at once");
    rows.push(Row::at_most(what, (p99, 3.0 * commit), "ms"));
    rows
}

/// Lets `callers` repeat `once` for a while, each for a person of its own.
fn run<E: std::fmt::Debug>(
    callers: i64,
    once: impl Fn(i64, usize) -> Result<(), E> + Sync,
) -> Seen {
    let (once, started) = (&once, Instant::now());
    let waits = std::thread::scope(|scope| {
        let caller = |user| move || repeat(started, |turn| once(user, turn));
        let threads: Vec<_> = (1..=callers).map(|user| scope.spawn(caller(user))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect::<Vec<_>>()
    });
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let rate = waits.len() as f64 / started.elapsed().as_secs_f64();
    Seen { rate, waits }
}

fn repeat<E: std::fmt::Debug>(started: Instant, once: impl Fn(usize) -> Result<(), E>) -> Vec<f64> {
    let mut waits = Vec::new();
    while started.elapsed() < TIME {
        let begun = Instant::now();
        once(waits.len()).expect("the disk of the benchmark works");
        waits.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    waits
}

/// Joins and leaves in turn.
fn attend(store: &Store, user: i64, turn: usize) -> Result<(), NotDone> {
    let action = if turn.is_multiple_of(2) { Action::Leave } else { Action::Attend };
    store.write(move |tx| events::act(tx, &world::asked(user), Some(EVENT), &action).map(drop))
}

fn one_commit(database: &Database, user: i64) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    transaction.open_table(ALONE)?.insert(1, user)?;
    transaction.commit()?;
    Ok(())
}
