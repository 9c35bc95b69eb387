//! The API of one server: which version it speaks, and calls with a token that is good.

use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::json;

use super::answers::{self, Granted};
use super::facts;
use super::fault::{Fault, Scope};
use super::token::{Token, Tokens};
use super::wire::{Answer, Request, Send, Wire};
use crate::hidden::Hidden;
use crate::settings::{Api as Setting, Server};
use crate::telegram::form::encode;

/// All requests that one question takes may last so long together.
const BUDGET: Duration = Duration::from_secs(60);

/// Tokens tried for one call: the fixed one, one that has ended, and a fresh one.
const TOKENS_TRIED: usize = 3;

/// A version of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 3.3.
    V33,
    /// 4.
    V4,
}

/// The API of one server.
pub struct Api {
    /// The connections, also for what is not the API.
    pub wire: Wire,
    /// What a list of calls has taught, see [`super::v33`].
    pub order: AtomicU8,
    id: String,
    secret: Hidden<String>,
    setting: Setting,
    found: Mutex<Option<Found>>,
    tokens: [Tokens; 2],
    manner: AtomicU8,
}

/// One call.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// Path and query, encoded, without the version.
    pub path: &'a str,
    /// What is sent; nothing means GET.
    pub send: Option<Send<'a>>,
    /// The right it needs.
    pub scope: Scope,
    /// What a 404 means.
    pub absent: Fault,
    /// When nobody waits any more.
    pub end: Instant,
}

/// What was found out about the version.
#[derive(Clone, Copy)]
struct Found {
    version: Version,
    /// Whether a call has succeeded, or there is no other version.
    is_proven: bool,
}

/// How a token is sent to version 3.3, where nobody knows whether the header is read.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Manner {
    Unknown,
    Header,
    Query,
}

/// What came of a call with one token.
enum Tried {
    Good(Vec<u8>),
    Rejected,
}

impl Api {
    pub fn new(server: &Server) -> Self {
        Self {
            wire: Wire::new(server),
            order: AtomicU8::new(0),
            id: server.client_id.clone(),
            secret: server.client_secret.clone(),
            setting: server.api,
            found: Mutex::default(),
            tokens: [Tokens::new(server), Tokens::new(server)],
            manner: AtomicU8::new(Manner::Unknown as u8),
        }
    }

    /// When a question asked now has to be answered.
    pub fn end() -> Instant {
        Instant::now() + BUDGET
    }

    /// Asks a question in the version of the server. One that was only guessed and leads nowhere gives
    /// way to the other, if there is one.
    pub fn in_version<T>(
        &self,
        end: Instant,
        question: impl Fn(Version) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let found = self.version(end)?;
        let answer = question(found.version);
        if self.setting != Setting::Auto {
            return answer;
        }
        match answer {
            Ok(_) if !found.is_proven => self.remember(Some(Found { is_proven: true, ..found })),
            Err(Fault::NotOffered | Fault::Credentials)
                if !found.is_proven && found.version == Version::V33 =>
            {
                return self.other(end, question).unwrap_or(answer);
            }
            // It was updated, and the old version is gone.
            Err(Fault::NotOffered) if found.version == Version::V33 => self.remember(None),
            _ => {}
        }
        answer
    }

    /// The answer in version 4, if there is that version and it has one.
    fn other<T>(
        &self,
        end: Instant,
        question: impl Fn(Version) -> Result<T, Fault>,
    ) -> Option<Result<T, Fault>> {
        let version = Version::V4;
        match self.answers_in(version, end) {
            Ok(true) => {
                let answer = question(version).ok()?;
                self.remember(Some(Found { version, is_proven: true }));
                Some(Ok(answer))
            }
            Ok(false) => {
                self.remember(Some(Found { version: Version::V33, is_proven: true }));
                None
            }
            Err(_) => None,
        }
    }

    /// Asks with a token the server accepts; gives the body of a good answer.
    pub fn ask(&self, version: Version, ask: &Ask) -> Result<Vec<u8>, Fault> {
        let tokens = &self.tokens[version as usize];
        for _ in 0..TOKENS_TRIED {
            let token = tokens.current(|| self.grant(version, ask.end))?;
            match self.with_token(version, &token, ask)? {
                Tried::Good(body) => {
                    tokens.accept(&token);
                    return Ok(body);
                }
                Tried::Rejected if tokens.reject(&token) => {}
                Tried::Rejected => break,
            }
        }
        Err(Fault::Credentials)
    }

