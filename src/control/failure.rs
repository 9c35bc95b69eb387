//! Why a command was not carried out.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::apps::events::refusal::{Invalid, Refusal};
use crate::apps::events::store::NotDone;
use crate::apps::events::text;
use crate::apps::secrets::configs;
use crate::i18n::Language;
use crate::ids::UserId;
use crate::settings::nearest;
use crate::store::StoreError;
use crate::store::api_keys::NotAdded;

/// Why a command was not carried out; nothing has changed, unless the variant says otherwise.
#[derive(Debug)]
pub enum Failure {
    /// Mini Events said no.
    Refused(Refusal),
    /// The settings give this person a right that a command cannot take.
    AdminBySettings(UserId),
    /// The settings ban this person.
    BannedBySettings(UserId),
    /// A field this program does not know.
    UnknownField(String),
    /// There is no new key of the API.
    Key(NotAdded),
    /// There is no key of this name.
    NoSuchKey,
    /// Something was not done with an application configuration.
    Config(configs::NotDone),
    /// Nothing was done with a one-time message.
    Secret(super::NoSecret),
    /// Only a running server can answer.
    NoServer,
    /// What only works while none runs.
    Running,
    /// The file of a backup did not arrive.
    NoFile(String),
    /// No sink has this name; those there are.
    NoSuchSink(String, Vec<String>),
    /// The log does not have this update.
    NotInLog(i64),
    /// As many as may look on do.
    TooManyTails,
    /// The output cannot be written.
    Output(io::Error),
    /// The server ended.
    Ended,
    /// The database.
    Store(StoreError),
    /// What the server says.
    Told(String),
    /// There is no way to the socket.
    Reach(PathBuf, io::Error),
    /// The server took the request and gave no answer; whether it was done is not known.
    NoAnswer(io::Error),
    /// The socket cannot be made.
    Listen(PathBuf, io::Error),
    /// Something that is no socket lies where it belongs.
    InTheWay(PathBuf),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<NotDone> for Failure {
    fn from(not_done: NotDone) -> Self {
        match not_done {
            NotDone::Refused(refusal) => Self::Refused(refusal),
            NotDone::Store(error) => Self::Store(error),
        }
    }
}

impl From<Invalid> for Failure {
    fn from(invalid: Invalid) -> Self {
        Self::Refused(invalid.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refused(refusal, f),
            Self::AdminBySettings(user) => write!(
                f,
                "{user} is an admin by the settings; take the id out of `admins` and restart the server"
            ),
            Self::BannedBySettings(user) => write!(
                f,
                "{user} is banned by the settings; take the id out of `banned` and restart the server"
            ),
            Self::UnknownField(name) => {
                write!(f, "`{name}`: no such field; the server is of another version, restart it")
            }
            Self::Key(error) => error.fmt(f),
            // Never the name: somebody may have given the key itself.
            Self::NoSuchKey => {
                f.write_str("there is no key of this name; `roost api-key list` shows all names")
            }
            Self::Config(error) => error.fmt(f),
            Self::Secret(no) => no.fmt(f),
            Self::NoServer => f.write_str("no server is running; start it with `roost serve`"),
            Self::Running => f.write_str(
                "a server runs on this database; stop it first (`systemctl stop roost`)",
            ),
            Self::NoFile(why) => write!(f, "the file for the backup did not arrive: {why}"),
            Self::NoSuchSink(name, known) if known.is_empty() => {
                write!(f, "`{name}`: no such sink; there are none yet, see `relay.sinks`")
            }
            Self::NoSuchSink(name, known) => {
                let near = nearest(name, known.iter().map(String::as_str));
                let known = known.join("`, `");
                match near {
                    Some(near) => write!(f, "`{name}`: no such sink; did you mean `{near}`?"),
                    None => write!(f, "`{name}`: no such sink; there are `{known}`"),
                }
            }
            Self::NotInLog(id) => write!(
                f,
                "the log of updates does not have update {id} (any more); begin with a time, such as `--from 2h`"
            ),
            Self::TooManyTails => f.write_str("enough others look on; end one of them"),
            Self::Output(error) => write!(f, "cannot write the output: {error}"),
            Self::Ended => f.write_str("the server has ended"),
            Self::Store(error) => error.fmt(f),
            Self::Told(sentence) => f.write_str(sentence),
            Self::Reach(path, error) => write!(
                f,
                "cannot reach the server through `{}`: {error}; run this as the user the server runs as",
                path.display()
            ),
            Self::NoAnswer(error) => write!(
                f,
                "the server gave no answer: {error}; look whether it runs, and whether this was done"
            ),
            Self::Listen(path, error) => {
                write!(
                    f,
                    "cannot make the control socket `{}`: {error}; set `database` to a folder of this user that can hold sockets",
                    path.display()
                )
            }
            Self::InTheWay(path) => write!(
                f,
                "`{}` is where the control socket belongs, and no socket; move it away",
                path.display()
            ),
        }
    }
}

/// The sentence, with the field it is about in front: options are called like fields.
fn refused(refusal: &Refusal, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if let Refusal::Invalid(invalid) = refusal {
        write!(f, "`{}`: ", invalid.field.name())?;
    }
    f.write_str(&text::refusal(refusal, Language::En))
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => Some(error),
            Self::Reach(_, error) | Self::NoAnswer(error) | Self::Listen(_, error) => Some(error),
            _ => None,
        }
    }
}
