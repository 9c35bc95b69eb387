//! What a day of checks of TrueConf servers has the disk write.

use std::error::Error;
use std::fs;

use jiff::Timestamp;
use roost::apps::conferences::fleet::ServerId;
use roost::apps::conferences::history::table;
use roost::apps::conferences::history::{Hour, HourNumber, Kind, Sample};
use roost::store::{Store, StoreError};

use crate::Measured;
use crate::report::Row;

/// Seconds between two checks, about.
const EVERY: u16 = 15;

/// Hours between two writes of the history, as the lookout makes them.
const WRITTEN_AFTER: i64 = 2;

/// Days there are already: checks are thinned out after two days and again after thirty.
const DAYS: i64 = 32;

/// The first hour.
const BEGIN: i64 = 500_000;

/// What a day costs.
pub struct Day {
    /// Bytes, as the kernel counts what is handed to the disk.
    pub bytes: f64,
    /// Durable transactions.
    pub commits: i64,
}

/// Measures a few servers and many.
pub fn measure() -> Measured {
    let row = |servers: usize| {
        let day = day(servers)?;
        let what = format!("history of {servers} servers, {} commits in a day", day.commits);
        Ok(Row::at_most(what, (day.bytes / f64::from(1 << 20), 1.0), "MiB"))
    };
    [5, 50].map(row).into_iter().collect()
}

/// A day of checks and of thinning out, on a file that has a month.
pub fn day(servers: usize) -> Result<Day, Box<dyn Error>> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let store = Store::open(&folder.path().join("roost.redb"), table::prepare, Box::new(drop))?;
    let mut chance = 1;
    for day in 0..DAYS {
        // The days before only have to be there, thinned out as they would be.
        write(&store, servers, &mut chance, BEGIN + day * 24..BEGIN + day * 24 + 24)?;
        thin(&store, BEGIN + day * 24 + 24)?;
    }
    let (begin, before) = (BEGIN + DAYS * 24, written()?);
    let mut commits = 0;
    for hour in (begin..begin + 24).step_by(usize::try_from(WRITTEN_AFTER)?) {
        write(&store, servers, &mut chance, hour..hour + WRITTEN_AFTER)?;
        commits += 1;
    }
    commits += thin(&store, begin + 24)?;
    Ok(Day { bytes: written()? - before, commits })
}

fn write(
    store: &Store,
    servers: usize,
    chance: &mut u32,
    hours: std::ops::Range<i64>,
) -> Result<(), StoreError> {
    let all: Vec<_> = (0..servers)
        .map(|number| {
            let hours = hours.clone().map(|hour| (HourNumber(hour), checks(chance)));
            (ServerId::of_name(&format!("Server {number}")), hours.collect::<Vec<_>>())
        })
        .collect();
    store.write(move |tx| table::write(tx, &all))
}

/// An hour of a server that answers within 20 to 60 ms, checked as the watch does it.
fn checks(chance: &mut u32) -> Hour {
    let (mut samples, mut offset) = (Vec::new(), dice(chance, EVERY));
    let mut weight = EVERY;
    while offset < 3_600 {
        samples.push(Sample { offset, weight, kind: Kind::Good(20 + dice(chance, 40)) });
        weight = EVERY - 1 + dice(chance, 3);
        offset += weight;
    }
    Hour::Raw(samples)
}

/// The same numbers in every run.
fn dice(chance: &mut u32, sides: u16) -> u16 {
    *chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    u16::try_from(*chance >> 16).unwrap_or_default() % sides
}

/// Thins out what has grown old; in how many transactions.
fn thin(store: &Store, hour: i64) -> Result<i64, Box<dyn Error>> {
    let now = Timestamp::from_second(hour * 3_600 + 10)?;
    let mut commits = 0;
    while table::is_stale(&store.snapshot()?, now)? {
        store.write(move |tx| table::thin(tx, now))?;
        commits += 1;
    }
    Ok(commits)
}

/// Bytes this process has handed to the disk.
pub fn written() -> Result<f64, Box<dyn Error>> {
    let io = fs::read_to_string("/proc/self/io")?;
    let line = io.lines().find_map(|line| line.strip_prefix("write_bytes: "));
    Ok(line.ok_or("no write_bytes in /proc/self/io")?.parse()?)
}
