//! `roost servers forgotten`: conferences nobody cares for, and their end if somebody says so twice.

use super::{Common, ask_each, spelled};
use crate::apps::conferences::audit::{About, Door, Entry, What};
use crate::cli::data::{Data, word};
use crate::cli::{Exit, Failure, Outcome, columns};
use crate::clock;
use crate::control::Request;
use crate::settings::{Server, Surroundings};
use crate::trueconf::{Client, Conference, Fault, Row, Stop};
use argh::FromArgs;
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

const HEAD: [&str; 7] = ["Lasting", "People", "Rule", "ID", "Owner", "Server", "Topic"];

/// list forgotten conferences, or stop them
#[derive(FromArgs, Debug)]
#[argh(subcommand, name = "forgotten")]
pub struct Forgotten {
    /// stop them all; needs --yes
    #[argh(switch)]
    stop: bool,
    /// yes, stop them
    #[argh(switch)]
    yes: bool,
    /// print one JSON array
    #[argh(switch)]
    json: bool,
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
}

/// Whether what is found is stopped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    Look,
    Stop,
}

/// A row with whether something went wrong that makes the command fail.
struct Found {
    row: Value,
    has_failed: bool,
    /// For the audit log, if it was to be stopped.
    entry: Option<Entry>,
}

impl Forgotten {
    pub(super) fn run(
        &self,
        common: &Common,
        around: &Surroundings,
        out: &mut dyn Write,
    ) -> Outcome {
        let then = match (self.stop, self.yes) {
            (false, _) => Then::Look,
            (true, true) => Then::Stop,
            (true, false) => {
                let text = "roost servers forgotten: `--stop` ends conferences with people in them; \
                            look first without it, then add `--yes`";
                return Err(Failure::Usage(text.to_owned()));
            }
        };
        let common = common.with(self.json, self.settings.as_ref());
        let servers = common.servers(around)?;
        let found = ask_each(&servers, move |server, client| all(server, client, then));
        let found: Vec<Found> = found.into_iter().flatten().collect();
        let entries: Vec<Entry> = found.iter().filter_map(|found| found.entry.clone()).collect();
        let noted =
            if entries.is_empty() { Ok(Value::Null) } else { note(&common, around, entries) };
        let has_failed = found.iter().any(|found| found.has_failed);
        let rows: Vec<Value> = found.into_iter().map(|found| found.row).collect();
        common.print(out, &servers, &rows, |out, rows| {
            columns::print(out, HEAD, rows.iter().map(cells))
        })?;
        // What was stopped is told first, whatever became of the log.
        noted?;
        Ok(if has_failed { Exit::Failed } else { Exit::Done })
    }
}

/// The forgotten conferences of one server. If it cannot be asked, that is a row too.
fn all(server: &Server, client: &Client, then: Then) -> Vec<Found> {
    let rows = match client.forgotten() {
        Ok(rows) => rows,
        Err(fault) => {
            let row = json!({"server": server.name, "id": null, "topic": null, "owner": null,
                "people": null, "duration_seconds": null, "reason": fault.to_string()});
            return vec![Found { row, has_failed: true, entry: None }];
        }
    };
    rows.iter().filter_map(|row| found(server, client, row, then)).collect()
}

fn found(server: &Server, client: &Client, row: &Row, then: Then) -> Option<Found> {
    let conference = &row.conference;
    let mut told = json!({
        "server": server.name, "id": conference.label(), "topic": conference.topic,
        "owner": conference.owner, "people": conference.people,
        "duration_seconds": conference.lasting.as_secs(),
    });
    let (mut has_failed, mut entry) = (false, None);
    match row.verdict {
        Ok(None) => return None,
        Ok(Some(rule)) => {
            told["rule"] = rule.word().into();
            if then == Then::Stop {
                let outcome = client.stop(conference);
                entry = Some(audited(server, conference, outcome));
                told["outcome"] = outcome.map_or("failed", Stop::word).into();
                if let Err(fault) = outcome {
                    told["reason"] = fault.to_string().into();
                    has_failed = true;
                }
            }
        }
        Err(fault) => told["reason"] = fault.to_string().into(),
    }
    Some(Found { row: told, has_failed, entry })
}

/// The entry of a stop in the audit log.
fn audited(server: &Server, conference: &Conference, outcome: Result<Stop, Fault>) -> Entry {
    let about = About {
        id: conference.label().to_owned(),
        topic: conference.topic.clone(),
        people: conference.people,
    };
    Entry {
        at: clock::now(),
        user: None,
        name: String::new(),
        by: Door::CommandLine,
        server: server.name.clone(),
        what: What::Stop,
        conference: Some(about),
        result: outcome.map_or_else(|fault| fault.word(), |stop| stop.word().to_owned()),
    }
}

fn note(common: &Common, around: &Surroundings, entries: Vec<Entry>) -> Result<Value, Failure> {
    let data = Data::of(common.settings.as_ref(), around)?;
    data.carry_out(&Request::NoteServers { entries })
}

fn cells(row: &Value) -> [String; 7] {
    let lasting = row["duration_seconds"].as_u64().map(Duration::from_secs);
    let parts = [word(row, "rule"), word(row, "outcome"), word(row, "reason")];
    let told: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    [
        lasting.map(spelled).unwrap_or_default(),
        word(row, "people"),
        told.join(": "),
        word(row, "id"),
        word(row, "owner"),
        word(row, "server"),
        word(row, "topic"),
    ]
}
