//! Who may look at or operate a server: everybody it concerns, by id.

use std::collections::BTreeMap;

use super::fleet::{Kept, Right};
use crate::apps::{Context, Person};
use crate::ids::UserId;
use crate::store::{Read, StoreError, users};

/// Everybody who may look at `server`, with what they may do, ordered by id.
pub fn rights(
    read: &impl Read,
    context: &Context,
    server: &Kept,
) -> Result<BTreeMap<UserId, Right>, StoreError> {
    let settings = &server.settings;
    let mut rights: BTreeMap<UserId, Right> =
        settings.viewers.iter().map(|viewer| (*viewer, Right::Look)).collect();
    let admins = users::admins(read)?.into_iter().map(|user| user.id);
    let operators = settings.operators.iter().chain(&context.roles.admins).copied();
    rights.extend(operators.chain(admins).map(|operator| (operator, Right::Operate)));
    Ok(rights)
}

/// Who has at least `right` over `server` and can be written to: people who never opened a chat with
/// the bot, have blocked it or are banned are left out.
pub fn reachable(
    read: &impl Read,
    context: &Context,
    server: &Kept,
    right: Right,
) -> Result<Vec<Person>, StoreError> {
    let mut people = Vec::new();
    for (id, has) in rights(read, context, server)? {
        if has >= right {
            people.extend(context.person(read, id)?.filter(|person| person.reachable));
        }
    }
    Ok(people)
}

/// Who may operate `server` and can be written to, but not `except`.
pub fn operators(
    read: &impl Read,
    context: &Context,
    server: &Kept,
    except: UserId,
) -> Result<Vec<Person>, StoreError> {
    let mut people = reachable(read, context, server, Right::Operate)?;
    people.retain(|person| person.id != except);
    Ok(people)
}
