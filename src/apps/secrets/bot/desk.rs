//! Where one message or press about secrets is dealt with.

use std::sync::Arc;

use super::dialogue::{self, Dialogue, Topic};
use super::tap::Tap;
use crate::apps::secrets::app::Secrets;
use crate::apps::secrets::sight;
use crate::apps::secrets::token::{SecretId, Ticket, Token};
use crate::apps::{Failure, Heard, Press, Refused, Talk, is_private};
use crate::i18n::{Language, Secrets as Sentences};
use crate::ids::UserId;
use crate::store::{StoreError, Tx};
use crate::telegram::command::Command;
use crate::telegram::outgoing::{Button, CallbackData, Keyboard, Outgoing};
use crate::telegram::{html, sender};

/// One act of one person, with all it takes to answer.
pub(super) struct Desk<'a, 'tx> {
    pub app: &'a Secrets,
    pub tx: &'a Tx<'tx>,
    pub talk: &'a Talk,
    pub said: &'static Sentences,
}

impl<'a, 'tx> Desk<'a, 'tx> {
    pub fn new(app: &'a Secrets, tx: &'a Tx<'tx>, talk: &'a Talk) -> Self {
        Self { app, tx, talk, said: &talk.asked.by.language.sentences().secrets }
    }

    /// Who acts.
    pub fn user(&self) -> UserId {
        self.talk.asked.by.id
    }

    /// The language they speak.
    pub fn language(&self) -> Language {
        self.talk.asked.by.language
    }

    /// A message, whatever it is; whether it was for us.
    pub fn hear(&self, heard: &Heard<'_>) -> Result<bool, Failure> {
        let command = Command::parse(heard.words, &self.talk.bot);
        if !self.talk.is_private {
            return Ok(self.hear_in_group(heard, command.as_ref())?);
        }
        let dialogue = dialogue::current(self.tx, dialogue::owner(self.talk), self.talk.asked.at)?;
        if let Some(command) = &command {
            return self.hear_command(heard, command, dialogue);
        }
        if let Some(dialogue) = &dialogue
            && dialogue.topic.is_confidential()
            // Whoever brings something else to read has no passphrase for the first.
            && (dialogue.topic != Topic::Reading || sight::ticket(heard.words).is_none())
        {
            self.answer(dialogue, heard)?;
            return Ok(true);
        }
        if let Some(text) = sight::new_secret(heard.words) {
            // A photo would be lost.
            if !heard.is_text {
                return refused(self.said.only_words);
            }
            self.make(text, heard.message)?;
            return Ok(true);
        }
        if self.hear_ticket(heard)? {
            return Ok(true);
        }
        if let Some(dialogue) = &dialogue {
            self.answer(dialogue, heard)?;
            return Ok(true);
        }
        Ok(false)
    }

