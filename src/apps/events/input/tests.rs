//! Every message with right and with wrong fields; wrong ones name the field and change nothing.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::*;
use crate::apps::events::image::tests::png;
use crate::apps::events::image::{DEFAULT_LIMIT, ImageKind};

fn read_as(message: &Value, is_admin: bool) -> Result<Request, Refusal> {
    let asked = Asked { user: UserId(1), is_admin, at: "2026-11-21T12:00:00Z".parse().unwrap() };
    let zone = Zone::parse("Europe/Berlin").unwrap();
    let defaults = Defaults { zone: &zone, media_limit: DEFAULT_LIMIT };
    read(message.as_object().unwrap(), &asked, &defaults)
}

fn by_admin(message: &Value) -> Result<Request, Refusal> {
    read_as(message, true)
}

/// The message with `field` set to `value`.
fn with(message: &Value, field: &str, value: &Value) -> Value {
    let mut message = message.clone();
    message[field] = value.clone();
    message
}

fn create() -> Value {
    json!({"type": "create-event", "title": "New", "description": "D", "start": "18:30",
        "duration": "2", "app": "mini_event"})
}

#[test]
fn the_originals_messages_are_read() {
    let attend = read_as(&json!({"type": "attend", "event": 1, "app": "mini_event"}), false);
    let expected = Request { event: Some(EventId(1)), action: Action::Attend };
    assert_eq!(attend.unwrap(), expected);
    let leave = read_as(&json!({"type": "leave", "event": 1.0}), false).unwrap();
    assert_eq!(leave, Request { event: Some(EventId(1)), action: Action::Leave });
    let delete = by_admin(&json!({"type": "delete-event", "id": 4})).unwrap();
    assert_eq!(delete, Request { event: Some(EventId(4)), action: Action::Delete });
    let image = json!({"name": "../pic.png", "base64": STANDARD.encode(png(1600, 900))});
    let made = by_admin(&with(&create(), "image", &image)).unwrap();
    let Action::Create(draft) = made.action else { panic!("not a draft") };
    assert_eq!((made.event, draft.title.as_str()), (None, "New"));
    assert!((draft.schedule.duration().hours() - 2.0).abs() < f64::EPSILON);
    assert_eq!(draft.schedule.zone().name(), "Europe/Berlin");
    assert_eq!(draft.image.unwrap().name.kind(), ImageKind::Png);
}

#[test]
fn every_field_of_a_new_event_is_read() {
    let message = json!({"type": "create-event", "title": "Choir", "description": "Line\nline",
        "start": "2026-12-24T18:00:00", "duration": 1.5, "timezone": "america/new_york",
        "location": "Hall", "capacity": 40, "recurrence": "weekly", "until": "2027-03-01",
        "image": null, "colour": ["unknown", "fields", "are", "ignored"]});
    let Action::Create(draft) = by_admin(&message).unwrap().action else { panic!("not a draft") };
    assert_eq!(draft.location.as_str(), "Hall");
    assert_eq!(draft.capacity.map(Capacity::seats), Some(40));
    assert_eq!(draft.schedule.zone().name(), "America/New_York");
    assert_eq!(draft.schedule.start().to_string(), "2026-12-24 18:00");
    assert_eq!(draft.schedule.recurrence(), Some(Recurrence::Weekly));
    assert_eq!(draft.schedule.until().map(|date| date.to_string()).as_deref(), Some("2027-03-01"));
}

#[test]
fn what_is_no_message_of_ours_is_an_unknown_command() {
    for message in [json!({}), json!({"type": "dance"}), json!({"type": 5}), json!({"type": null})]
    {
        assert_eq!(read_as(&message, false), Err(Refusal::UnknownCommand), "{message}");
    }
}

#[test]
fn a_stranger_is_told_so_before_anything_of_the_message_is_read() {
    for (command, verb) in COMMANDS {
        let answer = read_as(&json!({"type": command, "id": [], "event": [], "title": 5}), false);
        let everybody = matches!(verb, Verb::Attend | Verb::Leave);
        let expected = if everybody { Refusal::NoSuchEvent } else { Refusal::NotAdmin };
        assert_eq!(answer, Err(expected), "{command}");
    }
}

#[test]
fn odd_ids_are_no_event_or_a_wrong_field() {
    let types = [json!("1"), json!(null), json!(true), json!([1]), json!({"id": 1}), json!(1.5)];
    let unknown = [json!(-1), json!(u64::MAX), json!(1e300), json!(-1.0)];
    for id in types.iter().chain(&unknown) {
        for command in ["attend", "leave"] {
            let answer = read_as(&json!({"type": command, "event": id}), false);
            assert_eq!(answer, Err(Refusal::NoSuchEvent), "{command} {id}");
        }
        for (command, field) in [
            ("edit-event", Field::Id),
            ("cancel-event", Field::Id),
            ("delete-event", Field::Id),
            ("attendees", Field::Event),
            ("remove-attendee", Field::Event),
        ] {
            let message = json!({"type": command, "user": 1});
            let answer = by_admin(&with(&message, field.name(), id));
            let expected = if unknown.contains(id) {
                Refusal::NoSuchEvent
            } else {
                field.is(Problem::NotAWholeNumber).into()
            };
            assert_eq!(answer, Err(expected), "{command} {id}");
            assert_eq!(by_admin(&message), Err(field.is(Problem::Missing).into()), "{command}");
        }
    }
}

