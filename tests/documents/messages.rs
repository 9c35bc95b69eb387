//! What `docs/troubleshooting.md` quotes stands in the source.

use std::fs;
use std::path::Path;

use crate::page::{self, Page, top};

const PAGE: &str = "docs/troubleshooting.md";

/// The texts in all source of the program, each file without its tests.
fn source() -> Vec<Text> {
    let mut all = Vec::new();
    gather(&top().join("src"), &mut all);
    all
}

/// A text of the source: what stands before it, and itself as written.
struct Text {
    /// Whether a warning or an error is logged with it.
    logged: bool,
    text: String,
}

fn gather(folder: &Path, all: &mut Vec<Text>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            gather(&path, all);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let text = fs::read_to_string(&path).expect("source");
            texts(text.split("#[cfg(test)]\nmod ").next().unwrap_or_default(), all);
        }
    }
}

/// The texts between quotes; neither comments nor the letter `"`.
fn texts(code: &str, all: &mut Vec<Text>) {
    let mut rest = code;
    let mut before = String::new();
    while let Some(at) = rest.find(['"', '/', '\'']) {
        before.push_str(&rest[..at]);
        let here = &rest[at..];
        rest = if here.starts_with("//") {
            here.split_once('\n').map_or("", |(_, rest)| rest)
        } else if let Some(behind) = here.strip_prefix("'\"'") {
            behind
        } else if let Some(inside) = here.strip_prefix('"') {
            let end = end_of_text(inside);
            let call = before.trim_end();
            let logged = call.ends_with("log::warn!(") || call.ends_with("log::error!(");
            all.push(Text { logged, text: plain(&inside[..end]) });
            before.clear();
            inside.get(end + 1..).unwrap_or("")
        } else {
            let letter = here.chars().next().map_or(1, char::len_utf8);
            before.push_str(&here[..letter]);
            &here[letter..]
        };
    }
}

/// Where the text ends that `inside` begins.
fn end_of_text(inside: &str) -> usize {
    let mut escaped = false;
    let end = inside.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.unwrap_or(inside.len())
}

/// As it is printed, with `…` for what is filled in.
fn plain(text: &str) -> String {
    let mut lines = text.split("\\\n");
    let first = lines.next().unwrap_or_default().to_owned();
    let text = lines.fold(first, |all, line| all + line.trim_start());
    let text = text.replace("\\\"", "\"").replace("{{", "\u{1}").replace("}}", "\u{2}");
    let mut parts = text.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| part.split_once('}').map_or(part, |(_, rest)| rest));
    let text = rest.fold(first, |text, rest| text + "…" + rest);
    text.replace('\u{1}', "{").replace('\u{2}', "}")
}

/// The pieces of a message between its `…`, which stand for what differs.
fn pieces(message: &str) -> Vec<&str> {
    message.split('…').map(str::trim).filter(|piece| !piece.is_empty()).collect()
}

/// The messages of the page: the first cell of each row of its tables.
fn messages(page: &Page) -> Vec<String> {
    let rows = page.prose().into_iter().filter(|line| line.starts_with("| `"));
    rows.filter_map(|row| page::spans(row).into_iter().next()).collect()
}

/// Fewer letters say nothing by themselves: the line hands on another message.
fn says_something(text: &str) -> bool {
    text.chars().filter(|letter| letter.is_alphabetic()).count() >= 10
}

/// Whether `text` has all `pieces` in this order.
fn holds(mut text: &str, pieces: &[&str]) -> bool {
    pieces.iter().all(|piece| {
        let behind = text.split_once(piece).map(|(_, behind)| behind);
        text = behind.unwrap_or_default();
        behind.is_some()
    })
}

#[test]
fn every_warning_and_error_of_the_log_is_explained() {
    let messages = messages(&Page::read(PAGE));
    let source = source();
    let logged: Vec<&str> =
        source.iter().filter(|text| text.logged).map(|text| text.text.as_str()).collect();
    assert!(logged.len() > 60, "{} texts", logged.len());
    let told = |text: &&&str| {
        let fits = |message: &String| says_something(message) && holds(text, &pieces(message));
        !says_something(text) || messages.iter().any(fits)
    };
    let silent: Vec<&&str> = logged.iter().filter(|text| !told(text)).collect();
    assert!(silent.is_empty(), "{PAGE} does not explain: {silent:#?}");
}

#[test]
fn every_message_of_the_page_is_one_the_program_can_say() {
    let source = source();
    for (page, least) in [(PAGE, 150), ("docs/upgrade.md", 3)] {
        let messages = messages(&Page::read(page));
        assert!(messages.len() >= least, "{page}: {} messages", messages.len());
        let said = |message: &&String| {
            let pieces = pieces(message);
            !pieces.is_empty() && source.iter().any(|text| holds(&text.text, &pieces))
        };
        let gone: Vec<&String> = messages.iter().filter(|message| !said(message)).collect();
        assert!(gone.is_empty(), "{page}: the program does not say (any more): {gone:#?}");
    }
}

#[test]
fn texts_are_found_in_source() {
    let mut all = Vec::new();
    let code =
        "// \"no\"\nlog::warn!(\"a {b}: \\\n   c {{d}}\"); if x == '\"' { f(\"e \\\"g\\\"\") }";
    texts(code, &mut all);
    let found: Vec<(bool, &str)> = all.iter().map(|one| (one.logged, &*one.text)).collect();
    assert_eq!(found, [(true, "a …: c {d}"), (false, "e \"g\"")]);
}
