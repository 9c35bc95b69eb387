//! Settings of backups by the clock.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::resolved::Resolved;
use super::typed::{CHECKED, duration, number};

/// Settings of backups by the clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backups {
    /// Where they go.
    pub folder: PathBuf,
    /// How often there is one.
    pub every: Duration,
    /// How many stay.
    pub keep: usize,
}

impl Backups {
    /// The settings, if a folder is set; it is relative to where data live.
    pub(super) fn new(resolved: &Resolved, data: &Path) -> Option<Self> {
        let every = resolved.text("backup.every").and_then(duration).expect(CHECKED);
        let folder = data.join(resolved.text("backup.folder")?);
        Some(Self { folder, every, keep: number(resolved, "backup.keep") })
    }
}
