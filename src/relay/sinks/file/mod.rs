//! A file of JSON lines, rotated; confirmed when the lines are on the disk.
//!
//! Only whole lines stay in it: what a crash or a full disk cut off is taken away before the next
//! line, and sent again.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::relay::Stop;
use crate::relay::sink::{Cause, Record, Sink, Trouble};
use crate::settings::relay;

/// Bytes looked at once for the end of the last line.
const LOOK: u64 = 64 << 10;

/// A file of JSON lines.
pub struct Lines {
    settings: relay::File,
    open: Option<Open>,
}

/// The file, and how much of it are whole lines on the disk.
struct Open {
    file: File,
    /// Device and inode, to see that somebody moved it away.
    identity: (u64, u64),
    length: u64,
}

impl Lines {
    /// The file of `settings`. Nothing here waits for anybody but the disk.
    pub fn new(settings: &relay::File, _: &Stop) -> Self {
        Self { settings: settings.clone(), open: None }
    }

    /// The open file, which is still the one at its path and ends with a whole line.
    fn file(&mut self) -> io::Result<&mut Open> {
        let path = &self.settings.path;
        let found = fs::metadata(path).ok().map(|found| identity(&found));
        let open = match self.open.take().filter(|open| Some(open.identity) == found) {
            Some(open) => open,
            None => open(path)?,
        };
        Ok(self.open.insert(open))
    }

    /// Appends `lines`, which fit, and waits for the disk. After a failure nothing of them stays.
    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        let open = self.file()?;
        let written = open.file.write_all(lines).and_then(|()| open.file.sync_data());
        match written {
            Ok(()) => {
                open.length += lines.len() as u64;
                Ok(())
            }
            Err(error) => {
                // Should this fail as well, the next opening mends it.
                drop(open.file.set_len(open.length));
                self.open = None;
                Err(error)
            }
        }
    }

    /// `name` becomes `name.1`, `name.1` becomes `name.2` …; the oldest goes.
    fn rotate(&mut self) -> io::Result<()> {
        self.open = None;
        let path = &self.settings.path;
        for number in (0..self.settings.keep).rev() {
            match fs::rename(numbered(path, number), numbered(path, number + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        sync_folder(path)
    }

    fn deliver(&mut self, batch: &[Record<'_>]) -> Result<(), (usize, io::Error)> {
        let (mut confirmed, mut next) = (0, 0);
        while next < batch.len() {
            let length = self.file().map_err(|error| (confirmed, error))?.length;
            let mut lines = Vec::new();
            while let Some(record) = batch.get(next) {
                let longer = length + lines.len() as u64 + record.body.len() as u64 + 1;
                let is_first = length == 0 && lines.is_empty();
                if longer > self.settings.rotate_size && !is_first {
                    break;
                }
                line(&mut lines, record.body);
                next += 1;
            }
            if !lines.is_empty() {
                self.append(&lines).map_err(|error| (confirmed, error))?;
                confirmed = next;
            }
            if next < batch.len() {
                self.rotate().map_err(|error| (confirmed, error))?;
            }
        }
        Ok(())
    }
}

impl Sink for Lines {
    fn deliver(&mut self, batch: &[Record<'_>]) -> Result<(), Trouble> {
        let delivered = Self::deliver(self, batch);
        delivered.map_err(|(confirmed, error)| Trouble { confirmed, cause: trouble(&error) })
    }

    fn check(&mut self) -> Result<(), Cause> {
        self.file().map(drop).map_err(|error| trouble(&error))
    }
}

/// Opens or makes the file, for its owner alone, and takes a line away that was cut off.
fn open(path: &Path) -> io::Result<Open> {
    match fs::metadata(path) {
        // Opening a pipe would wait for its reader.
        Ok(found) if !found.is_file() => return Err(io::Error::other("it is no file")),
        _ => {}
    }
    let mut file =
        OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
    let found = file.metadata()?;
    let length = whole_lines(&mut file, found.len())?;
    if length < found.len() {
        log::warn!("`{}`: its last line was cut off and is taken away", path.display());
        file.set_len(length)?;
        file.sync_data()?;
    }
    if found.len() == 0 {
        sync_folder(path)?;
    }
    Ok(Open { file, identity: identity(&found), length })
}

/// How many of the `length` bytes of `file` are whole lines.
fn whole_lines(file: &mut File, length: u64) -> io::Result<u64> {
    let mut end = length;
    while end > 0 {
        let start = end.saturating_sub(LOOK);
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.take(end - start).read_to_end(&mut bytes)?;
        if let Some(at) = bytes.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

/// Appends `body` as one line: a line break in JSON is blank space, or it would be escaped.
fn line(lines: &mut Vec<u8>, body: &[u8]) {
    lines.extend(body.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }));
    lines.push(b'\n');
}

fn numbered(path: &Path, number: u32) -> PathBuf {
    if number == 0 {
        return path.to_owned();
    }
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{number}"));
    name.into()
}

/// Names are on the disk only with their folder.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn identity(found: &fs::Metadata) -> (u64, u64) {
    (found.dev(), found.ino())
}

fn trouble(error: &io::Error) -> Cause {
    Cause::again(match error.kind() {
        io::ErrorKind::NotFound => "there is no such folder; make it".to_owned(),
        io::ErrorKind::PermissionDenied => "this user may not write there".to_owned(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "the disk is full".to_owned(),
        io::ErrorKind::FileTooLarge => "the file may not grow".to_owned(),
        _ => error.to_string(),
    })
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
