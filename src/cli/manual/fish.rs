//! The completion of fish: one line for each word that may stand somewhere.

use super::{Next, Node, leading, steps, value};
use argh::FlagInfo;

/// `(commands)` and `(values)` are patterns; `(lines)` are the words.
const SCRIPT: &str = r#"# Completion of fish for roost, printed by `roost completions fish`.

# Whether the words so far lead to the command $argv.
function __roost_at
    set -l words (commandline -opc)
    set -e words[1]
    set -l at ''
    set -l skip no
    for word in $words
        if test $skip = yes
            set skip no
            continue
        end
        switch "$at $word"
            case (commands)
                set at (string trim -- "$at $word")
            case (values)
                set skip yes
        end
    end
    test "$at" = "$argv"
end

complete -c roost -f
(lines)
"#;

/// The whole script.
pub(super) fn script(all: &[Node]) -> String {
    let steps = steps(all);
    let mut values = leading(&steps, Next::File);
    values.extend(leading(&steps, Next::Value));
    let lines: Vec<String> = all.iter().flat_map(place).collect();
    SCRIPT
        .replace("(commands)", &patterns(&leading(&steps, Next::Command)))
        .replace("(values)", &patterns(&values))
        .replace("(lines)", &lines.join("\n"))
}

fn patterns(words: &[&str]) -> String {
    words.iter().map(|words| quoted(words)).collect::<Vec<_>>().join(" ")
}

fn place(node: &Node) -> Vec<String> {
    let here = format!("complete -c roost -n '__roost_at {}'", node.path);
    let commands = node
        .commands()
        .map(|(name, says)| format!("{here} -a {name} -d {}", quoted(says.trim())))
        .collect::<Vec<_>>();
    let flags = node.flags().map(|flag| format!("{here}{}", option(flag)));
    let files = node.takes_file().then(|| format!("{here} -F"));
    commands.into_iter().chain(flags).chain(files).collect()
}

fn option(flag: &FlagInfo) -> String {
    let short = flag.short.map(|letter| format!(" -s {letter}")).unwrap_or_default();
    let value = match value(flag) {
        None | Some(Next::Command) => "",
        Some(Next::File) => " -r -F",
        Some(Next::Value) => " -x",
    };
    let long = flag.long.trim_start_matches('-');
    format!(" -l {long}{short}{value} -d {}", quoted(flag.description.trim()))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'"))
}
