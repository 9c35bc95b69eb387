//! `roost servers`: how the TrueConf servers are, what is forgotten on them, who stopped what.

mod audit;
mod check;
mod forgotten;
mod kept;
mod lines;
mod list;

pub(super) use lines::{online, trust_line};

use super::data::Data;
use super::{Failure, Outcome};
use crate::settings::{Server, Surroundings};
use crate::trueconf::{Client, lookups};
use argh::{ArgsInfo, FromArgs};
use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

/// say how the TrueConf servers are
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "servers")]
pub struct Servers {
    /// print one JSON array
    #[argh(switch)]
    json: bool,
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
    #[argh(subcommand)]
    what: Option<What>,
}

#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand)]
enum What {
    Audit(audit::Audit),
    Check(check::Check),
    Forgotten(forgotten::Forgotten),
}

/// What all of these commands take.
#[derive(Clone, Debug)]
struct Common {
    json: bool,
    settings: Option<PathBuf>,
}

impl Servers {
    pub fn run(&self, around: &Surroundings, out: &mut dyn Write) -> Outcome {
        let common = Common { json: self.json, settings: self.settings.clone() };
        match &self.what {
            None => list::run(&common, around, out),
            Some(What::Audit(audit)) => audit.run(&common, around, out),
            Some(What::Check(check)) => check.run(&common, around, out),
            Some(What::Forgotten(forgotten)) => forgotten.run(&common, around, out),
        }
    }
}

impl Common {
    /// Options may stand before or after the inner command.
    fn with(&self, json: bool, settings: Option<&PathBuf>) -> Self {
        let settings = settings.or(self.settings.as_ref()).cloned();
        Self { json: self.json || json, settings }
    }

    fn data(&self, around: &Surroundings) -> Result<Data, Failure> {
        Data::of(self.settings.as_ref(), around)
    }

    /// Prints rows: as one array, or by `table`; says so if there are no servers at all.
    fn print(
        &self,
        out: &mut dyn Write,
        servers: &[Server],
        rows: &[Value],
        table: impl FnOnce(&mut dyn Write, &[Value]) -> std::io::Result<()>,
    ) -> Result<(), Failure> {
        if self.json {
            writeln!(out, "{}", Value::from(rows))?;
        } else if servers.is_empty() {
            writeln!(out, "no servers in the settings; add them under `servers`")?;
        } else {
            table(out, rows)?;
        }
        Ok(())
    }
}

/// Asks all servers, some at a time; the answers come in the order of the settings.
fn ask_each<R: Send + 'static>(
    servers: &[Server],
    question: impl Fn(&Server, &Client) -> R + Send + Sync + 'static,
) -> Vec<R> {
    let clients = servers.iter().map(|server| (server.clone(), Client::new(server))).collect();
    let answers = lookups::each(clients, move |(server, client)| question(server, client));
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// `2d 03:04:05`, `3:04:05`.
fn spelled(lasting: Duration) -> String {
    let seconds = lasting.as_secs();
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let days = if days > 0 { format!("{days}d ") } else { String::new() };
    format!("{days}{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_spelled_as_clocks_do() {
        for (seconds, text) in
            [(0, "0:00:00"), (3_725, "1:02:05"), (86_400, "1d 0:00:00"), (183_845, "2d 3:04:05")]
        {
            assert_eq!(spelled(Duration::from_secs(seconds)), text);
        }
    }
}
