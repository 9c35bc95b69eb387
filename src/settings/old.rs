//! The environment of the updates receiver, so that its deployments run unchanged.
//!
//! Names that stand for exactly one setting are in the table (`Key::variable`); those that mean
//! more than one thing are here.

use super::path::Path;
use super::problem::{Problem, Wrong};
use super::table::{self, KEYS};
use super::variables::Variables;
use super::walk::Walk;

/// A sink that a single variable switches on, and what its companions say.
struct Sink {
    name: &'static str,
    url: &'static str,
    /// What holds whatever else is set, as key and value.
    fixed: &'static [(&'static str, &'static str)],
    /// Key and variable.
    further: &'static [(&'static str, &'static str)],
}

const SINKS: &[Sink] = &[
    Sink {
        name: "redis",
        url: "REDIS_URL",
        fixed: &[("list", "telegram_bot")],
        further: &[("list", "REDIS_QUEUE_NAME")],
    },
    Sink {
        name: "amqp",
        url: "AMQP_URL",
        fixed: &[("exchange", ""), ("routing-key", ""), ("persistent", "false")],
        further: &[
            ("exchange", "AMQP_EXCHANGE"),
            ("routing-key", "AMQP_ROUTINGKEY"),
            ("persistent", "AMQP_DELIVERYMODE_PERSISTENT"),
        ],
    },
];

/// Takes what the receiver's names say.
pub fn read(variables: &Variables<'_>, walk: &mut Walk) {
    domain(variables, walk);
    for key in KEYS {
        let Some(name) = key.variable else { continue };
        if let Some(text) = variables.value(name) {
            walk.text(key, &Path::of(key.path, ""), text, variables.source(name));
        }
    }
    for sink in SINKS {
        sink.read(variables, walk);
    }
}

/// The receiver used the webhook when it knew its domain; its versions disagree about the scheme.
fn domain(variables: &Variables<'_>, walk: &mut Walk) {
    const NAME: &str = "WEBHOOK_DOMAIN";
    let Some(text) = variables.value(NAME) else { return };
    let url = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    for (path, text) in [("public-url", url.as_str()), ("updates.mode", "webhook")] {
        let Some(key) = table::row(path) else { continue };
        walk.text(key, &Path::of(path, ""), text, variables.source(NAME));
    }
}

impl Sink {
    fn read(&self, variables: &Variables<'_>, walk: &mut Walk) {
        let Some(url) = variables.value(self.url) else { return };
        walk.names.insert("relay.sinks", self.name);
        self.take("type", self.name, self.url, variables, walk);
        self.take("url", url, self.url, variables, walk);
        for (key, text) in self.fixed {
            let further = self.further.iter().find(|(name, _)| name == key);
            let said = further.and_then(|(_, name)| Some((*name, variables.value(name)?)));
            let (name, text) = said.unwrap_or((self.url, text));
            self.take(key, text, name, variables, walk);
        }
    }

    fn take(&self, key: &str, text: &str, name: &str, from: &Variables<'_>, walk: &mut Walk) {
        let row = format!("relay.sinks.*.{key}");
        let Some(key) = table::row(&row) else { return };
        walk.text(key, &Path::of(&row, self.name), text, from.source(name));
    }
}

/// A sink that a variable adds must not stand in the settings file as well.
pub fn sinks_given_twice(variables: &Variables<'_>, file: &Walk) -> Vec<Problem> {
    let in_file = |sink: &&Sink| {
        file.names.has("relay.sinks", sink.name) && variables.value(sink.url).is_some()
    };
    let problem = |sink: &Sink| {
        let path = Path::of("relay.sinks.*", sink.name);
        let what = "adds a sink of this name, which the settings file has as well; remove one";
        Problem::of(variables.source(sink.url), &path, Wrong::Conflict(what.to_owned()))
    };
    SINKS.iter().filter(in_file).map(problem).collect()
}
