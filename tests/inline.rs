//! Inline mode with the real program and the stand-in Telegram.

#[path = "support/models.rs"]
mod models;
mod support;

use roost::demo::telegram::StandIn;
use serde_json::json;
use support::{ADA, ADMIN, Page, Program, TOKEN, daily};

#[test]
fn an_inline_query_is_answered_and_only_by_what_telegram_knows() {
    let telegram = StandIn::start(TOKEN, "RoostBot").unwrap();
    let ada = telegram.person(ADA.id, "Ada Löve", "de");
    let (_home, server) = Program::with(&json!({
        "telegram-api-url": telegram.base_url(), "public-url": "https://events.example.org",
    }));
    let mut boss = Page::of(server.address(), ADMIN);
    boss.send(&daily("Chess <b>"));
    let event = boss.wait_for(|frame| frame["type"] == "event")["id"].as_u64().unwrap();
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
