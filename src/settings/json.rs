//! Settings files: bounded, read as JSON (or TOML), every repeated key noticed.

use super::path::Path;
use super::problem::{Problem, Wrong};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::cell::RefCell;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};

/// No settings file is larger; anything larger is another file.
pub const FILE_MAX: u64 = 1 << 20;

/// Reads a text file of at most [`FILE_MAX`] bytes; the error is a phrase for a [`Problem`].
pub fn text(path: &std::path::Path) -> Result<String, String> {
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    let mut bytes = Vec::new();
    file.take(FILE_MAX + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > FILE_MAX {
        return Err("is larger than 1 MiB; is this the right file?".to_owned());
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| "is not UTF-8 text; is this the right file?".to_owned())?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

fn unreadable(error: &io::Error) -> String {
    let remedy = match error.kind() {
        io::ErrorKind::NotFound => "; check the path",
        io::ErrorKind::PermissionDenied => "; let the user that runs roost read it",
        _ => "",
    };
    format!("cannot be read: {error}{remedy}")
}

/// The value of a JSON text, and a problem for every key that stands in it twice.
pub fn json(place: &str, text: &str) -> Result<(Value, Vec<Problem>), Problem> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let tree = Tree { place, at: Path::default(), repeated: &RefCell::default() };
    let value =
        tree.clone().deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    match value {
        Ok(value) => Ok((value, tree.repeated.take())),
        Err(error) => Err(Problem::file(place, syntax(&error))),
    }
}

/// The value of a TOML text: the newer `TrueConf` bot had its settings in one.
pub fn toml(place: &str, text: &str) -> Result<(Value, Vec<Problem>), Problem> {
    let tree = Tree { place, at: Path::default(), repeated: &RefCell::default() };
    let value = toml::Deserializer::parse(text).and_then(|reader| tree.clone().deserialize(reader));
    match value {
        Ok(value) => Ok((value, tree.repeated.take())),
        Err(error) => Err(Problem::file(place, toml_syntax(text, &error))),
    }
}

fn syntax(error: &serde_json::Error) -> String {
    let full = error.to_string();
    let what = full.split(" at line ").next().unwrap_or_default();
    format!("line {}, column {}: not JSON: {what}; correct it there", error.line(), error.column())
}

/// toml's `Display` quotes the line, which may hold a token; its message does not.
fn toml_syntax(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|letter| *letter != '\n').count() + 1;
    format!("line {line}, column {column}: not TOML; correct it there")
}

/// Builds a [`Value`] and notes repeated keys, which `Value` itself would swallow.
#[derive(Clone)]
struct Tree<'a> {
    place: &'a str,
    at: Path,
    repeated: &'a RefCell<Vec<Problem>>,
}

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(Value::from(number))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        // TOML has infinities; as a text they are refused where a number is expected.
        Ok(Number::from_f64(number).map_or_else(|| number.to_string().into(), Value::Number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::from(text))
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.clone())? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            let at = self.at.below(&name);
            if object.contains_key(&name) {
                let wrong = Wrong::Conflict("stands in the file twice; remove one".to_owned());
                self.repeated.borrow_mut().push(Problem::of(self.place, &at, wrong));
            }
            let value = fields.next_value_seed(Tree { at, ..self.clone() })?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn json_and_toml_say_the_same() {
        let expected = json!({"a": 1, "b": {"c": [true, null, "x", -2, 1.5]}});
        let text = r#"{"a": 1, "b": {"c": [true, null, "x", -2, 1.5]}}"#;
        assert_eq!(super::json("f", text), Ok((expected, vec![])));
        let expected = json!({"a": 1, "s": {"x y": {"ok": true, "t": ["q"]}}});
        let text = "a = 1\n[s.\"x y\"]\nok = true\nt = ['q']\n";
        assert_eq!(super::toml("f", text), Ok((expected, vec![])));
    }

    #[test]
    fn a_mistake_is_named_by_line_and_column_and_the_text_is_not_repeated() {
        let token = "123456:TEST-TOKEN-made-up";
        let text = format!("{{\n  \"bot-token\": \"{token}\"\n  \"port\": 1}}");
        let problem = super::json("f.json", &text).expect_err("a comma is missing").to_string();
        assert!(problem.starts_with("f.json: line 3, column 3: not JSON: expected"), "{problem}");
        let text = format!("a = 1\nb = '{token}\n");
        let problem = super::toml("f.toml", &text).expect_err("a quote is missing").to_string();
        assert!(problem.starts_with("f.toml: line 2, column "), "{problem}");
        assert!(!problem.contains(token), "{problem}");
    }

    #[test]
    fn every_repeated_key_is_named_with_its_path() {
        let (_, problems) = super::json("f", r#"{"a":1,"b":{"c":1,"c":2},"a":3}"#).expect("JSON");
        let keys: Vec<_> = problems.iter().filter_map(|problem| problem.key.as_deref()).collect();
        assert_eq!(keys, ["b.c", "a"]);
    }

    #[test]
    fn deep_and_broken_files_are_refused_without_harm() {
        for text in
            ["", "[", "{\"a\":", "nul", "{} {}", "1e999", "\"\\ud800\"", &"[".repeat(100_000)]
        {
            assert!(super::json("f", text).is_err(), "{}", &text[..text.len().min(10)]);
        }
    }

    #[test]
    fn a_file_cut_anywhere_does_no_harm() {
        let text = include_str!("../../tests/data/everything.json");
        let other = include_str!("../../tests/data/trueconf.toml");
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            let cut = super::json("f", &text[..end]);
            assert!(cut.is_err() || text[end..].trim().is_empty(), "{end}");
        }
        for end in 0..other.len() {
            drop(super::toml("f", &other[..end]));
        }
    }
}
