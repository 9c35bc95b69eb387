//! The apps: what an app is, the list of them, and who may use them.
//!
//! An app is one folder here, one under `www/apps/`, and one line in [`LIST`].

pub mod conferences;
pub mod events;
mod house;
mod people;
mod private;
mod registry;
mod running;
pub mod secrets;

pub use house::House;
pub use people::{Person, Roles};
pub use private::is_private;
pub use registry::{Apps, Context, LIST};
pub use running::{Running, Threads};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::i18n::{Language, Sentences};
use crate::ids::UserId;
use crate::metrics::Metrics;
use crate::net::{Answer, Request};
use crate::store::{Snapshot, Store, StoreError, Tx, admin_code};
use crate::telegram::inline::InlinePage;
use crate::telegram::outgoing::Outgoing;
use crate::telegram::whisper::Whispered;

/// One mini app: what it shows on the socket, and what it does when somebody asks.
///
/// Everything that changes something runs inside the writer's transaction ([`Tx`]); everything
/// shown is read from a snapshot afterwards. An app holds no state of its own and no lock, unless it
/// watches something outside: then it keeps in memory what it saw last.
pub trait App: Send + Sync + 'static {
    /// Its name: `app` in socket messages, its folder in `www/apps/`, its path (`/<name>/`).
    fn name(&self) -> &'static str;

    /// Whether the first page offers it; what people reach by links alone is not offered.
    fn is_offered(&self) -> bool {
        true
    }

    /// Makes its tables exist; runs once at start.
    fn prepare(&self, tx: &Tx) -> Result<(), StoreError>;

    /// The ids of all subjects a page shows right after login.
    fn subjects(&self, read: &Snapshot) -> Result<Vec<u64>, StoreError>;

    /// One subject as pages see it now; `None` once it does not exist any more.
    fn view(&self, read: &Snapshot, id: u64, now: Timestamp) -> Result<Option<View>, StoreError>;

    /// The frame that tells pages that a subject is gone.
    fn gone(&self, id: u64) -> Value {
        json!({"type": "gone", "id": id})
    }

    /// The frame that ends the snapshot, if the app has one.
    fn loaded(&self, start_param: Option<&str>) -> Option<Value> {
        let _ = start_param;
        None
    }

    /// Does what a socket message asks for.
    fn message(&self, tx: &Tx, asked: &Asked, message: &Value) -> Result<Outcome, Failure>;

    /// When it has something to do by itself, whatever anybody asks: now or before if there is
    /// something already. Asked again after each tick, and after each commit that says so
    /// ([`Tx::due_changed`]).
    fn due(&self, read: &Snapshot, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let _ = (read, now);
        Ok(None)
    }

    /// Does a part of that, short enough for one transaction; whether there was anything to do.
    fn tick(&self, tx: &Tx, now: Timestamp) -> Result<bool, StoreError> {
        let _ = (tx, now);
        Ok(false)
    }

    /// Whether an update carries something that must not be kept in clear: it is handled, but never
    /// reaches the log of updates, and so nobody who reads that. Asked inside the transaction that
    /// handles it, before anything of it is written.
    fn is_confidential(&self, tx: &Tx, update: &Value) -> Result<bool, StoreError> {
        let _ = (tx, update);
        Ok(false)
    }

    /// Whether this person is offered the app at all: in the launcher, in menus, by buttons; `None`
    /// is somebody of whom nothing is known. What they may do in it is asked again whenever they
    /// do it.
    fn is_for(&self, person: Option<&Person>) -> bool {
        let _ = person;
        true
    }

    /// Whom the settings offer more than everybody is offered, besides admins.
    fn named_by_settings(&self) -> Vec<UserId> {
        Vec::new()
    }

    /// Its part of the bot, if it has one.
    fn bot(&self) -> Option<&dyn BotPart> {
        None
    }

    /// Adds what Prometheus is told of it; names begin with `roost_<app>_`. A family is begun also
    /// when it has no samples, so that a dashboard finds it.
    fn metrics(
        &self,
        read: &Snapshot,
        now: Timestamp,
        metrics: &mut Metrics,
    ) -> Result<(), StoreError> {
        let _ = (read, now, metrics);
        Ok(())
    }

    /// Starts the threads it needs, once everything it may need runs. They end, and are joined, when
    /// what is returned is dropped; that is before the store closes.
    fn run(&self, running: &Running) -> std::io::Result<Threads> {
        let _ = running;
        Ok(None)
    }

    /// Answers an HTTP request under a path of its own, e.g. `/media/…`, before the front end is
    /// asked. It reads from a snapshot, or has an operation committed before it answers.
    fn route(&self, request: &Request, store: &Store) -> Option<Routed> {
        let _ = (request, store);
        None
    }

    /// The most bytes a body under this path may have, if the path is its own; more is 413.
    fn body_limit(&self, path: &str) -> Option<u64> {
        let _ = path;
        None
    }
}

