//! The harness: people who write and press, and what the bot answers.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::apps::events::model::{Event, EventId};
use crate::apps::events::roll::Standing;
use crate::apps::events::store as events;
use crate::apps::{Apps, Context, Roles, Routed};
use crate::ids::{ChatId, UserId};
use crate::net::{Answer, Request};
use crate::store::outbox::{self, Lane};
use crate::store::users::{self, User};
use crate::store::{Store, Tx};
use crate::telegram::bot;
use crate::telegram::sender::Fetch;

/// An admin by the settings.
pub const ADMIN: i64 = 1;

/// Somebody.
pub const ADA: i64 = 7;

/// Somebody else.
pub const BEN: i64 = 8;

/// Banned by the settings.
pub const BANNED: i64 = 13;

/// A group.
pub const GROUP: i64 = -100;

/// A bot with its store in a temporary folder.
pub struct Chat {
    store: Store,
    apps: Arc<Apps>,
    pub now: Timestamp,
    seen: u64,
    noticed: u64,
    alerted: u64,
    update: i64,
    folder: tempfile::TempDir,
}

/// What the bot sends, a call of the Bot API.
#[derive(Clone, Debug)]
pub struct Call(pub Value);

impl Call {
    pub fn method(&self) -> &str {
        self.0["method"].as_str().unwrap()
    }

    /// The text, or nothing.
    pub fn text(&self) -> &str {
        self.0["params"]["text"].as_str().unwrap_or_default()
    }

    /// The buttons, row after row.
    pub fn buttons(&self) -> Vec<&Value> {
        let rows = self.0["params"]["reply_markup"]["inline_keyboard"].as_array();
        rows.into_iter().flatten().flat_map(|row| row.as_array().unwrap()).collect()
    }

    /// The data of the button with this label.
    #[track_caller]
    pub fn data(&self, label: &str) -> String {
        let found = self.buttons().into_iter().find(|button| button["text"] == label);
        let button = found.unwrap_or_else(|| panic!("no button `{label}` in {}", self.0));
        button["callback_data"].as_str().unwrap().to_owned()
    }

    pub fn labels(&self) -> Vec<&str> {
        self.buttons().iter().map(|button| button["text"].as_str().unwrap()).collect()
    }
}

impl Chat {
    pub fn new() -> Self {
        Self::with(|_| ())
    }

    /// A bot whose settings `change` has changed.
    pub fn with(change: impl FnOnce(&mut Context)) -> Self {
        let roles = Roles { admins: [UserId(ADMIN)].into(), banned: [UserId(BANNED)].into() };
        let mut context = Context {
            roles,
            public_url: Some("https://events.example.org".to_owned()),
            media_limit: 1024,
            reminders: [86_400, 3600, 0].map(Duration::from_secs).to_vec(),
            ..Context::default()
        };
        context.bot.set("RoostBot".to_owned()).unwrap();
        change(&mut context);
        let apps = Arc::new(Apps::all(Arc::new(context)));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roost.redb");
        let preparing = Arc::clone(&apps);
        let store = Store::open(&path, move |tx| preparing.prepare(tx), Box::new(drop)).unwrap();
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        Self { store, apps, now, seen: 0, noticed: 0, alerted: 0, update: 0, folder }
    }

    /// What the apps answer to a request over HTTP.
    pub fn answer(&self, request: &Request) -> Answer {
        match self.apps.route(request, &self.store) {
            Some(Routed::Answer(answer)) => answer,
            Some(Routed::Page(name)) => panic!("`{name}` is no answer of the bot's tests"),
            None => Answer::not_found(),
        }
    }

    /// Hands an update to the bot; what it answers.
    pub fn update(&mut self, mut update: Value) -> Vec<Call> {
        self.update += 1;
        update["update_id"] = self.update.into();
        let (apps, text, now) = (Arc::clone(&self.apps), update.to_string(), self.now);
        self.store.write(move |tx| bot::handle(tx, &apps, &text, now)).unwrap();
        self.answers()
    }

    /// What the bot has sent since the last look; every text keeps Telegram's limits.
    fn answers(&mut self) -> Vec<Call> {
        let read = self.store.snapshot().unwrap();
        let rows = outbox::next(&read, Lane::Replies, self.seen, 10_000).unwrap();
        self.seen = rows.last().map_or(self.seen, |(key, _)| key.number);
        let body = |key| outbox::find(&read, key).unwrap().expect("listed").1;
        let calls: Vec<Call> = rows
            .iter()
            .map(|(key, _)| Call(serde_json::from_slice(&body(*key)).unwrap()))
            .collect();
        calls.iter().for_each(check);
        calls
    }

