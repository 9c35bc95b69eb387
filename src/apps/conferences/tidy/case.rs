//! What becomes of forgotten conferences: seen, warned of, put off, left alone or stopped.
//!
//! Pure: the cases so far, what was found now, and the terms go in; the cases as they are then, and
//! what is to be done, come out. A look-up that failed never gets here: it says nothing.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::trueconf::Applies;

/// A conference has to be found forgotten in so many looks in a row before that counts.
const LOOKS: u32 = 2;

/// Tries to stop a conference before it is left alone.
const TRIES: u32 = 3;

/// How long an operator puts a stop off.
pub const SNOOZE: SignedDuration = SignedDuration::from_hours(1);

/// The most cases of one server; a server with more has other worries.
pub const CASES_MAX: usize = 200;

/// A forgotten conference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Its number in buttons; 0 until somebody is warned.
    pub number: u64,
    /// The very run.
    pub session: String,
    /// The public id, which is stopped.
    pub id: String,
    /// What it is called.
    pub topic: Option<String>,
    /// People in it.
    pub people: Option<u32>,
    /// The word of the rule by which it is forgotten.
    pub rule: String,
    /// Looks in a row at which it was forgotten.
    pub looks: u32,
    /// Tries to stop it that failed.
    #[serde(default)]
    pub failures: u32,
    /// How far it has come.
    pub course: Course,
}

/// How far a case has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Course {
    /// Seen, and nobody was told.
    Seen,
    /// Operators were told that it is stopped then.
    Warned(Timestamp),
    /// An operator has put it off until then.
    Snoozed(Timestamp),
    /// An operator leaves it alone, for as long as it runs.
    Kept,
    /// It would have been stopped, but only pretends.
    Pretended,
    /// It could not be stopped.
    GivenUp,
}

/// A conference that runs for long, as a look found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The very run.
    pub session: String,
    /// The public id.
    pub id: String,
    /// What it is called.
    pub topic: Option<String>,
    /// People in it.
    pub people: Option<u32>,
    /// The rule by which it is forgotten; none if it is not, and nothing where that is not known.
    pub verdict: Verdict,
}

/// What a look says of a conference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is forgotten by this rule.
    Forgotten(Applies),
    /// Somebody cares for it.
    Used,
    /// It could not be looked up.
    Unknown,
}

/// What holds at the moment of a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How long before a stop operators are warned.
    pub warn_before: SignedDuration,
    /// Nobody is told and nothing is stopped now.
    pub is_quiet: bool,
    /// Everything but the stop itself.
    pub is_dry: bool,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Warn of the case at this place.
    Warn(usize),
    /// Stop the case at this place, if it is still forgotten then.
    Stop(usize),
    /// Say that the case at this place would have been stopped.
    Pretend(usize),
    /// It was warned of, but is left alone now: somebody cares for it.
    Spare(Case),
    /// It was warned of, but has ended by itself.
    Ended(Case),
}

/// Goes through what a look found at `now`.
pub fn look(
    cases: Vec<Case>,
    found: &[Found],
    now: Timestamp,
    terms: &Terms,
) -> (Vec<Case>, Vec<Deed>) {
    let mut left = cases;
    let (mut next, mut deeds) = (Vec::new(), Vec::new());
    for found in found.iter().take(CASES_MAX) {
        let known = left.iter().position(|case| case.session == found.session);
        let known = known.map(|at| left.swap_remove(at));
        match (found.verdict, known) {
            (Verdict::Unknown, known) => next.extend(known),
            (Verdict::Used, known) => {
                deeds.extend(known.filter(Case::is_announced).map(Deed::Spare));
            }
            (Verdict::Forgotten(rule), known) => {
                let mut case = known.unwrap_or_else(|| Case::new(found));
                case.see(found, rule);
                deeds.extend(case.step(next.len(), now, terms));
                next.push(case);
            }
        }
    }
    deeds.extend(left.into_iter().filter(Case::is_announced).map(Deed::Ended));
    (next, deeds)
}

impl Case {
    fn new(found: &Found) -> Self {
        Self {
            number: 0,
            session: found.session.clone(),
            id: found.id.clone(),
            topic: None,
            people: None,
            rule: String::new(),
            looks: 0,
            failures: 0,
            course: Course::Seen,
        }
    }

    fn see(&mut self, found: &Found, rule: Applies) {
        self.looks = self.looks.saturating_add(1);
        self.topic.clone_from(&found.topic);
        self.people = found.people;
        rule.word().clone_into(&mut self.rule);
    }

