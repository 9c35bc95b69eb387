//! Buttons under messages: what Telegram takes and what it refuses.

use serde_json::Value;

use super::denial::Denial;
use crate::telegram::types::ChatKind;

/// Most bytes of `callback_data`.
const DATA_MAX: usize = 64;

/// Most buttons of a message.
const BUTTONS_MAX: usize = 100;

/// Fields of a button that say what it does (Bot API `InlineKeyboardButton`).
const ACTIONS: [&str; 11] = [
    "callback_game",
    "disabled",
    "callback_data",
    "web_app",
    "url",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "pay",
];

/// The inline keyboard of a `reply_markup`, checked; other kinds of markup are taken and not kept.
pub(crate) fn check(markup: Option<Value>, chat: ChatKind) -> Result<Option<Value>, Denial> {
    let Some(markup) = markup else { return Ok(None) };
    let Some(keyboard) = markup.get("inline_keyboard") else {
        let known = ["keyboard", "remove_keyboard", "force_reply"];
        let known = known.iter().any(|name| markup.get(name).is_some());
        return if known { Ok(None) } else { Err(Denial::bad("object expected as reply markup")) };
    };
    let rows = keyboard
        .as_array()
        .ok_or_else(|| not("field \"inline_keyboard\" must be of type Array"))?;
    let mut count = 0;
    for row in rows {
        for button in
            row.as_array().ok_or_else(|| not("inline keyboard row must be of type Array"))?
        {
            count += 1;
            check_button(button, chat)?;
        }
    }
    if count > BUTTONS_MAX {
        return Err(Denial::bad("reply markup is too long"));
    }
    Ok((count > 0).then_some(markup))
}

/// Whether a mini app may live at `url`: `https`, or the own machine for the demo.
pub(crate) fn check_app_url(url: &str) -> Result<(), Denial> {
    if url.starts_with("https://") && url.len() > "https://".len() || is_loopback(url) {
        return Ok(());
    }
    Err(Denial::bad(&format!(
        "inline keyboard button Web App URL '{url}' is invalid: Only HTTPS links are allowed"
    )))
}

fn check_button(button: &Value, chat: ChatKind) -> Result<(), Denial> {
    let text = button["text"].as_str().unwrap_or_default();
    if text.trim().is_empty() {
        return Err(not("inline keyboard button text must be non-empty"));
    }
    let actions: Vec<&str> =
        ACTIONS.into_iter().filter(|name| button.get(name).is_some()).collect();
    match actions[..] {
        ["callback_data"] => match button["callback_data"].as_str().map_or(0, str::len) {
            1..=DATA_MAX => Ok(()),
            _ => Err(Denial::bad("BUTTON_DATA_INVALID")),
        },
        ["web_app"] if chat != ChatKind::Private => Err(Denial::bad("BUTTON_TYPE_INVALID")),
        ["web_app"] => check_app_url(button["web_app"]["url"].as_str().unwrap_or_default()),
        ["url"] => check_url(button["url"].as_str().unwrap_or_default()),
        [_] => Ok(()),
        _ => Err(not("text buttons are unallowed in the inline keyboard")),
    }
}

fn check_url(url: &str) -> Result<(), Denial> {
    let good = ["https://", "http://", "tg://"]
        .iter()
        .any(|scheme| url.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()));
    if good {
        return Ok(());
    }
    Err(Denial::bad(&format!("inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")))
}

fn is_loopback(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

fn not(what: &str) -> Denial {
    Denial::bad(&format!("can't parse inline keyboard button: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn buttons_follow_telegrams_rules() {
        let (private, group) = (ChatKind::Private, ChatKind::Group);
        let app = |url: &str| json!({"text": "a", "web_app": {"url": url}});
        for (button, chat, words) in [
            (json!({"text": "a", "callback_data": "x"}), group, None),
            (json!({"text": "a", "callback_data": ""}), private, Some("BUTTON_DATA_INVALID")),
            (
                json!({"text": "a", "callback_data": "é".repeat(33)}),
                private,
                Some("BUTTON_DATA_INVALID"),
            ),
            (app("https://x.org/"), private, None),
            (app("https://x.org/"), group, Some("BUTTON_TYPE_INVALID")),
            (app("http://x.org/"), private, Some("Only HTTPS")),
            (app("http://127.0.0.1:2536/a"), private, None),
            (app("http://localhost.evil.org/"), private, Some("Only HTTPS")),
            (app("http://127.0.0.1.evil.org:80/"), private, Some("Only HTTPS")),
            (json!({"text": "a", "url": "https://x.org"}), group, None),
            (json!({"text": "a", "url": "javascript:1"}), private, Some("Wrong HTTP URL")),
            (json!({"text": " ", "callback_data": "x"}), private, Some("non-empty")),
            (json!({"text": "a"}), private, Some("text buttons")),
            (json!({"text": "a", "url": "https://x", "callback_data": "x"}), private, Some("text")),
        ] {
            let checked = check(Some(json!({"inline_keyboard": [[button.clone()]]})), chat);
            match words {
                None => assert!(checked.is_ok(), "{button}: {checked:?}"),
                Some(words) => {
                    let said = checked.unwrap_err().description;
                    assert!(said.contains(words), "{button}: {said}");
                }
            }
        }
        let many: Vec<Value> = vec![json!([{"text": "a", "callback_data": "x"}]); BUTTONS_MAX + 1];
        assert!(check(Some(json!({"inline_keyboard": many})), private).is_err());
        assert_eq!(check(Some(json!({"inline_keyboard": []})), private), Ok(None));
    }
}
