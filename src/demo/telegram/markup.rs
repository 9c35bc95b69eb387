//! Texts as Telegram takes them: HTML becomes plain text with entities, and lengths are checked.

use serde_json::{Value, json};

use super::denial::Denial;
use super::params::Params;

/// Text with the entities Telegram would store.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Marked {
    pub(crate) text: String,
    pub(crate) entities: Vec<Value>,
}

/// Most UTF-16 units of a message.
const TEXT_MAX: usize = 4096;

/// Most UTF-16 units of a caption.
const CAPTION_MAX: usize = 1024;

/// The text of a message that is sent or edited.
pub(crate) fn text(params: &Params) -> Result<Marked, Denial> {
    let marked = marked(params, "text", "entities")?;
    match marked.text.encode_utf16().count() {
        0 => Err(Denial::bad("message text is empty")),
        length if length > TEXT_MAX => Err(Denial::bad("message is too long")),
        _ => Ok(marked),
    }
}

/// The caption of a photo, which may be empty.
pub(crate) fn caption(params: &Params) -> Result<Marked, Denial> {
    let marked = marked(params, "caption", "caption_entities")?;
    if marked.text.encode_utf16().count() > CAPTION_MAX {
        return Err(Denial::bad("message caption is too long"));
    }
    Ok(marked)
}

/// The commands in what a person writes.
pub(crate) fn commands(text: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut offset = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        let name = word.trim_end();
        if name.len() > 1 && name.starts_with('/') && name.is_ascii() {
            found.push(json!({"type": "bot_command", "offset": offset, "length": name.len()}));
        }
        offset += word.encode_utf16().count();
    }
    found
}

fn marked(params: &Params, name: &str, entities: &str) -> Result<Marked, Denial> {
    let raw = params.text(name).unwrap_or_default();
    let mut marked = match params.text("parse_mode").unwrap_or_default().to_lowercase().as_str() {
        "html" => html(&raw).map_err(|e| Denial::bad(&format!("can't parse entities: {e}")))?,
        "" => {
            let given = params.json(entities)?.and_then(|list| list.as_array().cloned());
            Marked { text: raw, entities: given.unwrap_or_default() }
        }
        "markdownv2" | "markdown" => Marked { text: raw, entities: Vec::new() },
        _ => return Err(Denial::bad("unsupported parse_mode")),
    };
    marked.trim();
    Ok(marked)
}

impl Marked {
    /// Telegram drops space around a text.
    fn trim(&mut self) {
        let lead = self.text.len() - self.text.trim_start().len();
        let units = self.text[..lead].encode_utf16().count() as u64;
        self.text = self.text.trim().to_owned();
        let end = self.text.encode_utf16().count() as u64;
        for entity in &mut self.entities {
            let from = entity["offset"].as_u64().unwrap_or(0);
            let to = (from + entity["length"].as_u64().unwrap_or(0)).saturating_sub(units).min(end);
            let from = from.saturating_sub(units).min(end);
            entity["offset"] = from.into();
            entity["length"] = to.saturating_sub(from).into();
        }
        self.entities.retain(|entity| entity["length"] != 0);
    }
}

/// A tag that waits for its end.
struct Open {
    name: String,
    at: usize,
    offset: usize,
    entity: Value,
}

/// Reads Telegram's HTML; errors in the words of the official server.
fn html(source: &str) -> Result<Marked, String> {
    let mut marked = Marked::default();
    let mut open: Vec<Open> = Vec::new();
    let mut at = 0;
    while let Some(letter) = source[at..].chars().next() {
        let rest = &source[at..];
        let length = match letter {
            '<' => tag(rest, at, &mut marked, &mut open)?,
            '&' => {
                let (decoded, length) = entity(rest).unwrap_or(('&', 1));
                marked.text.push(decoded);
                length
            }
            other => {
                marked.text.push(other);
                other.len_utf8()
            }
        };
        at += length;
    }
    match open.pop() {
        Some(Open { name, at, .. }) => Err(format!(
            "Can't find end tag corresponding to start tag \"{name}\" at byte offset {at}"
        )),
        None => Ok(marked),
    }
}

/// Reads the tag `rest` begins with; gives its length.
fn tag(rest: &str, at: usize, marked: &mut Marked, open: &mut Vec<Open>) -> Result<usize, String> {
    let close = rest.find('>').ok_or_else(|| format!("Unclosed start tag at byte offset {at}"))?;
    let inner = &rest[1..close];
    let offset = marked.text.encode_utf16().count();
    if let Some(name) = inner.strip_prefix('/') {
        end_tag(name.trim(), at, offset, marked, open)?;
        return Ok(close + 1);
    }
    let (name, attributes) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
    let name = name.to_lowercase();
    let entity = start_tag(&name, attributes)
        .ok_or_else(|| format!("Unsupported start tag \"{name}\" at byte offset {at}"))?;
    open.push(Open { name, at, offset, entity });
    Ok(close + 1)
}

