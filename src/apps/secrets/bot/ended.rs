//! How what was whispered ended: what opens a secret was told or not, a text was shown or not.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::apps::secrets::app::Secrets;
use crate::apps::secrets::shown;
use crate::apps::secrets::store::{self, Author, Burner, Gone};
use crate::apps::secrets::token::SecretId;
use crate::apps::secrets::told::{self, Fate};
use crate::ids::UserId;
use crate::store::{StoreError, Tx, forget_update};
use crate::telegram::outgoing::Outgoing;
use crate::telegram::sender;
use crate::telegram::whisper::{End, Whispered};

/// What is written down of a whisper: nothing that opens anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Note {
    /// What opens a new secret was told.
    Made {
        /// Which.
        id: SecretId,
        /// The sender's message with the text.
        message: i64,
    },
    /// A text was shown, or a part of it.
    Opened {
        /// Of which secret.
        id: SecretId,
        /// Who made it.
        by: Author,
        /// When, in seconds.
        created: i64,
        /// The reader's message with what opened it.
        message: i64,
        /// Whether no part follows.
        is_last: bool,
    },
}

/// Does what follows from the end of a whisper.
pub(super) fn note(app: &Secrets, tx: &Tx, whispered: &Whispered) -> Result<(), StoreError> {
    match serde_json::from_value(whispered.note.clone()) {
        Ok(Note::Made { id, message }) => made(app, tx, whispered, id, message),
        Ok(Note::Opened { id, by, created, message, is_last }) => {
            let created = Timestamp::from_second(created).unwrap_or_default();
            let gone =
                Gone { id, by, created, expires: created, recipient: None, has_passphrase: false };
            opened(app, tx, whispered, &gone, message, is_last)
        }
        Err(error) => {
            // Written by another version; what became of it cannot be told.
            log::warn!("what was whispered cannot be read: {error}");
            Ok(())
        }
    }
}

/// A secret whose sender was not told what opens it can be opened by nobody: it is burnt. If
/// Telegram delivers the message once more, it makes a new one.
fn made(
    app: &Secrets,
    tx: &Tx,
    whispered: &Whispered,
    id: SecretId,
    message: i64,
) -> Result<(), StoreError> {
    match whispered.end {
        End::Delivered(_) => sender::post(tx, Outgoing::delete(whispered.chat, message)),
        // It may be in the chat: its sender sees it, or burns it from the list.
        End::Missed => Ok(()),
        End::Unreachable => store::burn(tx, id, &Burner::Operator, whispered.at).map(drop),
        End::Refused | End::Lost => {
            store::burn(tx, id, &Burner::Operator, whispered.at)?;
            match whispered.update.filter(|_| whispered.end == End::Lost) {
                Some(update) => forget_update(tx, update),
                None => told::person(tx, &app.context, user(whispered), |_, said| {
                    said.sender_interrupted.to_owned()
                }),
            }
        }
    }
}

fn opened(
    app: &Secrets,
    tx: &Tx,
    whispered: &Whispered,
    gone: &Gone,
    message: i64,
    is_last: bool,
) -> Result<(), StoreError> {
    let fate = match whispered.end {
        End::Delivered(shown) => {
            let (place, at) = ((whispered.chat.0, shown), whispered.at);
            shown::remember(tx, place, at)?;
            shown::delete_after(tx, place, app.context.secrets.reveal_timer, at)?;
            if !is_last {
                return Ok(());
            }
            sender::post(tx, Outgoing::delete(whispered.chat, message))?;
            Fate::Opened(at)
        }
        End::Refused | End::Unreachable => Fate::Undelivered,
        End::Missed | End::Lost => {
            told::person(tx, &app.context, user(whispered), |_, said| {
                said.reader_interrupted.to_owned()
            })?;
            Fate::PerhapsUndelivered
        }
    };
    told::author(tx, &app.context, gone, fate)
}

/// Whispers go to private chats, which have the ids of their users.
fn user(whispered: &Whispered) -> UserId {
    UserId(whispered.chat.0)
}
