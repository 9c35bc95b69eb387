//! `roost app-config add`, `list`, `activate` and `remove`: configurations that programs ask for.

use super::data::{Data, word};
use super::{Exit, Failure, Outcome, columns};
use crate::apps::secrets::configs::TEXT_MAX;
use crate::control::{Request, Untold};
use crate::settings::Surroundings;
use argh::{ArgsInfo, FromArgs};
use serde_json::Value;
use std::io::{self, Read, Write};
use std::path::PathBuf;

const HEAD: [&str; 5] = ["ID", "Active", "Bot", "Stored", "Session"];

/// manage the application configurations that programs ask the API for
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "app-config")]
pub struct AppConfig {
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
    #[argh(subcommand)]
    act: Act,
}

#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand)]
enum Act {
    Add(Add),
    List(List),
    Activate(Activate),
    Remove(Remove),
}

/// store the JSON object that standard input holds; prints its number
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "add")]
struct Add {
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
}

/// list all, without what they log in with
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "list")]
struct List {
    /// print one JSON array
    #[argh(switch)]
    json: bool,
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
}

/// make one the only active one: the one that programs get
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "activate")]
struct Activate {
    /// its number
    #[argh(positional)]
    id: u64,
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
}

/// remove one
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "remove")]
struct Remove {
    /// its number
    #[argh(positional)]
    id: u64,
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
}

impl AppConfig {
    pub fn run(&self, around: &Surroundings, out: &mut dyn Write) -> Outcome {
        let data =
            |file: &Option<PathBuf>| Data::of(file.as_ref().or(self.settings.as_ref()), around);
        match &self.act {
            Act::Add(add) => add_from(&mut io::stdin(), &data(&add.settings)?, out),
            Act::List(list) => list.run(&data(&list.settings)?, out),
            Act::Activate(activate) => activate.run(&data(&activate.settings)?, out),
            Act::Remove(remove) => remove.run(&data(&remove.settings)?, out),
        }
    }
}

fn add_from(input: &mut dyn Read, data: &Data, out: &mut dyn Write) -> Outcome {
    let mut text = String::new();
    // One byte more than allowed is enough to be told that it is too many.
    input
        .take(TEXT_MAX as u64 + 1)
        .read_to_string(&mut text)
        .map_err(|error| Failure::Failed(format!("standard input: {error}")))?;
    let id = data.carry_out(&Request::AddAppConfig { text: Untold(text) })?;
    writeln!(out, "{id}")?;
    Ok(Exit::Done)
}

impl List {
    fn run(&self, data: &Data, out: &mut dyn Write) -> Outcome {
        let configs = data.carry_out(&Request::ListAppConfigs)?;
        let members = ["id", "is_active", "is_bot", "timestamp", "session_name"];
        columns::list(out, self.json, &configs, HEAD, |config| members.map(|m| word(config, m)))?;
        Ok(Exit::Done)
    }
}

impl Activate {
    fn run(&self, data: &Data, out: &mut dyn Write) -> Outcome {
        let changed = data.carry_out(&Request::ActivateAppConfig { id: self.id })?;
        let how = if changed == Value::Bool(true) { "is active" } else { "was active already" };
        writeln!(out, "application configuration {} {how}", self.id)?;
        Ok(Exit::Done)
    }
}

impl Remove {
    fn run(&self, data: &Data, out: &mut dyn Write) -> Outcome {
        data.carry_out(&Request::RemoveAppConfig { id: self.id })?;
        writeln!(out, "application configuration {} removed", self.id)?;
        Ok(Exit::Done)
    }
}
