//! Stopping a conference: a question bound to one person and one run, who was first, what came of it.
//!
//! Questions are kept for an hour, at most 1,000 of them, so that a restart in between loses
//! nothing, and pages show what was stopped lately.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::audit::{self, About, Door, Entry, What};
use super::fleet::{Kept, ServerId};
use super::looks::RunId;
use super::record::fault;
use crate::apps::Person;
use crate::ids::UserId;
use crate::store::{Read, StoreError, TableDefinition, Tx, fresh_id};
use crate::trueconf::{Conference, Fault, Stop};

/// Number → [`Question`].
const STOPS: TableDefinition<u64, &[u8]> = TableDefinition::new("conferences/stops");

/// The most questions kept.
const MOST: u64 = 1_000;

/// How long a question is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(1);

/// How long a question may be answered.
const VALID: SignedDuration = SignedDuration::from_mins(2);

/// A stop that takes longer was lost in a crash: every request has a deadline of ten seconds, and
/// there are few.
const LOST: SignedDuration = SignedDuration::from_mins(2);

/// One question whether to stop a conference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The server it runs on.
    pub server: ServerId,
    /// The very run the question is about.
    pub session: String,
    /// The public id of the conference.
    pub id: Option<String>,
    /// What it is called.
    pub topic: Option<String>,
    /// How many people were in it.
    pub people: Option<u32>,
    /// Who was asked; nobody else may answer.
    pub by: UserId,
    /// Their name.
    pub name: String,
    /// Where they were asked.
    pub door: Door,
    /// When.
    pub at: Timestamp,
    /// The list in the chat that they came from.
    #[serde(default)]
    pub back: String,
    /// How it went on.
    #[serde(default)]
    pub course: Course,
}

/// How a question went on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Course {
    /// Nobody has answered.
    #[default]
    Open,
    /// The server was asked to stop the conference.
    UnderWay(Timestamp),
    /// This came of it.
    Ended(Timestamp, Outcome),
}

/// What came of a stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It is stopped.
    Stopped,
    /// It had ended by itself.
    Gone,
    /// It had ended, and another run was left alone.
    Replaced,
    /// It was not stopped.
    #[serde(with = "fault")]
    Failed(Fault),
    /// Nobody knows whether it was stopped.
    #[serde(with = "fault")]
    Unclear(Fault),
}

/// Why a question does not lead to a stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum No {
    /// There is no such question, or not any more.
    Unknown,
    /// It was put to somebody else.
    NotAsked,
    /// It is too old.
    Expired,
    /// Somebody is stopping that very run.
    Stopping(String),
    /// Somebody has stopped it.
    Stopped(String),
}

impl No {
    /// Whether the question is of no use any more.
    pub fn is_for_good(&self) -> bool {
        matches!(self, Self::Expired | Self::Stopped(_))
    }
}

impl Outcome {
    /// What the answer of the client means.
    pub fn of(answer: Result<Stop, Fault>) -> Self {
        match answer {
            Ok(Stop::Stopped) => Self::Stopped,
            Ok(Stop::Gone) => Self::Gone,
            Ok(Stop::Replaced) => Self::Replaced,
            // The server may have heard us.
            Err(why @ (Fault::TimedOut | Fault::Broken | Fault::Aborted)) => Self::Unclear(why),
            Err(why) => Self::Failed(why),
        }
    }

    /// Its word on pages and in the audit log.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Gone => "gone",
            Self::Replaced => "replaced",
            Self::Failed(_) => "failed",
            Self::Unclear(_) => "unclear",
        }
    }

    /// Why it was not stopped, where there is a reason.
    pub fn fault(self) -> Option<Fault> {
        match self {
            Self::Failed(why) | Self::Unclear(why) => Some(why),
            _ => None,
        }
    }
}

impl Question {
    /// A question to `person`, not kept yet.
    pub fn new(
        server: &Kept,
        conference: &Conference,
        person: &Person,
        door: Door,
        at: Timestamp,
    ) -> Self {
        Self {
            server: server.id,
            session: conference.session.clone(),
            id: conference.id.clone(),
            topic: conference.topic.clone(),
            people: conference.people,
            by: person.id,
            name: person.name.clone(),
            door,
            at,
            back: String::new(),
            course: Course::Open,
        }
    }

    /// The run it is about, in buttons and on pages.
    pub fn run(&self) -> RunId {
        RunId::of_session(&self.session)
    }

