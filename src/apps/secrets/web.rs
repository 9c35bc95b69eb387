//! The page that reveals a message: `/s/<id>#<token>`.
//!
//! The part behind `#` never leaves the browser by itself. Opening the page reveals nothing and is
//! the same for every number, so previews of links and curious servers cannot spend a message; the
//! button on it sends the token.

use serde_json::Value;

use super::Secrets;
use super::rest::{body, unavailable, wish};
use super::reveal::{self, Ask};
use super::store::Door;
use super::token::{PAGE, SecretId, Ticket, Token};
use super::tries::Who;
use crate::apps::Routed;
use crate::clock;
use crate::net::{Answer, Request};
use crate::store::Store;

/// The page in `www`.
const FILE: &str = "apps/secrets/index.html";

/// Where the front end has the files of the page.
const FOLDER: &str = "/secrets";

/// The most bytes of a body: a token and a passphrase of 256 characters, escaped.
pub const BODY_MAX: u64 = 8 * 1024;

/// What is answered, if the path is the page's.
pub fn answer(secrets: &Secrets, request: &Request, store: &Store) -> Option<Routed> {
    let path = &*request.path;
    let is_folder = path.strip_prefix(FOLDER).is_some_and(|rest| matches!(rest, "" | "/"));
    let id = path.strip_prefix(PAGE);
    if is_folder || path == PAGE.trim_end_matches('/') {
        // The page is nowhere but under its numbers.
        return Some(Answer::not_found().into());
    }
    let id = SecretId::parse(id?).filter(|_| secrets.context.secrets.web_reveal);
    let Some(id) = id else { return Some(Answer::not_found().into()) };
    Some(match request.method.as_str() {
        "GET" | "HEAD" => Routed::Page(FILE),
        "POST" => reveal(secrets, request, store, id).into(),
        _ => Answer::method_not_allowed("GET, HEAD, POST").into(),
    })
}

fn reveal(secrets: &Secrets, request: &Request, store: &Store, id: SecretId) -> Answer {
    let fields = match body::read_json(request.headers.get("Content-Type"), &request.body) {
        Ok(fields) => fields,
        Err(unread) => return Answer::detail(unread.status(), &unread.to_string()),
    };
    let passphrase = match wish::passphrase(&fields) {
        Ok(passphrase) => passphrase,
        Err(wrong) => return Answer::detail(400, &wrong.to_string()),
    };
    let Some(Value::String(token)) = fields.get("token") else {
        return Answer::detail(400, "`token`: expected a text");
    };
    let Some(token) = Token::parse(token) else { return Answer::not_found() };
    let who = vec![Who::Address(request.client)];
    let ask = Ask { ticket: Ticket { id, token }, who, door: Door::Web, passphrase };
    reveal::answer(secrets, store, ask, clock::now()).unwrap_or_else(|error| unavailable(&error))
}
