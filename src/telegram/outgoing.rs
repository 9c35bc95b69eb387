//! What we send: calls of the Bot API as plain values, built so that length rules always hold.
//!
//! The outbox keeps an [`Outgoing`] as JSON and the sender delivers it unchanged.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::html;
use crate::ids::{ChatId, UserId};

/// Longest text of a message, in UTF-16 units after entities are parsed (Bot API `sendMessage`).
pub const TEXT_MAX: usize = 4096;

/// Longest text of a toast (Bot API `answerCallbackQuery`).
pub const TOAST_MAX: usize = 200;

/// Longest text of a button we make; Telegram shows about this much.
const LABEL_MAX: usize = 64;

/// Longest data of a button, in bytes (Bot API `InlineKeyboardButton.callback_data`).
const DATA_MAX: usize = 64;

/// Longest description of a command (Bot API `BotCommand`).
const DESCRIPTION_MAX: usize = 256;

/// Stands where a text would otherwise be empty, which Telegram refuses.
const NOTHING: &str = "…";

/// What becomes of updates that waited while nobody took them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pending {
    /// They are handled.
    Kept,
    /// They are forgotten, because somebody asked for it.
    Dropped,
}

/// One call of the Bot API, ready to be kept and sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outgoing {
    /// Name of the method.
    pub method: String,
    /// Its parameters, a JSON object.
    pub params: Value,
    /// The chat it shows in, for pacing; none for calls that show nowhere.
    pub chat: Option<ChatId>,
}

/// Buttons under a message, row by row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keyboard(Vec<Vec<Button>>);

/// A button under a message: its label and what it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    text: String,
    #[serde(flatten)]
    does: Does,
}

/// What a button does when tapped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Does {
    CallbackData(CallbackData),
    WebApp { url: String },
    Url(String),
    CopyText { text: String },
}

/// Data of a button: 1–64 bytes, seen and forgeable by people, so never more than a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallbackData(String);

/// A command in the menu of the bot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MenuCommand {
    command: String,
    description: String,
}

/// Who sees a list of commands (Bot API `BotCommandScope`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are Telegram's and say it")]
pub enum Scope {
    Default,
    AllPrivateChats,
    AllGroupChats,
    AllChatAdministrators,
    Chat { chat_id: ChatId },
    ChatAdministrators { chat_id: ChatId },
    ChatMember { chat_id: ChatId, user_id: UserId },
}

/// The button beside the text field of a private chat (Bot API `MenuButton`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MenuButton {
    /// What the bot has by default.
    Default,
    /// Opens the list of commands.
    Commands,
    /// Opens a mini app.
    WebApp {
        /// Label.
        text: String,
        /// `https` address of the mini app.
        url: String,
    },
}

impl Outgoing {
    /// A new message in `chat`; `markup` is Telegram's HTML (see [`html::escape`]).
    pub fn message(chat: ChatId, markup: &str) -> Self {
        let text = fitting(markup);
        let params = json!({"chat_id": chat, "text": text, "parse_mode": "HTML"});
        Self::new("sendMessage", params, Some(chat))
    }

    /// A new message with exactly this text, without markup; it has to fit [`TEXT_MAX`].
    pub fn plain(chat: ChatId, text: &str) -> Self {
        Self::new("sendMessage", json!({"chat_id": chat, "text": text}), Some(chat))
    }

    /// Changes the text of our message; its buttons go unless [`Outgoing::with_buttons`] follows.
    pub fn edit_text(chat: ChatId, message_id: i64, markup: &str) -> Self {
        let text = fitting(markup);
        let params = json!({
            "chat_id": chat, "message_id": message_id, "text": text, "parse_mode": "HTML",
        });
        Self::new("editMessageText", params, Some(chat))
    }

    /// Changes only the buttons of our message.
    pub fn edit_buttons(chat: ChatId, message_id: i64, keyboard: &Keyboard) -> Self {
        let params = json!({"chat_id": chat, "message_id": message_id});
        Self::new("editMessageReplyMarkup", params, Some(chat)).with_buttons(keyboard)
    }

    /// Deletes a message.
    pub fn delete(chat: ChatId, message_id: i64) -> Self {
        let params = json!({"chat_id": chat, "message_id": message_id});
        Self::new("deleteMessage", params, Some(chat))
    }

    /// Ends the spinner of a tapped button.
    pub fn answer_tap(query_id: &str) -> Self {
        Self::new("answerCallbackQuery", json!({"callback_query_id": query_id}), None)
    }

    /// Ends the spinner of a tapped button with a line that fades; `text` is plain.
    pub fn toast(query_id: &str, text: &str) -> Self {
        let text = html::truncate_plain(text, TOAST_MAX);
        Self::answer_tap(query_id).with("text", text.into())
    }

