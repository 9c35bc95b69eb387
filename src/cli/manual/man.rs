//! `roost man`: prints the manual page.

use super::{Node, spellings};
use crate::cli::{Exit, Failure, Outcome};
use crate::clock;
use crate::settings::Surroundings;
use argh::{ArgsInfo, FlagInfo, FlagInfoKind, FromArgs, Optionality};
use jiff::Timestamp;
use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;

/// What stands before the commands; `(date)` and `(version)` are filled in.
const BEFORE: &str = include_str!("before.man");

/// What stands after them.
const AFTER: &str = include_str!("after.man");

/// print the manual page, for `man -l -`
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "man")]
pub struct Man {
    /// settings file; every command takes one, this one needs none
    #[argh(option)]
    #[expect(dead_code, reason = "taken so that every command takes it")]
    settings: Option<PathBuf>,
}

impl Man {
    #[expect(clippy::unused_self, reason = "called like every command")]
    pub fn run(&self, around: &Surroundings, out: &mut dyn Write) -> Outcome {
        out.write_all(page(&Node::all(), date(around)?).as_bytes())?;
        Ok(Exit::Done)
    }
}

/// Today, or the day of `SOURCE_DATE_EPOCH`, so that a package can be made again.
fn date(around: &Surroundings) -> Result<Timestamp, Failure> {
    let Some(text) = around.variable("SOURCE_DATE_EPOCH") else { return Ok(clock::now()) };
    let date = text.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    date.ok_or_else(|| {
        Failure::Usage("SOURCE_DATE_EPOCH: expected seconds since 1970, such as `date +%s`".into())
    })
}

fn page(all: &[Node], date: Timestamp) -> String {
    let before = BEFORE.replace("(date)", &date.strftime("%Y-%m-%d").to_string());
    let mut page = before.replace("(version)", env!("CARGO_PKG_VERSION"));
    for node in all {
        command(&mut page, node);
    }
    page + AFTER
}

/// One command with its arguments and options; the program itself has options only.
fn command(page: &mut String, node: &Node) {
    if node.path.is_empty() {
        page.push_str(".SH OPTIONS\n");
    } else {
        line(page, format_args!(".SS {}", usage(node)));
        let says = node.info.description.trim();
        line(page, format_args!("{}.", escaped(&capital(says))));
        if !node.info.commands.is_empty() {
            let below = node.commands().map(|(name, _)| bold(name)).collect::<Vec<_>>();
            line(page, format_args!(".PP\nCommands: {}.", below.join(", ")));
        }
    }
    for argument in node.info.positionals.iter().filter(|argument| !argument.hidden) {
        item(page, &italic(argument.name), argument.description);
    }
    for flag in node.flags() {
        let names = spellings(flag).map(|name| bold(&name)).collect::<Vec<_>>();
        item(page, &format!("{}{}", names.join(", "), value(flag)), flag.description);
    }
    for note in node.info.notes {
        line(page, format_args!(".PP\n{}", escaped(note)));
    }
    if node.path.is_empty() {
        page.push_str(".SH COMMANDS\n");
    }
}

fn line(page: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing into a text cannot fail.
    let _ = writeln!(page, "{text}");
}

fn item(page: &mut String, tag: &str, says: &str) {
    line(page, format_args!(".TP\n{tag}\n{}", escaped(says.trim())));
}

/// `roost api-key add NAME`: what cannot be left out; the options are listed below it.
fn usage(node: &Node) -> String {
    let mut usage = format!("roost {}", escaped(&node.path));
    for flag in node.flags().filter(|flag| flag.optionality == Optionality::Required) {
        usage.extend([" ", &escaped(flag.long), &value(flag)]);
    }
    if !node.info.commands.is_empty() {
        usage += r" \fIcommand\fR";
    }
    for argument in node.info.positionals.iter().filter(|argument| !argument.hidden) {
        let (open, close) = match argument.optionality {
            Optionality::Required => ("", ""),
            Optionality::Optional => ("[", "]"),
            Optionality::Repeating | Optionality::Greedy => ("[", "]..."),
        };
        usage.extend([" ", open, &italic(argument.name), close]);
    }
    usage
}

fn value(flag: &FlagInfo) -> String {
    match flag.kind {
        FlagInfoKind::Switch => String::new(),
        FlagInfoKind::Option { arg_name } => format!(" {}", italic(arg_name)),
    }
}

fn bold(text: &str) -> String {
    format!(r"\fB{}\fR", escaped(text))
}

fn italic(text: &str) -> String {
    format!(r"\fI{}\fR", escaped(text))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Text as it is, whatever `man` would make of it: hyphens stay hyphens when they are copied, and no
/// line begins with a request.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' => escaped += r"\e",
            '-' => escaped += r"\-",
            '`' => escaped += r"\(ga",
            '\'' => escaped += r"\(aq",
            '"' => escaped += r"\(dq",
            '^' => escaped += r"\(ha",
            '~' => escaped += r"\(ti",
            '\n' => escaped.push(' '),
            '.' if escaped.is_empty() => escaped += r"\&.",
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_command_says_of_itself_is_no_request_of_the_formatter() {
        for (text, expected) in [
            (".SH Oops", r"\&.SH Oops"),
            ("'tis", r"\(aqtis"),
            (r"a\b", r"a\eb"),
            ("two\nlines", "two lines"),
            ("--json", r"\-\-json"),
        ] {
            assert_eq!(escaped(text), expected);
        }
    }

    #[test]
    fn the_date_of_the_page_can_be_given() {
        let around = |text: &str| Surroundings {
            variables: [("SOURCE_DATE_EPOCH".to_owned(), text.to_owned())].into(),
            ..Surroundings::default()
        };
        assert_eq!(date(&around("1700000000")).unwrap().as_second(), 1_700_000_000);
        assert!(matches!(date(&around("yesterday")), Err(Failure::Usage(_))));
    }
}
