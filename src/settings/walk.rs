//! Walks a file's values down the table: what is known is taken, what is not is explained.

use super::near::nearest;
use super::path::Path;
use super::problem::{Problem, Wrong};
use super::show;
use super::source::Source;
use super::table::{self, IGNORED, KEYS, Key, Secrecy};
use serde_json::{Map, Value};
use std::fmt;

/// Longer names of servers, sinks and consumers do not fit a button or a line.
const NAME_MAX: usize = 64;

/// One value somebody gave, checked by its row.
#[derive(Clone)]
pub struct Given {
    /// Where it stands.
    pub path: Path,
    /// Its row.
    pub key: &'static Key,
    /// The value; it may be a secret.
    pub value: Value,
    /// Who gave it.
    pub source: Source,
}

/// The names the user chose, with the group they stand in (`servers`, `Head office`), each once,
/// in the order in which they were written.
#[derive(Clone, Debug, Default)]
pub struct Names(Vec<(String, String)>);

/// What was found in one place.
#[derive(Debug, Default)]
pub struct Walk {
    /// Values that fit.
    pub given: Vec<Given>,
    /// Everything else.
    pub problems: Vec<Problem>,
    /// Names chosen by the user.
    pub names: Names,
    /// Keys of the originals that mean nothing here.
    pub ignored: Vec<&'static str>,
}

/// Where the walk stands: as in the file, and as in the table.
struct Place<'a> {
    path: Path,
    row: String,
    source: &'a Source,
}

impl Names {
    /// Adds `name` to `group`, unless it is there.
    pub fn insert(&mut self, group: &str, name: &str) {
        if !self.has(group, name) {
            self.0.push((group.to_owned(), name.to_owned()));
        }
    }

    /// Whether `name` was chosen in `group`.
    pub fn has(&self, group: &str, name: &str) -> bool {
        self.of(group).any(|known| known == name)
    }

    /// The names of `group`.
    pub fn of(&self, group: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(of, _)| of == group).map(|(_, name)| name.as_str())
    }

    /// Adds those of `others`.
    pub fn add(&mut self, others: &Names) {
        others.0.iter().for_each(|(group, name)| self.insert(group, name));
    }
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.path, self.source)
    }
}

impl Walk {
    /// Takes the values of a whole file.
    pub fn file(&mut self, value: &Value, source: &Source) {
        self.step(&Place { path: Path::default(), row: String::new(), source }, value);
    }

    /// Takes the values of one group, such as `limits`.
    pub fn group(&mut self, group: &str, value: &Value, source: &Source) {
        self.step(&Place { path: Path::of(group, ""), row: group.to_owned(), source }, value);
    }

    /// Takes one value, unless it does not fit; `written` is where its writer put it.
    pub fn take(&mut self, given: Given, written: &Path) {
        let Given { key, value, source, .. } = &given;
        let Some(fault) = key.kind.fault(value) else { return self.keep(given, written) };
        let mut path = written.clone();
        if let Some(item) = fault.item {
            path = path.below(&item.to_string());
        }
        let found = show::found(fault.found, key.secrecy);
        let wrong = Wrong::Value { expected: fault.expected, found };
        self.problems.push(Problem::of(source, &path, wrong));
    }

    fn keep(&mut self, given: Given, written: &Path) {
        let twice = |other: &Given| other.path == given.path && other.source == given.source;
        if self.given.iter().any(twice) {
            let wrong = Wrong::Twice(format!("`{}` or its older name", given.path));
            self.problems.push(Problem::of(&given.source, written, wrong));
        }
        self.given.push(given);
    }

    fn step(&mut self, place: &Place<'_>, value: &Value) {
        match (value, table::row(&place.row)) {
            (Value::Null, _) if !place.row.is_empty() => {}
            (Value::Object(fields), _) if !table::names_below(&place.row).is_empty() => {
                self.fields(place, fields);
            }
            (value, Some(key)) => self.leaf(place, key, value),
            (value, None) => self.not_an_object(place, value),
        }
    }

    fn leaf(&mut self, place: &Place<'_>, key: &'static Key, value: &Value) {
        let (path, source) = (place.path.clone(), place.source.clone());
        self.take(Given { path, key, value: value.clone(), source }, &place.path);
    }

    /// The value may hold secrets one level too high, so it is not shown.
    fn not_an_object(&mut self, place: &Place<'_>, value: &Value) {
        let found = show::found(value, Secrecy::Secret);
        let expected = "an object (`{…}`)".to_owned();
        let mut problem = Problem::of(place.source, &place.path, Wrong::Value { expected, found });
        problem.key = problem.key.filter(|key| !key.is_empty());
        self.problems.push(problem);
    }

    fn fields(&mut self, place: &Place<'_>, fields: &Map<String, Value>) {
        let known = table::names_below(&place.row);
        for (name, value) in fields {
            let path = place.path.below(name);
            if known.contains(&name.as_str()) {
                self.step(&place.at(path, name), value);
            } else if known.contains(&"*") {
                self.named(place, path, name, value);
            } else {
                self.other(place, &path, name, value);
            }
        }
    }

    fn named(&mut self, place: &Place<'_>, path: Path, name: &str, value: &Value) {
        let length = name.chars().count();
        if name.trim().is_empty() || length > NAME_MAX || name.chars().any(char::is_control) {
            let expected = format!("a name of 1 to {NAME_MAX} characters");
            let wrong = Wrong::Value { expected, found: format!("one of {length}") };
            return self.problems.push(Problem::of(place.source, &path, wrong));
        }
        if !value.is_null() {
            self.names.insert(&place.row, name);
        }
        self.step(&place.at(path, "*"), value);
    }

    /// A key of an original, or one nobody knows.
    fn other(&mut self, place: &Place<'_>, path: &Path, name: &str, value: &Value) {
        let top = place.row.is_empty();
        let older = KEYS.iter().find(|key| top && key.formerly == Some(name));
        if let Some(key) = older {
            if value.is_null() {
                return;
            }
            let given = Given {
                path: Path::of(key.path, ""),
                key,
                value: value.clone(),
                source: place.source.clone(),
            };
            return self.take(given, path);
        }
        match IGNORED.iter().find(|ignored| top && **ignored == name) {
            Some(ignored) => self.ignored.push(ignored),
            None => self.unknown(place, path, name),
        }
    }

    fn unknown(&mut self, place: &Place<'_>, path: &Path, name: &str) {
        let wrong = Wrong::NoSuchKey(meant(place, name));
        self.problems.push(Problem::of(place.source, path, wrong));
    }
}

impl Place<'_> {
    fn at(&self, path: Path, segment: &str) -> Self {
        let row = match self.row.as_str() {
            "" => segment.to_owned(),
            row => format!("{row}.{segment}"),
        };
        Self { path, row, source: self.source }
    }
}

/// The key somebody meant: one that may stand here, else one that may stand elsewhere.
fn meant(place: &Place<'_>, name: &str) -> Option<String> {
    let here = table::names_below(&place.row);
    let older = KEYS.iter().filter_map(|key| key.formerly).chain(IGNORED.iter().copied());
    let older = older.filter(|_| place.row.is_empty());
    if let Some(near) = nearest(name, here.into_iter().chain(older)) {
        return Some(place.path.below(near).to_string());
    }
    let last = |key: &'static Key| key.path.rsplit('.').next().unwrap_or(key.path);
    let elsewhere = || KEYS.iter().filter(|key| !key.path.contains('*'));
    let near = nearest(name, elsewhere().map(last))?;
    elsewhere().find(|key| last(key) == near).map(|key| key.path.to_owned())
}