    /// Ends the spinner of a tapped button with a box to be closed; `text` is plain.
    pub fn alert(query_id: &str, text: &str) -> Self {
        Self::toast(query_id, text).with("show_alert", true.into())
    }

    /// Sets the list of commands for `scope`, for people whose app speaks `language` if given.
    pub fn commands(list: &[MenuCommand], scope: Scope, language: Option<&str>) -> Self {
        let params = json!({"commands": list, "scope": scope});
        let call = Self::new("setMyCommands", params, None);
        match language {
            Some(language) => call.with("language_code", language.into()),
            None => call,
        }
    }

    /// Removes the list of commands for `scope`.
    pub fn no_commands(scope: Scope) -> Self {
        Self::new("deleteMyCommands", json!({"scope": scope}), None)
    }

    /// Sets the menu button of one private chat, or of all that have none of their own.
    pub fn menu_button(chat: Option<ChatId>, button: &MenuButton) -> Self {
        let button = match button {
            MenuButton::Default => json!({"type": "default"}),
            MenuButton::Commands => json!({"type": "commands"}),
            MenuButton::WebApp { text, url } => {
                json!({"type": "web_app", "text": label(text), "web_app": {"url": url}})
            }
        };
        let call = Self::new("setChatMenuButton", json!({"menu_button": button}), None);
        match chat {
            Some(chat) => call.with("chat_id", chat.0.into()),
            None => call,
        }
    }

    /// Ends a webhook, so that polling works.
    pub fn delete_webhook(pending: Pending) -> Self {
        let dropped = pending == Pending::Dropped;
        Self::new("deleteWebhook", json!({"drop_pending_updates": dropped}), None)
    }

    /// Puts buttons under the message.
    #[must_use]
    pub fn with_buttons(self, keyboard: &Keyboard) -> Self {
        self.with("reply_markup", json!({"inline_keyboard": keyboard}))
    }

    /// Shows no preview of links.
    #[must_use]
    pub fn without_preview(self) -> Self {
        self.with("link_preview_options", json!({"is_disabled": true}))
    }

    /// Arrives without a sound.
    #[must_use]
    pub fn silent(self) -> Self {
        self.with("disable_notification", true.into())
    }

    /// Can be neither forwarded nor saved.
    #[must_use]
    pub fn protected(self) -> Self {
        self.with("protect_content", true.into())
    }

    /// The same call for the supergroup a group became.
    #[must_use]
    pub fn moved_to(self, chat: ChatId) -> Self {
        Self { chat: Some(chat), ..self }.with("chat_id", chat.0.into())
    }

    fn new(method: &str, params: Value, chat: Option<ChatId>) -> Self {
        Self { method: method.to_owned(), params, chat }
    }

    fn with(mut self, name: &str, value: Value) -> Self {
        self.params[name] = value;
        self
    }
}

impl Keyboard {
    /// No buttons yet; sent like this, it removes those there are.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a row; an empty one is left out.
    #[must_use]
    pub fn row(mut self, buttons: impl IntoIterator<Item = Button>) -> Self {
        let row: Vec<Button> = buttons.into_iter().collect();
        if !row.is_empty() {
            self.0.push(row);
        }
        self
    }

    /// Whether there is no button.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Button {
    /// A button that sends `data` back to us.
    pub fn callback(text: &str, data: CallbackData) -> Self {
        Self { text: label(text), does: Does::CallbackData(data) }
    }

    /// A button that opens a mini app at an `https` address; private chats only.
    pub fn web_app(text: &str, url: &str) -> Self {
        Self { text: label(text), does: Does::WebApp { url: url.to_owned() } }
    }

    /// A button that copies up to 256 characters.
    pub fn copy(text: &str, copied: &str) -> Self {
        Self { text: label(text), does: Does::CopyText { text: copied.to_owned() } }
    }

    /// A button that opens a link.
    pub fn url(text: &str, url: &str) -> Self {
        Self { text: label(text), does: Does::Url(url.to_owned()) }
    }
}

impl CallbackData {
    /// `data` if it has 1–64 bytes.
    pub fn new(data: impl Into<String>) -> Option<Self> {
        let data = data.into();
        (1..=DATA_MAX).contains(&data.len()).then_some(Self(data))
    }

    /// The data itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl MenuCommand {
    /// A command of 1–32 letters `a-z`, digits and `_`; a long description is cut.
    pub fn new(name: &str, description: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let good = (1..=32).contains(&name.len()) && name.bytes().all(plain);
        let description = html::truncate_plain(or_nothing(description), DESCRIPTION_MAX);
        good.then(|| Self { command: name.to_owned(), description })
    }
}

/// `markup` as long as Telegram takes it, and never empty.
fn fitting(markup: &str) -> String {
    let seen = html::visible_len(markup.trim());
    html::truncate(if seen == 0 { NOTHING } else { markup }, TEXT_MAX)
}

fn label(text: &str) -> String {
    html::truncate_plain(or_nothing(text), LABEL_MAX)
}