    fn version(&self, end: Instant) -> Result<Found, Fault> {
        let fixed = match self.setting {
            Setting::V33 => Some(Version::V33),
            Setting::V4 => Some(Version::V4),
            Setting::Auto => None,
        };
        let fixed = fixed.map(|version| Found { version, is_proven: true });
        let known = *self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = fixed.or(known) {
            return Ok(found);
        }
        // Version 3.3 first: of version 4 nobody knows people online and roles.
        for version in [Version::V33, Version::V4] {
            if self.answers_in(version, end)? {
                let found = Found { version, is_proven: false };
                self.remember(Some(found));
                return Ok(found);
            }
        }
        Err(Fault::NotOffered)
    }

    fn remember(&self, found: Option<Found>) {
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = found;
    }

    /// Whether there is such an API: asked without a token, it refuses in JSON.
    fn answers_in(&self, version: Version, end: Instant) -> Result<bool, Fault> {
        let path = format!("{}/conferences?page_size=1", version.prefix());
        let answer = self.wire.ask(&Request { path: &path, send: None, bearer: None }, end)?;
        match answer.status {
            500.. => Err(Fault::Server(answer.status)),
            200 | 400 | 401 | 403 => Ok(answers::is_json(&answer.body)),
            _ => Ok(false),
        }
    }

    /// A new token for the application (OAuth 2.0 `client_credentials`, RFC 6749 §4.4).
    fn grant(&self, version: Version, end: Instant) -> Result<Granted, Fault> {
        let secret = self.secret.reveal();
        if self.id.is_empty() || secret.is_empty() {
            return Err(Fault::Credentials);
        }
        let (path, text) = match version {
            Version::V33 => (
                facts::V33_TOKEN,
                format!(
                    "grant_type=client_credentials&client_id={}&client_secret={}",
                    encode(&self.id),
                    encode(secret)
                ),
            ),
            Version::V4 => (
                facts::V4_TOKEN,
                json!({"grant_type": "client_credentials", "client_id": self.id,
                       "client_secret": secret})
                .to_string(),
            ),
        };
        let send = match version {
            Version::V33 => Send::Form(&text),
            Version::V4 => Send::Json(&text),
        };
        let answer = self.wire.ask(&Request { path, send: Some(send), bearer: None }, end)?;
        match answer.status {
            200..=299 => answers::granted(&answer.body),
            404 | 405 | 501 => Err(Fault::NotOffered),
            429 | 500.. => Err(Fault::Server(answer.status)),
            400..=499 => Err(Fault::Credentials),
            _ => Err(Fault::Malformed),
        }
    }

    fn with_token(&self, version: Version, token: &Token, ask: &Ask) -> Result<Tried, Fault> {
        let path = format!("{}{}", version.prefix(), ask.path);
        let by_header = || {
            let bearer = Some(&token.text);
            self.wire.ask(&Request { path: &path, send: ask.send, bearer }, ask.end)
        };
        let by_query = || {
            let join = if path.contains('?') { '&' } else { '?' };
            let path = format!("{path}{join}access_token={}", encode(token.text.reveal()));
            self.wire.ask(&Request { path: &path, send: ask.send, bearer: None }, ask.end)
        };
        let manner = if version == Version::V4 { Manner::Header } else { self.manner() };
        if manner == Manner::Query {
            return sorted(by_query()?, ask);
        }
        let first = by_header()?;
        if manner == Manner::Header {
            return sorted(first, ask);
        }
        // bshaffer's OAuth2 server, which TrueConf has inside, answers 400 where it finds no token.
        let is_refused = first.status == 400 || answers::is_rejection(first.status, &first.body);
        if !is_refused {
            self.learn(Manner::Header);
            return sorted(first, ask);
        }
        let second = by_query()?;
        if second.status < 300 {
            self.learn(Manner::Query);
        }
        sorted(second, ask)
    }

    fn manner(&self) -> Manner {
        let known = self.manner.load(Ordering::Relaxed);
        let all = [Manner::Header, Manner::Query];
        all.into_iter().find(|manner| *manner as u8 == known).unwrap_or(Manner::Unknown)
    }

    fn learn(&self, manner: Manner) {
        self.manner.store(manner as u8, Ordering::Relaxed);
    }
}

impl Version {
    fn prefix(self) -> &'static str {
        match self {
            Self::V33 => facts::V33,
            Self::V4 => facts::V4,
        }
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api").field("wire", &self.wire).finish_non_exhaustive()
    }
}

/// What an answer means.
fn sorted(answer: Answer, ask: &Ask) -> Result<Tried, Fault> {
    if answers::is_rejection(answer.status, &answer.body) {
        return Ok(Tried::Rejected);
    }
    match answer.status {
        200..=299 => Ok(Tried::Good(answer.body)),
        300..=399 => Err(Fault::Malformed),
        403 => Err(Fault::Permission(ask.scope)),
        404 => Err(ask.absent),
        405 | 501 => Err(Fault::NotOffered),
        status => Err(Fault::Server(status)),
    }
}
