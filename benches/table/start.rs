//! From the start of the program to its first answer.

use std::time::Instant;

use serde_json::json;

use crate::Measured;
use crate::process::Process;
use crate::report::Row;
use crate::statistics::median;
use crate::world::{World, wait_until_ready};

const STARTS: usize = 10;

/// Milliseconds.
const LIMIT: f64 = 150.0;

/// Starts the server of a large database again and again.
pub fn measure() -> Measured {
    let world = World::new(10_000, 1_000)?;
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let (mut command, address) = world.command(&[], json!({}))?;
        let started = Instant::now();
        let server = Process::start(&mut command)?;
        wait_until_ready(address)?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
        drop(server);
    }
    let what = "start to ready, 10,000 people and 1,000 events";
    Ok(vec![Row::at_most(what, (median(&mut times), LIMIT), "ms")])
}
