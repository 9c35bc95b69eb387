//! Blocks of `docs/proxies.md`.

use std::fs;
use std::path::Path;

/// The first block in `language`, as it stands there.
pub fn block(language: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/proxies.md");
    let page = fs::read_to_string(file).expect("docs/proxies.md");
    let start = page.split_once(&format!("\n```{language}\n"));
    let code = start.unwrap_or_else(|| panic!("docs/proxies.md has no block in {language}")).1;
    code.split_once("```").expect("its end").0.to_owned()
}

/// The settings the page asks for.
pub fn json() -> String {
    block("json")
}

/// `text` with each of `pairs` replaced; what is not there is a failure, since then something is
/// tested that nobody reads.
pub fn filled(text: &str, pairs: &[(&str, String)]) -> String {
    pairs.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "the page has no `{from}` any more:\n{text}");
        text.replace(from, to)
    })
}
