//! Values from names: the environment, `.env` files, files a name points to, systemd credentials.

use super::near::nearest;
use super::old;
use super::path::Path;
use super::problem::{Problem, Wrong};
use super::source::Source;
use super::table::{KEYS, Key, Secrecy, row};
use super::walk::{Given, Names, Walk};
use super::{concrete, json, show};
use std::collections::{BTreeMap, BTreeSet};

/// Names with this beginning are ours.
const PREFIX: &str = "ROOST_";
/// The file with the token alone, named like its key.
pub const TOKEN_FILE: &str = "bot-token";
/// Our names that are no settings: where the file is.
const NOT_SETTINGS: &[&str] = &["ROOST_SETTINGS"];

/// Names and values from one place.
#[derive(Clone, Copy)]
pub struct Variables<'a> {
    /// The `.env` file they stand in; none for the environment itself.
    pub file: Option<&'a str>,
    /// The values by name.
    pub values: &'a BTreeMap<String, String>,
    /// Where relative paths of `…_FILE` begin.
    pub folder: &'a std::path::Path,
}

impl Variables<'_> {
    /// The value of `name`; an empty one counts as none, as compose files write it.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    /// Where the value of `name` came from.
    pub fn source(&self, name: &str) -> Source {
        match self.file {
            Some(file) => Source::EnvFile(file.to_owned(), name.to_owned()),
            None => Source::Environment(name.to_owned()),
        }
    }

    /// Everything these variables say, weakest first. `names` are those the settings file chose.
    pub fn read(&self, names: &Names) -> Walk {
        let mut walk = Walk::default();
        self.groups(&mut walk);
        old::read(self, &mut walk);
        let mut names = names.clone();
        names.add(&walk.names);
        self.rows(&names, &mut walk);
        walk
    }

    /// Groups written as one JSON object: `ROOST_LIMITS={"connections": 5}`.
    fn groups(&self, walk: &mut Walk) {
        for group in groups() {
            let name = Path::of(group, "").variable();
            let Some(text) = self.value(&name) else { continue };
            let source = self.source(&name);
            if !text.starts_with('{') && KEYS.iter().any(|key| key.path == group) {
                continue;
            }
            match json::json(&source.to_string(), text) {
                Ok((value, repeated)) => {
                    walk.problems.extend(repeated);
                    walk.group(group, &value, &source);
                }
                Err(problem) => walk.problems.push(problem),
            }
        }
    }

    fn rows(&self, names: &Names, walk: &mut Walk) {
        let mut meanings = BTreeMap::<String, Path>::new();
        for (key, path) in concrete(names) {
            let name = path.variable();
            let Some((source, text)) = self.direct(&name, &path, walk) else { continue };
            if key.path == "tls" && text.starts_with('{') {
                continue;
            }
            if let Some(other) = meanings.insert(name, path.clone()) {
                let what = format!("could also mean `{other}`; write it in the settings file");
                walk.problems.push(Problem::of(&source, &path, Wrong::Conflict(what)));
            }
            walk.text(key, &path, &text, source);
        }
    }

    /// The value of `NAME`, or the content of the file `NAME_FILE` points to.
    fn direct(&self, name: &str, path: &Path, walk: &mut Walk) -> Option<(Source, String)> {
        let pointer = format!("{name}_FILE");
        match (self.value(name), self.value(&pointer)) {
            (None, None) => None,
            (Some(text), None) => Some((self.source(name), text.to_owned())),
            (None, Some(file)) => {
                let source = self.source(&pointer);
                let text = content(&self.folder.join(file), &source, path, walk)?;
                Some((source, text))
            }
            (Some(_), Some(_)) => {
                let wrong = Wrong::Twice(format!("`{name}`"));
                walk.problems.push(Problem::of(self.source(&pointer), path, wrong));
                None
            }
        }
    }

    /// Our names that mean nothing, each as a sentence: probably a slip, but other programs set
    /// such names too (container links), so they are no errors.
    pub fn unknown(&self, names: &Names) -> Vec<String> {
        let known = known(names);
        let ours = self.values.keys().filter(|name| name.starts_with(PREFIX));
        let unknown = ours.filter(|name| !known.contains(name.trim_end_matches("_FILE")));
        let sentence = |name: &String| {
            let near = nearest(name, known.iter().map(String::as_str));
            let remedy =
                near.map_or("remove it".to_owned(), |near| format!("did you mean `{near}`?"));
            format!("{}: means nothing; {remedy}", self.source(&show::name(name)))
        };
        unknown.map(sentence).collect()
    }
}

impl Walk {
    /// Takes a value written as plain text.
    pub fn text(&mut self, key: &'static Key, path: &Path, text: &str, source: Source) {
        if let Some(value) = key.kind.read(text) {
            return self.take(Given { path: path.clone(), key, value, source }, path);
        }
        let found = show::found_text(text, key.secrecy);
        let wrong = Wrong::Value { expected: key.kind.expected(), found };
        self.problems.push(Problem::of(&source, path, wrong));
    }
}

/// The secrets systemd put into `folder`, each in a file named by its key (`bot-token`).
pub fn credentials(folder: &std::path::Path, names: &Names) -> Walk {
    let mut walk = Walk::default();
    let secrets = concrete(names).into_iter().filter(|(key, _)| key.secrecy == Secrecy::Secret);
    for (key, path) in secrets {
        let name = path.dotted();
        let file = folder.join(&name);
        if name.contains('/') || !file.is_file() {
            continue;
        }
        let source = Source::Credential(show::name(&name));
        if let Some(text) = content(&file, &source, &path, &mut walk) {
            walk.text(key, &path, &text, source);
        }
    }
    walk
}

/// The token beside the settings file, where the unit's `LoadCredential` takes it from. Others than root
/// cannot read it, and need not.
pub fn token_beside(settings: &std::path::Path) -> Walk {
    let mut walk = Walk::default();
    let file = settings.with_file_name(TOKEN_FILE);
    if let (Some(key), Ok(text)) = (row(TOKEN_FILE), json::text(&file)) {
        walk.text(key, &Path::of(key.path, ""), text.trim(), Source::File(show::place(&file)));
    }
    walk
}

fn content(file: &std::path::Path, source: &Source, at: &Path, walk: &mut Walk) -> Option<String> {
    match json::text(file) {
        Ok(text) => Some(text.trim().to_owned()),
        Err(why) => {
            let what = format!("file `{}` {why}", show::place(file));
            walk.problems.push(Problem::of(source, at, Wrong::File(what)));
            None
        }
    }
}

/// Groups that may be written as JSON: everything above a row, down to names users choose.
fn groups() -> Vec<&'static str> {
    let above = |key: &'static Key| {
        let end = key.path.find(".*").unwrap_or(key.path.len());
        let dots = key.path.match_indices('.').map(|(at, _)| at).filter(move |at| *at <= end);
        dots.map(|at| &key.path[..at])
    };
    let mut groups: Vec<&str> = KEYS.iter().flat_map(above).collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}

fn known(names: &Names) -> BTreeSet<String> {
    let rows = concrete(names).into_iter().map(|(_, path)| path.variable());
    let groups = groups().into_iter().map(|group| Path::of(group, "").variable());
    let others = NOT_SETTINGS.iter().map(|name| (*name).to_owned());
    rows.chain(groups).chain(others).collect()
}
