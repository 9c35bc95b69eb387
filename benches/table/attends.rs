//! Durable attends through the store, against one commit for each on the same disk.

use std::error::Error;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use redb::{Database, TableDefinition};
use roost::apps::events::action::Action;
use roost::apps::events::store::{self as events, NotDone};
use roost::store::Store;

use crate::Measured;
use crate::report::Row;
use crate::statistics::{median, percentile};
use crate::world::{self, EVENT, World};

/// The first argument of the child.
pub const ROLE: &str = "attends-of-the-table";

/// How many people attend at once.
const CALLERS: [i64; 3] = [1, 8, 64];

/// How long each round takes, and how many there are, in turns.
const TIME: Duration = Duration::from_secs(1);
const ROUNDS: usize = 3;

/// A disk that has written after less than so many milliseconds has not: it only keeps in mind.
const QUICK: f64 = 1.0;

/// Makes every `fdatasync` 4 ms longer, as on a disk.
const SLOWLY: [&str; 7] = [
    "-f",
    "--seccomp-bpf",
    "-etrace=fdatasync",
    "-einject=fdatasync:delay_exit=4000",
    "-qq",
    "-o",
    "/dev/null",
];

const ALONE: TableDefinition<u64, i64> = TableDefinition::new("alone");

/// What callers saw.
struct Seen {
    /// Done in a second.
    rate: f64,
    /// Milliseconds of each.
    waits: Vec<f64>,
}

/// Measures on the disk there is, and if that one is too quick to be true, on a slower one as well.
pub fn measure() -> Measured {
    let program = std::env::current_exe()?;
    let (mut rows, commit) = rows(Command::new(&program).arg(ROLE), "this disk")?;
    if commit < QUICK {
        let slow = rows_of_slow_disk(&program);
        rows.extend(slow.unwrap_or_else(|error| {
            let why =
                format!("syncs made 4 ms long: not measured: {error}; apt-get install strace");
            vec![Row::plain(why, "")]
        }));
    }
    Ok(rows)
}

fn rows_of_slow_disk(program: &Path) -> Measured {
    let mut command = Command::new("strace");
    rows(command.args(SLOWLY).arg(program).arg(ROLE), "syncs made 4 ms long").map(|(rows, _)| rows)
}

/// The rows of one child, and how many milliseconds a commit takes on its disk.
fn rows(command: &mut Command, disk: &str) -> Result<(Vec<Row>, f64), Box<dyn Error>> {
    let output = command.stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8(output.stdout)?;
    let mut lines = text.lines();
    let commit: f64 = lines.next().ok_or("the callers say nothing")?.parse()?;
    let mut rows = vec![Row::plain(format!("{disk}: one commit"), format!("{commit:.2} ms"))];
    for line in lines {
        let numbers: Result<Vec<f64>, _> = line.split(' ').map(str::parse).collect();
        let [callers, rate, p99, alone] = numbers?[..] else { return Err("not 4 numbers".into()) };
        rows.extend(case(callers, (rate, p99, alone), commit));
    }
    Ok((rows, commit))
}

fn case(callers: f64, (rate, p99, alone): (f64, f64, f64), commit: f64) -> Vec<Row> {
    let what = format!("  durable attends, {callers} at once");
    let at_once = if callers > 63.0 {
        Row::at_least(what, (rate, 50.0 * alone), "/s")
    } else {
        Row::plain(what, format!("{rate:.0} /s"))
    };
    vec![
        at_once,
        Row::plain("    one commit for each", format!("{alone:.0} /s")),
        Row::at_most("    answer p99", (p99, 3.0 * commit), "ms"),
    ]
}

/// What the child does: prints the milliseconds of a commit, and a line for each number of callers.
pub fn child() -> Result<(), Box<dyn Error>> {
    let world = World::new(10_000, 20)?;
    let store = world::open(&world.path().join("roost.redb"))?;
    let database = database(world.path())?;
    let alone = |callers| run(callers, |user, _| one_commit(&database, user));
    println!("{}", median(&mut alone(1).waits));
    for callers in CALLERS {
        let (mut singles, mut rates, mut waits) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            singles.push(alone(callers).rate);
            let seen = run(callers, |user, turn| attend(&store, user, turn));
            rates.push(seen.rate);
            waits.extend(seen.waits);
        }
        let (rate, p99) = (median(&mut rates), percentile(&mut waits, 99));
        println!("{callers} {rate} {p99} {}", median(&mut singles));
    }
    Ok(())
}

/// A database of its own beside the program's, for commits of one row.
pub fn database(folder: &Path) -> Result<Database, Box<dyn Error>> {
    let database = Database::create(folder.join("alone.redb"))?;
    let transaction = database.begin_write()?;
    transaction.open_table(ALONE)?;
    transaction.commit()?;
    Ok(database)
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

/// A commit of one row.
pub fn one_commit(database: &Database, user: i64) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    transaction.open_table(ALONE)?.insert(1, user)?;
    transaction.commit()?;
    Ok(())
}
