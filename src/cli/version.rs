//! `roost version`: which program this is.

use super::{Exit, Outcome};
use crate::settings::relay::SINK_TYPES;
use argh::{ArgsInfo, FromArgs};
use std::io::Write;
use std::path::PathBuf;

/// print version, commit and features
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "version")]
pub struct Version {
    /// settings file; every command takes one, this one needs none
    #[argh(option, arg_name = "path")]
    #[expect(dead_code, reason = "taken so that every command takes it")]
    settings: Option<PathBuf>,
}

impl Version {
    #[expect(clippy::unused_self, reason = "called like every command")]
    pub fn run(&self, out: &mut dyn Write) -> Outcome {
        let features: Vec<&str> =
            SINK_TYPES.iter().filter(|kind| kind.is_built).map(|kind| kind.name).collect();
        let features = if features.is_empty() { "none".to_owned() } else { features.join(", ") };
        writeln!(out, "roost {}", env!("CARGO_PKG_VERSION"))?;
        writeln!(out, "commit {}", env!("COMMIT"))?;
        writeln!(out, "features {features}")?;
        Ok(Exit::Done)
    }
}
