//! `Resolved`: the value of every setting, after the stronger place has won.

use super::path::Path;
use super::source::Source;
use super::table::{KEYS, Key};
use super::walk::{Given, Names};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The value of every setting that has one.
#[derive(Debug)]
pub struct Resolved {
    given: BTreeMap<Path, Given>,
    names: Names,
}

/// Every row with its path, named entries once for each of `names`, in the order of the table.
pub fn concrete(names: &Names) -> Vec<(&'static Key, Path)> {
    let mut rows = Vec::new();
    let mut last = None;
    for key in KEYS {
        let Some((group, _)) = key.named() else {
            rows.push((key, Path::of(key.path, "")));
            continue;
        };
        if last.replace(group) != Some(group) {
            rows.extend(entries(group, names));
        }
    }
    rows
}

/// All rows of all named entries of `group`, entry by entry.
fn entries(group: &str, names: &Names) -> Vec<(&'static Key, Path)> {
    let chosen = names.of(group);
    let rows = || KEYS.iter().filter(|key| key.named().is_some_and(|(of, _)| of == group));
    chosen.flat_map(|name| rows().map(move |key| (key, Path::of(key.path, name)))).collect()
}

impl Resolved {
    /// The values of `given`, of which later ones win, over the defaults.
    pub fn new(given: Vec<Given>, names: &Names) -> Self {
        let defaults = concrete(names).into_iter().filter_map(|(key, path)| default(key, path));
        let given = defaults.chain(given).map(|given| (given.path.clone(), given)).collect();
        Self { given, names: names.clone() }
    }

    /// Every setting with its value, in the order of the table. Of named entries only those that
    /// have a value: a sink has no use for most keys.
    pub fn all(&self) -> Vec<(&'static Key, Path, Option<&Given>)> {
        let rows = concrete(&self.names).into_iter();
        let rows = rows.map(|(key, path)| (key, path.clone(), self.given.get(&path)));
        rows.filter(|(key, _, given)| key.named().is_none() || given.is_some()).collect()
    }

    /// Where `newer` has another value, in the order of their names. The defaults that come and go
    /// with a named entry are no changes of their own.
    pub fn changes(&self, newer: &Self) -> Vec<Path> {
        let differs = |path: &&Path| match (self.given.get(*path), newer.given.get(*path)) {
            (Some(one), Some(other)) => one.value != other.value,
            (one, other) => one.or(other).is_some_and(|given| given.source != Source::Default),
        };
        let all: BTreeSet<&Path> = self.given.keys().chain(newer.given.keys()).collect();
        all.into_iter().filter(differs).cloned().collect()
    }

    /// The value of `row`, a path of the table without `*`.
    pub fn value(&self, row: &str) -> Option<&Value> {
        self.named_value(row, "")
    }

    /// The value of `row` for the entry `name`: `servers.*.ip` of `Head office`.
    pub fn named_value(&self, row: &str, name: &str) -> Option<&Value> {
        self.named(row, name).map(|given| &given.value)
    }

    /// The value of `row` for the entry `name`, with its source.
    pub fn named(&self, row: &str, name: &str) -> Option<&Given> {
        self.given.get(&Path::of(row, name))
    }

    /// The names chosen in `group`: `servers`, `relay.sinks`, `relay.consumers`, `log.modules`.
    /// They come in the order of the settings file.
    pub fn names(&self, group: &str) -> impl Iterator<Item = &str> {
        self.names.of(group)
    }

    /// The text of `row`.
    pub fn text(&self, row: &str) -> Option<&str> {
        self.value(row)?.as_str()
    }

    /// The number of `row`.
    pub fn whole(&self, row: &str) -> Option<i64> {
        self.value(row)?.as_i64()
    }

    /// The yes or no of `row`.
    pub fn flag(&self, row: &str) -> Option<bool> {
        self.value(row)?.as_bool()
    }

    /// The items of `row`.
    pub fn list(&self, row: &str) -> &[Value] {
        self.value(row).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }
}

fn default(key: &'static Key, path: Path) -> Option<Given> {
    let value = serde_json::from_str(key.default?).ok()?;
    Some(Given { path, key, value, source: Source::Default })
}
