//! What people write, on its way into Telegram's HTML; and markup cut to a length.

use roost::telegram::html::{escape, quoted, truncate, truncate_plain, visible_len};

/// The first byte is a length, the rest a text.
pub fn run(bytes: &[u8]) {
    let Some((max, text)) = bytes.split_first() else { return };
    let (max, text) = (usize::from(*max), super::text(text));
    let escaped = escape(&text);
    assert!(!escaped.contains(['<', '>', '"']), "{escaped:?} holds markup");
    assert_eq!(unescape(&escaped), text, "escaping lost something");
    assert_eq!(visible_len(&escaped), text.encode_utf16().count());
    assert!(!quoted(&text).contains(['<', '>', '"', '\n']));

    assert!(truncate_plain(&text, max).encode_utf16().count() <= max.max(1));
    assert!(visible_len(&truncate(&text, max)) <= max.max(1), "cut, and still too long");
    whole_entities(&truncate(&escaped, max), &text, max);
    let bold = truncate(&format!("<b>{escaped}</b>"), max);
    let inner = bold.strip_prefix("<b>").and_then(|rest| rest.split_once("</b>"));
    match inner {
        Some((inner, _)) => whole_entities(inner, &text, max),
        None => assert!(max == 0 || bold.is_empty() || bold == "…", "{bold:?} is torn"),
    }
}

/// What is left of `text` is its beginning, and no entity of it is torn.
fn whole_entities(cut: &str, text: &str, max: usize) {
    assert!(visible_len(cut) <= max.max(1));
    let shown = unescape(cut);
    let shown = shown.strip_suffix('…').filter(|_| shown != text).unwrap_or(&shown);
    assert!(text.starts_with(shown), "{cut:?} is no beginning of {text:?}");
}

/// The text behind `escaped`; panics at an `&` that is no entity.
fn unescape(escaped: &str) -> String {
    let mut parts = escaped.split('&');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(';').expect("an entity ends");
        text.push(match name {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            other => panic!("`{other}` is no entity"),
        });
        text.push_str(rest);
    }
    text
}
