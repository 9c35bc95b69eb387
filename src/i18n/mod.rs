//! Everything Roost says to people, in four languages.
//!
//! A language is one constant of [`Sentences`]; the compiler refuses one that lacks a sentence.

mod backup;
mod de;
mod en;
mod es;
pub mod first;
mod plural;
mod relay;
mod ru;
pub mod secrets;
mod sentences;
pub mod servers;
pub mod watch;

pub use backup::Backup;
pub use first::First;
pub use plural::Forms;
pub use relay::Relay;
pub use secrets::Secrets;
pub use sentences::{Calendar, Dates, Events, Fields, House, Manage, Notices, Problems, Sentences};
pub use servers::Servers;
pub use watch::Watch;

/// A language Roost speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Russian.
    Ru,
    /// German.
    De,
    /// Spanish.
    Es,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 4] = [Self::En, Self::Ru, Self::De, Self::Es];

    /// The language of an IETF tag such as `pt-br`, when it is spoken here.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }

    /// Its two-letter tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ru => "ru",
            Self::De => "de",
            Self::Es => "es",
        }
    }

    /// Its sentences.
    pub fn sentences(self) -> &'static Sentences {
        match self {
            Self::En => &en::SENTENCES,
            Self::Ru => &ru::SENTENCES,
            Self::De => &de::SENTENCES,
            Self::Es => &es::SENTENCES,
        }
    }
}

/// Puts values in the places `{name}` of a sentence; a value is never searched for places itself.
pub fn fill(sentence: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(sentence.len() + 32);
    let mut rest = sentence;
    while let Some(open) = rest.find('{') {
        let Some(length) = rest[open..].find('}') else { break };
        let name = &rest[open + 1..open + length];
        filled.push_str(&rest[..open]);
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => filled.push_str(value),
            None => filled.push_str(&rest[open..=open + length]),
        }
        rest = &rest[open + length + 1..];
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod walk_tests;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_finds_its_language_whatever_the_region() {
        for (tag, expected) in [
            ("en", Some(Language::En)),
            ("de-AT", Some(Language::De)),
            ("ES_mx", Some(Language::Es)),
            ("ru", Some(Language::Ru)),
            ("fr", None),
            ("", None),
            ("english", None),
        ] {
            assert_eq!(Language::of_tag(tag), expected, "{tag}");
        }
    }

    #[test]
    fn values_are_filled_in_once() {
        assert_eq!(fill("{a} and {b}", &[("a", "{b}"), ("b", "2")]), "{b} and 2");
        assert_eq!(fill("{unknown} {", &[]), "{unknown} {");
    }
}
