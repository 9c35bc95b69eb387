//! The API: one-time messages and application configurations for programs, in the shapes of the
//! original. Closed without a key; whatever is not given away is the same 404.

mod access;
pub mod body;
pub mod pace;
pub mod path;
pub mod wish;

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::reveal::{self, Ask, alone};
use super::seal::Chance;
use super::store::{self, Author, Created, Door, New, NotCreated, Unkept};
use super::token::{SecretId, Ticket, Token};
use super::tries::Who;
use super::{Secrets, configs};
use crate::clock;
use crate::net::{Answer, Request};
use crate::store::api_keys::{self, ApiKey, Scope};
use crate::store::{Store, StoreError, Tx};
use path::Place;
use wish::Wish;

/// The most bytes of a body: 4,096 characters of twelve bytes each (`\ud83d\ude00`), and the rest.
pub const BODY_MAX: u64 = 64 * 1024;

/// Open messages of one key: what is left of [`store::MOST`] is for people.
const OPEN_OF_KEY: usize = 1_000;

/// When to look again whether there is room.
const ROOM: Duration = Duration::from_secs(60);

/// Why a message was not made.
#[derive(Debug)]
enum NotMade {
    /// The key has to wait.
    TooFast(Duration),
    /// The key has too many open.
    TooMany,
    /// A "no" of the store.
    Refused(Unkept),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for NotMade {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<NotCreated> for NotMade {
    fn from(error: NotCreated) -> Self {
        match error {
            NotCreated::Refused(why) => Self::Refused(why),
            NotCreated::Store(error) => Self::Store(error),
        }
    }
}

/// The answer, if the path is one of the API.
pub fn answer(secrets: &Secrets, request: &Request, store: &Store) -> Option<Answer> {
    let place = Place::of(&request.path)?;
    if !place.takes(&request.method) {
        return Some(Answer::method_not_allowed(place.methods()));
    }
    let answer = Api { secrets, request, store, now: clock::now() }.answer(place);
    Some(answer.unwrap_or_else(|error| unavailable(&error)))
}

/// A request to the API.
struct Api<'a> {
    secrets: &'a Secrets,
    request: &'a Request,
    store: &'a Store,
    now: Timestamp,
}

impl Api<'_> {
    fn answer(&self, place: Place<'_>) -> Result<Answer, StoreError> {
        let scope = match place {
            Place::Config => Scope::Config,
            Place::Create | Place::Read { .. } => Scope::Messages,
        };
        let key = match access::key(self.request, &self.store.snapshot()?, scope)? {
            Ok(key) => key,
            Err(refusal) => return Ok(refusal),
        };
        self.note_use(&key);
        match place {
            Place::Config => self.config(),
            Place::Create => self.create(&key),
            Place::Read { id, token } => self.read(&key, id, token),
        }
    }

    /// Writes down that the key was used, now and then; nobody waits for it.
    fn note_use(&self, key: &ApiKey) {
        let now = self.now;
        if key.is_stale(now) {
            let key = key.clone();
            drop(self.store.begin(move |tx| api_keys::used(tx, &key, now)));
        }
    }

    fn config(&self) -> Result<Answer, StoreError> {
        match configs::answer(&self.store.snapshot()?, self.store.path()) {
            Ok(Some(config)) => Ok(Answer::json(200, &config)),
            Ok(None) => Ok(Answer::empty(204).with("Cache-Control", "no-store")),
            Err(configs::NotDone::Store(error)) => Err(error),
            Err(error) => {
                log::error!("an application configuration cannot be handed out: {error}");
                let sentence = "the configuration cannot be read; the log of the server says why";
                Ok(Answer::detail(500, sentence))
            }
        }
    }

