//! What a sink needs, and which of its settings do not go together.

use super::broker::BrokerUrl;
use super::parse;
use super::places;
use super::problem::{Problem, Wrong};
use super::relay::{SINK_TYPES, SinkType};
use super::resolved::Resolved;
use super::rules::missing;
use super::show;
use super::table::KEYS;
use super::walk::Given;
use serde_json::Value;
use std::path::{Component, Path};

/// What every sink understands.
const COMMON: &[&str] = &["type", "format", "kinds", "commands", "chats"];

/// Everything that is wrong with the sink `name`.
pub fn broken(resolved: &Resolved, name: &str) -> Vec<Problem> {
    let sink = Sink { resolved, name };
    let named = sink.text("type");
    let Some(kind) = SINK_TYPES.iter().find(|known| Some(known.name) == named) else {
        return missing(resolved, "relay.sinks", name, "type").into_iter().collect();
    };
    let absent = kind.needs.iter().filter_map(|key| missing(resolved, "relay.sinks", name, key));
    let rules = [
        sink.url(kind),
        sink.redis(),
        sink.stream(),
        sink.amqp(),
        sink.secret(),
        sink.commands(),
        sink.path(),
        sink.place("topic", places::topic(kind.name)),
        sink.place("routing-key", places::routing_key),
        sink.place("exchange", places::exchange),
        sink.place("brokers", places::brokers),
    ];
    absent.chain(sink.superfluous(kind)).chain(rules.into_iter().flatten()).collect()
}

struct Sink<'a> {
    resolved: &'a Resolved,
    name: &'a str,
}

impl Sink<'_> {
    fn given(&self, key: &str) -> Option<&Given> {
        self.resolved.named(&format!("relay.sinks.*.{key}"), self.name)
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.given(key)?.value.as_str()
    }

    fn conflict(&self, key: &str, what: impl Into<String>) -> Option<Problem> {
        let given = self.given(key)?;
        Some(Problem::of(&given.source, &given.path, Wrong::Conflict(what.into())))
    }

    fn superfluous(&self, kind: &SinkType) -> Vec<Problem> {
        let known = [kind.needs, kind.knows, COMMON].concat();
        let rows = KEYS.iter().filter_map(super::table::Key::named);
        let rows = rows.filter(|(group, key)| *group == "relay.sinks" && !known.contains(key));
        let what = format!("a sink of type `{}` has no such key; remove it", kind.name);
        rows.filter_map(|(_, key)| self.conflict(key, &what)).collect()
    }

    fn url(&self, kind: &SinkType) -> Option<Problem> {
        let url = self.text("url")?;
        let scheme = url.split("://").next().unwrap_or_default().to_ascii_lowercase();
        if kind.schemes.is_empty() {
            return None;
        }
        if !kind.schemes.contains(&scheme.as_str()) {
            let schemes: Vec<String> =
                kind.schemes.iter().map(|scheme| format!("`{scheme}://`")).collect();
            let what = format!(
                "the address of a sink of type `{}` begins with {}",
                kind.name,
                schemes.join(" or ")
            );
            return self.conflict("url", what);
        }
        if kind.name == "http" {
            let wrong = !parse::is_hook(url);
            return wrong.then(|| self.conflict("url", "expected `https://host/path`"))?;
        }
        let Some(address) = BrokerUrl::parse(url) else {
            let what = format!(
                "expected `{scheme}://user:password@host:port`; letters such as `/`, `@` and `%` in a password are written `%2F`, `%40` and `%25`"
            );
            return self.conflict("url", what);
        };
        let is_number = |path: &str| path.is_empty() || path.parse::<u32>().is_ok();
        if kind.name == "redis" && !address.path.as_deref().is_none_or(is_number) {
            let what = "expected the number of a database behind the slash, such as `/0`";
            return self.conflict("url", what);
        }
        None
    }

    /// One sink does one thing.
    fn redis(&self) -> Option<Problem> {
        let ways: Vec<&str> = ["list", "stream", "channel"]
            .into_iter()
            .filter(|key| self.given(key).is_some())
            .collect();
        let [first, second, ..] = ways[..] else { return None };
        let what = format!("the sink has `{first}` as well; keep one, or make two sinks");
        self.conflict(second, what)
    }

    fn stream(&self) -> Option<Problem> {
        let alone = self.given("stream").is_none();
        alone.then(|| self.conflict("maxlen", "belongs to a `stream`; name one, or remove this"))?
    }

    /// It is sent in a header.
    fn secret(&self) -> Option<Problem> {
        let wrong = !parse::is_header(self.text("secret")?);
        let what = "expected letters, digits and marks of ASCII without blanks";
        wrong.then(|| self.conflict("secret", what))?
    }

    /// What `wrong` says of the value of `key`.
    fn place(&self, key: &str, wrong: fn(&str) -> Option<&'static str>) -> Option<Problem> {
        self.conflict(key, wrong(self.text(key)?)?)
    }

    /// Two would mix up each other's lines.
    fn path(&self) -> Option<Problem> {
        let ours = Path::new(self.text("path")?);
        let others = self.resolved.names("relay.sinks").filter(|name| *name < self.name);
        let others = others.map(|name| Sink { resolved: self.resolved, name });
        let is_same =
            |other: &Sink<'_>| other.text("path").is_some_and(|path| same(Path::new(path), ours));
        let other = others.into_iter().find(is_same)?.name;
        self.conflict(
            "path",
            format!("the sink `{other}` writes to this file as well; give each its own"),
        )
    }

    fn commands(&self) -> Option<Problem> {
        let commands = self.given("commands")?.value.as_array()?;
        let wrong = commands.iter().filter_map(Value::as_str).find(|text| !is_command(text))?;
        let wrong = show::name(wrong);
        self.conflict("commands", format!("`{wrong}` is no command; write it as `/order`"))
    }

    /// The broker would confirm each message and throw it away.
    fn amqp(&self) -> Option<Problem> {
        let is_empty = |key| self.text(key).is_none_or(str::is_empty);
        let lost =
            self.text("type") == Some("amqp") && is_empty("exchange") && is_empty("routing-key");
        let what = "the default exchange with an empty routing key leads to no queue: every update would be lost; set `exchange`, or the name of a queue as `routing-key`";
        lost.then(|| self.conflict("type", what))?
    }
}

/// Whether two paths name the same file, as far as can be seen from here.
fn same(one: &Path, other: &Path) -> bool {
    let parts = |path: &Path| -> Vec<_> {
        path.components()
            .filter(|part| *part != Component::CurDir)
            .map(|part| part.as_os_str().to_owned())
            .collect()
    };
    parts(one) == parts(other)
}

/// A slash and a name (Bot API `BotCommand.command`), in small letters.
fn is_command(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    text.strip_prefix('/').is_some_and(|name| !name.is_empty() && name.bytes().all(fits))
}
