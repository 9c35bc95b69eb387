//! Settings: what the program was told, by whom, and whether it makes sense.
//!
//! [`table`] lists every setting; [`load`] reads all places, reports everything that is wrong at
//! once and gives the typed [`Settings`]. Nothing here writes a file.

mod backup;
pub mod broker;
mod dotenv;
pub mod json;
pub mod kind;
mod near;
mod old;
pub mod parse;
mod path;
mod places;
mod problem;
pub mod relay;
mod resolved;
mod rules;
mod secrets;
mod servers;
pub mod show;
mod sinks;
mod source;
pub mod table;
mod tls;
mod typed;
mod variables;
mod walk;

pub use backup::Backups;
pub use near::nearest;
pub use path::Path;
pub use problem::{Problem, Problems, Wrong};
pub use resolved::{Resolved, concrete};
pub use secrets::{Secrets, Who};
pub use servers::{Api, Authority, AutoStop, Forgotten, Quiet, Scheme, Server};
pub use source::Source;
pub use tls::Tls;
pub use typed::{Events, Keep, Limits, Log, LogFormat, Mode, Settings, Updates};
pub use variables::TOKEN_FILE;
pub use walk::{Given, Names};

use std::collections::BTreeMap;
use std::path::PathBuf;
use variables::Variables;
use walk::Walk;

/// Where the settings file is looked for when nobody names one.
const PLACES: &[&str] = &["settings.json", "/etc/roost/settings.json"];

/// What the command line says about settings.
#[derive(Clone, Default)]
pub struct Asked {
    /// `--settings`.
    pub file: Option<PathBuf>,
    /// Options that stand for a setting.
    pub flags: Vec<Flag>,
}

/// An option that stands for a setting.
#[derive(Clone)]
pub struct Flag {
    /// As typed: `--port`.
    pub name: &'static str,
    /// The setting: `port`.
    pub key: &'static str,
    /// Its value.
    pub text: String,
}

/// What surrounds the process: its environment and its working directory.
#[derive(Clone, Default)]
pub struct Surroundings {
    /// The environment.
    pub variables: BTreeMap<String, String>,
    /// The working directory.
    pub folder: PathBuf,
}

/// Settings that make sense, and how they came about.
#[derive(Debug)]
pub struct Loaded {
    /// The values the program works with.
    pub settings: Settings,
    /// Every value with its source.
    pub resolved: Resolved,
    /// The settings file, if there is one.
    pub file: Option<PathBuf>,
    /// What is odd but no error.
    pub notes: Vec<Note>,
}

/// Something odd that is no error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Worth a warning.
    Warning(String),
    /// Only of interest when looking for something.
    Detail(String),
}

impl Surroundings {
    /// Those of this process.
    pub fn of_process() -> Self {
        let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
        Self {
            variables: std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect(),
            folder: PathBuf::new(),
        }
    }

    /// An environment variable that says something.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }
}

impl Loaded {
    /// The text `row` has when nobody says anything.
    pub fn default_text(&self, row: &str) -> Option<String> {
        serde_json::from_str(table::row(row)?.default?).ok()
    }

    /// Writes the notes to the log.
    pub fn log_notes(&self) {
        for note in &self.notes {
            match note {
                Note::Warning(text) => log::warn!("{text}"),
                Note::Detail(text) => log::debug!("{text}"),
            }
        }
    }
}

/// Reads every place a setting may stand in. Values of a stronger place win: flag, environment,
/// systemd credential, `.env` file, settings file, default.
pub fn load(asked: &Asked, around: &Surroundings) -> Result<Loaded, Problems> {
    read(asked, around, Reading::settings_file)
}

/// The same without any settings file: what is said around the process, for whoever writes one.
pub fn load_without_file(flags: Vec<Flag>, around: &Surroundings) -> Result<Loaded, Problems> {
    read(&Asked { file: None, flags }, around, |_, _, _, _| None)
}

/// Reads the settings file, among others; where it is.
type ReadFile = fn(&mut Reading, &Asked, Option<&str>, &Surroundings) -> Option<PathBuf>;

fn read(asked: &Asked, around: &Surroundings, read_file: ReadFile) -> Result<Loaded, Problems> {
    let mut reading = Reading::default();
    let env_file = reading.env_file(around);
    let env_file = env_file.as_ref().map(|(place, values)| variables(Some(place), values, around));
    let environment = variables(None, &around.variables, around);
    let elsewhere = || env_file.as_ref()?.value("ROOST_SETTINGS");
    let place = environment.value("ROOST_SETTINGS").or_else(elsewhere);
    let file = read_file(&mut reading, asked, place, around);

    for from in env_file.iter().chain([&environment]) {
        reading.problems.extend(old::sinks_given_twice(from, &reading.file));
    }
    let mut names = reading.file.names.clone();
    let walks: Vec<Walk> = env_file.iter().chain([&environment]).map(|v| v.read(&names)).collect();
    for walk in &walks {
        names.add(&walk.names);
    }
    for from in env_file.iter().chain([&environment]) {
        reading.notes.extend(from.unknown(&names).into_iter().map(Note::Warning));
    }
    reading.layers(walks, credentials(around, &names, file.as_deref()), flags(asked));
    reading.finish(&names, file, around)
}

