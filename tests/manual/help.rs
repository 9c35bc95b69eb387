//! What `--help` says, read as people read it.

use super::roost;

/// A command, or the program itself.
pub struct Place {
    /// The words behind the program's name.
    pub path: Vec<String>,
    /// The commands below it.
    pub commands: Vec<String>,
    /// Its options as they are typed.
    pub options: Vec<String>,
}

impl Place {
    /// The program and all commands.
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        walk(&[], &mut all);
        assert!(all.len() > 30, "there are more commands");
        all
    }

    /// As one types it.
    pub fn line(&self) -> String {
        let words = self.path.iter().map(|word| format!(" {word}"));
        format!("roost{}", words.collect::<String>())
    }
}

fn walk(path: &[String], all: &mut Vec<Place>) {
    let words: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
    let help = roost(&words);
    let commands: Vec<String> =
        items(&help, "Commands:").map(|line| first(line).to_owned()).collect();
    let options = items(&help, "Options:").flat_map(options).collect();
    all.push(Place { path: path.to_vec(), commands: commands.clone(), options });
    for command in commands {
        walk(&[path, &[command]].concat(), all);
    }
}

/// The lines of a section that begin an entry; the others go on with the one before.
fn items<'a>(help: &'a str, section: &'a str) -> impl Iterator<Item = &'a str> {
    let lines = help.lines().skip_while(move |line| *line != section).skip(1);
    let lines = lines.take_while(|line| !line.is_empty());
    lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "))
}

fn first(line: &str) -> &str {
    line.split_whitespace().next().unwrap_or_default()
}

/// `-t, --title  what it is called`; `help` and `-h` are other ways to say `--help`.
fn options(line: &str) -> impl Iterator<Item = String> {
    let names = line.trim_start().split("  ").next().unwrap_or_default();
    let names = names.split(", ").filter(|name| name.starts_with('-') && *name != "-h");
    names.map(|name| first(name).to_owned())
}
