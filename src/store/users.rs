//! The people Roost knows: who logged in, wrote to the bot, or was named by an admin.

use super::table::TableDefinition;
use serde::{Deserialize, Serialize};

use super::{Read, StoreError, Tx};
use crate::ids::UserId;

const USERS: TableDefinition<i64, &[u8]> = TableDefinition::new("users");

/// One person.
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent facts, each set by its own act"
)]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Telegram's id.
    pub id: UserId,
    /// First and last name as Telegram last gave them.
    #[serde(default)]
    pub name: String,
    /// Telegram's IETF language tag of the person's app, e.g. `pt-br`.
    #[serde(default)]
    pub language: Option<String>,
    /// Made an admin at run time (those in the settings are admins whatever this says).
    #[serde(default)]
    pub is_admin: bool,
    /// Banned at run time.
    #[serde(default)]
    pub banned: bool,
    /// The person opened a chat with the bot, so the bot may write first.
    #[serde(default)]
    pub reachable: bool,
    /// The person sent `/stop`: no reminders.
    #[serde(default)]
    pub muted: bool,
}

impl User {
    /// Somebody of whom only the id is known.
    pub fn unknown(id: UserId) -> Self {
        Self {
            id,
            name: String::new(),
            language: None,
            is_admin: false,
            banned: false,
            reachable: false,
            muted: false,
        }
    }
}

pub(super) fn prepare(tx: &Tx) -> Result<(), StoreError> {
    tx.table_mut(USERS).map(drop)
}

/// The user with this id, if known.
pub fn find(read: &impl Read, id: UserId) -> Result<Option<User>, StoreError> {
    let users = read.table(USERS)?;
    users.get(id.0)?.map(|row| decode(row.value())).transpose()
}

/// The user with this id, or a fresh one.
pub fn find_or_unknown(read: &impl Read, id: UserId) -> Result<User, StoreError> {
    Ok(find(read, id)?.unwrap_or_else(|| User::unknown(id)))
}

/// Everybody, by id.
pub fn all(read: &impl Read) -> Result<Vec<User>, StoreError> {
    let users = read.table(USERS)?;
    users.iter()?.map(|row| decode(row?.1.value())).collect()
}

/// How many people are known.
pub fn count(read: &impl Read) -> Result<u64, StoreError> {
    read.table(USERS)?.len()
}

/// Up to `limit` people by id, without the first `skip`.
pub fn page(read: &impl Read, skip: usize, limit: usize) -> Result<Vec<User>, StoreError> {
    let users = read.table(USERS)?;
    users.iter()?.skip(skip).take(limit).map(|row| decode(row?.1.value())).collect()
}

/// Writes `user`, and has open pages of theirs welcomed anew when rights changed.
pub fn save(tx: &Tx, user: &User) -> Result<(), StoreError> {
    let before = find(tx, user.id)?;
    if before.as_ref() == Some(user) {
        return Ok(());
    }
    let rights = |user: &User| (user.is_admin, user.banned);
    if before.as_ref().map(rights).unwrap_or_default() != rights(user) {
        tx.person_changed(user.id);
    }
    let row = serde_json::to_vec(user).map_err(|error| StoreError::Row("users", error))?;
    tx.table_mut(USERS)?.insert(user.id.0, &row[..])?;
    Ok(())
}

fn decode(row: &[u8]) -> Result<User, StoreError> {
    serde_json::from_slice(row).map_err(|error| StoreError::Row("users", error))
}