/// What a request under a path of an app's own is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Routed {
    /// This.
    Answer(Answer),
    /// This file of `www`, whatever else stands in the path; nobody keeps a copy of it.
    Page(&'static str),
}

impl From<Answer> for Routed {
    fn from(answer: Answer) -> Self {
        Self::Answer(answer)
    }
}

/// What an app adds to the bot.
pub trait BotPart: Send + Sync {
    /// The commands it answers, for the menus of everybody and of admins.
    fn commands(&self) -> &'static [Command];

    /// The label of the button that opens its page, if it has one.
    fn launch(&self, sentences: &Sentences) -> Option<&'static str> {
        let _ = sentences;
        None
    }

    /// A command of [`BotPart::commands`], sent in `talk.chat`; `arguments` is the text behind it.
    fn command(&self, tx: &Tx, talk: &Talk, command: &str, arguments: &str) -> Result<(), Failure>;

    /// A press on a button whose data begin with the app's prefix (see [`BotPart::prefix`]).
    fn button(&self, tx: &Tx, talk: &Talk, press: &Press) -> Result<(), Failure>;

    /// How the data of its buttons begin.
    fn prefix(&self) -> &'static str;

    /// `/start <payload>`; false when the payload is not its own.
    fn start(&self, tx: &Tx, talk: &Talk, payload: &str) -> Result<bool, Failure> {
        let _ = (tx, talk, payload);
        Ok(false)
    }

    /// A message to the bot or in a group, before commands are looked for and before other parts get
    /// it, since these may write it down; true when it was for this part alone.
    fn confided(&self, tx: &Tx, talk: &Talk, heard: &Heard<'_>) -> Result<bool, Failure> {
        let _ = (tx, talk, heard);
        Ok(false)
    }

    /// What anybody, known or not, wrote in a group or channel.
    fn overheard(&self, tx: &Tx, words: &str, at: Timestamp) -> Result<(), StoreError> {
        let _ = (tx, words, at);
        Ok(())
    }

    /// A message of this part that was said without being written down has ended
    /// (see [`crate::telegram::whisper`]).
    fn whispered(&self, tx: &Tx, whispered: &Whispered) -> Result<(), StoreError> {
        let _ = (tx, whispered);
        Ok(())
    }

    /// Somebody for whom the app is was greeted in a private chat; whatever it adds to that.
    fn greeted(&self, tx: &Tx, talk: &Talk) -> Result<(), Failure> {
        let _ = (tx, talk);
        Ok(())
    }

    /// A message that is not a command; false when nobody in this chat was asked for one.
    fn reply(&self, tx: &Tx, talk: &Talk, said: &Said) -> Result<bool, Failure> {
        let _ = (tx, talk, said);
        Ok(false)
    }

    /// What admins are told of it by `/status`, plain text.
    fn status(&self, tx: &Tx, talk: &Talk) -> Result<Option<String>, StoreError> {
        let _ = (tx, talk);
        Ok(None)
    }

    /// What somebody is offered who types `@bot query` in any chat; `offset` is the end of the page
    /// before, or what they made of it. The first part that has an answer gives it.
    fn inline(
        &self,
        tx: &Tx,
        asked: &Asked,
        query: &str,
        offset: &str,
    ) -> Result<Option<InlinePage>, StoreError> {
        let _ = (tx, asked, query, offset);
        Ok(None)
    }

    /// A file arrived that the app asked the sender to fetch, or it could not be had.
    fn fetched(&self, tx: &Tx, talk: &Talk, file: Option<&[u8]>) -> Result<(), Failure> {
        let _ = (tx, talk, file);
        Ok(())
    }
}

/// A command of the bot and who sees it in the menu.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// Without the slash.
    pub name: &'static str,
    /// Whether only admins see and may use it.
    pub for_admins: bool,
    /// What it does, for the menu and `/help`.
    pub about: fn(&Sentences) -> &'static str,
}

