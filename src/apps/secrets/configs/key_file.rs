//! `roost.key`: a key beside the database and never in it, so that a copy of the database tells
//! nothing of what is sealed with it.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::hidden::Hidden;
use crate::store::owner;

/// Its name; the folder is the database's.
const NAME: &str = "roost.key";

/// Rights of others: none of them may be there.
const OTHERS: u32 = 0o077;

/// Hexadecimal digits in the file.
const DIGITS: usize = 64;

/// The key, and where it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFile {
    path: PathBuf,
    key: Hidden<Zeroizing<[u8; 32]>>,
}

/// Why there is no key, or why it opens nothing.
#[derive(Debug)]
pub enum KeyError {
    /// There is no file, and something was sealed with it.
    Missing(PathBuf),
    /// Others may read it.
    TooOpen(PathBuf, u32),
    /// Not a key at all.
    NotAKey(PathBuf),
    /// Another key.
    Wrong(PathBuf),
    /// The file cannot be read or made.
    File(PathBuf, io::Error),
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(path) => write!(
                f,
                "`{}` is missing, and no application configuration can be read without it; put it back, or remove them all with `roost app-config remove` and add them again",
                path.display()
            ),
            Self::TooOpen(path, mode) => write!(
                f,
                "`{0}` may be read by others (mode {mode:o}); run `chmod 600 {0}`",
                path.display()
            ),
            Self::NotAKey(path) => write!(
                f,
                "`{}` holds no key, which is one line of {DIGITS} hexadecimal digits; put the right file back",
                path.display()
            ),
            Self::Wrong(path) => write!(
                f,
                "`{}` is not the key the application configurations were stored with; put the right file back",
                path.display()
            ),
            Self::File(path, error) => write!(f, "`{}`: {error}", path.display()),
        }
    }
}

impl std::error::Error for KeyError {}

impl KeyFile {
    /// The key beside `database`.
    pub fn read(database: &Path) -> Result<Self, KeyError> {
        let path = database.with_file_name(NAME);
        match read(&path)? {
            Some(key) => Ok(Self { path, key: Hidden::new(key) }),
            None => Err(KeyError::Missing(path)),
        }
    }

    /// The key beside `database`, made if there is none. Only while nothing is sealed, since a new
    /// key would hide that the old one is lost, and only by the writer, so that nobody else makes
    /// one at the same time.
    pub fn made(database: &Path) -> Result<Self, KeyError> {
        let path = database.with_file_name(NAME);
        if read(&path)?.is_none() {
            make(&path).map_err(|error| KeyError::File(path, error))?;
        }
        Self::read(database)
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        self.key.reveal()
    }

    /// It opens nothing.
    pub(super) fn wrong(&self) -> KeyError {
        KeyError::Wrong(self.path.clone())
    }
}

/// The key in the file; `None` when there is no file.
fn read(path: &Path) -> Result<Option<Zeroizing<[u8; 32]>>, KeyError> {
    let failed = |error| KeyError::File(path.to_owned(), error);
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        file => file.map_err(failed)?,
    };
    let about = file.metadata().map_err(failed)?;
    if !about.is_file() {
        return Err(KeyError::NotAKey(path.to_owned()));
    }
    if about.mode() & OTHERS != 0 {
        return Err(KeyError::TooOpen(path.to_owned(), about.mode() & 0o777));
    }
    let mut text = Zeroizing::new(Vec::with_capacity(DIGITS + 2));
    file.take(DIGITS as u64 + 2).read_to_end(&mut text).map_err(failed)?;
    parse(&text).map(Some).ok_or_else(|| KeyError::NotAKey(path.to_owned()))
}

/// One line of hexadecimal digits.
fn parse(text: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let line = text.strip_suffix(b"\n").unwrap_or(text);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.len() != DIGITS {
        return None;
    }
    let mut key = Zeroizing::new([0; 32]);
    for (byte, pair) in key.iter_mut().zip(line.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(key)
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Makes the file whole or not at all.
fn make(path: &Path) -> io::Result<()> {
    let mut key = Zeroizing::new([0; 32]);
    getrandom::fill(&mut key[..]).map_err(|_| io::Error::other("no random numbers"))?;
    let mut line = Zeroizing::new(String::with_capacity(DIGITS + 1));
    for byte in key.iter() {
        for nibble in [byte >> 4, byte & 15] {
            line.push(char::from_digit(u32::from(nibble), 16).expect("a nibble is one digit"));
        }
    }
    line.push('\n');
    let unfinished = path.with_extension("key.new");
    drop(fs::remove_file(&unfinished));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
    file.write_all(line.as_bytes())?;
    owner::as_its_folder(&file, path)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
