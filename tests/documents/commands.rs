//! Every `roost …` of the documents is one that the program has.

use std::collections::HashMap;
use std::process::Command;

use crate::page::{self, Page};

/// What `--help` says, by command.
#[derive(Default)]
struct Help(HashMap<String, String>);

impl Help {
    /// The help of `command`, words separated by blanks; empty if there is no such command.
    fn of(&mut self, command: &str) -> &str {
        self.0.entry(command.to_owned()).or_insert_with(|| {
            let mut roost = Command::new(env!("CARGO_BIN_EXE_roost"));
            let ran = roost.args(command.split_whitespace()).arg("--help").env_clear().output();
            let ran = ran.expect("the program runs");
            let text = String::from_utf8(ran.stdout).expect("text");
            if ran.status.success() { text } else { String::new() }
        })
    }

    /// What is wrong with the words behind `roost`, if anything.
    fn fault(&mut self, words: &[String]) -> Option<String> {
        let (mut command, mut rest) = (String::new(), words);
        while let [first, more @ ..] = rest
            && subcommands(self.of(&command)).contains(first)
        {
            command.push_str(if command.is_empty() { "" } else { " " });
            command.push_str(first);
            rest = more;
        }
        if command.is_empty()
            && !["help", "--help", "--version", "-V"].contains(&rest.first()?.as_str())
        {
            return Some(format!("there is no command `{}`", rest[0]));
        }
        let help = self.of(&command).to_owned();
        if !subcommands(&help).is_empty()
            && let Some(word) = rest.first()
            && word.chars().all(|letter| letter.is_ascii_lowercase())
        {
            return Some(format!("`{command}` has no `{word}`"));
        }
        let unknown = |word: &&String| {
            word.starts_with('-')
                && word.len() > 1
                && !has(&help, word.split('=').next().unwrap_or(word))
        };
        let unknown = rest.iter().take_while(|word| *word != "--").find(unknown)?;
        Some(format!("`roost {command}` has no option `{unknown}`"))
    }
}

/// The words below `Commands:`.
fn subcommands(help: &str) -> Vec<String> {
    let Some((_, commands)) = help.split_once("\nCommands:\n") else { return Vec::new() };
    let names = commands.lines().filter_map(|line| {
        let name = line.strip_prefix("  ")?.split(' ').next()?;
        (!name.is_empty()).then(|| name.to_owned())
    });
    names.collect()
}

/// Whether an option stands in `help`.
fn has(help: &str, option: &str) -> bool {
    let words = help.split(|c: char| c.is_whitespace() || "[],".contains(c));
    option == "--help" || words.into_iter().any(|word| word == option)
}

/// The commands in a line of a shell, each as the words behind `roost`.
fn commands(line: &str) -> Vec<Vec<String>> {
    let line = line.split(" # ").next().unwrap_or(line);
    let parts = line.split(['|', ';', '(', ')']).flat_map(|part| part.split("&&"));
    let command = |part: &str| {
        let words = words(part);
        let at = words.iter().position(|word| word == "roost" || word.ends_with("/roost"))?;
        // `cp target/release/roost /usr/bin` runs something else.
        let leads = |word: &String| word == "sudo" || word == "exec" || word.contains('=');
        words[..at].iter().all(leads).then(|| {
            let rest = words[at + 1..].iter();
            rest.take_while(|word| !word.starts_with(['<', '>', '2', '…']))
                .cloned()
                .collect::<Vec<_>>()
        })
    };
    parts.filter_map(command).filter(|words| !words.is_empty()).collect()
}

/// Words of a line; what stands in quotes is one.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for letter in line.chars() {
        match (quote, letter) {
            (Some(open), close) if open == close => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            (None, letter) if letter.is_whitespace() => words.push(std::mem::take(&mut word)),
            _ => word.push(letter),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// All commands of a page: lines of its shell blocks, and inline code that begins with `roost `.
fn all_of(page: &Page) -> Vec<Vec<String>> {
    let blocks = page.blocks();
    let shell = blocks.iter().filter(|block| block.language == "sh");
    let lines = shell.flat_map(|block| {
        let whole = block.text.replace("\\\n", " ");
        whole.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect::<Vec<_>>()
    });
    let inline = page.code().into_iter().filter(|code| code.starts_with("roost "));
    lines.chain(inline).flat_map(|line| commands(&line)).collect()
}

#[test]
fn every_command_of_the_documents_exists() {
    let (mut help, mut tried) = (Help::default(), 0);
    for page in page::all() {
        for words in all_of(&page) {
            let fault = help.fault(&words);
            assert_eq!(fault, None, "{}: roost {}", page.name.display(), words.join(" "));
            tried += 1;
        }
    }
    assert!(tried > 50, "{tried} commands");
}

#[test]
fn the_cures_of_alerts_are_commands_that_exist() {
    let alerts = std::fs::read_to_string(page::top().join("docs/alerts.yml")).expect("alerts");
    let (mut help, mut tried) = (Help::default(), 0);
    for code in alerts.lines().flat_map(page::spans) {
        for words in code.starts_with("roost ").then(|| commands(&code)).into_iter().flatten() {
            assert_eq!(help.fault(&words), None, "docs/alerts.yml: {code}");
            tried += 1;
        }
    }
    assert!(tried > 5, "{tried} commands");
}

#[test]
fn a_command_that_is_not_there_is_found() {
    let mut help = Help::default();
    for (line, expected) in [
        ("roost serve --port 0", None),
        ("sudo roost secret new --ttl 2h < letter.txt", None),
        ("KEY=$(roost api-key add backup-job)", None),
        ("roost serves", Some("there is no command `serves`")),
        ("roost serve --prot 0", Some("`roost serve` has no option `--prot`")),
        ("roost secret make", Some("`secret` has no `make`")),
    ] {
        let found = commands(line);
        assert_eq!(found.len(), 1, "{line}: {found:?}");
        assert_eq!(help.fault(&found[0]).as_deref(), expected, "{line}");
    }
}
