//! A thousand events and people: every answer is still one message Telegram takes.

use super::chat::{ADA, ADMIN, Chat, only, pressed};
use crate::apps::events::action::{Action, Asked};
use crate::apps::events::changes::{Change, Changes};
use crate::apps::events::model::{Capacity, EventId};
use crate::apps::events::refusal::Field;
use crate::apps::events::start::Zone;
use crate::apps::events::store::act;
use crate::ids::UserId;
use crate::store::StoreError;
use crate::store::users::{self, User};

/// The longest texts an event can have, in letters of two UTF-16 units each.
fn longest(number: usize) -> Changes {
    let mut changes = Changes::default();
    let letters = |count: usize| "😀".repeat(count);
    for (field, text) in [
        (Field::Title, format!("{number:04}{}", letters(116))),
        (Field::Description, letters(2000)),
        (Field::Location, letters(200)),
        (Field::Start, "2026-12-31 18:00".to_owned()),
        (Field::Duration, "48".to_owned()),
        (Field::Timezone, "America/Argentina/ComodRivadavia".to_owned()),
        (Field::Recurrence, "monthly".to_owned()),
        (Field::Until, "2200-12-31".to_owned()),
    ] {
        changes.set(field, &text).unwrap();
    }
    Changes { capacity: Change::Set(Capacity::new(1).unwrap()), ..changes }
}

fn asked(chat: &Chat, user: i64) -> Asked {
    Asked { user: UserId(user), is_admin: true, at: chat.now }
}

fn fill_with_events(chat: &Chat) {
    let admin = asked(chat, ADMIN);
    let ada = asked(chat, ADA);
    chat.store()
        .write(move |tx| {
            for number in 1..=1000 {
                let draft = longest(number).draft(&Zone::utc()).unwrap();
                let (id, _) = act(tx, &admin, None, &Action::Create(draft.into())).unwrap();
                act(tx, &ada, Some(id), &Action::Attend).unwrap();
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

fn fill_with_people(chat: &Chat) {
    let now = chat.now;
    chat.store()
        .write(move |tx| {
            for id in 1001..=2000 {
                let name = "😀".repeat(64);
                users::save(tx, &User { name, is_admin: true, ..User::unknown(UserId(id)) })?;
                let asked = Asked { user: UserId(id), is_admin: false, at: now };
                act(tx, &asked, Some(EventId(1)), &Action::Attend).unwrap();
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

#[test]
fn a_thousand_events_are_a_hundred_pages_of_one_message_each() {
    let mut chat = Chat::new();
    fill_with_events(&chat);
    for (command, first) in [("/events", "Coming up"), ("/my", "Your events")] {
        for language in ["en", "ru", "de", "es"] {
            let page = only(chat.says_in(ADA, language, command));
            assert!(!page.text().ends_with('…'), "cut: {}", page.text());
            assert_eq!(page.text().matches("🗓").count(), 10);
        }
        let page = chat.told(ADA, command);
        assert!(page.text().starts_with(&format!("<b>{first}</b> · page 1 of 100")));
        let data = page.data("Next ›").replace('1', "99");
        let (_, last) = pressed(chat.presses(ADA, &data));
        assert!(last.text().contains("page 100 of 100") && last.text().contains("1000"));
        assert!(!last.labels().contains(&"Next ›"));
    }
    let card = chat.told(ADA, "/start e_1");
    assert!(card.text().ends_with('…') && card.labels().contains(&"Leave"));
    let full = chat.told(ADMIN, "/addevent One more | 18:00 | 1");
    assert_eq!(full.text(), "There is room for 1000 events only; delete one first");
    for command in ["/editevent 1", "/cancelevent 1", "/deleteevent 1", "/status"] {
        assert!(!chat.told(ADMIN, command).text().ends_with('…'), "{command}");
    }
}

#[test]
fn a_thousand_people_are_paged_and_an_events_list_says_how_many_more_there_are() {
    let mut chat = Chat::new();
    chat.adds("Games | 18:00 | 2");
    chat.told(ADMIN, "/editevent 1 capacity 30");
    fill_with_people(&chat);
    let page = chat.told(ADMIN, "/users");
    assert!(page.text().starts_with("I know 1001 people · page 1 of 51"), "{}", page.text());
    assert!(page.text().contains("<code>1</code> \u{2068}P1\u{2069} · admin by the settings"));
    let (_, next) = pressed(chat.presses(ADMIN, &page.data("Next ›")));
    assert_eq!(next.labels(), ["‹ Back", "Next ›"]);
    assert!(!next.text().ends_with('…'));
    let (_, last) = pressed(chat.presses(ADMIN, "h:users:999"));
    assert!(last.text().contains("page 51 of 51") && last.text().contains("<code>2000</code>"));

    let names = chat.told(ADMIN, "/attendees 1");
    assert!(names.text().contains("<b>Going (30)</b>"));
    assert!(names.text().contains("<b>Waiting list (970)</b>"));
    let shown = names.text().matches(". \u{2068}").count();
    assert!(names.text().contains(&format!("… and {} more", 1000 - shown)), "{}", names.text());
}
