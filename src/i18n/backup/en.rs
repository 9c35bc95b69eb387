//! Backups in English.

use super::Backup;

pub(in crate::i18n) const BACKUP: Backup = Backup {
    failed: "The backup failed: {reason}. The newest good one is of {time}. I go on trying, and write again only if one fails after one has succeeded.",
    failed_first: "The backup failed: {reason}. There is no older one. I go on trying, and write again only if one fails after one has succeeded.",
};
