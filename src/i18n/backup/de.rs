//! Backups in German.

use super::Backup;

pub(in crate::i18n) const BACKUP: Backup = Backup {
    failed: "Die Sicherung ist fehlgeschlagen: {reason}. Die neueste gute ist von {time}. Ich versuche es weiter und melde mich erst wieder, wenn nach einer gelungenen eine fehlschlägt.",
    failed_first: "Die Sicherung ist fehlgeschlagen: {reason}. Es gibt keine ältere. Ich versuche es weiter und melde mich erst wieder, wenn nach einer gelungenen eine fehlschlägt.",
};
