//! What both versions of the API have in common: tokens, rights, pages, and errors in their forms.

use serde_json::{Value, json};

use super::state::State;
use super::{CLIENT_ID, CLIENT_SECRET, Version};
use crate::net::request::Request;
use crate::telegram::form;

/// A call, its query and body as they came.
pub(super) struct Call<'a> {
    pub request: &'a Request,
    pub query: Vec<(String, String)>,
}

/// A status and a JSON body.
pub(super) type Said = (u16, Value);

impl<'a> Call<'a> {
    pub fn new(request: &'a Request) -> Self {
        let query = request.query.as_deref().and_then(form::pairs).unwrap_or_default();
        Self { request, query }
    }

    /// A parameter of the query.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn number(&self, name: &str) -> Option<usize> {
        self.param(name)?.parse().ok()
    }

    fn bearer(&self) -> Option<&str> {
        self.request.headers.get("authorization")?.strip_prefix("Bearer ")
    }

    /// The part of `all` this call asks for by `page`; also whether more follows, and its number.
    pub fn page<T>(&self, state: &State, page: &str, all: Vec<T>) -> (Vec<T>, Option<usize>) {
        let size = self.number("page_size").unwrap_or(usize::MAX).clamp(1, state.manners.page_max);
        let asked = self.number(page);
        let first = usize::from(state.manners.zero_is_one);
        let number = asked.unwrap_or(first).max(first);
        let start = (number - first).saturating_mul(size);
        let total = all.len();
        let rows: Vec<T> = all.into_iter().skip(start).take(size).collect();
        let next = (start + rows.len() < total).then_some(number + 1);
        (rows, if state.manners.loops { Some(number) } else { next })
    }
}

/// Why a call is turned away: no good token, or a right is missing.
pub(super) fn denied(state: &State, call: &Call, scopes: &[&str]) -> Option<Said> {
    let manners = &state.manners;
    let header = call.bearer().filter(|_| manners.reads_header || state.version == Version::V4);
    let query = call.param("access_token").filter(|_| state.version == Version::V33);
    if header.is_some() && query.is_some() {
        return Some(oauth("invalid_request", "only one method may be used to authenticate"));
    }
    let is_good = |token: &str| manners.accepts_tokens && state.tokens.contains(token);
    if !header.or(query).is_some_and(is_good) {
        return Some(match state.version {
            Version::V33 => error(state, 403, "accessTokenInvalid"),
            Version::V4 => error(state, 401, "unauthorized"),
        });
    }
    let is_allowed = scopes.iter().any(|scope| manners.scopes.contains(*scope));
    (!is_allowed).then(|| error(state, 403, "forbidden"))
}

/// An error in the form of the version.
pub(super) fn error(state: &State, code: u16, reason: &str) -> Said {
    let body = match state.version {
        Version::V33 => json!({"error": {
            "code": code, "message": reason, "errors": [{"reason": reason, "message": reason}],
        }}),
        Version::V4 => json!({"error": reason, "message": reason}),
    };
    (code, body)
}

/// An error of the token endpoint (bshaffer's OAuth2 server): always 400.
fn oauth(name: &str, words: &str) -> Said {
    (400, json!({"error": name, "error_description": words}))
}

/// A new token, or why there is none.
pub(super) fn token(state: &mut State, request: &Request) -> Said {
    if request.method != "POST" {
        return (405, json!({"error": "invalid_request", "error_description": "use POST"}));
    }
    let given = |name| field(state.version, request, name);
    if given("grant_type").as_deref() != Some("client_credentials") {
        return oauth("unsupported_grant_type", "Grant type is not supported");
    }
    let is_known = given("client_id").as_deref() == Some(CLIENT_ID)
        && given("client_secret").as_deref() == Some(CLIENT_SECRET);
    if !is_known || !state.manners.accepts_credentials {
        return oauth("invalid_client", "The client credentials are invalid");
    }
    let token = format!("canary{:034x}", state.number());
    state.tokens.insert(token.clone());
    let scope: Vec<&str> = state.manners.scopes.iter().map(String::as_str).collect();
    let body = json!({
        "access_token": token, "expires_in": state.manners.expires_in, "token_type": "Bearer",
        "scope": scope.join(" "),
    });
    (200, body)
}

/// Version 3.3 takes forms and JSON, version 4 JSON alone.
fn field(version: Version, request: &Request, name: &str) -> Option<String> {
    let kind = request.headers.get("content-type").unwrap_or_default();
    if kind.starts_with("application/json") {
        let body: Value = serde_json::from_slice(&request.body).ok()?;
        return body[name].as_str().map(str::to_owned);
    }
    let body = std::str::from_utf8(&request.body).ok().filter(|_| version == Version::V33)?;
    let pairs = form::pairs(body)?;
    pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}
