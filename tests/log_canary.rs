//! No log line tells the bot token, at any level a logger may allow.

use std::sync::Mutex;
use std::time::Duration;

use log::{Level, LevelFilter, Log, Metadata, Record};
use roost::demo::telegram::{Fault, Harm, StandIn};
use roost::hidden::Hidden;
use roost::telegram::{Client, NEVER_TRACE};
use serde_json::json;

const TOKEN: &str = "42:canary-canary-canary-canary-canary-1";

/// Long enough that a test fails by its assertion, not by this.
const LONG: Duration = Duration::from_secs(60);

/// Keeps every line, capped for the targets that may not trace.
struct Kept(Mutex<Vec<String>>);

static KEPT: Kept = Kept(Mutex::new(Vec::new()));

impl Log for Kept {
    fn enabled(&self, metadata: &Metadata) -> bool {
        let of = metadata.target().split("::").next().unwrap_or_default();
        metadata.level() <= Level::Debug || !NEVER_TRACE.contains(&of)
    }

    fn log(&self, record: &Record) {
        if self.enabled(record.metadata()) {
            let line = format!("{} {} {}", record.level(), record.target(), record.args());
            self.0.lock().unwrap().push(line);
        }
    }

    fn flush(&self) {}
}

#[test]
fn the_log_of_good_and_bad_calls_holds_no_token() {
    log::set_logger(&KEPT).unwrap();
    log::set_max_level(LevelFilter::Trace);
    let telegram = StandIn::start(TOKEN, "RoostBot").unwrap();
    let client = Client::new(&telegram.base_url(), Hidden::new(TOKEN.to_owned()));
    let me = || client.call("getMe", &json!({}), LONG);
    assert!(me().is_ok());
    for harm in [Harm::Html, Harm::BrokenJson, Harm::Reset, Harm::LostAnswer, Harm::Chunked] {
        telegram.fault(Fault::new(harm).times(1));
        drop(me());
    }
    telegram.inject(json!({"telepathy": {}}));
    assert_eq!(client.get_updates(0, 100, Duration::ZERO, &[]).unwrap().len(), 1);
    assert!(client.download("photos/none.jpg", 10, LONG).is_err());
    drop(telegram);
    assert!(me().is_err());
    let kept = KEPT.0.lock().unwrap();
    assert!(kept.iter().any(|line| line.starts_with("DEBUG ureq")), "the log is kept: {kept:?}");
    let told: Vec<_> = kept.iter().filter(|line| line.contains("canary")).collect();
    assert!(told.is_empty(), "{told:?}");
}
