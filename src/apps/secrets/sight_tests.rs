use serde_json::json;

use super::*;

fn hex() -> String {
    "0123456789abcdef".repeat(4)
}

/// Everything a message can carry a secret in, and a chat and a person whose names say nothing.
fn message(fields: &Value) -> Value {
    let mut message = json!({
        "message_id": 5, "date": 1,
        "chat": {"id": 7, "type": "private", "first_name": "new: Ada"},
        "from": {"id": 7, "is_bot": false, "first_name": "new: Ada"},
    });
    for (name, value) in fields.as_object().unwrap() {
        message[name] = value.clone();
    }
    message
}

#[test]
fn whatever_shows_a_secret_or_what_opens_one_is_seen_wherever_it_stands() {
    let ticket = format!("12:{}", hex());
    let old = format!("12:{}:{}", &hex()[..32], &hex()[..32]);
    let payload = format!("/start s_12_{}", "A".repeat(43));
    let link = format!("https://x.org/s/12#{}", hex());
    let texts = [
        "new:x",
        "new:",
        "New:x",
        "NEW:x",
        "new:\nx",
        "/new x",
        "/new@RoostBot x",
        "/NEW\nx",
        &ticket,
        &ticket.to_uppercase(),
        &old,
        &payload,
        &link,
        &format!("here it is ({ticket})!"),
        &format!("https://t.me/RoostBot?start={}", &payload[7..]),
    ];
    for text in texts {
        for fields in [
            json!({"text": text}),
            json!({"caption": text}),
            json!({"reply_to_message": message(&json!({"text": text}))}),
            json!({"reply_to_message": message(&json!({"caption": text}))}),
            json!({"quote": {"text": text, "position": 0}}),
            json!({"external_reply": {"origin": {"type": "user"}, "text": text}}),
            json!({"pinned_message": message(&json!({"text": text}))}),
            json!({"text": "x", "entities": [{"type": "text_link", "url": text}]}),
            json!({"poll": {"question": text}}),
            json!({"forward_origin": {"type": "user"}, "text": text}),
            json!({"reply_markup": {"inline_keyboard": [[{"text": "x", "copy_text": {"text": text}}]]}}),
        ] {
            for kind in [
                "message",
                "edited_message",
                "channel_post",
                "edited_channel_post",
                "business_message",
                "edited_business_message",
                "guest_message",
                "what_is_to_come",
            ] {
                let update = json!({"update_id": 1, kind: message(&fields)});
                assert!(shows(&update), "{update}");
            }
            let pressed = json!({"update_id": 1, "callback_query": {
                "id": "1", "from": {"id": 7}, "message": message(&fields), "data": "x",
            }});
            assert!(shows(&pressed), "{pressed}");
        }
        for update in [
            json!({"update_id": 1, "inline_query": {"id": "1", "query": text, "offset": ""}}),
            json!({"update_id": 1, "chosen_inline_result": {"result_id": "1", "query": text}}),
            json!({"update_id": 1, "callback_query": {"id": "1", "data": text}}),
            json!(format!("{{\"broken\": \"{text}")),
        ] {
            assert!(shows(&update), "{update}");
        }
    }
    let group = json!({"update_id": 1, "message": {"chat": {"title": ticket}, "text": "x"}});
    assert!(shows(&group), "a ticket in a name");
}

