//! What one more logged-in page costs in resident memory.

use serde_json::json;

use crate::Measured;
use crate::flock::{Flock, Speech};
use crate::report::Row;
use crate::world::World;

const CLIENTS: u16 = 4_000;

/// KiB of resident memory for each page.
const LIMIT: f64 = 16.0;

/// Measures with a snapshot of 20 events.
pub fn measure() -> Measured {
    let world = World::new(10_000, 20)?;
    let server = world.serve(&[], json!({}))?;
    let before = server.process.resident()?;
    let mut pages = Flock::start(Speech::Websocket, server.address, CLIENTS.into(), 1)?;
    pages.wait_until_ready()?;
    let after = server.process.resident()?;
    let each = (after - before) / f64::from(CLIENTS);
    Ok(vec![
        Row::at_most(format!("resident per idle page, at {CLIENTS}"), (each, LIMIT), "KiB"),
        Row::plain("  resident in all", format!("{:.1} MiB", after / 1024.0)),
        Row::plain("  threads", format!("{}", server.process.threads()?)),
    ])
}
