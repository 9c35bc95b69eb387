//! `roost delete-event`: removes an event with everything about it.

use super::data::Data;
use super::{Exit, Outcome};
use crate::apps::events::model::EventId;
use crate::control::Request;
use crate::settings::Surroundings;
use argh::{ArgsInfo, FromArgs};
use std::io::Write;
use std::path::PathBuf;

/// remove an event with everything about it
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "delete-event")]
pub struct DeleteEvent {
    /// number of the event
    #[argh(positional)]
    id: u64,
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
}

impl DeleteEvent {
    pub fn run(&self, around: &Surroundings, out: &mut dyn Write) -> Outcome {
        let data = Data::of(self.settings.as_ref(), around)?;
        data.carry_out(&Request::DeleteEvent { id: EventId(self.id) })?;
        writeln!(out, "event {} deleted", self.id)?;
        Ok(Exit::Done)
    }
}
