//! Every link within the repository leads somewhere.

use std::path::{Component, Path, PathBuf};

use crate::page::{self, Page, top};

/// What is wrong with a link of `page`, if anything.
fn fault(page: &Page, link: &str) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = match file {
        "" => page.name.clone(),
        _ => plain(&page.name.parent().expect("a folder").join(file)),
    };
    if !top().join(&target).exists() {
        return Some(format!("there is no {}", target.display()));
    }
    if anchor.is_empty() {
        return None;
    }
    let anchors = Page::read(&target).anchors();
    (!anchors.iter().any(|known| known == anchor))
        .then(|| format!("{} has no heading for #{anchor}", target.display()))
}

/// Without `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            other => plain.push(other),
        }
    }
    plain
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    let mut tried = 0;
    for page in page::all() {
        for link in page.links() {
            let fault = fault(&page, &link);
            assert_eq!(fault, None, "{}: [{link}]", page.name.display());
            tried += 1;
        }
    }
    assert!(tried > 40, "{tried} links");
}

#[test]
fn the_index_names_every_document() {
    let index = Page::read("docs/README.md");
    let links = index.links();
    for entry in std::fs::read_dir(top().join("docs")).expect("docs") {
        let name = entry.expect("an entry").file_name().into_string().expect("a name");
        assert!(
            name == "README.md" || links.contains(&name),
            "docs/README.md does not name {name}"
        );
    }
}