    /// Goes on by a step, if it is time for one; `place` is where the case stands.
    fn step(&mut self, place: usize, now: Timestamp, terms: &Terms) -> Option<Deed> {
        let may_begin = match self.course {
            Course::Seen => self.looks >= LOOKS,
            Course::Snoozed(until) => now >= until,
            // The settings are meant seriously now.
            Course::Pretended => !terms.is_dry,
            Course::Warned(_) | Course::Kept | Course::GivenUp => false,
        };
        if terms.is_quiet {
            return None;
        }
        if may_begin && terms.warn_before > SignedDuration::ZERO {
            self.course = Course::Warned(now + terms.warn_before);
            return Some(Deed::Warn(place));
        }
        let is_due = matches!(self.course, Course::Warned(stop_at) if now >= stop_at);
        if !is_due && !may_begin {
            return None;
        }
        if terms.is_dry {
            self.course = Course::Pretended;
            return Some(Deed::Pretend(place));
        }
        // It stays due until the stop has an outcome.
        self.course = Course::Warned(now);
        Some(Deed::Stop(place))
    }

    /// Whether operators were told of it and wait for what becomes of it.
    fn is_announced(&self) -> bool {
        matches!(self.course, Course::Warned(_) | Course::Snoozed(_)) && self.number > 0
    }

    /// A stop failed; it is tried again at `again`, but not for ever. Whether it is given up now.
    pub fn failed(&mut self, again: Timestamp) -> bool {
        self.failures += 1;
        let is_given_up = self.failures >= TRIES;
        self.course = if is_given_up { Course::GivenUp } else { Course::Warned(again) };
        is_given_up
    }

    /// When something becomes of it whatever is found.
    pub fn due(&self) -> Option<Timestamp> {
        match self.course {
            Course::Warned(at) | Course::Snoozed(at) => Some(at),
            _ => None,
        }
    }