/// Who acts, with the rights they have in this very transaction, and when.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The person.
    pub by: Person,
    /// The time.
    pub at: Timestamp,
}

/// A person talking to the bot, and where.
#[derive(Clone, Debug)]
pub struct Talk {
    /// Who, and when.
    pub asked: Asked,
    /// The chat to answer in.
    pub chat: crate::ids::ChatId,
    /// Whether that chat is private (`web_app` buttons work nowhere else).
    pub is_private: bool,
    /// The bot's own username, without `@`.
    pub bot: String,
    /// The update they talk by, if it is one.
    pub update: Option<i64>,
}

/// A message as it came.
#[derive(Clone, Copy, Debug)]
pub struct Heard<'a> {
    /// Its id in the chat.
    pub message: i64,
    /// Its text or caption.
    pub words: &'a str,
    /// Whether that is all there is: no photo, no file.
    pub is_text: bool,
    /// Who wrote it first, if it was forwarded and they let that be known.
    pub forwarded_from: Option<UserId>,
}

/// A press on an inline button.
#[derive(Clone, Debug)]
pub struct Press {
    /// To be answered with answerCallbackQuery.
    pub query: String,
    /// The button's data, which the presser may have made up.
    pub data: String,
    /// The message with the button, unless Telegram does not give it any more.
    pub message: Option<i64>,
}

/// A message that is not a command.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// Its text or caption.
    pub text: String,
    /// The `file_id` and size of its photo in the best resolution, or of an image sent as a file.
    pub photo: Option<(String, Option<u64>)>,
}

/// One subject as pages see it.
#[derive(Clone, Debug)]
pub struct View {
    /// Where it stands in the snapshot.
    pub order: String,
    /// The frame as JSON text in each variant.
    pub variants: Vec<String>,
    /// Who sees another variant, ordered by id.
    pub special: Vec<(UserId, u8)>,
    /// What all the others see.
    pub others: Others,
    /// When it looks different though nothing was changed.
    pub until: Option<Timestamp>,
}

/// What those see of a subject who are not named in [`View::special`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// The first variant.
    FirstVariant,
    /// Nothing at all, not even that there is such a subject. Whoever is no longer named is told
    /// that it is gone.
    Nothing,
}

impl View {
    /// A subject that looks the same for everybody, for as long as nothing changes it.
    pub fn for_everybody(frame: &Value) -> Self {
        Self {
            order: String::new(),
            variants: vec![frame.to_string()],
            special: Vec::new(),
            others: Others::FirstVariant,
            until: None,
        }
    }
}

/// What the person who acted gets at once.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// The newest frame of a subject of the same app, which the action changed.
    Subject(u64),
    /// The frame of a subject that is as it was: the person still wants to see it.
    Unchanged(u64),
    /// A frame for this person alone.
    Frame(Value),
    /// Has Telegram prepare a message about this subject; the person gets a `prepared` frame with
    /// its id, or `null`.
    Prepared(u64, Box<Outgoing>),
}

/// The replies to one action.
pub type Outcome = Vec<Reply>;

/// Why an action changed nothing.
#[derive(Debug)]
pub enum Failure {
    /// A "no" in words for the person.
    Refused(Refused),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

/// A "no": a stable code, a sentence in the person's language, and what it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// Never changes: `no-such-event`, `not-admin`, `invalid-data` …
    pub code: &'static str,
    /// For people.
    pub sentence: String,
    /// Further members of the `error` frame: `field`, `event`, `what`.
    pub about: Map<String, Value>,
}

impl Refused {
    /// A refusal about nothing in particular.
    pub fn new(code: &'static str, sentence: impl Into<String>) -> Self {
        Self { code, sentence: sentence.into(), about: Map::new() }
    }

    /// The same, about `value`.
    #[must_use]
    pub fn about(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.about.insert(member.to_owned(), value.into());
        self
    }

    /// The `error` frame.
    pub fn frame(&self) -> Value {
        let mut frame = json!({"type": "error", "msg": self.sentence, "code": self.code});
        if let Value::Object(members) = &mut frame {
            members.extend(self.about.clone());
        }
        frame
    }
}

/// How the names of tables begin that are in no backup.
pub const LEFT_OUT: &[&str] = &[secrets::store::TABLES, admin_code::TABLE];

/// The language somebody is spoken to in.
pub fn language_of(tag: Option<&str>, default: Language) -> Language {
    tag.and_then(Language::of_tag).unwrap_or(default)
}