fn end_tag(
    name: &str,
    at: usize,
    offset: usize,
    marked: &mut Marked,
    open: &mut Vec<Open>,
) -> Result<(), String> {
    let Some(mut begun) = open.pop() else {
        return Err(format!("Unexpected end tag at byte offset {at}"));
    };
    if !name.is_empty() && !name.eq_ignore_ascii_case(&begun.name) {
        let expected = begun.name;
        return Err(format!(
            "Unmatched end tag at byte offset {at}, expected \"</{expected}>\", found \"</{name}>\""
        ));
    }
    if offset > begun.offset && begun.entity["type"] != "none" {
        begun.entity["offset"] = begun.offset.into();
        begun.entity["length"] = (offset - begun.offset).into();
        marked.entities.push(begun.entity);
    }
    Ok(())
}

/// The entity a tag stands for (Bot API, "Formatting options").
fn start_tag(name: &str, attributes: &str) -> Option<Value> {
    let value = |key: &str| {
        let after = attributes.split_once(&format!("{key}="))?.1;
        let quote = after.chars().next().filter(|quote| ['"', '\''].contains(quote));
        let value = match quote {
            Some(quote) => after[1..].split(quote).next()?,
            None => after.split(char::is_whitespace).next()?,
        };
        Some(decode(value))
    };
    let kind = match name {
        "b" | "strong" => "bold",
        "i" | "em" => "italic",
        "u" | "ins" => "underline",
        "s" | "strike" | "del" => "strikethrough",
        "tg-spoiler" => "spoiler",
        "span" if value("class").as_deref() == Some("tg-spoiler") => "spoiler",
        "code" => "code",
        "pre" => "pre",
        "blockquote" => "blockquote",
        "tg-emoji" => "none",
        "a" => {
            let url = value("href").filter(|url| url.contains("://") || url.starts_with("mailto:"));
            return Some(match url {
                Some(url) => json!({"type": "text_link", "url": url}),
                None => json!({"type": "none"}),
            });
        }
        _ => return None,
    };
    Some(json!({"type": kind}))
}

fn decode(text: &str) -> String {
    let mut decoded = String::new();
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        let (letter, length) = match letter {
            '&' => entity(&text[at..]).unwrap_or(('&', 1)),
            other => (other, other.len_utf8()),
        };
        decoded.push(letter);
        at += length;
    }
    decoded
}

/// The letter an `&…;` at the beginning of `rest` stands for, and its length.
fn entity(rest: &str) -> Option<(char, usize)> {
    let end = rest.bytes().take(10).position(|byte| byte == b';')?;
    let letter = match &rest[1..end] {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        name => {
            let digits = name.strip_prefix('#')?;
            let number = match digits.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => digits.parse(),
            };
            char::from_u32(number.ok()?)?
        }
    };
    Some((letter, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_text_and_entities_in_utf_16_units() {
        for (source, text, entities) in [
            ("plain", "plain", json!([])),
            ("<b>a</b>b", "ab", json!([{"type": "bold", "offset": 0, "length": 1}])),
            ("😀<I>é</I>", "😀é", json!([{"type": "italic", "offset": 2, "length": 1}])),
            ("&lt;b&gt;&amp;&quot;&nbsp;&#65;", "<b>&\"&nbsp;A", json!([])),
            (
                r#"<a href="https://x/?a&amp;b">x</a>"#,
                "x",
                json!([{"type": "text_link", "url": "https://x/?a&b", "offset": 0, "length": 1}]),
            ),
            ("<b></b>x", "x", json!([])),
            ("<code>1:ab</code>", "1:ab", json!([{"type": "code", "offset": 0, "length": 4}])),
        ] {
            let marked = html(source).unwrap();
            assert_eq!(
                (marked.text.as_str(), json!(marked.entities)),
                (text, entities),
                "{source}"
            );
        }
    }

    #[test]
    fn bad_html_is_refused_in_telegrams_words() {
        for (source, words) in [
            ("a<div>", "Unsupported start tag \"div\" at byte offset 1"),
            ("a < b", "Unclosed start tag at byte offset 2"),
            ("<b>a", "Can't find end tag corresponding to start tag \"b\" at byte offset 0"),
            ("a</b>", "Unexpected end tag at byte offset 1"),
            (
                "<b><i>a</b>",
                "Unmatched end tag at byte offset 7, expected \"</i>\", found \"</b>\"",
            ),
        ] {
            assert_eq!(html(source), Err(words.to_owned()), "{source}");
        }
    }

    #[test]
    fn commands_of_people_are_marked_where_they_stand() {
        assert_eq!(
            json!(commands("😀 /start@Bot x")),
            json!([{"type": "bot_command", "offset": 3, "length": 10}])
        );
        assert_eq!(commands("no / команда /да"), Vec::<Value>::new());
    }
}