    /// Does what is due now, part by part; the notices and reminders that come of it.
    pub fn ticks(&mut self) -> Vec<Call> {
        let mut calls = Vec::new();
        while self.ticks_once() {
            calls.extend(self.notices());
        }
        calls
    }

    /// Does one part of what is due now; whether there was one.
    pub fn ticks_once(&mut self) -> bool {
        let (apps, now) = (Arc::clone(&self.apps), self.now);
        self.store.write(move |tx| apps.tick(tx, now)).unwrap()
    }

    /// When something is due next.
    pub fn due(&self) -> Option<Timestamp> {
        self.apps.due(&self.store.snapshot().unwrap(), self.now).unwrap()
    }

    /// The notices and reminders since the last look, which leave the outbox as if sent.
    pub fn notices(&mut self) -> Vec<Call> {
        let read = self.store.snapshot().unwrap();
        let rows = outbox::next(&read, Lane::Notices, self.noticed, 100_000).unwrap();
        self.noticed = rows.last().map_or(self.noticed, |(key, _)| key.number);
        let body = |key| outbox::find(&read, key).unwrap().expect("listed").1;
        let calls: Vec<Call> = rows
            .iter()
            .map(|(key, _)| Call(serde_json::from_slice(&body(*key)).unwrap()))
            .collect();
        calls.iter().for_each(check);
        let keys: Vec<_> = rows.into_iter().map(|(key, _)| key).collect();
        let remove = move |tx: &Tx| keys.iter().try_for_each(|key| outbox::remove(tx, *key));
        self.store.write(remove).unwrap();
        calls
    }

    /// The alerts since the last look: to whom, and their text without marks of direction.
    pub fn alerts(&mut self) -> Vec<(i64, Call)> {
        let read = self.store.snapshot().unwrap();
        let rows = outbox::next(&read, Lane::Alerts, self.alerted, 1_000).unwrap();
        self.alerted = rows.last().map_or(self.alerted, |(key, _)| key.number);
        let body = |key| outbox::find(&read, key).unwrap().expect("listed").1;
        let calls: Vec<Call> = rows
            .iter()
            .map(|(key, _)| Call(serde_json::from_slice(&body(*key)).unwrap()))
            .collect();
        calls.iter().for_each(check);
        let to = |call: &Call| call.0["params"]["chat_id"].as_i64().unwrap();
        calls.into_iter().map(|call| (to(&call), call)).collect()
    }

    /// The program ends and starts again.
    pub fn restarts(&mut self) {
        self.store.close();
        let (apps, path) = (Arc::clone(&self.apps), self.folder.path().join("roost.redb"));
        self.store = Store::open(&path, move |tx| apps.prepare(tx), Box::new(drop)).unwrap();
    }

    /// It is this time now.
    pub fn at(&mut self, time: &str) -> &mut Self {
        self.now = time.parse().unwrap();
        self
    }

    /// `user` writes `text` in a private chat, with an app in English.
    pub fn says(&mut self, user: i64, text: &str) -> Vec<Call> {
        self.says_in(user, "en", text)
    }

    /// `user` writes `text` in a private chat, with an app in this language.
    pub fn says_in(&mut self, user: i64, language: &str, text: &str) -> Vec<Call> {
        let chat = json!({"id": user, "type": "private"});
        self.update(json!({"message": {"message_id": 1, "chat": chat,
            "from": person(user, language), "text": text}}))
    }

    /// The one message that answers `text`.
    #[track_caller]
    pub fn told(&mut self, user: i64, text: &str) -> Call {
        only(self.says(user, text))
    }

    /// `user` writes `text` in the group.
    pub fn says_in_group(&mut self, user: i64, text: &str) -> Vec<Call> {
        let chat = json!({"id": GROUP, "type": "supergroup"});
        self.update(json!({"message": {"message_id": 1, "chat": chat,
            "from": person(user, "en"), "text": text}}))
    }

    /// `user` sends a photo of so many bytes.
    pub fn sends_photo(&mut self, user: i64, bytes: u64) -> Vec<Call> {
        let chat = json!({"id": user, "type": "private"});
        let small = json!({"file_id": "small", "width": 90, "height": 50, "file_size": 10});
        let large = json!({"file_id": "large", "width": 1280, "height": 720, "file_size": bytes});
        self.update(json!({"message": {"message_id": 1, "chat": chat,
            "from": person(user, "en"), "photo": [small, large]}}))
    }

