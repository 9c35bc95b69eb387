//! The poll thread: introduces the bot, then fetches updates for as long as the server runs.
//!
//! Every failure is retried for ever with backoff and shown in `health`. A batch is confirmed to
//! Telegram only after [`Intake`] has committed it, and what a whisper answers only after that has
//! ended.

use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::{Duration, Instant};

use super::client::{Client, RawUpdate};
use super::contact::Contact;
use super::error::ApiError;
use super::intake::{Intake, Update};
use super::introduce;
use super::outgoing::{Outgoing, Pending};
use super::patience::{self, BACKOFF, Patience};
use crate::apps::Apps;
use crate::clock;
use crate::thread::{self, Handle};

/// Telegram's own ceiling for a long poll (`LONG_POLL_MAX_TIMEOUT` of the Bot API server).
const TIMEOUT_MAX: Duration = Duration::from_secs(50);

/// Telegram's most for one answer.
const LIMIT: u8 = 100;

/// The least between two calls that brought nothing new.
const AT_LEAST: Duration = Duration::from_secs(1);

/// How long a batch is kept for the answers that must leave before it is confirmed. What waits longer
/// comes again with the next batch, so nobody else waits longer either.
const ANSWER_WAIT: Duration = Duration::from_secs(1);

/// How to poll.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How long Telegram waits for an update before it answers with none.
    pub timeout: Duration,
    /// The kinds to ask for, told each time, since Telegram keeps an earlier list otherwise.
    pub kinds: Vec<String>,
    /// What becomes of updates from before the start.
    pub pending: Pending,
}

/// Owns the poll thread; dropping it aborts the long poll.
pub struct Poll {
    client: Client,
    _stop: SyncSender<()>,
    _thread: Handle,
}

impl Poll {
    /// Starts polling.
    pub fn start(
        client: Client,
        intake: Intake,
        apps: Arc<Apps>,
        contact: Arc<Contact>,
        plan: Plan,
    ) -> std::io::Result<Self> {
        let (stop, stopped) = sync_channel(0);
        let patience = Patience { contact, stopped };
        let worker = Worker { client: client.clone(), intake, apps, plan, patience };
        let thread = thread::spawn("poll", move || {
            worker.work();
        })?;
        Ok(Self { client, _stop: stop, _thread: thread })
    }
}

impl Drop for Poll {
    fn drop(&mut self) {
        self.client.abort();
    }
}

struct Worker {
    client: Client,
    intake: Intake,
    apps: Arc<Apps>,
    plan: Plan,
    patience: Patience,
}

impl Worker {
    fn work(&self) -> Option<()> {
        self.patience.until_done(|| introduce::learn_name(&self.client, &self.apps))?;
        let webhook = Outgoing::delete_webhook(self.plan.pending);
        self.patience.until_done(|| introduce::call(&self.client, &webhook))?;
        self.patience.until_done(|| introduce::set_menus(&self.client, &self.apps))?;
        let (mut confirm, mut failures) = (None, 0);
        loop {
            let began = Instant::now();
            let wait = match self.fetch(confirm) {
                Ok(updates) => self.take(&updates, began.elapsed(), &mut confirm, &mut failures),
                Err(ApiError::Aborted) => return None,
                Err(error) => {
                    self.patience.contact.failed(&error.to_string());
                    self.end_webhook(&error);
                    failures += 1;
                    patience::after(&error, failures)
                }
            };
            self.patience.rest(wait)?;
        }
    }

    /// What was confirmed needs no offset any more: without one, Telegram gives whatever waits, also
    /// when ids have restarted lower. So the call that confirms does not wait, and the next does.
    fn fetch(&self, confirm: Option<i64>) -> Result<Vec<RawUpdate>, ApiError> {
        let timeout = self.plan.timeout.min(TIMEOUT_MAX);
        let timeout = if confirm.is_some() { Duration::ZERO } else { timeout };
        let kinds: Vec<&str> = self.plan.kinds.iter().map(String::as_str).collect();
        self.client.get_updates(confirm.unwrap_or(0), LIMIT, timeout, &kinds)
    }

    /// Takes in a batch that took so long to come; gives how long to wait before the next call.
    fn take(
        &self,
        raw: &[RawUpdate],
        took: Duration,
        confirm: &mut Option<i64>,
        failures: &mut u32,
    ) -> Duration {
        let updates: Vec<Update> = raw.iter().map(Update::from).collect();
        let answered = self.intake.take(&updates);
        match answered.and_then(|()| self.intake.answered(&updates, ANSWER_WAIT)) {
            Ok(answered) => {
                self.patience.contact.succeeded(clock::now());
                *failures = 0;
                let confirmed = confirm.take();
                *confirm = confirmation(&updates[..answered]);
                // A server that repeats itself, or does not wait, is not hammered.
                let repeated = confirm.is_some() && *confirm == confirmed;
                let hasty = updates.is_empty() && confirmed.is_none() && took < AT_LEAST;
                if repeated || hasty { AT_LEAST } else { Duration::ZERO }
            }
            Err(error) => {
                self.patience.contact.failed(&format!("updates stay with Telegram: {error}"));
                *failures += 1;
                BACKOFF.after(*failures, None)
            }
        }
    }

    /// Somebody set a webhook after we began; our operator wants polling.
    fn end_webhook(&self, error: &ApiError) {
        if !error.is_conflict() || !error.to_string().contains("webhook is active") {
            return;
        }
        let webhook = Outgoing::delete_webhook(Pending::Kept);
        if let Err(error) = introduce::call(&self.client, &webhook) {
            log::warn!("cannot delete the webhook: {error}");
        }
    }
}

/// The offset that confirms `updates` up to where their ids begin anew; the rest comes again.
fn confirmation(updates: &[Update]) -> Option<i64> {
    let run = updates.windows(2).take_while(|pair| pair[0].id() < pair[1].id()).count();
    updates.get(run).map(|last| last.id().saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_confirmed_up_to_where_ids_begin_anew() {
        for (ids, offset) in [
            (vec![], None),
            (vec![5], Some(6)),
            (vec![5, 6, 9], Some(10)),
            (vec![700, 701, 3, 4], Some(702)),
            (vec![5, 5, 6], Some(6)),
            (vec![i64::MAX], Some(i64::MAX)),
        ] {
            let update = |id: &i64| {
                Update::read(format!("{{\"update_id\":{id}}}").as_bytes()).expect("an update")
            };
            let updates: Vec<Update> = ids.iter().map(update).collect();
            assert_eq!(confirmation(&updates), offset, "{ids:?}");
        }
    }
}
