//! What is on the stand-in: people, conferences, tokens, and everything it was asked.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use super::Version;
use super::harm::Fault;
use crate::clock;

/// What the server's own name is in ids.
pub(super) const DOMAIN: &str = "stand-in.example";

/// A conference somebody begins.
#[derive(Clone, Debug)]
pub struct Meeting {
    /// The public id; none for one without.
    pub id: Option<String>,
    /// Its title.
    pub topic: Option<String>,
    /// Whose it is, without the server's name.
    pub owner: String,
    /// How long ago it began.
    pub ago: Duration,
    /// The role of everybody in it; 2 moderates.
    pub roles: Vec<i64>,
    /// 10 for conferences, 1 for calls between two people.
    pub class: i64,
}

/// At which end of the log, sorted descending, runs without an end stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// At the beginning.
    RunningFirst,
    /// At the end.
    RunningLast,
}

/// How the server behaves where the real one is not known well. The default is what bots rely on.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is one open question")]
pub struct Manners {
    /// Whether version 3.3 reads the `Authorization` header.
    pub reads_header: bool,
    /// Whether a token just given is good.
    pub accepts_tokens: bool,
    /// Whether id and secret are taken.
    pub accepts_credentials: bool,
    /// For how many seconds a token is said to be good.
    pub expires_in: u64,
    /// Whether page 0 is what page 1 is; else page 0 is the first and 1 the second.
    pub zero_is_one: bool,
    /// The most rows on a page.
    pub page_max: usize,
    /// Where running conferences stand in the log.
    pub order: Order,
    /// Whether lists are told how long they are.
    pub tells_total: bool,
    /// Whether version 4 tells roles.
    pub tells_roles: bool,
    /// Whether `next_page_id` leads back to the page itself.
    pub loops: bool,
    /// Whether paths that lead nowhere ask for a token too.
    pub guards_everything: bool,
    /// Rights of the application.
    pub scopes: BTreeSet<String>,
}

/// One request, as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `GET` or `POST`.
    pub method: String,
    /// The path, decoded.
    pub path: String,
    /// The path with ids as `*`: `/api/v3.3/conferences/*/stop`.
    pub kind: String,
    /// What stood after the `?`, as sent.
    pub query: String,
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// The status of the answer; 0 if there was none.
    pub status: u16,
}

/// A run of a conference or call.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub session: String,
    pub meeting: Meeting,
    pub began: Timestamp,
    pub ended: Option<Timestamp>,
}

/// Somebody with an account.
pub(super) struct Person {
    pub name: String,
    pub status: i64,
}

/// Everything.
pub(super) struct State {
    pub version: Version,
    pub manners: Manners,
    pub runs: Vec<Run>,
    pub people: Vec<Person>,
    pub tokens: BTreeSet<String>,
    pub faults: Vec<Fault>,
    pub asked: Vec<Asked>,
    pub at_once: usize,
    pub most_at_once: usize,
    numbers: u64,
}

impl Meeting {
    /// A conference with this public id, begun just now by `anna`, who is in it with somebody else.
    pub fn new(id: &str) -> Self {
        Self {
            id: Some(id.to_owned()),
            topic: Some(format!("Meeting {id}")),
            owner: "anna".to_owned(),
            ago: Duration::ZERO,
            roles: vec![2, 1],
            class: 10,
        }
    }

    /// It began so long ago.
    #[must_use]
    pub fn ago(self, ago: Duration) -> Self {
        Self { ago, ..self }
    }

    /// These roles are in it.
    #[must_use]
    pub fn roles(self, roles: &[i64]) -> Self {
        Self { roles: roles.to_vec(), ..self }
    }

    /// It is called so.
    #[must_use]
    pub fn topic(self, topic: Option<&str>) -> Self {
        Self { topic: topic.map(str::to_owned), ..self }
    }
}

impl Default for Manners {
    fn default() -> Self {
        let scopes = [
            "conferences",
            "users:read",
            "logs.calls:read",
            "conferences.participants:read",
            "conferences.sessions:read",
            "conferences.sessions.participants:read",
        ];
        Self {
            reads_header: true,
            accepts_tokens: true,
            accepts_credentials: true,
            expires_in: 604_800,
            zero_is_one: true,
            page_max: 500,
            order: Order::RunningFirst,
            tells_total: true,
            tells_roles: true,
            loops: false,
            guards_everything: false,
            scopes: scopes.map(str::to_owned).into(),
        }
    }
}

impl State {
    pub fn new(version: Version) -> Self {
        Self {
            version,
            manners: Manners::default(),
            runs: Vec::new(),
            people: Vec::new(),
            tokens: BTreeSet::new(),
            faults: Vec::new(),
            asked: Vec::new(),
            at_once: 0,
            most_at_once: 0,
            numbers: 0,
        }
    }

    pub fn begin(&mut self, meeting: Meeting) -> String {
        let began = clock::now().saturating_sub(meeting.ago).unwrap_or(Timestamp::UNIX_EPOCH);
        self.run(meeting, began, None)
    }

    fn run(&mut self, meeting: Meeting, began: Timestamp, ended: Option<Timestamp>) -> String {
        let session = format!("{:08x}@{DOMAIN}#vcs", self.number());
        self.runs.push(Run { session: session.clone(), meeting, began, ended });
        session
    }

    pub fn end(&mut self, id: &str, now: Timestamp) {
        for run in self.runs.iter_mut().filter(|run| run.is_open_with(id)) {
            run.ended = Some(now);
        }
    }

    pub fn replace(&mut self, id: &str, now: Timestamp) -> String {
        let meeting = self.runs.iter().find(|run| run.is_open_with(id)).map(|run| &run.meeting);
        let meeting = meeting.cloned().unwrap_or_else(|| Meeting::new(id));
        self.end(id, now);
        self.begin(meeting.ago(Duration::ZERO))
    }

    pub fn past(&mut self, count: usize, now: Timestamp) {
        for number in 1..=count {
            let ago = Duration::from_secs(60 * u64::try_from(number).unwrap_or(1));
            let began = now.saturating_sub(ago * 2).unwrap_or(now);
            let ended = now.saturating_sub(ago).unwrap_or(now);
            self.run(Meeting::new(&format!("past{number}")), began, Some(ended));
        }
    }

    pub fn people(&mut self, status: i64, count: usize) {
        for _ in 0..count {
            let name = format!("user{}", self.number());
            self.people.push(Person { name, status });
        }
    }

    /// What runs, calls between two people too.
    pub fn open(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter().filter(|run| run.ended.is_none())
    }

    /// A number nothing else has.
    pub fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }
}

impl Run {
    pub fn is_open_with(&self, id: &str) -> bool {
        self.ended.is_none() && self.meeting.id.as_deref() == Some(id)
    }
}
