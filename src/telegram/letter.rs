//! One row of the outbox as the sender understands it, and the ways to put one there.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::outgoing::Outgoing;
use crate::clock;
use crate::ids::{ChatId, UserId};
use crate::store::outbox::{self, Head, Lane, Place};
use crate::store::{StoreError, Tx};

/// A message nobody could be given for so long is of no use; Telegram keeps updates as long.
pub(super) const LIFE: Duration = Duration::from_secs(86_400);

/// A tap waits no longer for its answer.
const ANSWER_LIFE: Duration = Duration::from_secs(300);

/// Whoever types an inline query has typed on by then.
const INLINE_LIFE: Duration = Duration::from_secs(30);

/// The body of a row.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Letter {
    /// The call.
    #[serde(flatten)]
    pub(super) call: Outgoing,
    /// Set when the call is `getFile` and an app waits for the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) fetch: Option<Fetch>,
}

/// Who waits for a file, and how large it may be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Fetch {
    /// The person who sent it.
    pub user: UserId,
    /// The [`crate::apps::BotPart::prefix`] of the part that wants it.
    pub part: String,
    /// More bytes are not fetched.
    pub max_bytes: u64,
}

/// Puts `call` into the outbox as a reply, to be sent after the commit.
pub fn post(tx: &Tx, call: Outgoing) -> Result<(), StoreError> {
    post_in(tx, Lane::Replies, call)
}

/// Puts `call` into the outbox in `lane`; it is tried for a day.
pub fn post_in(tx: &Tx, lane: Lane, call: Outgoing) -> Result<(), StoreError> {
    let posted = clock::now();
    let life = match call.method.as_str() {
        "answerInlineQuery" => INLINE_LIFE,
        _ if is_answer(&call) => ANSWER_LIFE,
        _ => LIFE,
    };
    push(tx, lane, posted, posted + life, &Letter { call, fetch: None })
}

/// Puts `call` into the outbox in `lane`; after `expires` it is not sent any more.
pub fn post_until(
    tx: &Tx,
    lane: Lane,
    expires: Timestamp,
    call: Outgoing,
) -> Result<(), StoreError> {
    push(tx, lane, clock::now(), expires, &Letter { call, fetch: None })
}

/// Has the file `file_id` fetched for an app; it arrives at [`crate::apps::BotPart::fetched`].
pub fn fetch(tx: &Tx, chat: ChatId, file_id: &str, fetch: Fetch) -> Result<(), StoreError> {
    let params = json!({"file_id": file_id});
    let call = Outgoing { method: "getFile".to_owned(), params, chat: Some(chat) };
    let posted = clock::now();
    push(tx, Lane::Replies, posted, posted + LIFE, &Letter { call, fetch: Some(fetch) })
}

fn push(
    tx: &Tx,
    lane: Lane,
    posted: Timestamp,
    expires: Timestamp,
    letter: &Letter,
) -> Result<(), StoreError> {
    let head = Head { place: letter.place(), posted, expires };
    outbox::push(tx, lane, &head, &letter.body()?).map(drop)
}

impl Letter {
    /// The letter of a row; `None` if it was not written by [`post`] and its kin.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// The same for the supergroup a group became.
    pub(super) fn moved(body: &[u8], chat: ChatId) -> Vec<u8> {
        let moved = Self::read(body).and_then(|letter| {
            Self { call: letter.call.moved_to(chat), fetch: letter.fetch }.body().ok()
        });
        moved.unwrap_or_else(|| body.to_owned())
    }

    fn body(&self) -> Result<Vec<u8>, StoreError> {
        serde_json::to_vec(self).map_err(|error| StoreError::Row("outbox", error))
    }

    fn place(&self) -> Place {
        match self.call.chat {
            _ if self.fetch.is_some() => Place::Files,
            Some(chat) => Place::Chat(chat),
            None if is_answer(&self.call) => Place::Apart,
            None => Place::Bot,
        }
    }
}

/// Whether it answers a tap or an inline query, which do not wait long.
fn is_answer(call: &Outgoing) -> bool {
    call.chat.is_none() && call.method.starts_with("answer")
}
