//! What everybody can do: start, help, stop, lists of events, attending and leaving.

use serde_json::json;

use super::chat::{ADA, ADMIN, BANNED, BEN, Chat, GROUP, only, pressed};
use crate::apps::events::roll::Standing;

#[test]
fn start_greets_in_every_language_and_opens_the_page() {
    let rows = [
        ("en", "Hi!", "View Events"),
        ("ru", "Здравствуйте!", "Показать события"),
        ("de-AT", "Hallo!", "Veranstaltungen ansehen"),
        ("es", "¡Hola!", "Ver eventos"),
        ("fr", "Hi!", "View Events"),
    ];
    let mut chat = Chat::new();
    for (language, greeting, label) in rows {
        let answer = only(chat.says_in(ADA, language, "/start"));
        assert!(answer.text().starts_with(greeting), "{}", answer.text());
        let url = "https://events.example.org/mini_event/";
        assert_eq!(answer.buttons(), [&json!({"text": label, "web_app": {"url": url}})]);
    }
    assert!(chat.user(ADA).reachable);
}

#[test]
fn in_groups_start_has_a_link_and_without_an_address_no_button() {
    let mut chat = Chat::new();
    let answer = only(chat.says_in_group(ADA, "/start@RoostBot"));
    let link = json!({"text": "View Events", "url": "https://t.me/RoostBot/events"});
    assert_eq!(answer.buttons(), [&link]);
    assert!(!chat.user(ADA).reachable);
    assert!(chat.says_in_group(ADA, "/start@OtherBot").is_empty());

    let mut chat = Chat::with(|context| context.public_url = None);
    assert!(chat.told(ADA, "/start").buttons().is_empty());
    assert!(only(chat.says_in_group(ADA, "/start")).buttons().is_empty());
}

#[test]
fn stop_mutes_reminders_until_start() {
    let mut chat = Chat::new();
    assert!(chat.told(ADA, "/stop").text().starts_with("Fine, no more reminders."));
    assert!(chat.user(ADA).muted);
    assert!(chat.told(ADA, "/start").text().ends_with("Your reminders are on again."));
    assert!(!chat.user(ADA).muted);
    let id = chat.adds("Games | 2026-12-24 18:00 | 2");
    chat.says(ADA, "/stop");
    assert!(chat.told(ADA, &format!("/start e_{id}")).text().contains("Games"));
    assert!(!chat.user(ADA).muted);
}

#[test]
fn help_lists_what_a_person_may_use_in_every_language() {
    let mut chat = Chat::new();
    for language in ["en", "ru", "de", "es"] {
        let everybody = only(chat.says_in(ADA, language, "/help"));
        let admin = only(chat.says_in(ADMIN, language, "/help"));
        for command in ["/start", "/help", "/stop", "/events", "/my", "/calendar"] {
            assert!(everybody.text().contains(&format!("\n{command} – ")), "{language} {command}");
        }
        for command in [
            "/addevent",
            "/editevent",
            "/cancelevent",
            "/deleteevent",
            "/attendees",
            "/cancel",
            "/users",
            "/makeadmin",
            "/removeadmin",
            "/ban",
            "/unban",
            "/status",
        ] {
            let line = format!("\n{command} – ");
            assert!(!everybody.text().contains(&line), "{language} {command}");
            assert_eq!(admin.text().matches(&line).count(), 1, "{language} {command}");
        }
    }
}

#[test]
fn an_unknown_command_is_answered_in_private_and_passed_over_in_groups() {
    let mut chat = Chat::new();
    assert!(chat.told(ADA, "/dance").text().contains("/help"));
    assert!(chat.says_in_group(ADA, "/dance").is_empty());
    assert!(chat.says(ADA, "hello").is_empty());
}

#[test]
fn somebody_banned_hears_nothing_and_changes_nothing() {
    let mut chat = Chat::new();
    let id = chat.adds("Games | 2026-12-24 18:00 | 2");
    for text in ["/start", "/help", "/events", "hello"] {
        assert!(chat.says(BANNED, text).is_empty(), "{text}");
    }
    let answer = only(chat.presses(BANNED, &format!("e:go:{id}:c")));
    assert_eq!((answer.method(), answer.text()), ("answerCallbackQuery", ""));
    assert_eq!(chat.standing(id, BANNED), Standing::None);
}

