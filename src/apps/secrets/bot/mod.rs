//! The bot's side of secrets: made, read and burnt in private chats.
//!
//! Whatever carries a secret or what opens one is dealt with in [`BotPart::confided`], before any
//! other part could write it down; answers that carry one are [whispers](crate::telegram::whisper).

mod desk;
mod dialogue;
mod ended;
mod guide;
mod list;
mod make;
mod read;
mod tap;

use jiff::Timestamp;
use serde_json::Value;

use super::app::Secrets;
use super::sight;
use super::store::{self, Burner};
use super::told::{self, Fate};
use super::{shown, token::Ticket};
use crate::apps::{BotPart, Command, Failure, Heard, Press, Talk, is_private};
use crate::i18n::fill;
use crate::store::{StoreError, Tx};
use crate::telegram::whisper::Whispered;
use desk::Desk;
use tap::{PREFIX, Tap};

const COMMANDS: &[Command] = &[
    Command { name: "new", for_admins: false, about: |s| s.secrets.about_new },
    Command { name: "secrets", for_admins: false, about: |s| s.secrets.about_secrets },
];

/// Makes the tables of the bot's side exist.
pub(super) fn prepare(tx: &Tx) -> Result<(), StoreError> {
    dialogue::prepare(tx)?;
    shown::prepare(tx)
}

/// Whether an update carries a secret: by what is in it, by what its writer was asked, or because it
/// repeats a message that is one.
pub(super) fn is_confidential(tx: &Tx, update: &Value, now: Timestamp) -> Result<bool, StoreError> {
    let pressed = update["callback_query"]["data"].as_str();
    if sight::shows(update) || pressed.is_some_and(|data| data.starts_with(PREFIX)) {
        return Ok(true);
    }
    for place in sight::places(update) {
        if shown::is_confidential(tx, place)? {
            return Ok(true);
        }
    }
    for writer in sight::writers(update) {
        let dialogue = dialogue::current(tx, writer, now)?;
        if dialogue.is_some_and(|dialogue| dialogue.topic.is_confidential()) {
            return Ok(true);
        }
    }
    Ok(false)
}

impl BotPart for Secrets {
    fn commands(&self) -> &'static [Command] {
        COMMANDS
    }

    fn command(&self, tx: &Tx, talk: &Talk, command: &str, _: &str) -> Result<(), Failure> {
        let desk = Desk::new(self, tx, talk);
        match command {
            "new" if !talk.is_private => Ok(desk.only_private(None)?),
            "new" => desk.ask_from_the_start(),
            _ if !is_private(tx, talk)? => Ok(()),
            _ => Ok(desk.show_list()?),
        }
    }

    fn button(&self, tx: &Tx, talk: &Talk, press: &Press) -> Result<(), Failure> {
        let desk = Desk::new(self, tx, talk);
        let Some(tap) = Tap::parse(&press.data).filter(|_| talk.is_private) else {
            return Ok(desk.toast(press, desk.said.question_over)?);
        };
        match tap {
            Tap::Burn(under, id) => Ok(desk.ask_to_burn(press, under, id)?),
            Tap::Sure(under, id) => Ok(desk.burn(press, under, id)?),
            Tap::Keep(under, id) => Ok(desk.keep(press, under, id)?),
            Tap::Delete => Ok(desk.delete_shown(press)?),
            Tap::Ttl { number, seconds } => desk.choose_ttl(press, number, seconds),
            Tap::NoPassphrase { number } => desk.choose_no_passphrase(press, number),
            Tap::Anybody { number } => desk.choose_anybody(press, number),
            Tap::Stop { number } => Ok(desk.stop(press, number)?),
        }
    }

    fn prefix(&self) -> &'static str {
        PREFIX
    }

    fn confided(&self, tx: &Tx, talk: &Talk, heard: &Heard<'_>) -> Result<bool, Failure> {
        Desk::new(self, tx, talk).hear(heard)
    }

    /// A token that others have seen opens nothing any more. Whether it was one is not said there.
    fn overheard(&self, tx: &Tx, words: &str, at: Timestamp) -> Result<(), StoreError> {
        let Some(Ticket { id, token }) = sight::ticket(words) else { return Ok(()) };
        match store::burn(tx, id, &Burner::Holder(token), at)? {
            Some(gone) => told::author(tx, &self.context, &gone, Fate::SeenInGroup),
            None => Ok(()),
        }
    }

    fn whispered(&self, tx: &Tx, whispered: &Whispered) -> Result<(), StoreError> {
        ended::note(self, tx, whispered)
    }

    fn status(&self, tx: &Tx, talk: &Talk) -> Result<Option<String>, StoreError> {
        let said = &talk.asked.by.language.sentences().secrets;
        Ok(Some(fill(said.status, &[("count", &store::count(tx)?.to_string())])))
    }
}
