//! What admins can do, and that nobody else can.

use serde_json::json;

use super::chat::{ADA, ADMIN, BANNED, BEN, Chat, GROUP, only, pressed};
use crate::apps::events::roll::Standing;

#[test]
fn strangers_get_no_for_every_command_and_button_of_admins_and_nothing_changes() {
    let mut chat = Chat::new();
    let id = chat.adds("Games | 18:00 | 2");
    let before = (chat.events(), chat.user(BEN));
    for command in [
        "/addevent",
        "/addevent A | 18:00 | 1",
        "/editevent 1 title X",
        "/editevent 99 title X",
        "/cancelevent 1",
        "/deleteevent 1",
        "/attendees 1",
        "/cancel",
        "/users",
        "/makeadmin 7",
        "/removeadmin 8",
        "/ban 8",
        "/unban 8",
        "/status",
    ] {
        assert_eq!(chat.told(ADA, command).text(), "You are not an admin", "{command}");
        let answer = only(chat.says_in_group(ADA, command));
        assert_eq!(answer.text(), "You are not an admin", "{command}");
    }
    for data in [
        format!("e:field:{id}:title"),
        format!("e:set:{id}:title:X"),
        format!("e:off:{id}:{ADA}:all"),
        format!("e:off:{id}:{ADMIN}:2026-11-22"),
        format!("e:del:{id}:{ADA}"),
        format!("e:keep:{ADA}"),
        "e:skip:1:3".to_owned(),
        "e:ok:1".to_owned(),
        "e:stop:1".to_owned(),
        "h:users:0".to_owned(),
    ] {
        for place in [ADA, GROUP] {
            let answer = only(chat.presses_in(ADA, place, &data));
            assert_eq!(answer.method(), "answerCallbackQuery");
            assert_eq!(answer.text(), "You are not an admin", "{data}");
            assert_eq!(answer.0["params"]["show_alert"], true);
        }
    }
    assert_eq!((chat.events(), chat.user(BEN)), before);
}

#[test]
fn rights_are_those_of_this_very_moment() {
    let mut chat = Chat::new();
    chat.says(ADA, "/start");
    chat.says(ADMIN, &format!("/makeadmin {ADA}"));
    let id = chat.adds("Games | 2026-12-24 18:00 | 2");
    let question = chat.told(ADA, &format!("/deleteevent {id}"));
    chat.told(ADA, "/addevent");
    chat.says(ADMIN, &format!("/removeadmin {ADA}"));
    let answer = only(chat.presses(ADA, &question.data("Delete")));
    assert_eq!(answer.text(), "You are not an admin");
    assert_eq!(chat.told(ADA, "A title").text(), "You are not an admin");
    assert!(chat.says(ADA, "A title").is_empty());
    assert_eq!(chat.events().len(), 1);
}

#[test]
fn a_question_is_answered_by_the_person_it_was_for() {
    let mut chat = Chat::new();
    chat.says(ADMIN, &format!("/makeadmin {BEN}"));
    let id = chat.adds("Games | 18:00 | 2");
    let ask = only(chat.says_in_group(ADMIN, &format!("/deleteevent {id}")));
    let series = only(chat.says_in_group(ADMIN, &format!("/cancelevent {id}")));
    for data in [ask.data("Delete"), ask.data("Keep it"), series.data("The whole series")] {
        let answer = only(chat.presses_in(BEN, GROUP, &data));
        assert_eq!(answer.text(), "This question was for somebody else.");
    }
    assert!(chat.event(id).cancelled.is_none());
    let (_, edit) = pressed(chat.presses_in(ADMIN, GROUP, &ask.data("Delete")));
    assert_eq!(edit.text(), "\u{2068}Games\u{2069} is deleted.");
    assert!(edit.buttons().is_empty() && chat.events().is_empty());
    // The second tap of a double tap.
    assert_eq!(only(chat.presses_in(ADMIN, GROUP, &ask.data("Delete"))).text(), "No such event");
}

