//! Settings of the relay: its sinks by name, and which types of them this program has.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use super::broker::BrokerUrl;
use super::parse;
use super::path::Path;
use super::problem::Problem;
use super::resolved::Resolved;
use crate::hidden::Hidden;

/// The queue of the updates receiver.
const LIST: &str = "telegram_bot";

/// Bytes of a file before it is rotated, where nobody says.
const ROTATE_SIZE: u64 = 100 << 20;

/// Rotated files kept, where nobody says.
const FILES: u32 = 10;

/// How long an HTTP answer may take, where nobody says.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A type of sink.
#[derive(Clone, Copy, Debug)]
pub struct SinkType {
    /// `type` in the settings, and the Cargo feature.
    pub name: &'static str,
    /// Whether this program has it.
    pub is_built: bool,
    /// Schemes of its `url`, if it has one.
    pub schemes: &'static [&'static str],
    /// Keys it cannot do without.
    pub needs: &'static [&'static str],
    /// What else it understands.
    pub knows: &'static [&'static str],
}

/// All types of sinks.
pub const SINK_TYPES: &[SinkType] = &[
    SinkType {
        name: "redis",
        is_built: cfg!(feature = "redis"),
        schemes: &["redis", "rediss"],
        needs: &["url"],
        knows: &["list", "stream", "maxlen", "channel"],
    },
    SinkType {
        name: "mqtt",
        is_built: cfg!(feature = "mqtt"),
        schemes: &["mqtt", "mqtts"],
        needs: &["url", "topic"],
        knows: &["qos"],
    },
    SinkType {
        name: "amqp",
        is_built: cfg!(feature = "amqp"),
        schemes: &["amqp"],
        needs: &["url"],
        knows: &["exchange", "routing-key", "declare", "persistent"],
    },
    SinkType {
        name: "kafka",
        is_built: cfg!(feature = "kafka"),
        schemes: &[],
        needs: &["brokers", "topic"],
        knows: &[],
    },
    SinkType {
        name: "http",
        is_built: cfg!(feature = "http"),
        schemes: &["http", "https"],
        needs: &["url"],
        knows: &["secret", "timeout"],
    },
    SinkType {
        name: "file",
        is_built: cfg!(feature = "file"),
        schemes: &[],
        needs: &["path"],
        knows: &["rotate-size", "keep"],
    },
];

/// The sinks of types this program does not have: it can read their settings, but not serve them.
pub fn not_built(sinks: &[SinkSettings]) -> Vec<Problem> {
    let missing = |sink: &SinkSettings| {
        let name = sink.target.type_name();
        let is_built = SINK_TYPES.iter().any(|known| known.name == name && known.is_built);
        let path = Path::of("relay.sinks.*.type", &sink.name);
        let what = format!(
            "sinks of type `{name}` are not built into this program; build it with \
             `cargo build --release --features {name}`, or with `full` for all types"
        );
        (!is_built).then(|| Problem::conflict(&path.to_string(), what))
    };
    sinks.iter().filter_map(missing).collect()
}

/// One sink.
#[derive(Clone, Debug)]
pub struct SinkSettings {
    /// Its name.
    pub name: String,
    /// Where updates go.
    pub target: Target,
    /// In which form.
    pub format: Format,
    /// Which of them.
    pub filter: Filter,
}

/// Where updates go.
#[derive(Clone, Debug)]
pub enum Target {
    /// Redis.
    Redis(Redis),
    /// An MQTT broker.
    Mqtt(Mqtt),
    /// An AMQP 0.9.1 broker.
    Amqp(Amqp),
    /// Kafka.
    Kafka(Kafka),
    /// A web service.
    Http(Http),
    /// A file of JSON lines.
    File(File),
}

/// The form of what is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The bytes of Telegram.
    Raw,
    /// An envelope of CloudEvents 1.0.
    CloudEvents,
}

/// Which updates are handed over; an empty list leaves nothing out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Names of an update's field.
    pub kinds: Vec<String>,
    /// Commands with their slash.
    pub commands: Vec<String>,
    /// Chats.
    pub chats: Vec<i64>,
}

/// A Redis sink.
#[derive(Clone, Debug)]
pub struct Redis {
    /// Its server, with the number of the database as path.
    pub url: BrokerUrl,
    /// What is done with an update there.
    pub way: RedisWay,
}

/// What Redis does with an update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedisWay {
    /// `RPUSH` to this list.
    List(String),
    /// `XADD` to this stream.
    Stream {
        /// Its key.
        name: String,
        /// Entries it keeps, about.
        maxlen: Option<u64>,
    },
    /// `PUBLISH` to this channel.
    Channel(String),
}

/// An MQTT sink.
#[derive(Clone, Debug)]
pub struct Mqtt {
    /// Its broker.
    pub url: BrokerUrl,
    /// Template of the topic.
    pub topic: String,
    /// Quality of service: 0 or 1.
    pub qos: u8,
}

/// An AMQP sink.
#[derive(Clone, Debug)]
pub struct Amqp {
    /// Its broker, with the virtual host as path.
    pub url: BrokerUrl,
    /// The exchange; empty is the default one.
    pub exchange: String,
    /// Template of the routing key.
    pub routing_key: String,
    /// Whether the exchange is declared.
    pub declare: bool,
    /// Whether the broker keeps messages on disk.
    pub persistent: bool,
}

/// A Kafka sink.
#[derive(Clone, Debug)]
pub struct Kafka {
    /// Host and port of some brokers, comma-separated.
    pub brokers: String,
    /// Template of the topic.
    pub topic: String,
}

