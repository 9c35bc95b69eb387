//! `/addevent` step by step.

use jiff::SignedDuration;

use super::chat::{ADA, ADMIN, Call, Chat, only, pressed};
use crate::apps::events::image::tests::png;

/// Answers the questions up to the picture's.
fn up_to_the_picture(chat: &mut Chat) -> Call {
    chat.told(ADMIN, "/addevent");
    chat.told(ADMIN, "Games");
    chat.told(ADMIN, "2026-12-24 18:00");
    chat.told(ADMIN, "2");
    chat.told(ADMIN, "Bring snacks")
}

#[test]
fn questions_lead_to_an_event() {
    let mut chat = Chat::new();
    let ask = chat.told(ADMIN, "/addevent");
    assert_eq!(ask.text(), "<i>Step 1 of 7</i>\nWhat is the event called?");
    assert_eq!(ask.labels(), ["Cancel"]);
    assert!(chat.told(ADMIN, "Games").text().contains("Step 2 of 7"));
    assert!(chat.told(ADMIN, "2026-12-24 18:00").text().contains("How many hours"));
    let ask = chat.told(ADMIN, "2");
    assert_eq!(ask.labels(), ["Skip", "Cancel"]);
    let ask = chat.told(ADMIN, "Bring snacks");
    assert!(ask.text().contains("16:9"));

    let calls = chat.sends_photo(ADMIN, 900);
    let get = &calls[0].0;
    assert_eq!((calls[0].method(), &get["params"]["file_id"]), ("getFile", &"large".into()));
    assert_eq!((&get["fetch"]["part"], &get["fetch"]["max_bytes"]), (&"e:".into(), &1024.into()));
    assert!(calls[1].text().contains("fetching"));
    let ask = only(chat.fetched(ADMIN, Some(&png(1280, 720))));
    assert!(ask.text().contains("Where does it take place?"));

    chat.told(ADMIN, "Old Mill");
    let ask = chat.told(ADMIN, "10");
    assert!(ask.text().starts_with("<b>Shall I create this event?</b>"), "{}", ask.text());
    for part in [
        "Games",
        "Thu, 24 December, 18:00–20:00 (UTC)",
        "Old Mill",
        "0 of 10 places",
        "with a picture",
    ] {
        assert!(ask.text().contains(part), "{part}");
    }
    assert!(chat.events().is_empty());
    // Words do not answer the last question.
    assert_eq!(chat.told(ADMIN, "yes").text(), ask.text());
    let (_, edit) = pressed(chat.presses(ADMIN, &ask.data("Create event")));
    assert!(edit.text().starts_with("Created. Change it with /editevent 1."));
    let event = chat.event(1);
    assert_eq!((event.title.as_str(), event.location.as_str()), ("Games", "Old Mill"));
    assert!(event.image.is_some());
    // The second tap of a double tap makes no second event.
    let late = only(chat.presses(ADMIN, &ask.data("Create event")));
    assert_eq!(late.text(), "That question is no longer open.");
    assert_eq!(chat.events().len(), 1);
    assert!(chat.says(ADMIN, "hello").is_empty());
}

#[test]
fn steps_that_can_be_left_out_have_a_button_that_works_once() {
    let mut chat = Chat::new();
    chat.told(ADMIN, "/addevent");
    chat.told(ADMIN, "Tea");
    chat.told(ADMIN, "18:00");
    let mut ask = chat.told(ADMIN, "1");
    for next in ["16:9", "Where", "How many people", "Shall I create"] {
        let skip = ask.data("Skip");
        let calls = chat.presses(ADMIN, &skip);
        assert!(calls[1].text().contains(next), "{}", calls[1].text());
        ask = calls[1].clone();
        let late = only(chat.presses(ADMIN, &skip));
        assert_eq!(late.text(), "That question is no longer open.");
    }
    chat.presses(ADMIN, &ask.data("Create event"));
    let event = chat.event(1);
    assert!(
        event.image.is_none() && event.capacity.is_none() && event.location.as_str().is_empty()
    );
}

#[test]
fn a_wrong_answer_is_explained_and_asked_for_again() {
    let mut chat = Chat::new();
    chat.told(ADMIN, "/addevent");
    let steps: [(&[(&str, &str)], &str); 3] = [
        (
            &[
                ("two\nlines", "Title: this contains line breaks"),
                ("\u{200b}", "Title: please fill this in"),
                (" ", "Title: this has to be text"),
            ],
            "Games",
        ),
        (
            &[
                ("tomorrow", "Start: this has to be a time such as 18:00"),
                ("2026-02-30 18:00", "Start: this has to be a time"),
                ("3000-01-01 18:00", "Start: the year has to be between 1970 and 2200"),
            ],
            "2026-12-24 18:00",
        ),
        (
            &[
                ("long", "Duration: this has to be a number"),
                ("-1", "Duration: this has to be more than 0 and at most 168 hours"),
            ],
            "2",
        ),
    ];
    for (wrongs, right) in steps {
        for (wrong, expected) in wrongs {
            let again = chat.told(ADMIN, wrong);
            assert!(again.text().starts_with(&format!("⚠️ {expected}")), "{}", again.text());
            assert!(again.text().contains("</i>\n") && again.labels().contains(&"Cancel"));
        }
        chat.told(ADMIN, right);
    }
    let long = "x".repeat(2001);
    assert!(chat.told(ADMIN, &long).text().contains("at most 2000 characters"));
}