#[test]
fn one_line_adds_an_event_or_says_what_is_wrong() {
    let mut chat = Chat::new();
    let rows = [
        (
            "A | soon | 2",
            "Start: this has to be a time such as 18:00, or date and time such as 2026-12-24 18:00",
        ),
        ("A | 18:00", "Duration: please fill this in"),
        ("A | 18:00 | 0", "Duration: this has to be more than 0 and at most 168 hours"),
        (" | 18:00 | 1", "Title: please fill this in"),
    ];
    for (line, expected) in rows {
        assert_eq!(chat.told(ADMIN, &format!("/addevent {line}")).text(), expected);
    }
    assert!(chat.events().is_empty());
    let answer = chat.told(ADMIN, "/addevent Games | 2026-12-24 18:00 | 1,5 | Dice | and\ncards");
    assert!(answer.text().starts_with("Created. Change it with /editevent 1."));
    let event = chat.event(1);
    assert_eq!(event.description.as_str(), "Dice | and\ncards");
    assert_eq!(event.created_by.0, ADMIN);
    assert!(
        only(chat.says_in_group(ADMIN, "/addevent Chess | 18:00 | 1"))
            .text()
            .starts_with("Created")
    );
}

#[test]
fn an_event_is_edited_in_one_line() {
    let mut chat = Chat::new();
    let id = chat.adds("Games | 2026-12-24 18:00 | 2 | Bring snacks");
    let rows = [
        ("title Board games", "Saved."),
        ("title Board games", "It was like that already."),
        ("recurrence weekly", "Saved."),
        ("until 2027-01-31", "Saved."),
        ("until 2026-01-31", "Last date: this is before the first date"),
        ("timezone Europe/Berlin", "Saved."),
        ("timezone Mars", "Time zone: this has to be a time zone such as Europe/Berlin"),
        ("capacity 0", "Number of places: this has to be at least 1 and at most 1000000 people"),
        ("capacity 5", "Saved."),
        ("capacity -", "Saved."),
        ("title -", "Saved."),
        ("description -", "Saved."),
        ("LOCATION Old Mill", "Saved."),
        ("image x.png", "Picture: this is not a picture I can use; please send PNG, JPEG or WebP"),
        (
            "colour red",
            "I do not know that field. You can change: title, description, start, duration, location, capacity, recurrence, until, timezone, image",
        ),
    ];
    for (line, expected) in rows {
        let answer = chat.told(ADMIN, &format!("/editevent {id} {line}"));
        assert!(answer.text().starts_with(expected), "{line}: {}", answer.text());
    }
    let event = chat.event(id);
    assert_eq!((event.title.as_str(), event.description.as_str()), ("-", ""));
    assert_eq!((event.location.as_str(), event.capacity), ("Old Mill", None));
    assert_eq!(chat.told(ADMIN, "/editevent 99 title X").text(), "No such event");
    for arguments in ["", " x", " -1", " 1.5"] {
        let answer = chat.told(ADMIN, &format!("/editevent{arguments}"));
        assert!(answer.text().contains("/editevent 12"), "{}", answer.text());
    }
}

#[test]
fn a_field_is_chosen_by_button_and_its_value_sent() {
    let mut chat = Chat::new();
    let id = chat.adds("Games | 2026-12-24 18:00 | 2");
    let choice = chat.told(ADMIN, &format!("/editevent #{id}"));
    let calls = chat.presses(ADMIN, &choice.data("Start"));
    assert_eq!(calls[0].method(), "answerCallbackQuery");
    assert!(calls[1].text().contains("The time zone is UTC"), "{}", calls[1].text());
    let again = chat.told(ADMIN, "tomorrow");
    assert!(again.text().starts_with("⚠️ Start: this has to be a time"), "{}", again.text());
    assert!(chat.told(ADMIN, "2026-12-25 19:00").text().starts_with("Saved."));
    assert!(chat.says(ADMIN, "2026-12-26 19:00").is_empty(), "the question is answered");
    let calls = chat.presses(ADMIN, &choice.data("Repeats"));
    assert_eq!(calls[1].labels(), ["Every week", "Every month", "Remove", "Cancel"]);
    let (_, edit) = pressed(chat.presses(ADMIN, &calls[1].data("Every week")));
    assert!(edit.text().contains("19:00–21:00 (UTC) · every Friday"), "{}", edit.text());
    assert!(chat.says(ADMIN, "daily").is_empty());
    let (_, edit) = pressed(chat.presses(ADMIN, &calls[1].data("Remove")));
    assert!(!edit.text().contains("every Friday"));
    let calls = chat.presses(ADMIN, &choice.data("Place"));
    let (_, edit) = pressed(chat.presses(ADMIN, &calls[1].data("Cancel")));
    assert_eq!(edit.text(), "Fine, I have dropped it.");
    assert!(chat.says(ADMIN, "Old Mill").is_empty());
}

