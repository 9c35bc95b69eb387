//! Which updates a sink gets, and what is made of each: the template filled, the envelope.

use std::ops::Range;

use jiff::Timestamp;
use serde_json::Value;

use super::sink::Record;
use crate::settings::relay::{Filter, Format, SinkSettings, Target};
use crate::store::log::Entry;
use crate::telegram::command::Command;

/// The kind of what has none that can stand in a topic.
const UNKNOWN: &str = "unknown";

/// `{chat}` of an update without a chat and a user.
const NOBODY: &str = "none";

/// Picks the updates of one sink.
#[derive(Clone, Debug)]
pub struct Picker {
    filter: Filter,
    template: String,
    format: Format,
    /// Whether the inside of an update matters: reading it costs more than sending it.
    looks_inside: bool,
    bot: String,
}

/// An update that is going to a sink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// Its place in the log.
    pub sequence: u64,
    /// Telegram's `update_id`.
    pub update_id: i64,
    /// The name of its field, or `unknown`.
    pub kind: String,
    /// Its chat, else its user.
    pub chat: Option<i64>,
    /// When it arrived.
    pub received: Timestamp,
    /// The sink's template, filled.
    pub place: String,
    /// What is sent.
    pub body: Vec<u8>,
    /// Where in it the update stands as it came.
    raw: Range<usize>,
}

/// What is known of the inside of an update.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Inside {
    chat: Option<i64>,
    user: Option<i64>,
    /// In lower case, with its slash.
    command: Option<String>,
}

impl Picker {
    /// The picker of a sink; `bot` is the id of the bot.
    pub fn new(settings: &SinkSettings, bot: &str) -> Self {
        let (filter, template) = (settings.filter.clone(), settings.target.template().to_owned());
        let looks_inside = !filter.chats.is_empty()
            || !filter.commands.is_empty()
            || template.contains("{chat}")
            || matches!(settings.target, Target::Kafka(_));
        Self { filter, template, format: settings.format, looks_inside, bot: bot.to_owned() }
    }

    /// What becomes of `entry`; `None` if the sink does not want it. `username` is the bot's, if it is
    /// known: a command may be meant for another one.
    pub fn pick(&self, entry: Entry, username: Option<&str>) -> Option<Parcel> {
        let kinds = &self.filter.kinds;
        if !kinds.is_empty() && !kinds.iter().any(|kind| kind == kind_of(&entry)) {
            return None;
        }
        let inside = self.look(&entry, username);
        self.wants(&inside).then(|| self.parcel(entry, &inside))
    }

    /// What becomes of `entry`, wanted or not: it was once.
    pub fn wrap(&self, entry: Entry) -> Parcel {
        let inside = self.look(&entry, None);
        self.parcel(entry, &inside)
    }

    fn look(&self, entry: &Entry, username: Option<&str>) -> Inside {
        if self.looks_inside { Inside::of(&entry.raw, username) } else { Inside::default() }
    }

    fn parcel(&self, entry: Entry, inside: &Inside) -> Parcel {
        let kind = kind_of(&entry).to_owned();
        let (sequence, update_id, received) = (entry.sequence, entry.update_id, entry.received);
        let length = entry.raw.len();
        let body = match self.format {
            Format::Raw => entry.raw,
            Format::CloudEvents => envelope(&self.bot, &entry, &kind),
        };
        let start = if self.format == Format::Raw { 0 } else { body.len() - length - 1 };
        Parcel {
            sequence,
            update_id,
            received,
            chat: inside.chat.or(inside.user),
            place: inside.fill(&self.template, &kind),
            kind,
            body,
            raw: start..start + length,
        }
    }

    /// The media type of what is sent.
    pub fn content_type(&self) -> &'static str {
        match self.format {
            Format::Raw => "application/json",
            Format::CloudEvents => "application/cloudevents+json",
        }
    }

    fn wants(&self, inside: &Inside) -> bool {
        let Filter { commands, chats, .. } = &self.filter;
        let chat = chats.is_empty() || inside.chat.is_some_and(|chat| chats.contains(&chat));
        let said = inside.command.as_ref();
        let named = |command: &String| {
            said.is_some_and(|said| said.trim_start_matches('/') == command.trim_start_matches('/'))
        };
        chat && (commands.is_empty() || commands.iter().any(named))
    }
}

impl Parcel {
    /// The update as it came.
    pub fn raw(&self) -> &[u8] {
        &self.body[self.raw.clone()]
    }

    /// The same for a sink.
    pub fn record(&self, content_type: &'static str) -> Record<'_> {
        Record {
            sequence: self.sequence,
            update_id: self.update_id,
            kind: &self.kind,
            chat: self.chat,
            place: &self.place,
            body: &self.body,
            content_type,
        }
    }
}

/// A CloudEvents 1.0 envelope; the update in it is byte for byte the same.
fn envelope(bot: &str, entry: &Entry, kind: &str) -> Vec<u8> {
    let mut body = format!(
        "{{\"specversion\":\"1.0\",\"id\":\"{bot}:{}\",\"source\":\"telegram/{bot}\",\
         \"type\":\"org.telegram.update.{kind}\",\"time\":\"{}\",\
         \"datacontenttype\":\"application/json\",\"data\":",
        entry.update_id, entry.received
    )
    .into_bytes();
    body.extend_from_slice(&entry.raw);
    body.push(b'}');
    body
}

impl Inside {
    /// Looks into an update; of a kind that nobody knows yet as well.
    fn of(raw: &[u8], username: Option<&str>) -> Self {
        let Ok(Value::Object(update)) = serde_json::from_slice(raw) else { return Self::default() };
        let Some((_, body)) = update.iter().find(|(name, _)| *name != "update_id") else {
            return Self::default();
        };
        let first = |paths: &[&str]| paths.iter().find_map(|path| body.pointer(path)?.as_i64());
        let text = ["text", "caption"].into_iter().find_map(|name| body.get(name)?.as_str());
        Self {
            chat: first(&["/chat/id", "/message/chat/id"]),
            user: first(&["/from/id", "/user/id", "/voter_chat/id"]),
            command: text.and_then(|text| command(text, username)),
        }
    }

    fn fill(&self, template: &str, kind: &str) -> String {
        if !template.contains('{') {
            return template.to_owned();
        }
        let chat = self.chat.or(self.user).map_or(NOBODY.to_owned(), |chat| chat.to_string());
        crate::i18n::fill(template, &[("kind", kind), ("chat", &chat)])
    }
}

/// The command a text begins with. As long as our own name is not known, all are for us.
fn command(text: &str, username: Option<&str>) -> Option<String> {
    let head = text.split(char::is_whitespace).next().unwrap_or_default();
    let named = head.split_once('@').map_or("", |(_, bot)| bot);
    let command = Command::parse(text, username.unwrap_or(named))?;
    Some(format!("/{}", command.name))
}

/// The kind of an update as consumers are told it.
fn kind_of(entry: &Entry) -> &str {
    if is_word(&entry.kind) { &entry.kind } else { UNKNOWN }
}

/// What may stand in a topic, and is no separator or wildcard of any broker.
fn is_word(kind: &str) -> bool {
    !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
#[path = "pick_tests.rs"]
mod tests;
