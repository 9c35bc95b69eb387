//! The port of the stand-in: the status page and the API.

use std::sync::Arc;
use std::time::Duration;

use super::api::{Call, Said, error, token};
use super::harm::{Harm, strike};
use super::state::Asked;
use super::{Shared, Version, v4, v33};
use crate::net::answer::Answer;
use crate::net::head::Head;
use crate::net::request::{Reply, Request, Site};

/// Nobody sends more.
const BODY_MAX: u64 = 64 << 10;

/// What stands behind the port.
pub(super) struct Front {
    shared: Arc<Shared>,
}

impl Front {
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    fn said(&self, request: &Request) -> Said {
        let mut state = self.shared.lock();
        let state = &mut *state;
        let call = Call::new(request);
        let path: Vec<&str> = request.path.split('/').skip(1).collect();
        match (state.version, path.as_slice()) {
            (Version::V33, ["oauth2", "v1", "token"])
            | (Version::V4, ["api", "v4", "oauth2", "token"]) => token(state, request),
            (Version::V33, ["api", "v3.3", rest @ ..]) => v33::answer(state, &call, rest),
            (Version::V4, ["api", "v4", rest @ ..]) => v4::answer(state, &call, rest),
            _ if state.manners.guards_everything => error(state, 401, "unauthorized"),
            _ => error(state, 404, "notFound"),
        }
    }

    /// Writes the call down; gives its number and what shall go wrong with it.
    fn note(&self, request: &Request) -> (usize, Option<Harm>) {
        let mut state = self.shared.lock();
        let harm = strike(&mut state.faults, &request.path);
        state.asked.push(Asked {
            method: request.method.clone(),
            path: request.path.clone(),
            kind: kind(&request.path),
            query: request.query.clone().unwrap_or_default(),
            authorization: request.headers.get("authorization").map(str::to_owned),
            status: 0,
        });
        (state.asked.len() - 1, harm)
    }

    fn answer(&self, request: &Request) -> (Reply, u16) {
        if request.path == "/vsstatus" {
            return (Answer::text("ok").into(), 200);
        }
        let (status, body) = self.said(request);
        let answer = if status == 204 { Answer::empty(204) } else { Answer::json(status, &body) };
        (answer.into(), status)
    }
}

impl Site for Front {
    fn body_limit(&self, _: &Head) -> u64 {
        BODY_MAX
    }

    fn reply(&self, request: Request) -> Reply {
        let (number, harm) = self.note(&request);
        let busy = Busy::new(&self.shared);
        if let Some(Harm::Slow(time)) = harm {
            wait(time);
        }
        let harmed = harm.and_then(Harm::reply);
        let (reply, status) = harmed.unwrap_or_else(|| self.answer(&request));
        drop(busy);
        self.shared.answered(number, status);
        reply
    }
}

/// Counts itself among the requests that are answered now.
struct Busy<'a>(&'a Shared);

impl<'a> Busy<'a> {
    fn new(shared: &'a Shared) -> Self {
        let mut state = shared.lock();
        state.at_once += 1;
        state.most_at_once = state.most_at_once.max(state.at_once);
        Self(shared)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.lock().at_once -= 1;
    }
}

/// Waits: a server is slow by nothing else.
fn wait(time: Duration) {
    std::thread::sleep(time);
}

/// The path with ids as `*`.
fn kind(path: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    for at in 1..parts.len() {
        if matches!(parts[at - 1], "conferences" | "conference-sessions") {
            parts[at] = "*";
        }
    }
    parts.join("/")
}
