//! The bodies of the fuzz targets in the normal test run: every file of the corpus, and thousands of
//! changes of the corpora, the same ones every time.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

#[path = "../fuzz/bodies/mod.rs"]
mod bodies;

/// Changed files tried for each target: at most a second or two of an unoptimised build.
const CHANGES: usize = 3_000;

/// The same for settings: each is loaded three times, and every unknown name compared with all known.
const CHANGED_SETTINGS: usize = 300;

/// A changed file is at most this long.
const LONGEST: usize = 8 * 1024;

/// What parsers trip over; none of them would come by changing single bytes.
const PIECES: [&str; 16] = [
    "\0",
    "\r\n",
    "\n",
    " ",
    "\"",
    "\\",
    "%00",
    "\u{2028}",
    "\u{202e}",
    "😀",
    "9999999999999999999",
    "-1",
    "1e999",
    "null",
    "{}",
    "[[[[",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The corpus of one target: at least one file.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = folder().join("corpus").join(target);
    let files: Vec<_> =
        names(&folder).iter().map(|name| fs::read(folder.join(name)).unwrap()).collect();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    files
}

/// Runs a body over its corpus and the changes of it.
fn feed(target: &str) {
    let (_, body) = bodies::ALL.into_iter().find(|(name, _)| *name == target).unwrap();
    let corpus = corpus(target);
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let count = if target == "settings" { CHANGED_SETTINGS } else { CHANGES };
    let changed = (0..count).map(|_| chance.changed(&corpus));
    for bytes in corpus.iter().cloned().chain(changed) {
        let held = catch_unwind(AssertUnwindSafe(|| body(&bytes)));
        assert!(held.is_ok(), "`{target}` fails at b\"{}\"", bytes.escape_ascii());
    }
}

/// Marsaglia's xorshift64: the same numbers every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end.max(1) as u64).unwrap()
    }

    /// A file of the corpus with one to eight changes.
    fn changed(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = corpus[self.below(corpus.len())].clone();
        for _ in 0..=self.below(8) {
            let other = &corpus[self.below(corpus.len())];
            self.change(&mut bytes, other);
        }
        bytes.truncate(LONGEST);
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        let at = self.below(bytes.len() + 1);
        let end = at + self.below(bytes.len() - at + 1);
        match self.below(7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            0 | 1 => bytes.insert(at, u8::try_from(self.below(256)).unwrap()),
            2 => drop(bytes.drain(at..end.min(at + 8))),
            3 => bytes.truncate(at),
            4 => bytes.extend_from_within(at..end),
            5 => drop(bytes.splice(at..at, PIECES[self.below(PIECES.len())].bytes())),
            _ => {
                let from = self.below(other.len());
                let piece = other[from..].iter().copied().take(self.below(64));
                drop(bytes.splice(at..end.min(at + 64), piece.collect::<Vec<_>>()));
            }
        }
    }
}

macro_rules! targets {
    ($($test:ident: $target:literal,)*) => {
        const TARGETS: &[&str] = &[$($target),*];
        $(#[test]
        fn $test() {
            feed($target);
        })*
    };
}

targets! {
    no_code_is_read_as_another: "admin_code",
    no_request_upsets_the_api: "api",
    no_certificate_upsets_its_reading: "certificate",
    no_frame_upsets_a_session: "frame",
    no_head_upsets_the_gate: "head",
    no_text_breaks_out_of_markup: "html",
    no_text_breaks_out_of_a_calendar: "ics",
    nobody_logs_in_with_a_changed_login: "init_data",
    no_message_upsets_the_decisions: "message",
    no_broker_upsets_its_sink: "mqtt",
    no_picture_upsets_its_check: "picture",
    no_text_hides_a_secret: "secret",
    no_button_or_message_about_servers_is_misread: "servers",
    no_redis_upsets_its_sink: "resp",
    no_settings_file_upsets_the_reading: "settings",
    no_start_or_zone_upsets_a_schedule: "start",
    no_answer_upsets_a_client_of_trueconf: "trueconf",
    no_update_upsets_the_bot: "update",
}

#[test]
fn every_body_is_a_target_with_a_corpus_and_in_the_test_run() {
    let bodies: BTreeSet<String> = bodies::ALL.iter().map(|(name, _)| (*name).to_owned()).collect();
    let bare = |folder: &str| -> BTreeSet<String> {
        let names = names(&self::folder().join(folder));
        names.iter().map(|name| name.trim_end_matches(".rs").to_owned()).collect()
    };
    let manifest = fs::read_to_string(folder().join("Cargo.toml")).unwrap();
    let built = manifest.split("[[bin]]\nname = \"").skip(1);
    let built = built.map(|rest| rest.split('"').next().unwrap().to_owned());
    assert_eq!(bodies, TARGETS.iter().map(|name| (*name).to_owned()).collect(), "test run");
    assert_eq!(bodies, bare("fuzz_targets"), "targets");
    assert_eq!(bodies, bare("corpus"), "corpora");
    assert_eq!(bodies, built.collect(), "manifest");
    let mut files = bare("bodies");
    files.remove("mod");
    assert_eq!(bodies, files, "bodies");
}
