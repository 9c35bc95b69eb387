//! `roost servers audit`: who did what to which server, when.

use super::{Common, kept};
use crate::cli::data::word;
use crate::cli::{Exit, Outcome, columns};
use crate::control::Request;
use crate::settings::Surroundings;
use argh::{ArgsInfo, FromArgs};
use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;

const HEAD: [&str; 8] = ["When", "How", "What", "Result", "Who", "ID", "Server", "Topic"];

/// print who stopped what, and what else was done, the newest first
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "audit")]
pub struct Audit {
    /// how many entries (100)
    #[argh(option, default = "100")]
    limit: usize,
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
        let data = common.data(around)?;
        let answer = kept::ask(&data, &Request::ServersAudit { limit: self.limit })?;
        let entries = answer.map_or_else(|| Value::Array(Vec::new()), |(entries, _)| entries);
        columns::list(out, common.json, &entries, HEAD, cells)?;
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