    fn hear_command(
        &self,
        heard: &Heard<'_>,
        command: &Command<'_>,
        dialogue: Option<Dialogue>,
    ) -> Result<bool, Failure> {
        let has_words = !command.args.trim().is_empty();
        match (command.name.as_str(), dialogue) {
            // A command stands alone; with words behind it, it may be a secret that begins like one.
            (_, Some(dialogue)) if dialogue.topic.is_confidential() && has_words => {
                self.answer(&dialogue, heard)?;
                Ok(true)
            }
            ("new", _) if !heard.is_text => refused(self.said.only_words),
            ("new", _) if has_words => {
                self.make(command.args, heard.message)?;
                Ok(true)
            }
            ("start", _) => self.hear_ticket(heard),
            ("cancel", Some(dialogue)) => {
                self.end(&dialogue)?;
                self.say(self.said.stopped)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Reads what somebody brings; what merely looks like it takes the same way.
    fn hear_ticket(&self, heard: &Heard<'_>) -> Result<bool, Failure> {
        let ticket = sight::ticket(heard.words).or_else(|| {
            let is_meant = sight::looks_like_ticket(heard.words);
            is_meant.then(|| Ticket { id: guessed(heard.words), token: Token::of([0; 32]) })
        });
        let Some(ticket) = ticket else { return Ok(false) };
        self.read_with(ticket, Some(heard.message), None)?;
        Ok(true)
    }

    /// Where others read along, nothing is made or read, and the message goes if Telegram lets it.
    fn hear_in_group(
        &self,
        heard: &Heard<'_>,
        command: Option<&Command<'_>>,
    ) -> Result<bool, StoreError> {
        let is_new = sight::new_secret(heard.words).is_some()
            || command.is_some_and(|c| c.name == "new" && !c.args.trim().is_empty());
        let is_ticket =
            sight::ticket(heard.words).is_some() || sight::looks_like_ticket(heard.words);
        if is_new || is_ticket {
            self.only_private(Some(heard.message))?;
        }
        Ok(is_new || is_ticket)
    }

    /// Says why nothing happens here, and how to go on.
    pub fn only_private(&self, message: Option<i64>) -> Result<(), StoreError> {
        if let Some(message) = message {
            sender::post(self.tx, Outgoing::delete(self.talk.chat, message))?;
        }
        self.say(self.said.only_private)?;
        is_private(self.tx, self.talk).map(drop)
    }

    /// Ends a dialogue, with what the vault has of it.
    pub fn end(&self, dialogue: &Dialogue) -> Result<(), StoreError> {
        dialogue::end(self.tx, self.talk)?;
        let (vault, owner) = (Arc::clone(&self.app.vault), dialogue::owner(self.talk));
        let number = dialogue.number;
        self.tx.after(move || vault.forget(owner, number));
        Ok(())
    }

    /// Sends a sentence of ours, plain text.
    pub fn say(&self, sentence: &str) -> Result<(), StoreError> {
        sender::post(self.tx, Outgoing::message(self.talk.chat, &html::escape(sentence)))
    }

    /// The same with buttons.
    pub fn ask(&self, sentence: &str, keyboard: &Keyboard) -> Result<(), StoreError> {
        let call = Outgoing::message(self.talk.chat, &html::escape(sentence));
        sender::post(self.tx, call.with_buttons(keyboard))
    }

    /// Answers a press without words.
    pub fn nod(&self, press: &Press) -> Result<(), StoreError> {
        sender::post(self.tx, Outgoing::answer_tap(&press.query))
    }

    /// Answers a press with a line that fades.
    pub fn toast(&self, press: &Press, sentence: &str) -> Result<(), StoreError> {
        sender::post(self.tx, Outgoing::toast(&press.query, sentence))
    }

    /// Puts a sentence in place of the message whose button was pressed.
    pub fn replace(
        &self,
        press: &Press,
        sentence: &str,
        keyboard: &Keyboard,
    ) -> Result<(), StoreError> {
        let Some(message) = press.message else { return Ok(()) };
        let call = Outgoing::edit_text(self.talk.chat, message, &html::escape(sentence));
        sender::post(self.tx, call.with_buttons(keyboard))
    }

    /// Deletes a message of the chat.
    pub fn delete(&self, message: i64) -> Result<(), StoreError> {
        sender::post(self.tx, Outgoing::delete(self.talk.chat, message))
    }
}

/// A "no" in words for the person.
pub(super) fn refused<T>(sentence: impl Into<String>) -> Result<T, Failure> {
    Err(Refused::new("refused", sentence).into())
}

/// The number in front of what looks like a ticket; 0, which no secret has, if it is none.
fn guessed(words: &str) -> SecretId {
    let id = words.trim().split(':').next().and_then(SecretId::parse);
    id.unwrap_or(SecretId(0))
}

/// A button that does `tap`.
pub(super) fn button(label: &str, tap: Tap) -> Option<Button> {
    CallbackData::new(tap.to_string()).map(|data| Button::callback(label, data))
}
