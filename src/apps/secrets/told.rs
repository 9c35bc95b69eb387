//! What people are told of their secrets without having asked, and doors that tell it.

use jiff::Timestamp;

use super::store::{self, Author, Claim, Claimed, Door, Gone};
use super::words;
use crate::apps::{Context, language_of};
use crate::i18n::{Secrets as Sentences, fill};
use crate::ids::{ChatId, UserId};
use crate::store::{StoreError, Tx, users};
use crate::telegram::outgoing::Outgoing;
use crate::telegram::{html, sender};

/// What became of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was read.
    Opened(Timestamp),
    /// It was taken out, and is certainly not in the reader's chat.
    Undelivered,
    /// It was taken out, and nobody knows.
    PerhapsUndelivered,
    /// What opens it was seen in a group or channel.
    SeenInGroup,
    /// Too many wrong passphrases.
    BurntByTries,
    /// Its time is over.
    Expired,
    /// Whoever has the command line burnt it.
    BurntByOperator,
}

/// [`store::claim`], and its sender is told what there is to tell. Behind every door but the bot,
/// which tells when it knows whether Telegram took the text, the text counts as read now.
pub fn claim(tx: &Tx, context: &Context, claim: &Claim) -> Result<Claimed, StoreError> {
    let claimed = store::claim(tx, claim)?;
    match &claimed {
        Claimed::Opened(opened) if claim.door != Door::Bot => {
            author(tx, context, &opened.was, Fate::Opened(claim.at))?;
        }
        Claimed::Burnt(gone) => author(tx, context, gone, Fate::BurntByTries)?,
        Claimed::Opened(_) | Claimed::No(_) => {}
    }
    Ok(claimed)
}

/// Tells the sender of a secret, if it is a person in Telegram.
pub fn author(tx: &Tx, context: &Context, gone: &Gone, fate: Fate) -> Result<(), StoreError> {
    let Author::User(user) = gone.by else { return Ok(()) };
    let id = gone.id.to_string();
    person(tx, context, user, |language, said| {
        let when = |at| words::when(at, gone.created, context, language);
        match fate {
            Fate::Opened(at) => fill(said.opened, &[("id", &id), ("when", &when(at))]),
            Fate::Undelivered => fill(said.undelivered, &[("id", &id)]),
            Fate::PerhapsUndelivered => fill(said.perhaps_undelivered, &[("id", &id)]),
            Fate::SeenInGroup => fill(said.seen_in_group, &[("id", &id)]),
            Fate::BurntByTries => fill(said.burnt_by_tries, &[("id", &id)]),
            Fate::Expired => fill(said.expired, &[("id", &id)]),
            Fate::BurntByOperator => fill(said.burnt_by_operator, &[("id", &id)]),
        }
    })
}

/// Tells somebody in their language; nothing if they are banned or cannot be reached.
pub fn person(
    tx: &Tx,
    context: &Context,
    user: UserId,
    sentence: impl FnOnce(crate::i18n::Language, &Sentences) -> String,
) -> Result<(), StoreError> {
    let Some(user) = users::find(tx, user)? else { return Ok(()) };
    if !user.reachable || context.roles.is_banned(&user) {
        return Ok(());
    }
    let language = language_of(user.language.as_deref(), context.language);
    let sentence = sentence(language, &language.sentences().secrets);
    sender::post(tx, Outgoing::message(ChatId::from(user.id), &html::escape(&sentence)))
}
