//! The completion of zsh: walk the words to see where we are, then describe what may follow.

use super::{Node, spellings, with_cases};

/// `(commands)`, `(files)` and `(values)` are patterns; `(places)` has some lines for each place.
const SCRIPT: &str = r#"#compdef roost
# Completion of zsh for roost, printed by `roost completions zsh`.

_roost() {
    local at= next= files= i
    local -a commands options
    for ((i = 2; i < CURRENT; i++)); do
        if [[ -n $next ]]; then
            next=
            continue
        fi
        case "$at $words[i]" in
            (commands)) at="${at:+$at }$words[i]" ;;
            (files)) next=file ;;
            (values)) next=value ;;
        esac
    done
    if [[ $next == file ]]; then
        _files
        return
    elif [[ -n $next ]]; then
        _message value
        return
    fi
    case "$at" in
(places)
    esac
    (( $#commands )) && _describe -t commands 'command' commands
    [[ -n $files ]] && _files
    _describe -o -t options 'option' options
}

if [[ $funcstack[1] == _roost ]]; then
    _roost "$@"
else
    compdef _roost roost
fi
"#;

/// The whole script.
pub(super) fn script(all: &[Node]) -> String {
    let places: Vec<String> = all.iter().map(place).collect();
    with_cases(SCRIPT, all).replace("(places)", &places.join("\n"))
}

fn place(node: &Node) -> String {
    let lines =
        |items: &[String]| format!("\n                {}", items.join("\n                "));
    let commands = node.commands().map(|(name, says)| described(name, says)).collect::<Vec<_>>();
    let flag = |flag| spellings(flag).map(|name| described(&name, flag.description)).collect();
    let flags = node.flags().map(flag).collect::<Vec<Vec<_>>>().concat();
    let files = if node.takes_file() { "\n            files=yes" } else { "" };
    format!(
        "        \"{}\")\n            commands=({})\n            options=({}){files}\n            ;;",
        node.path,
        lines(&commands),
        lines(&flags)
    )
}

/// `'name:what it does'`, as `_describe` wants it.
fn described(name: &str, says: &str) -> String {
    format!("'{name}:{}'", says.trim().replace('\'', r"'\''"))
}
