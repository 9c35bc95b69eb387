//! What the server does while nobody does anything, all of it switched on.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use roost::demo::trueconf::{StandIn, Version};
use serde_json::{Map, Value, json};

use crate::Measured;
use crate::flock::{Flock, Speech};
use crate::history;
use crate::report::{Row, number};
use crate::world::{self, Server, World};

const CLIENTS: u16 = 1_000;

/// How long we watch unless `ROOST_BENCH_IDLE` says so: two rounds of pings to silent pages and four
/// rounds of checks of servers fall into it.
const WATCHED: u64 = 60;

/// From the start until everything is as it stays.
const SETTLING: Duration = Duration::from_secs(5);

/// How often the watchdog tries the disk in a day (`server/pulse.rs`).
const TRIED: u32 = 4;

/// Seconds of a day.
const DAY: f64 = 86_400.0;

/// MiB of resident memory, and of writes in a day.
const RESIDENT: f64 = 12.0;
const WRITTEN: f64 = 1.0;

const MIB: f64 = 1_048_576.0;

/// Processor time, wake-ups and bytes so far.
struct Counted {
    cpu: f64,
    sleeps: BTreeMap<String, f64>,
    written: f64,
}

/// Watches two servers at the same time: one alone, and one with silent pages.
pub fn measure() -> Measured {
    let servers = [("Head office", Version::V33), ("Branch", Version::V4)];
    let servers: Vec<StandIn> = servers
        .iter()
        .map(|(name, version)| StandIn::start(name, *version))
        .collect::<Result<_, _>>()?;
    let (quiet, busy) = (World::new(10_000, 1_000)?, World::new(10_000, 1_000)?);
    let alone = quiet.serve(&[], everything(&servers))?;
    let visited = busy.serve(&[], everything(&servers))?;
    let mut pages = Flock::start(Speech::Websocket, visited.address, CLIENTS.into(), 1)?;
    pages.wait_until_ready()?;
    std::thread::sleep(SETTLING);
    let before = (counted(&alone)?, counted(&visited)?);
    let watched = Duration::from_secs(seconds());
    std::thread::sleep(watched);
    let (alone_since, visited_since) = (counted(&alone)?, counted(&visited)?);
    let mut rows = of_memory(&alone, watched)?;
    let time = watched.as_secs_f64();
    rows.extend(of_work("alone", &before.0, &alone_since, time));
    rows.extend(of_work(&format!("{CLIENTS} silent pages"), &before.1, &visited_since, time));
    let written =
        (alone_since.written - before.0.written).max(visited_since.written - before.1.written);
    rows.extend(of_disk(written, time, servers.len())?);
    Ok(rows)
}

/// How long we watch.
fn seconds() -> u64 {
    let asked = std::env::var("ROOST_BENCH_IDLE").ok().and_then(|text| text.parse().ok());
    asked.unwrap_or(WATCHED)
}

/// Mini Events and one-time messages are there by themselves.
fn everything(servers: &[StandIn]) -> Value {
    let settings = |server: &StandIn| {
        let mut settings = server.settings();
        settings["server_status"] = json!({"state": 1, "timeout": 15});
        (server.name().to_owned(), settings)
    };
    let servers: Map<String, Value> = servers.iter().map(settings).collect();
    json!({
        "servers": servers,
        "relay": {"sinks": {"archive": {"type": "file", "path": "updates.jsonl"}}},
    })
}

fn counted(server: &Server) -> Result<Counted, Box<dyn Error>> {
    let (cpu, written) = (server.process.cpu()?, server.process.written()?);
    Ok(Counted { cpu, written, sleeps: server.process.sleeps_by_name()? })
}

fn of_memory(server: &Server, watched: Duration) -> Measured {
    let (all, files) = server.process.resident_of_files()?;
    let what = format!("resident, all four features on, after {} s", watched.as_secs());
    Ok(vec![
        Row::at_most(what, (all / 1024.0, RESIDENT), "MiB"),
        Row::plain("  of it the program itself", format!("{} MiB", number(files / 1024.0))),
        Row::plain("  threads", number(server.process.threads()?)),
    ])
}

/// What was done meanwhile, and who woke most.
fn of_work(whose: &str, before: &Counted, after: &Counted, time: f64) -> Vec<Row> {
    let cpu = (after.cpu - before.cpu) / time * 100.0;
    let since = |name: &str| before.sleeps.get(name).copied().unwrap_or_default();
    let woke = after.sleeps.iter().map(|(name, sleeps)| (sleeps - since(name), name));
    let mut woke: Vec<(f64, &String)> = woke.filter(|(sleeps, _)| *sleeps > 0.0).collect();
    woke.sort_by(|one, other| other.0.total_cmp(&one.0));
    let sum: f64 = woke.iter().map(|(sleeps, _)| sleeps).sum();
    let most: Vec<String> = woke
        .iter()
        .take(4)
        .map(|(sleeps, name)| format!("{name} {}", number(sleeps / time)))
        .collect();
    vec![
        Row::at_most(format!("CPU, {whose}"), (cpu, 0.1), "% of a core"),
        Row::plain(
            format!("  wake-ups: {}", most.join(", ")),
            format!("{} /s", number(sum / time)),
        ),
    ]
}

/// What is written in a day: what was written while we watched, and what comes more seldom.
fn of_disk(written: f64, time: f64, servers: usize) -> Measured {
    let all_the_time = written / time * DAY;
    let seldom = history::day(servers)?;
    let tried = tried()?;
    let mib = |bytes: f64| format!("{} MiB", number(bytes / MIB));
    Ok(vec![
        Row::at_most(
            "written in an idle day",
            ((all_the_time + seldom.bytes + tried) / MIB, WRITTEN),
            "MiB",
        ),
        Row::plain(format!("  in these {time} s: {written} bytes; in a day"), mib(all_the_time)),
        Row::plain(
            format!("  history of {servers} servers, {} commits", seldom.commits),
            mib(seldom.bytes),
        ),
        Row::plain(format!("  the watchdog tries the disk, {TRIED} commits"), mib(tried)),
    ])
}

/// Bytes of a day of trying whether the disk takes a commit.
fn tried() -> Result<f64, Box<dyn Error>> {
    let world = World::new(100, 20)?;
    let store = world::open(&world.path().join("roost.redb"))?;
    store.try_disk()?;
    let before = history::written()?;
    (0..TRIED).try_for_each(|_| store.try_disk())?;
    Ok(history::written()? - before)
}