#[test]
fn a_picture_is_refused_with_the_reason_and_asked_for_again() {
    let mut chat = Chat::new();
    up_to_the_picture(&mut chat);
    assert!(chat.told(ADMIN, "no picture").text().contains("please send PNG, JPEG or WebP"));
    let large = only(chat.sends_photo(ADMIN, 1025));
    assert!(large.text().starts_with("⚠️ Picture: this is too large; at most 1 KB"));
    chat.sends_photo(ADMIN, 900);
    let rows: [(Option<Vec<u8>>, &str); 4] = [
        (Some(png(800, 600)), "⚠️ Picture: this is 800 × 600 pixels, not 16:9"),
        (Some(png(320, 180)), "⚠️ Picture: this is only 320 pixels wide; at least 400"),
        (Some(b"<html>".to_vec()), "⚠️ Picture: this is not a picture I can use"),
        (None, "⚠️ I could not fetch that picture. It can have at most 1 KB"),
    ];
    for (file, expected) in rows {
        let again = only(chat.fetched(ADMIN, file.as_deref()));
        assert!(again.text().starts_with(expected), "{}", again.text());
        assert_eq!(again.labels(), ["Skip", "Cancel"]);
    }
    assert!(only(chat.fetched(ADMIN, Some(&png(640, 360)))).text().contains("Step 6 of 7"));
    // One that arrives late answers nothing.
    assert!(chat.fetched(ADMIN, Some(&png(640, 360))).is_empty());
    assert!(chat.fetched(ADA, Some(&png(640, 360))).is_empty());
}

#[test]
fn a_new_picture_for_an_event_there_is() {
    let mut chat = Chat::new();
    let id = chat.adds("Games | 2026-12-24 18:00 | 2");
    assert!(chat.told(ADMIN, &format!("/editevent {id} image")).text().contains("16:9"));
    chat.sends_photo(ADMIN, 900);
    let again = only(chat.fetched(ADMIN, Some(&png(800, 600))));
    assert!(again.text().starts_with("⚠️ Picture:"));
    let saved = only(chat.fetched(ADMIN, Some(&png(1280, 720))));
    assert!(saved.text().starts_with("Saved.") && saved.text().ends_with("with a picture"));
    assert!(chat.event(id).image.is_some());
    assert!(chat.told(ADMIN, &format!("/editevent {id} image -")).text().starts_with("Saved."));
    assert!(chat.event(id).image.is_none());
}

#[test]
fn questions_end_by_command_by_button_and_after_an_hour() {
    let mut chat = Chat::new();
    assert_eq!(chat.told(ADMIN, "/cancel").text(), "There is nothing to cancel.");
    chat.told(ADMIN, "/addevent");
    assert_eq!(chat.told(ADMIN, "/cancel").text(), "Fine, I have dropped it.");
    assert!(chat.says(ADMIN, "Games").is_empty());

    let ask = chat.told(ADMIN, "/addevent");
    let (_, edit) = pressed(chat.presses(ADMIN, &ask.data("Cancel")));
    assert_eq!(edit.text(), "Fine, I have dropped it.");
    assert!(chat.says(ADMIN, "Games").is_empty());

    let ask = chat.told(ADMIN, "/addevent");
    chat.now += SignedDuration::from_mins(59);
    chat.told(ADMIN, "Games");
    chat.now += SignedDuration::from_mins(60);
    assert!(chat.says(ADMIN, "18:00").is_empty());
    let late = only(chat.presses(ADMIN, &ask.data("Cancel")));
    assert_eq!(late.text(), "That question is no longer open.");
}

#[test]
fn other_commands_do_not_disturb_the_questions_and_a_new_start_forgets_the_old() {
    let mut chat = Chat::new();
    let old = chat.told(ADMIN, "/addevent Games");
    assert!(old.text().contains("Step 2 of 7"), "a text without bars is the title");
    chat.told(ADMIN, "/events");
    assert!(chat.told(ADMIN, "18:00").text().contains("Step 3 of 7"));
    chat.told(ADMIN, "/addevent");
    assert!(chat.told(ADMIN, "Tea").text().contains("Step 2 of 7"));
    let late = only(chat.presses(ADMIN, &old.data("Cancel")));
    assert_eq!(late.text(), "That question is no longer open.");
    // Each person is asked for themselves, and in groups nobody is.
    assert!(chat.says(ADA, "18:00").is_empty());
    let away = only(chat.says_in_group(ADMIN, "/addevent"));
    assert_eq!(away.buttons()[0]["url"], "https://t.me/RoostBot");
    assert!(chat.says_in_group(ADMIN, "18:00").is_empty());
}
