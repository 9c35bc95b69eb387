//! `/relay`: where updates are handed on to, and what admins are told when that stops.

use super::admins::tell_admins;
use crate::apps::{Context, Talk};
use crate::i18n::{Language, Relay, fill};
use crate::relay::{Standing, sink_of};
use crate::store::fill::Fill;
use crate::store::{StoreError, Tx};
use crate::telegram::outgoing::Outgoing;
use crate::telegram::{html, sender};

/// Tells every admin that the log of updates fills.
pub(super) fn tell_fill(tx: &Tx, context: &Context, filled: &Fill) -> Result<(), StoreError> {
    tell_admins(tx, context, |sentences| html::escape(&alert(&sentences.relay, filled)))
}

fn alert(relay: &Relay, filled: &Fill) -> String {
    let sentence = if filled.percent < 100 { relay.fills } else { relay.full };
    let since =
        filled.waiting.oldest.map_or(0, |oldest| filled.at.duration_since(oldest).as_secs());
    let reader = sink_of(&filled.reader).unwrap_or(&filled.reader);
    fill(
        sentence,
        &[
            ("percent", &filled.percent.to_string()),
            ("count", &filled.waiting.entries.to_string()),
            ("reader", reader),
            ("age", &age(relay, since.max(0).unsigned_abs())),
        ],
    )
}

/// Answers `/relay`.
pub(super) fn tell(tx: &Tx, talk: &Talk, sinks: &[Standing]) -> Result<(), StoreError> {
    let language = talk.asked.by.language;
    let relay = &language.sentences().relay;
    let mut blocks: Vec<String> = sinks.iter().map(|sink| line(language, relay, sink)).collect();
    if blocks.is_empty() {
        blocks.push(relay.no_sinks.to_owned());
    }
    sender::post(tx, Outgoing::message(talk.chat, &html::escape(&blocks.join("\n\n"))))
}

fn line(language: Language, relay: &Relay, sink: &Standing) -> String {
    let sentence = if sink.lag == 0 { relay.has_all } else { relay.waits };
    let first = fill(
        sentence,
        &[
            ("sink", &sink.name),
            ("type", sink.kind),
            ("count", &sink.lag.to_string()),
            ("age", &age(relay, sink.oldest_seconds)),
        ],
    );
    let mut lines = vec![first];
    if sink.replaying {
        lines.push(relay.replaying.to_owned());
    }
    if sink.dead > 0 {
        lines.push(relay.dead.counted(language, sink.dead));
    }
    if let Some(reason) = &sink.last_error {
        lines.push(fill(relay.trouble, &[("reason", reason)]));
    }
    lines.join("\n")
}

/// A time in its largest whole unit.
fn age(relay: &Relay, seconds: u64) -> String {
    let units = [(86_400, relay.days), (3_600, relay.hours), (60, relay.minutes)];
    let unit = units.into_iter().find(|(size, _)| seconds >= *size);
    let (size, sentence) = unit.unwrap_or((1, relay.seconds));
    fill(sentence, &[("count", &(seconds / size).to_string())])
}