    /// The conference, as far as it has to be known to stop it.
    pub fn conference(&self) -> Conference {
        Conference {
            id: self.id.clone(),
            session: self.session.clone(),
            topic: self.topic.clone(),
            owner: None,
            people: self.people,
            started: None,
            lasting: std::time::Duration::ZERO,
            join: None,
            control: None,
        }
    }

    fn is_about(&self, other: &Self) -> bool {
        self.server == other.server && self.session == other.session
    }
}

/// Makes the table exist.
pub fn prepare(tx: &Tx) -> Result<(), StoreError> {
    tx.table_mut(STOPS).map(drop)
}

/// Keeps a question; gives its number.
pub fn ask(tx: &Tx, question: &Question) -> Result<u64, StoreError> {
    let number = fresh_id(tx, "conferences/stops")?;
    let old = question.at - KEPT;
    let expired = all(tx)?.into_iter().filter(|(_, other)| other.at < old);
    let expired: Vec<u64> = expired.map(|(number, _)| number).collect();
    let mut table = tx.table_mut(STOPS)?;
    for number in expired {
        table.remove(number)?;
    }
    while table.len()? >= MOST {
        table.pop_first()?;
    }
    drop(table);
    put(tx, number, question)?;
    Ok(number)
}

/// The question with this number.
pub fn find(read: &impl Read, number: u64) -> Result<Option<Question>, StoreError> {
    let table = read.table(STOPS)?;
    table.get(number)?.map(|row| decode(row.value())).transpose()
}

/// The answer is yes: from now on this question's run is being stopped, and no other question's.
pub fn claim(
    tx: &Tx,
    number: u64,
    by: UserId,
    at: Timestamp,
) -> Result<Result<Question, No>, StoreError> {
    let Some(mut question) = find(tx, number)? else { return Ok(Err(No::Unknown)) };
    let others = all(tx)?;
    let others = others.iter().map(|(_, other)| other).filter(|other| other.is_about(&question));
    if let Err(no) = judge(&question, others, by, at) {
        return Ok(Err(no));
    }
    question.course = Course::UnderWay(at);
    put(tx, number, &question)?;
    Ok(Ok(question))
}

/// Nobody could be sent: the question is as open as before.
pub fn reopen(tx: &Tx, number: u64) -> Result<(), StoreError> {
    let Some(question) = find(tx, number)? else { return Ok(()) };
    put(tx, number, &Question { course: Course::Open, ..question })
}

/// Keeps what came of a question, in the audit log, too.
pub fn end(
    tx: &Tx,
    number: u64,
    server: &Kept,
    outcome: Outcome,
    at: Timestamp,
) -> Result<Option<Question>, StoreError> {
    let Some(mut question) = find(tx, number)? else { return Ok(None) };
    question.course = Course::Ended(at, outcome);
    put(tx, number, &question)?;
    let word = outcome.fault().map_or_else(|| outcome.word().to_owned(), |why| why.word());
    let about = About {
        id: question.id.clone().unwrap_or_else(|| question.session.clone()),
        topic: question.topic.clone(),
        people: question.people,
    };
    audit::push(
        tx,
        &Entry {
            at,
            user: Some(question.by),
            name: question.name.clone(),
            by: question.door,
            server: server.name().to_owned(),
            what: What::Stop,
            conference: Some(about),
            result: word,
        },
    )?;
    Ok(Some(question))
}

/// Stops of `server` that were answered with yes, with the numbers of their questions, the newest
/// first.
pub fn of_server(
    read: &impl Read,
    server: ServerId,
    limit: usize,
) -> Result<Vec<(u64, Question)>, StoreError> {
    let mut all = all(read)?;
    all.retain(|(_, question)| question.server == server && question.course != Course::Open);
    all.reverse();
    all.truncate(limit);
    Ok(all)
}

/// Open questions put on pages about `server`, with their numbers.
pub fn open_on_pages(
    read: &impl Read,
    server: ServerId,
    at: Timestamp,
) -> Result<Vec<(u64, Question)>, StoreError> {
    let mut all = all(read)?;
    all.retain(|(_, question)| {
        let is_open = question.course == Course::Open && at.duration_since(question.at) <= VALID;
        question.server == server && question.door == Door::Page && is_open
    });
    Ok(all)
}

