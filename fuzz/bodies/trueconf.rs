//! Answers of TrueConf servers: lists, people, tokens and errors, and the end of a certificate.

use std::collections::BTreeSet;

use roost::trueconf::answers::{self, Run};
use roost::trueconf::der;

/// The longest texts that may come out, in characters.
const LONGEST: usize = 256;

/// Reads the bytes as every kind of answer; what comes out is bounded and free of control characters.
pub fn run(bytes: &[u8]) {
    for page in [answers::calls(bytes), answers::conferences(bytes)].into_iter().flatten() {
        page.rows.iter().for_each(row);
    }
    if let Ok(people) = answers::session_people(bytes) {
        assert!(people.moderators.is_none_or(|some| some <= people.count), "{people:?}");
    }
    let mut seen = BTreeSet::new();
    if let Ok(first) = answers::users(bytes, &mut seen) {
        let online = first.online;
        assert_eq!(online.total, online.free + online.busy + online.in_conference);
    }
    if let Ok(granted) = answers::granted(bytes) {
        assert!(answers::is_token(granted.token.reveal()));
    }
    if let Ok(page) = answers::participants(bytes) {
        page.rows.iter().for_each(|(id, _)| bounded(id));
    }
    if let Ok(page) = answers::sessions(bytes) {
        page.rows.iter().for_each(|(id, _)| bounded(id));
    }
    for status in [200, 401, 403, 404] {
        let rejected = answers::is_rejection(status, bytes);
        assert!(!rejected || matches!(status, 401 | 403));
    }
    let _ = (answers::is_json(bytes), der::validity(bytes));
}

fn row(run: &Run) {
    let texts = [&run.id, &run.topic, &run.owner];
    texts.into_iter().flatten().chain([&run.session]).for_each(|text| bounded(text));
}

fn bounded(text: &str) {
    assert!(!text.is_empty() && text.chars().count() <= LONGEST, "{text:?}");
    assert!(!text.contains(char::is_control), "{text:?}");
}
