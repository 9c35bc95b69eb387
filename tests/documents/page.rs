//! A page of the documents, taken apart: headings, links, blocks of code, inline code.

use std::fs;
use std::path::{Path, PathBuf};

/// One Markdown file.
pub struct Page {
    /// Its path from the top of the repository.
    pub name: PathBuf,
    /// All of it.
    pub text: String,
}

/// A fenced block of code.
#[derive(Debug)]
pub struct Block {
    /// What stands behind the fence.
    pub language: String,
    /// What it holds.
    pub text: String,
}

/// The top of the repository.
pub fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// README and everything in `docs/`.
pub fn all() -> Vec<Page> {
    let docs = fs::read_dir(top().join("docs")).expect("docs");
    let names = docs.map(|entry| PathBuf::from("docs").join(entry.expect("an entry").file_name()));
    let pages = names.filter(|name| name.extension().is_some_and(|kind| kind == "md"));
    let mut names: Vec<PathBuf> = std::iter::once("README.md".into()).chain(pages).collect();
    names.sort();
    names.into_iter().map(Page::read).collect()
}

impl Page {
    /// The page `name`.
    pub fn read(name: impl Into<PathBuf>) -> Self {
        let name = name.into();
        let text = fs::read_to_string(top().join(&name));
        let text = text.unwrap_or_else(|error| panic!("{}: {error}", name.display()));
        Self { name, text }
    }

    /// Its blocks of code.
    pub fn blocks(&self) -> Vec<Block> {
        let mut parts = self.text.split("\n```");
        parts.next();
        let mut blocks = Vec::new();
        // What begins a block, then what follows its end.
        while let Some(part) = parts.next() {
            let (language, text) = part.split_once('\n').expect("a block has lines");
            blocks.push(Block { language: language.to_owned(), text: text.to_owned() + "\n" });
            let rest = parts.next();
            assert!(rest.is_some(), "{}: a block has no end: {text}", self.name.display());
        }
        blocks
    }

    /// Its lines outside of blocks.
    pub fn prose(&self) -> Vec<&str> {
        let mut inside = false;
        let outside = |line: &&str| {
            let fence = line.starts_with("```");
            inside ^= fence;
            !inside && !fence
        };
        self.text.lines().filter(outside).collect()
    }

    /// What stands between backticks: one of them, or two around what holds some itself.
    pub fn code(&self) -> Vec<String> {
        self.prose().into_iter().flat_map(spans).collect()
    }

    /// The anchors that GitHub makes of its headings.
    pub fn anchors(&self) -> Vec<String> {
        let headings = self.prose().into_iter().filter(|line| line.starts_with('#'));
        let mut anchors = Vec::<String>::new();
        for heading in headings {
            let anchor = anchor(heading.trim_start_matches('#').trim());
            let twins = anchors.iter().filter(|other| **other == anchor).count();
            anchors.push(if twins == 0 { anchor } else { format!("{anchor}-{twins}") });
        }
        anchors
    }

    /// The targets of its links.
    pub fn links(&self) -> Vec<String> {
        let prose = self.prose().join("\n");
        let ends = prose.match_indices("](").map(|(at, _)| &prose[at + 2..]);
        ends.filter_map(|rest| Some(rest.split_once(')')?.0.to_owned())).collect()
    }
}

/// The code in one line.
pub fn spans(line: &str) -> Vec<String> {
    let (mut spans, mut rest) = (Vec::new(), line);
    while let Some((_, behind)) = rest.split_once('`') {
        let fence = if behind.starts_with('`') { "``" } else { "`" };
        let inside = behind.strip_prefix('`').unwrap_or(behind);
        let Some((code, after)) = inside.split_once(fence) else { break };
        spans.push(code.trim().to_owned());
        rest = after;
    }
    spans
}

/// Lower case; letters, digits, `-` and `_` stay, blanks become dashes.
fn anchor(heading: &str) -> String {
    let stays = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | ' ');
    let kept = heading.to_lowercase().chars().filter(|letter| stays(*letter)).collect::<String>();
    kept.replace(' ', "-")
}

#[test]
fn headings_become_anchors_as_github_makes_them() {
    for (heading, expected) in [
        ("Quick start", "quick-start"),
        ("The API, for programs", "the-api-for-programs"),
        ("`log.level` and `tls`", "loglevel-and-tls"),
        (
            "What Telegram, the operator and thieves can see",
            "what-telegram-the-operator-and-thieves-can-see",
        ),
    ] {
        assert_eq!(anchor(heading), expected);
    }
}
