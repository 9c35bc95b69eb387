//! Calendars: the address the bot gives, and what is read there.

use super::chat::{ADA, ADMIN, BEN, Chat, GROUP, only, pressed};
use crate::net::{Answer, Request};
use crate::store::users;

const BASE: &str = "https://events.example.org";

fn get(chat: &Chat, path: &str) -> Answer {
    chat.answer(&Request::local("GET", path).unwrap())
}

fn body(answer: &Answer) -> String {
    String::from_utf8(answer.body.to_vec()).unwrap().replace("\r\n ", "")
}

/// The path of the address in `text`.
fn path(text: &str) -> String {
    let (_, behind) = text.split_once("<code>").unwrap();
    behind.split_once("</code>").unwrap().0.strip_prefix(BASE).unwrap().to_owned()
}

#[test]
fn the_calendar_has_what_somebody_goes_to_and_waits_for_and_what_was_cancelled() {
    let mut chat = Chat::new();
    let games = chat.adds("Games | 2026-12-24 18:00 | 2");
    let tea = chat.adds("Tea, cake | 18:00 | 2");
    let walk = chat.adds("Walk | 2026-12-26 10:00 | 4");
    chat.adds("Somewhere else | 2026-12-27 10:00 | 4");
    chat.says(ADMIN, &format!("/editevent {tea} capacity 1"));
    chat.presses(BEN, &format!("e:go:{tea}:c"));
    for event in [games, tea, walk] {
        chat.presses(ADA, &format!("e:go:{event}:c"));
    }
    let path = path(chat.told(ADA, "/calendar").text());
    chat.says(ADMIN, &format!("/cancelevent {walk} Too much snow"));
    chat.presses(ADMIN, &format!("e:off:{walk}:{ADMIN}:all"));
    let answer = get(&chat, &path);
    assert_eq!(answer.header("Content-Type"), Some("text/calendar; charset=utf-8"));
    assert!(answer.header("Cache-Control").unwrap().starts_with("private"));
    let text = body(&answer);
    for (title, id, status) in [
        ("Games", games, "CONFIRMED"),
        (r"Tea\, cake", tea, "TENTATIVE"),
        ("Walk", walk, "CANCELLED"),
    ] {
        let event = text.split("BEGIN:VEVENT").find(|e| e.contains(&format!("SUMMARY:{title}")));
        let event = event.unwrap();
        assert!(event.contains(&format!("UID:event-{id}@")), "{event}");
        assert!(event.contains(&format!("STATUS:{status}\r\n")), "{event}");
        let link = format!("URL:https://t.me/RoostBot/events?startapp={id}\r\n");
        assert!(event.contains(&link), "{event}");
    }
    assert_eq!(text.matches("BEGIN:VEVENT").count(), 3);
    assert!(text.contains("X-WR-CALNAME:My events\r\n"), "{text}");
    chat.presses(ADA, &format!("e:no:{games}:c"));
    assert!(!body(&get(&chat, &path)).contains("Games"));
}

#[test]
fn a_new_address_ends_the_old_one_and_revoking_ends_both() {
    let mut chat = Chat::new();
    let first = chat.told(ADA, "/calendar");
    assert!(!first.text().contains("previous address"));
    let second = chat.told(ADA, "/calendar");
    assert!(second.text().ends_with("Your previous address no longer works."));
    let (old, new) = (path(first.text()), path(second.text()));
    assert_eq!((get(&chat, &old).status, get(&chat, &new).status), (404, 200));
    // The button of an old message does not end the new address.
    let (_, edit) = pressed(chat.presses(ADA, &first.data("Revoke this address")));
    assert!(edit.text().starts_with("The address no longer works."));
    assert_eq!(get(&chat, &new).status, 200);
    // Nor does anybody else's press.
    chat.presses(BEN, &second.data("Revoke this address"));
    assert_eq!(get(&chat, &new).status, 200);
    let (_, edit) = pressed(chat.presses(ADA, &second.data("Revoke this address")));
    assert!(edit.labels().is_empty() && !edit.text().contains("http"));
    assert_eq!(get(&chat, &new).status, 404);
    assert!(chat.told(ADA, "/calendar revoke").text().starts_with("You have no calendar"));
    let third = path(chat.told(ADA, "/calendar").text());
    assert!(chat.told(ADA, "/calendar revoke").text().starts_with("The address no longer"));
    assert_eq!(get(&chat, &third).status, 404);
}

