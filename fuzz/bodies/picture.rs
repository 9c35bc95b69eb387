//! Pictures as files and in base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roost::apps::events::image::{ImageKind, ImageName, Picture};

/// Larger than any file of the corpus, small enough to be reached.
const LIMIT: usize = 4 * 1024;

/// Checks the bytes as a file and as base64 of one.
pub fn run(bytes: &[u8]) {
    let checked = Picture::check(bytes, LIMIT);
    if let Ok(picture) = &checked {
        check(picture);
    }
    assert_eq!(Picture::decode(&STANDARD.encode(bytes), LIMIT), checked, "base64 is another way");
    if let Ok(picture) = Picture::decode(&super::text(bytes), LIMIT) {
        check(&picture);
    }
}

/// A picture is within the limit, and its name says what it is.
fn check(picture: &Picture) {
    assert!(picture.bytes.len() <= LIMIT);
    assert_eq!(ImageName::parse(picture.name.as_str()).as_ref(), Some(&picture.name));
    assert_eq!(ImageKind::sniff(&picture.bytes), Some(picture.name.kind()));
}
