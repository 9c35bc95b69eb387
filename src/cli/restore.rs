//! `roost restore`: a backup takes the place of the database, which is kept under another name.

use super::data::{Data, PATIENCE};
use super::{Exit, Failure, Outcome};
use crate::apps::LEFT_OUT;
use crate::clock;
use crate::control;
use crate::settings::Surroundings;
use crate::store::restore::restore;
use argh::{ArgsInfo, FromArgs};
use std::io::Write;
use std::path::PathBuf;

/// put a backup in the place of the database, while no server runs
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "restore")]
pub struct Restore {
    /// the backup
    #[argh(positional)]
    file: PathBuf,
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
}

impl Restore {
    pub fn run(&self, around: &Surroundings, out: &mut dyn Write) -> Outcome {
        let data = Data::of(self.settings.as_ref(), around)?;
        data.is_somewhere()?;
        let database = data.database();
        let failed = |error: &dyn std::fmt::Display| Failure::Failed(error.to_string());
        if control::is_served(database).map_err(|failure| failed(&failure))? {
            return Err(failed(&control::Failure::Running));
        }
        let from = around.folder.join(&self.file);
        let again = || restore(&from, database, LEFT_OUT, clock::now());
        let restored =
            control::patiently(database, PATIENCE, again).map_err(|error| failed(&error))?;
        let (tables, rows) = (restored.contents.tables, restored.contents.rows);
        writeln!(out, "`{}`: {rows} rows of {tables} tables from the backup", database.display())?;
        if let Some(before) = restored.before {
            writeln!(
                out,
                "`{}`: the database as it was; remove it when all is well",
                before.display()
            )?;
        }
        Ok(Exit::Done)
    }
}
