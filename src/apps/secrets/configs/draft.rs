//! A configuration as somebody writes it: one JSON object, read once and checked.

use std::fmt;

use serde_json::{Map, Value};

use super::Credentials;
use crate::hidden::Hidden;

/// The longest text of an object, in bytes.
pub const TEXT_MAX: usize = 16 * 1024;

/// The longest name of a session and the longest hash, in characters.
const LONGEST: usize = 128;

/// The longest token, in characters; Telegram's have 46.
const TOKEN_MAX: usize = 256;

/// The members of an object.
const MEMBERS: [&str; 5] = ["session_name", "api_id", "api_hash", "bot_token", "is_bot"];

/// A configuration to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What its session is called.
    pub session_name: String,
    /// Whether it is a bot's.
    pub is_bot: bool,
    /// What it logs in with.
    pub credentials: Credentials,
}

/// Why a text is no configuration. It never holds a value, which may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// Over [`TEXT_MAX`].
    TooLong,
    /// No JSON object.
    NotAnObject,
    /// A member that means nothing here.
    Unknown,
    /// A member and what it has to be.
    Member(&'static str, &'static str),
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "a configuration has at most {TEXT_MAX} bytes"),
            Self::NotAnObject => write!(
                f,
                "standard input holds no JSON object; expected `{{\"session_name\": …, \"api_id\": …, \"api_hash\": …, \"bot_token\": …, \"is_bot\": …}}`"
            ),
            Self::Unknown => write!(f, "a member has another name than `{}`", MEMBERS.join("`, `")),
            Self::Member(name, what) => write!(f, "`{name}`: {what}"),
        }
    }
}

impl std::error::Error for Invalid {}

impl Draft {
    /// Reads one JSON object.
    pub fn read(text: &str) -> Result<Self, Invalid> {
        if text.len() > TEXT_MAX {
            return Err(Invalid::TooLong);
        }
        let Ok(Value::Object(members)) = serde_json::from_str(text) else {
            return Err(Invalid::NotAnObject);
        };
        if members.keys().any(|name| !MEMBERS.contains(&name.as_str())) {
            return Err(Invalid::Unknown);
        }
        let bot_token = bot_token(&members)?;
        let is_bot = match members.get("is_bot") {
            None | Some(Value::Null) => !bot_token.is_empty(),
            Some(Value::Bool(is_bot)) => *is_bot,
            Some(_) => return Err(Invalid::Member("is_bot", "expected true or false")),
        };
        if is_bot && bot_token.is_empty() {
            return Err(Invalid::Member("bot_token", "missing; a bot logs in with it"));
        }
        Ok(Self {
            session_name: session_name(&members)?,
            is_bot,
            credentials: Credentials {
                api_id: Hidden::new(api_id(&members)?),
                api_hash: Hidden::new(api_hash(&members)?),
                bot_token: Hidden::new(bot_token),
            },
        })
    }
}

fn session_name(members: &Map<String, Value>) -> Result<String, Invalid> {
    let name = members.get("session_name").and_then(Value::as_str).unwrap_or_default();
    let fits = (1..=LONGEST).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    let what = "expected 1 to 128 characters on one line";
    if fits { Ok(name.to_owned()) } else { Err(Invalid::Member("session_name", what)) }
}

/// A number, or its digits in quotes as environment files have them.
fn api_id(members: &Map<String, Value>) -> Result<u64, Invalid> {
    let id = match members.get("api_id") {
        Some(Value::Number(id)) => id.as_u64(),
        Some(Value::String(id)) if id.bytes().all(|b| b.is_ascii_digit()) => id.parse().ok(),
        _ => None,
    };
    let what = "expected the number that my.telegram.org shows";
    id.filter(|id| (1..=i64::MAX as u64).contains(id)).ok_or(Invalid::Member("api_id", what))
}

fn api_hash(members: &Map<String, Value>) -> Result<String, Invalid> {
    let hash = members.get("api_hash").and_then(Value::as_str).unwrap_or_default();
    let fits =
        (1..=LONGEST).contains(&hash.len()) && hash.bytes().all(|b| b.is_ascii_alphanumeric());
    let what = "expected the letters and digits that my.telegram.org shows";
    if fits { Ok(hash.to_owned()) } else { Err(Invalid::Member("api_hash", what)) }
}

/// Empty when there is none.
fn bot_token(members: &Map<String, Value>) -> Result<String, Invalid> {
    let what = "expected a token from @BotFather, such as `123456789:AA…`";
    let token = match members.get("bot_token") {
        None | Some(Value::Null) => "",
        Some(Value::String(token)) => token,
        Some(_) => return Err(Invalid::Member("bot_token", what)),
    };
    let is_token = |(id, rest): (&str, &str)| {
        let letter = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
        !id.is_empty()
            && id.bytes().all(|b| b.is_ascii_digit())
            && !rest.is_empty()
            && rest.bytes().all(letter)
    };
    let fits = token.len() <= TOKEN_MAX && token.split_once(':').is_some_and(is_token);
    if token.is_empty() || fits {
        Ok(token.to_owned())
    } else {
        Err(Invalid::Member("bot_token", what))
    }
}
