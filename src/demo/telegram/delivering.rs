//! Webhook delivery (official server, `WebhookActor.cpp`): in order per chat, chats in parallel,
//! repeated until a 2xx.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use super::Shared;
use super::denial::Denial;
use super::state::State;
use crate::thread::{self, Handle};

/// How long an answer may take (a maintainer in tdlib/telegram-bot-api#211).
const DEADLINE: Duration = Duration::from_secs(60);

/// Longest pause between two tries; the original picks one between 60 and 120 s.
const PAUSE_MAX: u64 = 60;

/// Longest pause a `Retry-After` may ask for.
const RETRY_AFTER_MAX: u64 = 3_600;

/// The dispatcher looks again after this long though nothing changed.
const LOOK: Duration = Duration::from_secs(60);

/// Stack of a thread that posts one update.
const STACK: usize = 512 * 1024;

/// One try to deliver an update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The `update_id`.
    pub update_id: i64,
    /// The status it was answered with; 0 for none.
    pub status: u16,
    /// What was answered.
    pub answer: String,
}

/// What is remembered of the webhook that is set.
#[derive(Debug, Default)]
pub(crate) struct Hook {
    pub(crate) secret: String,
    pub(crate) most: usize,
    /// Trusts the certificate that was uploaded, if one was.
    agent: Option<Agent>,
    pub(crate) deliveries: Vec<Delivery>,
    pub(crate) last_error: Option<(Timestamp, String)>,
    flying: usize,
    lanes: BTreeMap<i64, Lane>,
}

/// The updates of one chat.
#[derive(Debug, Default)]
struct Lane {
    busy: bool,
    failures: u32,
    due: Option<Timestamp>,
}

struct Job {
    url: String,
    secret: String,
    agent: Option<Agent>,
    id: i64,
    lane: i64,
    body: String,
}

struct Outcome {
    status: u16,
    retry_after: Option<u64>,
    answer: String,
}

impl Hook {
    /// A webhook that was set just now: pauses of an earlier one are over.
    pub(crate) fn renew(
        &mut self,
        secret: &str,
        most: usize,
        certificate: Option<&[u8]>,
    ) -> Result<(), Denial> {
        let certificate = certificate.map(Certificate::from_pem).transpose();
        let certificate =
            certificate.map_err(|_| Denial::bad("bad webhook: can't read the certificate"))?;
        self.agent = certificate.map(|one| agent([one].into()));
        secret.clone_into(&mut self.secret);
        self.most = most;
        for lane in self.lanes.values_mut() {
            (lane.failures, lane.due) = (0, None);
        }
        Ok(())
    }
}

/// Starts the thread that delivers.
pub(crate) fn start(shared: &Arc<Shared>) -> std::io::Result<Handle> {
    let shared = Arc::clone(shared);
    thread::spawn("deliver", move || work(&shared))
}

fn work(shared: &Arc<Shared>) {
    let agent = agent(RootCerts::WebPki);
    let mut state = shared.lock();
    while !state.stopping {
        let Some(job) = next(&mut state) else {
            let pause = pause(&state);
            state = shared.wait(state, pause);
            continue;
        };
        drop(state);
        let agent = job.agent.clone().unwrap_or_else(|| agent.clone());
        let with = Arc::clone(shared);
        let posting = thread::detach("deliver-one", STACK, move || {
            let outcome = post(&agent, &job);
            with.change(|state| note(state, &job, outcome));
        });
        posting.expect("a test machine has a thread left");
        state = shared.lock();
    }
}

/// The next update that may be posted: the first of its chat, whose pause is over.
fn next(state: &mut State) -> Option<Job> {
    let now = state.now();
    let url = state.webhook.as_ref()?["url"].as_str()?.to_owned();
    // Nothing here reaches beyond this machine.
    if !is_loopback(&url) || state.hook.flying >= state.hook.most {
        return None;
    }
    let mut seen = Vec::new();
    let hook = &mut state.hook;
    let (id, json, lane) = state.queue.waiting(now).find_map(|(id, json)| {
        let lane = lane_of(json);
        let first = !seen.contains(&lane);
        seen.push(lane);
        let free = hook.lanes.get(&lane).is_none_or(|l| !l.busy && l.due.is_none_or(|d| d <= now));
        (first && free).then(|| (id, json.to_string(), lane))
    })?;
    hook.lanes.entry(lane).or_default().busy = true;
    hook.flying += 1;
    let (secret, agent) = (hook.secret.clone(), hook.agent.clone());
    Some(Job { url, secret, agent, id, lane, body: json })
}

/// A client that trusts these.
fn agent(trusted: RootCerts) -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(DEADLINE))
        .tls_config(TlsConfig::builder().root_certs(trusted).build())
        .build()
        .new_agent()
}

fn pause(state: &State) -> Duration {
    let now = state.now();
    let due = state.hook.lanes.values().filter_map(|lane| lane.due).filter(|due| *due > now).min();
    due.and_then(|due| Duration::try_from(due.duration_since(now)).ok()).unwrap_or(LOOK)
}

fn post(agent: &Agent, job: &Job) -> Outcome {
    let mut request = agent.post(&job.url).content_type("application/json");
    if !job.secret.is_empty() {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", &job.secret);
    }
    match request.send(&job.body) {
        Ok(mut answer) => {
            let after = answer.headers().get("Retry-After");
            let retry_after = after.and_then(|after| after.to_str().ok()?.parse().ok());
            let status = answer.status().as_u16();
            let answer = answer.body_mut().read_to_string().unwrap_or_default();
            Outcome { status, retry_after, answer }
        }
        Err(error) => Outcome { status: 0, retry_after: None, answer: error.to_string() },
    }
}

fn note(state: &mut State, job: &Job, outcome: Outcome) {
    let now = state.now();
    let Outcome { status, retry_after, answer } = outcome;
    let taken = (200..300).contains(&status);
    if taken {
        state.queue.delivered(job.id);
    } else {
        let what = format!("Wrong response from the webhook: {status}");
        state.hook.last_error = Some((now, what));
    }
    let hook = &mut state.hook;
    hook.flying -= 1;
    hook.deliveries.push(Delivery { update_id: job.id, status, answer });
    let lane = hook.lanes.entry(job.lane).or_default();
    lane.busy = false;
    lane.failures = if taken { 0 } else { lane.failures + 1 };
    // The first repeat is at once, then after 2, 4, 8 … s.
    let wait = match (lane.failures, retry_after) {
        (0, _) | (1, None) => 0,
        (_, Some(told)) => told.min(RETRY_AFTER_MAX),
        (failures, None) => (1 << (failures - 1).min(10)).min(PAUSE_MAX),
    };
    lane.due = (wait > 0).then(|| now + Duration::from_secs(wait));
}

/// Whether a webhook is on this machine.
pub(super) fn is_loopback(url: &str) -> bool {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    rest.is_some_and(|rest| rest.starts_with("127.0.0.1") || rest.starts_with("localhost"))
}

/// The chat an update belongs to, else its person, else 0.
fn lane_of(update: &Value) -> i64 {
    let content = update.as_object().and_then(|fields| fields.values().find(|v| v.is_object()));
    let Some(content) = content else { return 0 };
    let places =
        [&content["chat"]["id"], &content["message"]["chat"]["id"], &content["from"]["id"]];
    places.into_iter().find_map(Value::as_i64).unwrap_or_default()
}