/// Whether a question may lead to a stop at `at`, given all questions about the same run.
fn judge<'a>(
    question: &Question,
    about_it: impl Iterator<Item = &'a Question>,
    by: UserId,
    at: Timestamp,
) -> Result<(), No> {
    if question.by != by {
        return Err(No::NotAsked);
    }
    for other in about_it {
        match other.course {
            Course::UnderWay(since) if at.duration_since(since) < LOST => {
                return Err(No::Stopping(other.name.clone()));
            }
            Course::Ended(_, Outcome::Stopped) => return Err(No::Stopped(other.name.clone())),
            _ => {}
        }
    }
    match question.course {
        Course::Open if at.duration_since(question.at) <= VALID => Ok(()),
        _ => Err(No::Expired),
    }
}

fn all(read: &impl Read) -> Result<Vec<(u64, Question)>, StoreError> {
    let table = read.table(STOPS)?;
    let rows = table.iter()?;
    rows.map(|row| {
        let (number, row) = row?;
        Ok((number.value(), decode(row.value())?))
    })
    .collect()
}

fn put(tx: &Tx, number: u64, question: &Question) -> Result<(), StoreError> {
    let row = serde_json::to_vec(question).map_err(|error| StoreError::Row("stops", error))?;
    tx.table_mut(STOPS)?.insert(number, &row[..])?;
    Ok(())
}

fn decode(row: &[u8]) -> Result<Question, StoreError> {
    serde_json::from_slice(row).map_err(|error| StoreError::Row("stops", error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    /// A question of Ada at second 0 about run `session`.
    fn question(by: i64, course: Course) -> Question {
        Question {
            server: ServerId(1),
            session: "1@server#vcs".to_owned(),
            id: Some("100".to_owned()),
            topic: None,
            people: Some(3),
            by: UserId(by),
            name: format!("Person {by}"),
            door: Door::Chat,
            at: at(0),
            back: "r0".to_owned(),
            course,
        }
    }

    #[test]
    fn the_first_of_two_wins_and_a_question_is_for_one_person_and_two_minutes() {
        let ended = |outcome| Course::Ended(at(5), outcome);
        let other = |course| Some(question(2, course));
        let name = || "Person 2".to_owned();
        let failed = Outcome::Failed(Fault::Permission(crate::trueconf::Scope::Conferences));
        for (own, other, by, second, expected) in [
            (Course::Open, None, 1, 10, Ok(())),
            (Course::Open, None, 1, 120, Ok(())),
            (Course::Open, None, 1, 121, Err(No::Expired)),
            (Course::Open, None, 2, 10, Err(No::NotAsked)),
            (Course::Open, other(Course::Open), 1, 10, Ok(())),
            (Course::Open, other(Course::UnderWay(at(5))), 1, 10, Err(No::Stopping(name()))),
            // Who was first does not become second by being slow.
            (Course::Open, other(Course::UnderWay(at(5))), 1, 124, Err(No::Stopping(name()))),
            (Course::Open, other(Course::UnderWay(at(-121))), 1, 10, Ok(())),
            (Course::Open, other(ended(Outcome::Stopped)), 1, 10, Err(No::Stopped(name()))),
            (Course::Open, other(ended(failed)), 1, 10, Ok(())),
            (ended(failed), None, 1, 10, Err(No::Expired)),
            (ended(Outcome::Gone), None, 1, 10, Err(No::Expired)),
        ] {
            let own = question(1, own);
            let got = judge(&own, other.iter().chain([&own]), UserId(by), at(second));
            assert_eq!(got, expected, "{own:?} {other:?} {by} {second}");
        }
        let own = question(1, Course::UnderWay(at(5)));
        let twice = judge(&own, [&own].into_iter(), UserId(1), at(6));
        assert_eq!(twice, Err(No::Stopping("Person 1".to_owned())));
    }

    #[test]
    fn a_question_is_read_back_from_its_row() {
        for course in [
            Course::Open,
            Course::UnderWay(at(1)),
            Course::Ended(at(2), Outcome::Replaced),
            Course::Ended(at(2), Outcome::Unclear(Fault::TimedOut)),
            Course::Ended(at(2), Outcome::Failed(Fault::Server(500))),
        ] {
            let question = question(1, course);
            let row = serde_json::to_vec(&question).unwrap();
            assert_eq!(decode(&row).unwrap(), question);
        }
    }
}
