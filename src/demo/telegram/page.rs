//! The page of `roost demo` where one chats with the bot, and its few JSON endpoints.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::state::{Account, State};
use super::view::View;
use super::{Shared, driving, launch, until};
use crate::clock;
use crate::ids::{ChatId, UserId};
use crate::net::answer::Answer;
use crate::net::request::Request;
use crate::telegram::form;

/// How long the page's own long poll waits.
const WAIT: Duration = Duration::from_secs(25);

/// Messages the page shows.
const SHOWN: usize = 200;

/// Longest text the page may send.
const TEXT_MAX: usize = 4096;

const FILES: [(&str, &str, &str); 3] = [
    ("/", "text/html; charset=utf-8", include_str!("page/page.html")),
    ("/page.css", "text/css; charset=utf-8", include_str!("page/page.css")),
    ("/page.js", "text/javascript; charset=utf-8", include_str!("page/page.js")),
];

/// What somebody does on the page.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "lowercase")]
enum Deed {
    Send { person: i64, text: String },
    Tap { person: i64, message: i64, data: String },
    Photo { person: i64, base64: String, caption: String },
    Open { person: i64, url: String },
}

/// Answers the page; everybody else is sent away.
pub(crate) fn reply(shared: &Shared, request: &Request) -> Answer {
    if !is_ours(request) {
        return Answer::detail(403, "open this page by its loopback address");
    }
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/chat/state") => Answer::json(200, &state(shared, request)),
        ("POST", "/chat/do") => act(shared, request),
        ("GET", path) => file(shared, path),
        _ => Answer::not_found(),
    }
}

/// Whether a page of our own address asks: names that are not loopback's may have been rebound to it,
/// and other pages must not play our people.
pub(crate) fn is_ours(request: &Request) -> bool {
    let Some(host) = request.host.as_deref() else { return false };
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let local = matches!(name, "127.0.0.1" | "localhost" | "[::1]");
    let own = format!("http://{host}");
    let origin = request.headers.get("origin").is_none_or(|origin| origin == own);
    let site = request.headers.get("sec-fetch-site");
    local && origin && site.is_none_or(|site| matches!(site, "same-origin" | "none"))
}

fn file(shared: &Shared, path: &str) -> Answer {
    if let Some(id) = path.strip_prefix("/chat/photo/") {
        let state = shared.lock();
        return match state.files.get(&super::methods::file_path_of(id)) {
            Some(bytes) => Answer::ok(image_type(bytes), bytes.clone()),
            None => Answer::not_found(),
        };
    }
    match FILES.iter().find(|(name, ..)| *name == path) {
        Some((_, kind, text)) => {
            Answer::ok(kind, text.as_bytes()).with("Cache-Control", "no-store")
        }
        None => Answer::not_found(),
    }
}

fn image_type(bytes: &[u8]) -> &'static str {
    match bytes {
        [0x89, b'P', ..] => "image/png",
        [b'R', b'I', ..] => "image/webp",
        _ => "image/jpeg",
    }
}

/// The chat of one person, as soon as it differs from revision `since`.
fn state(shared: &Shared, request: &Request) -> Value {
    let asked = form::pairs(request.query.as_deref().unwrap_or_default()).unwrap_or_default();
    let number = |name| {
        asked.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.parse::<i64>().ok())
    };
    let end = clock::now() + WAIT;
    let (person, since) = (number("person"), number("since").unwrap_or(-1));
    let mut state = shared.lock();
    while i64::try_from(state.revision) == Ok(since) && !until(end).is_zero() && !state.stopping {
        state = shared.wait(state, until(end));
    }
    chat(&state, person)
}

fn chat(state: &State, person: Option<i64>) -> Value {
    let view = View::new(state);
    let people: Vec<Value> = state.people.values().map(face).collect();
    let known = |id: &i64| state.people.contains_key(&UserId(*id));
    let first = || state.people.keys().next().map(|id| id.0);
    let Some(person) = person.filter(known).or_else(first) else {
        return json!({"revision": state.revision, "people": people, "messages": []});
    };
    let messages = view.chat(person);
    let shown = messages.len().saturating_sub(SHOWN);
    let toasts = state.taps.iter().filter(|(_, tap)| tap.from.0 == person);
    let toasts: Value = toasts.map(|(id, tap)| (id.clone(), json!(tap.answer))).collect();
    json!({
        "revision": state.revision, "bot": state.bot_username, "people": people, "person": person,
        "messages": messages[shown..].iter().map(|message| &message.json).collect::<Vec<_>>(),
        "commands": view.commands_for(person), "menu": view.menu_button(person), "toasts": toasts,
    })
}

fn face(account: &Account) -> Value {
    json!({"id": account.id, "name": account.name})
}

fn act(shared: &Shared, request: &Request) -> Answer {
    let kind = request.headers.get("content-type").unwrap_or_default();
    if kind.split(';').next() != Some("application/json") {
        return Answer::detail(415, "send JSON");
    }
    let Ok(deed) = serde_json::from_slice(&request.body) else {
        return Answer::detail(400, "not a deed of this page");
    };
    match shared.change(|state| carry_out(state, shared, deed)) {
        Some(done) => Answer::json(200, &done),
        None => Answer::detail(400, "this cannot be done"),
    }
}

fn carry_out(state: &mut State, shared: &Shared, deed: Deed) -> Option<Value> {
    let (Deed::Send { person, .. }
    | Deed::Tap { person, .. }
    | Deed::Photo { person, .. }
    | Deed::Open { person, .. }) = deed;
    let person = UserId(person);
    let account = state.people.get(&person)?.clone();
    Some(match deed {
        Deed::Send { text, .. } if (1..=TEXT_MAX).contains(&text.encode_utf16().count()) => {
            json!({"message": driving::send_text(state, person, ChatId::from(person), &text)})
        }
        Deed::Send { .. } => return None,
        Deed::Tap { message, data, .. } => {
            json!({"tap": driving::tap(state, person, ChatId::from(person), message, &data)})
        }
        Deed::Photo { base64, caption, .. } => {
            let bytes = decode(&base64)?;
            json!({"message": driving::send_photo(state, person, &bytes, &caption)?})
        }
        Deed::Open { url, .. } => {
            json!({"url": launch::link(&account, &url, None, &shared.token, state.now())})
        }
    })
}

fn decode(base64: &str) -> Option<Vec<u8>> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(base64).ok()
}
