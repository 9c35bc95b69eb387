//! What people are told without having asked: what changed, and that it starts.

use super::chat::{ADA, ADMIN, BANNED, BEN, Call, Chat, only};
use crate::apps::events::action::{Action, Asked};
use crate::apps::events::mailing::PART;
use crate::apps::events::model::EventId;
use crate::apps::events::store::{NotDone, act};
use crate::ids::UserId;
use crate::store::users::{self, User};

/// Who is written to, in order of their ids.
fn told(calls: &[Call]) -> Vec<i64> {
    let mut chats: Vec<i64> =
        calls.iter().map(|call| call.0["params"]["chat_id"].as_i64().unwrap()).collect();
    chats.sort_unstable();
    chats
}

/// The text for one person, without marks of direction.
#[track_caller]
fn text_for(calls: &[Call], user: i64) -> String {
    let found: Vec<_> =
        calls.iter().filter(|call| call.0["params"]["chat_id"] == user).cloned().collect();
    only(found).text().replace(['\u{2068}', '\u{2069}'], "")
}

fn does(chat: &Chat, user: i64, event: u64, action: Action) {
    let asked = Asked { user: UserId(user), is_admin: user == ADMIN, at: chat.now };
    let done = chat.store().write(move |tx| act(tx, &asked, Some(EventId(event)), &action));
    let done: Result<_, NotDone> = done;
    done.unwrap();
}

fn joins(chat: &Chat, user: i64, event: u64) {
    does(chat, user, event, Action::Attend);
}

/// Somebody who has opened a chat with the bot, as `change` says.
fn knows(chat: &Chat, id: i64, change: impl FnOnce(&mut User)) {
    let mut user = User { reachable: true, ..User::unknown(UserId(id)) };
    change(&mut user);
    chat.store().write(move |tx| users::save(tx, &user)).unwrap();
}

fn speaks(chat: &Chat, id: i64, language: &str) {
    knows(chat, id, |user| user.language = Some(language.to_owned()));
}

#[test]
fn everybody_concerned_is_told_old_and_new_in_their_language() {
    let mut chat = Chat::new();
    let id = chat.adds("Games | 2026-12-24 18:00 | 2");
    for (user, language) in [(10, "en"), (11, "ru"), (12, "de"), (14, "es"), (15, "fr")] {
        speaks(&chat, user, language);
        joins(&chat, user, id);
    }
    chat.told(ADMIN, &format!("/editevent {id} start 2026-12-25 19:00"));
    let calls = chat.ticks();
    assert_eq!(told(&calls), [10, 11, 12, 14, 15]);
    let english = "✏️ <b>Games has changed</b>\nWhen: Thu, 24 December, 18:00–20:00 (UTC) → \
        Fri, 25 December, 19:00–21:00 (UTC)";
    let rows = [
        (10, english),
        (15, english),
        (
            11,
            "✏️ <b>Games: есть изменения</b>\nКогда: чт, 24 декабря, 18:00–20:00 (UTC) → \
            пт, 25 декабря, 19:00–21:00 (UTC)",
        ),
        (
            12,
            "✏️ <b>Games hat sich geändert</b>\nWann: Do., 24. Dezember, 18:00–20:00 (UTC) → \
            Fr., 25. Dezember, 19:00–21:00 (UTC)",
        ),
        (
            14,
            "✏️ <b>Games ha cambiado</b>\nCuándo: jue, 24 de diciembre, 18:00–20:00 (UTC) → \
            vie, 25 de diciembre, 19:00–21:00 (UTC)",
        ),
    ];
    for (user, expected) in rows {
        assert_eq!(text_for(&calls, user), expected);
    }
    let labels = ["Show event", "Can’t come", "View Events"];
    let english = calls.iter().find(|call| call.0["params"]["chat_id"] == 10).unwrap();
    assert_eq!(english.labels(), labels);
    assert!(chat.ticks().is_empty(), "told twice");
    chat.told(ADMIN, &format!("/editevent {id} title Chess"));
    chat.at("2026-11-22T12:00:01Z");
    assert!(chat.ticks().is_empty(), "told a day later");
    let data = english.data("Can’t come");
    chat.presses(10, &data);
    assert_eq!(chat.standing(id, 10), crate::apps::events::roll::Standing::None);
}

