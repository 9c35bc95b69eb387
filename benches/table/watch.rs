//! TrueConf servers that are checked: what fifty of them cost.

use std::time::{Duration, Instant};

use roost::demo::trueconf::{StandIn, Version};
use serde_json::{Map, Value, json};

use crate::Measured;
use crate::report::{Row, number};
use crate::world::World;

const SERVERS: usize = 50;

/// The usual time between two checks.
const EVERY: u64 = 15;

/// How long we watch: some four checks of each server fall into it.
const WATCHED: Duration = Duration::from_secs(60);

/// Compares a program that checks them with the same program that has none.
pub fn measure() -> Measured {
    let world = World::new(100, 20)?;
    let idle = {
        let server = world.serve(&[], json!({}))?;
        std::thread::sleep(Duration::from_secs(2));
        (server.process.resident()?, server.process.threads()?)
    };
    let stand_ins: Vec<StandIn> = (0..SERVERS)
        .map(|number| StandIn::start(&format!("Server {number}"), Version::V33))
        .collect::<Result<_, _>>()?;
    let setting = |server: &StandIn| {
        let mut settings = server.settings();
        settings["server_status"] = json!({"state": 1, "timeout": EVERY});
        (server.name().to_owned(), settings)
    };
    let settings: Map<String, Value> = stand_ins.iter().map(setting).collect();
    let server = world.serve(&[], json!({"servers": settings}))?;
    // Each server is confirmed up by then.
    wait_for_checks(&stand_ins, 2)?;
    std::thread::sleep(Duration::from_secs(5));
    let (cpu, sleeps, checks) =
        (server.process.cpu()?, server.process.sleeps()?, count(&stand_ins));
    std::thread::sleep(WATCHED);
    let seconds = WATCHED.as_secs_f64();
    let cpu = (server.process.cpu()? - cpu) / seconds * 100.0;
    let sleeps = (server.process.sleeps()? - sleeps) / seconds;
    #[expect(clippy::cast_precision_loss, reason = "some hundreds")]
    let checks = (count(&stand_ins) - checks) as f64 / seconds;
    let memory = (server.process.resident()? - idle.0) / 1024.0;
    let threads = server.process.threads()? - idle.1;
    Ok(vec![
        Row::plain(format!("{SERVERS} servers, a check each {EVERY} s"), format!("{checks:.2} /s")),
        Row::plain("  threads more", number(threads)),
        Row::plain("  resident memory more", format!("{} MiB", number(memory))),
        Row::plain("  CPU in all", format!("{} % of a core", number(cpu))),
        Row::plain("  wake-ups in all", format!("{sleeps:.1} /s")),
    ])
}

fn count(servers: &[StandIn]) -> usize {
    servers.iter().map(|server| server.counted().get("/vsstatus").copied().unwrap_or(0)).sum()
}

fn wait_for_checks(servers: &[StandIn], each: usize) -> Result<(), String> {
    let end = Instant::now() + Duration::from_secs(60);
    let checked = |server: &StandIn| server.counted().get("/vsstatus") >= Some(&each);
    while !servers.iter().all(checked) {
        if Instant::now() > end {
            return Err("the servers are not checked".to_owned());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}
