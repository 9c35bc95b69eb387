//! The completion of zsh: what it hands to zsh's own functions, and a key pressed in a real terminal.

use std::collections::BTreeSet;
use std::process::Command;

use super::{Shell, offers_what_fits, offers_what_help_knows, runs};

/// Reads lines, completes each and prints what is offered, with an empty line behind it. The functions of
/// zsh that put it on the screen are replaced, since they work in a terminal only.
const ASK: &str = r#"
autoload -Uz compinit && compinit -u -D
offer() { [[ $1 == ${words[CURRENT]}* ]] && print -r -- $1 }
_describe() {
    local entry list=$argv[-1]
    for entry in "${(@P)list}"; do offer ${entry%%:*}; done
}
_files() { local file; for file in *(N); do offer $file; done }
_message() { }
source $1
while IFS= read -r line; do
    words=(${=line})
    [[ $line == *' ' ]] && words+=("")
    CURRENT=$#words
    _roost
    print
done
"#;

/// Presses keys in a terminal; what the program would have been called with stands between `<` and `>`.
const PRESS: &str = r#"
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1='ready> '; roost() { print -r -- \"<\${(j:|:)@}>\" }; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D"
zpty -r shell seen '*ready>*ready> *'
zpty -w shell $'roost list-ev\t--js\t'
zpty -r -m shell seen '*<*>*'
print -r -- $seen
zpty -d shell
"#;

fn offers(shell: &Shell, lines: &[String]) -> Vec<BTreeSet<String>> {
    let mut zsh = Command::new("zsh");
    zsh.args(["-f", "-c", ASK, "ask"]).arg(&shell.script).current_dir(shell.folder());
    let (out, err) = runs("zsh", &mut zsh, &format!("{}\n", lines.join("\n")));
    assert_eq!(err, "");
    let all = out.split_terminator('\n').collect::<Vec<_>>();
    all.split(|line| line.is_empty())
        .take(lines.len())
        .map(|set| set.iter().map(|word| (*word).to_owned()).collect())
        .collect()
}

#[test]
fn zsh_offers_what_help_knows() {
    offers_what_help_knows(&Shell::new("zsh", "_roost"), offers);
}

#[test]
fn zsh_offers_what_fits() {
    offers_what_fits(&Shell::new("zsh", "_roost"), offers);
}

#[test]
fn zsh_completes_a_line_in_a_terminal() {
    let shell = Shell::new("zsh", "_roost");
    let mut zsh = Command::new("timeout");
    zsh.args(["60", "zsh", "-f", "-c", PRESS, "press"]).arg(shell.folder()).env("TERM", "xterm");
    let (out, err) = runs("zsh", &mut zsh, "");
    assert!(out.contains("<list-events|--json>"), "{out}{err}");
}
