//! `roost cancel-event`: cancels an event, or one date of a series.

use super::data::Data;
use super::{Exit, Outcome};
use crate::apps::events::model::EventId;
use crate::control::Request;
use crate::settings::Surroundings;
use argh::{ArgsInfo, FromArgs};
use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;

/// cancel an event, or one date of a series
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "cancel-event")]
pub struct CancelEvent {
    /// number of the event
    #[argh(positional)]
    id: u64,
    /// why, for those who wanted to go
    #[argh(option, default = "String::new()")]
    reason: String,
    /// the one date that does not take place, e.g. 2026-12-24
    #[argh(option)]
    date: Option<String>,
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
}

impl CancelEvent {
    pub fn run(&self, around: &Surroundings, out: &mut dyn Write) -> Outcome {
        let id = EventId(self.id);
        let request =
            Request::CancelEvent { id, reason: self.reason.clone(), date: self.date.clone() };
        let changed = Data::of(self.settings.as_ref(), around)?.carry_out(&request)?;
        let how = if changed == Value::Bool(true) { "cancelled" } else { "was cancelled already" };
        let date = self.date.as_ref().map(|date| format!(" on {}", date.trim()));
        writeln!(out, "event {id}{} {how}", date.unwrap_or_default())?;
        Ok(Exit::Done)
    }
}
