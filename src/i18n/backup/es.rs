//! Backups in Spanish.

use super::Backup;

pub(in crate::i18n) const BACKUP: Backup = Backup {
    failed: "La copia de seguridad ha fallado: {reason}. La última buena es del {time}. Sigo intentándolo y solo volveré a avisar si falla otra después de una que haya salido bien.",
    failed_first: "La copia de seguridad ha fallado: {reason}. No hay ninguna anterior. Sigo intentándolo y solo volveré a avisar si falla otra después de una que haya salido bien.",
};
