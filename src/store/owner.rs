//! Whose files are: root's commands must not leave files behind that the service cannot open.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::Path;

/// Gives a file that root has just made at `path` to the owner of its folder. The service runs as a
/// user of its own, and owns the folder its database lies in.
pub fn as_its_folder(file: &File, path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let wanted = fs::metadata(folder.unwrap_or(Path::new(".")))?;
    let is_ours = wanted.uid() == file.metadata()?.uid();
    if is_ours || !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    fchown(file, Some(wanted.uid()), Some(wanted.gid()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    /// Nobody of this name logs in anywhere.
    const SERVICE: u32 = 65_534;

    #[test]
    fn a_database_belongs_to_whom_its_folder_belongs_to() {
        let folder = tempfile::tempdir().unwrap();
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(folder.path(), Some(SERVICE), Some(SERVICE)).unwrap();
        }
        let path = folder.path().join("roost.redb");
        drop(Store::open(&path, |_| Ok(()), Box::new(drop)).unwrap());
        let owner = |path: &Path| {
            let found = fs::metadata(path).unwrap();
            (found.uid(), found.gid())
        };
        assert_eq!(owner(&path), owner(folder.path()));
    }
}
