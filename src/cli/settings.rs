//! `roost settings`: every value the program works with, and where it came from.

use super::{Exit, Outcome, loaded};
use crate::settings::table::{Key, Secrecy};
use crate::settings::{Given, Path, Resolved, Surroundings, show};
use argh::{ArgsInfo, FromArgs};
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;

/// print the effective settings and where each came from, secrets masked
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "settings")]
pub struct Settings {
    /// settings file
    #[argh(option, arg_name = "path")]
    settings: Option<PathBuf>,
    /// print one JSON array
    #[argh(switch)]
    json: bool,
}

impl Settings {
    pub fn run(&self, around: &Surroundings, out: &mut dyn Write) -> Outcome {
        let resolved = loaded(self.settings.as_deref(), Vec::new(), around)?.resolved;
        if self.json {
            writeln!(out, "{}", Value::from(rows(&resolved)))?;
        } else {
            lines(&resolved).iter().try_for_each(|line| writeln!(out, "{line}"))?;
        }
        Ok(Exit::Done)
    }
}

fn rows(resolved: &Resolved) -> Vec<Value> {
    let row = |(key, path, given): (&Key, Path, Option<&Given>)| json!({"key": path.dotted(), "value": value(key, given), "source": source(given)});
    resolved.all().into_iter().map(row).collect()
}

/// `port = 2536 (default)`.
fn lines(resolved: &Resolved) -> Vec<String> {
    let line = |(key, path, given): (&Key, Path, Option<&Given>)| match value(key, given) {
        Value::Null => format!("{path} is not set"),
        value => format!("{path} = {} ({})", shown(&value), source(given)),
    };
    resolved.all().into_iter().map(line).collect()
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text == show::MASK => text.clone(),
        other => other.to_string(),
    }
}

fn value(key: &Key, given: Option<&Given>) -> Value {
    let Some(given) = given else { return Value::Null };
    match key.secrecy {
        Secrecy::Secret => Value::from(show::MASK),
        Secrecy::Open => show::masked(&given.value),
    }
}

fn source(given: Option<&Given>) -> String {
    given.map_or("default".to_owned(), |given| given.source.to_string())
}
