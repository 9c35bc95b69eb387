//! `sendMessage`, `sendPhoto`: new messages of the bot.

use serde_json::{Value, json};

use super::chat_id;
use crate::demo::telegram::denial::Denial;
use crate::demo::telegram::params::Params;
use crate::demo::telegram::photo;
use crate::demo::telegram::state::State;
use crate::demo::telegram::{buttons, markup};
use crate::ids::ChatId;

/// `sendMessage`.
pub(super) fn message(state: &mut State, params: &Params) -> Result<Value, Denial> {
    let chat = chat_id(params)?;
    let marked = markup::text(params)?;
    let mut content = json!({"text": marked.text});
    if !marked.entities.is_empty() {
        content["entities"] = marked.entities.into();
    }
    post(state, chat, params, content)
}

/// `sendPhoto`: an upload, or the `file_id` of a photo seen before.
pub(super) fn photo(state: &mut State, params: &Params) -> Result<Value, Denial> {
    let chat = chat_id(params)?;
    let marked = markup::caption(params)?;
    let bytes = match (params.file("photo"), params.text("photo")) {
        (Some(bytes), _) => bytes.to_vec(),
        (None, Some(id)) => {
            let known = state.files.get(&super::file_path_of(&id));
            known.cloned().ok_or_else(|| Denial::bad("wrong file identifier/HTTP URL specified"))?
        }
        (None, None) => return Err(Denial::bad("there is no photo in the request")),
    };
    state.writable(chat)?;
    let sizes = keep_photo(state, &bytes).ok_or_else(|| Denial::bad("IMAGE_PROCESS_FAILED"))?;
    let mut content = json!({"photo": sizes});
    if !marked.text.is_empty() {
        content["caption"] = marked.text.into();
        content["caption_entities"] = marked.entities.into();
    }
    post(state, chat, params, content)
}

/// `sendChatAction`: seen by nobody here.
pub(super) fn action(state: &mut State, params: &Params) -> Result<Value, Denial> {
    state.writable(chat_id(params)?)?;
    Ok(true.into())
}

/// Keeps an image and gives its sizes as Telegram would; `None` if it is no image.
pub(crate) fn keep_photo(state: &mut State, bytes: &[u8]) -> Option<Value> {
    let number = state.number();
    let sizes = photo::sizes(number, bytes)?;
    for size in sizes.as_array().into_iter().flatten() {
        let path = super::file_path_of(size["file_id"].as_str().unwrap_or_default());
        state.files.insert(path, bytes.to_vec());
    }
    Some(sizes)
}

/// Adds a message of the bot to `chat`.
fn post(state: &mut State, chat: ChatId, params: &Params, content: Value) -> Result<Value, Denial> {
    let kind = state.writable(chat)?.kind;
    let keyboard = buttons::check(params.json("reply_markup")?, kind)?;
    let (id, date) = (state.number(), state.now().as_second());
    let from = state.bot();
    let chat = state.writable(chat)?;
    let mut message = content;
    message["message_id"] = id.into();
    message["date"] = date.into();
    message["from"] = from;
    message["chat"] = chat.json();
    if let Some(keyboard) = keyboard {
        message["reply_markup"] = keyboard;
    }
    if params.flag("protect_content") {
        message["has_protected_content"] = true.into();
    }
    chat.messages.insert(id, message.clone());
    Ok(message)
}