    /// The sender has fetched a file for `user`, or could not.
    pub fn fetched(&mut self, user: i64, file: Option<&[u8]>) -> Vec<Call> {
        let (apps, now, file) = (Arc::clone(&self.apps), self.now, file.map(<[u8]>::to_vec));
        let fetch = Fetch { user: UserId(user), part: "e:".to_owned(), max_bytes: 1024 };
        self.store
            .write(move |tx| bot::fetched(tx, &apps, ChatId(user), &fetch, file.as_deref(), now))
            .unwrap();
        self.answers()
    }

    /// `user` presses a button in a private chat.
    pub fn presses(&mut self, user: i64, data: &str) -> Vec<Call> {
        self.presses_in(user, user, data)
    }

    /// `user` presses a button in a chat.
    pub fn presses_in(&mut self, user: i64, chat: i64, data: &str) -> Vec<Call> {
        let kind = if chat < 0 { "supergroup" } else { "private" };
        let chat = json!({"id": chat, "type": kind});
        let message = json!({"message_id": 55, "date": 1, "chat": chat});
        self.update(json!({"callback_query": {"id": "q", "from": person(user, "en"),
            "message": message, "data": data}}))
    }

    /// An admin adds an event by one line; its number.
    #[track_caller]
    pub fn adds(&mut self, line: &str) -> u64 {
        let answer = self.told(ADMIN, &format!("/addevent {line}"));
        assert!(answer.text().starts_with("Created"), "{}", answer.text());
        self.events().last().unwrap().id.0
    }

    /// Every event.
    pub fn events(&self) -> Vec<Event> {
        events::all(&self.store.snapshot().unwrap()).unwrap()
    }

    #[track_caller]
    pub fn event(&self, id: u64) -> Event {
        events::find(&self.store.snapshot().unwrap(), EventId(id)).unwrap().unwrap()
    }

    pub fn standing(&self, id: u64, user: i64) -> Standing {
        let read = self.store.snapshot().unwrap();
        events::standing(&read, EventId(id), UserId(user)).unwrap()
    }

    pub fn user(&self, id: i64) -> User {
        users::find_or_unknown(&self.store.snapshot().unwrap(), UserId(id)).unwrap()
    }

    /// What the apps are given.
    pub fn context(&self) -> &Arc<Context> {
        self.apps.context()
    }

    /// Writes to the store directly.
    pub fn store(&self) -> &Store {
        &self.store
    }
}

/// The only call.
#[track_caller]
pub fn only(calls: Vec<Call>) -> Call {
    assert_eq!(calls.len(), 1, "{calls:#?}");
    calls.into_iter().next().unwrap()
}

/// Answering a press: the toast or box, and the message in place of the one pressed.
#[track_caller]
pub fn pressed(calls: Vec<Call>) -> (Call, Call) {
    assert_eq!(calls.len(), 2, "{calls:#?}");
    let mut calls = calls.into_iter();
    let (answer, edit) = (calls.next().unwrap(), calls.next().unwrap());
    assert_eq!(answer.method(), "answerCallbackQuery");
    assert_eq!((edit.method(), &edit.0["params"]["message_id"]), ("editMessageText", &json!(55)));
    (answer, edit)
}

pub fn person(id: i64, language: &str) -> Value {
    json!({"id": id, "is_bot": false, "first_name": format!("P{id}"), "language_code": language})
}

/// What Telegram would refuse, and what would lead people astray.
fn check(call: &Call) {
    let text = call.text();
    assert!(crate::telegram::html::visible_len(text) <= 4096, "{text}");
    if !matches!(call.method(), "sendMessage" | "editMessageText" | "answerCallbackQuery") {
        return;
    }
    assert!(!text.contains(['{', '}']), "an unfilled place: {text}");
    let is_group = call.0["params"]["chat_id"].as_i64().is_some_and(|chat| chat < 0);
    for button in call.buttons() {
        assert!(!(is_group && button.get("web_app").is_some()), "web_app in a group: {button}");
        let data = button["callback_data"].as_str().unwrap_or("x");
        assert!((1..=64).contains(&data.len()), "{button}");
    }
    let count = |letter| text.chars().filter(|c| *c == letter).count();
    assert_eq!(count('\u{2068}'), count('\u{2069}'), "an open isolate: {text}");
    assert_eq!(count('\u{202e}'), 0, "a turned text: {text}");
}
