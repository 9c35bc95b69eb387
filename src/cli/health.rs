//! `roost health`: whether the running server does its work, as an exit code for watchers.

use super::data::Data;
use super::{Exit, Failure, Outcome};
use crate::control::{self, Answer, Request};
use crate::server::Report;
use crate::settings::Surroundings;
use argh::{ArgsInfo, FromArgs};
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;

/// ask the running server how it does; the exit code tells
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "health")]
pub struct Health {
    /// print one JSON array
    #[argh(switch)]
    json: bool,
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
}

/// A check by its name, whether it is good, and what was seen.
type Check = (String, bool, Option<String>);

impl Health {
    pub fn run(&self, around: &Surroundings, out: &mut dyn Write) -> Outcome {
        let data = Data::of(self.settings.as_ref(), around)?;
        let checks = match checks(&data) {
            Ok(checks) => checks,
            Err(why) if self.json => vec![("server".to_owned(), false, Some(why))],
            Err(why) => return Err(Failure::Failed(why)),
        };
        if self.json {
            writeln!(out, "{}", checks.iter().map(object).collect::<Value>())?;
        } else {
            checks.iter().try_for_each(|check| writeln!(out, "{}", text(check)))?;
        }
        Ok(if checks.iter().all(|(_, ok, _)| *ok) { Exit::Done } else { Exit::Failed })
    }
}

/// What the server says about itself, or why it says nothing.
fn checks(data: &Data) -> Result<Vec<Check>, String> {
    let answer = control::ask(data.database(), &Request::Health);
    let answer = answer.map_err(|failure| failure.to_string())?;
    let report: Report = match answer {
        Some(Answer::Done(report)) => serde_json::from_value(report)
            .map_err(|error| format!("the server is of another version: {error}; restart it"))?,
        Some(Answer::Failed(sentence)) => return Err(sentence),
        None => return Err(control::Failure::NoServer.to_string()),
    };
    let server = ("server".to_owned(), true, None);
    let checks = report.checks.into_iter().map(|(name, check)| (name, check.ok, check.reason));
    Ok(std::iter::once(server).chain(checks).collect())
}

fn text((name, ok, reason): &Check) -> String {
    let state = if *ok { "ok" } else { "wrong" };
    let reason = reason.as_ref().map(|reason| format!(": {reason}"));
    format!("{state} {name}{}", reason.unwrap_or_default())
}

fn object((name, ok, reason): &Check) -> Value {
    json!({"name": name, "ok": ok, "reason": reason})
}
