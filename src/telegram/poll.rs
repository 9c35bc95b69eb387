//! The poll thread: introduces the bot, then fetches updates for as long as the server runs.
//!
//! Every failure is retried for ever with backoff and shown in `health`. An update is confirmed
//! to Telegram only after its effects are committed, together with its id: so it is handled once,
//! whether it is delivered again, or ids restart lower, or the process is killed in between.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use super::client::{Client, RawUpdate};
use super::contact::Contact;
use super::error::ApiError;
use super::{backoff, bot, introduce};
use crate::apps::Apps;
use crate::clock;
use crate::store::{self, Receipt, Store, StoreError};
use crate::thread::{self, Handle};

/// Telegram's own ceiling for a long poll (`LONG_POLL_MAX_TIMEOUT` of the Bot API server).
const POLL: Duration = Duration::from_secs(50);

/// Telegram's most for one answer.
const LIMIT: u8 = 100;

/// The kinds we handle; told to Telegram each time, since it keeps an earlier list otherwise.
const ALLOWED_UPDATES: &[&str] = &["message", "callback_query", "my_chat_member"];

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
        store: Store,
        apps: Arc<Apps>,
        contact: Arc<Contact>,
    ) -> std::io::Result<Self> {
        let (stop, stopped) = sync_channel(0);
        let worker = Worker { client: client.clone(), store, apps, contact, stopped };
        let thread = thread::spawn("poll", move || worker.work())?;
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
    store: Store,
    apps: Arc<Apps>,
    contact: Arc<Contact>,
    stopped: Receiver<()>,
}

impl Worker {
    fn work(&self) {
        if self.introduce().is_none() {
            return;
        }
        let mut confirm = None;
        let mut failures = 0;
        loop {
            let fetched =
                self.client.get_updates(confirm.unwrap_or(0), LIMIT, POLL, ALLOWED_UPDATES);
            let wait = match fetched {
                Ok(updates) => {
                    self.contact.succeeded(clock::now());
                    match self.handle(&updates) {
                        // What was confirmed needs no offset any more; without one, Telegram gives
                        // whatever waits, also when ids have restarted lower.
                        Ok(()) => {
                            failures = 0;
                            confirm = updates.last().map(|update| update.id + 1);
                            Duration::ZERO
                        }
                        Err(error) => {
                            log::error!("updates stay with Telegram: {error}");
                            failures += 1;
                            backoff::after(failures, None)
                        }
                    }
                }
                Err(ApiError::Aborted) => return,
                Err(error) => {
                    self.contact.failed(&error.to_string());
                    failures += 1;
                    pause_after(&error, failures)
                }
            };
            if self.rest(wait).is_none() {
                return;
            }
        }
    }

    /// Waits; `None` when the server stops.
    fn rest(&self, wait: Duration) -> Option<()> {
        match self.stopped.recv_timeout(wait) {
            Err(RecvTimeoutError::Timeout) => Some(()),
            _ => None,
        }
    }

    /// Learns the bot's name and sets its menus, until Telegram has taken it all.
    fn introduce(&self) -> Option<()> {
        let mut failures = 0;
        loop {
            match introduce::introduce(&self.client, &self.apps) {
                Ok(()) => {
                    self.contact.succeeded(clock::now());
                    return Some(());
                }
                Err(ApiError::Aborted) => return None,
                Err(error) => {
                    self.contact.failed(&error.to_string());
                    failures += 1;
                    self.rest(pause_after(&error, failures))?;
                }
            }
        }
    }

    /// Handles a batch; the operations share commits, and each is committed when this returns.
    fn handle(&self, updates: &[RawUpdate]) -> Result<(), StoreError> {
        let begun: Vec<(i64, Receipt<(), StoreError>)> =
            updates.iter().map(|update| (update.id, self.begin(update))).collect();
        for (id, receipt) in begun {
            match receipt.wait() {
                Ok(()) => {}
                Err(StoreError::Panicked) => self.set_aside(id)?,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn begin(&self, update: &RawUpdate) -> Receipt<(), StoreError> {
        let (id, json, apps) = (update.id, update.json.get().to_owned(), Arc::clone(&self.apps));
        self.store.begin(move |tx| {
            if store::was_handled(tx, id)? {
                return Ok(());
            }
            let now = clock::now();
            store::remember_update(tx, id, now)?;
            bot::handle(tx, &apps, &json, now)
        })
    }

    /// An update that makes a handler panic is not tried again for ever.
    fn set_aside(&self, id: i64) -> Result<(), StoreError> {
        log::error!("update {id} could not be handled and is set aside");
        self.store.write(move |tx| store::remember_update(tx, id, clock::now()))
    }
}

/// How long to wait after `error`.
fn pause_after(error: &ApiError, failures: u32) -> Duration {
    match error {
        // Another poller: taking turns quickly would only end its polls, too.
        error if error.is_conflict() => backoff::after(failures.max(2), None).max(POLL / 20),
        ApiError::Unauthorized => Duration::from_secs(60),
        error => backoff::after(failures, error.retry_after()),
    }
}
