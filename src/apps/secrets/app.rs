//! What secrets plug into: their tables, and their end.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::{configs, store};
use crate::apps::{App, Asked, Context, Failure, Outcome, Refused, View};
use crate::store::{Snapshot, StoreError, Tx};

/// Secrets that end in one transaction.
const END_AT_ONCE: usize = 50;

/// One-time messages.
pub struct Secrets {
    pub(super) context: Arc<Context>,
}

/// Its line in the list of apps.
pub fn app(context: &Arc<Context>) -> Box<dyn App> {
    Box::new(Secrets { context: Arc::clone(context) })
}

impl App for Secrets {
    fn name(&self) -> &'static str {
        "secrets"
    }

    fn prepare(&self, tx: &Tx) -> Result<(), StoreError> {
        store::prepare(tx)?;
        configs::prepare(tx)
    }

    /// Pages show nothing of secrets by themselves.
    fn subjects(&self, _: &Snapshot) -> Result<Vec<u64>, StoreError> {
        Ok(Vec::new())
    }

    fn view(&self, _: &Snapshot, _: u64, _: Timestamp) -> Result<Option<View>, StoreError> {
        Ok(None)
    }

    /// Nor are they made or read on the socket.
    fn message(&self, _: &Tx, asked: &Asked, _: &Value) -> Result<Outcome, Failure> {
        let sentence = asked.by.language.sentences().unknown_command;
        Err(Refused::new("unknown-command", sentence).into())
    }

    fn due(&self, read: &Snapshot, _: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        store::next_end(read)
    }

    fn tick(&self, tx: &Tx, now: Timestamp) -> Result<bool, StoreError> {
        Ok(!store::expire(tx, now, END_AT_ONCE)?.is_empty())
    }
}
