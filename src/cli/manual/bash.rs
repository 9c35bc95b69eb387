//! The completion of bash: walk the words to see where we are, then offer what may follow.

use super::{Node, spellings, with_cases};

/// `(commands)`, `(files)` and `(values)` are patterns; `(words)` has one line for each place.
const SCRIPT: &str = r#"# Completion of bash for roost, printed by `roost completions bash`.

_roost() {
    local word="${COMP_WORDS[COMP_CWORD]}" at="" next="" words="" files="" i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        if [[ -n $next ]]; then
            next=""
            continue
        fi
        case "$at ${COMP_WORDS[i]}" in
            (commands)) at="${at:+$at }${COMP_WORDS[i]}" ;;
            (files)) next=file ;;
            (values)) next=value ;;
        esac
    done
    if [[ -z $next ]]; then
        case "$at" in
(words)
        esac
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    fi
    if [[ $next == file || ( -n $files && $word != -* ) ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$word")
    fi
}

complete -F _roost roost
"#;

/// The whole script.
pub(super) fn script(all: &[Node]) -> String {
    let words: Vec<String> = all.iter().map(place).collect();
    with_cases(SCRIPT, all).replace("(words)", &words.join("\n"))
}

fn place(node: &Node) -> String {
    let commands = node.commands().map(|(name, _)| name.to_owned());
    let words: Vec<String> = commands.chain(node.flags().flat_map(spellings)).collect();
    let files = if node.takes_file() { " files=yes" } else { "" };
    format!("            \"{}\") words=\"{}\"{files} ;;", node.path, words.join(" "))
}