#[test]
fn every_kind_of_change_is_told_and_none_of_the_past() {
    let mut chat = Chat::new();
    let id = chat.adds("Games | 18:00 | 2 | Fun");
    speaks(&chat, ADA, "en");
    joins(&chat, ADA, id);
    let rows = [
        (
            "title Chess <b>",
            "✏️ <b>Chess &lt;b&gt; has changed</b>\nTitle: Games → Chess &lt;b&gt;",
        ),
        ("title Games", "✏️ <b>Games has changed</b>\nTitle: Chess &lt;b&gt; → Games"),
        ("description -", "✏️ <b>Games has changed</b>\nDescription: Fun → —"),
        ("location Park", "✏️ <b>Games has changed</b>\nPlace: — → Park"),
        ("capacity 5", "✏️ <b>Games has changed</b>\nNumber of places: — → 5"),
    ];
    for (edit, expected) in rows {
        chat.told(ADMIN, &format!("/editevent {id} {edit}"));
        let calls = chat.ticks();
        assert_eq!(text_for(&calls, ADA), expected);
    }
    let date = "2026-11-22".parse().unwrap();
    let reason = crate::apps::events::texts::Reason::parse("Rain & snow").unwrap();
    does(&chat, ADMIN, id, Action::CancelDate { date, reason: reason.clone() });
    let expected = "🚫 <b>Games is cancelled on Sun, 22 November.</b>\nReason: Rain &amp; snow";
    assert_eq!(text_for(&chat.ticks(), ADA), expected);
    does(&chat, ADMIN, id, Action::Cancel { reason });
    let text = text_for(&chat.ticks(), ADA);
    assert!(text.starts_with("🚫 <b>Games is cancelled.</b>\n🗓 Sat, 21 November"), "{text}");
    assert!(text.ends_with("📍 Park\nReason: Rain &amp; snow"), "{text}");
    // Everybody knows that it does not take place.
    does(&chat, ADMIN, id, Action::Delete);
    assert!(chat.ticks().is_empty());

    let id = chat.adds("Chess | 2026-12-24 18:00 | 2");
    joins(&chat, ADA, id);
    does(&chat, ADMIN, id, Action::Delete);
    let calls = chat.ticks();
    assert_eq!(told(&calls), [ADA]);
    assert!(text_for(&calls, ADA).starts_with("🚫 <b>Chess is deleted.</b>\n🗓 Thu, 24 December"));

    let id = chat.adds("Past | 2026-12-24 18:00 | 2");
    joins(&chat, ADA, id);
    chat.at("2026-12-25T12:00:00Z").told(ADMIN, &format!("/editevent {id} title Gone"));
    does(&chat, ADMIN, id, Action::Delete);
    assert!(chat.ticks().is_empty());
}

#[test]
fn who_acted_cannot_be_reached_or_is_banned_is_not_told() {
    let mut chat = Chat::new();
    let id = chat.adds("Games | 2026-11-22 18:00 | 2");
    knows(&chat, 20, |_| ());
    knows(&chat, 21, |user| user.reachable = false);
    knows(&chat, 22, |user| user.banned = true);
    knows(&chat, 23, |user| user.muted = true);
    knows(&chat, BANNED, |_| ());
    for user in [20, 21, 22, 23, BANNED, ADMIN, 24] {
        joins(&chat, user, id);
    }
    chat.told(ADMIN, &format!("/editevent {id} title Chess"));
    assert_eq!(told(&chat.ticks()), [20, 23]);
    // The admin is reminded like all others; who has sent `/stop` is not.
    chat.at("2026-11-22T18:00:00Z");
    let calls = chat.ticks();
    assert_eq!(told(&calls), [ADMIN, 20]);
    let expected = "🔔 <b>Chess is starting now</b>\n🗓 Sun, 22 November, 18:00–20:00 (UTC)";
    assert_eq!(text_for(&calls, 20), expected);
}

#[test]
fn who_gets_a_place_is_told_and_in_one_message() {
    let mut chat = Chat::new();
    let id = chat.adds("Games | 2026-12-24 18:00 | 2");
    chat.told(ADMIN, &format!("/editevent {id} capacity 1"));
    for user in [ADA, BEN, 30, 31] {
        speaks(&chat, user, "en");
        joins(&chat, user, id);
    }
    does(&chat, ADA, id, Action::Leave);
    let calls = chat.ticks();
    assert_eq!(told(&calls), [BEN]);
    let expected = "🎉 <b>A place became free, and it is yours: Games</b>\n\
        🗓 Thu, 24 December, 18:00–20:00 (UTC)";
    assert_eq!(text_for(&calls, BEN), expected);
    chat.told(ADMIN, &format!("/editevent {id} capacity 2"));
    let calls = chat.ticks();
    assert_eq!(told(&calls), [BEN, 30, 31]);
    let line = "Number of places: 1 → 2";
    assert!(text_for(&calls, 30).starts_with("🎉") && text_for(&calls, 30).ends_with(line));
    assert!(text_for(&calls, 31).starts_with("✏️") && text_for(&calls, 31).ends_with(line));
    // Who waits has no place to be reminded of.
    chat.at("2026-12-24T17:00:00Z");
    assert_eq!(told(&chat.ticks()), [BEN, 30]);
}

