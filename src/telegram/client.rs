//! Calls of the Bot API over HTTP, each with a deadline, and the end of a long poll on demand.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::typestate::WithBody;
use ureq::unversioned::multipart::{Form, Part};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, AsSendBody, Body, RequestBuilder};

use super::error::{ApiError, Trouble};
use super::form;
use crate::hidden::Hidden;
use crate::ids::ChatId;

/// Longest JSON answer we read: a batch of updates is at most 4 MiB (Bot API server), twice that.
const ANSWER_MAX: u64 = 8 << 20;

/// How much longer than Telegram's own timeout a long poll may take before the line counts as dead.
const POLL_GRACE: Duration = Duration::from_secs(25);

/// Name look-up and connecting, with TLS; slow mobile lines need seconds, more is a dead line.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// An idle connection is used again for this long; below the minute that proxies keep theirs.
const IDLE_MAX: Duration = Duration::from_secs(50);

/// Idle connections kept: one per thread that calls.
const IDLE_CONNECTIONS: usize = 6;

/// Longest description kept from an answer, in characters.
const DESCRIPTION_MAX: usize = 300;

/// One bot at one Bot API server. Clones share their connections.
#[derive(Clone)]
pub struct Client {
    base: String,
    token: Hidden<String>,
    agent: Agent,
    aborted: Arc<AtomicBool>,
}

/// An update as it came: its id and its own JSON, which is decoded alone.
#[derive(Debug)]
pub struct RawUpdate {
    /// Telegram's `update_id`.
    pub id: i64,
    /// The whole update object, byte for byte.
    pub json: Box<RawValue>,
}

impl Client {
    /// A client for the bot of `token` at `base_url`, such as `https://api.telegram.org`.
    ///
    /// Nothing is sent yet; an unusable URL shows as [`Trouble::Address`] at the first call.
    pub fn new(base_url: &str, token: Hidden<String>) -> Self {
        let config = config(base_url);
        let agent = Agent::with_parts(config, DefaultConnector::default(), Names::default());
        let base = base_url.trim_end_matches('/').to_owned();
        Self { base, token, agent, aborted: Arc::default() }
    }

    /// Another client for the same bot, whose calls [`Client::abort`] of this one does not touch.
    #[must_use]
    pub fn apart(&self) -> Self {
        Self::new(&self.base, self.token.clone())
    }

    /// Calls `method` with `params` (a JSON object) and gives its `result`.
    pub fn call(
        &self,
        method: &str,
        params: &Value,
        deadline: Duration,
    ) -> Result<Value, ApiError> {
        let (status, body) = self.post(method, params, deadline)?;
        let result = self.result(status, &body)?;
        serde_json::from_str(result.get()).map_err(|_| ApiError::Malformed { status })
    }

