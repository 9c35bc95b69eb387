//! What the server does while nobody does anything.

use std::time::Duration;

use serde_json::json;

use crate::Measured;
use crate::flock::{Flock, Speech};
use crate::report::Row;
use crate::world::World;

const CLIENTS: u16 = 1_000;

/// How long we watch: two rounds of pings to silent pages fall into it.
const WATCHED: Duration = Duration::from_secs(60);

/// Watches the server, first alone and then with silent pages.
pub fn measure() -> Measured {
    let world = World::new(10_000, 1_000)?;
    let server = world.serve(&[], json!({}))?;
    std::thread::sleep(Duration::from_secs(2));
    let alone = server.process.resident()? / 1024.0;
    let mut pages = Flock::start(Speech::Websocket, server.address, CLIENTS.into(), 1)?;
    pages.wait_until_ready()?;
    std::thread::sleep(Duration::from_secs(1));
    let (cpu, sleeps) = (server.process.cpu()?, server.process.sleeps()?);
    std::thread::sleep(WATCHED);
    let cpu = (server.process.cpu()? - cpu) / WATCHED.as_secs_f64() * 100.0;
    let sleeps = (server.process.sleeps()? - sleeps) / WATCHED.as_secs_f64();
    Ok(vec![
        Row::at_most("resident, 1,000 events, no pages", (alone, 12.0), "MiB"),
        Row::at_most(format!("CPU with {CLIENTS} silent pages"), (cpu, 0.1), "% of a core"),
        Row::plain("  wake-ups", format!("{sleeps:.1} /s")),
    ])
}
