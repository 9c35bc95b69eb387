//! What admins are told when a backup by the clock fails.

use jiff::Timestamp;

use super::admins::tell_admins;
use crate::apps::Context;
use crate::i18n::fill;
use crate::store::{StoreError, Tx};
use crate::telegram::html;

/// Tells every admin why there is no new backup, and of when the `newest` one is.
pub(super) fn tell_failure(
    tx: &Tx,
    context: &Context,
    reason: &str,
    newest: Option<Timestamp>,
) -> Result<(), StoreError> {
    let time =
        newest.map(|at| at.to_zoned(context.timezone.clone()).strftime("%F %H:%M %Z").to_string());
    tell_admins(tx, context, |sentences| {
        let backup = &sentences.backup;
        let sentence = if time.is_some() { backup.failed } else { backup.failed_first };
        let time = time.as_deref().unwrap_or_default();
        html::escape(&fill(sentence, &[("reason", reason), ("time", time)]))
    })
}