#[test]
fn a_wrong_type_in_any_field_names_the_field() {
    let bases = [create(), json!({"type": "edit-event", "id": 1})];
    let values = [json!(true), json!([1]), json!({"a": 1}), json!(5), json!("\u{0}"), json!(null)];
    let fields = [
        // The field, and which of the values above it takes.
        ("title", &[][..]),
        ("description", &[]),
        ("start", &[]),
        ("duration", &[3]),
        ("image", &[5]),
        ("timezone", &[5]),
        ("location", &[5]),
        ("capacity", &[3, 5]),
        ("recurrence", &[5]),
        ("until", &[5]),
    ];
    for base in &bases {
        for (field, taken) in fields {
            for (at, value) in values.iter().enumerate() {
                let answer = by_admin(&with(base, field, value));
                let blamed = answer.as_ref().err().and_then(Refusal::field).map(Field::name);
                let expected = (!taken.contains(&at)).then_some(field);
                assert_eq!(blamed, expected, "{field} {value} {answer:?}");
            }
        }
    }
}

#[test]
fn a_new_event_needs_a_title_a_start_and_a_duration() {
    for field in ["title", "start", "duration"] {
        let mut message = create();
        message.as_object_mut().unwrap().remove(field);
        let expected = Field::named(field).unwrap().is(Problem::Missing);
        assert_eq!(by_admin(&message), Err(expected.into()));
    }
}

#[test]
fn wrong_values_say_what_is_wrong() {
    let rows = [
        ("duration", json!(0), Problem::HoursOutOfRange { max: 168 }),
        ("duration", json!("nan"), Problem::HoursOutOfRange { max: 168 }),
        ("duration", json!("two"), Problem::NotANumber),
        ("capacity", json!(0), Problem::CapacityOutOfRange { max: 1_000_000 }),
        ("capacity", json!(1.5), Problem::NotAWholeNumber),
        ("capacity", json!("10"), Problem::NotAWholeNumber),
        ("recurrence", json!("yearly"), Problem::NotARecurrence),
        ("recurrence", json!("weekly"), Problem::NeedsDatedStart),
        ("until", json!("2027-02-30"), Problem::NotADate),
        ("timezone", json!("Mars"), Problem::NotATimezone),
        ("image", json!({"name": "a.png"}), Problem::Missing),
        ("image", json!({"name": 5, "base64": ""}), Problem::NotText),
        ("image", json!({"name": "a.png", "base64": 5}), Problem::NotText),
        ("image", json!({"name": "a.png", "base64": "??"}), Problem::NotBase64),
        ("image", json!({"name": "a.png", "base64": "aGVsbG8="}), Problem::NotAnImage),
    ];
    for (field, value, problem) in rows {
        let expected = Field::named(field).unwrap().is(problem);
        let answer = by_admin(&with(&create(), field, &value));
        assert_eq!(answer, Err(expected.into()), "{field} {value}");
    }
}

#[test]
fn an_edit_changes_what_is_there_and_null_takes_away() {
    let message = json!({"type": "edit-event", "id": 3, "title": "Chess", "capacity": null,
        "recurrence": null, "until": null, "image": null, "location": null});
    let request = by_admin(&message).unwrap();
    let expected = Changes {
        title: Some(Title::parse("Chess").unwrap()),
        image: Change::Remove,
        location: Some(Location::default()),
        capacity: Change::Remove,
        recurrence: Change::Remove,
        until: Change::Remove,
        ..Changes::default()
    };
    assert_eq!(request.event, Some(EventId(3)));
    assert_eq!(request.action, Action::Edit(expected.into()));
}

#[test]
fn an_event_or_one_date_of_it_is_cancelled_and_people_are_removed() {
    let date = parse_date("2026-12-24").unwrap();
    let rain = || Reason::parse("rain").unwrap();
    let cancel = |more: &[(&str, Value)]| {
        let base = json!({"type": "cancel-event", "id": 1});
        more.iter().fold(base, |message, (field, value)| with(&message, field, value))
    };
    let rows = [
        (cancel(&[]), Ok(Action::Cancel { reason: Reason::default() })),
        (cancel(&[("reason", json!(null))]), Ok(Action::Cancel { reason: Reason::default() })),
        (cancel(&[("reason", json!("rain"))]), Ok(Action::Cancel { reason: rain() })),
        (
            cancel(&[("reason", json!("rain")), ("date", json!("2026-12-24"))]),
            Ok(Action::CancelDate { date, reason: rain() }),
        ),
        (cancel(&[("reason", json!(5))]), Err(Field::Reason.is(Problem::NotText))),
        (cancel(&[("date", json!("soon"))]), Err(Field::Date.is(Problem::NotADate))),
        (cancel(&[("date", json!(5))]), Err(Field::Date.is(Problem::NotText))),
        (
            json!({"type": "remove-attendee", "event": 1, "user": 7}),
            Ok(Action::RemoveAttendee(UserId(7))),
        ),
        (
            json!({"type": "remove-attendee", "event": 1, "user": "7"}),
            Err(Field::User.is(Problem::NotAWholeNumber)),
        ),
        (json!({"type": "remove-attendee", "event": 1}), Err(Field::User.is(Problem::Missing))),
    ];
    for (message, expected) in rows {
        let action = by_admin(&message).map(|request| request.action);
        assert_eq!(action, expected.map_err(Refusal::Invalid), "{message}");
    }
}
