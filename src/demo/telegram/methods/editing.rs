//! `editMessageText`, `editMessageReplyMarkup`, `deleteMessage`: the bot's own messages change.

use serde_json::{Value, json};

use super::chat_id;
use crate::demo::telegram::denial::Denial;
use crate::demo::telegram::params::Params;
use crate::demo::telegram::state::State;
use crate::demo::telegram::{buttons, markup};

const NOT_MODIFIED: &str = "message is not modified: specified new message content and reply markup \
                            are exactly the same as a current content and reply markup of the message";

/// Messages older than this cannot be deleted, in seconds.
const DELETE_MAX: i64 = 48 * 3600;

/// `editMessageText`: buttons that are not named again go.
pub(super) fn text(state: &mut State, params: &Params) -> Result<Value, Denial> {
    let marked = markup::text(params)?;
    edit(state, params, |message| {
        if message.get("text").is_none() {
            return Err(Denial::bad("there is no text in the message to edit"));
        }
        message["text"] = marked.text.into();
        set(message, "entities", (!marked.entities.is_empty()).then(|| marked.entities.into()));
        Ok(())
    })
}

/// `editMessageReplyMarkup`.
pub(super) fn markup(state: &mut State, params: &Params) -> Result<Value, Denial> {
    edit(state, params, |_| Ok(()))
}

/// `deleteMessage`: the bot's own anywhere, people's in private chats.
pub(super) fn delete(state: &mut State, params: &Params) -> Result<Value, Denial> {
    let now = state.now().as_second();
    let chat = state.chat(chat_id(params)?)?;
    let id = params.int("message_id").unwrap_or_default();
    let message = chat.messages.get(&id);
    let message = message.ok_or_else(|| Denial::bad("message to delete not found"))?;
    if now - message["date"].as_i64().unwrap_or(0) > DELETE_MAX {
        return Err(Denial::bad("message can't be deleted for everyone"));
    }
    chat.messages.remove(&id);
    Ok(true.into())
}

fn edit(
    state: &mut State,
    params: &Params,
    change: impl FnOnce(&mut Value) -> Result<(), Denial>,
) -> Result<Value, Denial> {
    if params.text("inline_message_id").is_some() {
        return Ok(true.into());
    }
    let (bot, now) = (json!(state.bot_id), state.now().as_second());
    let chat = state.writable(chat_id(params)?)?;
    let keyboard = buttons::check(params.json("reply_markup")?, chat.kind)?;
    let id = params.int("message_id").unwrap_or_default();
    let message = chat.messages.get_mut(&id);
    let message = message.ok_or_else(|| Denial::bad("message to edit not found"))?;
    if message["from"]["id"] != bot {
        return Err(Denial::bad("message can't be edited"));
    }
    let mut edited = message.clone();
    change(&mut edited)?;
    set(&mut edited, "reply_markup", keyboard);
    if edited == *message {
        return Err(Denial::bad(NOT_MODIFIED));
    }
    edited["edit_date"] = now.into();
    *message = edited.clone();
    Ok(edited)
}

fn set(message: &mut Value, name: &str, value: Option<Value>) {
    if let Some(fields) = message.as_object_mut() {
        match value {
            Some(value) => fields.insert(name.to_owned(), value),
            None => fields.remove(name),
        };
    }
}
