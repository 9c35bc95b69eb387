//! What the bot says on its first day: of itself at Telegram, and to whoever becomes its admin.

mod de;
mod en;
mod es;
mod ru;

pub(super) use de::FIRST as DE;
pub(super) use en::FIRST as EN;
pub(super) use es::FIRST as ES;
pub(super) use ru::FIRST as RU;

#[cfg(test)]
use super::sentences::Walk;
use super::sentences::sentences;

sentences! {
    /// The first day.
    First {
        /// What an empty chat shows of the bot; at most 512 characters.
        description: &'static str,
        /// What the bot's profile shows of it; at most 120 characters.
        short_description: &'static str,
        /// The right code came from somebody.
        now_admin: &'static str,
        /// A right or wrong code came from an admin.
        is_admin: &'static str,
        /// A code that counts for nothing.
        no_code: &'static str,
        /// What other admins are told.
        told: &'static str,
    }
}
