//! What Mini Events says: its refusals in words.

use super::refusal::Refusal;
use crate::i18n::Language;

/// A refusal for the person.
pub fn refusal(refusal: &Refusal, language: Language) -> String {
    let _ = language;
    refusal.code().to_owned()
}
