//! The sender thread: delivers the outbox, oldest first in each chat, obeying Telegram's limits.
//!
//! A message leaves the outbox after Telegram took it or refused it for good. A chat that must wait
//! holds back its own messages only.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::client::Client;
use super::contact::Contact;
use super::error::{ApiError, Trouble};
use super::outgoing::Outgoing;
use super::{backoff, bot};
use crate::apps::Apps;
use crate::clock;
use crate::ids::{ChatId, UserId};
use crate::store::{Receipt, Store, StoreError, Tx, outbox, users};
use crate::thread::{self, Handle};

/// Messages looked at in one pass.
const PASS: usize = 200;

/// A call that takes longer is given up, so that it blocks others no longer.
const DEADLINE: Duration = Duration::from_secs(40);

/// A revoked token is tried again this slowly.
const UNAUTHORIZED: Duration = Duration::from_secs(60);

/// One row of the outbox.
#[derive(Debug, Serialize, Deserialize)]
pub struct Letter {
    #[serde(flatten)]
    call: Outgoing,
    /// Set when the call is `getFile` and an app waits for the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fetch: Option<Fetch>,
}

/// Who waits for a file, and how large it may be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Fetch {
    /// The person who sent it.
    pub user: UserId,
    /// The [`crate::apps::BotPart::prefix`] of the part that wants it.
    pub part: String,
    /// More bytes are not fetched.
    pub max_bytes: u64,
}

/// Puts `call` into the outbox, to be sent after the commit.
pub fn post(tx: &Tx, call: Outgoing) -> Result<(), StoreError> {
    push(tx, &Letter { call, fetch: None })
}

/// Has the file `file_id` fetched for an app; it arrives at [`crate::apps::BotPart::fetched`].
pub fn fetch(tx: &Tx, chat: ChatId, file_id: &str, fetch: Fetch) -> Result<(), StoreError> {
    let params = json!({"file_id": file_id});
    let call = Outgoing { method: "getFile".to_owned(), params, chat: Some(chat) };
    push(tx, &Letter { call, fetch: Some(fetch) })
}

fn push(tx: &Tx, letter: &Letter) -> Result<(), StoreError> {
    let row = serde_json::to_value(letter).map_err(|error| StoreError::Row("outbox", error))?;
    outbox::push(tx, &row)
}

/// Wakes the sender. Cheap to clone.
#[derive(Clone)]
pub struct Bell(SyncSender<()>);

impl Bell {
    /// There is something new in the outbox.
    pub fn ring(&self) {
        // Full: it is awake already.
        let _ = self.0.try_send(());
    }
}

/// The bell and what hears it; made before the store, whose commits ring it.
pub fn bell() -> (Bell, Receiver<()>) {
    let (bell, rung) = sync_channel(1);
    (Bell(bell), rung)
}

/// Owns the sender thread; dropping it aborts the call in progress, which stays in the outbox.
pub struct Sender {
    client: Client,
    bell: Bell,
    _thread: Handle,
}

impl Sender {
    /// Starts with what an earlier run left behind.
    pub fn start(
        client: Client,
        store: Store,
        apps: Arc<Apps>,
        contact: Arc<Contact>,
        (bell, rung): (Bell, Receiver<()>),
    ) -> std::io::Result<Self> {
        let worker = Worker {
            client: client.clone(),
            store,
            apps,
            contact,
            holds: HashMap::new(),
            hold: None,
            failures: 0,
        };
        let thread = thread::spawn("sender", move || worker.work(&rung))?;
        Ok(Self { client, bell, _thread: thread })
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.client.abort();
        self.bell.ring();
    }
}

struct Worker {
    client: Client,
    store: Store,
    apps: Arc<Apps>,
    contact: Arc<Contact>,
    /// Chats that must wait, and until when.
    holds: HashMap<ChatId, Instant>,
    /// Everything must wait.
    hold: Option<Instant>,
    failures: u32,
}

/// What becomes of a letter.
enum Fate {
    Done,
    HoldChat(Duration),
    HoldAll(Duration),
    Again(Outgoing),
    Stop,
}

/// How a pass over the outbox ended.
enum Pass {
    /// Nothing more can be delivered for so long, or until the bell rings.
    Rest(Option<Duration>),
    Stop,
}

impl Worker {
    fn work(mut self, rung: &Receiver<()>) {
        loop {
            let left = match self.pass() {
                Ok(Pass::Rest(left)) => left,
                Ok(Pass::Stop) => return,
                Err(error) => {
                    log::error!("cannot read the outbox: {error}");
                    Some(Duration::from_secs(1))
                }
            };
            let woken = match left {
                Some(rest) => rung.recv_timeout(rest),
                None => rung.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            if woken == Err(RecvTimeoutError::Disconnected) || self.client.is_aborted() {
                return;
            }
        }
    }

    /// Delivers what may be delivered now.
    fn pass(&mut self) -> Result<Pass, StoreError> {
        let now = Instant::now();
        self.holds.retain(|_, until| *until > now);
        self.hold = self.hold.filter(|until| *until > now);
        let mut receipts: Vec<Receipt<(), StoreError>> = Vec::new();
        let mut after = 0;
        'pass: while self.hold.is_none() {
            let letters = outbox::next(&self.store.snapshot()?, after, PASS)?;
            let Some((last, _)) = letters.last() else { break };
            after = *last;
            for (id, row) in letters {
                match self.deliver(id, row, &mut receipts) {
                    Some(true) => {}
                    Some(false) => break 'pass,
                    None => return Ok(Pass::Stop),
                }
            }
        }
        receipts.into_iter().try_for_each(Receipt::wait)?;
        let next = self.hold.into_iter().chain(self.holds.values().copied()).min();
        Ok(Pass::Rest(next.map(|until| until.saturating_duration_since(Instant::now()))))
    }

