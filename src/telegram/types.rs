//! The parts of Telegram's updates that we read: everything else is ignored, whatever is added.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt;

use crate::ids::{ChatId, UserId};

/// One update, decoded alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    /// Telegram's `update_id`.
    pub id: i64,
    /// What happened.
    pub kind: Kind,
}

/// What an update tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A new message.
    Message(Message),
    /// A message was changed.
    EditedMessage(Message),
    /// A channel said something, or changed what it said.
    ChannelPost(Message),
    /// A button under a message was tapped.
    CallbackQuery(CallbackQuery),
    /// Somebody types `@bot …`.
    InlineQuery(InlineQuery),
    /// The bot was blocked, started again, added to or removed from a chat.
    MyChatMember(MyChatMember),
    /// A kind we do not read, by Telegram's name for it.
    Other(String),
}

/// An update that could not be read; holds nothing of its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Telegram's name for the kind, if that much was readable.
    pub kind: Option<String>,
}

/// A person or bot (`User`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct User {
    /// Telegram id.
    pub id: UserId,
    /// Whether it is a bot.
    #[serde(default)]
    pub is_bot: bool,
    /// First name.
    #[serde(default)]
    pub first_name: String,
    /// Last name.
    pub last_name: Option<String>,
    /// Name without `@`.
    pub username: Option<String>,
    /// IETF tag of the person's app.
    pub language_code: Option<String>,
}

/// Where a message was written (`Chat`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Chat {
    /// Telegram id.
    pub id: ChatId,
    /// What sort of chat.
    #[serde(rename = "type", default)]
    pub kind: ChatKind,
}

/// Sorts of chat (`Chat.type`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChatKind {
    /// With one person.
    Private,
    /// A small group.
    Group,
    /// A large group.
    Supergroup,
    /// A channel.
    Channel,
    /// A sort that did not exist when this was written.
    #[default]
    #[serde(other)]
    Other,
}

/// A message (`Message`).
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Message {
    /// Unique in its chat.
    pub message_id: i64,
    /// Who sent it; none in channels.
    pub from: Option<User>,
    /// Where.
    pub chat: Chat,
    /// When, in Unix seconds.
    #[serde(default)]
    pub date: i64,
    /// Text of a text message.
    pub text: Option<String>,
    /// Marked-up parts of `text`.
    #[serde(default)]
    pub entities: Vec<Entity>,
    /// Text under a photo or file.
    pub caption: Option<String>,
    /// Marked-up parts of `caption`.
    #[serde(default)]
    pub caption_entities: Vec<Entity>,
    /// One photo in several sizes, smallest first.
    #[serde(default)]
    pub photo: Vec<PhotoSize>,
    /// A file.
    pub document: Option<Document>,
    /// The message this one answers.
    pub reply_to_message: Option<Reply>,
    /// Where it was first written, if it was forwarded.
    pub forward_origin: Option<ForwardOrigin>,
    /// The id of the supergroup this group became.
    pub migrate_to_chat_id: Option<ChatId>,
    /// The person allowed the bot to write, from a mini app or a menu.
    pub write_access_allowed: Option<WriteAccess>,
}

/// The message another one answers; its own nesting is not followed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Reply {
    /// Unique in its chat.
    pub message_id: i64,
    /// Its text.
    pub text: Option<String>,
}

/// Where a forwarded message comes from (`MessageOrigin`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ForwardOrigin {
    /// Who wrote it, unless they keep that to themselves.
    pub sender_user: Option<User>,
}

/// A marked-up part of a text (`MessageEntity`); offsets count UTF-16 units.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Entity {
    /// Telegram's name, such as `bot_command`.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// Where it begins.
    #[serde(default)]
    pub offset: u32,
    /// How long it is.
    #[serde(default)]
    pub length: u32,
}

/// One size of a photo (`PhotoSize`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PhotoSize {
    /// For `getFile`.
    pub file_id: String,
    /// The same for all bots and for ever.
    #[serde(default)]
    pub file_unique_id: String,
    /// In pixels.
    #[serde(default)]
    pub width: u32,
    /// In pixels.
    #[serde(default)]
    pub height: u32,
    /// In bytes.
    pub file_size: Option<u64>,
}

/// A file (`Document`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Document {
    /// For `getFile`.
    pub file_id: String,
    /// The sender's word for its type; never believed.
    pub mime_type: Option<String>,
    /// In bytes.
    pub file_size: Option<u64>,
}

/// Permission to write (`WriteAccessAllowed`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct WriteAccess {}

