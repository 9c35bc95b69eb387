//! English.

use super::Sentences;

pub(super) const SENTENCES: Sentences = Sentences {
    login_required: "You need to login first",
    unknown_app: "Missing App ID",
    unknown_command: "Unknown command",
    invalid_message: "Messages must be JSON objects in text frames",
    too_fast: "That was too fast; please wait a moment",
    busy: "The server is busy; please try again",
    internal: "Internal server error; nothing was changed",
    login_invalid: "Telegram did not confirm who you are; please open the app from the bot again",
    login_expired: "This page was opened too long ago; please open it from the bot again",
    login_banned: "You cannot use this app",
    login_too_many: "The app is open in too many places; please close some of them",
    not_admin: "You are not an admin",
    unknown_bot_command: "I do not know this command; /help lists those I know",
    view_events: "View Events",
};
