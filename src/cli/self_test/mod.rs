//! `roost self-test`: whether this program works on this machine, without settings and offline.
//!
//! For builds: a program that was compiled for another kind of machine shows here, also under an
//! emulator, that everything it stands on works. [`parts`] looks at each thing alone, [`running`]
//! starts a whole server on loopback and visits it.

mod parts;
mod running;
mod visitor;

use super::{Exit, Outcome};
use argh::{ArgsInfo, FromArgs};
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;

/// look whether this program works on this machine; needs no settings and no network
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "self-test")]
pub struct SelfTest {
    /// print one JSON array
    #[argh(switch)]
    json: bool,
    /// settings file; taken by every command, not read by this one
    #[argh(option)]
    #[expect(dead_code, reason = "taken so that every command takes it")]
    settings: Option<PathBuf>,
}

/// What a check found, or what is wrong.
type Seen = Result<String, String>;

/// A check by its name, and what it saw.
type Check = (&'static str, Seen);

impl SelfTest {
    pub fn run(&self, out: &mut dyn Write) -> Outcome {
        let checks: Vec<Check> = parts::all().into_iter().chain(running::all()).collect();
        if self.json {
            writeln!(out, "{}", checks.iter().map(object).collect::<Value>())?;
        } else {
            checks.iter().try_for_each(|check| writeln!(out, "{}", text(check)))?;
        }
        Ok(if checks.iter().all(|(_, seen)| seen.is_ok()) { Exit::Done } else { Exit::Failed })
    }
}

fn text((name, seen): &Check) -> String {
    match seen {
        Ok(detail) => format!("ok {name}: {detail}"),
        Err(why) => format!("wrong {name}: {why}"),
    }
}

fn object((name, seen): &Check) -> Value {
    let (Ok(detail) | Err(detail)) = seen;
    json!({"name": name, "ok": seen.is_ok(), "detail": detail})
}

/// An error in words.
fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}
