//! Everything the stand-in remembers: people, chats, messages, files, the bot's settings and calls.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::delivering::Hook;
use super::denial::Denial;
use super::fault::Fault;
use super::polling::Poller;
use super::queue::{Queue, update};
use crate::clock;
use crate::ids::{ChatId, UserId};
use crate::telegram::types::ChatKind;

/// How long a tapped button may wait for its answer.
const TAP_LIFE: Duration = Duration::from_secs(15 * 60);

/// The whole state.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) bot_id: UserId,
    pub(crate) bot_username: String,
    pub(crate) people: BTreeMap<UserId, Account>,
    pub(crate) chats: BTreeMap<ChatId, Chat>,
    pub(crate) queue: Queue,
    pub(crate) poller: Poller,
    pub(crate) taps: BTreeMap<String, Tap>,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) commands: BTreeMap<(String, String), Value>,
    pub(crate) menu_buttons: BTreeMap<Option<ChatId>, Value>,
    pub(crate) texts: BTreeMap<(String, String), String>,
    pub(crate) webhook: Option<Value>,
    pub(crate) hook: Hook,
    pub(crate) inline_answers: BTreeMap<String, Value>,
    /// Never cut: tests read it whole, and a demo makes a few thousand calls a day.
    pub(crate) asked: Vec<Asked>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) revoked: bool,
    pub(crate) newborn: bool,
    pub(crate) ahead: Duration,
    pub(crate) revision: u64,
    pub(crate) stopping: bool,
    pub(crate) numbers: i64,
}

/// A person with an account.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) id: UserId,
    pub(crate) name: String,
    pub(crate) language: String,
    /// Whether the bot may write: the person wrote first, or allowed it.
    pub(crate) started: bool,
    pub(crate) blocked: bool,
}

/// A chat with the bot in it.
#[derive(Clone, Debug)]
pub(crate) struct Chat {
    pub(crate) id: ChatId,
    pub(crate) kind: ChatKind,
    pub(crate) title: String,
    pub(crate) members: Vec<UserId>,
    pub(crate) messages: BTreeMap<i64, Value>,
    pub(crate) migrated_to: Option<ChatId>,
}

/// A tapped button.
#[derive(Clone, Debug)]
pub(crate) struct Tap {
    pub(crate) from: UserId,
    pub(crate) at: Timestamp,
    /// The toast or alert it was answered with.
    pub(crate) answer: Option<Value>,
}

/// A call of the bot.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// The method as the bot spelled it.
    pub method: String,
    /// Its parameters as they came.
    pub params: Value,
    /// The status it was answered with; 0 while it is under way or was never answered.
    pub status: u16,
}

impl State {
    pub(crate) fn new(bot_id: UserId, bot_username: &str) -> Self {
        Self {
            bot_id,
            bot_username: bot_username.to_owned(),
            people: BTreeMap::new(),
            chats: BTreeMap::new(),
            queue: Queue::default(),
            poller: Poller::default(),
            taps: BTreeMap::new(),
            files: BTreeMap::new(),
            commands: BTreeMap::new(),
            menu_buttons: BTreeMap::new(),
            texts: BTreeMap::new(),
            webhook: None,
            hook: Hook::default(),
            inline_answers: BTreeMap::new(),
            asked: Vec::new(),
            faults: Vec::new(),
            revoked: false,
            newborn: false,
            ahead: Duration::ZERO,
            revision: 0,
            stopping: false,
            numbers: 0,
        }
    }

    /// The stand-in's time.
    pub(crate) fn now(&self) -> Timestamp {
        clock::now() + self.ahead
    }

    /// A number never given before: for messages, files and taps.
    pub(crate) fn number(&mut self) -> i64 {
        self.numbers += 1;
        self.numbers
    }

    pub(crate) fn meet(&mut self, id: UserId, name: &str, language: &str) {
        let account = Account {
            id,
            name: name.to_owned(),
            language: language.to_owned(),
            started: false,
            blocked: false,
        };
        self.people.entry(id).or_insert(account);
        let chat = Chat::new(ChatId::from(id), ChatKind::Private, name, vec![id]);
        self.chats.entry(chat.id).or_insert(chat);
    }

