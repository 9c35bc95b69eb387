//! What pages are sent of a server: one `server` frame each, without what only operators may have in
//! the variant of those who may look.

use jiff::Timestamp;
use serde::Serialize;

use super::fleet::Kept;
use super::history::figures::{Point, Uptime};
use super::looks::{Look, RunId, Told};
use super::record::{Record, State};
use super::stops::{Course, Outcome, Question};
use super::words;
use crate::ids::UserId;
use crate::trueconf::{Conference, Fault, Online};

/// What the conferences of a frame may have in bytes, so that it fits a slow client's outbox.
const CONFERENCES_BYTES: usize = 24 * 1024;

/// Conferences of one answer to a page that wants more of them.
pub const MORE: usize = 100;

/// The `server` frame.
#[derive(Debug, Serialize)]
pub struct ServerFrame<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: u64,
    name: &'a str,
    state: State,
    since: Option<Timestamp>,
    reason: Option<String>,
    monitored: bool,
    may_stop: bool,
    uptime: Uptime,
    response: Vec<Option<i32>>,
    online: Option<OnlineFrame>,
    online_fault: Option<String>,
    running: Option<usize>,
    running_fault: Option<String>,
    conferences: Vec<ConferenceFrame>,
    stops: Vec<StopFrame>,
    questions: Vec<QuestionFrame>,
}

#[derive(Debug, Serialize)]
struct OnlineFrame {
    total: u32,
    free: u32,
    busy: u32,
    in_conference: u32,
}

/// One conference of a frame.
#[derive(Debug, Serialize)]
pub struct ConferenceFrame {
    key: String,
    topic: Option<String>,
    owner: Option<String>,
    people: Option<u32>,
    since: Option<Timestamp>,
    join: Option<String>,
    control: Option<String>,
    stoppable: bool,
}

#[derive(Debug, Serialize)]
struct QuestionFrame {
    ask: u64,
    key: String,
    topic: Option<String>,
    people: Option<u32>,
    to: UserId,
}

#[derive(Debug, Serialize)]
struct StopFrame {
    ask: u64,
    key: String,
    topic: Option<String>,
    by: String,
    outcome: &'static str,
    reason: Option<String>,
    at: Timestamp,
}

/// All that a frame is made of.
pub struct Facts<'a> {
    /// The server.
    pub kept: &'a Kept,
    /// What is kept of it.
    pub record: &'a Record,
    /// What it told last.
    pub look: &'a Look,
    /// How much of the time it was up.
    pub uptime: Uptime,
    /// Its response times of the last 24 hours, the oldest first.
    pub curve: &'a [Point],
    /// What was stopped lately, with the numbers of the questions.
    pub stops: &'a [(u64, Question)],
    /// Questions that wait for somebody's answer.
    pub questions: &'a [(u64, Question)],
}

impl<'a> ServerFrame<'a> {
    /// The frame for those who may operate the server.
    pub fn for_operators(facts: &Facts<'a>) -> Self {
        let Facts { kept, record, look, .. } = facts;
        let state = record.state(kept.settings.monitored);
        let is_known = matches!(state, State::Up | State::Down);
        let outage = record.outage.as_ref().filter(|_| state == State::Down);
        let running = look.running.as_deref();
        let conferences = list(running);
        let online = look.online.as_deref().and_then(|told| told.answer.ok());
        Self {
            kind: "server",
            id: kept.id.0,
            name: kept.name(),
            state,
            since: record.since.filter(|_| is_known),
            reason: outage.map(|outage| outage.reason.word()),
            monitored: record.is_monitored(kept.settings.monitored),
            may_stop: true,
            uptime: facts.uptime,
            response: facts.curve.iter().map(response).collect(),
            online: online.map(OnlineFrame::new),
            online_fault: look.online.as_deref().and_then(fault),
            running: running.and_then(|told| told.answer.as_ref().ok()).map(Vec::len),
            running_fault: running.and_then(fault),
            conferences: first(conferences),
            stops: facts
                .stops
                .iter()
                .map(|(number, asked)| StopFrame::new(*number, asked))
                .collect(),
            questions: facts.questions.iter().map(QuestionFrame::new).collect(),
        }
    }

    /// The same for those who may only look.
    #[must_use]
    pub fn for_viewers(mut self) -> Self {
        self.may_stop = false;
        self.questions.clear();
        self.conferences.iter_mut().for_each(ConferenceFrame::hide_control);
        self
    }
}

impl OnlineFrame {
    fn new(online: Online) -> Self {
        let Online { total, free, busy, in_conference } = online;
        Self { total, free, busy, in_conference }
    }
}

impl ConferenceFrame {
    /// One conference for those who may operate the server.
    pub fn new(conference: &Conference) -> Self {
        let https = |url: &Option<String>| url.clone().filter(|url| url.starts_with("https://"));
        Self {
            key: RunId::of_session(&conference.session).to_string(),
            topic: conference.topic.as_deref().map(words::name),
            owner: conference.owner.as_deref().map(words::name),
            people: conference.people,
            since: conference.started,
            join: https(&conference.join),
            control: https(&conference.control),
            stoppable: conference.id.is_some(),
        }
    }

