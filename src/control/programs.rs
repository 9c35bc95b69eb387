//! The commands about programs: keys of the API, and application configurations.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Failure;
use crate::apps::secrets::configs::{self, Draft};
use crate::store::Store;
use crate::store::api_keys::{self, ApiKey, Hash, Scope};

/// Keeps a key; its owner alone has it, here is its hash.
pub(super) fn add_key(
    store: &Store,
    now: Timestamp,
    name: &str,
    scopes: &[Scope],
    hash: Hash,
) -> Result<Value, Failure> {
    let (name, scopes) = (name.to_owned(), scopes.to_vec());
    store.write(move |tx| api_keys::add(tx, &name, hash, &scopes, now))?;
    Ok(Value::Null)
}

pub(super) fn list_keys(store: &Store) -> Result<Value, Failure> {
    let row = |key: ApiKey| {
        json!({
            "name": key.name,
            "scopes": key.scopes,
            "created": key.created,
            "last_used": key.used,
        })
    };
    Ok(api_keys::all(&store.snapshot()?)?.into_iter().map(row).collect())
}

pub(super) fn remove_key(store: &Store, name: String) -> Result<Value, Failure> {
    let removed = store.write(move |tx| api_keys::remove(tx, &name))?;
    if removed { Ok(Value::Null) } else { Err(Failure::NoSuchKey) }
}

pub(super) fn add_config(store: &Store, now: Timestamp, text: &str) -> Result<Value, Failure> {
    let draft = Draft::read(text).map_err(configs::NotDone::from)?;
    Ok(json!(configs::add(store, draft, now)?))
}

pub(super) fn list_configs(store: &Store) -> Result<Value, Failure> {
    let all = configs::all(&store.snapshot()?)?;
    Ok(all.iter().map(configs::AppConfig::row).collect())
}

/// Whether that changed anything.
pub(super) fn activate_config(store: &Store, id: u64) -> Result<Value, Failure> {
    Ok(json!(store.write(move |tx| configs::activate(tx, id))?))
}

pub(super) fn remove_config(store: &Store, id: u64) -> Result<Value, Failure> {
    store.write(move |tx| configs::remove(tx, id))?;
    Ok(Value::Null)
}

impl From<configs::NotDone> for Failure {
    fn from(not_done: configs::NotDone) -> Self {
        match not_done {
            configs::NotDone::Store(error) => Self::Store(error),
            not_done => Self::Config(not_done),
        }
    }
}

impl From<api_keys::NotAdded> for Failure {
    fn from(not_added: api_keys::NotAdded) -> Self {
        match not_added {
            api_keys::NotAdded::Store(error) => Self::Store(error),
            not_added => Self::Key(not_added),
        }
    }
}
