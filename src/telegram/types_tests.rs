//! Updates as Telegram sends them today, and as it may tomorrow.

use super::*;

const ADA: &str = r#"{"id":7,"is_bot":false,"first_name":"Ada","last_name":"L","language_code":"de","is_premium":true}"#;

fn parse(json: &str) -> Result<Update, Unreadable> {
    Update::parse(&json.replace("ADA", ADA))
}

fn message(json: &str) -> Message {
    match parse(json).unwrap().kind {
        Kind::Message(message) => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_text_message_is_read_with_its_sender_chat_and_command() {
    let message = message(
        r#"{"update_id":1,"message":{"message_id":5,"from":ADA,"chat":{"id":7,"type":"private","first_name":"Ada"},
        "date":1700000000,"text":"/start e_5","entities":[{"offset":0,"length":6,"type":"bot_command"}],"new_field":{"x":[1]}}}"#,
    );
    assert_eq!(message.from.as_ref().unwrap().name(), "Ada L");
    assert_eq!((message.chat.id, message.chat.kind), (ChatId(7), ChatKind::Private));
    assert_eq!(message.words(), "/start e_5");
    assert!(message.begins_with_command());
}

#[test]
fn a_photo_and_a_file_keep_their_sizes_and_caption() {
    let message = message(
        r#"{"update_id":1,"message":{"message_id":5,"from":ADA,"chat":{"id":-100,"type":"clubhouse"},"caption":"pic",
        "photo":[{"file_id":"a","file_unique_id":"u","width":90,"height":51},{"file_id":"b","width":1280,"height":720,"file_size":9}],
        "document":{"file_id":"d","mime_type":"image/png","file_size":3}}}"#,
    );
    assert_eq!(message.chat.kind, ChatKind::Other);
    assert_eq!(message.photo.last().unwrap().file_id, "b");
    assert_eq!(message.document.as_ref().unwrap().file_size, Some(3));
    assert_eq!(message.words(), "pic");
}

#[test]
fn a_tap_is_read_with_an_inaccessible_message_or_none() {
    for (rest, accessible) in [
        (
            r#""message":{"message_id":5,"chat":{"id":7,"type":"private"},"date":9,"text":"x"},"#,
            Some(true),
        ),
        (r#""message":{"message_id":5,"chat":{"id":7,"type":"private"},"date":0},"#, Some(false)),
        (r#""inline_message_id":"i","#, None),
    ] {
        let json = format!(
            r#"{{"update_id":1,"callback_query":{{"id":"q",{rest}"from":ADA,"chat_instance":"1","data":"e:5"}}}}"#
        );
        let Kind::CallbackQuery(tap) = parse(&json).unwrap().kind else { panic!("{json}") };
        assert_eq!(tap.message.map(|message| message.is_accessible()), accessible);
        assert_eq!(tap.data.as_deref(), Some("e:5"));
    }
}

#[test]
fn a_block_and_an_inline_query_are_read() {
    let json = r#"{"update_id":1,"my_chat_member":{"chat":{"id":7,"type":"private"},"from":ADA,"date":1,
        "old_chat_member":{"status":"member"},"new_chat_member":{"status":"kicked","user":ADA,"until_date":0}}}"#;
    let Kind::MyChatMember(change) = parse(json).unwrap().kind else { panic!() };
    assert!(!change.is_reachable());
    let json = r#"{"inline_query":{"id":"q","from":ADA,"query":"run","offset":""},"update_id":-3}"#;
    let update = parse(json).unwrap();
    assert_eq!(update.id, -3);
    assert!(matches!(update.kind, Kind::InlineQuery(query) if query.query == "run"));
}

#[test]
fn kinds_that_do_not_exist_yet_keep_their_name() {
    for (json, name) in [
        (r#"{"update_id":1,"telepathy":{"deep":[[[]]]}}"#, "telepathy"),
        (r#"{"update_id":1,"poll":5}"#, "poll"),
        (r#"{"update_id":1}"#, "unknown"),
    ] {
        assert_eq!(parse(json), Ok(Update { id: 1, kind: Kind::Other(name.to_owned()) }));
    }
}

#[test]
fn an_unreadable_update_tells_its_kind_and_nothing_of_its_text() {
    let deep = format!(r#"{{"update_id":1,"message":{}1{}}}"#, "[".repeat(5000), "]".repeat(5000));
    for (json, kind) in [
        (r#"{"update_id":1,"message":{"text":"canary"}}"#, Some("message")),
        (r#"{"update_id":1,"message":"canary"}"#, Some("message")),
        (r#"{"update_id":"1","message":{}}"#, Some("message")),
        (r#"{"message":{"text":"canary"}}"#, Some("message")),
        (r#"{"update_id":1,"callback_query":{"data":"canary"}}"#, Some("callback_query")),
        (&deep, Some("message")),
        ("[]", None),
        ("canary", None),
        ("", None),
    ] {
        let error = parse(json).unwrap_err();
        assert_eq!(error.kind.as_deref(), kind, "{json}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    }
}