    /// The same with a file: the name of its parameter, its own name, and its bytes.
    pub fn upload(
        &self,
        method: &str,
        params: &Value,
        (parameter, name, bytes): (&str, &str, &[u8]),
        deadline: Duration,
    ) -> Result<Value, ApiError> {
        let texts: Vec<(&String, String)> = params
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, value)| (key, text(value)))
            .collect();
        let file = Form::new().part(parameter, Part::bytes(bytes).file_name(name));
        let form = texts.iter().fold(file, |form, (key, value)| form.text(key, value));
        let (status, body) = self.send(self.request(method, deadline), form)?;
        let result = self.result(status, &body)?;
        serde_json::from_str(result.get()).map_err(|_| ApiError::Malformed { status })
    }

    /// Bot API `getUpdates`; `offset` 0 confirms nothing. Each update is decoded by the caller, alone.
    ///
    /// Waits for `timeout` on Telegram's side and gives up 25 s after that.
    pub fn get_updates(
        &self,
        offset: i64,
        limit: u8,
        timeout: Duration,
        allowed_updates: &[&str],
    ) -> Result<Vec<RawUpdate>, ApiError> {
        let mut params = json!({
            "limit": limit, "timeout": timeout.as_secs(), "allowed_updates": allowed_updates,
        });
        if offset != 0 {
            params["offset"] = offset.into();
        }
        let (status, body) = self.post("getUpdates", &params, timeout + POLL_GRACE)?;
        updates(&self.result(status, &body)?).ok_or(ApiError::Malformed { status })
    }

    /// Fetches a file by the `file_path` that `getFile` gave, if it has at most `max_bytes`.
    pub fn download(
        &self,
        file_path: &str,
        max_bytes: u64,
        deadline: Duration,
    ) -> Result<Vec<u8>, ApiError> {
        let path = file_path.split('/').map(form::encode).collect::<Vec<_>>().join("/");
        let url = format!("{}/file/bot{}/{path}", self.base, self.token.reveal());
        let request = self.agent.get(url).config().timeout_global(Some(deadline)).build();
        let answer = request.call().map_err(|error| self.failed(error))?;
        let status = answer.status().as_u16();
        let limit = if status == 200 { max_bytes } else { ANSWER_MAX };
        let body = self.read(answer.into_body(), limit)?;
        if status == 200 {
            return Ok(body);
        }
        Err(self.refusal(status, &String::from_utf8_lossy(&body)))
    }

    /// Ends every call in progress on this client and its clones at once, and refuses new ones.
    ///
    /// For the stop of the program. A name look-up or a connect in progress ends by its own
    /// deadline of 10 s, so whoever stops in a hurry does not wait for the thread.
    pub fn abort(&self) {
        self.aborted.store(true, Ordering::SeqCst);
        self.agent.clone().shutdown();
    }

    /// Whether [`Client::abort`] was called.
    pub fn is_aborted(&self) -> bool {
        self.aborted.load(Ordering::SeqCst)
    }

    fn post(
        &self,
        method: &str,
        params: &Value,
        deadline: Duration,
    ) -> Result<(u16, Vec<u8>), ApiError> {
        let request = self.request(method, deadline).content_type("application/json");
        self.send(request, params.to_string())
    }

    fn request(&self, method: &str, deadline: Duration) -> RequestBuilder<WithBody> {
        debug_assert!(method.bytes().all(|b| b.is_ascii_alphanumeric()), "`{method}` is no method");
        let url = format!("{}/bot{}/{method}", self.base, self.token.reveal());
        self.agent.post(url).config().timeout_global(Some(deadline)).build()
    }

    fn send(
        &self,
        request: RequestBuilder<WithBody>,
        body: impl AsSendBody,
    ) -> Result<(u16, Vec<u8>), ApiError> {
        let answer = request.send(body).map_err(|error| self.failed(error))?;
        let status = answer.status().as_u16();
        Ok((status, self.read(answer.into_body(), ANSWER_MAX)?))
    }

    fn read(&self, body: Body, limit: u64) -> Result<Vec<u8>, ApiError> {
        if body.content_length().is_some_and(|length| length > limit) {
            return Err(ApiError::TooLarge { limit });
        }
        // One byte more, because `ureq` refuses a body of exactly its limit.
        match body.into_with_config().limit(limit + 1).read_to_vec() {
            Ok(bytes) => Ok(bytes),
            Err(ureq::Error::BodyExceedsLimit(_)) => Err(ApiError::TooLarge { limit }),
            Err(error) => Err(self.failed(error)),
        }
    }

    fn failed(&self, error: ureq::Error) -> ApiError {
        if self.aborted.load(Ordering::SeqCst) { ApiError::Aborted } else { error.into() }
    }

    /// The `result` of an answer, or the error it carries.
    fn result(&self, status: u16, body: &[u8]) -> Result<Box<RawValue>, ApiError> {
        let body = String::from_utf8_lossy(body);
        match serde_json::from_str::<Envelope>(&body) {
            Ok(Envelope { ok: true, result: Some(result), .. }) => Ok(result.to_owned()),
            _ => Err(self.refusal(status, &body)),
        }
    }

    /// What an answer that is not a result means.
    fn refusal(&self, status: u16, body: &str) -> ApiError {
        let Ok(Envelope { ok: false, error_code, description, parameters, .. }) =
            serde_json::from_str::<Envelope>(body)
        else {
            return if status == 401 {
                ApiError::Unauthorized
            } else {
                ApiError::Malformed { status }
            };
        };
        match error_code.unwrap_or(status) {
            401 => ApiError::Unauthorized,
            code => ApiError::Refused {
                code,
                description: self.blot(&description.unwrap_or_default()),
                retry_after: parameters.retry_after.map(Duration::from_secs),
                migrate_to_chat_id: parameters.migrate_to_chat_id,
            },
        }
    }

    /// Text of a server, bounded and without our token, should the server echo it.
    fn blot(&self, text: &str) -> String {
        let text = match self.token.reveal().as_str() {
            "" => Cow::Borrowed(text),
            token => Cow::Owned(text.replace(token, "***")),
        };
        text.chars().take(DESCRIPTION_MAX).collect()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("token", &self.token).finish_non_exhaustive()
    }
}

/// The form of every answer of the Bot API.
#[derive(Deserialize)]
struct Envelope<'a> {
    ok: bool,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    error_code: Option<u16>,
    description: Option<Cow<'a, str>>,
    #[serde(default)]
    parameters: Parameters,
}

/// Bot API `ResponseParameters`.
#[derive(Default, Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<ChatId>,
}

#[derive(Deserialize)]
struct Id {
    update_id: i64,
}

/// Splits a batch into its updates; an entry without an id cannot be confirmed and is skipped.
fn updates(result: &RawValue) -> Option<Vec<RawUpdate>> {
    let entries: Vec<Box<RawValue>> = serde_json::from_str(result.get()).ok()?;
    let mut updates = Vec::with_capacity(entries.len());
    for json in entries {
        match serde_json::from_str::<Id>(json.get()) {
            Ok(Id { update_id }) => updates.push(RawUpdate { id: update_id, json }),
            Err(_) => log::warn!("skipped an update without `update_id`"),
        }
    }
    Some(updates)
}

/// A parameter as a form has it: texts as they are, the rest as JSON.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn config(base_url: &str) -> Config {
    let builder = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_idle_age(IDLE_MAX)
        .max_idle_connections(IDLE_CONNECTIONS)
        .max_idle_connections_per_host(IDLE_CONNECTIONS)
        .timeout_connect(Some(CONNECT_MAX))
        .user_agent(concat!("roost/", env!("CARGO_PKG_VERSION")));
    if is_loopback(base_url) { builder.proxy(None).build() } else { builder.build() }
}

/// A proxy from the environment cannot reach a server on our own machine.
fn is_loopback(base_url: &str) -> bool {
    base_url.parse::<Uri>().is_ok_and(|uri| match uri.host() {
        Some("localhost" | "[::1]") => true,
        Some(host) => host.starts_with("127."),
        None => false,
    })
}

/// The system's name look-up, whose failures keep their name.
#[derive(Debug, Default)]
struct Names(DefaultResolver);

impl Resolver for Names {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        self.0.resolve(uri, config, timeout).map_err(|error| match error {
            ureq::Error::Io(_) => ureq::Error::HostNotFound,
            other => other,
        })
    }
}

impl From<Trouble> for ApiError {
    fn from(trouble: Trouble) -> Self {
        Self::Network(trouble)
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
