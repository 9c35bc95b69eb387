//! Bodies of the API, pure: a form or a JSON object becomes fields, whole or not at all.

use std::fmt;

use serde_json::{Map, Value};

/// More fields than a form of ours ever has.
const FIELDS_MAX: usize = 64;

/// The fields of a body by name; those of a form are strings.
pub type Fields = Map<String, Value>;

/// Why a body cannot be read. It never repeats what was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// Neither form nor JSON.
    Type,
    /// Not UTF-8.
    Encoding,
    /// No JSON; the text says where.
    Json(String),
    /// JSON, but no object.
    NotAnObject,
    /// A `%` without two hexadecimal digits.
    Percent,
    /// A field that is given twice.
    Twice,
    /// More fields than any form of ours has.
    TooMany,
}

impl Unread {
    /// The status code of the answer.
    pub fn status(&self) -> u16 {
        if *self == Self::Type { 415 } else { 400 }
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type => f.write_str(
                "send `application/json` or `application/x-www-form-urlencoded`, in UTF-8",
            ),
            Self::Encoding => f.write_str("the body is not UTF-8"),
            Self::Json(why) => write!(f, "malformed JSON: {why}"),
            Self::NotAnObject => f.write_str("the body is no JSON object"),
            Self::Percent => f.write_str("malformed form: a `%` is not followed by two digits"),
            Self::Twice => f.write_str("malformed form: a field is given twice"),
            Self::TooMany => write!(f, "malformed form: more than {FIELDS_MAX} fields"),
        }
    }
}

impl std::error::Error for Unread {}

/// Reads `body`, which `content_type` says is a form or JSON; nothing at all has no fields.
pub fn read(content_type: Option<&str>, body: &[u8]) -> Result<Fields, Unread> {
    match kind(content_type) {
        Some(Kind::Json) => json(body),
        Some(Kind::Form) => form(body),
        None if body.is_empty() => Ok(Fields::new()),
        None => Err(Unread::Type),
    }
}

/// Reads `body` if `content_type` says that it is JSON: a page of somebody else's cannot send that
/// without asking first, as it could a form.
pub fn read_json(content_type: Option<&str>, body: &[u8]) -> Result<Fields, Unread> {
    match kind(content_type) {
        Some(Kind::Json) => json(body),
        _ => Err(Unread::Type),
    }
}

enum Kind {
    Json,
    Form,
}

/// Media type, in any case, with no charset but UTF-8 (RFC 9110 §8.3).
fn kind(content_type: Option<&str>) -> Option<Kind> {
    let mut parts = content_type?.split(';').map(str::trim);
    let kind = match parts.next()?.to_ascii_lowercase().as_str() {
        "application/json" => Kind::Json,
        "application/x-www-form-urlencoded" => Kind::Form,
        _ => return None,
    };
    let utf8 = |part: &str| match part.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            let value = value.trim().trim_matches('"');
            ["utf-8", "utf8", "us-ascii"].iter().any(|known| value.eq_ignore_ascii_case(known))
        }
        _ => true,
    };
    parts.all(utf8).then_some(kind)
}

fn json(body: &[u8]) -> Result<Fields, Unread> {
    let text = str::from_utf8(body).map_err(|_| Unread::Encoding)?;
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(Unread::NotAnObject),
        Err(error) => Err(Unread::Json(error.to_string())),
    }
}

/// `name=value&…` with `+` for a space (WHATWG URL, "urlencoded parsing"), but nothing is guessed:
/// a stray `%`, another encoding or a field given twice would change the text unnoticed.
fn form(body: &[u8]) -> Result<Fields, Unread> {
    let mut fields = Fields::new();
    for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        if fields.len() == FIELDS_MAX {
            return Err(Unread::TooMany);
        }
        let end = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        let value = decoded(pair.get(end + 1..).unwrap_or_default())?;
        if fields.insert(decoded(&pair[..end])?, Value::String(value)).is_some() {
            return Err(Unread::Twice);
        }
    }
    Ok(fields)
}

fn decoded(text: &[u8]) -> Result<String, Unread> {
    let mut bytes = text.iter();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (hex(bytes.next()), hex(bytes.next()));
                high.zip(low).map(|(high, low)| high << 4 | low).ok_or(Unread::Percent)?
            }
            plain => *plain,
        });
    }
    String::from_utf8(decoded).map_err(|_| Unread::Encoding)
}

