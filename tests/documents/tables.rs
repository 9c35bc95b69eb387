//! `docs/tables.md` names every table of the database, and no other.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::page::{Page, top};

/// What stands before the name of a table.
const BEFORE: [&str; 2] = ["TableDefinition::new(", "const TABLE: &str ="];

/// The names of all tables the program makes, read from its sources.
fn made() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    gather(&top().join("src"), &mut names);
    names
}

fn gather(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            gather(&path, names);
        } else if !path.to_string_lossy().ends_with("tests.rs") {
            let text = fs::read_to_string(&path).unwrap_or_default();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let tables = BEFORE.iter().flat_map(|before| code.split(before).skip(1));
            let name = |rest: &str| {
                rest.trim_start().strip_prefix('"')?.split('"').next().map(str::to_owned)
            };
            names.extend(tables.filter_map(name));
        }
    }
}

/// The names in the first column of the page's tables.
fn named() -> BTreeSet<String> {
    let page = Page::read("docs/tables.md");
    let rows = page.text.lines().filter_map(|line| line.strip_prefix("| `")?.split('|').next());
    let cells = rows.flat_map(|cell| cell.split(','));
    cells.map(|name| name.trim().trim_matches('`').to_owned()).collect()
}

#[test]
fn every_table_of_the_database_stands_on_the_page_with_its_cap() {
    let (made, named) = (made(), named());
    let missing: Vec<_> = made.difference(&named).collect();
    assert!(missing.is_empty(), "say in docs/tables.md how far these can grow: {missing:?}");
    let gone: Vec<_> = named.difference(&made).collect();
    assert!(gone.is_empty(), "docs/tables.md names tables that are not there: {gone:?}");
    assert!(made.len() > 40, "{made:?}");
}
