//! What people read and type elsewhere, made from the definitions of `--help`: the manual page and
//! the completions of shells. Nothing here names a command, so nothing here can be forgotten.

mod bash;
mod completions;
mod fish;
mod man;
mod zsh;

pub use completions::Completions;
pub use man::Man;

use super::Roost;
use argh::{ArgsInfo, CommandInfoWithArgs, FlagInfo, FlagInfoKind};

/// Names of values that are files.
const FILES: [&str; 5] = ["settings", "path", "file", "image", "folder"];

/// A command, or the program itself, with its place among the others.
struct Node {
    /// The words that lead here, without the program's name: `api-key list`.
    path: String,
    info: CommandInfoWithArgs,
}

/// A word that makes a difference for what may follow it.
struct Step {
    /// The words before it and itself: `api-key list`, `serve --port`.
    words: String,
    to: Next,
}

/// What follows a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// A command's own options and commands.
    Command,
    /// The name of a file.
    File,
    /// A value nobody can guess.
    Value,
}

impl Node {
    /// The program and all commands, each before those below it.
    fn all() -> Vec<Self> {
        let mut all = Vec::new();
        add(String::new(), Roost::get_args_info(), &mut all);
        all
    }

    /// Options and switches that are not secret.
    fn flags(&self) -> impl Iterator<Item = &'static FlagInfo<'static>> {
        self.info.flags.iter().filter(|flag| !flag.hidden)
    }

    /// The commands below it, with what they do.
    fn commands(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.info.commands.iter().map(|below| (below.name, below.command.description))
    }

    /// Whether its arguments are names of files.
    fn takes_file(&self) -> bool {
        self.info.positionals.iter().any(|argument| FILES.contains(&argument.name))
    }

    /// `path` with `word` behind it.
    fn with(&self, word: &str) -> String {
        format!("{} {word}", self.path)
    }
}

fn add(path: String, info: CommandInfoWithArgs, all: &mut Vec<Node>) {
    let below: Vec<_> = info
        .commands
        .iter()
        .map(|below| {
            (format!("{path} {}", below.name).trim_start().to_owned(), below.command.clone())
        })
        .collect();
    all.push(Node { path, info });
    for (path, info) in below {
        add(path, info, all);
    }
}

/// Every word that makes a difference.
fn steps(all: &[Node]) -> Vec<Step> {
    let mut steps = Vec::new();
    for node in all {
        let to = |word: &str, to| Step { words: node.with(word), to };
        steps.extend(node.commands().map(|(name, _)| to(name, Next::Command)));
        for flag in node.flags() {
            let Some(next) = value(flag) else { continue };
            steps.extend(spellings(flag).map(|name| to(&name, next)));
        }
    }
    steps
}

/// The words of steps that lead to `next`.
fn leading(steps: &[Step], next: Next) -> Vec<&str> {
    steps.iter().filter(|step| step.to == next).map(|step| step.words.as_str()).collect()
}

/// `script` with the patterns of its `case`s, in which bash and zsh are alike.
fn with_cases(script: &str, all: &[Node]) -> String {
    let steps = steps(all);
    let pattern = |next| {
        let quoted = leading(&steps, next).into_iter().map(|words| format!("\"{words}\""));
        quoted.collect::<Vec<_>>().join(" | ")
    };
    script
        .replace("(commands)", &pattern(Next::Command))
        .replace("(files)", &pattern(Next::File))
        .replace("(values)", &pattern(Next::Value))
}

/// What follows an option; `None` for a switch.
fn value(flag: &FlagInfo) -> Option<Next> {
    match flag.kind {
        FlagInfoKind::Switch => None,
        FlagInfoKind::Option { arg_name } if FILES.contains(&arg_name) => Some(Next::File),
        FlagInfoKind::Option { .. } => Some(Next::Value),
    }
}

/// `--title` and `-t`.
fn spellings(flag: &FlagInfo) -> impl Iterator<Item = String> {
    let short = flag.short.map(|letter| format!("-{letter}"));
    std::iter::once(flag.long.to_owned()).chain(short)
}
