//! Questions to Telegram whose answer somebody waits for: asked once, soon, and kept nowhere.
//!
//! Whoever asks is told the result, or that there is none; after a crash nobody is left to be told.

use std::sync::mpsc::TrySendError::{Disconnected, Full};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::client::Client;
use super::outcome::without_quotes;
use super::outgoing::Outgoing;
use crate::thread::{self, Handle};

/// Nobody waits longer for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Questions that may wait.
const WAITING: usize = 64;

/// Hears the result; `None` when there is none.
pub type Told = Box<dyn FnOnce(Option<&Value>) + Send>;

enum Note {
    Ask(Outgoing, Told, Instant),
    Stop,
}

/// Asks. Cheap to clone.
#[derive(Clone)]
pub struct Asks(SyncSender<Note>);

impl Asks {
    /// Asks once `call` can be made, within a few seconds.
    pub fn ask(&self, call: Outgoing, told: Told) {
        let note = Note::Ask(call, told, Instant::now() + PATIENCE);
        let (Full(note) | Disconnected(note)) = match self.0.try_send(note) {
            Ok(()) => return,
            Err(error) => error,
        };
        if let Note::Ask(_, told, _) = note {
            told(None);
        }
    }
}

/// Owns the thread that asks; dropping it ends a question under way.
pub struct Asking {
    client: Client,
    asks: Asks,
    _thread: Handle,
}

impl Asking {
    /// Starts the thread; `client` is its own.
    pub fn start(client: Client) -> std::io::Result<Self> {
        let (notes, inbox) = sync_channel(WAITING);
        let own = client.clone();
        let thread = thread::spawn("asks", move || work(&own, &inbox))?;
        Ok(Self { client, asks: Asks(notes), _thread: thread })
    }

    /// What asks.
    pub fn asks(&self) -> Asks {
        self.asks.clone()
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.client.abort();
        drop(self.asks.0.send(Note::Stop));
    }
}

fn work(client: &Client, inbox: &Receiver<Note>) {
    for note in inbox {
        let Note::Ask(call, told, until) = note else { return };
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            told(None);
            continue;
        }
        let result = client.call(&call.method, &call.params, left);
        if let Err(error) = &result {
            log::warn!("`{}` failed: {}", call.method, without_quotes(error));
        }
        told(result.ok().as_ref());
    }
}
