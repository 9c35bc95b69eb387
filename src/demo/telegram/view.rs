//! What can be seen of the stand-in: messages, buttons, toasts, menus, calls.

use std::fmt;

use serde_json::{Value, json};

use super::delivering::Delivery;
use super::methods::scope_key;
use super::state::{Asked, State};
use crate::ids::{ChatId, UserId};

/// A look at everything so far.
pub struct View<'a> {
    state: &'a State,
}

/// A message as people see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// Its chat.
    pub chat: ChatId,
    /// Unique in its chat.
    pub id: i64,
    /// Whether the bot wrote it.
    pub by_bot: bool,
    /// Text or caption, without markup.
    pub text: String,
    /// Rows of buttons.
    pub buttons: Vec<Vec<SeenButton>>,
    /// Whether it was edited.
    pub edited: bool,
    /// The whole message as the Bot API has it.
    pub json: Value,
}

/// A button as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenButton {
    /// Its label.
    pub text: String,
    /// Its `callback_data`.
    pub callback: Option<String>,
    /// The mini app it opens.
    pub web_app: Option<String>,
    /// The link it opens.
    pub url: Option<String>,
}

impl<'a> View<'a> {
    pub(crate) fn new(state: &'a State) -> Self {
        Self { state }
    }

    /// Every call so far, in order.
    pub fn requests(&self) -> &[Asked] {
        &self.state.asked
    }

    /// Calls of one method, spelled in any case.
    pub fn calls(&self, method: &str) -> Vec<&'a Asked> {
        let is = |asked: &&Asked| asked.method.eq_ignore_ascii_case(method);
        self.state.asked.iter().filter(is).collect()
    }

    /// The messages of a chat, oldest first; a private chat has its person's id.
    pub fn chat(&self, chat: i64) -> Vec<Seen> {
        let chat = self.state.chats.get(&ChatId(chat));
        chat.iter()
            .flat_map(|chat| chat.messages.values().map(|json| seen(chat.id, json)))
            .collect()
    }

    /// What the bot wrote in a chat, oldest first.
    pub fn bot_messages(&self, chat: i64) -> Vec<Seen> {
        self.chat(chat).into_iter().filter(|message| message.by_bot).collect()
    }

    /// The text a tap was answered with, empty for none; `None` while it waits.
    pub fn toast(&self, tap: &str) -> Option<String> {
        let answer = self.state.taps.get(tap)?.answer.as_ref()?;
        Some(answer["text"].as_str().unwrap_or_default().to_owned())
    }

    /// The answer to an inline query, once there is one.
    pub fn inline_answer(&self, query: &str) -> Option<&'a Value> {
        self.state.inline_answers.get(query).filter(|answer| !answer.is_null())
    }

    /// How many polls wait for an update.
    pub fn polls_waiting(&self) -> u32 {
        self.state.poller.waiting
    }

    /// Every try to deliver an update to the webhook, in the order they ended.
    pub fn deliveries(&self) -> &'a [Delivery] {
        &self.state.hook.deliveries
    }

    /// Where the webhook points to, if one is set.
    pub fn webhook(&self) -> Option<&'a str> {
        self.state.webhook.as_ref()?["url"].as_str()
    }

    /// How many updates wait for the bot.
    pub fn updates_waiting(&self) -> usize {
        self.state.queue.len()
    }

    /// The commands a person is shown in the private chat: name and description.
    pub fn commands_for(&self, person: i64) -> Vec<(String, String)> {
        let language = self.state.people.get(&UserId(person)).map(|account| &account.language);
        let language: String = language.into_iter().flat_map(|tag| tag.chars().take(2)).collect();
        let list = self.command_list(person, &language);
        let text = |command: &Value, name| command[name].as_str().unwrap_or_default().to_owned();
        let entry = |command: &Value| (text(command, "command"), text(command, "description"));
        list.and_then(Value::as_array).into_iter().flatten().map(entry).collect()
    }

    /// The narrowest list that is set (Bot API, "Determining list of commands").
    fn command_list(&self, person: i64, language: &str) -> Option<&'a Value> {
        let scopes = [
            json!({"type": "chat", "chat_id": person}),
            json!({"type": "all_private_chats"}),
            json!({"type": "default"}),
        ];
        scopes.iter().map(scope_key).find_map(|scope| {
            let own = self.state.commands.get(&(scope.clone(), language.to_owned()));
            own.or_else(|| self.state.commands.get(&(scope, String::new())))
        })
    }

    /// The menu button of a person's private chat.
    pub fn menu_button(&self, person: i64) -> Option<&'a Value> {
        let buttons = &self.state.menu_buttons;
        buttons.get(&Some(ChatId(person))).or_else(|| buttons.get(&None))
    }
}

impl Seen {
    /// The button that says `label`.
    pub fn button(&self, label: &str) -> Option<&SeenButton> {
        self.buttons.iter().flatten().find(|button| button.text == label)
    }
}

fn seen(chat: ChatId, json: &Value) -> Seen {
    let text = json.get("text").or_else(|| json.get("caption")).and_then(Value::as_str);
    let rows = json["reply_markup"]["inline_keyboard"].as_array();
    let row = |row: &Value| row.as_array().into_iter().flatten().map(button).collect();
    Seen {
        chat,
        id: json["message_id"].as_i64().unwrap_or_default(),
        by_bot: json["from"]["is_bot"] == true,
        text: text.unwrap_or_default().to_owned(),
        buttons: rows.into_iter().flatten().map(row).collect(),
        edited: json.get("edit_date").is_some(),
        json: json.clone(),
    }
}

fn button(json: &Value) -> SeenButton {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    SeenButton {
        text: text(&json["text"]).unwrap_or_default(),
        callback: text(&json["callback_data"]),
        web_app: text(&json["web_app"]["url"]),
        url: text(&json["url"]),
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = if self.by_bot { "bot" } else { "person" };
        write!(f, "message {} by {who}: {:?}", self.id, self.text)?;
        for button in self.buttons.iter().flatten() {
            write!(f, " [{}]", button.text)?;
        }
        Ok(())
    }
}

impl fmt::Display for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chat in self.state.chats.keys() {
            for message in self.chat(chat.0) {
                writeln!(f, "chat {chat}: {message}")?;
            }
        }
        for Asked { method, params, status } in &self.state.asked {
            writeln!(f, "{method} -> {status}: {params}")?;
        }
        Ok(())
    }
}