#[test]
fn once_is_cancelled_at_once_and_a_series_after_a_question() {
    let mut chat = Chat::new();
    let once = chat.adds("Games | 2026-12-24 18:00 | 2");
    let answer = chat.told(ADMIN, &format!("/cancelevent {once} Snow & ice"));
    assert!(answer.text().starts_with("\u{2068}Games\u{2069} is cancelled."));
    assert!(answer.text().contains("🚫 Cancelled: \u{2068}Snow &amp; ice\u{2069}"));

    let daily = chat.adds("Tea | 18:00 | 2");
    let ask = chat.told(ADMIN, &format!("/cancelevent {daily} No tea left"));
    assert_eq!(ask.labels(), ["Only Sat, 21 November", "The whole series", "Keep it"]);
    let (_, edit) = pressed(chat.presses(ADMIN, &ask.data("Only Sat, 21 November")));
    assert!(edit.text().starts_with("\u{2068}Tea\u{2069} is cancelled on Sat, 21 November."));
    assert!(edit.text().contains("Sun, 22 November, 18:00"), "{}", edit.text());
    assert!(chat.event(daily).cancelled.is_none());
    // Pressed again, the question is over.
    let late = only(chat.presses(ADMIN, &ask.data("The whole series")));
    assert_eq!(late.text(), "That question is no longer open.");

    let ask = chat.told(ADMIN, &format!("/cancelevent {daily} No tea left"));
    let (_, edit) = pressed(chat.presses(ADMIN, &ask.data("The whole series")));
    assert!(edit.text().contains("🚫 Cancelled: \u{2068}No tea left\u{2069}"), "{}", edit.text());
    assert_eq!(chat.event(daily).cancelled.unwrap().reason.as_str(), "No tea left");

    let long = "x".repeat(501);
    let answer = chat.told(ADMIN, &format!("/cancelevent {daily} {long}"));
    assert_eq!(answer.text(), "Reason: this is too long; at most 500 characters");
}

#[test]
fn keeping_a_series_changes_nothing() {
    let mut chat = Chat::new();
    let id = chat.adds("Tea | 18:00 | 2");
    let ask = chat.told(ADMIN, &format!("/cancelevent {id}"));
    let (_, edit) = pressed(chat.presses(ADMIN, &ask.data("Keep it")));
    assert_eq!(edit.text(), "Fine, nothing was changed.");
    assert!(chat.event(id).cancelled.is_none() && chat.event(id).cancelled_dates.is_empty());
}

#[test]
fn attendees_are_listed_with_names_in_their_order() {
    let mut chat = Chat::new();
    let id = chat.adds("Games | 2026-12-24 18:00 | 2");
    assert!(chat.told(ADMIN, &format!("/attendees {id}")).text().contains("Nobody"));
    chat.says(ADMIN, &format!("/editevent {id} capacity 1"));
    chat.presses(ADA, &format!("e:go:{id}:c"));
    chat.presses_in(BEN, GROUP, &format!("e:go:{id}:c"));
    let answer = chat.told(ADMIN, &format!("/attendees {id}"));
    assert_eq!(
        answer.text(),
        "<b>\u{2068}Games\u{2069}</b>\n\n<b>Going (1)</b>\n1. \u{2068}P7\u{2069}\n\n<b>Waiting list (1)</b>\n\
         1. \u{2068}P8\u{2069} 🔕\n\n🔕 has not opened a chat with me, so I cannot send reminders"
    );
    assert_eq!(chat.told(ADMIN, "/attendees 99").text(), "No such event");
    let answer = only(chat.says_in_group(ADMIN, &format!("/attendees {id}")));
    assert!(!answer.text().contains("P7"));
    assert_eq!(chat.standing(id, BEN), Standing::Waitlisted);
}

