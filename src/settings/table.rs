//! The table of settings: everything the program can be told, one row each.
//!
//! Loading, environment names, suggestions, `roost settings` and the reference all come from here.
//! A path segment `*` stands for a name the user chooses (`servers.*.ip`).

use super::kind::Kind::{self, Flag, List, OneOf, Text, Whole};
use super::kind::{DAY, Form, MONTH, SECOND};

/// One setting.
#[derive(Debug)]
pub struct Key {
    /// Where it stands in the file, segments joined by dots.
    pub path: &'static str,
    /// What values it takes.
    pub kind: Kind,
    /// The value nobody has to write, as JSON; none when the setting is simply absent.
    pub default: Option<&'static str>,
    /// Whether its value may be shown.
    pub secrecy: Secrecy,
    /// The environment name of the originals, if they had one.
    pub variable: Option<&'static str>,
    /// The key of the originals' files, if it was another.
    pub formerly: Option<&'static str>,
    /// What it is for, in one line.
    pub meaning: &'static str,
}

/// Whether a value may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrecy {
    /// Anybody may read it.
    Open,
    /// Never printed.
    Secret,
}

/// Keys of the originals' files that mean nothing here: the Bot API needs no such credentials.
pub const IGNORED: &[&str] = &["api-id", "api-hash"];

/// The group whose values a running server takes over on SIGHUP; all others wait for a restart.
pub const RELOADED: &str = "log";

/// The most connections a file may ask for: the kernel's map limit allows some 16,000 threads, and
/// a process that runs into it aborts.
const CONNECTIONS_MAX: i64 = 15_000;
/// More messages per second than a person can cause, by far.
const MESSAGES_MAX: i64 = 10_000;
/// The largest body or log that still fits the memory and disks this is made for, in bytes.
const BYTES_MAX: i64 = 1 << 40;

const SINK_TYPES: &[&str] = &["redis", "mqtt", "amqp", "kafka", "http", "file"];

