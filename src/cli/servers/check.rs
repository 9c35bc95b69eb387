//! `roost servers check`: asks every server now; the exit code tells whether all are up.

use super::{Common, ask_each};
use crate::cli::data::word;
use crate::cli::{Exit, Outcome, columns};
use crate::settings::{Server, Surroundings};
use crate::trueconf::Client;
use argh::{ArgsInfo, FromArgs};
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;

const HEAD: [&str; 6] = ["State", "Milliseconds", "API", "Certificate until", "Reason", "Name"];

/// ask every server now; exits 1 if any is down
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "check")]
pub struct Check {
    /// print one JSON array
    #[argh(switch)]
    json: bool,
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
}

impl Check {
    pub(super) fn run(
        &self,
        common: &Common,
        around: &Surroundings,
        out: &mut dyn Write,
    ) -> Outcome {
        let common = common.with(self.json, self.settings.as_ref());
        let data = common.data(around)?;
        let servers = data.servers();
        let rows = ask_each(servers, row);
        common.print(out, servers, &rows, |out, rows| {
            columns::print(out, HEAD, rows.iter().map(cells))
        })?;
        let any_down = rows.iter().any(|row| row["state"] == "down");
        Ok(if any_down { Exit::Failed } else { Exit::Done })
    }
}

fn row(server: &Server, client: &Client) -> Value {
    let up = client.check();
    let milliseconds = up.ok().and_then(|time| u64::try_from(time.as_millis()).ok());
    let api = match client.running() {
        Ok(_) => "ok".to_owned(),
        Err(fault) => fault.to_string(),
    };
    let certificate = client.certificate_expiry().ok().flatten().map(|end| end.to_string());
    json!({
        "name": server.name, "state": if up.is_ok() { "up" } else { "down" },
        "reason": up.err().map(|fault| fault.to_string()),
        "milliseconds": milliseconds,
        "api": api, "certificate_until": certificate,
    })
}

fn cells(row: &Value) -> [String; 6] {
    let members = ["state", "milliseconds", "api", "certificate_until", "reason", "name"];
    members.map(|member| word(row, member))
}
