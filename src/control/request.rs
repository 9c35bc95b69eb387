//! What the command line asks for and what it is answered, as they stand on the socket.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::people::Right;
use super::relay::From;
use crate::apps::conferences::outside::Done;
use crate::apps::events::model::EventId;
use crate::apps::events::refusal::Field;
use crate::ids::UserId;
use crate::store::api_keys::{Hash, Scope};

/// One command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case")]
pub enum Request {
    /// Makes an event; answered with its number.
    AddEvent {
        /// Its fields.
        form: Form,
    },
    /// Changes an event; answered with whether that changed anything.
    EditEvent {
        /// Which.
        id: EventId,
        /// The fields to change.
        form: Form,
    },
    /// Cancels an event or one date of it; answered with whether that changed anything.
    CancelEvent {
        /// Which.
        id: EventId,
        /// Why; may be empty.
        reason: String,
        /// `YYYY-MM-DD`, for one date of a series.
        date: Option<String>,
    },
    /// Removes an event with everything about it.
    DeleteEvent {
        /// Which.
        id: EventId,
    },
    /// All events, by number.
    ListEvents,
    /// Who goes to an event or waits for it.
    Attendees {
        /// Which.
        id: EventId,
    },
    /// Everybody the store or the settings know, by id.
    ListUsers,
    /// Gives or takes a right.
    SetRight {
        /// Whose.
        user: UserId,
        /// Which.
        right: Right,
    },
    /// Keeps the one-time code that makes an admin, in place of an earlier one; answered with the
    /// bot's name, if it is known.
    AdminCode {
        /// Its hash; the code itself stays where it was made.
        hash: Hash,
    },
    /// Keeps a key of the API.
    AddKey {
        /// What its owner calls it.
        name: String,
        /// What it opens.
        scopes: Vec<Scope>,
        /// Its hash; the key itself stays where it was made.
        hash: Hash,
    },
    /// All keys of the API, by name.
    ListKeys,
    /// Removes a key of the API; from now on it opens nothing.
    RemoveKey {
        /// Which.
        name: String,
    },
    /// Stores an application configuration; answered with its number.
    AddAppConfig {
        /// One JSON object.
        text: Untold,
    },
    /// All application configurations, by number, without what they log in with.
    ListAppConfigs,
    /// Makes one the only active one; answered with whether that changed anything.
    ActivateAppConfig {
        /// Which.
        id: u64,
    },
    /// Removes one.
    RemoveAppConfig {
        /// Which.
        id: u64,
    },
    /// Makes a one-time message; answered with what opens it.
    NewSecret {
        /// What is in it.
        text: Untold,
        /// Seconds it waits.
        #[serde(default)]
        ttl: Option<u64>,
        /// Who alone may read it.
        #[serde(default)]
        recipient: Option<UserId>,
        /// What the reader has to know.
        #[serde(default)]
        passphrase: Option<Untold>,
    },
    /// Reads a one-time message; answered with its text.
    ReadSecret {
        /// What opens it, `<id>:<token>`.
        ticket: Untold,
        /// What the reader has to know.
        #[serde(default)]
        passphrase: Option<Untold>,
    },
    /// All unread one-time messages, without what is in them or opens them.
    ListSecrets,
    /// Deletes a one-time message unread.
    BurnSecret {
        /// Its number.
        id: u64,
    },
    /// How the TrueConf servers stand, as last confirmed.
    Servers,
    /// The newest entries of the audit log of TrueConf servers.
    ServersAudit {
        /// How many.
        limit: usize,
    },
    /// Something the command line did to a TrueConf server, to be kept and told.
    ServersDone {
        /// What.
        done: Done,
    },
    /// How the server does; without a server nobody can say.
    Health,
    /// A backup: after the first answer the file is handed over, empty and open; the second says what
    /// is in it.
    Backup,
    /// How every sink stands.
    RelayStatus {
        /// Name and type of each by the settings, for when no server runs.
        sinks: Vec<(String, String)>,
    },
    /// The updates that a sink refused for good.
    RelayDead {
        /// Which.
        sink: String,
    },
    /// Sends a sink's dead letters, or what is in the log, again; answered with how many.
    RelayReplay {
        /// Which.
        sink: String,
        /// From where; its dead letters if not given.
        from: Option<From>,
    },
    /// Makes a dead letter of the update a sink stands still at; answered with whether there is one.
    RelaySkip {
        /// Which.
        sink: String,
    },
    /// Each update as it comes: after the answer, a line each until somebody hangs up.
    RelayTail,
}

/// A text that goes over the socket and is printed nowhere.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Untold(pub String);

impl fmt::Debug for Untold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The fields of an event somebody filled in, as text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// Name and text of each; an empty text takes the field away.
    pub texts: Vec<(String, String)>,
    /// A picture in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
}

impl Form {
    /// The same with `text` in `field`, if there is one.
    #[must_use]
    pub fn with(mut self, field: Field, text: Option<&String>) -> Self {
        self.texts.extend(text.map(|text| (field.name().to_owned(), text.clone())));
        self
    }

    /// Whether nothing was filled in.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.image.is_none()
    }
}

/// What comes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Done, with this result.
    Done(Value),
    /// Not done, in a sentence.
    Failed(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_lines_that_people_can_read() {
        let form =
            Form::default().with(Field::Title, Some(&"Chess".to_owned())).with(Field::Start, None);
        let rows = [
            (Request::ListEvents, r#"{"command":"list-events"}"#),
            (
                Request::AddEvent { form },
                r#"{"command":"add-event","form":{"texts":[["title","Chess"]]}}"#,
            ),
            (
                Request::SetRight { user: UserId(7), right: Right::Admin },
                r#"{"command":"set-right","user":7,"right":"admin"}"#,
            ),
        ];
        for (request, line) in rows {
            assert_eq!(serde_json::to_string(&request).unwrap(), line);
            assert_eq!(serde_json::from_str::<Request>(line).unwrap(), request);
        }
    }
}