/// A tapped button (`CallbackQuery`). The data is whatever the sender claims.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CallbackQuery {
    /// For `answerCallbackQuery`.
    pub id: String,
    /// Who tapped.
    pub from: User,
    /// The message with the button, which may be gone.
    pub message: Option<Origin>,
    /// Instead of `message` for messages sent inline.
    pub inline_message_id: Option<String>,
    /// The button's data.
    pub data: Option<String>,
}

/// The message a button belongs to (`MaybeInaccessibleMessage`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Origin {
    /// Unique in its chat.
    pub message_id: i64,
    /// Where.
    pub chat: Chat,
    /// When it was sent; 0 if the bot can no longer see it.
    #[serde(default)]
    pub date: i64,
}

/// Somebody types `@bot query` in some chat (`InlineQuery`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct InlineQuery {
    /// For `answerInlineQuery`.
    pub id: String,
    /// Who types.
    pub from: User,
    /// What was typed.
    #[serde(default)]
    pub query: String,
    /// Where the last page ended.
    #[serde(default)]
    pub offset: String,
}

/// The bot's own membership changed (`ChatMemberUpdated`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MyChatMember {
    /// In which chat.
    pub chat: Chat,
    /// Who did it.
    pub from: User,
    /// What the bot is now.
    pub new_chat_member: Member,
}

/// A membership (`ChatMember`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Member {
    /// Telegram's word: `member`, `administrator`, `kicked`, `left` …
    #[serde(default)]
    pub status: String,
}

impl Update {
    /// Reads one update. The error names only the kind, so it can be logged.
    pub fn parse(json: &str) -> Result<Self, Unreadable> {
        let fields: BTreeMap<String, &RawValue> =
            serde_json::from_str(json).map_err(|_| Unreadable { kind: None })?;
        let named = fields.keys().find(|name| *name != "update_id").cloned();
        let read = || Some(Self { id: decode(fields.get("update_id")?)?, kind: kind(&fields)? });
        read().ok_or(Unreadable { kind: named })
    }
}

/// Picks the first kind we read; an update has one of them at most (Bot API `Update`).
fn kind(fields: &BTreeMap<String, &RawValue>) -> Option<Kind> {
    for (name, json) in fields {
        return match name.as_str() {
            "update_id" => continue,
            "message" => decode(json).map(Kind::Message),
            "edited_message" => decode(json).map(Kind::EditedMessage),
            "channel_post" | "edited_channel_post" => decode(json).map(Kind::ChannelPost),
            "callback_query" => decode(json).map(Kind::CallbackQuery),
            "inline_query" => decode(json).map(Kind::InlineQuery),
            "my_chat_member" => decode(json).map(Kind::MyChatMember),
            other => Some(Kind::Other(other.to_owned())),
        };
    }
    Some(Kind::Other("unknown".to_owned()))
}

fn decode<T: for<'de> Deserialize<'de>>(json: &RawValue) -> Option<T> {
    serde_json::from_str(json.get()).ok()
}

impl User {
    /// First and last name, as the person is shown to others.
    pub fn name(&self) -> String {
        let last = self.last_name.as_deref().unwrap_or_default();
        format!("{} {last}", self.first_name).trim().to_owned()
    }
}

impl Origin {
    /// Whether the bot can still read and edit the message.
    pub fn is_accessible(&self) -> bool {
        self.date != 0
    }
}

impl ForwardOrigin {
    /// Who wrote it first.
    pub fn author(&self) -> Option<UserId> {
        self.sender_user.as_ref().map(|user| user.id)
    }
}

impl Message {
    /// The text, or what stands under the photo or file.
    pub fn words(&self) -> &str {
        self.text.as_deref().or(self.caption.as_deref()).unwrap_or_default()
    }

    /// Whether Telegram sees a command at the very beginning of the text.
    pub fn begins_with_command(&self) -> bool {
        let entities = if self.text.is_some() { &self.entities } else { &self.caption_entities };
        entities.iter().any(|entity| entity.kind == "bot_command" && entity.offset == 0)
    }
}

impl MyChatMember {
    /// Whether the bot can write there from now on.
    pub fn is_reachable(&self) -> bool {
        !matches!(self.new_chat_member.status.as_str(), "kicked" | "left")
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Some(kind) => write!(f, "update of kind `{kind}` is not of telegram's form"),
            None => f.write_str("update is not a json object"),
        }
    }
}

impl std::error::Error for Unreadable {}

#[cfg(test)]
#[path = "types_tests.rs"]
mod tests;