    fn create(&self, key: &ApiKey) -> Result<Answer, StoreError> {
        let fields = match self.fields() {
            Ok(fields) => fields,
            Err(unread) => return Ok(Answer::detail(unread.status(), &unread.to_string())),
        };
        let wish = match Wish::read(&fields) {
            Ok(wish) => wish,
            Err(wrong) => return Ok(Answer::detail(400, &wrong.to_string())),
        };
        let Ok(chance) = Chance::fresh() else {
            log::error!("no message can be made: the system gives no random numbers");
            return Ok(Answer::detail(500, "something went wrong on our side"));
        };
        let rules = &self.secrets.context.secrets;
        let new = New {
            by: Author::ApiKey(key.name.clone()),
            text: wish.text,
            ttl: wish.ttl.map_or(rules.ttl, Duration::from_secs),
            recipient: wish.recipient,
            at: self.now,
            chance,
            passphrase: None,
        };
        if new.text.chars() > rules.limits.max_length {
            // Before the slow part.
            return Ok(refused(Unkept::TooLong(rules.limits.max_length)));
        }
        let new = match &wish.passphrase {
            Some(passphrase) => alone(|| new.stretch(passphrase)),
            None => new,
        };
        let (text, name, limits) = (new.text.clone(), key.name.clone(), rules.limits);
        match self.store.write(move |tx| make(tx, &name, &new, &limits)) {
            Ok(created) => Ok(made(&created, text.reveal())),
            Err(NotMade::TooFast(wait)) => Ok(too_many("this key makes messages too fast", wait)),
            Err(NotMade::TooMany) => Ok(too_many("this key has too many messages open", ROOM)),
            Err(NotMade::Refused(why)) => Ok(refused(why)),
            Err(NotMade::Store(error)) => Err(error),
        }
    }

    fn read(&self, key: &ApiKey, id: &str, token: &str) -> Result<Answer, StoreError> {
        let (Some(id), Some(token)) = (SecretId::parse(id), Token::parse(token)) else {
            return Ok(Answer::not_found());
        };
        let passphrase = if self.request.method == "POST" {
            match self.fields() {
                Ok(fields) => wish::passphrase(&fields),
                Err(unread) => return Ok(Answer::detail(unread.status(), &unread.to_string())),
            }
        } else {
            Ok(None)
        };
        let passphrase = match passphrase {
            Ok(passphrase) => passphrase,
            Err(wrong) => return Ok(Answer::detail(400, &wrong.to_string())),
        };
        let who = vec![Who::ApiKey(key.name.clone()), Who::Address(self.request.client)];
        let ask = Ask { ticket: Ticket { id, token }, who, door: Door::Api, passphrase };
        reveal::answer(self.secrets, self.store, ask, self.now)
    }

    fn fields(&self) -> Result<body::Fields, body::Unread> {
        body::read(self.request.headers.get("Content-Type"), &self.request.body)
    }
}

fn make(tx: &Tx, name: &str, new: &New, limits: &store::Limits) -> Result<Created, NotMade> {
    if let Some(wait) = pace::take(tx, name, new.at)? {
        return Err(NotMade::TooFast(wait));
    }
    // Looking at all of them only when there may be so many.
    if store::count(tx)? >= OPEN_OF_KEY as u64
        && store::list(tx, Some(&new.by), new.at)?.len() >= OPEN_OF_KEY
    {
        return Err(NotMade::TooMany);
    }
    Ok(store::create(tx, new, limits)?)
}

fn made(created: &Created, text: &str) -> Answer {
    let Ticket { id, token } = &created.ticket;
    Answer::json(
        201,
        &json!({
            "id": id,
            "text": text,
            "access_token": token.expose().reveal(),
            "is_viewed": false,
            "timestamp": created.created,
        }),
    )
}

fn refused(why: Unkept) -> Answer {
    match why {
        Unkept::Empty => Answer::detail(400, "`text`: expected a text that is not empty"),
        Unkept::TooLong(most) => {
            Answer::detail(413, &format!("`text`: expected at most {most} characters"))
        }
        Unkept::Ttl(most) => {
            let most = most.as_secs();
            Answer::detail(400, &format!("`ttl`: expected 1 to {most} seconds"))
        }
        Unkept::TooManyOfYours(_) => too_many("this key has too many messages open", ROOM),
        Unkept::TooMany => {
            let sentence = "there are too many open messages; wait until some are read or expire";
            later(Answer::detail(503, sentence), ROOM)
        }
    }
}

/// `429`.
pub(super) fn too_many(sentence: &str, wait: Duration) -> Answer {
    later(Answer::detail(429, sentence), wait)
}

fn later(answer: Answer, wait: Duration) -> Answer {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    answer.with("Retry-After", seconds.max(1).to_string())
}

/// `503`; the store has logged what is wrong with the disk.
pub(super) fn unavailable(error: &StoreError) -> Answer {
    log::error!("a request for a one-time message failed: {error}");
    Answer::detail(503, "the database is not available now; try again")
}
