//! The completion of bash, asked as bash asks it.

use std::collections::BTreeSet;
use std::process::Command;

use super::{Shell, offers_what_fits, offers_what_help_knows, runs};

/// Reads lines, completes each and prints what is offered, with an empty line behind it.
const ASK: &str = r#"
source "$1"
# What `complete -p` names is what bash calls.
function=$(complete -p roost | sed -n 's/.*-F \([^ ]*\).*/\1/p')
while IFS= read -r line; do
    read -ra COMP_WORDS <<<"$line"
    [[ $line == *' ' ]] && COMP_WORDS+=("")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    "$function"
    printf '%s\n' "${COMPREPLY[@]}" | sed '/^$/d'
    echo
done
"#;

fn offers(shell: &Shell, lines: &[String]) -> Vec<BTreeSet<String>> {
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-c", ASK, "ask"]).arg(&shell.script).current_dir(shell.folder());
    let (out, err) = runs("bash", &mut bash, &format!("{}\n", lines.join("\n")));
    assert_eq!(err, "");
    let sets = out.split_terminator('\n').collect::<Vec<_>>();
    sets.split(|line| line.is_empty())
        .take(lines.len())
        .map(|set| set.iter().map(|word| (*word).to_owned()).collect())
        .collect()
}

#[test]
fn bash_offers_what_help_knows() {
    offers_what_help_knows(&Shell::new("bash", "roost"), offers);
}

#[test]
fn bash_offers_what_fits() {
    offers_what_fits(&Shell::new("bash", "roost"), offers);
}
