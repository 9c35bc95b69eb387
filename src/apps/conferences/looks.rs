//! What the servers last told of themselves: in memory, since it is of no use a minute later.
//!
//! Errands put answers here and menus and pages read them, so that several people who look at the same
//! server ask it once. The lock is held for a look, never while anything is asked.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::fleet::ServerId;
use crate::trueconf::{Conference, Fault, Online, Row};

/// A question that was not answered by then is lost: the errand ended in a panic.
const LOST: SignedDuration = SignedDuration::from_mins(2);

/// Names a run of a conference in buttons and on pages: 48 bits made of its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub u64);

/// An answer and when it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told<T> {
    /// When.
    pub at: Timestamp,
    /// What the server told, or why it did not.
    pub answer: Result<T, Fault>,
}

/// What a server told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// What runs.
    Running(Result<Vec<Conference>, Fault>),
    /// Who is online.
    Online(Result<Online, Fault>),
    /// What was forgotten.
    Forgotten(Result<Vec<Row>, Fault>),
}

/// What one server told last.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// What runs, the longest first.
    pub running: Option<Arc<Told<Vec<Conference>>>>,
    /// Who is online.
    pub online: Option<Arc<Told<Online>>>,
    /// What was forgotten, with what could not be found out.
    pub forgotten: Option<Arc<Told<Vec<Row>>>>,
    /// Since when a page's question is under way.
    asked: Option<Timestamp>,
}

/// What every server told last. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Looks(Arc<Mutex<HashMap<ServerId, Look>>>);

impl RunId {
    /// The id of the run with this session.
    pub fn of_session(session: &str) -> Self {
        let digest = Sha256::digest(session.as_bytes());
        Self(digest.iter().take(6).fold(0, |id, byte| id << 8 | u64::from(*byte)))
    }

    /// Reads what it prints: hexadecimal digits without a sign.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = (1..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
        digits.then(|| u64::from_str_radix(text, 16).ok().map(Self))?
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", self.0)
    }
}

impl<T> Told<T> {
    /// Whether the answer is at most `age` old at `now`.
    pub fn is_fresh(&self, now: Timestamp, age: SignedDuration) -> bool {
        now.duration_since(self.at) <= age
    }
}

impl Looks {
    /// What `server` told last.
    pub fn of(&self, server: ServerId) -> Look {
        self.lock().get(&server).cloned().unwrap_or_default()
    }

    /// Keeps what `server` told; whether that is other than what it told before.
    pub fn put(&self, server: ServerId, at: Timestamp, answer: Answer) -> bool {
        let mut looks = self.lock();
        let look = looks.entry(server).or_default();
        match answer {
            Answer::Running(mut answer) => {
                let before = look.running.as_ref().map(|told| &told.answer);
                let known = before.and_then(|before| before.as_ref().ok());
                let list = answer.iter_mut().flatten();
                list.for_each(|one| begin(one, known.map_or(&[], Vec::as_slice), at));
                let is_same = before.is_some_and(|before| is_same(before, &answer));
                look.running = Some(Arc::new(Told { at, answer }));
                !is_same
            }
            Answer::Online(answer) => {
                let is_same = look.online.as_ref().is_some_and(|told| told.answer == answer);
                look.online = Some(Arc::new(Told { at, answer }));
                !is_same
            }
            Answer::Forgotten(answer) => {
                look.forgotten = Some(Arc::new(Told { at, answer }));
                true
            }
        }
    }

    /// The run is over: it is in no list any more.
    pub fn strike(&self, server: ServerId, run: RunId) {
        let mut looks = self.lock();
        let Some(look) = looks.get_mut(&server) else { return };
        let over = |conference: &Conference| RunId::of_session(&conference.session) == run;
        if let Some(told) = &mut look.running
            && let Ok(list) = &mut Arc::make_mut(told).answer
        {
            list.retain(|conference| !over(conference));
        }
        if let Some(told) = &mut look.forgotten
            && let Ok(list) = &mut Arc::make_mut(told).answer
        {
            list.retain(|row| !over(&row.conference));
        }
    }

    /// The run as it was told within `age` before `now`, in whichever list.
    pub fn find(
        &self,
        server: ServerId,
        run: RunId,
        now: Timestamp,
        age: SignedDuration,
    ) -> Option<Conference> {
        let look = self.of(server);
        let is_it = |one: &&Conference| RunId::of_session(&one.session) == run;
        let running = look.running.as_deref().filter(|told| told.is_fresh(now, age));
        let running = running.and_then(|told| told.answer.as_ref().ok());
        let forgotten = look.forgotten.as_deref().filter(|told| told.is_fresh(now, age));
        let forgotten = forgotten.and_then(|told| told.answer.as_ref().ok());
        // Of a forgotten one the people were counted; of a running one the server's list may not say.
        let forgotten = forgotten.into_iter().flatten().map(|row| &row.conference).find(is_it);
        forgotten.or_else(|| running.into_iter().flatten().find(is_it)).cloned()
    }

