//! A folder for the time a command takes.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// A folder of our own, for its owner only, that goes when it is dropped.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes one for `command`.
    pub(super) fn make(command: &str) -> io::Result<Self> {
        // Not the process id: in a container it is the same each time, also after a `kill -9`.
        let number = getrandom::u64().map_err(io::Error::other)?;
        let path = std::env::temp_dir().join(format!("roost-{command}-{number:016x}"));
        fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a settings file.
    pub(super) fn settings(&self, settings: &Value) -> io::Result<PathBuf> {
        let file = self.0.join("settings.json");
        fs::write(&file, settings.to_string())?;
        Ok(file)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}
