//! What people write never becomes markup, nor turns the words around it.

use serde_json::json;

use super::chat::{ADA, ADMIN, Chat, only};

/// Markup, an entity, an end of ours, a place of ours, and marks that turn text.
const HOSTILE: &str = "<b>&amp;</b>\u{2069}\u{202e}{title}";

/// How that stands between our tags.
const HARMLESS: &str = "&lt;b&gt;&amp;amp;&lt;/b&gt;";

/// Adds an event whose every text is hostile. The harness checks isolates and marks.
fn hostile_event(chat: &mut Chat) -> u64 {
    let id = chat.adds("Games | 18:00 | 2");
    let hostile = HOSTILE.replace("{title}", "");
    for field in ["title", "description", "location"] {
        chat.told(ADMIN, &format!("/editevent {id} {field} {hostile}"));
    }
    id
}

#[test]
fn hostile_texts_of_events_are_shown_as_they_are() {
    let mut chat = Chat::new();
    let id = hostile_event(&mut chat);
    for command in [
        "/events".to_owned(),
        format!("/start e_{id}"),
        format!("/editevent {id}"),
        format!("/cancelevent {id}"),
        format!("/deleteevent {id}"),
        format!("/attendees {id}"),
        format!("/editevent {id} title"),
    ] {
        let answer = chat.told(ADMIN, &command);
        assert!(answer.text().contains(HARMLESS), "{command}: {}", answer.text());
        let labels = answer.labels().join(" ");
        assert!(!labels.contains('\u{202e}') && !labels.contains('\u{2069}'), "{labels}");
    }
    let calls = chat.presses(ADA, &format!("e:go:{id}:c"));
    assert!(calls[0].text().contains("<b>&amp;</b>"), "a toast is plain text");
    assert!(calls[1].text().contains(HARMLESS));
    let calls = chat.presses(ADMIN, &format!("e:del:{id}:{ADMIN}"));
    assert!(calls[1].text().contains(HARMLESS));
}

#[test]
fn hostile_names_of_people_are_shown_as_they_are() {
    let mut chat = Chat::new();
    let id = chat.adds("Games | 18:00 | 2");
    let hostile = HOSTILE.replace("{title}", "");
    let from = json!({"id": ADA, "is_bot": false, "first_name": hostile, "last_name": "\n<i>"});
    let there = json!({"message_id": 5, "date": 1, "chat": {"id": ADA, "type": "private"}});
    let press = json!({"id": "q", "from": from, "message": there, "data": format!("e:go:{id}:c")});
    chat.update(json!({"callback_query": press}));
    for command in ["/users".to_owned(), format!("/attendees {id}"), format!("/ban {ADA}")] {
        let calls = chat.says(ADMIN, &command);
        let text = calls.last().unwrap().text();
        assert!(text.contains(HARMLESS) && text.contains("&lt;i&gt;"), "{command}: {text}");
        assert!(!text.contains("\n&lt;i&gt;"), "{text}");
    }
}

#[test]
fn a_title_that_looks_like_a_place_of_ours_stays_a_title() {
    let mut chat = Chat::new();
    let id = chat.adds("Games | 18:00 | 2");
    chat.told(ADMIN, &format!("/editevent {id} title (place) %s $1 [title]"));
    let ask = chat.told(ADMIN, &format!("/deleteevent {id}"));
    assert!(ask.text().contains("\u{2068}(place) %s $1 [title]\u{2069}"));
}

#[test]
fn updates_of_any_shape_are_survived() {
    let mut chat = Chat::new();
    let private = json!({"id": ADMIN, "type": "private"});
    let from = json!({"id": ADMIN, "first_name": "P"});
    for update in [
        json!({}),
        json!({"message": {}}),
        json!({"message": {"message_id": 1, "chat": private, "from": from}}),
        json!({"message": {"message_id": 1, "chat": private, "text": "/start"}}),
        json!({"message": {"message_id": 1, "chat": private, "from": from, "text": "/"}}),
        json!({"message": {"message_id": 1, "chat": private, "from": from, "text": "//x"}}),
        json!({"callback_query": {"id": "q"}}),
        json!({"edited_message": {"message_id": 1, "chat": private, "from": from, "text": "/users"}}),
        json!({"something_new": {"x": 1}}),
    ] {
        assert!(chat.update(update.clone()).is_empty(), "{update}");
    }
    // A press without its message has no chat; it is answered all the same.
    let press = json!({"callback_query": {"id": "q", "from": from, "data": "e:page:l0"}});
    assert_eq!(only(chat.update(press)).method(), "answerCallbackQuery");
}
