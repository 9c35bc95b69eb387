//! Inline mode: what people are offered who type `@bot …`, and messages prepared for sharing.

use serde_json::{Value, json};

use super::html;
use super::outgoing::{Button, Keyboard, Outgoing, TEXT_MAX};
use crate::ids::UserId;

/// Most results of one answer (Bot API `answerInlineQuery`).
pub const RESULTS_MAX: usize = 50;

/// Seconds Telegram may give the same answer again: events change.
const CACHE: u32 = 10;

/// Longest line under a title, in UTF-16 units; Telegram shows about this much.
const DESCRIPTION_MAX: usize = 200;

/// A message somebody can send, and how it is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// Unique in its answer, 1–64 bytes.
    pub id: String,
    /// Plain text.
    pub title: String,
    /// The line under the title, plain text.
    pub description: String,
    /// Absolute URL of a picture.
    pub picture: Option<String>,
    /// The message, as Telegram's HTML.
    pub markup: String,
    /// The button under the message: `web_app` buttons would be refused in groups.
    pub button: Option<Button>,
}

/// A page of results.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InlinePage {
    /// At most [`RESULTS_MAX`].
    pub articles: Vec<Article>,
    /// Where the next page begins, if there is one.
    pub next: Option<usize>,
}

impl InlinePage {
    /// The page that begins at `offset`, as an earlier page gave it; whatever else somebody makes of
    /// it leads behind the end.
    pub fn of<T>(all: &[T], offset: &str, article: impl FnMut(&T) -> Article) -> Self {
        let begin = if offset.is_empty() { Some(0) } else { offset.parse().ok() };
        let rest = begin.and_then(|begin: usize| all.get(begin..)).unwrap_or_default();
        let page = &rest[..rest.len().min(RESULTS_MAX)];
        let next = (page.len() < rest.len()).then(|| all.len() - rest.len() + page.len());
        Self { articles: page.iter().map(article).collect(), next }
    }
}

/// Answers an inline query. Nobody else gets this answer from Telegram's cache: it is in one
/// person's language, and banned people get none.
pub fn answer(query: &str, page: &InlinePage) -> Outgoing {
    let results: Vec<Value> = page.articles.iter().map(Article::result).collect();
    let next = page.next.map(|next| next.to_string()).unwrap_or_default();
    let params = json!({
        "inline_query_id": query, "results": results, "cache_time": CACHE,
        "is_personal": true, "next_offset": next,
    });
    Outgoing { method: "answerInlineQuery".to_owned(), params, chat: None }
}

/// Prepares a message that `user` can send to any chat from the page.
pub fn prepare(user: UserId, article: &Article) -> Outgoing {
    let params = json!({
        "user_id": user, "result": article.result(), "allow_user_chats": true,
        "allow_bot_chats": true, "allow_group_chats": true, "allow_channel_chats": true,
    });
    Outgoing { method: "savePreparedInlineMessage".to_owned(), params, chat: None }
}

impl Article {
    fn result(&self) -> Value {
        let preview = match &self.picture {
            Some(url) => json!({"url": url, "prefer_large_media": true}),
            None => json!({"is_disabled": true}),
        };
        let mut result = json!({
            "type": "article",
            "id": self.id,
            "title": self.title,
            "description": html::truncate_plain(&self.description, DESCRIPTION_MAX),
            "input_message_content": {
                "message_text": html::truncate(&self.markup, TEXT_MAX),
                "parse_mode": "HTML",
                "link_preview_options": preview,
            },
        });
        if let Some(url) = &self.picture {
            result["thumbnail_url"] = url.as_str().into();
        }
        if let Some(button) = &self.button {
            let keyboard = Keyboard::new().row([button.clone()]);
            result["reply_markup"] = json!({"inline_keyboard": keyboard});
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn article(number: usize) -> Article {
        Article {
            id: number.to_string(),
            title: "T".to_owned(),
            description: "😀".repeat(300),
            picture: None,
            markup: "<b>&amp;</b>".repeat(5000),
            button: None,
        }
    }

    #[test]
    fn pages_follow_each_other_and_forged_offsets_lead_nowhere() {
        let all: Vec<usize> = (0..120).collect();
        for (offset, first, count, next) in [
            ("", Some("0"), 50, Some(50)),
            ("50", Some("50"), 50, Some(100)),
            ("100", Some("100"), 20, None),
            ("70", Some("70"), 50, None),
            ("120", None, 0, None),
            ("121", None, 0, None),
            ("-1", None, 0, None),
            ("99999999999999999999999", None, 0, None),
            ("x\u{202e}", None, 0, None),
        ] {
            let page = InlinePage::of(&all, offset, |number| article(*number));
            let found = page.articles.first().map(|article| article.id.as_str());
            assert_eq!((found, page.articles.len(), page.next), (first, count, next), "{offset}");
        }
    }

    #[test]
    fn results_keep_the_limits() {
        let result = article(1).result();
        let text = result["input_message_content"]["message_text"].as_str().unwrap();
        assert_eq!(html::visible_len(text), TEXT_MAX);
        assert!(text.ends_with('…') || text.ends_with("</b>"));
        assert_eq!(result["description"].as_str().unwrap().encode_utf16().count(), 199);
    }
}
