//! `roost list-events`: all events, by number.

use super::data::{Data, word};
use super::{Exit, Outcome, columns};
use crate::control::Request;
use crate::settings::Surroundings;
use argh::{ArgsInfo, FromArgs};
use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;

const HEAD: [&str; 8] = ["ID", "Start", "Repeats", "Zone", "Hours", "Going", "State", "Title"];

/// list all events
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "list-events")]
pub struct ListEvents {
    /// print one JSON array
    #[argh(switch)]
    json: bool,
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
}

impl ListEvents {
    pub fn run(&self, around: &Surroundings, out: &mut dyn Write) -> Outcome {
        let events = Data::of(self.settings.as_ref(), around)?.carry_out(&Request::ListEvents)?;
        columns::list(out, self.json, &events, HEAD, row)?;
        Ok(Exit::Done)
    }
}

fn row(event: &Value) -> [String; 8] {
    let text = |member| word(event, member);
    [
        text("id"),
        text("start"),
        event["recurrence"].as_str().unwrap_or("once").to_owned(),
        text("timezone"),
        event["duration"].as_f64().unwrap_or_default().to_string(),
        going(event),
        state(event).to_owned(),
        text("title"),
    ]
}

/// `3`, `3/10` with a capacity, `10/10+2` with two in line.
fn going(event: &Value) -> String {
    let mut going = word(event, "attendees");
    if let Some(capacity) = event["capacity"].as_u64() {
        going = format!("{going}/{capacity}");
    }
    match event["waiting"].as_u64() {
        None | Some(0) => going,
        Some(waiting) => format!("{going}+{waiting}"),
    }
}

fn state(event: &Value) -> &'static str {
    match (event["cancelled"] == true, event["over"] == true) {
        (true, _) => "cancelled",
        (_, true) => "over",
        _ => "open",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_row_tells_how_many_go_and_how_it_stands() {
        for (event, expected) in [
            (json!({"attendees": 3, "capacity": null, "waiting": 0}), ("3", "open")),
            (json!({"attendees": 3, "capacity": 10, "waiting": 0, "over": true}), ("3/10", "over")),
            (
                json!({"attendees": 10, "capacity": 10, "waiting": 2, "cancelled": true, "over": true}),
                ("10/10+2", "cancelled"),
            ),
        ] {
            assert_eq!((going(&event).as_str(), state(&event)), expected);
        }
    }
}
