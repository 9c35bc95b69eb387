//! `roost list-users`: everybody Roost knows, by id.

use super::data::{Data, word};
use super::{Exit, Outcome, columns};
use crate::control::Request;
use crate::settings::Surroundings;
use argh::{ArgsInfo, FromArgs};
use std::io::Write;
use std::path::PathBuf;

const HEAD: [&str; 4] = ["Telegram ID", "Admin", "Banned", "Name"];

/// list everybody Roost knows
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "list-users")]
pub struct ListUsers {
    /// print one JSON array
    #[argh(switch)]
    json: bool,
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
}

impl ListUsers {
    pub fn run(&self, around: &Surroundings, out: &mut dyn Write) -> Outcome {
        let users = Data::of(self.settings.as_ref(), around)?.carry_out(&Request::ListUsers)?;
        let members = ["telegram_id", "is_admin", "banned", "name"];
        columns::list(out, self.json, &users, HEAD, |user| members.map(|m| word(user, m)))?;
        Ok(Exit::Done)
    }
}
