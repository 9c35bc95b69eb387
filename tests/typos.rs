//! A slip of the hand in any key is told together with the key that was meant.

use std::process::Command;

use roost::settings::table::KEYS;
use roost::settings::{Asked, Surroundings, load};
use serde_json::{Map, Value, json};

/// Slips people make: neighbours swapped, a letter left out, one typed twice, `_` for `-`.
fn slips(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let middle = letters.len() / 2;
    let text = |letters: &[char]| letters.iter().collect::<String>();
    let (mut swapped, mut shorter, mut longer) =
        (letters.clone(), letters.clone(), letters.clone());
    swapped.swap(middle - 1, middle);
    shorter.remove(middle);
    longer.insert(middle, letters[middle]);
    let mut slips = vec![text(&swapped), text(&shorter), text(&longer)];
    if word.contains('-') {
        slips.push(word.replace('-', "_"));
        slips.push(word.replace('-', ""));
    }
    slips.retain(|slip| slip != word);
    slips
}

/// Puts `value` at `path` of a tree of objects.
fn put(tree: &mut Map<String, Value>, path: &[String], value: Value) {
    match path {
        [] => {}
        [last] => drop(tree.insert(last.clone(), value)),
        [first, rest @ ..] => {
            let below = tree.entry(first.clone()).or_insert_with(|| json!({}));
            put(below.as_object_mut().expect("an object"), rest, value);
        }
    }
}

/// The path of a row as a file has it, with a name for `*`.
fn segments(row: &str) -> Vec<String> {
    let row = row.strip_suffix(".*").unwrap_or(row);
    row.split('.').map(|segment| segment.replace('*', "name")).collect()
}

/// What is said about a settings file.
fn said(file: &Value) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.json");
    std::fs::write(&path, file.to_string()).unwrap();
    let loaded = load(&Asked { file: Some(path), flags: Vec::new() }, &Surroundings::default());
    loaded
        .err()
        .map_or_else(Vec::new, |problems| problems.0.iter().map(ToString::to_string).collect())
}

#[test]
fn each_slip_in_each_key_is_understood() {
    let mut misread = Vec::new();
    for key in KEYS {
        let right = segments(key.path);
        for place in 0..right.len() {
            // A name the user chose cannot be mistyped.
            if right[place] == "name" {
                continue;
            }
            let meant = right[..=place].join(".");
            for slip in slips(&right[place]) {
                let mut wrong = right.clone();
                wrong[place].clone_from(&slip);
                let mut file = Map::new();
                put(&mut file, &wrong, json!("value"));
                let lines = said(&file.into());
                let told = wrong[..=place].join(".");
                let expected = format!("`{told}`: no such key; did you mean `{meant}`?");
                if !lines.iter().any(|line| line.ends_with(&expected)) {
                    misread.push(format!("{expected} {lines:?}"));
                }
            }
        }
    }
    assert!(misread.is_empty(), "{} slips:\n{}", misread.len(), misread.join("\n"));
}

#[test]
fn a_file_with_a_slip_in_every_key_gets_a_line_for_each() {
    let mut file = Map::new();
    let mut expected = Vec::new();
    for key in KEYS {
        let right = segments(key.path);
        let mut wrong = right.clone();
        let last = wrong.last_mut().unwrap();
        *last = slips(last).remove(0);
        put(&mut file, &wrong, json!("value"));
        expected.push(format!(
            "`{}`: no such key; did you mean `{}`?",
            wrong.join("."),
            right.join(".")
        ));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.json");
    std::fs::write(&path, Value::from(file).to_string()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_roost"))
        .args(["check", "--settings"])
        .arg(&path)
        .current_dir(folder.path())
        .env_clear()
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    for line in &expected {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert_eq!(text.lines().count(), expected.len(), "{text}");
    assert!(text.lines().all(|line| line.starts_with("wrong ")), "{text}");
}
