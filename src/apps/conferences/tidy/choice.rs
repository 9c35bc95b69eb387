//! What an operator chooses about a conference that is about to be stopped.

use jiff::Timestamp;

use super::case::{Course, SNOOZE};
use super::store;
use super::words::{self, Said};
use crate::apps::Person;
use crate::apps::conferences::app::Conferences;
use crate::apps::conferences::audience;
use crate::apps::conferences::audit::What;
use crate::apps::conferences::fleet::Kept;
use crate::ids::ChatId;
use crate::store::outbox::Lane;
use crate::store::{StoreError, Tx};
use crate::telegram::outgoing::Outgoing;
use crate::telegram::sender;

/// What an operator chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// It runs for an hour more, and then all begins anew with a warning.
    Snooze,
    /// It is left alone for as long as it runs.
    Keep,
}

impl Conferences {
    /// Keeps what `by`, who may operate `kept`, has chosen, and tells the others. Gives the words for
    /// the message with the button; none if there is nothing to choose any more.
    pub(in crate::apps::conferences) fn choose(
        &self,
        tx: &Tx,
        kept: &Kept,
        number: u64,
        (chosen, by): (Chosen, &Person),
        at: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        let mut cases = store::find(tx, kept)?;
        let (course, what, said) = match chosen {
            Chosen::Snooze => (Course::Snoozed(at + SNOOZE), What::Snooze, Said::Snoozed(&by.name)),
            Chosen::Keep => (Course::Kept, What::Keep, Said::Kept(&by.name)),
        };
        let Some(case) = cases.iter_mut().find(|case| case.number == number && number > 0) else {
            return Ok(None);
        };
        if !case.choose(course) {
            return Ok(None);
        }
        let case = case.clone();
        store::save(tx, kept, &cases)?;
        words::audit_by(tx, kept, &case, Some(by), (what, ""), at)?;
        for other in audience::operators(tx, &self.context, kept, by.id)? {
            let text = words::said(&case, said, other.language);
            let message = Outgoing::message(ChatId::from(other.id), &text).silent();
            sender::post_in(tx, Lane::Notices, message)?;
        }
        Ok(Some(words::said(&case, said, by.language)))
    }
}
