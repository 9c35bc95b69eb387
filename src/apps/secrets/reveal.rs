//! Reading over HTTP, whoever asks: claim, commit, then answer.
//!
//! The text leaves the database in the commit before the first byte of the answer, so a reader who
//! goes away in between has had their one chance: at most once. Neither the API nor the page can
//! tell who reads, so what is meant for one person opens in the bot only, and here is closed like
//! anything else.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::rest::too_many;
use super::store::{Claim, Claimed, Door, Given, No};
use super::token::{SecretText, Ticket};
use super::tries::{self, Who};
use super::{Secrets, told};
use crate::net::Answer;
use crate::store::{Store, StoreError};

/// Held during the slow part of a passphrase: it takes 19 MiB, and a hundred at once would be more
/// than a small machine has. Nothing else is done under it.
static SLOW_PART: Mutex<()> = Mutex::new(());

/// Somebody wants to read.
pub(super) struct Ask {
    pub(super) ticket: Ticket,
    pub(super) who: Vec<Who>,
    pub(super) door: Door,
    pub(super) passphrase: Option<SecretText>,
}

/// Opens the message and answers with its text, or with a "no" that is always the same.
pub(super) fn answer(
    secrets: &Secrets,
    store: &Store,
    ask: Ask,
    now: Timestamp,
) -> Result<Answer, StoreError> {
    let claim = if ask.passphrase.is_some() {
        // What is asked meanwhile waits here and sees what became of those before.
        alone(|| claim(store, ask, now))?
    } else {
        claim(store, ask, now)?
    };
    let claimed = match claim {
        Ok(claim) => {
            let context = Arc::clone(&secrets.context);
            store.write(move |tx| told::claim(tx, &context, &claim))?
        }
        Err(wait) => Claimed::No(No::TooMany(wait)),
    };
    Ok(match claimed {
        Claimed::Opened(opened) => Answer::json(200, &json!({"text": opened.text.reveal()})),
        Claimed::No(No::Closed) | Claimed::Burnt(_) => Answer::not_found(),
        // Only who has the token gets here, so it tells nobody which numbers are taken.
        Claimed::No(No::Passphrase) => Answer::json(
            404,
            &json!({"detail": "this message needs its passphrase", "needs": "passphrase"}),
        ),
        Claimed::No(No::TooMany(wait)) => too_many("too many wrong tries", wait),
    })
}

/// The claim with the slow part done, or how long nobody of them may try: that costs no commit.
fn claim(store: &Store, ask: Ask, now: Timestamp) -> Result<Result<Claim, Duration>, StoreError> {
    let read = store.snapshot()?;
    let Ask { ticket, who, door, passphrase } = ask;
    if let Some(wait) = tries::wait(&read, ticket.id, &who, now)? {
        return Ok(Err(wait));
    }
    let passphrase = passphrase.map(Given::Typed);
    let claim = Claim { ticket, by: None, who, door, passphrase, at: now };
    claim.stretched(&read).map(Ok)
}

/// Does the slow part of a passphrase, one at a time.
pub(super) fn alone<T>(slow: impl FnOnce() -> T) -> T {
    let turn = SLOW_PART.lock().unwrap_or_else(PoisonError::into_inner);
    let done = slow();
    drop(turn);
    done
}
