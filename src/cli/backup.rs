//! `roost backup`: a whole copy of the database in a file, while the server runs or without one.

use super::data::{Data, PATIENCE};
use super::{Exit, Failure, Outcome};
use crate::control;
use crate::settings::Surroundings;
use crate::store::backup::Existing;
use argh::{ArgsInfo, FromArgs};
use std::io::Write;
use std::path::PathBuf;

/// write a checked copy of the database into a file, without one-time messages
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "backup")]
pub struct Backup {
    /// where it goes
    #[argh(positional)]
    file: PathBuf,
    /// replace a file that is there
    #[argh(switch)]
    force: bool,
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
}

impl Backup {
    pub fn run(&self, around: &Surroundings, out: &mut dyn Write) -> Outcome {
        let data = Data::of(self.settings.as_ref(), around)?;
        let existing = if self.force { Existing::Replace } else { Existing::Refuse };
        let place = around.folder.join(&self.file);
        if !data.database().exists() {
            let text = format!("there is no database `{}` yet", data.database().display());
            return Err(Failure::Failed(text));
        }
        let taken = control::back_up(data.database(), &data.apps(), &place, existing, PATIENCE);
        let taken = taken.map_err(|failure| Failure::Failed(failure.to_string()))?;
        let (tables, rows) = (taken.contents.tables, taken.contents.rows);
        let bytes = taken.bytes;
        writeln!(
            out,
            "`{}`: {rows} rows of {tables} tables in {bytes} bytes, checked",
            self.file.display()
        )?;
        if data.database().with_file_name("roost.key").exists() {
            writeln!(out, "`roost.key` is never in a backup; keep a copy of it somewhere else")?;
        }
        Ok(Exit::Done)
    }
}
