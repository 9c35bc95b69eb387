//! Parameters of a call: from the query, a form, JSON or multipart, as the official server takes them.

use serde_json::{Map, Value};

use super::denial::Denial;
use crate::telegram::form;

/// The parameters of one call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params {
    values: Map<String, Value>,
    files: Vec<(String, Vec<u8>)>,
}

impl Params {
    /// Reads the query and the body; what the body says wins.
    pub(crate) fn read(
        query: Option<&str>,
        content_type: &str,
        body: &[u8],
    ) -> Result<Self, Denial> {
        let mut params = Self::default();
        if let Some(query) = query {
            params.add_form(query)?;
        }
        let kind = content_type.split(';').next().unwrap_or_default().trim().to_lowercase();
        match kind.as_str() {
            _ if body.is_empty() => (),
            "application/json" => params.add_json(body)?,
            "multipart/form-data" => params.add_parts(content_type, body)?,
            _ => {
                let text = std::str::from_utf8(body).map_err(|_| strings())?;
                params.add_form(text)?;
            }
        }
        Ok(params)
    }

    /// All of them as one object.
    pub(crate) fn object(&self) -> Value {
        Value::Object(self.values.clone())
    }

    /// A text; numbers count as text.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.values.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// A whole number, also as text.
    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        self.text(name)?.trim().parse().ok()
    }

    /// A boolean, also as text.
    pub(crate) fn flag(&self, name: &str) -> bool {
        match self.values.get(name) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => {
                matches!(text.to_lowercase().as_str(), "true" | "1" | "yes")
            }
            _ => false,
        }
    }

    /// An object or list, also as JSON in text; `None` if it is missing.
    pub(crate) fn json(&self, name: &str) -> Result<Option<Value>, Denial> {
        match self.values.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text)
                .map(Some)
                .map_err(|_| Denial::bad(&format!("can't parse {name} JSON object"))),
            Some(value) => Ok(Some(value.clone())),
        }
    }

    /// An uploaded file.
    pub(crate) fn file(&self, name: &str) -> Option<&[u8]> {
        self.files.iter().find(|(field, _)| field == name).map(|(_, bytes)| bytes.as_slice())
    }

    fn add_form(&mut self, text: &str) -> Result<(), Denial> {
        if text.is_empty() {
            return Ok(());
        }
        let pairs = form::pairs(text).ok_or_else(strings)?;
        self.values.extend(pairs.into_iter().map(|(key, value)| (key, Value::String(value))));
        Ok(())
    }

    fn add_json(&mut self, body: &[u8]) -> Result<(), Denial> {
        let Ok(Value::Object(values)) = serde_json::from_slice(body) else {
            return Err(Denial::bad("can't parse JSON object"));
        };
        self.values.extend(values);
        Ok(())
    }

    /// RFC 7578, as far as Bot API clients use it.
    fn add_parts(&mut self, content_type: &str, body: &[u8]) -> Result<(), Denial> {
        let boundary = attribute(content_type, "boundary").ok_or_else(strings)?;
        let line = format!("--{boundary}");
        for part in split(body, line.as_bytes()).into_iter().skip(1) {
            let Some(at) = find(part, b"\r\n\r\n") else { break };
            let head = String::from_utf8_lossy(&part[..at]);
            let content = part[at + 4..].strip_suffix(b"\r\n").unwrap_or(&part[at + 4..]);
            let name = attribute(&head, "name").ok_or_else(strings)?.to_owned();
            if attribute(&head, "filename").is_some() {
                self.files.push((name, content.to_vec()));
            } else {
                let text = std::str::from_utf8(content).map_err(|_| strings())?;
                self.values.insert(name, text.into());
            }
        }
        Ok(())
    }
}

fn strings() -> Denial {
    Denial::bad("strings must be encoded in UTF-8")
}

/// `name="value"` or `name=value` after a `;` or a space.
fn attribute<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let wanted = format!("{name}=");
    let value = text.split([';', ' ', '\n', '\r']).find_map(|p| p.trim().strip_prefix(&wanted))?;
    Some(value.trim_matches('"'))
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn split<'a>(mut bytes: &'a [u8], line: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    while let Some(at) = find(bytes, line) {
        parts.push(&bytes[..at]);
        bytes = &bytes[at + line.len()..];
    }
    parts.push(bytes);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_call_can_be_made_in_four_ways() {
        let parts = "--x\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n7\r\n--x\r\n\
             Content-Disposition: form-data; name=\"text\"\r\n\r\na b\r\n--x--\r\n";
        for (query, kind, body) in [
            (Some("chat_id=7&text=a+b"), "", ""),
            (None, "application/x-www-form-urlencoded", "chat_id=7&text=a%20b"),
            (None, "application/json; charset=utf-8", r#"{"chat_id": 7, "text": "a b"}"#),
            (Some("chat_id=8"), "application/json", r#"{"chat_id": "7", "text": "a b"}"#),
            (None, "multipart/form-data; boundary=x", parts),
        ] {
            let params = Params::read(query, kind, body.as_bytes()).unwrap();
            assert_eq!(params.int("chat_id"), Some(7), "{kind}");
            assert_eq!(params.text("text").as_deref(), Some("a b"), "{kind}");
        }
    }

    #[test]
    fn a_file_keeps_its_bytes() {
        let body = b"--x\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.png\"\r\n\
             Content-Type: image/png\r\n\r\n\x89PNG\r\n\x00--\r\n--x--";
        let params = Params::read(None, "multipart/form-data; boundary=\"x\"", body).unwrap();
        assert_eq!(params.file("photo"), Some(b"\x89PNG\r\n\x00--".as_slice()));
    }

    #[test]
    fn nested_values_come_as_json_or_as_json_in_text() {
        for body in [r#"{"reply_markup": {"a": 1}}"#, r#"{"reply_markup": "{\"a\": 1}"}"#] {
            let params = Params::read(None, "application/json", body.as_bytes()).unwrap();
            assert_eq!(params.json("reply_markup"), Ok(Some(json!({"a": 1}))));
        }
        assert!(Params::read(None, "application/json", b"[1]").is_err());
        assert!(Params::read(None, "", b"\xff=1").is_err());
    }
}
