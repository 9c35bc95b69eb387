//! `roost servers forgotten`: conferences nobody cares for, and their end if somebody says so twice.

use super::{Common, ask_each, spelled};
use crate::apps::conferences::outside::Done;
use crate::apps::conferences::stops::Outcome;
use crate::cli::data::{Data, word};
use crate::cli::{self, Exit, Failure, columns};
use crate::control::Request;
use crate::settings::{Server, Surroundings};
use crate::trueconf::{Applies, Client, Fault, Row};
use argh::{ArgsInfo, FromArgs};
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

const HEAD: [&str; 7] = ["Lasting", "People", "Rule", "ID", "Owner", "Server", "Topic"];

/// Variables that name the account somebody works with, the one behind `sudo` first.
const ACCOUNT: [&str; 3] = ["SUDO_USER", "LOGNAME", "USER"];
/// Longer names are none of this system.
const ACCOUNT_MAX: usize = 32;

/// list forgotten conferences, or stop them
#[derive(ArgsInfo, FromArgs, Debug)]
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

/// The rows of this command, and whether it has done what it was asked.
struct Found {
    rows: Vec<Value>,
    has_failed: bool,
}

impl Forgotten {
    pub(super) fn run(
        &self,
        common: &Common,
        around: &Surroundings,
        out: &mut dyn Write,
    ) -> cli::Outcome {
        if self.stop && !self.yes {
            let text = "roost servers forgotten: `--stop` ends conferences with people in them; \
                        look first without it, then add `--yes`";
            return Err(Failure::Usage(text.to_owned()));
        }
        let common = common.with(self.json, self.settings.as_ref());
        let data = common.data(around)?;
        if self.stop {
            // What cannot be kept in the audit log is not done.
            data.carry_out(&Request::Servers)?;
        }
        let mut found = Found { rows: Vec::new(), has_failed: false };
        let all = ask_each(data.servers(), |_, client| (client.clone(), client.forgotten()));
        for (server, (client, rows)) in data.servers().iter().zip(all) {
            match rows {
                Ok(rows) => {
                    for row in rows.iter().filter(|row| row.verdict != Ok(None)) {
                        let done = row.verdict.is_ok() && self.stop;
                        let outcome = done.then(|| stop(&data, server, &client, row, around));
                        found.add(server, row, outcome.transpose()?);
                    }
                }
                Err(fault) => found.add_unanswered(server, fault),
            }
        }
        common.print(out, data.servers(), &found.rows, |out, rows| {
            columns::print(out, HEAD, rows.iter().map(cells))
        })?;
        Ok(if found.has_failed { Exit::Failed } else { Exit::Done })
    }
}

impl Found {
    fn add(&mut self, server: &Server, row: &Row, outcome: Option<Outcome>) {
        let conference = &row.conference;
        let mut told = json!({
            "server": server.name, "id": conference.label(), "topic": conference.topic,
            "owner": conference.owner, "people": conference.people,
            "duration_seconds": conference.lasting.as_secs(),
        });
        match row.verdict {
            Ok(rule) => told["rule"] = rule.map(Applies::word).into(),
            Err(fault) => told["reason"] = fault.to_string().into(),
        }
        if let Some(outcome) = outcome {
            told["outcome"] = outcome.word().into();
            if let Some(fault) = outcome.fault() {
                told["reason"] = fault.to_string().into();
                self.has_failed = true;
            }
        }
        self.rows.push(told);
    }

    /// A server that cannot be asked is a row too: nobody knows what is forgotten there.
    fn add_unanswered(&mut self, server: &Server, fault: Fault) {
        self.rows.push(json!({
            "server": server.name, "id": null, "topic": null, "owner": null, "people": null,
            "duration_seconds": null, "reason": fault.to_string(),
        }));
        self.has_failed = true;
    }
}

/// Stops one and keeps that in the audit log before the next.
fn stop(
    data: &Data,
    server: &Server,
    client: &Client,
    row: &Row,
    around: &Surroundings,
) -> Result<Outcome, Failure> {
    let outcome = Outcome::of(client.stop(&row.conference));
    let who = ACCOUNT.iter().find_map(|name| around.variable(name)).unwrap_or_default();
    let who: String = who.chars().take(ACCOUNT_MAX).collect();
    let done = Done::new(&who, &server.name, &row.conference, outcome);
    data.carry_out(&Request::ServersDone { done })?;
    Ok(outcome)
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
