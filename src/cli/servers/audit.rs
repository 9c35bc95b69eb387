//! `roost servers audit`: who stopped what, when and how, and what else was done to the servers.

use super::Common;
use crate::cli::data::{Data, rows, word};
use crate::cli::{Exit, Outcome, columns};
use crate::control::Request;
use crate::settings::Surroundings;
use argh::FromArgs;
use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;

const HEAD: [&str; 8] = ["When", "How", "What", "Result", "Who", "ID", "Server", "Topic"];

/// Entries shown unless somebody wants more.
const USUAL: usize = 100;

/// list who stopped what, and when
#[derive(FromArgs, Debug)]
#[argh(subcommand, name = "audit")]
pub struct Audit {
    /// entries to show, the newest first; 100 by default
    #[argh(option)]
    limit: Option<usize>,
    /// print one JSON array
    #[argh(switch)]
    json: bool,
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
}

impl Audit {
    pub(super) fn run(
        &self,
        common: &Common,
        around: &Surroundings,
        out: &mut dyn Write,
    ) -> Outcome {
        let common = common.with(self.json, self.settings.as_ref());
        let request = Request::ServersAudit { limit: self.limit.unwrap_or(USUAL) };
        let entries = Data::of(common.settings.as_ref(), around)?.carry_out(&request)?;
        if common.json {
            writeln!(out, "{entries}")?;
        } else {
            columns::print(out, HEAD, rows(&entries).map(cells))?;
        }
        Ok(Exit::Done)
    }
}

fn cells(entry: &Value) -> [String; 8] {
    let at = word(entry, "at");
    // To the second, as people read it.
    let at = at.split_once('.').map_or(at.clone(), |(second, _)| format!("{second}Z"));
    let conference = &entry["conference"];
    let who = word(entry, "name");
    let who = if who.is_empty() { word(entry, "user") } else { who };
    [
        at,
        word(entry, "by"),
        word(entry, "what"),
        word(entry, "result"),
        who,
        word(conference, "id"),
        word(entry, "server"),
        word(conference, "topic"),
    ]
}
