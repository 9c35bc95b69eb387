//! The commands about people and their rights.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Failure;
use crate::apps::{Context, Roles};
use crate::ids::UserId;
use crate::store::admin_code;
use crate::store::api_keys::Hash;
use crate::store::users::{self, User};
use crate::store::{Store, StoreError};

/// How somebody shall stand from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Right {
    /// An admin.
    Admin,
    /// No admin.
    NoAdmin,
    /// Kept out.
    Banned,
    /// Let in.
    NotBanned,
}

impl Right {
    /// What the settings say against it.
    fn check(self, roles: &Roles, user: UserId) -> Result<(), Failure> {
        match self {
            Self::NoAdmin | Self::Banned if roles.admins.contains(&user) => {
                Err(Failure::AdminBySettings(user))
            }
            Self::NotBanned if roles.banned.contains(&user) => Err(Failure::BannedBySettings(user)),
            _ => Ok(()),
        }
    }

    fn give(self, user: &mut User) {
        match self {
            Self::Admin => user.is_admin = true,
            Self::NoAdmin => user.is_admin = false,
            Self::Banned => user.banned = true,
            Self::NotBanned => user.banned = false,
        }
    }
}

/// Gives `right` to `user`, who need not be known; answered with whether that changed anything.
pub(super) fn set(
    store: &Store,
    roles: &Roles,
    user: UserId,
    right: Right,
) -> Result<Value, Failure> {
    right.check(roles, user)?;
    let changed = store.write(move |tx| {
        let before = users::find(tx, user)?;
        let mut after = before.clone().unwrap_or_else(|| User::unknown(user));
        right.give(&mut after);
        users::save(tx, &after)?;
        Ok::<_, StoreError>(before.as_ref() != Some(&after))
    })?;
    Ok(json!(changed))
}

/// Keeps the one-time code with this hash; answered with the name of the bot to send it to.
pub(super) fn admin_code(
    store: &Store,
    context: &Context,
    now: Timestamp,
    hash: Hash,
) -> Result<Value, Failure> {
    store.write(move |tx| admin_code::keep(tx, hash, now + admin_code::LIFE))?;
    Ok(json!(context.bot.get()))
}

pub(super) fn list(store: &Store, roles: &Roles) -> Result<Value, Failure> {
    let named = roles.admins.iter().chain(&roles.banned);
    let mut people: BTreeMap<UserId, User> = named.map(|id| (*id, User::unknown(*id))).collect();
    let known = users::all(&store.snapshot()?)?;
    people.extend(known.into_iter().map(|user| (user.id, user)));
    Ok(people.values().map(|user| row(user, roles)).collect())
}

fn row(user: &User, roles: &Roles) -> Value {
    json!({
        "telegram_id": user.id,
        "is_admin": roles.is_admin(user),
        "name": user.name,
        "banned": roles.is_banned(user),
        "language": user.language,
        "reachable": user.reachable,
        "muted": user.muted,
    })
}
