//! The commands about one-time messages. What they carry is on the socket and nowhere else.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Failure, Untold};
use crate::apps::secrets::seal::Chance;
use crate::apps::secrets::store::{self, Author, Burner, Claim, Claimed, Door, Given, Gone};
use crate::apps::secrets::store::{New, No, NotCreated, Unkept};
use crate::apps::secrets::told::{self, Fate};
use crate::apps::secrets::words;
use crate::apps::secrets::{SecretId, SecretText, Ticket, tries};
use crate::apps::{Apps, Context};
use crate::i18n::Language;
use crate::ids::UserId;
use crate::store::{Snapshot, Store};

/// Why nothing was done with a one-time message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoSecret {
    /// It was not made.
    Unkept(Unkept),
    /// It was not opened.
    No(No),
    /// What was given is no `ID:TOKEN`.
    NoTicket,
    /// There is none with this number.
    None,
    /// The system gives no random numbers.
    Chance(String),
}

/// Makes one; answered with what opens it.
pub(super) fn make(
    store: &Store,
    context: &Context,
    at: Timestamp,
    text: Untold,
    wish: Wish,
) -> Result<Value, Failure> {
    let chance = Chance::fresh().map_err(|error| NoSecret::Chance(error.to_string()))?;
    let ttl = wish.ttl.map_or(context.secrets.ttl, Duration::from_secs);
    let text = SecretText::new(text.0);
    let by = Author::Operator;
    let new = New { by, text, ttl, recipient: wish.recipient, at, chance, passphrase: None };
    let new = match wish.passphrase {
        Some(passphrase) => new.stretch(&SecretText::new(passphrase.0)),
        None => new,
    };
    let limits = context.secrets.limits;
    let created = store.write(move |tx| store::create(tx, &new, &limits))?;
    Ok(json!(created.ticket.expose().reveal()))
}

/// What may be wished of a new one.
pub(super) struct Wish {
    pub ttl: Option<u64>,
    pub recipient: Option<UserId>,
    pub passphrase: Option<Untold>,
}

/// Opens one, which is no more then; answered with its text.
pub(super) fn read(
    store: &Store,
    apps: &Apps,
    at: Timestamp,
    ticket: &Untold,
    passphrase: Option<Untold>,
) -> Result<Value, Failure> {
    let ticket = Ticket::parse(&ticket.0).ok_or(NoSecret::NoTicket)?;
    let passphrase = passphrase.map(|text| Given::Typed(SecretText::new(text.0)));
    let (by, who, door) = (None, Vec::new(), Door::CommandLine);
    let claim = Claim { ticket, by, who, door, passphrase, at };
    let claim = claim.stretched(&store.snapshot()?)?;
    let context = apps.shared_context();
    match store.write(move |tx| told::claim(tx, &context, &claim))? {
        Claimed::Opened(opened) => Ok(json!(opened.text.reveal())),
        Claimed::No(no) => Err(NoSecret::No(no).into()),
        Claimed::Burnt(_) => Err(NoSecret::No(No::Closed).into()),
    }
}

/// All that are open, oldest first, without what is in them or opens them.
pub(super) fn list(store: &Store, now: Timestamp) -> Result<Value, Failure> {
    let read = store.snapshot()?;
    let rows = store::list(&read, None, now)?;
    rows.iter().map(|one| row(&read, one, now)).collect()
}

fn row(read: &Snapshot, one: &Gone, now: Timestamp) -> Result<Value, Failure> {
    let is_locked = tries::wait(read, one.id, &[], now)?.is_some();
    let by = match &one.by {
        Author::User(user) => json!(user),
        Author::ApiKey(name) => json!(name),
        Author::Operator => Value::Null,
    };
    Ok(json!({
        "id": one.id,
        "created": one.created,
        "expires": one.expires,
        "recipient": one.recipient,
        "state": if is_locked { "locked" } else { "open" },
        "passphrase": one.has_passphrase,
        "by": by,
    }))
}

/// Burns one, whoever made it.
pub(super) fn burn(store: &Store, apps: &Apps, now: Timestamp, id: u64) -> Result<Value, Failure> {
    let context = apps.shared_context();
    let burnt =
        store.write(move |tx| match store::burn(tx, SecretId(id), &Burner::Operator, now)? {
            Some(gone) => told::author(tx, &context, &gone, Fate::BurntByOperator).map(|()| true),
            None => Ok(false),
        })?;
    if burnt { Ok(Value::Null) } else { Err(NoSecret::None.into()) }
}

impl std::fmt::Display for NoSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lasting = |time: &Duration| words::lasting(*time, Language::En);
        match self {
            Self::Unkept(Unkept::Empty) => {
                f.write_str("there is no text; write it to standard input")
            }
            Self::Unkept(Unkept::TooLong(most)) => write!(
                f,
                "the text has more than {most} characters; shorten it or raise `secrets.max-length`"
            ),
            Self::Unkept(Unkept::Ttl(longest)) => write!(
                f,
                "`ttl`: expected one second to {}; see `secrets.max-ttl`",
                lasting(longest)
            ),
            Self::Unkept(Unkept::TooManyOfYours(_) | Unkept::TooMany) => {
                f.write_str("there are too many unread one-time messages; burn some")
            }
            Self::No(No::Closed) => f.write_str(
                "there is nothing to read: it was read, burnt or has expired, or what you gave is not right",
            ),
            Self::No(No::Passphrase) => {
                f.write_str("it has a passphrase; give a file with it by `--passphrase-file`")
            }
            Self::No(No::TooMany(wait)) => {
                write!(f, "too many wrong tries; try again in {}", lasting(wait))
            }
            Self::NoTicket => f.write_str("this is no `ID:TOKEN`, as `roost secret new` prints it"),
            Self::None => f.write_str(
                "there is no unread one-time message with this number; `roost secret list` shows all",
            ),
            Self::Chance(error) => write!(f, "no random numbers: {error}"),
        }
    }
}

impl From<NoSecret> for Failure {
    fn from(no: NoSecret) -> Self {
        Self::Secret(no)
    }
}

impl From<NotCreated> for Failure {
    fn from(not_created: NotCreated) -> Self {
        match not_created {
            NotCreated::Refused(why) => Self::Secret(NoSecret::Unkept(why)),
            NotCreated::Store(error) => Self::Store(error),
        }
    }
}
