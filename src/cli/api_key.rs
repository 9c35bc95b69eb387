//! `roost api-key add`, `list` and `remove`: which programs may use the API.

use super::data::{Data, rows, word};
use super::{Exit, Failure, Outcome, columns};
use crate::control::Request;
use crate::settings::Surroundings;
use crate::store::api_keys::{Scope, Token};
use argh::{ArgsInfo, FromArgs};
use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;

const HEAD: [&str; 4] = ["Name", "Scopes", "Created", "Last used"];

/// manage the keys with which programs use the API
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "api-key")]
pub struct ApiKey {
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
    Remove(Remove),
}

/// make a key and print it, this once
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "add")]
struct Add {
    /// what to call it: letters, digits, dots, dashes
    #[argh(positional)]
    name: String,
    /// what it opens: messages (without the option) or config; may be given twice
    #[argh(option, from_str_fn(scope))]
    scope: Vec<Scope>,
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
}

/// list all keys
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

/// remove a key: from now on it opens nothing
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "remove")]
struct Remove {
    /// what it is called
    #[argh(positional)]
    name: String,
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
}

impl ApiKey {
    pub fn run(&self, around: &Surroundings, out: &mut dyn Write) -> Outcome {
        let data =
            |file: &Option<PathBuf>| Data::of(file.as_ref().or(self.settings.as_ref()), around);
        match &self.act {
            Act::Add(add) => add.run(&data(&add.settings)?, out),
            Act::List(list) => list.run(&data(&list.settings)?, out),
            Act::Remove(remove) => remove.run(&data(&remove.settings)?, out),
        }
    }
}

impl Add {
    fn run(&self, data: &Data, out: &mut dyn Write) -> Outcome {
        let mut bits = [0; 32];
        getrandom::fill(&mut bits)
            .map_err(|error| Failure::Failed(format!("no random numbers: {error}")))?;
        let (token, name) = (Token::of(bits), self.name.clone());
        let scopes = if self.scope.is_empty() { vec![Scope::Messages] } else { self.scope.clone() };
        data.carry_out(&Request::AddKey { name, scopes, hash: token.hash() })?;
        writeln!(out, "{}", token.expose())?;
        Ok(Exit::Done)
    }
}

impl List {
    fn run(&self, data: &Data, out: &mut dyn Write) -> Outcome {
        let keys = data.carry_out(&Request::ListKeys)?;
        columns::list(out, self.json, &keys, HEAD, row)?;
        Ok(Exit::Done)
    }
}

impl Remove {
    fn run(&self, data: &Data, out: &mut dyn Write) -> Outcome {
        data.carry_out(&Request::RemoveKey { name: self.name.clone() })?;
        writeln!(out, "key `{}` removed", self.name)?;
        Ok(Exit::Done)
    }
}

fn row(key: &Value) -> [String; 4] {
    let scopes: Vec<&str> = rows(&key["scopes"]).filter_map(Value::as_str).collect();
    let used = key["last_used"].as_str().unwrap_or("never").to_owned();
    [word(key, "name"), scopes.join(", "), word(key, "created"), used]
}

fn scope(text: &str) -> Result<Scope, String> {
    let known = Scope::ALL.map(Scope::name).join("` or `");
    Scope::parse(text).ok_or_else(|| format!("a scope is `{known}`"))
}
