//! `roost attendees`: who goes to an event or waits for it, for people, spreadsheets or programs.

use super::data::{Data, rows, word};
use super::{Exit, Failure, Outcome, columns, csv};
use crate::apps::events::model::EventId;
use crate::control::Request;
use crate::settings::Surroundings;
use argh::{ArgsInfo, FromArgs};
use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;

const HEAD: [&str; 5] = ["Telegram ID", "State", "Since", "Reachable", "Name"];

/// The columns of the CSV, named as in JSON.
const CELLS: [&str; 5] = ["telegram_id", "name", "state", "since", "reachable"];

/// list who goes to an event or waits for it
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "attendees")]
pub struct Attendees {
    /// number of the event
    #[argh(positional)]
    id: u64,
    /// print comma separated values
    #[argh(switch)]
    csv: bool,
    /// print one JSON array
    #[argh(switch)]
    json: bool,
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
}

impl Attendees {
    pub fn run(&self, around: &Surroundings, out: &mut dyn Write) -> Outcome {
        if self.csv && self.json {
            let text = "roost attendees: either `--csv` or `--json`; see `roost attendees --help`";
            return Err(Failure::Usage(text.to_owned()));
        }
        let data = Data::of(self.settings.as_ref(), around)?;
        let people = data.carry_out(&Request::Attendees { id: EventId(self.id) })?;
        if self.json {
            writeln!(out, "{people}")?;
        } else if self.csv {
            out.write_all(csv::line(&CELLS.map(str::to_owned)).as_bytes())?;
            rows(&people).try_for_each(|person| out.write_all(cells(person).as_bytes()))?;
        } else {
            columns::print(out, HEAD, rows(&people).map(row))?;
        }
        Ok(Exit::Done)
    }
}

fn cells(person: &Value) -> String {
    csv::line(&CELLS.map(|member| word(person, member)))
}

fn row(person: &Value) -> [String; 5] {
    ["telegram_id", "state", "since", "reachable", "name"].map(|member| word(person, member))
}
