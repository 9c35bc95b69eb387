//! Application configurations that programs of ours ask for: the sessions of a Telegram client with
//! what they log in with.
//!
//! The original handed them to anybody. Here they need a key of the API, and what they log in with
//! is sealed (XChaCha20-Poly1305) with a key that lies outside of the database ([`KeyFile`]), so a
//! copy of the database alone is of no use.

mod draft;
mod key_file;

use std::fmt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zeroize::Zeroizing;

pub use draft::{Draft, Invalid, TEXT_MAX};
pub use key_file::{KeyError, KeyFile};

use crate::hidden::Hidden;
use crate::store::{Read, Store, StoreError, TableDefinition, Tx, fresh_id};

/// Number → [`Row`] as JSON; at most [`MOST`].
const CONFIGS: TableDefinition<u64, &[u8]> = TableDefinition::new("app-configs");

/// The sequence of their numbers.
const SEQUENCE: &str = "app-configs";

/// More than anybody has sessions.
const MOST: usize = 100;

/// Bytes of a nonce (XChaCha20-Poly1305).
const NONCE: usize = 24;

/// What a session logs in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// Of the application at my.telegram.org.
    pub api_id: Hidden<u64>,
    /// Its hash.
    pub api_hash: Hidden<String>,
    /// Of the bot; empty for a person's session.
    pub bot_token: Hidden<String>,
}

/// A stored configuration without what it logs in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppConfig {
    /// Its number.
    pub id: u64,
    /// What its session is called.
    pub session_name: String,
    /// Whether it may be handed out.
    pub is_active: bool,
    /// Whether it is a bot's.
    pub is_bot: bool,
    /// When it was stored.
    pub timestamp: Timestamp,
    sealed: String,
}

#[derive(Serialize, Deserialize)]
struct Row {
    session_name: String,
    is_active: bool,
    is_bot: bool,
    timestamp: Timestamp,
    /// Nonce and ciphertext in base64.
    sealed: String,
}

#[derive(Deserialize)]
struct Plain {
    api_id: u64,
    api_hash: String,
    bot_token: String,
}

/// Why something was not done with a configuration.
#[derive(Debug)]
pub enum NotDone {
    /// What was given is no configuration.
    Invalid(Invalid),
    /// There is none of this number.
    NoSuch(u64),
    /// There are as many as there may be.
    Full,
    /// The system gives no random numbers.
    Chance,
    /// The key of the file.
    Key(KeyError),
    /// The database.
    Store(StoreError),
}