/// A web service.
#[derive(Clone, Debug)]
pub struct Http {
    /// Where to post; may hold a password or a key.
    pub url: Hidden<String>,
    /// The key of the signature.
    pub secret: Option<Hidden<String>>,
    /// How long an answer may take.
    pub timeout: Duration,
}

/// A file of JSON lines.
#[derive(Clone, Debug)]
pub struct File {
    /// Its path.
    pub path: PathBuf,
    /// Bytes before it is rotated.
    pub rotate_size: u64,
    /// Rotated files kept.
    pub keep: u32,
}

impl Target {
    /// `type` in the settings.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Redis(_) => "redis",
            Self::Mqtt(_) => "mqtt",
            Self::Amqp(_) => "amqp",
            Self::Kafka(_) => "kafka",
            Self::Http(_) => "http",
            Self::File(_) => "file",
        }
    }

    /// What `{kind}` and `{chat}` are filled into; empty if it has none.
    pub fn template(&self) -> &str {
        match self {
            Self::Mqtt(mqtt) => &mqtt.topic,
            Self::Amqp(amqp) => &amqp.routing_key,
            Self::Kafka(kafka) => &kafka.topic,
            Self::Redis(_) | Self::Http(_) | Self::File(_) => "",
        }
    }
}

/// The values of one sink.
struct Keys<'a> {
    resolved: &'a Resolved,
    name: &'a str,
}

/// The sinks of `resolved`, which was checked; paths of files are relative to `folder`.
pub fn sinks(resolved: &Resolved, folder: &std::path::Path) -> Vec<SinkSettings> {
    let sink = |name| Keys { resolved, name }.sink(folder);
    resolved.names("relay.sinks").filter_map(sink).collect()
}

impl Keys<'_> {
    fn sink(&self, folder: &std::path::Path) -> Option<SinkSettings> {
        let target = match self.text("type")? {
            "redis" => Target::Redis(self.redis()?),
            "mqtt" => Target::Mqtt(self.mqtt()?),
            "amqp" => Target::Amqp(self.amqp()?),
            "kafka" => Target::Kafka(self.kafka()?),
            "http" => Target::Http(self.http()?),
            _ => Target::File(self.file(folder)?),
        };
        let format = match self.text("format") {
            Some("cloudevents") => Format::CloudEvents,
            _ => Format::Raw,
        };
        let filter = Filter {
            kinds: self.texts("kinds"),
            commands: self.texts("commands"),
            chats: self.list("chats").iter().filter_map(Value::as_i64).collect(),
        };
        Some(SinkSettings { name: self.name.to_owned(), target, format, filter })
    }

    fn redis(&self) -> Option<Redis> {
        let way = match (self.text("stream"), self.text("channel")) {
            (Some(name), _) => {
                let maxlen = self.whole("maxlen").and_then(|maxlen| maxlen.try_into().ok());
                RedisWay::Stream { name: name.to_owned(), maxlen }
            }
            (None, Some(channel)) => RedisWay::Channel(channel.to_owned()),
            (None, None) => RedisWay::List(self.text("list").unwrap_or(LIST).to_owned()),
        };
        Some(Redis { url: self.url()?, way })
    }

    fn mqtt(&self) -> Option<Mqtt> {
        let qos = u8::from(self.whole("qos") != Some(0));
        Some(Mqtt { url: self.url()?, topic: self.text("topic")?.to_owned(), qos })
    }

    fn amqp(&self) -> Option<Amqp> {
        let text = |key| self.text(key).unwrap_or_default().to_owned();
        Some(Amqp {
            url: self.url()?,
            exchange: text("exchange"),
            routing_key: text("routing-key"),
            declare: self.flag("declare").unwrap_or(false),
            persistent: self.flag("persistent").unwrap_or(true),
        })
    }

    fn kafka(&self) -> Option<Kafka> {
        let text = |key| self.text(key).map(str::to_owned);
        Some(Kafka { brokers: text("brokers")?, topic: text("topic")? })
    }

    fn http(&self) -> Option<Http> {
        let hidden = |key| self.text(key).map(|text| Hidden::new(text.to_owned()));
        let seconds = self.text("timeout").and_then(parse::seconds);
        let timeout = seconds.and_then(|seconds| seconds.try_into().ok());
        let timeout = timeout.map_or(TIMEOUT, Duration::from_secs);
        Some(Http { url: hidden("url")?, secret: hidden("secret"), timeout })
    }

    fn file(&self, folder: &std::path::Path) -> Option<File> {
        let whole = |key| self.whole(key);
        Some(File {
            path: folder.join(self.text("path")?),
            rotate_size: whole("rotate-size").map_or(ROTATE_SIZE, i64::cast_unsigned),
            keep: whole("keep").and_then(|keep| keep.try_into().ok()).unwrap_or(FILES),
        })
    }

    fn url(&self) -> Option<BrokerUrl> {
        BrokerUrl::parse(self.text("url")?)
    }

    fn value(&self, key: &str) -> Option<&Value> {
        self.resolved.named_value(&format!("relay.sinks.*.{key}"), self.name)
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.value(key)?.as_str()
    }

    fn whole(&self, key: &str) -> Option<i64> {
        self.value(key)?.as_i64()
    }

    fn flag(&self, key: &str) -> Option<bool> {
        self.value(key)?.as_bool()
    }

    fn list(&self, key: &str) -> &[Value] {
        self.value(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    fn texts(&self, key: &str) -> Vec<String> {
        self.list(key).iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }
}
