//! `getUpdates`: who waits, who is thrown out, and when (official server, `Client.cpp`).

use std::sync::MutexGuard;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::denial::Denial;
use super::params::Params;
use super::queue::LIMIT_MAX;
use super::state::State;
use super::{Shared, until};
use crate::clock;

/// Longest wait (`LONG_POLL_MAX_TIMEOUT`).
const WAIT_MAX: i64 = 50;

/// Asking for the same offset again this soon waits at least as long; conflicts are spaced by it too.
const AGAIN: Duration = Duration::from_secs(3);

/// Asking for the same offset again this soon gets one update only.
const AT_ONCE: SignedDuration = SignedDuration::from_millis(500);

const OTHER_POLLER: &str = "terminated by other getUpdates request; make sure that only one bot \
                            instance is running";
const WEBHOOK: &str = "can't use getUpdates method while webhook is active; use deleteWebhook to \
                       delete the webhook first";

/// What is remembered between polls.
#[derive(Debug, Default)]
pub(crate) struct Poller {
    /// Counts polls that began to wait; a waiting one ends when it is no longer the newest.
    turn: u64,
    /// How many wait.
    pub(crate) waiting: u32,
    last: Option<(i64, Timestamp)>,
    last_conflict: Option<Timestamp>,
}

/// What a poll asks for.
struct Poll {
    offset: i64,
    limit: i64,
    end: Timestamp,
}

/// Answers `getUpdates`, waiting for an update if there is none.
pub(crate) fn updates(shared: &Shared, params: &Params) -> Result<Value, Denial> {
    let mut state = shared.lock();
    if state.webhook.is_some() {
        return Err(conflict(shared, state, WEBHOOK));
    }
    if let Some(Value::Array(kinds)) = params.json("allowed_updates")? {
        let kinds = kinds.iter().filter_map(|kind| Some(kind.as_str()?.to_owned()));
        state.queue.allow(kinds.collect());
    }
    let poll = Poll::begin(params, &mut state.poller);
    let now = state.now();
    let found = state.queue.take(poll.offset, poll.limit, now);
    if !found.is_empty() || until(poll.end).is_zero() {
        return Ok(found.into());
    }
    wait(shared, state, &poll)
}

/// Waits until there is an update, the time is over, or somebody else takes the turn.
fn wait<'a>(
    shared: &'a Shared,
    mut state: MutexGuard<'a, State>,
    poll: &Poll,
) -> Result<Value, Denial> {
    state.poller.turn += 1;
    state.poller.waiting += 1;
    state.revision += 1;
    let turn = state.poller.turn;
    shared.changed.notify_all();
    loop {
        let left = until(poll.end);
        let over = left.is_zero() || state.stopping;
        let thrown_out = state.poller.turn != turn;
        let now = state.now();
        let found =
            if thrown_out { Vec::new() } else { state.queue.take(poll.offset, poll.limit, now) };
        if !(over || thrown_out || state.webhook.is_some()) && found.is_empty() {
            state = shared.wait(state, left);
            continue;
        }
        state.poller.waiting -= 1;
        return match (thrown_out, state.webhook.is_some()) {
            (true, _) => Err(conflict(shared, state, OTHER_POLLER)),
            (_, true) => Err(conflict(shared, state, "terminated by setWebhook request")),
            _ => Ok(found.into()),
        };
    }
}

/// The first conflict is told at once, further ones within 3 s only then.
fn conflict<'a>(shared: &'a Shared, mut state: MutexGuard<'a, State>, what: &str) -> Denial {
    let now = clock::now();
    let told = state.poller.last_conflict.filter(|last| *last + AGAIN > now);
    let at = told.map_or(now, |last| last + AGAIN);
    state.poller.last_conflict = Some(now);
    while !until(at).is_zero() && !state.stopping {
        state = shared.wait(state, until(at));
    }
    Denial::conflict(what)
}

impl Poll {
    fn begin(params: &Params, poller: &mut Poller) -> Self {
        let now = clock::now();
        let offset = params.int("offset").unwrap_or(0);
        let mut limit = params.int("limit").unwrap_or(LIMIT_MAX).clamp(1, LIMIT_MAX);
        let seconds = params.int("timeout").unwrap_or(0).clamp(0, WAIT_MAX);
        let mut wait = Duration::from_secs(seconds.unsigned_abs());
        if let Some((_, last)) = poller.last.filter(|(same, _)| *same == offset) {
            if now < last + AGAIN {
                wait = wait.max(AGAIN);
            }
            if now < last + AT_ONCE {
                limit = 1;
            }
        }
        poller.last = Some((offset, now));
        Self { offset, limit, end: now + wait }
    }
}
