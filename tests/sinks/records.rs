//! Sinks alone, without the relay around them, and records for them.

#![allow(dead_code, reason = "each kind of sink is a feature")]

use roost::relay::sinks::open;
use roost::relay::{Record, Sink, Stop};
use roost::settings::broker::BrokerUrl;
use roost::settings::relay::{Filter, Format, SinkSettings, Target};

/// The sink that leads to `target`.
pub fn sink(target: Target) -> Box<dyn Sink> {
    let (name, format, filter) = ("it".to_owned(), Format::Raw, Filter::default());
    let settings = SinkSettings { name, target, format, filter };
    open(&settings, &Stop::default()).expect("built in")
}

/// An address.
pub fn url(text: &str) -> BrokerUrl {
    BrokerUrl::parse(text).expect("an address")
}

/// Bodies that tell which update they are of.
pub fn bodies(sequences: std::ops::RangeInclusive<u64>) -> Vec<String> {
    sequences.map(|sequence| format!("{{\"update_id\":{sequence}}}")).collect()
}

/// A record for each of `bodies`, whose sequences begin at `from`, in two chats by turns.
pub fn records<'a>(bodies: &'a [String], from: u64, place: &'a str) -> Vec<Record<'a>> {
    let each = (from..).zip(bodies).map(|(sequence, body)| Record {
        sequence,
        update_id: 1_000 + i64::try_from(sequence).expect("small"),
        kind: "message",
        chat: Some(5 + i64::try_from(sequence % 2).expect("small")),
        place,
        body: body.as_bytes(),
        content_type: "application/json",
    });
    each.collect()
}
