//! What is said of one-time messages.

mod de;
mod en;
mod es;
mod ru;

use super::Forms;
#[cfg(test)]
use super::sentences::Walk;
use super::sentences::sentences;

pub(super) use de::SECRETS as DE;
pub(super) use en::SECRETS as EN;
pub(super) use es::SECRETS as ES;
pub(super) use ru::SECRETS as RU;

sentences! {
    /// One-time messages: made, read, burnt, and what their senders are told.
    Secrets {
        /// `/new` in the menu.
        about_new: &'static str,
        /// `/secrets` in the menu.
        about_secrets: &'static str,
        /// Somebody makes or reads one where others read along.
        only_private: &'static str,
        /// Somebody may not make any.
        not_allowed: &'static str,
        /// There is no text.
        empty: &'static str,
        /// The text is longer than `{most}`.
        too_long: &'static str,
        /// What somebody wrote is no time to wait, or more than `{most}`.
        ttl_wrong: &'static str,
        /// Somebody has `{most}` open.
        too_many_yours: &'static str,
        /// All people together have too many open.
        too_many: &'static str,
        /// The one "no", whatever the reason.
        closed: &'static str,
        /// Too many wrong tries; `{time}` to wait.
        too_many_tries: &'static str,
        /// The token is right, and there is a passphrase.
        ask_for_passphrase: &'static str,
        /// The button that burns.
        burn: &'static str,
        /// The button that copies a link.
        copy_link: &'static str,
        /// The question after that.
        burn_sure: &'static str,
        /// Yes to it.
        burn_yes: &'static str,
        /// No to it.
        burn_no: &'static str,
        /// In place of what opened it.
        burnt: &'static str,
        /// There is nothing to burn any more.
        is_gone: &'static str,
        /// Above the list of one's own.
        list_heading: &'static str,
        /// The list is empty.
        list_none: &'static str,
        /// A row of it.
        list_row: &'static str,
        /// In the row, for somebody.
        list_for: &'static str,
        /// In the row, with a passphrase.
        list_passphrase: &'static str,
        /// Below a list that is longer.
        list_more: Forms,
        /// The button that burns one of the list.
        list_burn: &'static str,
        /// To the sender: it was read.
        opened: &'static str,
        /// To the sender: it was taken out, and is not in the reader's chat.
        undelivered: &'static str,
        /// To the sender: it was taken out, and nobody knows.
        perhaps_undelivered: &'static str,
        /// To the sender: what opens it was seen in a group.
        seen_in_group: &'static str,
        /// To the sender: too many wrong passphrases.
        burnt_by_tries: &'static str,
        /// To the sender: its time is over.
        expired: &'static str,
        /// To the sender: somebody with the command line burnt it.
        burnt_by_operator: &'static str,
        /// To the reader: nobody knows whether the text arrived.
        reader_interrupted: &'static str,
        /// To somebody who wanted to make one, and was not answered.
        sender_interrupted: &'static str,
        /// Under the text; it goes by itself in `{time}`.
        delete_now: &'static str,
        /// The first question.
        ask_ttl: &'static str,
        /// The second question.
        ask_passphrase: &'static str,
        /// The button that answers it.
        no_passphrase: &'static str,
        /// It is longer than `{most}`.
        passphrase_long: &'static str,
        /// The third question.
        ask_recipient: &'static str,
        /// The button that answers it.
        anybody: &'static str,
        /// Nobody can tell who that is.
        recipient_wrong: &'static str,
        /// The last question.
        ask_text: &'static str,
        /// Something without words was sent.
        only_words: &'static str,
        /// The button that ends the questions.
        stop: &'static str,
        /// They were ended.
        stopped: &'static str,
        /// A button of questions that are over.
        question_over: &'static str,
        /// A restart has forgotten the answers.
        forgotten: &'static str,
        /// A restart has forgotten what was to be read.
        forgotten_reading: &'static str,
        /// For admins: how many are open.
        status: &'static str,
        /// A length of time.
        seconds: Forms,
        /// A length of time.
        minutes: Forms,
        /// A length of time.
        hours: Forms,
        /// A length of time.
        days: Forms,
    }
}
