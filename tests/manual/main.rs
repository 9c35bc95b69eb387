//! The manual page and the completions of shells against `--help`: nothing is missing, nothing too
//! much, and the real programs understand it.

mod bash;
mod fish;
mod help;
mod page;
mod zsh;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use help::Place;

/// What our program prints.
fn roost(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roost"));
    // The manual page has a date, which is the same on every day here.
    command.args(arguments).env_clear().env("SOURCE_DATE_EPOCH", "1700000000");
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", said(&output.stderr));
    said(&output.stdout)
}

fn said(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs `command` with `input`; what it prints on standard output, and on standard error.
fn runs(package: &str, command: &mut Command, input: &str) -> (String, String) {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| {
        let name = command.get_program().display();
        panic!("`{name}` cannot be run: {error}; as root: apt-get install -y {package}")
    });
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = roost::thread::spawn("stdin", move || drop(stdin.write_all(input.as_bytes())));
    let output = child.wait_with_output().unwrap();
    drop(writer);
    (said(&output.stdout), said(&output.stderr))
}

/// A shell that has our completions.
struct Shell {
    folder: tempfile::TempDir,
    script: PathBuf,
}

impl Shell {
    fn new(name: &str, file: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join(file);
        std::fs::write(&script, roost(&["completions", name])).unwrap();
        std::fs::write(folder.path().join("some file.json"), "").unwrap();
        Self { folder, script }
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// What a shell offers behind each of the lines, one set for each.
type Offers = fn(&Shell, &[String]) -> Vec<BTreeSet<String>>;

/// Everything `--help` knows is offered in its place, and nothing else.
fn offers_what_help_knows(shell: &Shell, offers: Offers) {
    let places = Place::all();
    let lines: Vec<String> = places.iter().map(|place| format!("{} ", place.line())).collect();
    let commands = offers(shell, &lines);
    let lines: Vec<String> = places.iter().map(|place| format!("{} -", place.line())).collect();
    let options = offers(shell, &lines);
    for ((place, mut commands), options) in places.iter().zip(commands).zip(options) {
        // Whether options are offered before a dash is typed is each shell's own affair; files are where
        // a command takes one.
        commands.retain(|word| !word.starts_with('-') && !shell.folder().join(word).exists());
        let expected: BTreeSet<String> = place.commands.iter().cloned().collect();
        assert_eq!(commands, expected, "{}", place.line());
        // Some shells offer short options only behind a single dash.
        let long = |word: &&String| word.starts_with("--");
        let expected: BTreeSet<&String> = place.options.iter().filter(long).collect();
        assert_eq!(
            options.iter().filter(long).collect::<BTreeSet<_>>(),
            expected,
            "{}",
            place.line()
        );
    }
}

/// The lines of a table that every shell must get right.
fn offers_what_fits(shell: &Shell, offers: Offers) {
    let table: &[(&str, &[&str])] = &[
        ("roost list-e", &["list-events"]),
        ("roost api-k", &["api-key"]),
        ("roost api-key re", &["remove"]),
        // The same word in two commands, and as a value.
        ("roost secret list --j", &["--json"]),
        ("roost attendees servers --c", &["--csv"]),
        ("roost servers --settings check --j", &["--json"]),
        ("roost add-event --title secret --ti", &["--timezone", "--title"]),
        // Values: files where files are wanted, else nothing.
        ("roost serve --port ", &[]),
        ("roost serve --settings some", &["some file.json"]),
        ("roost add-event -i some", &["some file.json"]),
        ("roost backup some", &["some file.json"]),
        ("roost attendees some", &[]),
    ];
    let lines: Vec<String> = table.iter().map(|(line, _)| (*line).to_owned()).collect();
    let mut wrong = Vec::new();
    for ((line, expected), found) in table.iter().zip(offers(shell, &lines)) {
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        if found != *expected {
            wrong.push(format!("`{line}` offers {found:?} instead of {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
