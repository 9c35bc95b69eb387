//! Where `init` writes: one settings file for its owner alone, or the files of the system service.
//!
//! The service runs as a user that exists only while it runs, so it cannot read a file of root's; it
//! is handed the token by systemd (`LoadCredential`), and may read the rest.

use std::fs::{self, DirBuilder};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, Mode};
use serde_json::{Map, Value};

use crate::cli::Failure;
use crate::settings::{Surroundings, TOKEN_FILE, show};
use crate::store::whole::Unfinished;

/// Where the package and the unit expect the settings.
const SERVICE: &str = "/etc/roost";

/// The unit's `StateDirectory`, from the same root.
const STATE: &str = "var/lib/roost";

/// For its owner alone.
const SECRET: u32 = 0o600;

/// For everybody: the service is not root.
const OPEN: u32 = 0o644;

/// Where the files go.
#[derive(Debug)]
pub(super) struct Place {
    settings: PathBuf,
    /// The database and the file of the token, when these are the service's.
    service: Option<(PathBuf, PathBuf)>,
    /// The settings are there, and say nothing of a token.
    keeps_settings: bool,
}

/// Files that were written.
#[derive(Debug)]
pub(super) struct Written(Vec<PathBuf>);

impl Place {
    /// Finds the place, unless something is there that must stay.
    pub(super) fn of(named: Option<&Path>, around: &Surroundings) -> Result<Self, Failure> {
        let named = named.map(Path::to_owned);
        let named = named.or_else(|| around.variable("ROOST_SETTINGS").map(PathBuf::from));
        let settings = named.unwrap_or_else(usual);
        let folder = folder_of(&settings);
        let service = root_of(folder)
            .map(|root| (root.join(STATE).join("roost.redb"), folder.join(TOKEN_FILE)));
        let mut place = Self { settings, service, keeps_settings: false };
        place.look()?;
        Ok(place)
    }

    /// The settings file.
    pub(super) fn settings(&self) -> &Path {
        &self.settings
    }

    /// Whether the settings are there already, and only the token is missing.
    pub(super) fn keeps_settings(&self) -> bool {
        self.keeps_settings
    }

    /// Whether this is for the system service.
    pub(super) fn is_service(&self) -> bool {
        self.service.is_some()
    }

    fn look(&mut self) -> Result<(), Failure> {
        if let Some((_, token)) = &self.service
            && is_there(token)
        {
            return Err(there(token, &self.settings));
        }
        if is_there(&self.settings) {
            let is_kept = self.service.is_some() && says_no_token(&self.settings);
            if !is_kept {
                return Err(there(&self.settings, &self.settings));
            }
            self.keeps_settings = true;
        }
        let folder = folder_of(&self.settings);
        rustix::fs::access(folder, Access::WRITE_OK | Access::EXEC_OK).map_err(|error| {
            let remedy = match error {
                rustix::io::Errno::NOENT => "make it first",
                _ if self.service.is_some() => "run this as root (`sudo roost init`)",
                _ => "choose another place with `--settings`",
            };
            let folder = show::place(folder);
            Failure::Failed(format!(
                "cannot write in `{folder}`: {}; {remedy}",
                io::Error::from(error)
            ))
        })
    }

    /// Makes the folder of the service's database, if it is missing; the service takes it over.
    pub(super) fn make_state_folder(&self) -> Result<(), Failure> {
        let Some(folder) = self.service.as_ref().and_then(|(database, _)| database.parent()) else {
            return Ok(());
        };
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|error| failed(folder, &error))
    }

    /// Writes the settings, each file whole and for the right eyes, or nothing at all.
    pub(super) fn write(&self, values: &Map<String, Value>) -> Result<Written, Failure> {
        let mut values = values.clone();
        let mut written = Written(Vec::new());
        let mut mode = SECRET;
        if let Some((database, file)) = &self.service {
            let token = values.remove("bot-token").unwrap_or_default();
            let token = format!("{}\n", token.as_str().unwrap_or_default());
            written.file(file, &token, SECRET)?;
            values.insert("database".to_owned(), database.to_string_lossy().into());
            mode = OPEN;
        }
        if !self.keeps_settings {
            // Cannot fail: a map of texts.
            let text = serde_json::to_string_pretty(&values).unwrap_or_default();
            written.file(&self.settings, &format!("{text}\n"), mode)?;
        }
        Ok(written)
    }
}

impl Written {
    /// Writes one more file; if that fails, none of them stays.
    fn file(&mut self, path: &Path, text: &str, mode: u32) -> Result<(), Failure> {
        match create(path, text, mode) {
            Ok(()) => {
                self.0.push(path.to_owned());
                Ok(())
            }
            Err(error) => {
                self.take_back();
                if error.kind() == ErrorKind::AlreadyExists {
                    return Err(there(path, path));
                }
                Err(failed(path, &error))
            }
        }
    }

    /// Takes the files away again.
    pub(super) fn take_back(&self) {
        for path in &self.0 {
            if let Err(error) = fs::remove_file(path) {
                log::error!("{}: cannot be taken away again: {error}", show::place(path));
            }
        }
    }
}

/// As root where the package is installed, the service's; else here.
fn usual() -> PathBuf {
    let is_service = rustix::process::geteuid().is_root() && Path::new(SERVICE).is_dir();
    let folder = if is_service { Path::new(SERVICE) } else { Path::new("") };
    folder.join("settings.json")
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."))
}

/// What `/etc/roost` is in, if `folder` is that: `/`, or where another system is mounted.
fn root_of(folder: &Path) -> Option<&Path> {
    let is_service = folder.is_absolute() && folder.ends_with(SERVICE.trim_start_matches('/'));
    folder.parent()?.parent().filter(|_| is_service)
}

fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn says_no_token(path: &Path) -> bool {
    let text = fs::read_to_string(path).unwrap_or_default();
    let values: Option<Map<String, Value>> = serde_json::from_str(&text).ok();
    values.is_some_and(|values| {
        ["bot-token", "tg-api-token"].iter().all(|key| values.get(*key).is_none_or(Value::is_null))
    })
}

fn there(path: &Path, settings: &Path) -> Failure {
    let (path, settings) = (show::place(path), show::place(settings));
    Failure::Usage(format!(
        "roost init: `{path}` is there already and stays as it is; `roost check --settings {settings}` looks at the \
         settings, `roost admin-code --settings {settings}` gives a new code for an admin; to begin again move `{path}` away"
    ))
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    Failure::Failed(format!("`{}`: {error}; nothing was kept", show::place(path)))
}

/// Writes a file that does not exist: whole, durable, and with no moment in which others could read it.
fn create(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    let unfinished = Unfinished::beside(path)?;
    unfinished.file().write_all(text.as_bytes())?;
    // The umask does not count here.
    rustix::fs::fchmod(unfinished.file(), Mode::from_raw_mode(mode))?;
    unfinished.appear(path)
}
