//! Who somebody is to the apps: their name, language and rights at this moment.

use std::collections::BTreeSet;

use crate::i18n::Language;
use crate::ids::UserId;
use crate::store::users::User;

/// A person who may use the apps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Telegram's id.
    pub id: UserId,
    /// First and last name.
    pub name: String,
    /// The language to speak.
    pub language: Language,
    /// By the settings or made one at run time.
    pub is_admin: bool,
    /// The bot may write to this person.
    pub reachable: bool,
}

/// Rights that the settings give, whatever the store says.
#[derive(Clone, Debug, Default)]
pub struct Roles {
    /// Always admins.
    pub admins: BTreeSet<UserId>,
    /// Never let in.
    pub banned: BTreeSet<UserId>,
}

impl Person {
    /// Somebody the settings name, of whom nothing else is known yet.
    pub fn named(id: UserId, roles: &Roles, language: Language) -> Self {
        let is_admin = roles.admins.contains(&id);
        Self { id, name: String::new(), language, is_admin, reachable: false }
    }
}

impl Roles {
    /// Whether `user` is an admin.
    pub fn is_admin(&self, user: &User) -> bool {
        user.is_admin || self.admins.contains(&user.id)
    }

    /// Whether `user` is kept out.
    pub fn is_banned(&self, user: &User) -> bool {
        user.banned || self.banned.contains(&user.id)
    }
}
