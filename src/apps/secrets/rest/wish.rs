//! What somebody wants to have made, pure: the fields of a body become values, or what is wrong.

use std::fmt;

use serde_json::Value;

use super::body::Fields;
use crate::apps::secrets::SecretText;
use crate::ids::UserId;

/// The longest passphrase, in characters.
pub const PASSPHRASE_MAX: usize = 256;

/// A message to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// What is in it.
    pub text: SecretText,
    /// How many seconds it waits, if that was said.
    pub ttl: Option<u64>,
    /// What opens it besides its token.
    pub passphrase: Option<SecretText>,
    /// Who alone may open it, in the bot.
    pub recipient: Option<UserId>,
}

/// A field and what it has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wrong(pub &'static str, pub &'static str);

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.0, self.1)
    }
}

impl std::error::Error for Wrong {}

impl Wish {
    /// Reads the fields of a body; others than these do not matter.
    pub fn read(fields: &Fields) -> Result<Self, Wrong> {
        let text = match fields.get("text") {
            Some(Value::String(text)) if !text.is_empty() => SecretText::new(&**text),
            _ => return Err(Wrong("text", "expected a text that is not empty")),
        };
        Ok(Self {
            text,
            ttl: ttl(fields)?,
            passphrase: passphrase(fields)?,
            recipient: recipient(fields)?,
        })
    }
}

/// The passphrase among the fields; an empty one is none.
pub fn passphrase(fields: &Fields) -> Result<Option<SecretText>, Wrong> {
    match fields.get("passphrase") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().count() <= PASSPHRASE_MAX => {
            Ok(Some(text).filter(|text| !text.is_empty()).map(|text| SecretText::new(&**text)))
        }
        Some(_) => Err(Wrong("passphrase", "expected a text of at most 256 characters")),
    }
}

/// Seconds, or a number with `s`, `m`, `h` or `d` as in the settings.
fn ttl(fields: &Fields) -> Result<Option<u64>, Wrong> {
    let seconds = match fields.get("ttl") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(seconds)) => seconds.as_u64(),
        Some(Value::String(text)) => seconds(text),
        Some(_) => None,
    };
    let wrong = Wrong("ttl", "expected seconds, or a number with `s`, `m`, `h` or `d`");
    seconds.map(Some).ok_or(wrong)
}

fn seconds(text: &str) -> Option<u64> {
    let unit = match text.as_bytes().last()? {
        b's' => 1,
        b'm' => 60,
        b'h' => 3_600,
        b'd' => 86_400,
        _ => return digits(text),
    };
    digits(text.strip_suffix(|letter: char| letter.is_ascii_lowercase())?)?.checked_mul(unit)
}

fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

fn recipient(fields: &Fields) -> Result<Option<UserId>, Wrong> {
    let id = match fields.get("recipient") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(id)) => id.as_u64(),
        Some(Value::String(text)) => digits(text),
        Some(_) => None,
    };
    // Ids of users have at most 52 significant bits (Bot API `User.id`).
    let id = id.filter(|id| (1..1 << 52).contains(id)).and_then(|id| i64::try_from(id).ok());
    let wrong = Wrong("recipient", "expected the Telegram id of a person");
    id.map(|id| Some(UserId(id))).ok_or(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(fields: &Value) -> Result<Wish, String> {
        Wish::read(fields.as_object().unwrap()).map_err(|wrong| wrong.to_string())
    }

    #[test]
    fn a_wish_is_a_text_and_what_else_was_said() {
        let wish = read(&json!({"text": " a:b\n", "x": 1})).unwrap();
        assert_eq!(wish.text.reveal(), " a:b\n");
        assert_eq!((wish.ttl, wish.passphrase, wish.recipient), (None, None, None));
        let wish = read(&json!({"text": "a", "ttl": "90m", "passphrase": "x y", "recipient": "5"}));
        let wish = wish.unwrap();
        assert_eq!(wish.ttl, Some(5_400));
        assert_eq!(wish.passphrase, Some(SecretText::new("x y")));
        assert_eq!(wish.recipient, Some(UserId(5)));
        for (ttl, seconds) in [
            (json!(60), 60),
            (json!("60"), 60),
            (json!("1s"), 1),
            (json!("2h"), 7_200),
            (json!("7d"), 604_800),
            (json!(0), 0),
        ] {
            let wish = read(&json!({"text": "a", "ttl": ttl, "passphrase": "", "recipient": null}));
            let wish = wish.unwrap();
            assert_eq!((wish.ttl, wish.passphrase), (Some(seconds), None));
        }
    }

    #[test]
    fn what_is_no_text_is_refused_by_name_and_not_repeated() {
        for text in [json!(""), json!(null), json!(7), json!(true), json!(["a"]), json!({"a": 1})] {
            let said = read(&json!({"text": text})).unwrap_err();
            assert_eq!(said, "`text`: expected a text that is not empty");
        }
        assert!(read(&json!({})).unwrap_err().starts_with("`text`"));
        let long = "p".repeat(257);
        for (name, value) in [
            ("ttl", json!("CANARY")),
            ("ttl", json!("")),
            ("ttl", json!("h")),
            ("ttl", json!("-1h")),
            ("ttl", json!("1.5h")),
            ("ttl", json!("1 h")),
            ("ttl", json!("1н")),
            ("ttl", json!("99999999999999999999d")),
            ("ttl", json!("300000000000000000d")),
            ("ttl", json!(-1)),
            ("ttl", json!(1.5)),
            ("ttl", json!(false)),
            ("passphrase", json!(7)),
            ("passphrase", json!(long)),
            ("recipient", json!("@ada")),
            ("recipient", json!(0)),
            ("recipient", json!(-5)),
            ("recipient", json!(1_u64 << 52)),
            ("recipient", json!("")),
        ] {
            let mut fields = json!({"text": "a"});
            fields[name] = value.clone();
            let said = read(&fields).unwrap_err();
            assert!(said.starts_with(&format!("`{name}`: expected")), "{value}: {said}");
            assert!(!said.contains("CANARY"));
        }
    }
}