impl From<StoreError> for NotDone {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<KeyError> for NotDone {
    fn from(error: KeyError) -> Self {
        Self::Key(error)
    }
}

impl From<Invalid> for NotDone {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl fmt::Display for NotDone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(invalid) => invalid.fmt(f),
            Self::NoSuch(id) => write!(
                f,
                "there is no application configuration {id}; `roost app-config list` shows them"
            ),
            Self::Full => write!(
                f,
                "there are {MOST} application configurations already; remove one that nobody uses"
            ),
            Self::Chance => f.write_str("the system gives no random numbers"),
            Self::Key(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for NotDone {}

impl AppConfig {
    /// What people may see of it.
    pub fn row(&self) -> Value {
        json!({
            "id": self.id,
            "session_name": self.session_name,
            "is_active": self.is_active,
            "is_bot": self.is_bot,
            "timestamp": self.timestamp,
        })
    }

    /// All of it, in the shape and order of the original.
    pub fn body(&self, with: &Credentials) -> Value {
        json!({
            "id": self.id,
            "session_name": self.session_name,
            "api_id": with.api_id.reveal(),
            "api_hash": with.api_hash.reveal(),
            "is_active": self.is_active,
            "is_bot": self.is_bot,
            "bot_token": with.bot_token.reveal(),
            "timestamp": self.timestamp,
        })
    }

    /// What it logs in with.
    pub fn open(&self, key: &KeyFile) -> Result<Credentials, KeyError> {
        let opened = || {
            let sealed = STANDARD.decode(&self.sealed).ok()?;
            let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
            let aad = bound(self.id, &self.session_name, self.is_bot);
            let payload = Payload { msg: sealed, aad: &aad };
            let plain = cipher(key).decrypt(&XNonce::from(*nonce), payload).ok()?;
            serde_json::from_slice::<Plain>(&plain).ok()
        };
        let Plain { api_id, api_hash, bot_token } = opened().ok_or_else(|| key.wrong())?;
        Ok(Credentials {
            api_id: Hidden::new(api_id),
            api_hash: Hidden::new(api_hash),
            bot_token: Hidden::new(bot_token),
        })
    }
}

/// Makes the table exist.
pub(super) fn prepare(tx: &Tx) -> Result<(), StoreError> {
    tx.table_mut(CONFIGS).map(drop)
}

/// Stores `draft`, active; its number.
pub fn add(store: &Store, draft: Draft, now: Timestamp) -> Result<u64, NotDone> {
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce).map_err(|_| NotDone::Chance)?;
    let database = store.path().to_owned();
    store.write(move |tx| keep(tx, &database, &draft, nonce, now))
}

fn keep(
    tx: &Tx,
    database: &Path,
    draft: &Draft,
    nonce: [u8; NONCE],
    now: Timestamp,
) -> Result<u64, NotDone> {
    let stored = all(tx)?;
    if stored.len() >= MOST {
        return Err(NotDone::Full);
    }
    let key = match stored.last() {
        None => KeyFile::made(database)?,
        Some(one) => {
            let key = KeyFile::read(database)?;
            // Whoever changed the key finds out now, not when half of the rows have another one.
            one.open(&key)?;
            key
        }
    };
    let id = fresh_id(tx, SEQUENCE)?;
    let row = Row {
        session_name: draft.session_name.clone(),
        is_active: true,
        is_bot: draft.is_bot,
        timestamp: now,
        sealed: seal(id, draft, &key, nonce),
    };
    save(tx, id, &row)?;
    Ok(id)
}

/// All, by number.
pub fn all(read: &impl Read) -> Result<Vec<AppConfig>, StoreError> {
    let table = read.table(CONFIGS)?;
    table
        .iter()?
        .map(|entry| {
            let (id, row) = entry?;
            let Row { session_name, is_active, is_bot, timestamp, sealed } = decode(row.value())?;
            Ok(AppConfig { id: id.value(), session_name, is_active, is_bot, timestamp, sealed })
        })
        .collect()
}

/// The newest active one.
pub fn last_active(read: &impl Read) -> Result<Option<AppConfig>, StoreError> {
    Ok(all(read)?.into_iter().rfind(|config| config.is_active))
}

/// Makes this one the only active one; whether that changed anything.
pub fn activate(tx: &Tx, id: u64) -> Result<bool, NotDone> {
    let stored = all(tx)?;
    if !stored.iter().any(|config| config.id == id) {
        return Err(NotDone::NoSuch(id));
    }
    let changed: Vec<AppConfig> =
        stored.into_iter().filter(|config| config.is_active != (config.id == id)).collect();
    for config in &changed {
        let AppConfig { session_name, is_bot, timestamp, sealed, .. } = config.clone();
        let is_active = config.id == id;
        save(tx, config.id, &Row { session_name, is_active, is_bot, timestamp, sealed })?;
    }
    Ok(!changed.is_empty())
}

/// Removes one.
pub fn remove(tx: &Tx, id: u64) -> Result<(), NotDone> {
    let removed = tx.table_mut(CONFIGS)?.remove(id)?.is_some();
    if removed { Ok(()) } else { Err(NotDone::NoSuch(id)) }
}

/// The newest active one as its program wants it; `None` when there is none.
pub fn answer(read: &impl Read, database: &Path) -> Result<Option<Value>, NotDone> {
    let Some(config) = last_active(read)? else { return Ok(None) };
    let with = config.open(&KeyFile::read(database)?)?;
    Ok(Some(config.body(&with)))
}

fn seal(id: u64, draft: &Draft, key: &KeyFile, nonce: [u8; NONCE]) -> String {
    let Credentials { api_id, api_hash, bot_token } = &draft.credentials;
    let plain = json!({
        "api_id": api_id.reveal(),
        "api_hash": api_hash.reveal(),
        "bot_token": bot_token.reveal(),
    });
    let plain = Zeroizing::new(plain.to_string());
    let aad = bound(id, &draft.session_name, draft.is_bot);
    let payload = Payload { msg: plain.as_bytes(), aad: &aad };
    let sealed = cipher(key).encrypt(&XNonce::from(nonce), payload);
    let sealed = sealed.expect("a configuration is far shorter than the cipher's limit");
    STANDARD.encode([&nonce[..], &sealed].concat())
}

/// What has to be the same when it is opened: nobody can give one row the secrets of another.
fn bound(id: u64, session_name: &str, is_bot: bool) -> Vec<u8> {
    [&id.to_be_bytes()[..], &[u8::from(is_bot)], session_name.as_bytes()].concat()
}

fn cipher(key: &KeyFile) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.bytes().into())
}

fn save(tx: &Tx, id: u64, row: &Row) -> Result<(), StoreError> {
    let row = serde_json::to_vec(row).map_err(|error| StoreError::Row("app-configs", error))?;
    tx.table_mut(CONFIGS)?.insert(id, &row[..])?;
    Ok(())
}

fn decode(row: &[u8]) -> Result<Row, StoreError> {
    serde_json::from_slice(row).map_err(|error| StoreError::Row("app-configs", error))
}

#[cfg(test)]
mod tests;
