//! Long lists and odd names are still messages Telegram takes.

use std::time::Duration;

use roost::demo::trueconf::{Fault, Harm, Meeting};
use serde_json::json;

use crate::support::ADMIN;
use crate::world::{BRANCH, OPERATOR, VIEWER, World, find_button, has};

/// Messages and answers that Telegram refused.
fn refused(world: &World) -> usize {
    let of = |method| {
        let bad = |call: &&&roost::demo::telegram::Asked| call.status >= 400;
        world.telegram.look(|view| view.calls(method).iter().filter(bad).count())
    };
    ["sendMessage", "editMessageText", "answerCallbackQuery"].map(of).iter().sum()
}

#[test]
fn names_with_markup_bars_cyrillic_and_sixty_characters_are_shown_as_they_are() {
    let names = [
        "<b>Bold & \"brave\"</b>",
        "a|b|c",
        "Совещание отдела разработки и сопровождения систем связи №12",
        "\u{202e}abc{topic}{who}",
        "😀 Party 👩‍👧",
    ];
    let world = World::with(&json!({}), |head| {
        for (number, name) in names.iter().enumerate() {
            head.begin(Meeting::new(&format!("{number}")).topic(Some(name)));
        }
        head.begin(Meeting::new("none").topic(None));
        head.begin(Meeting::new("long").topic(Some(&"<&👩>".repeat(100))));
    });
    let list = world.running(OPERATOR);
    for name in names {
        assert!(has(&list, &name.replace('\u{202e}', "")), "{name}: {list}");
    }
    assert!(has(&list, "Untitled"), "{list}");
    for row in list.buttons.iter().flatten() {
        let data = row.callback.as_ref().unwrap();
        assert!(data.len() <= 64 && data.is_ascii(), "{data}");
        assert!(!data.contains('|') && !data.contains("Bold"), "{data}");
    }
    // Each can be asked about, and says its name.
    for name in &names[..3] {
        let name = name.replace('\u{202e}', "");
        let list = world.running(OPERATOR);
        let number = list.text.lines().find(|line| crate::world::plain(line).contains(&name));
        let number = number.unwrap().split('.').next().unwrap().to_owned();
        let ask = world.taps(OPERATOR, &list, &format!("{number}. Stop"), "Stop it");
        assert!(has(&ask, &format!("Stop {name} on Head office?")), "{ask}");
        assert!(has(&ask, "2 people are in it."), "{ask}");
    }
    // A server whose own name is odd.
    let list = world.servers(ADMIN);
    let menu = world.taps(ADMIN, &list, BRANCH, "Running");
    world.taps(ADMIN, &menu, "Running", "No conference is running");
    assert_eq!(refused(&world), 0);
}

#[test]
fn seven_hundred_conferences_are_turned_page_by_page() {
    let world = World::with(&json!({}), |head| {
        for number in 0..700_u64 {
            let topic = format!("Meeting <{number}> {}", "Ж".repeat(60));
            let ago = Duration::from_secs(10 * number);
            head.begin(Meeting::new(&format!("m{number}")).topic(Some(&topic)).ago(ago));
        }
    });
    let mut list = world.running(OPERATOR);
    assert!(has(&list, "700 conferences are running") && has(&list, "page 1 of 88"), "{list}");
    let asked = world.asked("logs/calls");
    for page in 2..=6 {
        list = world.taps(OPERATOR, &list, "Next ›", &format!("page {page} of 88"));
    }
    assert_eq!(world.asked("logs/calls"), asked, "turning pages asks nothing");
    list = world.taps(OPERATOR, &list, "‹ Back", "page 5 of 88");
    // The longest runs first; page 5 begins with number 33.
    assert!(has(&list, "33. ") && has(&list, "Meeting <667>"), "{list}");
    let ask = world.taps(OPERATOR, &list, "33. Stop", "Stop it");
    let back = world.taps(OPERATOR, &ask, "Keep it running", "page 5 of 88");
    assert!(has(&back, "Meeting <667>"), "{back}");
    assert_eq!(refused(&world), 0);
}

#[test]
fn the_forgotten_ones_are_listed_with_the_reason_each() {
    let hour = Duration::from_secs(3 * 3_600);
    let world = World::with(
        &json!({"forgotten": {"longer-than": "2h", "max-people": 5, "exempt": ["keep", "Tea & <cake>"]}}),
        |head| {
            for (id, roles) in [
                ("alone", &[2][..]),
                ("nobody", &[]),
                ("guests", &[1, 1]),
                ("two", &[2, 2]),
                ("many", &[1, 1, 1, 1, 1, 1]),
                ("keep", &[2]),
            ] {
                head.begin(Meeting::new(id).ago(hour).roles(roles));
            }
            head.begin(Meeting::new("young").roles(&[2]));
        },
    );
    let menu = world.menu(VIEWER);
    let list = world.taps(VIEWER, &menu, "Forgotten", "3 conferences look forgotten");
    for text in [
        "Rule: running for 2 h 0 min or longer",
        "At most 5 people in it.",
        "Never: keep, Tea & <cake>.",
        "the moderator is alone in it",
        "nobody is in it",
        "nobody in it moderates",
    ] {
        assert!(has(&list, text), "{text}: {list}");
    }
    for absent in ["Meeting two", "Meeting many", "Meeting keep", "Meeting young", "Stop"] {
        assert!(!has(&list, absent), "{absent}: {list}");
    }
    // One that cannot be looked up is not empty, and says why.
    world.head.fault(Fault::new(Harm::Status(500)).on("/participants"));
    let menu = world.menu(OPERATOR);
    let list = world.taps(OPERATOR, &menu, "Forgotten", "could not be looked up: server error 500");
    assert!(has(&list, "No conference looks forgotten."), "{list}");
    find_button(&list, "Refresh");
}