    pub(crate) fn found_group(&mut self, id: ChatId, title: &str, people: &[UserId]) {
        let chat = Chat::new(id, ChatKind::Supergroup, title, people.to_vec());
        self.chats.insert(id, chat);
    }

    pub(crate) fn migrate(&mut self, old: ChatId, new: ChatId) {
        if let Some(chat) = self.chats.get_mut(&old) {
            let copy = Chat { id: new, messages: BTreeMap::new(), ..chat.clone() };
            chat.migrated_to = Some(new);
            self.chats.insert(new, copy);
        }
    }

    /// The chat the bot may write to, or why not.
    pub(crate) fn writable(&mut self, id: ChatId) -> Result<&mut Chat, Denial> {
        if let Some(person) = self.people.get(&UserId(id.0)) {
            if person.blocked {
                return Err(Denial::forbidden("bot was blocked by the user"));
            }
            if !person.started {
                return Err(Denial::forbidden("bot can't initiate conversation with a user"));
            }
        }
        self.chat(id)
    }

    /// A chat the bot knows.
    pub(crate) fn chat(&mut self, id: ChatId) -> Result<&mut Chat, Denial> {
        let chat = self.chats.get_mut(&id).ok_or_else(|| Denial::bad("chat not found"))?;
        match chat.migrated_to {
            Some(new) => Err(Denial::migrated(new.0)),
            None => Ok(chat),
        }
    }

    /// Queues an update of `kind`; says whether the bot wants it.
    pub(crate) fn enqueue(&mut self, kind: &str, content: Value) -> Option<i64> {
        self.enqueue_update(update(kind, content))
    }

    pub(crate) fn enqueue_any(&mut self, content: Value) -> i64 {
        self.enqueue_update(content).unwrap_or_default()
    }

    fn enqueue_update(&mut self, content: Value) -> Option<i64> {
        let now = self.now();
        self.queue.push(content, now)
    }

    pub(crate) fn expire_taps(&mut self) {
        for tap in self.taps.values_mut() {
            tap.at = Timestamp::UNIX_EPOCH;
        }
    }

    /// The tap an answer is for, unless it is unknown, answered or too old.
    pub(crate) fn open_tap(&mut self, id: &str) -> Option<&mut Tap> {
        let now = self.now();
        let tap = self.taps.get_mut(id)?;
        (tap.answer.is_none() && tap.at + TAP_LIFE > now).then_some(tap)
    }

    /// `User` of the bot.
    pub(crate) fn bot(&self) -> Value {
        json!({
            "id": self.bot_id, "is_bot": true, "first_name": self.bot_username,
            "username": self.bot_username,
        })
    }
}

impl Account {
    /// First and last name.
    pub(crate) fn names(&self) -> (&str, Option<&str>) {
        match self.name.split_once(' ') {
            Some((first, last)) => (first, Some(last)),
            None => (&self.name, None),
        }
    }

    /// `User`.
    pub(crate) fn json(&self) -> Value {
        let (first, last) = self.names();
        let mut user = json!({
            "id": self.id, "is_bot": false, "first_name": first, "language_code": self.language,
        });
        if let Some(last) = last {
            user["last_name"] = last.into();
        }
        user
    }
}

impl Chat {
    fn new(id: ChatId, kind: ChatKind, title: &str, members: Vec<UserId>) -> Self {
        let title = title.to_owned();
        Self { id, kind, title, members, messages: BTreeMap::new(), migrated_to: None }
    }

    /// `Chat`.
    pub(crate) fn json(&self) -> Value {
        match self.kind {
            ChatKind::Private => {
                let (first, last) = self.title.split_once(' ').unwrap_or((&self.title, ""));
                let mut chat = json!({"id": self.id, "type": "private", "first_name": first});
                if !last.is_empty() {
                    chat["last_name"] = last.into();
                }
                chat
            }
            _ => json!({"id": self.id, "type": "supergroup", "title": self.title}),
        }
    }
}
