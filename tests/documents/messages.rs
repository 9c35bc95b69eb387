//! What `docs/troubleshooting.md` quotes stands in the source.

use std::fs;
use std::path::Path;

use crate::page::{Page, top};

/// All source of the program, each file without its tests, on one line.
fn source() -> String {
    let mut all = String::new();
    gather(&top().join("src"), &mut all);
    all
}

fn gather(folder: &Path, all: &mut String) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            gather(&path, all);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let text = fs::read_to_string(&path).expect("source");
            let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
            all.push_str(&one_line(code));
            all.push('\n');
        }
    }
}

/// Texts that are broken over lines with `\` are put together.
fn one_line(code: &str) -> String {
    let mut parts = code.split("\\\n");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + part.trim_start())
}

/// The pieces of a message between its `…`, which stand for what differs.
fn pieces(message: &str) -> Vec<&str> {
    message.split('…').map(str::trim).filter(|piece| !piece.is_empty()).collect()
}

/// Whether one text of the source has all `pieces` in this order, in one literal.
fn stands(source: &str, pieces: &[&str]) -> bool {
    let Some((first, rest)) = pieces.split_first() else { return false };
    source.match_indices(first).any(|(at, _)| {
        let line = &source[at..];
        let end = end_of_literal(line);
        let mut text = &line[first.len().min(end)..end];
        rest.iter().all(|piece| match text.split_once(piece) {
            Some((_, behind)) => {
                text = behind;
                true
            }
            None => false,
        })
    })
}

/// Where the literal ends that `text` stands in.
fn end_of_literal(text: &str) -> usize {
    let bytes = text.as_bytes();
    let end = |at: &usize| bytes[*at] == b'"' && (*at == 0 || bytes[*at - 1] != b'\\');
    (0..bytes.len()).find(end).unwrap_or(bytes.len())
}

/// The messages of the page: the first cell of each row of its tables.
fn messages(page: &Page) -> Vec<String> {
    let rows = page.prose().into_iter().filter(|line| line.starts_with("| `"));
    let first =
        |line: &str| line.trim_start_matches("| ").split(" | ").next().unwrap_or("").to_owned();
    let unquoted = |cell: String| {
        let inner = cell.strip_prefix("`` ").and_then(|cell| cell.strip_suffix(" ``"));
        let inner = inner.map(str::to_owned);
        inner.unwrap_or_else(|| cell.trim_matches('`').to_owned())
    };
    rows.map(first).map(unquoted).collect()
}

#[test]
fn every_message_of_the_troubleshooting_page_is_one_the_program_can_say() {
    let (page, source) = (Page::read("docs/troubleshooting.md"), source());
    let messages = messages(&page);
    assert!(messages.len() > 60, "{} messages", messages.len());
    let gone: Vec<&String> =
        messages.iter().filter(|message| !stands(&source, &pieces(message))).collect();
    assert!(gone.is_empty(), "the program does not say (any more): {gone:#?}");
}