#[test]
fn rights_change_with_the_menu_that_shows_them() {
    let mut chat = Chat::new();
    chat.says_in(ADA, "de", "/start");
    let calls = chat.says(ADMIN, &format!("/makeadmin {ADA}"));
    let menu = &calls[0].0["params"];
    assert_eq!(calls[0].method(), "setMyCommands");
    assert_eq!(menu["scope"], json!({"type": "chat", "chat_id": ADA}));
    let entry = json!({"command": "addevent", "description": "Veranstaltung anlegen"});
    assert!(menu["commands"].as_array().unwrap().contains(&entry));
    assert_eq!(calls[1].text(), "\u{2068}P7\u{2069} (7) is an admin now.");
    assert!(chat.user(ADA).is_admin);
    assert!(chat.told(ADMIN, &format!("/makeadmin {ADA}")).text().contains("already"));

    let calls = chat.says(ADMIN, &format!("/removeadmin {ADA}"));
    assert_eq!(calls[0].method(), "deleteMyCommands");
    assert_eq!(calls[0].0["params"]["scope"], json!({"type": "chat", "chat_id": ADA}));
    assert_eq!(calls[1].text(), "\u{2068}P7\u{2069} (7) is no longer an admin.");
    assert!(!chat.user(ADA).is_admin);

    // Somebody the bot does not know yet finds the menu when they come.
    chat.says(ADMIN, &format!("/makeadmin {BEN}"));
    let calls = chat.says(BEN, "/start");
    assert_eq!((calls[0].method(), calls[1].method()), ("sendMessage", "setMyCommands"));
}

#[test]
fn bans_hold_until_they_are_taken_back() {
    let mut chat = Chat::new();
    chat.says(ADMIN, &format!("/makeadmin {ADA}"));
    let calls = chat.says(ADMIN, &format!("/ban {ADA}"));
    assert_eq!(calls[0].method(), "deleteMyCommands");
    assert!(chat.says(ADA, "/start").is_empty());
    assert!(chat.told(ADMIN, &format!("/makeadmin {ADA}")).text().contains("/unban"));
    assert!(chat.told(ADMIN, &format!("/unban {ADA}")).text().contains("no longer banned"));
    assert!(chat.told(ADA, "/start").text().starts_with("Hi!"));
    assert_eq!(chat.told(ADA, "/users").text(), "You are not an admin");
    let rows = [
        (format!("/ban {ADMIN}"), "You cannot ban yourself."),
        (format!("/removeadmin {ADMIN}"), "\u{2068}P1\u{2069} (1) is an admin by the settings"),
        (format!("/unban {BANNED}"), "13 is banned by the settings"),
        ("/ban".to_owned(), "Whom do you mean? Add the person's ID, for example /ban 123456789."),
        ("/ban @ada".to_owned(), "That is not a person's ID"),
        ("/makeadmin -5".to_owned(), "That is not a person's ID"),
        ("/unban 555".to_owned(), "555 is not banned."),
    ];
    for (command, expected) in rows {
        let answer = chat.told(ADMIN, &command);
        assert!(answer.text().starts_with(expected), "{command}: {}", answer.text());
    }
    assert!(chat.told(ADMIN, "/ban 555").text().starts_with("555 is banned now"));
    assert!(chat.user(555).banned);
}

#[test]
fn status_counts_people_and_events() {
    let mut chat = Chat::new();
    chat.says(ADA, "/start");
    chat.adds("Games | 2026-12-24 18:00 | 2");
    chat.adds("Old games | 2025-12-24 18:00 | 2");
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        chat.told(ADMIN, "/status").text(),
        format!(
            "I am @RoostBot, running Roost {version}.\nPeople: 2, can be written to: 2, admins: 1, \
             banned: 0\nEvents: 2, still to come: 1\nUnread one-time messages: 0"
        )
    );
}

#[test]
fn every_command_answers_in_every_language() {
    let mut chat = Chat::new();
    let id = chat.adds("Games | 18:00 | 2");
    for command in [
        "/addevent".to_owned(),
        "/addevent Tea | 18:00 | 1".to_owned(),
        format!("/editevent {id}"),
        format!("/editevent {id} start"),
        format!("/cancelevent {id}"),
        format!("/deleteevent {id}"),
        format!("/attendees {id}"),
        "/cancel".to_owned(),
        "/users".to_owned(),
        "/makeadmin".to_owned(),
        "/removeadmin 9".to_owned(),
        "/unban 9".to_owned(),
        "/ban 1".to_owned(),
        "/my".to_owned(),
        "/calendar".to_owned(),
        "/calendar revoke".to_owned(),
        "/calendar please".to_owned(),
        "/stop".to_owned(),
        "/start".to_owned(),
        "/start e_99".to_owned(),
        "/dance".to_owned(),
        "/status".to_owned(),
    ] {
        let mut texts = Vec::new();
        for language in ["en", "ru", "de", "es"] {
            texts.push(chat.says_in(ADMIN, language, &command)[0].text().to_owned());
        }
        texts.sort();
        texts.dedup();
        assert_eq!(texts.len(), 4, "{command}: {texts:#?}");
    }
}
