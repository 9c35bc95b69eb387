//! What the server tells its admins by itself.

use crate::apps::{Context, language_of};
use crate::i18n::Sentences;
use crate::ids::ChatId;
use crate::store::outbox::Lane;
use crate::store::{StoreError, Tx, users};
use crate::telegram::outgoing::Outgoing;
use crate::telegram::sender;

/// Posts what `text` says, as markup, to every admin in their language.
pub(super) fn tell_admins(
    tx: &Tx,
    context: &Context,
    text: impl Fn(&Sentences) -> String,
) -> Result<(), StoreError> {
    for user in users::all(tx)? {
        let roles = &context.roles;
        if !roles.is_admin(&user) || roles.is_banned(&user) || !user.reachable {
            continue;
        }
        let language = language_of(user.language.as_deref(), context.language);
        let message = Outgoing::message(ChatId::from(user.id), &text(language.sentences()));
        match sender::post_in(tx, Lane::Alerts, message) {
            // Those that wait already say enough, and the cause itself goes before.
            Err(StoreError::Full(_)) => return Ok(()),
            posted => posted?,
        }
    }
    Ok(())
}
