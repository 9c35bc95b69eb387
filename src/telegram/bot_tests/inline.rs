//! Inline mode: what people are offered who type `@bot …`.

use serde_json::{Value, json};

use super::chat::{ADA, ADMIN, BANNED, Chat, only, person};

/// The parameters of the answer to a query.
fn typed(chat: &mut Chat, user: i64, language: &str, query: &str, offset: &str) -> Value {
    let content = json!({"id": "q1", "from": person(user, language),
        "query": query, "offset": offset, "chat_type": "group"});
    let answer = only(chat.update(json!({"inline_query": content})));
    assert_eq!(answer.method(), "answerInlineQuery");
    let params = answer.0["params"].clone();
    assert_eq!((&params["inline_query_id"], &params["is_personal"]), (&json!("q1"), &json!(true)));
    assert!(params["next_offset"].as_str().unwrap().len() <= 64);
    assert!(!params.to_string().contains("web_app"));
    params
}

fn titles(params: &Value) -> Vec<&str> {
    let results = params["results"].as_array().unwrap();
    results.iter().map(|result| result["title"].as_str().unwrap()).collect()
}

#[test]
fn an_event_is_offered_in_every_language_with_a_link() {
    let mut chat = Chat::new();
    let id = chat.adds("Games | 2026-12-24 18:00 | 2 | Bring snacks");
    chat.says(ADMIN, &format!("/editevent {id} location Old Mill"));
    let link = format!("https://t.me/RoostBot/events?startapp={id}");
    for (language, when, label) in [
        ("en", "Thu, 24 December, 18:00–20:00 (UTC)", "View Events"),
        ("ru", "чт, 24 декабря, 18:00–20:00 (UTC)", "Показать события"),
        ("de-AT", "Do., 24. Dezember, 18:00–20:00 (UTC)", "Veranstaltungen ansehen"),
        ("es", "jue, 24 de diciembre, 18:00–20:00 (UTC)", "Ver eventos"),
    ] {
        let params = typed(&mut chat, ADA, language, &format!("event:{id}"), "");
        let result = &params["results"][0];
        assert_eq!((&result["type"], &result["id"]), (&json!("article"), &json!(id.to_string())));
        assert_eq!(result["description"], format!("{when} · Old Mill"));
        let button = json!({"text": label, "url": link});
        assert_eq!(result["reply_markup"]["inline_keyboard"], json!([[button]]));
        let text = result["input_message_content"]["message_text"].as_str().unwrap();
        for part in [when, "<b>\u{2068}Games\u{2069}</b>", "Old Mill", "\n\nBring snacks", &link] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
    assert_eq!(chat.user(ADA).name, "", "typing is not writing to the bot");
}

#[test]
fn queries_find_what_they_ask_for() {
    let mut chat = Chat::new();
    chat.adds("Late games | 2026-12-25 18:00 | 2");
    chat.adds("Настольные игры | 2026-12-24 18:00 | 2 | На Straße");
    chat.adds("Old games | 2026-11-01 18:00 | 2");
    chat.adds("Older games | 2026-10-01 18:00 | 2");
    for (query, expected) in [
        ("", &["Настольные игры", "Late games"][..]),
        (" g ", &["Настольные игры", "Late games"]),
        ("GAMES", &["Late games", "Old games", "Older games"]),
        ("НАСТОЛЬНЫЕ", &["Настольные игры"]),
        ("strasse", &["Настольные игры"]),
        ("nothing", &[]),
        ("event:99", &[]),
        ("event:", &[]),
        ("event:x", &[]),
        ("event:-1", &[]),
        ("event:99999999999999999999999", &[]),
        ("event:1", &["Late games"]),
    ] {
        assert_eq!(titles(&typed(&mut chat, ADA, "en", query, "")), expected, "{query}");
    }
    assert_eq!(titles(&typed(&mut chat, ADA, "en", &"x".repeat(5000), "")).len(), 0);
}

#[test]
fn what_is_cancelled_or_over_says_so() {
    let mut chat = Chat::new();
    let id = chat.adds("Games | 2026-12-24 18:00 | 2");
    chat.says(ADMIN, &format!("/cancelevent {id} <Closed>"));
    let over = chat.adds("Old | 2026-11-01 18:00 | 2");
    let result = &typed(&mut chat, ADA, "en", &format!("event:{id}"), "")["results"][0];
    assert!(result["description"].as_str().unwrap().starts_with("🚫 Cancelled · "));
    let text = result["input_message_content"]["message_text"].as_str().unwrap();
    assert!(text.contains("🚫 Cancelled: \u{2068}&lt;Closed&gt;\u{2069}"), "{text}");
    let result = &typed(&mut chat, ADA, "en", &format!("event:{over}"), "")["results"][0];
    assert!(result["description"].as_str().unwrap().ends_with(" · over"), "{result}");
}

#[test]
fn every_event_is_reached_page_by_page_and_forged_offsets_are_harmless() {
    let mut chat = Chat::new();
    for number in 0..120 {
        let (day, hour) = (number / 20 + 1, number % 20);
        chat.adds(&format!("Games {number} | 2026-12-{day:02} {hour:02}:00 | 1"));
    }
    for query in ["", "games"] {
        let (mut seen, mut offset) = (Vec::new(), String::new());
        for expected in [50, 50, 20] {
            let params = typed(&mut chat, ADA, "en", query, &offset);
            assert_eq!(titles(&params).len(), expected);
            seen.extend(titles(&params).into_iter().map(str::to_owned));
            params["next_offset"].as_str().unwrap().clone_into(&mut offset);
        }
        assert_eq!(offset, "");
        let all: Vec<String> = (0..120).map(|number| format!("Games {number}")).collect();
        assert_eq!(seen, all);
    }
    for forged in ["-1", "120", "99999999999999999999", "x", "\u{0}", &"9".repeat(5000)] {
        let params = typed(&mut chat, ADA, "en", "", forged);
        assert_eq!((titles(&params).len(), &params["next_offset"]), (0, &json!("")), "{forged}");
    }
}

#[test]
fn hostile_texts_stay_texts() {
    let mut chat = Chat::new();
    let id = chat.adds("<b>&\u{202e}(title) | 2026-12-24 18:00 | 2 | <a href=\"x\">(when)</a>");
    let result = &typed(&mut chat, ADA, "en", &format!("event:{id}"), "")["results"][0];
    assert_eq!(result["title"], "<b>&(title)");
    let text = result["input_message_content"]["message_text"].as_str().unwrap();
    assert!(text.contains("&lt;b&gt;&amp;(title)"), "{text}");
    assert!(text.contains("&lt;a href=&quot;x&quot;&gt;(when)&lt;/a&gt;"), "{text}");
    assert!(!result.to_string().contains('\u{202e}'));
}

#[test]
fn somebody_banned_is_offered_nothing() {
    let mut chat = Chat::new();
    let id = chat.adds("Games | 2026-12-24 18:00 | 2");
    for query in ["", "games", &format!("event:{id}")] {
        assert_eq!(typed(&mut chat, BANNED, "en", query, "")["results"], json!([]));
    }
}