fn hex(digit: Option<&u8>) -> Option<u8> {
    char::from(*digit?).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = "application/json";
    const FORM: &str = "application/x-www-form-urlencoded";

    fn text(content_type: &str, body: &[u8]) -> Result<Value, Unread> {
        read(Some(content_type), body).map(|mut fields| fields.remove("text").unwrap_or_default())
    }

    #[test]
    fn a_text_arrives_as_it_was_meant_in_both_formats() {
        let long = "п".repeat(4000);
        for (content_type, body, expected) in [
            (JSON, r#"{"text":"a:b\n😀 \u05e9 ","x":1}"#, "a:b\n😀 ש "),
            (JSON, r#" {"text":"\ud83d\ude00"} "#, "😀"),
            ("Application/JSON; charset=UTF-8", r#"{"text":"a"}"#, "a"),
            ("application/json;charset=\"utf-8\"; x=y", r#"{"text":"a"}"#, "a"),
            (FORM, "text=a%3Ab%0A%F0%9F%98%80+%d7%a9%20&x=1", "a:b\n😀 ש "),
            (FORM, "&x&text=a=b&&", "a=b"),
            (FORM, "te%78t=new%3Ahttps%3A%2F%2Fx", "new:https://x"),
            (FORM, "text=пр", "пр"),
            (FORM, &format!("text={long}"), &long),
            (FORM, "text=100%25", "100%"),
            (FORM, "text=", ""),
            (FORM, "text", ""),
        ] {
            let expected = Ok(Value::String(expected.to_owned()));
            assert_eq!(text(content_type, body.as_bytes()), expected, "{content_type} {body}");
        }
        assert_eq!(read(None, b""), Ok(Fields::new()));
        assert_eq!(text(FORM, b""), Ok(Value::Null));
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        let many = (0..65).map(|n| format!("f{n}=")).collect::<Vec<_>>().join("&");
        for (content_type, body, says) in [
            (JSON, &b""[..], "malformed JSON: EOF"),
            (JSON, b"{", "malformed JSON: EOF"),
            (JSON, b"{\"text\":\"a\"}x", "malformed JSON: trailing"),
            (JSON, b"{\"text\":\"\\ud800\"}", "malformed JSON"),
            (JSON, b"{\"text\":\"\xff\"}", "the body is not UTF-8"),
            (JSON, b"\xff\xfe{\0}\0", "the body is not UTF-8"),
            (JSON, b"[]", "no JSON object"),
            (JSON, b"\"text\"", "no JSON object"),
            (JSON, b"null", "no JSON object"),
            (JSON, &b"[".repeat(1000), "malformed JSON: recursion limit"),
            (FORM, b"text=%", "a `%` is not followed"),
            (FORM, b"text=%4", "a `%` is not followed"),
            (FORM, b"text=%zz", "a `%` is not followed"),
            (FORM, b"text=%+1", "a `%` is not followed"),
            (FORM, b"te%xt=a", "a `%` is not followed"),
            (FORM, b"text=%ff", "not UTF-8"),
            (FORM, b"text=\xc3", "not UTF-8"),
            (FORM, b"text=%C3%28", "not UTF-8"),
            (FORM, b"text=a&te%78t=b", "given twice"),
            (FORM, many.as_bytes(), "more than 64 fields"),
            ("text/plain", b"text=a", "send `application/json`"),
            ("multipart/form-data; boundary=x", b"--x--", "send `application/json`"),
            ("application/json; charset=latin1", b"{}", "send `application/json`"),
            ("application/jsonp", b"{}", "send `application/json`"),
            ("", b"{}", "send `application/json`"),
        ] {
            let why = text(content_type, body).unwrap_err();
            assert!(
                why.to_string().contains(says),
                "{content_type} {}: {why}",
                body.escape_ascii()
            );
            let status = if says.starts_with("send") { 415 } else { 400 };
            assert_eq!(why.status(), status);
        }
        assert_eq!(read(None, b"text=a"), Err(Unread::Type));
        for content_type in [None, Some(FORM), Some("text/plain")] {
            assert_eq!(read_json(content_type, b""), Err(Unread::Type));
        }
        assert!(read_json(Some(JSON), b"{}").is_ok());
    }
}