fn or_nothing(text: &str) -> &str {
    if text.trim().is_empty() { NOTHING } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAT: ChatId = ChatId(7);

    #[test]
    fn a_message_with_buttons_has_telegrams_form() {
        let data = CallbackData::new("e:5:go").unwrap();
        let keyboard = Keyboard::new()
            .row([Button::web_app("View Events", "https://x.org/mini_event/")])
            .row([Button::callback("Attend", data), Button::url("More", "https://x.org")])
            .row([]);
        let call = Outgoing::message(CHAT, "<b>Hi</b>").with_buttons(&keyboard).without_preview();
        assert_eq!(call.method, "sendMessage");
        assert_eq!(
            call.params,
            json!({
                "chat_id": 7, "text": "<b>Hi</b>", "parse_mode": "HTML",
                "link_preview_options": {"is_disabled": true},
                "reply_markup": {"inline_keyboard": [
                    [{"text": "View Events", "web_app": {"url": "https://x.org/mini_event/"}}],
                    [{"text": "Attend", "callback_data": "e:5:go"}, {"text": "More", "url": "https://x.org"}],
                ]},
            })
        );
        let kept = serde_json::to_string(&call).unwrap();
        assert_eq!(serde_json::from_str::<Outgoing>(&kept).unwrap(), call);
        assert_eq!(call.moved_to(ChatId(-9)).params["chat_id"], -9);
    }

    #[test]
    fn every_call_has_its_method_and_parameters() {
        let none = Keyboard::new();
        let list = [MenuCommand::new("start", "Begin").unwrap()];
        let app = MenuButton::WebApp { text: "Events".to_owned(), url: "https://x.org".to_owned() };
        for (call, method, params) in [
            (
                Outgoing::edit_text(CHAT, 5, "x"),
                "editMessageText",
                json!({"chat_id": 7, "message_id": 5, "text": "x", "parse_mode": "HTML"}),
            ),
            (
                Outgoing::edit_buttons(CHAT, 5, &none),
                "editMessageReplyMarkup",
                json!({"chat_id": 7, "message_id": 5, "reply_markup": {"inline_keyboard": []}}),
            ),
            (Outgoing::delete(CHAT, 5), "deleteMessage", json!({"chat_id": 7, "message_id": 5})),
            (Outgoing::answer_tap("q"), "answerCallbackQuery", json!({"callback_query_id": "q"})),
            (
                Outgoing::alert("q", "no"),
                "answerCallbackQuery",
                json!({"callback_query_id": "q", "text": "no", "show_alert": true}),
            ),
            (
                Outgoing::commands(&list, Scope::Chat { chat_id: CHAT }, Some("de")),
                "setMyCommands",
                json!({"commands": [{"command": "start", "description": "Begin"}],
                    "scope": {"type": "chat", "chat_id": 7}, "language_code": "de"}),
            ),
            (
                Outgoing::no_commands(Scope::AllPrivateChats),
                "deleteMyCommands",
                json!({"scope": {"type": "all_private_chats"}}),
            ),
            (
                Outgoing::menu_button(Some(CHAT), &app),
                "setChatMenuButton",
                json!({"chat_id": 7, "menu_button":
                    {"type": "web_app", "text": "Events", "web_app": {"url": "https://x.org"}}}),
            ),
            (
                Outgoing::delete_webhook(Pending::Kept),
                "deleteWebhook",
                json!({"drop_pending_updates": false}),
            ),
        ] {
            assert_eq!((call.method.as_str(), call.params), (method, params));
        }
    }

    #[test]
    fn nothing_too_long_or_empty_can_be_built() {
        let text = |call: Outgoing| call.params["text"].as_str().unwrap().to_owned();
        let long = "😀".repeat(5000);
        assert_eq!(text(Outgoing::message(CHAT, &long)).encode_utf16().count(), 4095);
        assert_eq!(text(Outgoing::edit_text(CHAT, 1, "<b> </b>")), "<b> </b>");
        assert_eq!(text(Outgoing::message(CHAT, " \n")), "…");
        assert_eq!(text(Outgoing::message(CHAT, "<b></b>")), "…");
        assert_eq!(text(Outgoing::toast("q", &long)).encode_utf16().count(), 199);
        assert_eq!(label(" "), "…");
        assert_eq!(label(&long).encode_utf16().count(), 63);
        for (data, good) in
            [("", false), ("x", true), (&"é".repeat(32), true), (&"é".repeat(33), false)]
        {
            assert_eq!(CallbackData::new(data).is_some(), good, "{data}");
        }
        for (name, good) in [
            ("add_event2", true),
            ("", false),
            ("Add", false),
            ("a-b", false),
            (&"a".repeat(33), false),
        ] {
            assert_eq!(MenuCommand::new(name, "x").is_some(), good, "{name}");
        }
    }
}
