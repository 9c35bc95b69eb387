//! The bot's own part: greeting, help, people and their rights.

use std::sync::Arc;

use super::{BotPart, Command, Context, Failure, Press, Talk};
use crate::store::Tx;

/// What the bot does itself.
pub struct House {
    #[expect(dead_code, reason = "for its commands")]
    context: Arc<Context>,
}

impl House {
    /// The house of this process.
    pub fn new(context: Arc<Context>) -> Self {
        Self { context }
    }
}

impl BotPart for House {
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
        "h:"
    }
}
