//! The first day in English.

use super::First;

pub(in crate::i18n) const FIRST: First = First {
    description: "Events to attend, with reminders and a calendar, and messages that can be read once. Press Start.",
    short_description: "Events you attend with a tap, and messages that can be read once.",
    now_admin: "You are an admin of this bot now.",
    is_admin: "You are an admin already; the code was not needed.",
    no_code: "This code does not count, or no longer. Whoever runs the bot gets a new one with: roost admin-code",
    told: "{who} is an admin now, by a one-time code.",
};
