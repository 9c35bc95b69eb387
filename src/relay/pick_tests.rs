use jiff::Timestamp;

use super::*;
use crate::settings::relay::Mqtt;

fn picker(filter: Filter, template: &str, format: Format) -> Picker {
    let url = crate::settings::broker::BrokerUrl::parse("mqtt://host").unwrap();
    let target = Target::Mqtt(Mqtt { url, topic: template.to_owned(), qos: 1 });
    Picker::new(&SinkSettings { name: "s".to_owned(), target, format, filter }, "42")
}

fn entry(kind: &str, raw: &str) -> Entry {
    Entry {
        sequence: 1,
        update_id: 7,
        kind: kind.to_owned(),
        received: Timestamp::from_second(1_800_000_000).unwrap(),
        raw: raw.as_bytes().to_vec(),
    }
}

fn message(chat: i64, text: &str) -> Entry {
    let body = serde_json::json!({"update_id": 7, "message": {
        "chat": {"id": chat}, "from": {"id": 5}, "text": text,
    }});
    entry("message", &body.to_string())
}

#[test]
fn a_template_is_filled_with_kind_and_chat_else_user_else_none() {
    for (kind, body, expected) in [
        ("message", r#"{"chat":{"id":-100},"from":{"id":5}}"#, "t/message/-100"),
        (
            "callback_query",
            r#"{"from":{"id":5},"message":{"chat":{"id":9}}}"#,
            "t/callback_query/9",
        ),
        ("callback_query", r#"{"from":{"id":5}}"#, "t/callback_query/5"),
        ("inline_query", r#"{"from":{"id":5}}"#, "t/inline_query/5"),
        ("business_connection", r#"{"user":{"id":6}}"#, "t/business_connection/6"),
        ("poll_answer", r#"{"voter_chat":{"id":-7}}"#, "t/poll_answer/-7"),
        ("poll", r#"{"id":"1"}"#, "t/poll/none"),
        ("brand_new", r"[1]", "t/brand_new/none"),
        ("a/b#+", r#"{"chat":{"id":1}}"#, "t/unknown/1"),
        ("unknown", "null", "t/unknown/none"),
    ] {
        let raw = format!("{{\"update_id\":7,\"{kind}\":{body}}}");
        let picker = picker(Filter::default(), "t/{kind}/{chat}", Format::Raw);
        let parcel = picker.pick(entry(kind, &raw), None).unwrap();
        assert_eq!(parcel.raw(), raw.as_bytes());
        assert_eq!((parcel.place.as_str(), parcel.body), (expected, raw.into_bytes()));
    }
    let deep = format!("{{\"update_id\":7,\"x\":{}1{}}}", "[".repeat(500), "]".repeat(500));
    let picker = picker(Filter::default(), "t/{kind}/{chat}", Format::Raw);
    assert_eq!(picker.pick(entry("x", &deep), None).unwrap().place, "t/x/none");
}

#[test]
fn a_filter_lets_through_what_all_its_lists_name() {
    let texts = |items: &[&str]| items.iter().map(|&item| item.to_owned()).collect::<Vec<_>>();
    let filter = |kinds: &[&str], commands: &[&str], chats: &[i64]| Filter {
        kinds: texts(kinds),
        commands: texts(commands),
        chats: chats.to_vec(),
    };
    for (filter, chat, text, passes) in [
        (filter(&[], &[], &[]), 1, "hello", true),
        (filter(&["message", "poll"], &[], &[]), 1, "hello", true),
        (filter(&["poll"], &[], &[]), 1, "hello", false),
        (filter(&[], &[], &[-100, 1]), 1, "hello", true),
        (filter(&[], &[], &[-100]), 1, "hello", false),
        (filter(&[], &["/order"], &[]), 1, "/order 2 pizzas", true),
        (filter(&[], &["/order"], &[]), 1, "/ORDER@RoostBot 2", true),
        (filter(&[], &["/order"], &[]), 1, "/order@OtherBot 2", false),
        (filter(&[], &["/order"], &[]), 1, "/orders", false),
        (filter(&[], &["/order"], &[]), 1, "I said /order", false),
        (filter(&[], &["/order", "/menu"], &[2]), 1, "/menu", false),
        (filter(&["message"], &["/menu"], &[1]), 1, "/menu", true),
    ] {
        let picker = picker(filter.clone(), "", Format::Raw);
        let parcel = picker.pick(message(chat, text), Some("RoostBot"));
        assert_eq!(parcel.is_some(), passes, "{filter:?} {text}");
    }
    let picker = picker(filter(&[], &["/order"], &[]), "", Format::Raw);
    assert!(picker.pick(message(1, "/order@AnyBot"), None).is_some(), "our name is not known yet");
}

#[test]
fn an_envelope_holds_the_update_byte_for_byte() {
    let picker = picker(Filter::default(), "", Format::CloudEvents);
    let raw = "{ \"update_id\" : 7, \"message\":{\"text\":\"\\u043f\u{43f}\"} }";
    let parcel = picker.pick(entry("message", raw), None).unwrap();
    assert_eq!(parcel.raw(), raw.as_bytes());
    let text = String::from_utf8(parcel.body).unwrap();
    assert!(text.ends_with(&format!(",\"data\":{raw}}}")), "{text}");
    let event: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(event["specversion"], "1.0");
    assert_eq!(event["id"], "42:7");
    assert_eq!(event["source"], "telegram/42");
    assert_eq!(event["type"], "org.telegram.update.message");
    assert_eq!(event["time"], "2027-01-15T08:00:00Z");
    assert_eq!(event["data"]["update_id"], 7);
    assert_eq!(picker.content_type(), "application/cloudevents+json");
}
