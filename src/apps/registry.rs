//! The list of apps, and what they are given at start.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{
    App, House, Person, Roles, Routed, Running, Threads, conferences, events, language_of, secrets,
};
use crate::i18n::Language;
use crate::ids::UserId;
use crate::net::Request;
use crate::settings::Server;
use crate::store::{Read, Snapshot, Store, StoreError, Tx, users};
use crate::telegram::whisper::Whispers;

/// Makes an app at start.
pub type Make = fn(&Arc<Context>) -> Box<dyn App>;

/// Every app. A folder without its line here fails a test that says so.
pub const LIST: &[Make] = &[events::app, secrets::app, conferences::app];

/// What apps are given at start.
#[derive(Debug)]
pub struct Context {
    /// Rights from the settings.
    pub roles: Roles,
    /// The language of people whose own is not spoken here.
    pub language: Language,
    /// The zone of events that name none.
    pub timezone: TimeZone,
    /// Its IANA name.
    pub timezone_name: String,
    /// `https://…` without a slash at its end, where pages are reached from outside.
    pub public_url: Option<String>,
    /// The short name of the mini app at BotFather, for `t.me` links.
    pub short_name: String,
    /// The most bytes of an event's image.
    pub media_limit: usize,
    /// How long before an event starts people are reminded.
    pub reminders: Vec<Duration>,
    /// What the settings say about secrets.
    pub secrets: secrets::Rules,
    /// Messages that are said without being written down.
    pub whispers: Whispers,
    /// The TrueConf servers.
    pub servers: Vec<Server>,
    /// The bot's username, once Telegram has told it.
    pub bot: std::sync::OnceLock<String>,
}

impl Default for Context {
    /// As without a settings file: nobody is an admin, and all is in UTC.
    fn default() -> Self {
        Self {
            roles: Roles::default(),
            language: Language::default(),
            timezone: TimeZone::UTC,
            timezone_name: "UTC".to_owned(),
            public_url: None,
            short_name: "events".to_owned(),
            media_limit: 1 << 19,
            reminders: Vec::new(),
            secrets: secrets::Rules::default(),
            whispers: Whispers::default(),
            servers: Vec::new(),
            bot: std::sync::OnceLock::new(),
        }
    }
}

impl Context {
    /// The mini app's link in Telegram, to which `?startapp=…` is added.
    pub fn link(&self) -> Option<String> {
        self.bot.get().map(|bot| format!("https://t.me/{bot}/{}", self.short_name))
    }

    /// The person with this id as of `read`; `None` when they are banned.
    pub fn person(&self, read: &impl Read, id: UserId) -> Result<Option<Person>, StoreError> {
        let user = users::find_or_unknown(read, id)?;
        if self.roles.is_banned(&user) {
            return Ok(None);
        }
        Ok(Some(Person {
            id,
            language: language_of(user.language.as_deref(), self.language),
            is_admin: self.roles.is_admin(&user),
            reachable: user.reachable,
            name: user.name,
        }))
    }
}

/// The apps of this process and what they share.
pub struct Apps {
    context: Arc<Context>,
    house: House,
    list: Arc<[Box<dyn App>]>,
}

impl Apps {
    /// All apps of [`LIST`].
    pub fn all(context: Arc<Context>) -> Self {
        let list: Arc<[Box<dyn App>]> = LIST.iter().map(|app| app(&context)).collect();
        Self { house: House::new(Arc::clone(&context), Arc::clone(&list)), context, list }
    }

    /// What apps share.
    pub fn context(&self) -> &Arc<Context> {
        &self.context
    }

    /// The same, for work that outlives its caller.
    pub fn shared_context(&self) -> Arc<Context> {
        Arc::clone(&self.context)
    }

    /// The bot's own part.
    pub fn house(&self) -> &House {
        &self.house
    }

    /// Every app, in the order of the list.
    pub fn iter(&self) -> impl Iterator<Item = &dyn App> {
        self.list.iter().map(Box::as_ref)
    }

    /// The app called `name`.
    pub fn find(&self, name: &str) -> Option<&dyn App> {
        self.iter().find(|app| app.name() == name)
    }

    /// Makes the tables of every app exist.
    pub fn prepare(&self, tx: &Tx) -> Result<(), StoreError> {
        self.iter().try_for_each(|app| app.prepare(tx))
    }

    /// When an app has something to do by itself; see [`App::due`].
    pub fn due(&self, read: &Snapshot, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let mut first: Option<Timestamp> = None;
        for app in self.iter() {
            let due = app.due(read, now)?;
            first = first.into_iter().chain(due).min();
        }
        Ok(first)
    }

    /// Does a part of what apps do by themselves; whether there was anything to do.
    pub fn tick(&self, tx: &Tx, now: Timestamp) -> Result<bool, StoreError> {
        let mut any = false;
        for app in self.iter() {
            any |= app.tick(tx, now)?;
        }
        Ok(any)
    }

    /// Whether an app says that this update must not be kept in clear ([`App::is_confidential`]), or it
    /// shows the code that makes an admin.
    /// What is no JSON is asked about as one text.
    pub fn is_confidential(&self, tx: &Tx, update: &str) -> Result<bool, StoreError> {
        let update = serde_json::from_str::<Value>(update).unwrap_or_else(|_| update.into());
        if House::is_confidential(&update) {
            return Ok(true);
        }
        for app in self.iter() {
            if app.is_confidential(tx, &update)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Starts the threads of every app; see [`App::run`].
    pub fn run(&self, running: &Running) -> std::io::Result<Vec<Threads>> {
        self.iter().map(|app| app.run(running)).collect()
    }

    /// The person with this id as of `read`; `None` when they are banned.
    pub fn person(&self, read: &impl Read, id: UserId) -> Result<Option<Person>, StoreError> {
        self.context.person(read, id)
    }

    /// Whom the settings offer more than everybody is offered.
    pub fn named_by_settings(&self) -> Vec<Person> {
        let Context { roles, language, .. } = &*self.context;
        let mut ids = roles.admins.clone();
        ids.extend(self.iter().flat_map(App::named_by_settings));
        let people = ids.into_iter().filter(|id| !roles.banned.contains(id));
        people.map(|id| Person::named(id, roles, *language)).collect()
    }

    /// The `welcome` frame.
    pub fn welcome(&self, person: &Person) -> Value {
        json!({
            "type": "welcome",
            "telegram_id": person.id,
            "name": person.name,
            "is_admin": person.is_admin,
            "language": person.language.tag(),
            "timezone": self.context.timezone_name,
            "link": self.context.link(),
        })
    }

    /// The answer of the first app that has one for this request.
    pub fn route(&self, request: &Request, store: &Store) -> Option<Routed> {
        self.iter().find_map(|app| app.route(request, store))
    }

    /// The most bytes a body under this path may have, if an app says so.
    pub fn body_limit(&self, path: &str) -> Option<u64> {
        self.iter().find_map(|app| app.body_limit(path))
    }
}
