//! What people do: they write, tap buttons, send photos, block the bot.

use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};

use super::state::{Chat, State, Tap};
use super::view::Seen;
use super::{Shared, markup, methods};
use crate::ids::{ChatId, UserId};

/// A person with an account, played by a test or by the page.
#[derive(Clone)]
pub struct Person {
    shared: Arc<Shared>,
    id: UserId,
}

impl Person {
    pub(crate) fn new(shared: Arc<Shared>, id: UserId) -> Self {
        Self { shared, id }
    }

    /// The Telegram id, which is the id of the private chat too.
    pub fn id(&self) -> UserId {
        self.id
    }

    /// Writes to the bot; gives the id of the message.
    pub fn sends(&self, text: &str) -> i64 {
        self.sends_in(self.id.0, text)
    }

    /// Writes in a group with the bot, which reads everything there; 0 for somebody who is not in it.
    pub fn sends_in(&self, chat: i64, text: &str) -> i64 {
        self.shared.change(|state| send_text(state, self.id, ChatId(chat), text))
    }

    /// Sends a photo; `None` if `bytes` is no image.
    pub fn sends_photo(&self, bytes: &[u8], caption: &str) -> Option<i64> {
        self.shared.change(|state| send_photo(state, self.id, bytes, caption))
    }

    /// Taps the button that says `label`; gives the id of the tap.
    ///
    /// # Panics
    ///
    /// When the message has no such button.
    pub fn taps(&self, message: &Seen, label: &str) -> String {
        let button = message.button(label);
        let button = button.unwrap_or_else(|| panic!("no button `{label}` under {message}"));
        let data = button.callback.as_deref();
        let data = data.unwrap_or_else(|| panic!("button `{label}` of {message} is no callback"));
        self.taps_with(message, data)
    }

    /// Taps with any data, as a forged app can; gives the id of the tap.
    pub fn taps_with(&self, message: &Seen, data: &str) -> String {
        self.shared.change(|state| tap(state, self.id, message.chat, message.id, data))
    }

    /// The toast or alert a tap was answered with, once it was.
    pub fn waits_for_toast(&self, tap: &str) -> String {
        self.shared.wait_for("the answer to a tap", |view| view.toast(tap))
    }

    /// Types `@bot query` in some chat; gives the id of the query.
    pub fn types_inline(&self, query: &str, offset: &str) -> String {
        self.shared.change(|state| {
            let id = format!("inline{}", state.number());
            let from = state.people[&self.id].json();
            state.inline_answers.insert(id.clone(), Value::Null);
            let content = json!({"id": id, "from": from, "query": query, "offset": offset});
            state.enqueue("inline_query", content);
            id
        })
    }

    /// Blocks the bot, which is told so.
    pub fn blocks(&self) {
        self.shared.change(|state| block(state, self.id, "kicked"));
    }

    /// Takes the block back.
    pub fn unblocks(&self) {
        self.shared.change(|state| block(state, self.id, "member"));
    }

    /// Allows the bot to write without having written first, as a mini app can ask for.
    pub fn allows_writing(&self) {
        self.shared.change(|state| {
            if let Some(account) = state.people.get_mut(&self.id) {
                account.started = true;
            }
            let content = json!({"write_access_allowed": {"from_request": true}});
            post(state, self.id, ChatId::from(self.id), content);
        });
    }

    /// Waits for a message in the private chat that `is` the one, and gives it.
    pub fn waits_for(&self, what: &str, is: impl Fn(&Seen) -> bool) -> Seen {
        self.shared.wait_for(what, |view| view.chat(self.id.0).into_iter().rev().find(&is))
    }

    /// Waits for a message in the private chat that contains `text`.
    pub fn waits_for_text(&self, text: &str) -> Seen {
        self.waits_for(&format!("a message with `{text}`"), |message| message.text.contains(text))
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Person").field(&self.id).finish()
    }
}

/// Somebody writes `text` in `chat`.
pub(crate) fn send_text(state: &mut State, from: UserId, chat: ChatId, text: &str) -> i64 {
    let mut content = json!({"text": text});
    let commands = markup::commands(text);
    if !commands.is_empty() {
        content["entities"] = commands.into();
    }
    if chat == ChatId::from(from)
        && let Some(account) = state.people.get_mut(&from)
    {
        account.started = true;
    }
    post(state, from, chat, content)
}

/// Somebody sends the bot a photo.
pub(crate) fn send_photo(
    state: &mut State,
    from: UserId,
    bytes: &[u8],
    caption: &str,
) -> Option<i64> {
    let mut content = json!({"photo": methods::keep_photo(state, bytes)?});
    if !caption.is_empty() {
        content["caption"] = caption.into();
        content["caption_entities"] = markup::commands(caption).into();
    }
    Some(post(state, from, ChatId::from(from), content))
}

/// Somebody taps a button with `data` under a message.
pub(crate) fn tap(
    state: &mut State,
    from: UserId,
    chat: ChatId,
    message: i64,
    data: &str,
) -> String {
    let id = format!("tap{}", state.number());
    let tapped = Tap { from, at: state.now(), answer: None };
    state.taps.insert(id.clone(), tapped);
    let place = state.chats.get(&chat);
    let gone = || json!({"message_id": message, "date": 0, "chat": place.map(Chat::json)});
    let origin = place.and_then(|chat| chat.messages.get(&message)).cloned().unwrap_or_else(gone);
    let content = json!({
        "id": id, "from": state.people[&from].json(), "message": origin,
        "chat_instance": chat.to_string(), "data": data,
    });
    state.enqueue("callback_query", content);
    id
}

fn post(state: &mut State, from: UserId, chat: ChatId, content: Value) -> i64 {
    let (id, date) = (state.number(), state.now().as_second());
    let sender = state.people[&from].json();
    let place = state.chats.get_mut(&chat).filter(|chat| chat.members.contains(&from));
    let Some(place) = place else { return 0 };
    let mut message = content;
    message["message_id"] = id.into();
    message["date"] = date.into();
    message["from"] = sender;
    message["chat"] = place.json();
    place.messages.insert(id, message.clone());
    state.enqueue("message", message);
    id
}

fn block(state: &mut State, id: UserId, status: &str) {
    let now = state.now().as_second();
    let bot = state.bot();
    let Some(account) = state.people.get_mut(&id) else { return };
    account.blocked = status == "kicked";
    let from = account.json();
    let member = |status: &str| match status {
        "kicked" => json!({"status": status, "user": bot, "until_date": 0}),
        _ => json!({"status": status, "user": bot}),
    };
    let old = if status == "kicked" { "member" } else { "kicked" };
    let chat = state.chats.get(&ChatId::from(id)).map(Chat::json);
    let content = json!({
        "chat": chat, "from": from, "date": now,
        "old_chat_member": member(old), "new_chat_member": member(status),
    });
    state.enqueue("my_chat_member", content);
}
