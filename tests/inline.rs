//! Inline mode with the real program and the stand-in Telegram.

#[path = "support/models.rs"]
mod models;
mod support;

use roost::demo::telegram::StandIn;
use serde_json::json;
use support::{ADA, ADMIN, BOB, Page, Program, TOKEN, daily};

#[test]
fn an_inline_query_is_answered_and_only_by_what_telegram_knows() {
    let telegram = StandIn::start(TOKEN, "RoostBot").unwrap();
    let ada = telegram.person(ADA.id, "Ada Löve", "de");
    let (_home, server) = Program::with(&json!({
        "telegram-api-url": telegram.base_url(), "public-url": "https://events.example.org",
    }));
    let mut boss = Page::of(server.address(), ADMIN);
    let event = boss.create(daily("Chess <b>"));
    for (query, results) in
        [(format!("event:{event}"), 1), ("CHESS".into(), 1), (String::new(), 1), ("zzz".into(), 0)]
    {
        let id = ada.types_inline(&query, "");
        let answer = telegram.wait_for("an answer", |view| view.inline_answer(&id).cloned());
        let list = answer["results"].as_array().unwrap();
        assert_eq!(list.len(), results, "{query}: {answer}");
        let link = format!("https://t.me/RoostBot/events?startapp={event}");
        let link = json!([[{"text": "Veranstaltungen ansehen", "url": link}]]);
        assert!(list.iter().all(|one| one["reply_markup"]["inline_keyboard"] == link), "{answer}");
    }
    models::check_all(&telegram);
}

#[test]
fn a_page_gets_a_message_prepared_for_sharing_or_learns_that_there_is_none() {
    let telegram = StandIn::start(TOKEN, "RoostBot").unwrap();
    telegram.person(ADA.id, "Ada Löve", "en");
    let (_home, server) = Program::with(&json!({"telegram-api-url": telegram.base_url()}));
    let event = Page::of(server.address(), ADMIN).create(daily("Chess <b>"));
    let share = json!({"type": "share", "event": event});
    let mut page = Page::of(server.address(), ADA);
    page.send(share.clone());
    let prepared = page.until(|frame| frame["type"] == "prepared");
    assert_eq!(prepared["event"], event);
    assert!(prepared["id"].as_str().unwrap().starts_with("prepared"), "{prepared}");
    models::check_all(&telegram);

    // Telegram does not know this person.
    let mut page = Page::of(server.address(), BOB);
    page.send(share);
    let prepared = page.until(|frame| frame["type"] == "prepared");
    assert_eq!(prepared, json!({"type": "prepared", "event": event, "id": null}));
    page.send(json!({"type": "share", "event": 999}));
    assert_eq!(page.until(|frame| frame["type"] == "error")["code"], "no-such-event");
}
