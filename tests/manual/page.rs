//! The manual page, checked and read with the programs people read it with.

use std::process::Command;

use super::help::Place;
use super::{roost, runs};

fn lines(text: &str) -> Vec<String> {
    text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// As plain text, with lines that are long enough for everything.
fn read() -> String {
    let mut man = Command::new("mandoc");
    man.args(["-T", "utf8", "-O", "width=200"]);
    let (out, err) = runs("mandoc", &mut man, &roost(&["man"]));
    assert_eq!(err, "");
    // Bold and underlined letters are struck twice.
    let mut plain = String::new();
    for letter in out.chars() {
        if letter == '\u{8}' {
            plain.pop();
        } else {
            plain.push(letter);
        }
    }
    plain
}

#[test]
fn the_manual_page_has_every_command_and_option_of_help() {
    let text = lines(&read());
    let mut wrong = Vec::new();
    for place in Place::all() {
        let title = place.line();
        let is_title = |line: &&String| {
            let rest = line.strip_prefix(&title);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '[']))
        };
        // The program itself has its options under a title of their own.
        let from = if place.path.is_empty() {
            text.iter().position(|line| line == "OPTIONS")
        } else {
            text.iter().position(|line| is_title(&line) && !line.ends_with('.'))
        };
        let Some(from) = from else {
            wrong.push(format!("`{title}` is missing"));
            continue;
        };
        let rest = text[from + 1..].iter();
        let section: Vec<_> =
            rest.take_while(|line| !line.starts_with("roost ") && *line != "COMMANDS").collect();
        for option in &place.options {
            let names = |line: &&&String| line.split([' ', ',']).any(|word| word == option);
            if section.iter().find(names).is_none() {
                wrong.push(format!("`{title}` lacks `{option}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_manual_page_is_well_formed() {
    let page = roost(&["man"]);
    assert!(page.contains(".TH ROOST 1 2023-11-14 "));
    let mut lint = Command::new("mandoc");
    assert_eq!(
        runs("mandoc", lint.args(["-T", "lint", "-W", "warning"]), &page),
        Default::default()
    );
    let mut man = Command::new("man");
    man.args(["--warnings", "--encoding", "UTF-8", "--local-file", "-"]);
    man.envs([("LC_ALL", "C.UTF-8"), ("MANPAGER", "cat"), ("MANWIDTH", "80")]);
    let (text, warnings) = runs("man-db", &mut man, &page);
    assert_eq!(warnings, "");
    assert!(text.contains("roost api-key add name"), "{text}");
}
