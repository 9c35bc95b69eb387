//! Settings files in JSON and TOML, and `.env` files.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use roost::settings::{Asked, Surroundings, load};
use tempfile::TempDir;

/// One file under three names.
const NAMES: [&str; 3] = ["given.json", "given.toml", "given.env"];

thread_local! {
    static FOLDER: TempDir = folder();
}

/// Loads the bytes as each kind of file.
pub fn run(bytes: &[u8]) {
    FOLDER.with(|folder| {
        let [json, toml, env] = NAMES;
        write(&folder.path().join(json), bytes).expect("a temporary file can be written");
        for (file, variables) in [
            (Some(json), BTreeMap::new()),
            (Some(toml), BTreeMap::new()),
            (None, BTreeMap::from([("ENV_FILE".to_owned(), env.to_owned())])),
        ] {
            let asked = Asked { file: file.map(Into::into), flags: Vec::new() };
            try_load(&asked, &Surroundings { variables, folder: folder.path().to_owned() });
        }
    });
}

/// Writes over what is there: cutting the file first would make some file systems wait for the disk.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::options().write(true).open(path)?;
    file.write_all(bytes)?;
    file.set_len(bytes.len() as u64)
}

/// Every problem is a sentence; what is in order can be shown.
fn try_load(asked: &Asked, around: &Surroundings) {
    match load(asked, around) {
        Ok(loaded) => assert!(!format!("{loaded:?}").is_empty()),
        Err(problems) => {
            let sentences = problems.to_string();
            assert!(!sentences.is_empty(), "refused, and no word why");
        }
    }
}

/// Made once: writing one file is fast enough for fuzzing, making a folder is not.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let place = |name: &str| folder.path().join(name);
    fs::write(place(NAMES[0]), "").expect("a temporary file can be written");
    for other in &NAMES[1..] {
        fs::hard_link(place(NAMES[0]), place(other)).expect("a file can have two names");
    }
    folder
}
