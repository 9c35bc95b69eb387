//! Settings shown in the documents load.

use std::collections::BTreeMap;
use std::fs;

use roost::settings::{Asked, Loaded, Problems, Surroundings, load, table};
use serde_json::Value;

use crate::page::{self, Block};

/// The block as a settings file; a part of one gets what it is a part of.
fn settings(block: &Block) -> String {
    // `…` is for the reader to fill in.
    let text = block.text.trim().replace("\"…\"", "\"something\"");
    if text.starts_with('{') { text } else { format!("{{{text}}}") }
}

/// Loads `text` in an empty place.
fn loaded(text: &str) -> Result<Loaded, Problems> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("settings.json"), text).unwrap();
    let variables = BTreeMap::new();
    load(&Asked::default(), &Surroundings { variables, folder: folder.path().into() })
}

#[test]
fn settings_in_the_documents_load() {
    let mut tried = 0;
    for page in page::all() {
        for block in page.blocks().iter().filter(|block| block.language == "json") {
            let text = settings(block);
            let name = page.name.display();
            let value: Value = serde_json::from_str(&text)
                .unwrap_or_else(|error| panic!("{name}: {error}: {text}"));
            let keys = value.as_object().expect("an object").keys();
            let known = table::names_below("");
            for key in keys {
                assert!(known.contains(&key.as_str()), "{name}: `{key}` is no setting: {text}");
            }
            if let Err(problems) = loaded(&text) {
                panic!("{name}: {problems}\n{text}");
            }
            tried += 1;
        }
    }
    assert!(tried > 5, "{tried} blocks");
}

/// A key of the table in inline code is a key that exists: `limits.body`, not `limits.bodies`.
#[test]
fn keys_named_in_the_documents_exist() {
    let groups = ["limits.", "updates.", "secrets.", "events.", "relay.keep.", "metrics.", "log."];
    for page in page::all() {
        for code in page.code() {
            let plain =
                code.bytes().all(|byte| byte.is_ascii_lowercase() || b".-_".contains(&byte));
            let kind = std::path::Path::new(&code).extension();
            let file = kind.is_some_and(|kind| kind == "jsonl" || kind == "json");
            if plain && !file && groups.iter().any(|group| code.starts_with(group)) {
                let known = table::KEYS
                    .iter()
                    .any(|key| key.path == code || key.path.starts_with(&format!("{code}.")));
                assert!(known, "{}: there is no setting `{code}`", page.name.display());
            }
        }
    }
}