    /// One letter; false when everything must wait, `None` to stop.
    fn deliver(
        &mut self,
        id: u64,
        row: Value,
        receipts: &mut Vec<Receipt<(), StoreError>>,
    ) -> Option<bool> {
        let Ok(Letter { mut call, fetch }) = serde_json::from_value(row) else {
            log::error!("a message of the outbox cannot be read and is dropped");
            receipts.push(self.store.begin(move |tx| outbox::remove(tx, id)));
            return Some(true);
        };
        if call.chat.is_some_and(|chat| self.holds.contains_key(&chat)) {
            return Some(true);
        }
        if let Some(fetch) = fetch {
            return self.fetch(id, &call, fetch, receipts);
        }
        loop {
            match self.send(&call) {
                Fate::Done => receipts.push(self.store.begin(move |tx| outbox::remove(tx, id))),
                Fate::Again(moved) => {
                    call = moved;
                    continue;
                }
                fate => return self.hold(call.chat, &fate),
            }
            return Some(true);
        }
    }

    fn hold(&mut self, chat: Option<ChatId>, fate: &Fate) -> Option<bool> {
        let now = Instant::now();
        match (fate, chat) {
            (Fate::Stop, _) => None,
            (Fate::HoldChat(wait), Some(chat)) => {
                self.holds.insert(chat, now + *wait);
                Some(true)
            }
            (Fate::HoldChat(wait) | Fate::HoldAll(wait), _) => {
                self.hold = Some(now + *wait);
                Some(false)
            }
            (Fate::Done | Fate::Again(_), _) => Some(true),
        }
    }

    fn send(&mut self, call: &Outgoing) -> Fate {
        let result = self.client.call(&call.method, &call.params, DEADLINE);
        match result {
            Ok(_) => {
                self.failures = 0;
                self.contact.succeeded(clock::now());
                Fate::Done
            }
            Err(error) => self.failed(call, &error),
        }
    }

    fn failed(&mut self, call: &Outgoing, error: &ApiError) -> Fate {
        if error.is_not_modified() || error.is_late_tap() {
            return Fate::Done;
        }
        if let Some(chat) = error.migrated_to()
            && call.chat != Some(chat)
        {
            return Fate::Again(call.clone().moved_to(chat));
        }
        if let Some(wait) = error.retry_after() {
            log::warn!("`{}` must wait {} s", call.method, wait.as_secs());
            return Fate::HoldChat(backoff::after(1, Some(wait)));
        }
        match error {
            ApiError::Aborted => Fate::Stop,
            ApiError::Unauthorized => {
                self.contact.failed(&error.to_string());
                Fate::HoldAll(UNAUTHORIZED)
            }
            // It may have been delivered: a reply twice is worse than one that is missing.
            ApiError::Network(Trouble::Deadline) if call.method.starts_with("send") => {
                log::warn!("`{}` was not answered in time; it is not repeated", call.method);
                Fate::Done
            }
            error if error.is_passing() => {
                self.contact.failed(&error.to_string());
                self.failures += 1;
                Fate::HoldAll(backoff::after(self.failures, None))
            }
            error => {
                self.refused(call, error);
                Fate::Done
            }
        }
    }

    /// Refused for good.
    fn refused(&self, call: &Outgoing, error: &ApiError) {
        log::warn!("`{}` was refused: {error}", call.method);
        let Some(chat) = call.chat.filter(|_| error.is_unreachable()) else { return };
        let forgotten = self.store.write(move |tx| {
            let Some(mut user) = users::find(tx, UserId(chat.0))? else { return Ok(()) };
            user.reachable = false;
            users::save(tx, &user)
        });
        if let Err(StoreError::Panicked | StoreError::Failed(_)) = forgotten {
            log::error!("cannot note that a chat is unreachable");
        }
    }

    /// Fetches a file and gives it to the app that waits for it, in one transaction.
    fn fetch(
        &mut self,
        id: u64,
        call: &Outgoing,
        fetch: Fetch,
        receipts: &mut Vec<Receipt<(), StoreError>>,
    ) -> Option<bool> {
        let file = match self.download(call, fetch.max_bytes) {
            Ok(file) => Some(file),
            Err(ApiError::Aborted) => return None,
            Err(error) if error.is_passing() => {
                let fate = self.failed(call, &error);
                if !matches!(fate, Fate::Done) {
                    return self.hold(call.chat, &fate);
                }
                None
            }
            Err(error) => {
                log::warn!("a file could not be fetched: {error}");
                None
            }
        };
        let (apps, chat) = (Arc::clone(&self.apps), call.chat.unwrap_or(ChatId(fetch.user.0)));
        receipts.push(self.store.begin(move |tx| {
            outbox::remove(tx, id)?;
            bot::fetched(tx, &apps, chat, &fetch, file.as_deref(), clock::now())
        }));
        Some(true)
    }

    fn download(&self, call: &Outgoing, max_bytes: u64) -> Result<Vec<u8>, ApiError> {
        let file = self.client.call(&call.method, &call.params, DEADLINE)?;
        if file["file_size"].as_u64().is_some_and(|size| size > max_bytes) {
            return Err(ApiError::TooLarge { limit: max_bytes });
        }
        let path = file["file_path"].as_str().unwrap_or_default();
        self.client.download(path, max_bytes, DEADLINE)
    }
}
