//! What an update shows of secrets, and what somebody brings to read one.

use roost::apps::secrets::{Ticket, sight, words};
use serde_json::{Value, json};

/// Looks through the bytes as an update and as a text somebody sends; what is dealt with as a secret is
/// also seen as one, wherever it stands.
pub fn run(bytes: &[u8]) {
    let text = super::text(bytes);
    let update = serde_json::from_str(&text).unwrap_or(Value::Null);
    let is_shown = sight::shows(&update);
    let _ = (sight::places(&update), sight::writers(&update));
    assert!(!is_shown || sight::shows(&json!({"x": [update]})), "{text}");
    said(&text);
}

fn said(text: &str) {
    let places = [
        json!({"message": {"text": text}}),
        json!({"edited_message": {"caption": text}}),
        json!({"callback_query": {"message": {"reply_to_message": {"text": text}}}}),
        json!({"message": {"quote": {"text": text}}}),
    ];
    let shown: Vec<bool> = places.iter().map(sight::shows).collect();
    assert!(shown.iter().all(|each| *each == shown[0]), "{text}");
    if let Some(secret) = sight::new_secret(text) {
        assert!(shown[0] && text.ends_with(secret) && text.len() == secret.len() + 4, "{text}");
    }
    if let Some(ticket) = sight::ticket(text) {
        assert!(shown[0], "{text}");
        assert_eq!(Ticket::parse(ticket.expose().reveal()), Some(ticket.clone()));
        let link = ticket.expose_link("https://x.org");
        assert_eq!(Ticket::parse_link(link.reveal()), Some(ticket));
    }
    let _ = (sight::looks_like_ticket(text), words::parse(text));
}
