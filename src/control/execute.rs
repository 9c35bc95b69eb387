//! Carries requests out on the store, in the server and without one alike.

use jiff::Timestamp;
use serde_json::Value;

use super::{Failure, Request, events, people, programs, relay, secrets, servers};
use crate::apps::Apps;
use crate::store::Store;

/// Carries out `request` at `now`, with the rights of an admin: whoever may use the socket or the
/// file may do everything.
pub fn execute(
    store: &Store,
    apps: &Apps,
    now: Timestamp,
    request: Request,
) -> Result<Value, Failure> {
    let context = apps.context();
    match request {
        Request::AddEvent { form } => events::add(store, context, now, form),
        Request::EditEvent { id, form } => events::edit(store, context, now, id, form),
        Request::CancelEvent { id, reason, date } => {
            events::cancel(store, now, id, &reason, date.as_deref())
        }
        Request::DeleteEvent { id } => events::delete(store, now, id),
        Request::ListEvents => events::list(store, context, now),
        Request::Attendees { id } => events::attendees(store, now, id),
        Request::ListUsers => people::list(store, &context.roles),
        Request::SetRight { user, right } => people::set(store, &context.roles, user, right),
        Request::AdminCode { hash } => people::admin_code(store, context, now, hash),
        Request::Servers => servers::list(store, context),
        Request::ServersAudit { limit } => servers::audit(store, limit),
        Request::ServersDone { done } => servers::done(store, context, now, done),
        Request::AddKey { name, scopes, hash } => {
            programs::add_key(store, now, &name, &scopes, hash)
        }
        Request::ListKeys => programs::list_keys(store),
        Request::RemoveKey { name } => programs::remove_key(store, name),
        Request::AddAppConfig { text } => programs::add_config(store, now, &text.0),
        Request::ListAppConfigs => programs::list_configs(store),
        Request::ActivateAppConfig { id } => programs::activate_config(store, id),
        Request::RemoveAppConfig { id } => programs::remove_config(store, id),
        Request::NewSecret { text, ttl, recipient, passphrase } => {
            let wish = secrets::Wish { ttl, recipient, passphrase };
            secrets::make(store, context, now, text, wish)
        }
        Request::ReadSecret { ticket, passphrase } => {
            secrets::read(store, apps, now, &ticket, passphrase)
        }
        Request::ListSecrets => secrets::list(store, now),
        Request::BurnSecret { id } => secrets::burn(store, apps, now, id),
        Request::RelayStatus { sinks } => relay::status(store, apps, now, &sinks),
        Request::RelayDead { sink } => relay::dead(store, apps, &sink),
        Request::RelayReplay { sink, from } => relay::replay(store, apps, now, sink, from),
        Request::RelaySkip { sink } => relay::skip(store, apps, sink),
        Request::Health | Request::Backup | Request::RelayTail => Err(Failure::NoServer),
    }
}