    /// For those who may only look.
    pub fn hide_control(&mut self) {
        self.control = None;
    }
}

impl QuestionFrame {
    fn new((number, question): &(u64, Question)) -> Self {
        Self {
            ask: *number,
            key: question.run().to_string(),
            topic: question.topic.as_deref().map(words::name),
            people: question.people,
            to: question.by,
        }
    }
}

impl StopFrame {
    fn new(number: u64, question: &Question) -> Self {
        let (outcome, at) = match question.course {
            Course::Ended(at, outcome) => (Some(outcome), at),
            Course::UnderWay(at) => (None, at),
            Course::Open => (None, question.at),
        };
        Self {
            ask: number,
            key: question.run().to_string(),
            topic: question.topic.as_deref().map(words::name),
            by: words::name(&question.name),
            outcome: outcome.map_or("under-way", |outcome| outcome.word()),
            reason: outcome.and_then(Outcome::fault).map(|fault| fault.word()),
            at,
        }
    }
}

/// The conferences a server told of; none where it failed.
pub fn list(told: Option<&Told<Vec<Conference>>>) -> &[Conference] {
    told.and_then(|told| told.answer.as_ref().ok()).map_or(&[], Vec::as_slice)
}

/// As many as fit.
fn first(conferences: &[Conference]) -> Vec<ConferenceFrame> {
    let mut left = CONFERENCES_BYTES;
    let fits = |frame: &ConferenceFrame| {
        let length = serde_json::to_string(frame).map_or(usize::MAX, |json| json.len() + 1);
        let fits = length <= left;
        left = left.saturating_sub(length);
        fits
    };
    conferences.iter().map(ConferenceFrame::new).take_while(fits).collect()
}

fn fault<T>(told: &Told<T>) -> Option<String> {
    told.answer.as_ref().err().map(Fault::word)
}

/// Milliseconds, −1 where all checks failed, nothing where there was none.
fn response(point: &Point) -> Option<i32> {
    let failed = point.failed > 0 || point.down > 0;
    point.ms.map(i32::from).or(failed.then_some(-1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apps::conferences::audit::Door;
    use crate::apps::conferences::for_tests as testing;
    use crate::apps::conferences::looks::{Answer, Looks};
    use crate::apps::{Person, Roles};
    use crate::i18n::Language;
    use serde_json::json;
    use std::time::Duration;

    fn conference(number: usize) -> Conference {
        Conference {
            id: Some(format!("{number}")),
            session: format!("{number}@server#vcs"),
            topic: Some("Ж".repeat(200)),
            owner: Some("Ж".repeat(200)),
            people: Some(3),
            started: Some(Timestamp::UNIX_EPOCH),
            lasting: Duration::ZERO,
            join: Some(format!("https://server.example/c/{number}")),
            control: Some("http://server.example/".to_owned()),
        }
    }

    #[test]
    fn a_frame_of_700_conferences_fits_a_slow_clients_outbox() {
        let all: Vec<Conference> = (0..700).map(conference).collect();
        let first = first(&all);
        assert!((30..700).contains(&first.len()), "{}", first.len());
        assert!(serde_json::to_string(&first).unwrap().len() < 32 * 1024);
    }

    #[test]
    fn who_may_only_look_gets_no_way_to_act() {
        let kept = testing::kept(testing::server());
        let looks = Looks::default();
        let now = Timestamp::UNIX_EPOCH;
        let mut one = conference(1);
        one.control = one.join.clone();
        looks.put(kept.id, now, Answer::Running(Ok(vec![one.clone()])));
        let person = Person::named(testing::OPERATOR, &Roles::default(), Language::En);
        let question = Question::new(&kept, &one, &person, Door::Page, now);
        let facts = Facts {
            kept: &kept,
            record: &Record::default(),
            look: &looks.of(kept.id),
            uptime: Uptime::default(),
            curve: &[],
            stops: &[],
            questions: &[(7, question)],
        };
        let operators = serde_json::json!(ServerFrame::for_operators(&facts));
        let viewers = serde_json::json!(ServerFrame::for_operators(&facts).for_viewers());
        assert_eq!((&operators["may_stop"], &viewers["may_stop"]), (&json!(true), &json!(false)));
        assert_eq!(operators["questions"][0]["ask"], 7);
        assert_eq!(viewers["questions"], json!([]));
        let control = |frame: &serde_json::Value| frame["conferences"][0]["control"].clone();
        assert_eq!(control(&operators), "https://server.example/c/1");
        assert_eq!(control(&viewers), json!(null));
        assert_eq!(operators["conferences"][0]["join"], viewers["conferences"][0]["join"]);
    }

    #[test]
    fn links_are_https_or_none() {
        let frame = ConferenceFrame::new(&conference(1));
        assert_eq!(frame.join.as_deref(), Some("https://server.example/c/1"));
        assert_eq!(frame.control, None);
    }
}