    /// Whether a page should ask now: the answers are older than `age`, and nobody asks already. Who
    /// is told so has to ask, and to say [`Looks::asked`] in the end.
    pub fn shall_ask(&self, server: ServerId, now: Timestamp, age: SignedDuration) -> bool {
        let mut looks = self.lock();
        let look = looks.entry(server).or_default();
        let is_fresh = look.running.as_ref().is_some_and(|told| told.is_fresh(now, age))
            && look.online.as_ref().is_some_and(|told| told.is_fresh(now, age));
        let is_asked = look.asked.is_some_and(|since| now.duration_since(since) < LOST);
        if is_fresh || is_asked {
            return false;
        }
        look.asked = Some(now);
        true
    }

    /// The question of a page was answered, or was not even put.
    pub fn asked(&self, server: ServerId) {
        self.lock().entry(server).or_default().asked = None;
    }

    /// The map stays whole through a panic: no change of it can panic half-way.
    fn lock(&self) -> MutexGuard<'_, HashMap<ServerId, Look>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says when `one` began, where the server does not: as it was known, or as long ago as it lasts.
fn begin(one: &mut Conference, known: &[Conference], at: Timestamp) {
    if one.started.is_some() {
        return;
    }
    let before = known.iter().find(|other| other.session == one.session);
    let counted = || at.checked_sub(one.lasting).ok();
    one.started = before.and_then(|before| before.started).or_else(counted);
}

/// Whether two answers say the same but for the time that has passed.
fn is_same(one: &Result<Vec<Conference>, Fault>, other: &Result<Vec<Conference>, Fault>) -> bool {
    match (one, other) {
        (Ok(one), Ok(other)) => {
            let timeless = |a: &Conference, lasting| Conference { lasting, ..a.clone() };
            one.len() == other.len()
                && one.iter().zip(other).all(|(a, b)| timeless(a, b.lasting) == *b)
        }
        (one, other) => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const SERVER: ServerId = ServerId(1);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn conference(session: &str, lasting: u64) -> Conference {
        Conference {
            id: Some("100".to_owned()),
            session: session.to_owned(),
            topic: None,
            owner: None,
            people: None,
            started: None,
            lasting: Duration::from_secs(lasting),
            join: None,
            control: None,
        }
    }

    #[test]
    fn only_what_is_new_is_news() {
        let looks = Looks::default();
        let running = |second, list: &[Conference]| {
            looks.put(SERVER, at(second), Answer::Running(Ok(list.to_vec())))
        };
        assert!(running(0, &[conference("a", 60)]));
        // Time passes, by clocks that differ a little.
        assert!(!running(15, &[conference("a", 76)]));
        let known = looks.find(SERVER, RunId::of_session("a"), at(15), SignedDuration::ZERO);
        assert_eq!(known.and_then(|known| known.started), Some(at(-60)));
        assert!(running(30, &[conference("b", 1)]));
        assert!(running(45, &[]));
        assert!(looks.put(SERVER, at(60), Answer::Running(Err(Fault::Refused))));
        assert!(!looks.put(SERVER, at(75), Answer::Running(Err(Fault::Refused))));
        let online = Answer::Online(Ok(Online::default()));
        assert!(looks.put(SERVER, at(0), online.clone()));
        assert!(!looks.put(SERVER, at(15), online));
    }

    #[test]
    fn pages_ask_once_for_all_who_look_and_not_more_often_than_needed() {
        let (looks, age) = (Looks::default(), SignedDuration::from_secs(10));
        assert!(looks.shall_ask(SERVER, at(0), age));
        assert!(!looks.shall_ask(SERVER, at(1), age), "somebody asks already");
        looks.put(SERVER, at(2), Answer::Running(Ok(Vec::new())));
        looks.put(SERVER, at(2), Answer::Online(Ok(Online::default())));
        looks.asked(SERVER);
        assert!(!looks.shall_ask(SERVER, at(12), age), "new enough");
        assert!(looks.shall_ask(SERVER, at(13), age));
        assert!(!looks.shall_ask(SERVER, at(132), age));
        assert!(looks.shall_ask(SERVER, at(133), age), "the question was lost");
    }

    #[test]
    fn a_run_that_is_over_is_in_no_list() {
        let looks = Looks::default();
        let (one, two) = (conference("a", 60), conference("b", 60));
        let row = |one: &Conference| Row { conference: one.clone(), verdict: Ok(None) };
        looks.put(SERVER, at(0), Answer::Running(Ok(vec![one.clone(), two.clone()])));
        looks.put(SERVER, at(0), Answer::Forgotten(Ok(vec![row(&one), row(&two)])));
        let run = RunId::of_session("a");
        let age = SignedDuration::from_secs(30);
        assert!(looks.find(SERVER, run, at(30), age).is_some());
        assert_eq!(looks.find(SERVER, run, at(31), age), None);
        assert_eq!(looks.find(ServerId(2), run, at(0), age), None);
        looks.strike(SERVER, run);
        assert_eq!(looks.find(SERVER, run, at(0), age), None);
        assert!(looks.find(SERVER, RunId::of_session("b"), at(0), age).is_some());
    }
}
