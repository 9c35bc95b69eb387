//! What an update shows: whether a secret or what opens one is anywhere in it.
//!
//! Whatever is seen here never reaches the log of updates, so nobody who reads that gets it. Telegram
//! repeats texts in many places (the message a button stands under, the message somebody answers,
//! quotes, edits, captions, links behind words), so the whole update is looked through, with names of
//! people and chats left out where they could only be mistaken for a command. Doubt counts as a
//! secret: an update too few in the log does less harm than one too many.

use serde_json::{Map, Value};

use super::token::{PAYLOAD, TOKEN_CHARS, TOKEN_DIGITS, Ticket};

/// How a secret begins; upper case is how telephones begin.
const NEW: &str = "new:";

/// The command that asks for a secret.
const COMMAND: &str = "/new";

/// Members that hold names, which somebody may have begun with `new:`.
const NAMES: [&str; 14] = [
    "chat",
    "from",
    "sender_chat",
    "sender_business_bot",
    "via_bot",
    "user",
    "sender_user",
    "forward_from",
    "forward_from_chat",
    "actor_chat",
    "new_chat_members",
    "new_chat_member",
    "left_chat_member",
    "old_chat_member",
];

/// Hexadecimal digits that look like a part of the original's tokens.
const HALF: usize = 32;

/// A message, by its chat and its id there.
pub type Place = (i64, i64);

/// The text of a new secret if `words` make one: everything behind the first colon, byte for byte.
pub fn new_secret(words: &str) -> Option<&str> {
    words.get(..NEW.len()).filter(|begin| begin.eq_ignore_ascii_case(NEW))?;
    words.get(NEW.len()..)
}

/// What a reader brings: a ticket alone, a link with one, or one word among others.
pub fn ticket(words: &str) -> Option<Ticket> {
    words.split_whitespace().find_map(|word| {
        Ticket::parse(word).or_else(|| Ticket::parse_link(word)).or_else(|| {
            let payload = word.rsplit(['=', '/']).next()?;
            Ticket::parse_payload(payload)
        })
    })
}

/// Whether `words` merely look like a ticket: a number, a colon, and digits enough that somebody
/// means one. The original's `id:hex:hex` is among them.
pub fn looks_like_ticket(words: &str) -> bool {
    let Some((id, rest)) = words.trim().split_once(':') else { return false };
    let is_number = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    let is_hex = |byte: u8| byte.is_ascii_hexdigit() || byte == b':';
    is_number && rest.len() >= HALF / 2 && rest.bytes().all(is_hex)
}

/// Whether an update shows a secret or what opens one. A plain text is looked through alike.
pub fn shows(update: &Value) -> bool {
    match update {
        // What could not be read as an update may hold anything anywhere.
        Value::String(text) => {
            let lower = text.to_ascii_lowercase();
            shows_ticket(text) || lower.contains(NEW) || lower.contains(COMMAND)
        }
        Value::Object(fields) => in_object(fields, Names::Read),
        Value::Array(items) => items.iter().any(shows),
        _ => false,
    }
}

/// Every message an update is, answers or repeats.
pub fn places(update: &Value) -> Vec<Place> {
    let mut places = Vec::new();
    find_places(update, &mut places);
    places
}

/// Who writes where, for every message of an update: the chat and the person.
pub fn writers(update: &Value) -> Vec<Place> {
    let Value::Object(fields) = update else { return Vec::new() };
    let writer = |message: &Value| {
        let chat = message["chat"]["id"].as_i64()?;
        let from = message["from"]["id"].as_i64()?;
        Some((chat, from))
    };
    fields.values().filter_map(writer).collect()
}

/// Whether strings count as words or only as what may hold a ticket.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    Read,
    Skipped,
}

fn in_value(value: &Value, names: Names) -> bool {
    match value {
        Value::String(text) => shows_ticket(text) || (names == Names::Read && begins_secret(text)),
        Value::Array(items) => items.iter().any(|item| in_value(item, names)),
        Value::Object(fields) => in_object(fields, names),
        _ => false,
    }
}

fn in_object(fields: &Map<String, Value>, names: Names) -> bool {
    is_shown_text(fields)
        || fields.iter().any(|(name, value)| {
            let names = if NAMES.contains(&name.as_str()) { Names::Skipped } else { names };
            in_value(value, names)
        })
}

/// Whether this is a message that the bot protects: it does that to texts of secrets only. In groups
/// everything may be protected.
fn is_shown_text(fields: &Map<String, Value>) -> bool {
    let is_protected = fields.get("has_protected_content") == Some(&Value::Bool(true));
    is_protected && fields.get("chat").is_some_and(|chat| chat["type"] == "private")
}

/// Whether `text` is a secret to be made: `new:…`, or `/new` with something behind it.
fn begins_secret(text: &str) -> bool {
    if new_secret(text).is_some() {
        return true;
    }
    let is_command = text.get(..COMMAND.len()).is_some_and(|c| c.eq_ignore_ascii_case(COMMAND));
    is_command
        && text[COMMAND.len()..]
            .split_once(char::is_whitespace)
            .is_some_and(|(bot, text)| is_bot_name(bot) && !text.trim().is_empty())
}

/// What may stand between a command and the space behind it.
fn is_bot_name(text: &str) -> bool {
    text.is_empty() || text.starts_with('@')
}

/// Whether something in `text` could open a secret, as a ticket, a link, a payload of `/start` or the
/// original's `id:hex:hex`. Runs of digits are found wherever they stand.
fn shows_ticket(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let digits = run(&bytes[at..], u8::is_ascii_digit);
        let rest = &bytes[at + digits..];
        if opens(rest) && !is_digest(&bytes[..at + digits])
            || bytes[..at].ends_with(PAYLOAD.as_bytes()) && is_payload(rest)
        {
            return true;
        }
        at += digits;
    }
    false
}

/// Whether `text` ends in the name of SHA-256, which people write before digits of their own.
fn is_digest(text: &[u8]) -> bool {
    let lower = text[text.len().saturating_sub(7)..].to_ascii_lowercase();
    lower.ends_with(b"sha256") || lower.ends_with(b"sha-256")
}

/// Whether `rest`, which follows a number, goes on like a ticket.
fn opens(rest: &[u8]) -> bool {
    match rest.split_first() {
        Some((b':' | b'#', rest)) => {
            let hex = run(rest, u8::is_ascii_hexdigit);
            hex >= TOKEN_DIGITS || hex >= HALF && rest.get(hex) == Some(&b':')
        }
        _ => false,
    }
}

/// Whether `rest`, which follows `s_` and a number, goes on like a payload of `/start`.
fn is_payload(rest: &[u8]) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    rest.strip_prefix(b"_").is_some_and(|rest| run(rest, is_letter) >= TOKEN_CHARS)
}

fn run(bytes: &[u8], is: impl Fn(&u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| is(byte)).count()
}

fn find_places(value: &Value, places: &mut Vec<Place>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| find_places(item, places)),
        Value::Object(fields) => {
            let id = fields.get("message_id").and_then(Value::as_i64);
            let chat = fields.get("chat").and_then(|chat| chat["id"].as_i64());
            places.extend(chat.zip(id));
            fields.values().for_each(|value| find_places(value, places));
        }
        _ => {}
    }
}

#[cfg(test)]
#[path = "sight_tests.rs"]
mod tests;
