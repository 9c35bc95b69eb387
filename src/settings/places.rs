//! Names of topics, exchanges and brokers: what a broker would refuse is refused with the settings.

use super::broker::BrokerUrl;

/// Room for what `{kind}` and `{chat}` become, below the 255 bytes of AMQP and the 249 of Kafka.
const FILLED: usize = 100;

/// The longest name in AMQP 0.9.1.
const SHORT: usize = 255;

/// What is wrong with a topic of this kind of sink.
pub fn topic(kind: &str) -> fn(&str) -> Option<&'static str> {
    if kind == "kafka" { kafka_topic } else { mqtt_topic }
}

/// MQTT 5.0 §4.7: wildcards are for those who subscribe.
fn mqtt_topic(topic: &str) -> Option<&'static str> {
    if topic.is_empty() || topic.contains(['+', '#', '\0']) {
        return Some("a topic is not empty and has no `+` and `#`");
    }
    template(topic)
}

/// Kafka's `Topic.validate`.
fn kafka_topic(topic: &str) -> Option<&'static str> {
    let bare = topic.replace("{kind}", "k").replace("{chat}", "c");
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '{' | '}');
    if bare.is_empty() || bare == "." || bare == ".." || !bare.chars().all(fits) {
        return Some("a topic of Kafka has letters, digits, `.`, `_` and `-` only");
    }
    template(topic).or_else(|| long(topic))
}

/// What is wrong with a template of routing keys.
pub fn routing_key(key: &str) -> Option<&'static str> {
    template(key).or_else(|| long(key))
}

/// What is wrong with an exchange.
pub fn exchange(name: &str) -> Option<&'static str> {
    (name.len() > SHORT).then_some("an exchange has at most 255 bytes")
}

/// What is wrong with a list of Kafka brokers.
pub fn brokers(list: &str) -> Option<&'static str> {
    let is_broker = |broker: &str| {
        let url = BrokerUrl::parse(&format!("kafka://{}", broker.trim()));
        url.is_some_and(|url| url.user.is_empty() && url.password.is_none() && url.path.is_none())
    };
    let wrong = !list.split(',').all(is_broker);
    wrong.then_some("expected `host:port`, or several of them with commas between")
}

fn template(text: &str) -> Option<&'static str> {
    let bare = text.replace("{kind}", "").replace("{chat}", "");
    bare.contains(['{', '}']).then_some("only `{kind}` and `{chat}` are filled in")
}

fn long(text: &str) -> Option<&'static str> {
    (text.len() > SHORT - FILLED).then_some("is longer than 155 bytes, and may not fit when filled")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_a_broker_would_refuse_are_refused() {
        let long = "x".repeat(156);
        for (check, good, wrong) in [
            (
                topic("mqtt"),
                &["telegram", "a/{kind}/{chat}", "ö"][..],
                &["", "a/#", "a/+/b", "{user}", "{kind"][..],
            ),
            (
                topic("kafka"),
                &["updates", "of.{kind}_{chat}-1"],
                &["", ".", "a b", "a/b", "ö", "{user}", "{kind}}", &long],
            ),
            (routing_key, &["", "{kind}.{chat}", "a b"], &["{users}", &long]),
            (exchange, &["", "telegram", &long], &[&"x".repeat(256)]),
            (
                brokers,
                &["127.0.0.1:9092", "a:1,b:2, c:3", "kafka"],
                &["", "a:1,", "a b:1", "a:0", "u:p@a:1", "a:1/x", "PLAINTEXT://a:1"],
            ),
        ] {
            let is_wrong = |text: &&str| check(text).is_some();
            assert_eq!(good.iter().copied().find(is_wrong), None);
            assert_eq!(wrong.iter().copied().find(|text| !is_wrong(text)), None);
        }
    }
}
