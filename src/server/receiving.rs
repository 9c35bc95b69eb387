//! How updates arrive: the settings of polling or of the webhook, put into the parts that do it.

use std::io;
use std::sync::Arc;

use jiff::SignedDuration;

use super::StartError;
use super::site::Status;
use crate::apps::Apps;
use crate::hidden::Hidden;
use crate::net::tls::Tls;
use crate::settings::{Mode, Settings};
use crate::store::Store;
use crate::store::log::{self, Keep};
use crate::telegram::Client;
use crate::telegram::contact::Contact;
use crate::telegram::endpoint::Delivery;
use crate::telegram::intake::{HANDLED, Intake};
use crate::telegram::outgoing::Pending;
use crate::telegram::poll::{self, Poll};
use crate::telegram::webhook::{self, AtEnd, Webhook};

/// Kinds that Telegram gives only to those who name them (Bot API `getUpdates`).
const UNUSUAL: [&str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];

/// The others, for when one of those is asked for as well: an empty list leaves them out.
const USUAL: [&str; 24] = [
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "guest_message",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
    "managed_bot",
    "subscription",
    "stopped_message_generation",
];

/// What is made before the port is open.
pub(super) struct Parts {
    pub(super) intake: Intake,
    pub(super) delivery: Option<Delivery>,
    pub(super) way: Way,
}

/// What is started when the port is open.
pub(super) enum Way {
    Polling(poll::Plan),
    Webhook(webhook::Plan),
}

/// The thread that keeps updates coming.
#[expect(dead_code, reason = "owned for its drop")]
pub(super) enum Receiving {
    Polling(Poll),
    Webhook(Webhook),
}

impl Parts {
    pub(super) fn new(
        settings: &Settings,
        token: &Hidden<String>,
        store: &Store,
        apps: &Arc<Apps>,
        contact: &Arc<Contact>,
        tls: Option<&Arc<Tls>>,
    ) -> Result<Self, StartError> {
        let intake = Intake::new(store.clone(), Arc::clone(apps), keep(settings));
        let kinds = kinds(settings, store)?;
        let asked = &settings.updates;
        let pending = if asked.drop_pending { Pending::Dropped } else { Pending::Kept };
        // The settings are refused if the webhook has no `public-url`.
        let (Mode::Webhook, Some(base)) = (asked.mode, &settings.public_url) else {
            let timeout = asked.polling_timeout;
            let way = Way::Polling(poll::Plan { timeout, kinds, pending });
            return Ok(Self { intake, delivery: None, way });
        };
        let (subnets, contact) = (asked.subnets.clone(), Arc::clone(contact));
        let delivery = Delivery::new(&asked.endpoint, token, subnets, intake.clone(), contact)
            .map_err(|error| StartError::Chance(io::Error::other(error)))?;
        let way = Way::Webhook(webhook::Plan {
            url: delivery.url(base),
            secret: delivery.secret().clone(),
            tls: tls.cloned(),
            max_connections: asked.max_connections,
            kinds,
            pending,
            at_end: if asked.delete_on_exit { AtEnd::Deleted } else { AtEnd::Left },
        });
        Ok(Self { intake, delivery: Some(delivery), way })
    }
}

impl Receiving {
    pub(super) fn start(
        client: Client,
        intake: Intake,
        apps: &Arc<Apps>,
        contact: Arc<Contact>,
        way: Way,
    ) -> io::Result<Self> {
        let apps = Arc::clone(apps);
        match way {
            Way::Polling(plan) => {
                Poll::start(client, intake, apps, contact, plan).map(Self::Polling)
            }
            Way::Webhook(plan) => Webhook::start(client, apps, contact, plan).map(Self::Webhook),
        }
    }
}

pub(super) fn status(settings: &Settings) -> Status {
    if settings.updates.status_endpoint { Status::Answered } else { Status::Off }
}

pub(super) fn keep(settings: &Settings) -> Keep {
    let age = SignedDuration::try_from(settings.keep.age).unwrap_or(SignedDuration::MAX);
    Keep { age, bytes: settings.keep.size }
}

/// What of [`UNUSUAL`] a sink asks for.
fn special(settings: &Settings) -> Vec<&'static str> {
    let asked: Vec<&String> = settings.sinks.iter().flat_map(|sink| &sink.filter.kinds).collect();
    let asks = |kind: &&str| asked.iter().any(|asked| asked == kind);
    UNUSUAL.into_iter().filter(asks).collect()
}

/// The kinds to ask for: those the settings name, else those the apps handle; further readers of the
/// log may want all (an empty list: Telegram's usual ones).
fn kinds(settings: &Settings, store: &Store) -> Result<Vec<String>, StartError> {
    let named = &settings.updates.allowed;
    if named.is_empty() {
        let read = store.snapshot().map_err(StartError::Store)?;
        let all = log::has_readers(&read).map_err(StartError::Store)?;
        return Ok(match (all, special(settings)) {
            (false, _) => HANDLED.map(str::to_owned).to_vec(),
            (true, special) if special.is_empty() => Vec::new(),
            (true, special) => USUAL.iter().copied().chain(special).map(str::to_owned).collect(),
        });
    }
    if let Some(missing) = HANDLED.iter().find(|kind| !named.iter().any(|name| name == *kind)) {
        ::log::warn!("`updates.allowed-updates` leaves out `{missing}`, which the bot handles");
    }
    Ok(named.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use frankenstein::types::AllowedUpdate;

    #[test]
    fn every_kind_is_one_of_the_bot_api() {
        for kind in USUAL.iter().chain(&UNUSUAL) {
            let known = serde_json::from_value::<AllowedUpdate>(serde_json::json!(kind));
            assert!(known.is_ok(), "{kind}");
        }
    }
}