#[test]
fn an_address_is_given_in_private_and_only_where_there_is_one() {
    let mut chat = Chat::new();
    let answer = only(chat.update(serde_json::json!({"message": {"message_id": 1,
        "chat": {"id": GROUP, "type": "group"},
        "from": {"id": ADA, "is_bot": false, "first_name": "Ada"}, "text": "/calendar"}})));
    assert!(!answer.text().contains("/calendar/"));
    let mut chat = Chat::with(|context| context.public_url = None);
    assert!(chat.told(ADA, "/calendar").text().starts_with("There is no calendar here"));
}

#[test]
fn whoever_guesses_or_is_banned_gets_the_same_404() {
    let mut chat = Chat::new();
    let path = path(chat.told(ADA, "/calendar").text());
    let token = path.strip_prefix("/calendar/").unwrap().strip_suffix(".ics").unwrap();
    let upper = token.to_uppercase();
    let rows = [
        "/calendar/.ics".to_owned(),
        "/calendar/x.ics".to_owned(),
        format!("/calendar/{}.ics", "0".repeat(64)),
        format!("/calendar/{upper}.ics"),
        format!("/calendar/{token}"),
        format!("/calendar/{token}.ics/"),
        format!("/calendar/{}.ics", &token[1..]),
        "/event/1.ics".to_owned(),
        "/event/.ics".to_owned(),
        "/event/99999999999999999999.ics".to_owned(),
    ];
    let nothing = Answer::not_found();
    for row in rows {
        assert_eq!(get(&chat, &row), nothing, "{row}");
    }
    assert_eq!(get(&chat, &path).status, 200);
    let mut user = chat.user(ADA);
    user.banned = true;
    chat.store().write(move |tx| users::save(tx, &user)).unwrap();
    assert_eq!(get(&chat, &path), nothing);
}

#[test]
fn one_event_is_for_everybody_and_known_by_its_tag() {
    let mut chat = Chat::new();
    let id = chat.adds("Games | 2026-12-24 18:00 | 2");
    let path = format!("/event/{id}.ics");
    let answer = get(&chat, &path);
    let file = format!("attachment; filename=\"event-{id}.ics\"");
    assert_eq!(answer.header("Content-Disposition"), Some(&*file));
    assert!(body(&answer).contains("STATUS:CONFIRMED") && !body(&answer).contains("X-WR-CALNAME"));
    let tag = answer.header("ETag").unwrap().to_owned();
    let ask = |chat: &Chat| {
        chat.answer(&Request::local("GET", &path).unwrap().with_header("If-None-Match", &tag))
    };
    assert_eq!((ask(&chat).status, ask(&chat).body.len()), (304, 0));
    chat.now = "2026-12-24T19:00:00Z".parse().unwrap();
    assert_eq!(get(&chat, &path), answer);
    chat.says(ADMIN, &format!("/editevent {id} location Attic"));
    let changed = ask(&chat);
    assert_eq!(changed.status, 200);
    let text = body(&changed);
    assert!(text.contains("SEQUENCE:1\r\n") && text.contains("LOCATION:Attic\r\n"), "{text}");
    assert!(text.contains("LAST-MODIFIED:20261224T190000Z\r\n"), "{text}");
    assert!(text.contains("CREATED:20261121T120000Z\r\n"), "{text}");
    for path in [path.as_str(), "/event/99.ics", "/calendar/x.ics"] {
        let answer = chat.answer(&Request::local("POST", path).unwrap());
        assert_eq!((answer.status, answer.header("Allow")), (405, Some("GET, HEAD")), "{path}");
        let of_head = chat.answer(&Request::local("HEAD", path).unwrap());
        assert_eq!(of_head, get(&chat, path));
    }
}

#[test]
fn two_installations_do_not_give_the_same_names() {
    let name = |chat: &mut Chat| {
        let id = chat.adds("Games | 2026-12-24 18:00 | 2");
        let text = body(&get(chat, &format!("/event/{id}.ics")));
        text.lines().find(|line| line.starts_with("UID:")).unwrap().to_owned()
    };
    let names = [name(&mut Chat::new()), name(&mut Chat::new())];
    assert!(names.iter().all(|name| name.starts_with("UID:event-1@")), "{names:?}");
    assert_ne!(names[0], names[1]);
}