/// All settings, in the order `roost settings` prints them.
pub static KEYS: &[Key] = &[
    key("bot-token", Kind::Token, "the bot's token from @BotFather")
        .secret()
        .variable("TELEGRAM_TOKEN")
        .formerly("tg-api-token"),
    key("telegram-api-url", Text(Form::WebUrl), "the Bot API server")
        .default("\"https://api.telegram.org\"")
        .variable("TELEGRAM_API_URL"),
    key(
        "public-url",
        Text(Form::PublicUrl),
        "address of the mini apps, as Telegram's users see it",
    ),
    key("hostname", Text(Form::Host), "address the server listens on")
        .default("\"127.0.0.1\"")
        .variable("WEBHOOK_BIND"),
    key("port", Whole(0, 65_535), "port the server listens on; 0 picks a free one")
        .default("2536")
        .variable("WEBHOOK_PORT"),
    key("database", Text(Form::Path), "database file").default("\"roost.redb\""),
    key("www", Text(Form::Path), "folder served instead of the built-in pages"),
    key("admins", List(&Kind::User), "Telegram ids that are always admins")
        .default("[]")
        .formerly("tg-users-id"),
    key("banned", List(&Kind::User), "Telegram ids that cannot log in or use the bot")
        .default("[]"),
    key(
        "language",
        OneOf(&["en", "ru", "de", "es"]),
        "language for those whose own we do not speak",
    )
    .default("\"en\"")
    .formerly("locale"),
    key("timezone", Text(Form::Zone), "zone of events that name none; the system's if unset"),
    key("trusted-proxies", List(&Text(Form::Network)), "networks whose forwarding headers count")
        .default("[]"),
    key("limits.connections", Whole(1, CONNECTIONS_MAX), "open connections in total")
        .default("1000"),
    key(
        "limits.connections-per-address",
        Whole(1, CONNECTIONS_MAX),
        "open connections of one address",
    )
    .default("50"),
    key("limits.logged-in-per-user", Whole(1, CONNECTIONS_MAX), "open pages of one person")
        .default("20"),
    key("limits.messages-per-second", Whole(1, MESSAGES_MAX), "websocket messages of one page")
        .default("20"),
    key("limits.message-burst", Whole(1, MESSAGES_MAX), "messages a page may send at once")
        .default("40"),
    key("limits.body", Whole(1_024, 1 << 30), "largest request body in bytes").default("1048576"),
    key("log.level", Kind::Level, "how much is logged").default("\"info\"").variable("LOG_LEVEL"),
    key("log.modules.*", Kind::Level, "how much one module logs, such as `roost::net`"),
    key("log.format", OneOf(&["text", "json"]), "lines for people or for programs")
        .default("\"text\""),
    key("tls", OneOf(&["self-signed"]), "`self-signed`, or an object with certificate and key"),
    key("tls.certificate", Text(Form::Path), "certificate chain, PEM"),
    key("tls.key", Text(Form::Path), "private key file, PEM"),
    key("updates.mode", OneOf(&["polling", "webhook"]), "how Telegram's updates arrive")
        .default("\"polling\""),
    key(
        "updates.polling-timeout",
        Whole(0, 3_600),
        "seconds to wait for updates; Telegram cuts at 50",
    )
    .default("50")
    .variable("TELEGRAM_POLLING_TIMEOUT"),
    key(
        "updates.endpoint",
        Text(Form::Line),
        "webhook path: `random`, `token`, or the path itself",
    )
    .default("\"random\"")
    .variable("WEBHOOK_ENDPOINT"),
    key(
        "updates.subnets",
        List(&Text(Form::Network)),
        "networks the webhook answers; all if empty",
    )
    .default("[]")
    .variable("WEBHOOK_LIMIT_SUBNETS"),
    key("updates.delete-on-exit", Flag, "remove the webhook when the program ends")
        .default("true")
        .variable("TELEGRAM_DELETE_WEBHOOK"),
    key("updates.status-endpoint", Flag, "answer `/status`")
        .default("true")
        .variable("WEBHOOK_STATUS_ENDPOINT"),
    key("updates.max-connections", Whole(1, 100), "connections Telegram may open at once")
        .default("40"),
    key(
        "updates.allowed-updates",
        List(&Text(Form::Word)),
        "kinds to ask for; all that are used if empty",
    )
    .default("[]"),
    key("updates.drop-pending", Flag, "forget updates from before the start").default("false"),
    key("metrics.listen", Text(Form::Listen), "address and port of `/metrics`; off if unset"),
    key("backup.folder", Text(Form::Path), "folder of backups by the clock; none if unset"),
    key("backup.every", Kind::Duration(SECOND, MONTH), "how often there is one").default("\"24h\""),
    key("backup.keep", Whole(1, 10_000), "how many stay; the oldest goes").default("7"),
    key("events.short-name", Text(Form::Word), "short name of the mini app at @BotFather")
        .default("\"events\""),
    key("events.reminders", List(&Kind::Duration(0, MONTH)), "how long before the start to remind")
        .default("[\"24h\", \"1h\", \"0m\"]"),
    key("events.media-limit", Whole(1_024, 16 << 20), "largest event image in bytes")
        .default("524288"),
    key("secrets.ttl", Kind::Duration(SECOND, 7 * DAY), "how long a one-time message waits")
        .default("\"24h\""),
    key("secrets.max-ttl", Kind::Duration(SECOND, 7 * DAY), "the longest wait a sender may choose")
        .default("\"7d\""),
    key("secrets.max-length", Whole(1, 4_096), "characters of a one-time message").default("4000"),
    key("secrets.per-user", Whole(1, 10_000), "unread one-time messages of one person")
        .default("20"),
    key("secrets.who", Kind::Who, "who may make them").default("\"everyone\""),
    key("secrets.web-reveal", Flag, "offer links that reveal them on a page").default("true"),
    key(
        "secrets.reveal-timer",
        Kind::Duration(SECOND, 7 * DAY),
        "how long a revealed one stays in the chat",
    )
    .default("\"10m\""),
    key("servers.*.ip", Text(Form::Server), "host, or host and port, of a TrueConf server"),
    key("servers.*.client_id", Text(Form::Any), "id of the OAuth2 application"),
    key("servers.*.client_secret", Text(Form::Any), "secret of the OAuth2 application").secret(),
    key("servers.*.access_token", Text(Form::Any), "a fixed token, tried first").secret(),
    key(
        "servers.*.ssl_certificate",
        Kind::Authority,
        "true, false, or a file with the CA to trust",
    )
    .default("true"),
    key("servers.*.api", OneOf(&["auto", "v3.3", "v4"]), "version of its API").default("\"auto\""),
    key("servers.*.status-url", Text(Form::WebUrl), "what to ask whether it is up"),
    key("servers.*.server_status.state", Kind::Switch, "whether monitoring starts switched on")
        .default("0"),
    key("servers.*.server_status.timeout", Whole(1, 86_400), "seconds between two checks")
        .default("15"),
    key("servers.*.down-after", Whole(1, 1_000), "failed checks before it counts as down")
        .default("3"),
    key("servers.*.up-after", Whole(1, 1_000), "good checks before it counts as up").default("2"),
    key("servers.*.viewers", List(&Kind::User), "people who may look").default("[]"),
    key("servers.*.operators", List(&Kind::User), "people who may also stop conferences")
        .default("[]"),
    key(
        "servers.*.forgotten.longer-than",
        Kind::Duration(SECOND, MONTH),
        "shorter ones are not forgotten",
    )
    .default("\"1h\""),
    key(
        "servers.*.forgotten.rules",
        List(&OneOf(&["no-moderator", "moderator-alone"])),
        "what makes a conference forgotten",
    )
    .default("[\"no-moderator\", \"moderator-alone\"]"),
    key("servers.*.forgotten.max-people", Whole(0, 1_000_000), "larger ones are not forgotten"),
    key("servers.*.forgotten.exempt", List(&Text(Form::Line)), "conferences never forgotten")
        .default("[]"),
    key("servers.*.forgotten.auto-stop", OneOf(&["off", "dry-run", "on"]), "stop forgotten ones")
        .default("\"off\""),
    key(
        "servers.*.forgotten.warn-before",
        Kind::Duration(0, DAY),
        "warning before an automatic stop",
    )
    .default("\"15m\""),
    key("servers.*.forgotten.quiet-hours", Kind::Hours, "from and to: no automatic stop then"),
    key(
        "relay.keep.age",
        Kind::Duration(SECOND, 12 * MONTH),
        "how long updates may wait or be kept for a replay",
    )
    .default("\"7d\""),
    key("relay.keep.size", Whole(1 << 20, BYTES_MAX), "bytes the log of updates may take")
        .default("268435456"),
    key("relay.sinks.*.type", OneOf(SINK_TYPES), "what updates are handed to"),
    key("relay.sinks.*.url", Text(Form::AnyUrl), "address of the broker or service"),
    key("relay.sinks.*.list", Text(Form::Line), "Redis list"),
    key("relay.sinks.*.stream", Text(Form::Line), "Redis stream"),
    key("relay.sinks.*.maxlen", Whole(1, i64::MAX), "entries the stream keeps"),
    key("relay.sinks.*.channel", Text(Form::Line), "Redis channel"),
    key(
        "relay.sinks.*.topic",
        Text(Form::Line),
        "MQTT or Kafka topic; `{kind}` and `{chat}` are filled in",
    ),
    key("relay.sinks.*.qos", Whole(0, 1), "MQTT quality of service"),
    key("relay.sinks.*.exchange", Text(Form::Any), "AMQP exchange"),
    key(
        "relay.sinks.*.routing-key",
        Text(Form::Any),
        "AMQP routing key; `{kind}` and `{chat}` are filled in",
    ),
    key("relay.sinks.*.declare", Flag, "declare the AMQP exchange"),
    key("relay.sinks.*.persistent", Flag, "ask the AMQP broker to keep messages on disk"),
    key("relay.sinks.*.brokers", Text(Form::Line), "Kafka brokers: host and port, comma-separated"),
    key("relay.sinks.*.secret", Text(Form::Line), "key of `X-Roost-Signature`").secret(),
    key(
        "relay.sinks.*.timeout",
        Kind::Duration(SECOND, 3_600 * SECOND),
        "how long an HTTP answer may take",
    ),
    key("relay.sinks.*.path", Text(Form::Path), "file of JSON lines"),
    key("relay.sinks.*.rotate-size", Whole(4_096, BYTES_MAX), "bytes before a file is rotated"),
    key("relay.sinks.*.keep", Whole(1, 10_000), "rotated files kept"),
    key(
        "relay.sinks.*.format",
        OneOf(&["raw", "cloudevents"]),
        "updates as they came, or CloudEvents",
    ),
    key("relay.sinks.*.kinds", List(&Text(Form::Word)), "only these kinds of update"),
    key("relay.sinks.*.commands", List(&Text(Form::Line)), "only these commands"),
    key("relay.sinks.*.chats", List(&Kind::Chat), "only these chats"),
    key("relay.consumers.*.kinds", List(&Text(Form::Word)), "only these kinds of update"),
    key("relay.consumers.*.commands", List(&Text(Form::Line)), "only these commands"),
    key("relay.consumers.*.chats", List(&Kind::Chat), "only these chats"),
];

