//! Requests to the API: the first line is a path, the second a content type, the rest a body.

use std::fmt::Write as _;

use roost::apps::secrets::configs::Draft;
use roost::apps::secrets::rest::body::{Fields, read, read_json};
use roost::apps::secrets::rest::path::Place;
use roost::apps::secrets::rest::wish::{Wish, passphrase};
use serde_json::Value;

/// A form, as browsers call it.
const FORM: &str = "application/x-www-form-urlencoded";

/// Reads a request as the API and as the page would, and a configuration.
pub fn run(bytes: &[u8]) {
    let mut lines = bytes.splitn(3, |byte| *byte == b'\n');
    let mut next = || lines.next().unwrap_or_default();
    let (path, kind, body) = (super::text(next()), super::text(next()), next());
    place(&path);
    place(&format!("/api/v1/{path}"));
    let kind = Some(kind.trim()).filter(|kind| !kind.is_empty());
    for fields in [read(kind, body), read_json(kind, body), read(Some(FORM), body)] {
        match fields {
            Ok(fields) => check(&fields),
            Err(why) => {
                assert!(matches!(why.status(), 400 | 415), "{} is no refusal", why.status());
                assert!(why.to_string().len() < 200, "a refusal is one sentence: {why}");
            }
        }
    }
    if let Err(why) = Draft::read(&super::text(body)) {
        assert!(!why.to_string().is_empty());
    }
}

fn place(path: &str) {
    let Some(place) = Place::of(path) else { return };
    assert!(!place.takes("HEAD"), "what shows nothing must consume nothing");
    if let Place::Read { id, token } = place {
        assert!(!id.contains('/') && !token.contains('/') && !token.is_empty(), "{path:?}");
        assert!(Place::of(&format!("{path}/")).is_none_or(|again| again == place), "{path:?}");
    }
}

/// A wish holds the very text; and the fields of a form come back from the form they make.
fn check(fields: &Fields) {
    if let Ok(wish) = Wish::read(fields) {
        assert_eq!(fields["text"], wish.text.reveal());
        assert!(!format!("{wish:?}").contains("text: \""), "a text prints");
    }
    if let Ok(Some(passphrase)) = passphrase(fields) {
        assert_eq!(fields["passphrase"], passphrase.reveal());
    }
    let texts = fields.values().all(Value::is_string);
    if texts && (1..=64).contains(&fields.len()) {
        let again = read(Some(FORM), form(fields).as_bytes());
        assert_eq!(again.as_ref(), Ok(fields));
    }
}

fn form(fields: &Fields) -> String {
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| {
            format!("{}={}", encoded(name), encoded(value.as_str().unwrap_or_default()))
        })
        .collect();
    pairs.join("&")
}

fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        write!(encoded, "%{byte:02x}").expect("a string takes everything");
    }
    encoded
}