#[test]
fn what_shows_none_reaches_the_log() {
    let photo =
        "AgACAgIAAxkBAAIBY2Z5_s5_AAGiAAFwQwABHv9y0uK7AAL82zEbAAGISUuNAAGl9wABc3kBAAMCAAN5AAM1BA";
    for text in [
        "",
        "x",
        "news:x",
        "renew:x",
        " new:x",
        "new :x",
        "new",
        "ñew:x",
        "/new",
        "/new ",
        "/new@RoostBot",
        "/newer x",
        "/events",
        "12:30",
        "12:abcdef",
        "https://x.org/s/12",
        "/start e_5",
        "/start s_5_abc",
        &hex(),
        &format!("sha256:{}", hex()),
        &format!("12 {}", hex()),
        &hex()[..40],
        photo,
    ] {
        let fields = json!({"text": text, "photo": [{"file_id": photo, "file_unique_id": photo}]});
        let update = json!({"update_id": 1, "message": message(&fields)});
        assert!(!shows(&update), "{update}");
    }
    assert!(!shows(&json!({"update_id": 1})));
    assert!(!shows(&json!("{\"broken")));
    assert!(!shows(&json!(null)));
}

#[test]
fn only_the_first_colon_ends_the_word_and_nothing_is_trimmed() {
    for (words, text) in [
        ("new:hello", Some("hello")),
        ("new:see https://x", Some("see https://x")),
        ("new:12:30", Some("12:30")),
        ("new: a ", Some(" a ")),
        ("new:\n\na\r\n\tb", Some("\n\na\r\n\tb")),
        ("new:new:x", Some("new:x")),
        ("New:x", Some("x")),
        ("new:😀\u{202e}שלום", Some("😀\u{202e}שלום")),
        ("new:", Some("")),
        ("new", None),
        ("ne", None),
        (" new:x", None),
        ("né:x", None),
        ("new x:y", None),
    ] {
        assert_eq!(new_secret(words), text, "{words}");
    }
}

#[test]
fn a_ticket_is_found_as_a_word_of_its_own() {
    let plain = format!("12:{}", hex());
    let found = Ticket::parse(&plain);
    let payload = found.as_ref().unwrap().expose_deep_link("RoostBot");
    let start = payload.reveal().replace("https://t.me/RoostBot?start=", "/start ");
    for words in [
        &plain,
        &format!(" {plain}\n"),
        &format!("look: {plain} (once)"),
        &format!("https://x.org/s/12#{}", hex()),
        payload.reveal(),
        &start,
    ] {
        assert_eq!(ticket(words), found, "{words}");
        assert!(shows(&json!({"message": {"text": words}})), "{words}");
    }
    for words in ["", "12", &format!("({plain})"), &format!("x{plain}"), &format!("12:\n{}", hex())]
    {
        assert_eq!(ticket(words), None, "{words}");
    }
}

#[test]
fn what_merely_looks_like_a_ticket_is_told_from_other_words() {
    for (words, looks) in [
        (format!("12:{}", hex()), true),
        (format!("12:{}:{}", &hex()[..32], &hex()[..32]), true),
        (format!("12:{}", &hex()[..63]), true),
        (format!(" 012:{}\n", hex()), true),
        (format!("{}:{}", "9".repeat(40), hex()), true),
        ("12:0123456789abcdef".to_owned(), true),
        ("12:30".to_owned(), false),
        ("12:0123456789abcdefg".to_owned(), false),
        (format!(":{}", hex()), false),
        (format!("a:{}", hex()), false),
        (String::new(), false),
    ] {
        assert_eq!(looks_like_ticket(&words), looks, "{words}");
    }
}

#[test]
fn the_messages_an_update_repeats_and_who_writes_it_are_found() {
    let answered = json!({"message_id": 3, "chat": {"id": 7}, "text": "x"});
    let update = json!({"update_id": 1, "message": message(&json!({
        "text": "x", "reply_to_message": answered,
        "external_reply": {"chat": {"id": -5}, "message_id": 8},
    }))});
    assert_eq!(places(&update), [(7, 5), (7, 3), (-5, 8)]);
    assert_eq!(writers(&update), [(7, 7)]);
    let pressed = json!({"callback_query": {"from": {"id": 9}, "message": answered}});
    assert_eq!(places(&pressed), [(7, 3)]);
    assert_eq!(writers(&pressed), []);
    assert_eq!((places(&json!(7)), writers(&json!(7))), (vec![], vec![]));
}