#[test]
fn each_reminder_comes_once_over_restarts_and_repeated_looks() {
    let mut chat = Chat::new();
    let id = chat.adds("Games | 2026-11-23 18:00 | 2");
    speaks(&chat, ADA, "de");
    joins(&chat, ADA, id);
    let mut texts = Vec::new();
    while let Some(due) = chat.due() {
        chat.now = due;
        // The program is killed before, between and after the parts.
        chat.restarts();
        while chat.ticks_once() {
            chat.restarts();
        }
        texts.extend(chat.notices().iter().map(|call| call.text().to_owned()));
        assert!(chat.ticks().is_empty());
        // The clock is set back, and runs again.
        chat.now = "2026-11-22T12:00:00Z".parse().unwrap();
        assert!(chat.ticks().is_empty());
        chat.now = due;
        assert!(chat.ticks().is_empty());
        if texts.len() == 1 {
            speaks(&chat, BEN, "ru");
            joins(&chat, BEN, id);
        }
    }
    let firsts: Vec<_> = texts
        .iter()
        .map(|text| text.lines().next().unwrap().replace(['\u{2068}', '\u{2069}'], ""))
        .collect();
    let expected = [
        "🔔 <b>Games beginnt in 24 Stunden</b>",
        "🔔 <b>Games beginnt in 1 Stunde</b>",
        "🔔 <b>Games: начало через 1 час</b>",
        "🔔 <b>Games beginnt jetzt</b>",
        "🔔 <b>Games: начинаем сейчас</b>",
    ];
    assert_eq!(firsts, expected);
    assert_eq!(chat.now.to_string(), "2026-11-23T18:00:00Z");
}

#[test]
fn after_downtime_only_the_latest_reminder_comes_and_none_of_what_began_long_ago() {
    for (now, expected) in [
        ("2026-11-23T12:00:00Z", Some("Games starts in 6 hours")),
        ("2026-11-23T17:20:00Z", Some("Games starts in 40 minutes")),
        ("2026-11-23T18:10:00Z", Some("Games has begun")),
        ("2026-11-23T18:16:00Z", None),
    ] {
        let mut chat = Chat::new();
        let id = chat.adds("Games | 2026-11-23 18:00 | 2");
        speaks(&chat, ADA, "en");
        joins(&chat, ADA, id);
        let calls = chat.at(now).ticks();
        let text = calls.first().map(|_| text_for(&calls, ADA));
        let said = text.as_deref().map(|text| text.lines().next().unwrap());
        assert_eq!(said, expected.map(|text| format!("🔔 <b>{text}</b>")).as_deref(), "{now}");
    }
}

#[test]
fn an_event_moved_nearer_is_told_of_once_and_a_cancelled_one_is_not_reminded_of() {
    let mut chat = Chat::new();
    let id = chat.adds("Games | 2026-12-24 18:00 | 2");
    speaks(&chat, ADA, "en");
    joins(&chat, ADA, id);
    chat.told(ADMIN, &format!("/editevent {id} start 2026-11-21 12:30"));
    let calls = chat.ticks();
    assert!(only(calls).text().starts_with("✏️"), "reminded, too");
    chat.at("2026-11-21T12:30:00Z");
    // Cancelled after it was noted for whom the reminder is, before it left.
    assert!(chat.ticks_once());
    chat.told(ADMIN, &format!("/cancelevent {id} Rain"));
    assert!(only(chat.ticks()).text().starts_with("🚫"));
}

#[test]
fn ten_thousand_people_are_told_part_by_part_each_once() {
    const PEOPLE: i64 = 10_000;
    let mut chat = Chat::new();
    let id = chat.adds("Games | 2026-12-24 18:00 | 2");
    let at = chat.now;
    chat.store()
        .write(move |tx| {
            for user in 1000..1000 + PEOPLE {
                let known = User { reachable: true, ..User::unknown(UserId(user)) };
                users::save(tx, &known)?;
                let asked = Asked { user: known.id, is_admin: false, at };
                act(tx, &asked, Some(EventId(id)), &Action::Attend)?;
            }
            Ok::<_, NotDone>(())
        })
        .unwrap();
    chat.told(ADMIN, &format!("/editevent {id} title Chess"));
    assert!(chat.notices().is_empty(), "the edit itself posts nothing");
    let mut calls = Vec::new();
    let mut parts = 0;
    while chat.ticks_once() {
        let part = chat.notices();
        assert!(part.len() <= PART);
        calls.extend(part);
        parts += 1;
        if parts % 7 == 0 {
            chat.restarts();
        }
    }
    assert_eq!(parts, 20);
    assert_eq!(told(&calls), (1000..1000 + PEOPLE).collect::<Vec<_>>());
    // Nothing is sent: then the rest waits until there is room.
    chat.told(ADMIN, &format!("/editevent {id} title A"));
    let small = chat.adds("Small | 2026-12-24 18:00 | 2");
    joins(&chat, 1000, small);
    chat.told(ADMIN, &format!("/editevent {small} title Tiny"));
    while chat.ticks_once() {}
    assert!(chat.due().is_some_and(|due| chat.now < due), "in a hurry");
    let calls = chat.notices();
    assert_eq!(calls.len(), 2 * PART + 1);
    assert!(calls[PART].text().contains("Tiny"), "a small event waits for a large one");
    assert_eq!(chat.due(), Some(chat.now));
}