/// The row of `path`, which is written as in the table.
pub fn row(path: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.path == path)
}

/// What may stand directly below `group` (the empty string for the whole file), each name once.
pub fn names_below(group: &str) -> Vec<&'static str> {
    let mut names = Vec::new();
    for key in KEYS {
        let Some(name) = below(group, key.path) else { continue };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn below(group: &str, path: &'static str) -> Option<&'static str> {
    let rest = match group {
        "" => path,
        _ => path.strip_prefix(group)?.strip_prefix('.')?,
    };
    rest.split('.').next()
}

impl Key {
    /// The group of named entries this row belongs to (`servers`), and the rest of its path.
    pub fn named(&self) -> Option<(&'static str, &'static str)> {
        let (group, rest) = self.path.split_once(".*")?;
        Some((group, rest.strip_prefix('.').unwrap_or(rest)))
    }

    const fn default(mut self, json: &'static str) -> Self {
        self.default = Some(json);
        self
    }

    const fn secret(mut self) -> Self {
        self.secrecy = Secrecy::Secret;
        self
    }

    const fn variable(mut self, name: &'static str) -> Self {
        self.variable = Some(name);
        self
    }

    const fn formerly(mut self, name: &'static str) -> Self {
        self.formerly = Some(name);
        self
    }
}

const fn key(path: &'static str, kind: Kind, meaning: &'static str) -> Key {
    let (default, variable, formerly) = (None, None, None);
    Key { path, kind, default, secrecy: Secrecy::Open, variable, formerly, meaning }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_a_value_its_own_row_accepts() {
        for key in KEYS {
            let Some(default) = key.default else { continue };
            let value = serde_json::from_str(default).expect(key.path);
            assert!(key.kind.fault(&value).is_none(), "{}: {default}", key.path);
        }
    }

    #[test]
    fn every_row_is_told_apart_by_its_path_and_explained() {
        for (index, key) in KEYS.iter().enumerate() {
            assert!(KEYS[..index].iter().all(|other| other.path != key.path), "{}", key.path);
            assert!(!key.meaning.is_empty() && key.path.matches('*').count() <= 1, "{}", key.path);
        }
    }

    #[test]
    fn a_group_knows_what_may_stand_below_it() {
        assert_eq!(names_below("tls"), ["certificate", "key"]);
        assert_eq!(names_below("log"), ["level", "modules", "format"]);
        assert_eq!(names_below("servers"), ["*"]);
        assert!(names_below("port").is_empty());
    }
}