#[test]
fn events_shows_what_is_coming_in_every_language() {
    let mut chat = Chat::new();
    let empty = [
        ("en", "Nothing is planned"),
        ("ru", "Пока ничего"),
        ("de", "Im Moment"),
        ("es", "De momento"),
    ];
    for (language, expected) in empty {
        let answer = only(chat.says_in(ADA, language, "/events"));
        assert!(answer.text().starts_with(expected), "{}", answer.text());
    }
    let id = chat.adds("Games | 2026-12-24 18:00 | 2 | Bring snacks");
    chat.says(ADMIN, &format!("/editevent {id} capacity 10"));
    chat.says(ADMIN, &format!("/editevent {id} location Old Mill"));
    let rows = [
        ("en", "Thu, 24 December, 18:00–20:00 (UTC)", "0 of 10 places taken", "Attend"),
        ("ru", "чт, 24 декабря, 18:00–20:00 (UTC)", "занято 0 из 10 мест", "Пойду"),
        ("de", "Do., 24. Dezember, 18:00–20:00 (UTC)", "0 von 10 Plätzen belegt", "Bin dabei"),
        ("es", "jue, 24 de diciembre, 18:00–20:00 (UTC)", "0 de 10 plazas ocupadas", "Voy"),
    ];
    for (language, when, places, attend) in rows {
        let answer = only(chat.says_in(ADA, language, "/events"));
        let text = answer.text();
        for part in [when, places, "<b>\u{2068}Games\u{2069}</b>", "\u{2068}Old Mill\u{2069}"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert_eq!(answer.labels()[..2], ["Games", attend]);
    }
}

#[test]
fn a_button_attends_and_the_message_follows() {
    let mut chat = Chat::new();
    let id = chat.adds("Games | 2026-12-24 18:00 | 2");
    let list = chat.told(ADA, "/events");
    let attend = list.data("Attend");
    let (toast, edit) = pressed(chat.presses(ADA, &attend));
    assert_eq!(toast.text(), "You are going to \u{2068}Games\u{2069}. See you there!");
    assert!(edit.text().contains("1 person is going") && edit.text().contains("✅ You are going"));
    assert_eq!(chat.standing(id, ADA), Standing::Going);

    // The second tap of a double tap wishes the same.
    let (toast, again) = pressed(chat.presses(ADA, &attend));
    assert!(toast.text().starts_with("You are going"));
    assert_eq!(again.0, edit.0);

    let leave = edit.data("Leave");
    let (toast, edit) = pressed(chat.presses(ADA, &leave));
    assert_eq!(toast.text(), "You are no longer going to \u{2068}Games\u{2069}.");
    assert!(edit.text().contains("nobody is going yet"));
    let (toast, _) = pressed(chat.presses(ADA, &leave));
    assert_eq!(toast.text(), "You were not signed up for \u{2068}Games\u{2069}.");
    assert_eq!(chat.standing(id, ADA), Standing::None);
}

#[test]
fn a_full_event_offers_its_waiting_list() {
    let mut chat = Chat::new();
    let id = chat.adds("Games | 2026-12-24 18:00 | 2");
    chat.says(ADMIN, &format!("/editevent {id} capacity 1"));
    chat.presses(ADA, &format!("e:go:{id}:c"));
    let card = chat.told(BEN, &format!("/start e_{id}"));
    let (toast, edit) = pressed(chat.presses(BEN, &card.data("Join waiting list")));
    assert!(toast.text().contains("number 1 on the waiting list"), "{}", toast.text());
    assert!(edit.text().contains("1 of 1 place taken · waiting list: 1"), "{}", edit.text());
    assert!(edit.text().contains("⏳ You are number 1 on the waiting list"));
    pressed(chat.presses(ADA, &format!("e:no:{id}:c")));
    assert_eq!(chat.standing(id, BEN), Standing::Going);
}

#[test]
fn my_shows_where_one_goes_and_start_with_an_event_shows_it() {
    let mut chat = Chat::new();
    assert!(chat.told(ADA, "/my").text().contains("/events"));
    let one = chat.adds("Games | 2026-12-24 18:00 | 2 | Bring snacks");
    chat.adds("Chess | 2026-12-25 18:00 | 2");
    let card = chat.told(ADA, &format!("/start e_{one}"));
    assert!(card.text().ends_with("\n\nBring snacks"), "{}", card.text());
    assert_eq!(card.labels(), ["Attend", "View Events"]);
    chat.presses(ADA, &card.data("Attend"));
    let mine = chat.told(ADA, "/my");
    assert!(mine.text().contains("Games") && !mine.text().contains("Chess"));
    // Leaving from there takes it off that list.
    let (_, edit) = pressed(chat.presses(ADA, &mine.data("Leave")));
    assert!(edit.text().starts_with("You have not signed up"));
    assert_eq!(chat.told(ADA, "/start e_99").text(), "No such event");
    assert_eq!(chat.told(ADA, "/start e_x").text(), "No such event");
    assert!(chat.told(ADA, "/start hello").text().starts_with("Hi!"));
}

#[test]
fn a_list_leads_to_an_event_and_back() {
    let mut chat = Chat::new();
    for day in 1..=12 {
        chat.adds(&format!("Games {day} | 2026-12-{day:02} 18:00 | 2"));
    }
    let list = chat.told(ADA, "/events");
    assert!(list.text().starts_with("<b>Coming up</b> · page 1 of 2"));
    assert!(list.text().contains("Games 10") && !list.text().contains("Games 11"));
    let (_, second) = pressed(chat.presses(ADA, &list.data("Next ›")));
    assert!(second.text().contains("Games 12") && !second.text().contains("Games 10"));
    let (_, card) = pressed(chat.presses(ADA, &second.data("Games 11")));
    assert_eq!(card.labels(), ["Attend", "View Events", "‹ Back to the list"]);
    let (_, back) = pressed(chat.presses(ADA, &card.data("‹ Back to the list")));
    assert_eq!(back.0, second.0);
    let (_, first) = pressed(chat.presses(ADA, &second.data("‹ Back")));
    assert_eq!(first.text(), list.text());
    // A page that is no longer there is the last one.
    let (_, behind) = pressed(chat.presses(ADA, "e:page:l99"));
    assert_eq!(behind.text(), second.text());
}

#[test]
fn buttons_nobody_knows_are_answered_kindly() {
    let mut chat = Chat::new();
    for data in ["e:what", "e:go:1", "e:", "zzz", "", "h:users:x"] {
        let answer = only(chat.presses(ADMIN, data));
        assert_eq!(answer.method(), "answerCallbackQuery");
        assert!(answer.text().contains("button"), "{data}: {}", answer.text());
    }
    let (answer, edit) = pressed(chat.presses(ADA, "e:go:99:c"));
    assert_eq!((answer.text(), edit.text()), ("No such event", "No such event"));
}

#[test]
fn nobody_joins_what_is_over_or_cancelled() {
    let mut chat = Chat::new();
    let over = chat.adds("Games | 2026-11-20 18:00 | 2");
    let cancelled = chat.adds("Chess | 2026-12-24 18:00 | 2");
    chat.says(ADMIN, &format!("/cancelevent {cancelled} The mill is closed"));
    let (answer, _) = pressed(chat.presses(ADA, &format!("e:go:{over}:c")));
    assert_eq!(answer.text(), "This event is over; nobody can join any more");
    let (answer, edit) = pressed(chat.presses(ADA, &format!("e:go:{cancelled}:c")));
    assert_eq!(answer.text(), "This event is cancelled; nobody can join any more");
    assert!(edit.text().contains("🚫 Cancelled: \u{2068}The mill is closed\u{2069}"));
    assert_eq!(edit.labels(), ["View Events"]);
    let list = chat.told(ADA, "/events");
    assert!(list.text().contains("Chess") && !list.text().contains("Games"));
}

#[test]
fn in_groups_messages_say_nothing_of_one_person_and_carry_links() {
    let mut chat = Chat::new();
    let id = chat.adds("Games | 2026-12-24 18:00 | 2");
    let card = only(chat.says_in_group(ADA, &format!("/start e_{id}")));
    assert_eq!(card.labels(), ["Attend", "Leave", "View Events"]);
    let link = format!("https://t.me/RoostBot/events?startapp={id}");
    assert_eq!(card.buttons()[2]["url"], link);
    let (toast, edit) = pressed(chat.presses_in(ADA, GROUP, &card.data("Attend")));
    assert!(toast.text().starts_with("You are going"));
    assert!(edit.text().contains("1 person is going") && !edit.text().contains('✅'));
    assert_eq!(edit.labels(), ["Attend", "Leave", "View Events"]);
    let answer = only(chat.says_in_group(ADA, "/my"));
    assert_eq!(answer.buttons()[0]["url"], "https://t.me/RoostBot");
    assert!(!answer.text().contains("Games"));
}
