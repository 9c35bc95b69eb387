//! How values are shown to people: cut, on one line, and without anything that looks like a secret.

use super::parse;
use super::table::Secrecy;
use serde_json::Value;

/// What stands in the place of a secret.
pub const MASK: &str = "***";
/// Longer values are cut in messages: enough to recognise which one is meant.
const SHOWN_MAX: usize = 60;
/// No path of a settings file is longer.
const PLACE_MAX: usize = 1_000;

/// A value as it was found, for an error. Of a secret only its kind and size.
pub fn found(value: &Value, secrecy: Secrecy) -> String {
    if secrecy == Secrecy::Secret || value.is_object() {
        return size(value);
    }
    format!("`{}`", cut(&masked(value).to_string(), SHOWN_MAX))
}

/// The text of an environment variable as it was found.
pub fn found_text(text: &str, secrecy: Secrecy) -> String {
    found(&Value::from(text), secrecy)
}

/// A name somebody wrote, for an error.
pub fn name(text: &str) -> String {
    cut(&redacted(text), SHOWN_MAX)
}

/// The path of a file, whole as long as it is sensible: people have to find it.
pub fn place(path: &std::path::Path) -> String {
    cut(&redacted(&path.display().to_string()), PLACE_MAX)
}

/// A value without the secrets inside it.
pub fn masked(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::from(redacted(text)),
        Value::Array(items) => items.iter().map(masked).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (redacted(name), masked(value))).collect()
        }
        other => other.clone(),
    }
}

/// `text` without bot tokens and without user, password and query of addresses.
pub fn redacted(text: &str) -> String {
    without_tokens(&without_password(&without_query(text)))
}

fn size(value: &Value) -> String {
    match value {
        Value::String(text) => format!("a text of {}", counted(text.chars().count())),
        Value::Number(_) => "a number".to_owned(),
        Value::Bool(_) => "true or false".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::Null => "null".to_owned(),
    }
}

fn counted(characters: usize) -> String {
    match characters {
        1 => "1 character".to_owned(),
        count => format!("{count} characters"),
    }
}

fn cut(text: &str, most: usize) -> String {
    let shown = visible(&text.chars().take(most).collect::<String>());
    if text.chars().count() > most { shown + "…" } else { shown }
}

/// Control letters could move the cursor of a terminal.
fn visible(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

/// Services put keys into queries (`?token=…`).
fn without_query(text: &str) -> String {
    let query = text.contains("://").then(|| text.split_once('?')).flatten();
    query.map_or_else(|| text.to_owned(), |(before, _)| format!("{before}?{MASK}"))
}

fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    // A password may hold `/` where its writer forgot to encode it.
    let Some(at) = authority.rfind('@').or_else(|| rest.rfind('@')) else { return text.to_owned() };
    format!("{scheme}://{MASK}{}", &rest[at..])
}

/// Masks every run of letters that is a token or holds one (`…/bot123:AA…/getMe`).
fn without_tokens(text: &str) -> String {
    let mut shown = String::new();
    for piece in
        text.split_inclusive(|c: char| !(parse::is_word(c.encode_utf8(&mut [0; 4])) || c == ':'))
    {
        let end =
            piece.trim_end_matches(|c: char| !(c.is_ascii_alphanumeric() || "_-:".contains(c)));
        shown.push_str(if holds_token(end) { MASK } else { end });
        shown.push_str(&piece[end.len()..]);
    }
    shown
}

/// Digits, a colon and at least ten letters: also tokens too long or too short to be accepted.
fn holds_token(word: &str) -> bool {
    /// Shorter than any secret, longer than ports and times.
    const SECRET_MIN: usize = 10;
    word.match_indices(':').any(|(at, _)| {
        let digit_before = word[..at].bytes().next_back().is_some_and(|byte| byte.is_ascii_digit());
        let secret = word[at + 1..].split(':').next().unwrap_or_default();
        digit_before && secret.len() >= SECRET_MIN
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nothing_that_looks_like_a_secret_is_shown() {
        for (text, shown) in [
            ("localhost", "localhost"),
            ("127.0.0.1:2536", "127.0.0.1:2536"),
            ("22:00", "22:00"),
            ("123456:TEST-TOKEN-made-up", "***"),
            ("my token is 123456:TEST-TOKEN-made-up, ok?", "my token is ***, ok?"),
            (
                "https://api.telegram.org/bot123456:TEST-TOKEN-made-up/getMe",
                "https://api.telegram.org/***/getMe",
            ),
            ("redis://:password@127.0.0.1:6379/0", "redis://***@127.0.0.1:6379/0"),
            ("amqp://user:pass/word@host", "amqp://***@host"),
            ("https://example.org/hook?key=hush", "https://example.org/hook?***"),
        ] {
            assert_eq!(redacted(text), shown);
        }
        assert_eq!(found(&json!("hush"), Secrecy::Secret), "a text of 4 characters");
        assert_eq!(found(&json!(["123456:TEST-TOKEN-made-up"]), Secrecy::Open), "`[\"***\"]`");
    }

    #[test]
    fn long_and_many_lined_values_are_one_short_line() {
        let shown = found(&json!(format!("{}\u{1b}[2J", "é".repeat(100))), Secrecy::Open);
        assert!(shown.chars().count() < 70 && shown.ends_with("…`"), "{shown}");
        assert_eq!(name("a\nb"), "a\u{fffd}b");
    }
}
