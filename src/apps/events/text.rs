//! What Mini Events says: its refusals in words.

use super::refusal::Refusal;
use crate::i18n::Language;

/// A refusal for the person.
pub fn refusal(refusal: &Refusal, language: Language) -> String {
    let say = language.sentences();
    match refusal {
        Refusal::UnknownCommand => say.unknown_command.to_owned(),
        Refusal::NotAdmin => say.not_admin.to_owned(),
        Refusal::NoSuchEvent => "No such event".to_owned(),
        _ => refusal.code().to_owned(),
    }
}
