//! The kinds of sinks, one module each; each is a Cargo feature of the same name.
//!
//! A module has a type with `new(settings, stop)`, which connects nowhere, and its [`Sink`].

use super::{Sink, Stop};
use crate::settings::relay::SinkSettings;

/// Makes the sink of `settings`; connects nowhere yet. What it waits for ends at `stop`.
///
/// A kind that is not built in was refused with the settings; should it come here, that is the error.
pub fn open(settings: &SinkSettings, stop: &Stop) -> Result<Box<dyn Sink>, String> {
    let _ = stop;
    Err(format!("sinks of type `{}` are not built in", settings.target.type_name()))
}
