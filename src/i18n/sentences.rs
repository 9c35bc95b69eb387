//! The sentences a language must have.

/// Every sentence, in one language. `{…}` are places for [`super::fill`].
#[derive(Debug)]
pub struct Sentences {
    /// Anything before login.
    pub login_required: &'static str,
    /// A message for an app that does not exist.
    pub unknown_app: &'static str,
    /// A message type that does not exist.
    pub unknown_command: &'static str,
    /// A frame that is not a JSON object.
    pub invalid_message: &'static str,
    /// More messages than the limit.
    pub too_fast: &'static str,
    /// The store cannot take it now.
    pub busy: &'static str,
    /// Something failed inside; nothing was changed.
    pub internal: &'static str,
    /// initData that Telegram did not sign.
    pub login_invalid: &'static str,
    /// initData that is too old.
    pub login_expired: &'static str,
    /// A banned person.
    pub login_banned: &'static str,
    /// Too many pages of one person.
    pub login_too_many: &'static str,
    /// An admin's act by somebody else.
    pub not_admin: &'static str,
    /// A command of the bot that does not exist.
    pub unknown_bot_command: &'static str,
    /// The button that opens the page of events.
    pub view_events: &'static str,
}
