//! What secrets plug into: their tables, and their end.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::told::{self, Fate};
use super::vault::Vault;
use super::{bot, configs, rest, shown, store, token, web};
use crate::apps::{App, Asked, BotPart, Context, Failure, Outcome, Refused, Routed, View};
use crate::clock;
use crate::ids::ChatId;
use crate::net::Request;
use crate::store::{Snapshot, Store, StoreError, Tx};
use crate::telegram::outgoing::Outgoing;
use crate::telegram::sender;

/// Secrets that end, and messages that go, in one transaction.
const AT_ONCE: usize = 50;

/// One-time messages.
pub struct Secrets {
    pub(super) context: Arc<Context>,
    pub(super) vault: Arc<Vault>,
}

/// Its line in the list of apps.
pub fn app(context: &Arc<Context>) -> Box<dyn App> {
    Box::new(Secrets { context: Arc::clone(context), vault: Arc::default() })
}

impl App for Secrets {
    fn name(&self) -> &'static str {
        "secrets"
    }

    fn is_offered(&self) -> bool {
        false
    }

    fn prepare(&self, tx: &Tx) -> Result<(), StoreError> {
        store::prepare(tx)?;
        configs::prepare(tx)?;
        rest::pace::prepare(tx)?;
        bot::prepare(tx)
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
        let (end, deletion) = (store::next_end(read)?, shown::next_deletion(read)?);
        Ok(end.into_iter().chain(deletion).min())
    }

    fn route(&self, request: &Request, store: &Store) -> Option<Routed> {
        let api = rest::answer(self, request, store).map(Routed::Answer);
        api.or_else(|| web::answer(self, request, store))
    }

    fn body_limit(&self, path: &str) -> Option<u64> {
        let limits = [(rest::path::BASE, rest::BODY_MAX), (token::PAGE, web::BODY_MAX)];
        limits.into_iter().find(|(base, _)| path.starts_with(base)).map(|(_, most)| most)
    }

    fn tick(&self, tx: &Tx, now: Timestamp) -> Result<bool, StoreError> {
        let over = store::expire(tx, now, AT_ONCE)?;
        for gone in &over {
            told::author(tx, &self.context, gone, Fate::Expired)?;
        }
        let shown = shown::take_due(tx, now, AT_ONCE)?;
        for (chat, message) in &shown {
            sender::post(tx, Outgoing::delete(ChatId(*chat), *message))?;
        }
        Ok(!over.is_empty() || !shown.is_empty())
    }

    fn is_confidential(&self, tx: &Tx, update: &Value) -> Result<bool, StoreError> {
        bot::is_confidential(tx, update, clock::now())
    }

    fn bot(&self) -> Option<&dyn BotPart> {
        Some(self)
    }
}