    /// An operator puts the stop off, or leaves the conference alone; false if there is nothing to
    /// put off any more.
    pub fn choose(&mut self, choice: Course) -> bool {
        let is_open = match self.course {
            Course::Warned(_) | Course::Snoozed(_) => true,
            Course::Pretended => choice == Course::Kept,
            _ => false,
        };
        if is_open {
            self.course = choice;
        }
        is_open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + MINUTE * minute).unwrap()
    }

    const TERMS: Terms =
        Terms { warn_before: SignedDuration::from_mins(15), is_quiet: false, is_dry: false };

    fn found(verdict: Verdict) -> Found {
        Found {
            session: "1@server".to_owned(),
            id: "100".to_owned(),
            topic: Some("Weekly".to_owned()),
            people: Some(1),
            verdict,
        }
    }

    /// What a look of the story finds.
    #[derive(Clone, Copy)]
    enum Look {
        /// It is forgotten.
        F,
        /// It is used.
        U,
        /// It could not be looked up.
        X,
        /// It is gone.
        Gone,
        /// An operator presses, before it is forgotten still.
        Snooze,
        Keep,
    }

    /// Plays looks five minutes apart; what was done, by the minute. Who is warned gets a number.
    fn play(terms: Terms, quiet: std::ops::Range<i64>, looks: &[Look]) -> Vec<(i64, &'static str)> {
        let (mut cases, mut done) = (Vec::<Case>::new(), Vec::new());
        for (minute, look_at) in (0..).step_by(5).zip(looks) {
            let choice = match look_at {
                Look::Snooze => Some(Course::Snoozed(at(minute) + SNOOZE)),
                Look::Keep => Some(Course::Kept),
                _ => None,
            };
            if let Some(choice) = choice {
                for case in &mut cases {
                    assert!(case.choose(choice));
                }
            }
            let found = match look_at {
                Look::Gone => vec![],
                Look::U => vec![found(Verdict::Used)],
                Look::X => vec![found(Verdict::Unknown)],
                _ => vec![found(Verdict::Forgotten(Applies::ModeratorAlone))],
            };
            let terms = Terms { is_quiet: quiet.contains(&minute), ..terms };
            let (next, deeds) = look(cases, &found, at(minute), &terms);
            cases = next;
            for deed in deeds {
                done.push(match deed {
                    Deed::Warn(place) => {
                        cases[place].number = 1;
                        (minute, "warn")
                    }
                    Deed::Stop(place) => {
                        cases.remove(place);
                        (minute, "stop")
                    }
                    Deed::Pretend(_) => (minute, "pretend"),
                    Deed::Spare(_) => (minute, "spare"),
                    Deed::Ended(_) => (minute, "ended"),
                });
            }
        }
        done
    }

    /// What it shows, its terms, the quiet minutes, what is seen, what is done when.
    type Row<'a> = (&'a str, Terms, std::ops::Range<i64>, &'a [Look], &'a [(i64, &'a str)]);

    #[test]
    fn a_conference_is_stopped_only_after_two_looks_and_a_warning() {
        use Look::{F, Gone, Keep, Snooze, U, X};
        let dry = Terms { is_dry: true, ..TERMS };
        let at_once = Terms { warn_before: SignedDuration::ZERO, ..TERMS };
        let never = 0..0;
        let long: Vec<Look> = [&[F, F, Snooze][..], &[F; 15]].concat();
        let rows: Vec<Row<'_>> = vec![
            ("seen once", TERMS, never.clone(), &[F, U, F, U, F], &[]),
            ("the whole way", TERMS, never.clone(), &[F, F, F, F, F], &[(5, "warn"), (20, "stop")]),
            (
                "somebody comes",
                TERMS,
                never.clone(),
                &[F, F, F, U, F, F],
                &[(5, "warn"), (15, "spare"), (25, "warn")],
            ),
            ("it ends", TERMS, never.clone(), &[F, F, Gone], &[(5, "warn"), (10, "ended")]),
            ("it ends unannounced", TERMS, never.clone(), &[F, Gone], &[]),
            (
                "a failed look-up is no look",
                TERMS,
                never.clone(),
                &[F, X, F, X, X, X, F],
                &[(10, "warn"), (30, "stop")],
            ),
            (
                "a failed look-up never stops",
                TERMS,
                never.clone(),
                &[F, F, X, X, X, X, X],
                &[(5, "warn")],
            ),
            ("kept", TERMS, never.clone(), &[F, F, Keep, F, F, F, F, F], &[(5, "warn")]),
            ("put off", TERMS, never.clone(), &long, &[(5, "warn"), (70, "warn"), (85, "stop")]),
            (
                "dry run",
                dry,
                never.clone(),
                &[F, F, F, F, F, F, F],
                &[(5, "warn"), (20, "pretend")],
            ),
            ("no warning wanted", at_once, never.clone(), &[F, F], &[(5, "stop")]),
            (
                "quiet before the warning",
                TERMS,
                0..15,
                &[F, F, F, F, F, F, F],
                &[(15, "warn"), (30, "stop")],
            ),
            (
                "quiet after the warning",
                TERMS,
                10..40,
                &[F, F, F, F, F, F, F, F, F, F],
                &[(5, "warn"), (40, "stop")],
            ),
        ];
        for (name, terms, quiet, looks, expected) in rows {
            assert_eq!(play(terms, quiet, looks), expected, "{name}");
        }
    }

    #[test]
    fn what_was_pretended_is_done_once_the_settings_mean_it() {
        let forgotten = [found(Verdict::Forgotten(Applies::NoModerator))];
        let dry = Terms { is_dry: true, warn_before: SignedDuration::ZERO, ..TERMS };
        let (cases, _) = look(Vec::new(), &forgotten, at(0), &dry);
        let (cases, deeds) = look(cases, &forgotten, at(5), &dry);
        assert_eq!(deeds, [Deed::Pretend(0)]);
        let (cases, deeds) = look(cases, &forgotten, at(10), &dry);
        assert_eq!(deeds, []);
        let (cases, deeds) = look(cases, &forgotten, at(15), &TERMS);
        assert_eq!((deeds, cases[0].course), (vec![Deed::Warn(0)], Course::Warned(at(30))));
    }

    #[test]
    fn a_run_that_took_the_place_of_another_begins_anew() {
        let first = found(Verdict::Forgotten(Applies::NoModerator));
        let second = Found { session: "2@server".to_owned(), ..first.clone() };
        let (cases, _) = look(Vec::new(), std::slice::from_ref(&first), at(0), &TERMS);
        let (cases, deeds) = look(cases, std::slice::from_ref(&second), at(5), &TERMS);
        assert_eq!((deeds, cases[0].looks, &cases[0].session[..]), (vec![], 1, "2@server"));
    }

    #[test]
    fn a_stop_that_fails_is_tried_three_times() {
        let mut case = Case::new(&found(Verdict::Used));
        let tries = [1, 2, 3].map(|minute| (case.failed(at(minute)), case.course));
        let warned = |minute| Course::Warned(at(minute));
        assert_eq!(tries, [(false, warned(1)), (false, warned(2)), (true, Course::GivenUp)]);
        assert!(!case.choose(Course::Kept), "there is nothing to put off");
    }
}
