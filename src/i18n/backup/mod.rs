//! What the bot says of backups to admins.

mod de;
mod en;
mod es;
mod ru;

pub(super) use de::BACKUP as DE;
pub(super) use en::BACKUP as EN;
pub(super) use es::BACKUP as ES;
pub(super) use ru::BACKUP as RU;

#[cfg(test)]
use super::sentences::Walk;
use super::sentences::sentences;

sentences! {
    /// What admins are told of backups.
    Backup {
        /// A backup by the clock failed, and there is an older one.
        failed: &'static str,
        /// The same when there is none.
        failed_first: &'static str,
    }
}
