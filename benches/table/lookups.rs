//! Forgotten conferences: 500 candidates of a TrueConf server, each looked up.

use std::time::{Duration, Instant};

use roost::demo::trueconf::{Fault, Harm, Meeting, StandIn, Version};
use roost::settings::{Asked, Surroundings, load};
use roost::trueconf::Client;
use serde_json::json;

use crate::Measured;
use crate::report::Row;

/// Conferences that run for long enough.
const CANDIDATES: usize = 500;

/// How long the server takes for a look-up, beside nothing at all.
const SLOW: Duration = Duration::from_millis(20);

/// Looks all of them up: as fast as the stand-in answers, and with a server that takes its time.
pub fn measure() -> Measured {
    let quick = StandIn::start("quick", Version::V33)?;
    let slow = StandIn::start("slow", Version::V33)?;
    slow.fault(Fault::new(Harm::Slow(SLOW)).on("/participants"));
    let mut rows = Vec::new();
    for (server, what) in [(&quick, "0 ms each"), (&slow, "20 ms each")] {
        for number in 0..CANDIDATES {
            let room = Meeting::new(&format!("room{number}")).roles(&[1]);
            server.begin(room.ago(Duration::from_secs(7_200)));
        }
        let client = client(server)?;
        let started = Instant::now();
        let found = client.forgotten()?.len();
        let took = started.elapsed().as_secs_f64() * 1e3;
        if found != CANDIDATES {
            return Err(format!("{found} of {CANDIDATES} were found").into());
        }
        let text = format!("{CANDIDATES} forgotten candidates, {what}");
        rows.push(Row::plain(text, format!("{took:.0} ms")));
        rows.push(Row::plain("  look-ups at once", server.most_at_once().to_string()));
    }
    Ok(rows)
}

fn client(server: &StandIn) -> Result<Client, Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("settings.json");
    let settings = json!({"servers": {server.name(): server.settings()}});
    std::fs::write(&file, settings.to_string())?;
    let asked = Asked { file: Some(file), flags: Vec::new() };
    let settings = load(&asked, &Surroundings::default()).map_err(|error| error.to_string())?;
    Ok(Client::new(&settings.settings.servers[0]))
}
