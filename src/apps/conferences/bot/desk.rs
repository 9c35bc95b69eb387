//! Where one command or press about servers is dealt with, and how its screens are sent.

use crate::apps::conferences::app::Conferences;
use crate::apps::conferences::fleet::{Kept, Right, ServerId};
use crate::apps::conferences::words;
use crate::apps::{Failure, Press, Refused, Talk};
use crate::i18n::{Language, Servers};
use crate::ids::ChatId;
use crate::store::{StoreError, Tx};
use crate::telegram::outgoing::{Button, CallbackData, Keyboard, Outgoing};
use crate::telegram::{html, sender};

use super::tap::Tap;

/// One act of one person, with all it takes to answer.
pub(super) struct Desk<'a, 'tx> {
    pub app: &'a Conferences,
    pub tx: &'a Tx<'tx>,
    pub talk: &'a Talk,
    pub language: Language,
}

/// A message with its buttons, new or in place of another.
pub(super) struct Screen {
    pub text: String,
    pub keyboard: Keyboard,
}

/// A message of ours that is changed later.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub chat: ChatId,
    /// None if Telegram does not give the message any more.
    pub message: Option<i64>,
}

impl Spot {
    /// Puts `screen` in the place of the message, or below where that is too old.
    pub fn show(self, tx: &Tx, screen: &Screen) -> Result<(), StoreError> {
        let call = match self.message {
            Some(message) => Outgoing::edit_text(self.chat, message, &screen.text),
            None => Outgoing::message(self.chat, &screen.text),
        };
        sender::post(tx, call.without_preview().with_buttons(&screen.keyboard))
    }
}

impl<'a, 'tx> Desk<'a, 'tx> {
    pub fn new(app: &'a Conferences, tx: &'a Tx<'tx>, talk: &'a Talk) -> Self {
        Self { app, tx, talk, language: talk.asked.by.language }
    }

    /// What is said about servers in the person's language.
    pub fn says(&self) -> &'static Servers {
        words::servers(self.language)
    }

    /// Sends a new message.
    pub fn send(&self, screen: &Screen) -> Result<(), StoreError> {
        let call = Outgoing::message(self.talk.chat, &screen.text).without_preview();
        let has_buttons = !screen.keyboard.is_empty();
        let call = if has_buttons { call.with_buttons(&screen.keyboard) } else { call };
        sender::post(self.tx, call)
    }

    /// The message with the button that was pressed.
    pub fn spot(&self, press: &Press) -> Spot {
        Spot { chat: self.talk.chat, message: press.message }
    }

    /// Puts `screen` in the place of the message with the button.
    pub fn replace(&self, press: &Press, screen: &Screen) -> Result<(), StoreError> {
        self.spot(press).show(self.tx, screen)
    }

    /// Answers a press without words.
    pub fn nod(&self, press: &Press) -> Result<(), StoreError> {
        sender::post(self.tx, Outgoing::answer_tap(&press.query))
    }

    /// Answers a press with a line that fades.
    pub fn toast(&self, press: &Press, sentence: &str) -> Result<(), StoreError> {
        sender::post(self.tx, Outgoing::toast(&press.query, sentence))
    }

    /// Answers a press with a box to be closed.
    pub fn alert(&self, press: &Press, sentence: &str) -> Result<(), StoreError> {
        sender::post(self.tx, Outgoing::alert(&press.query, sentence))
    }

    /// The server with this id, if the person may do `right` with it. One that is not theirs to see
    /// is as unknown as one that is not there.
    pub fn server(&self, id: ServerId, right: Right) -> Result<&'a Kept, Failure> {
        let known = self.app.fleet.find(id);
        let theirs = known.and_then(|kept| Some((kept, kept.right(&self.talk.asked.by)?)));
        match theirs {
            None => Err(Refused::new("no-such-server", self.says().open_again).into()),
            Some((_, has)) if has < right => {
                Err(Refused::new("not-operator", self.says().operators_only).into())
            }
            Some((kept, _)) => Ok(kept),
        }
    }
}

/// A button that sends `tap` back.
pub(super) fn button(label: &str, tap: Tap) -> Option<Button> {
    CallbackData::new(tap.to_string()).map(|data| Button::callback(&html::tame(label), data))
}

/// Rows of one button each.
pub(super) fn column(buttons: impl IntoIterator<Item = Option<Button>>) -> Keyboard {
    buttons.into_iter().fold(Keyboard::new(), Keyboard::row)
}
