//! The languages say the same: same places, nothing empty, nothing left untranslated.

use std::collections::{BTreeMap, BTreeSet};

use super::Language;
use super::sentences::Walk;

/// Sentences that are rightly the same in every language.
const SAME_EVERYWHERE: [&str; 1] = ["s.events.invalid"];

fn all(language: Language) -> BTreeMap<String, &'static str> {
    let mut found = BTreeMap::new();
    let sentences = language.sentences();
    sentences.walk("s", &mut |name, text| {
        assert_eq!(found.insert(name.to_owned(), text), None, "{name}");
    });
    found
}

/// Whether `text` is fit to be shown: something, without blanks around it or twice in a row.
fn is_tidy(text: &str) -> bool {
    !text.is_empty() && text.trim() == text && !text.contains("  ")
}

/// The places in `text`; a brace without its partner fails.
fn places(text: &str) -> BTreeSet<&str> {
    let mut parts = text.split('{');
    assert!(!parts.next().unwrap().contains('}'), "{text}");
    parts.map(|part| part.split_once('}').unwrap_or_else(|| panic!("{text}")).0).collect()
}

#[test]
fn no_sentence_is_empty_or_untidy() {
    for language in Language::ALL {
        for (name, text) in all(language) {
            assert!(is_tidy(text), "{name} in {language:?}: {text:?}");
        }
    }
}

#[test]
fn every_language_fills_in_the_same_places() {
    let english = all(Language::En);
    assert!(english.len() > 200, "the walk misses sentences: {}", english.len());
    for language in Language::ALL {
        let other = all(language);
        assert_eq!(english.len(), other.len());
        for (name, text) in &other {
            assert_eq!(places(english[name]), places(text), "{name} in {language:?}");
        }
    }
}

#[test]
fn no_sentence_was_left_untranslated() {
    let languages = Language::ALL.map(all);
    for (name, text) in &languages[0] {
        let same = languages.iter().all(|other| other[name] == *text);
        assert_eq!(same, SAME_EVERYWHERE.contains(&name.as_str()), "{name}: {text}");
    }
}

#[test]
fn commands_in_sentences_are_the_same_in_every_language() {
    let commands = |text: &'static str| -> BTreeSet<String> {
        let words = text.split([' ', '\n', '.', ',', ';', ':']);
        words.filter(|word| word.starts_with('/')).map(str::to_owned).collect()
    };
    let english = all(Language::En);
    for language in Language::ALL {
        for (name, text) in all(language) {
            assert_eq!(commands(english[&name]), commands(text), "{name} in {language:?}");
        }
    }
}
