//! `cargo bench`: measures the budgets of the specification and prints them as one table.
//!
//! `cargo bench -- fan-out logins` measures only the groups named. `benches/README.md` says how
//! each figure comes about.

#[path = "table/attends.rs"]
mod attends;
#[path = "../tests/brokers/mod.rs"]
mod brokers;
#[path = "table/fan_out.rs"]
mod fan_out;
#[path = "table/flock.rs"]
mod flock;
#[path = "table/history.rs"]
mod history;
#[path = "table/http.rs"]
mod http;
#[path = "table/idle.rs"]
mod idle;
#[path = "table/logins.rs"]
mod logins;
#[path = "table/lookups.rs"]
mod lookups;
#[path = "table/memory.rs"]
mod memory;
#[path = "table/page.rs"]
mod page;
#[path = "table/process.rs"]
mod process;
#[path = "table/relay.rs"]
mod relay;
#[path = "table/report.rs"]
mod report;
#[path = "table/secrets.rs"]
mod secrets;
#[path = "table/size.rs"]
mod size;
#[path = "table/start.rs"]
mod start;
#[path = "table/statistics.rs"]
mod statistics;
#[path = "table/targets.rs"]
mod targets;
#[path = "table/telegram.rs"]
mod telegram;
#[path = "table/view.rs"]
mod view;
#[path = "table/watch.rs"]
mod watch;
#[path = "table/wire.rs"]
mod wire;
#[path = "table/world.rs"]
mod world;

use std::error::Error;
use std::time::Instant;

use report::{Report, Row};

/// What a measurement gives: its rows, or why there are none.
type Measured = Result<Vec<Row>, Box<dyn Error>>;

/// A group of rows: its name on the command line and in the table, and what measures it.
type Group = (&'static str, fn() -> Measured);

/// In this order they stand in the table.
const GROUPS: [Group; 15] = [
    ("size", size::measure),
    ("start", start::measure),
    ("idle", idle::measure),
    ("memory", memory::measure),
    ("fan-out", fan_out::measure),
    ("logins", logins::measure),
    ("attends", attends::measure),
    ("view", view::measure),
    ("telegram", telegram::measure),
    ("secrets", secrets::measure),
    ("http", http::measure),
    ("lookups", lookups::measure),
    ("watch", watch::measure),
    ("history", history::measure),
    ("relay", relay::measure),
];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.split_first() {
        // The table starts itself again as the clients: two processes have twice the descriptors.
        Some((role, rest)) if role == flock::ROLE => flock::child(rest),
        Some((role, _)) if role == attends::ROLE => attends::child(),
        Some((role, rest)) if role == logins::ROLE => logins::child(rest),
        _ => {
            table(&arguments);
            Ok(())
        }
    }
}

fn table(arguments: &[String]) {
    // Cargo adds options of its own, such as `--bench`.
    let wanted: Vec<&String> = arguments.iter().filter(|word| !word.starts_with('-')).collect();
    let mut report = Report::default();
    for (name, measure) in GROUPS {
        if wanted.is_empty() || wanted.iter().any(|wanted| *wanted == name) {
            eprint!("measuring {name} …");
            let begun = Instant::now();
            report.add(name, measure());
            eprintln!(" {} s", begun.elapsed().as_secs());
        }
    }
    print!("{report}");
}
