//! What is done in private chats only: lists of people, personal lists, questions and answers.

use super::Talk;
use crate::store::{StoreError, Tx};
use crate::telegram::outgoing::{Button, Keyboard, Outgoing};
use crate::telegram::{html, sender};

/// Whether the chat is private; if not, the person is told where to go on.
pub fn is_private(tx: &Tx, talk: &Talk) -> Result<bool, StoreError> {
    if talk.is_private {
        return Ok(true);
    }
    let house = &talk.asked.by.language.sentences().house;
    let message = Outgoing::message(talk.chat, &html::escape(house.in_private));
    let url = format!("https://t.me/{}", talk.bot);
    let link = (!talk.bot.is_empty()).then(|| Button::url(house.open_private, &url));
    sender::post(tx, message.with_buttons(&Keyboard::new().row(link)))?;
    Ok(false)
}
