//! Which conferences are forgotten: pure rules over what was looked up.

use super::fault::Fault;
use super::types::{Conference, People};
use crate::settings::Forgotten;

/// The rule by which a conference is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applies {
    /// Nobody in it moderates, or nobody is in it at all.
    NoModerator,
    /// A moderator is alone in it.
    ModeratorAlone,
}

impl Applies {
    /// The word of the settings and of rows: `no-moderator`, `moderator-alone`.
    pub fn word(self) -> &'static str {
        match self {
            Self::NoModerator => "no-moderator",
            Self::ModeratorAlone => "moderator-alone",
        }
    }

    /// The rule [`Applies::word`] names.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::NoModerator, Self::ModeratorAlone].into_iter().find(|rule| rule.word() == word)
    }
}

impl Forgotten {
    /// Whether `conference` is never forgotten.
    pub fn exempts(&self, conference: &Conference) -> bool {
        let names = [conference.id.as_ref(), conference.topic.as_ref()];
        self.exempt.iter().any(|exempt| names.contains(&Some(exempt)))
    }
}

/// Whether the people of `conference` have to be looked up: it runs for long enough and is not exempt.
pub fn is_candidate(rule: &Forgotten, conference: &Conference) -> bool {
    conference.lasting >= rule.longer_than && !rule.exempts(conference)
}

/// Which rule makes a candidate with these `people` forgotten.
///
/// An empty one is forgotten, two moderators alone are not. Where the server tells nothing about
/// moderators, only emptiness can be judged.
pub fn judge(rule: &Forgotten, people: &People) -> Result<Option<Applies>, Fault> {
    if rule.max_people.is_some_and(|most| people.count > most) {
        return Ok(None);
    }
    let moderators = match (people.moderators, people.count) {
        (_, 0) => 0,
        (Some(moderators), _) => moderators,
        (None, _) => return Err(Fault::NotOffered),
    };
    let applies = match (moderators, people.count) {
        (0, _) => rule.no_moderator.then_some(Applies::NoModerator),
        (1, 1) => rule.moderator_alone.then_some(Applies::ModeratorAlone),
        _ => None,
    };
    Ok(applies)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::AutoStop;
    use std::time::Duration;

    fn rule() -> Forgotten {
        Forgotten {
            longer_than: Duration::from_secs(3_600),
            no_moderator: true,
            moderator_alone: true,
            max_people: None,
            exempt: vec!["weekly-room".to_owned(), "Общий сбор".to_owned()],
            auto_stop: AutoStop::Off,
            warn_before: Duration::ZERO,
            quiet_hours: None,
        }
    }

    #[test]
    fn a_conference_is_forgotten_when_nobody_cares_for_it() {
        use Applies::{ModeratorAlone, NoModerator};
        let both = rule();
        let only_empty = Forgotten { moderator_alone: false, ..rule() };
        let only_alone = Forgotten { no_moderator: false, ..rule() };
        let small = Forgotten { max_people: Some(3), ..rule() };
        for (rule, count, moderators, expected) in [
            (&both, 0, Some(0), Ok(Some(NoModerator))),
            (&both, 0, None, Ok(Some(NoModerator))),
            (&both, 5, Some(0), Ok(Some(NoModerator))),
            (&both, 1, Some(1), Ok(Some(ModeratorAlone))),
            (&both, 2, Some(2), Ok(None)),
            (&both, 2, Some(1), Ok(None)),
            (&both, 2, None, Err(Fault::NotOffered)),
            (&only_empty, 1, Some(1), Ok(None)),
            (&only_alone, 5, Some(0), Ok(None)),
            (&only_alone, 1, Some(1), Ok(Some(ModeratorAlone))),
            (&small, 3, Some(0), Ok(Some(NoModerator))),
            (&small, 4, Some(0), Ok(None)),
            (&small, 4, None, Ok(None)),
        ] {
            let people = People { count, moderators };
            assert_eq!(judge(rule, &people), expected, "{rule:?} {people:?}");
        }
    }

    #[test]
    fn short_and_exempt_conferences_are_not_looked_up() {
        let conference = |id: &str, topic: &str, minutes: u64| Conference {
            id: Some(id.to_owned()),
            session: "1@server#vcs".to_owned(),
            topic: Some(topic.to_owned()),
            owner: None,
            people: None,
            started: None,
            lasting: Duration::from_secs(60 * minutes),
            join: None,
            control: None,
        };
        for (id, topic, minutes, expected) in [
            ("100", "Weekly", 60, true),
            ("100", "Weekly", 59, false),
            ("weekly-room", "Weekly", 600, false),
            ("100", "Общий сбор", 600, false),
        ] {
            let found = is_candidate(&rule(), &conference(id, topic, minutes));
            assert_eq!(found, expected, "{id} {topic} {minutes}");
        }
    }
}
