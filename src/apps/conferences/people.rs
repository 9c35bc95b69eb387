//! Who is told something of a server: admins, its operators, its viewers, each in their language.

use std::collections::BTreeSet;

use super::app::Conferences;
use super::fleet::{Kept, Right};
use crate::apps::{Person, language_of};
use crate::ids::UserId;
use crate::store::{Read, StoreError, users};

impl Conferences {
    /// Everybody with at least `right` over `kept` whom the bot can write to: people who never opened
    /// a chat with it, have blocked it or are banned are left out.
    pub(super) fn people(
        &self,
        read: &impl Read,
        kept: &Kept,
        right: Right,
    ) -> Result<Vec<Person>, StoreError> {
        let roles = &self.context.roles;
        let named: BTreeSet<UserId> =
            kept.settings.operators.iter().chain(&kept.settings.viewers).copied().collect();
        // Who was made an admin at run time stands in no list but that of everybody.
        let known = users::all(read)?.into_iter();
        let theirs = known
            .filter(|user| user.reachable && (roles.is_admin(user) || named.contains(&user.id)));
        let people = theirs.filter(|user| !roles.is_banned(user)).map(|user| Person {
            id: user.id,
            language: language_of(user.language.as_deref(), self.context.language),
            is_admin: roles.is_admin(&user),
            reachable: true,
            name: user.name,
        });
        Ok(people.filter(|person| kept.right(person) >= Some(right)).collect())
    }
}
