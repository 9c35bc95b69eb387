//! The completion of fish, by its own `complete --do-complete`.

use std::collections::BTreeSet;
use std::process::Command;

use super::{Shell, offers_what_fits, offers_what_help_knows, runs};

/// Reads lines, completes each and prints what is offered, with an empty line behind it.
const ASK: &str = r#"
source $argv[1]
while read --local --delimiter '' line
    complete --do-complete "$line"
    echo
end
"#;

fn offers(shell: &Shell, lines: &[String]) -> Vec<BTreeSet<String>> {
    let mut fish = Command::new("fish");
    let ask = shell.folder().join("ask.fish");
    std::fs::write(&ask, ASK).unwrap();
    fish.args(["--no-config"]).arg(ask).arg(&shell.script).current_dir(shell.folder());
    fish.env("HOME", shell.folder());
    let (out, err) = runs("fish", &mut fish, &format!("{}\n", lines.join("\n")));
    assert_eq!(err, "");
    // A word, and what it means behind a tab; words with spaces are quoted.
    let word = |line: &&str| line.split('\t').next().unwrap_or_default().replace(['\\', '\''], "");
    let all = out.split_terminator('\n').collect::<Vec<_>>();
    all.split(|line| line.is_empty())
        .take(lines.len())
        .map(|set| set.iter().map(word).collect())
        .collect()
}

#[test]
fn fish_offers_what_help_knows() {
    offers_what_help_knows(&Shell::new("fish", "roost.fish"), offers);
}

#[test]
fn fish_offers_what_fits() {
    offers_what_fits(&Shell::new("fish", "roost.fish"), offers);
}
