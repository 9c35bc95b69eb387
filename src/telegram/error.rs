//! What can go wrong with a call of the Bot API; never holds a URL or a token.

use std::fmt;
use std::time::Duration;

use crate::ids::ChatId;

/// Why a call of the Bot API gave no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// Telegram answered `ok: false`.
    Refused {
        /// Telegram's `error_code`.
        code: u16,
        /// Telegram's words, bounded, with our token blotted out should it be echoed.
        description: String,
        /// How long Telegram wants us to wait before the next call.
        retry_after: Option<Duration>,
        /// The group's new id, after which the call can be repeated.
        migrate_to_chat_id: Option<ChatId>,
    },
    /// The token is wrong or was revoked (401).
    Unauthorized,
    /// No complete answer arrived.
    Network(Trouble),
    /// An answer that is not of the Bot API's form: a proxy's page, cut or broken JSON.
    Malformed {
        /// The HTTP status it came with.
        status: u16,
    },
    /// The answer or file is longer than allowed.
    TooLarge {
        /// The limit it broke, in bytes.
        limit: u64,
    },
    /// [`crate::telegram::Client::abort`] ended the call.
    Aborted,
}

/// Kinds of network trouble, in words people understand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The base URL cannot be used.
    Address,
    /// The name has no address.
    Resolve,
    /// Nobody listens there, or there is no route.
    Connect,
    /// The secure connection could not be made.
    Tls,
    /// No connection in time; nothing was sent.
    SlowConnect,
    /// The connection broke in the middle.
    Broken,
    /// No complete answer before the deadline.
    Deadline,
    /// The other end does not speak HTTP.
    Protocol,
}

impl ApiError {
    /// Whether the call may have been carried out all the same, so that a repeat could show twice.
    ///
    /// A 5xx is not ambiguous: the server says that it failed.
    pub fn is_ambiguous(&self) -> bool {
        match self {
            Self::Network(trouble) => {
                matches!(trouble, Trouble::Broken | Trouble::Deadline | Trouble::Protocol)
            }
            Self::Malformed { status } => *status < 400,
            Self::TooLarge { .. } | Self::Aborted => true,
            Self::Refused { .. } | Self::Unauthorized => false,
        }
    }

    /// Whether the same call may succeed later: network trouble, 429, 5xx, an answer of no form.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Refused { code, .. } => *code == 429 || *code >= 500,
            Self::Network(_) | Self::Malformed { .. } => true,
            Self::Unauthorized | Self::TooLarge { .. } | Self::Aborted => false,
        }
    }

    /// How long Telegram wants us to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The chat's new id after a group became a supergroup.
    pub fn migrated_to(&self) -> Option<ChatId> {
        match self {
            Self::Refused { migrate_to_chat_id, .. } => *migrate_to_chat_id,
            _ => None,
        }
    }

    /// Whether another poller or a webhook takes this bot's updates (409).
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Refused { code: 409, .. })
    }

    /// Whether the chat cannot be written to at all: blocked, never started, gone.
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::Refused { code: 403, .. } => true,
            Self::Refused { code: 400, description, .. } => description.contains("chat not found"),
            _ => false,
        }
    }

    /// Whether an edit changed nothing, which is what we wanted anyway.
    pub fn is_not_modified(&self) -> bool {
        matches!(self, Self::Refused { code: 400, description, .. }
            if description.contains("message is not modified"))
    }

    /// Whether an answer to a tapped button came too late to matter.
    pub fn is_late_tap(&self) -> bool {
        matches!(self, Self::Refused { code: 400, description, .. }
            if description.contains("query is too old"))
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { code, description, .. } => {
                write!(f, "telegram refused with {code}: {description}")
            }
            Self::Unauthorized => {
                f.write_str("telegram does not accept the bot token; check `bot-token`")
            }
            Self::Network(trouble) => trouble.fmt(f),
            Self::Malformed { status } => {
                write!(f, "answer with status {status} is not of the bot api's form")
            }
            Self::TooLarge { limit } => write!(f, "answer is longer than {limit} bytes"),
            Self::Aborted => f.write_str("call aborted"),
        }
    }
}