fn variables<'a>(
    file: Option<&'a str>,
    values: &'a BTreeMap<String, String>,
    around: &'a Surroundings,
) -> Variables<'a> {
    Variables { file, values, folder: &around.folder }
}

/// What systemd hands over. For commands of root the same token lies beside the settings.
fn credentials(around: &Surroundings, names: &Names, file: Option<&std::path::Path>) -> Walk {
    match around.variable("CREDENTIALS_DIRECTORY") {
        Some(folder) => variables::credentials(folder.as_ref(), names),
        None => file.map(variables::token_beside).unwrap_or_default(),
    }
}

fn flags(asked: &Asked) -> Walk {
    let mut walk = Walk::default();
    for flag in &asked.flags {
        let key = table::row(flag.key).expect("flags name rows of the table");
        walk.text(key, &Path::of(flag.key, ""), &flag.text, Source::Flag(flag.name));
    }
    walk
}

/// What has been read so far.
#[derive(Default)]
struct Reading {
    file: Walk,
    given: Vec<Given>,
    problems: Vec<Problem>,
    notes: Vec<Note>,
}

impl Reading {
    /// The `.env` file, as the name people know it by and its values. A missing one is no error.
    fn env_file(&mut self, around: &Surroundings) -> Option<(String, BTreeMap<String, String>)> {
        let named = around.variable("ENV_FILE");
        let named = named.map(std::path::Path::new);
        let file = named.unwrap_or(".env".as_ref());
        let (place, path) = (show::place(file), around.folder.join(file));
        if !path.is_file() {
            let detail = named.map(|_| Note::Detail(format!("{place}: no such file (ENV_FILE)")));
            self.notes.extend(detail);
            return None;
        }
        match json::text(&path).and_then(|text| dotenv::parse(&text)) {
            Ok(values) => Some((place, values)),
            Err(why) => {
                self.problems.push(Problem::file(place, why));
                None
            }
        }
    }

    fn settings_file(
        &mut self,
        asked: &Asked,
        named: Option<&str>,
        around: &Surroundings,
    ) -> Option<PathBuf> {
        let named = asked.file.clone().or_else(|| named.map(PathBuf::from));
        let file = named.or_else(|| {
            let mut places = PLACES.iter().map(PathBuf::from);
            places.find(|place| around.folder.join(place).exists())
        })?;
        let place = show::place(&file);
        let path = around.folder.join(&file);
        match content(&place, &path) {
            Ok((value, repeated)) => {
                self.problems.extend(repeated);
                self.file.file(&value, &Source::File(place));
            }
            Err(problem) => self.problems.push(problem),
        }
        Some(path)
    }

    fn layers(&mut self, variables: Vec<Walk>, credentials: Walk, flags: Walk) {
        let mut variables = variables.into_iter().rev();
        let environment = variables.next().unwrap_or_default();
        let env_file = variables.next().unwrap_or_default();
        let file = std::mem::take(&mut self.file);
        for ignored in &file.ignored {
            let text =
                format!("`{ignored}` is not needed any more: the Bot API needs the token only");
            self.notes.push(Note::Detail(text));
        }
        for walk in [file, env_file, credentials, environment, flags] {
            self.given.extend(walk.given);
            self.problems.extend(walk.problems);
        }
    }

    fn finish(
        self,
        names: &Names,
        file: Option<PathBuf>,
        around: &Surroundings,
    ) -> Result<Loaded, Problems> {
        let resolved = Resolved::new(self.given, names);
        let mut problems = self.problems;
        if problems.is_empty() {
            problems = rules::broken(&resolved);
        }
        if !problems.is_empty() {
            return Err(Problems(problems));
        }
        let settings = Settings::new(&resolved, file.as_deref(), around);
        let mut notes = self.notes;
        notes.extend(settings.servers.iter().filter_map(servers::opt_out).map(Note::Warning));
        Ok(Loaded { settings, resolved, file, notes })
    }
}

/// The values of a settings file; a name that ends in `.toml` is TOML.
fn content(
    place: &str,
    path: &std::path::Path,
) -> Result<(serde_json::Value, Vec<Problem>), Problem> {
    let text = json::text(path).map_err(|why| Problem::file(place, why))?;
    match path.extension() {
        Some(extension) if extension == "toml" => json::toml(place, &text),
        _ => json::json(place, &text),
    }
}
