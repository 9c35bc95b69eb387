//! Inline mode: events to send to any chat, found by number or by words.

use jiff::Timestamp;

use super::desk::event_id;
use crate::apps::Asked;
use crate::apps::events::app::Events;
use crate::apps::events::model::Event;
use crate::apps::events::store;
use crate::apps::events::when::when;
use crate::i18n::{Language, fill};
use crate::store::{Read, StoreError};
use crate::telegram::html;
use crate::telegram::inline::{Article, InlinePage};
use crate::telegram::outgoing::Button;

/// How a query for one event begins.
const ONE: &str = "event:";

/// Shorter queries show what is coming.
const WORDS_FROM: usize = 2;

/// Longer queries are cut, in characters; Telegram's are no longer.
const QUERY_MAX: usize = 256;

/// How much of a description a message tells, in UTF-16 units.
const ABOUT_MAX: usize = 500;

/// What somebody looks for.
enum Wanted {
    One(Option<u64>),
    Coming,
    Words(String),
}

impl Wanted {
    fn parse(query: &str) -> Self {
        let query: String = query.trim().chars().take(QUERY_MAX).collect();
        if let Some(id) = query.strip_prefix(ONE) {
            return Self::One(event_id(id.trim()).map(|id| id.0));
        }
        if query.chars().count() < WORDS_FROM { Self::Coming } else { Self::Words(fold(&query)) }
    }

    fn is_met_by(&self, event: &Event, now: Timestamp) -> bool {
        match self {
            Self::One(id) => Some(event.id.0) == *id,
            Self::Coming => !event.is_over(now),
            Self::Words(words) => {
                let texts = [event.title.as_str(), event.description.as_str()];
                texts.into_iter().any(|text| fold(text).contains(words.as_str()))
            }
        }
    }
}

impl Events {
    /// The page of events `query` asks for: those to come, soonest first, then what is over, latest
    /// first.
    pub(super) fn find_inline(
        &self,
        read: &impl Read,
        asked: &Asked,
        query: &str,
        offset: &str,
    ) -> Result<InlinePage, StoreError> {
        let (wanted, now) = (Wanted::parse(query), asked.at);
        let mut found = store::all(read)?;
        found.retain(|event| wanted.is_met_by(event, now));
        found.sort_by_cached_key(|event| {
            let starts = event.current(now).starts.as_second();
            let is_over = event.is_over(now);
            (is_over, if is_over { -starts } else { starts }, event.id)
        });
        let article = |event: &Event| self.article(event, asked.by.language, now);
        Ok(InlinePage::of(&found, offset, article))
    }

    /// The message about `event` for any chat: it says nothing that is soon out of date.
    pub fn article(&self, event: &Event, language: Language, now: Timestamp) -> Article {
        let sentences = language.sentences();
        let link = self.context.link().map(|link| format!("{link}?startapp={}", event.id));
        let base = self.context.public_url.as_ref();
        let picture = event.image.as_ref().filter(|_| base.is_some());
        let picture = picture.map(|name| format!("{}{name}", self.media_base()));
        Article {
            id: event.id.to_string(),
            title: html::tame(event.title.as_str()),
            description: description(event, language, now),
            picture,
            markup: markup(event, language, now, link.as_deref()),
            button: link.map(|link| Button::url(sentences.view_events, &link)),
        }
    }
}

/// When and where, and that it is cancelled.
fn description(event: &Event, language: Language, now: Timestamp) -> String {
    let cancelled = event.cancelled.as_ref();
    let cancelled = cancelled.map(|_| format!("🚫 {}", language.sentences().events.cancelled));
    let place = html::tame(event.location.as_str());
    let place = (!place.is_empty()).then_some(place);
    let parts = cancelled.into_iter().chain([time(event, language, now)]).chain(place);
    parts.collect::<Vec<_>>().join(" · ")
}

fn markup(event: &Event, language: Language, now: Timestamp, link: Option<&str>) -> String {
    let title = html::quoted(event.title.as_str());
    let mut lines = vec![format!("<b>{title}</b>")];
    lines.push(format!("🗓 {}", html::escape(&time(event, language, now))));
    if !event.location.as_str().is_empty() {
        lines.push(format!("📍 {}", html::quoted(event.location.as_str())));
    }
    lines.extend(cancelled(event, language));
    if !event.description.as_str().is_empty() {
        let text = html::truncate_plain(event.description.as_str(), ABOUT_MAX);
        let text: Vec<String> = text.lines().map(html::tame).collect();
        lines.push(format!("\n{}", html::escape(&text.join("\n"))));
    }
    if let Some(link) = link {
        let label = html::escape(language.sentences().view_events);
        lines.push(format!("\n<a href=\"{}\">{label}</a>", html::escape(link)));
    }
    lines.join("\n")
}

fn time(event: &Event, language: Language, now: Timestamp) -> String {
    let when = when(event, now, language);
    let over = language.sentences().events.over;
    if event.is_over(now) { format!("{when} · {over}") } else { when }
}

fn cancelled(event: &Event, language: Language) -> Option<String> {
    let (events, reason) = (&language.sentences().events, &event.cancelled.as_ref()?.reason);
    let text = match reason.as_str() {
        "" => html::escape(events.cancelled),
        reason => {
            fill(&html::escape(events.cancelled_because), &[("reason", &html::quoted(reason))])
        }
    };
    Some(format!("🚫 {text}"))
}

/// Letters without their case, in every script: `Straße` is found as `STRASSE`.
fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whatever_their_case() {
        for (text, words) in [
            ("Straße", "STRASSE"),
            ("Настольные Игры", "настольные игры"),
            ("ΟΔΟΣ", "οδος"),
            ("ÑANDÚ", "ñandú"),
        ] {
            assert_eq!(fold(text), fold(words), "{text}");
        }
    }
}
