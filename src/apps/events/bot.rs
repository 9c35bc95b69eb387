//! The bot's commands and buttons for events.

use super::app::Events;
use crate::apps::{BotPart, Command, Failure, Press, Talk};
use crate::store::Tx;

impl BotPart for Events {
    fn commands(&self) -> &'static [Command] {
        &[]
    }

    fn command(&self, _: &Tx, _: &Talk, _: &str, _: &str) -> Result<(), Failure> {
        Ok(())
    }

    fn button(&self, _: &Tx, _: &Talk, _: &Press) -> Result<(), Failure> {
        Ok(())
    }

    fn prefix(&self) -> &'static str {
        "e:"
    }
}