impl std::error::Error for ApiError {}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Address => "cannot use the address of the bot api; check `telegram-api-url`",
            Self::Resolve => "cannot resolve the name of the bot api server",
            Self::Connect => "cannot connect to the bot api server",
            Self::Tls => "cannot make a secure connection to the bot api server",
            Self::SlowConnect => "no connection to the bot api server in time",
            Self::Broken => "connection to the bot api server broke",
            Self::Deadline => "no complete answer from the bot api server in time",
            Self::Protocol => "the bot api server does not speak http",
        })
    }
}

impl From<ureq::Error> for ApiError {
    /// The one place where errors of `ureq` become ours; everything but the kind is dropped.
    fn from(error: ureq::Error) -> Self {
        use ureq::Error as E;
        Self::Network(match error {
            E::BodyExceedsLimit(limit) => return Self::TooLarge { limit },
            E::BadUri(_) | E::Http(_) | E::InvalidProxyUrl => Trouble::Address,
            E::HostNotFound => Trouble::Resolve,
            E::ConnectionFailed => Trouble::Connect,
            E::Tls(_) | E::Pem(_) | E::Rustls(_) => Trouble::Tls,
            E::Timeout(ureq::Timeout::Resolve | ureq::Timeout::Connect) => Trouble::SlowConnect,
            E::Timeout(_) => Trouble::Deadline,
            E::Io(error) => io_trouble(&error),
            _ => Trouble::Protocol,
        })
    }
}

/// What an error of a socket means for a call.
fn io_trouble(error: &std::io::Error) -> Trouble {
    use std::io::ErrorKind as K;
    match error.kind() {
        K::ConnectionRefused
        | K::HostUnreachable
        | K::NetworkUnreachable
        | K::NetworkDown
        | K::AddrNotAvailable => Trouble::Connect,
        K::TimedOut => Trouble::Deadline,
        K::InvalidData => Trouble::Tls,
        _ => Trouble::Broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: u16, description: &str) -> ApiError {
        ApiError::Refused {
            code,
            description: description.to_owned(),
            retry_after: None,
            migrate_to_chat_id: None,
        }
    }

    #[test]
    fn each_error_says_whether_a_repeat_is_harmless_and_worth_it() {
        let malformed = |status| ApiError::Malformed { status };
        for (error, ambiguous, passing) in [
            (refused(400, "Bad Request: chat not found"), false, false),
            (refused(403, "Forbidden: bot was blocked by the user"), false, false),
            (refused(409, "Conflict"), false, false),
            (refused(429, "Too Many Requests: retry after 3"), false, true),
            (refused(500, "Internal Server Error: restart"), false, true),
            (ApiError::Unauthorized, false, false),
            (malformed(502), false, true),
            (malformed(200), true, true),
            (ApiError::TooLarge { limit: 1 }, true, false),
            (ApiError::Network(Trouble::Resolve), false, true),
            (ApiError::Network(Trouble::Connect), false, true),
            (ApiError::Network(Trouble::SlowConnect), false, true),
            (ApiError::Network(Trouble::Tls), false, true),
            (ApiError::Network(Trouble::Broken), true, true),
            (ApiError::Network(Trouble::Deadline), true, true),
        ] {
            assert_eq!(error.is_ambiguous(), ambiguous, "ambiguous: {error}");
            assert_eq!(error.is_passing(), passing, "passing: {error}");
        }
    }

    #[test]
    fn telegrams_words_are_recognised() {
        assert!(refused(400, "Bad Request: message is not modified: specified").is_not_modified());
        assert!(refused(400, "Bad Request: query is too old and response").is_late_tap());
        assert!(refused(400, "Bad Request: chat not found").is_unreachable());
        assert!(refused(403, "Forbidden: user is deactivated").is_unreachable());
        assert!(!refused(400, "Bad Request: message text is empty").is_unreachable());
        assert!(refused(409, "Conflict: terminated").is_conflict());
    }
}
