//! Socket messages of Mini Events, one a line: each is read, decided and done to one event.

use roost::apps::events::action::{Action, Asked, Verb};
use roost::apps::events::decision::{Decision, Move, Next};
use roost::apps::events::domain::{Subject, decide};
use roost::apps::events::input::{Defaults, Message, read};
use roost::apps::events::model::{Event, EventId};
use roost::apps::events::refusal::Refusal;
use roost::apps::events::roll::{Roll, Standing, line_needed};
use roost::apps::events::start::Zone;
use roost::apps::events::text::refusal;
use roost::apps::events::when::when;
use roost::i18n::Language;
use roost::ids::UserId;

/// More messages than this say nothing new, and only take time.
const MOST: usize = 64;

/// An event with two seats, as the store keeps it.
const ROW: &str = r#"{"id":1,"title":"Games","capacity":2,"created_by":1,"version":1,
    "schedule":{"start":"2026-12-24 18:00","duration":2.0,"timezone":"Europe/Berlin","recurrence":"weekly"}}"#;

/// Reads each line as a message of somebody else and does what it says.
pub fn run(bytes: &[u8]) {
    let mut world = World::default();
    for (line, user) in super::text(bytes).lines().take(MOST).zip((1..=7).cycle()) {
        if let Ok(message) = serde_json::from_str::<Message>(line) {
            world.say(&message, UserId(user));
        }
    }
}

/// One event and its roll, kept as simply as possible.
struct World {
    event: Option<Event>,
    going: Vec<UserId>,
    line: Vec<UserId>,
    zone: Zone,
}

impl Default for World {
    fn default() -> Self {
        let event = serde_json::from_str(ROW).expect("the row is one");
        Self { event: Some(event), going: Vec::new(), line: Vec::new(), zone: Zone::utc() }
    }
}

impl World {
    fn say(&mut self, message: &Message, user: UserId) {
        let defaults = Defaults { zone: &self.zone, media_limit: 4096 };
        let admin = Asked { user, is_admin: true, at: super::now() };
        let stranger = Asked { is_admin: false, ..admin };
        let request = match read(message, &admin, &defaults) {
            Ok(request) => request,
            Err(no) => return in_words(&no),
        };
        let asked = match request.action.verb() {
            Verb::Attend | Verb::Leave => stranger,
            _ => {
                assert_eq!(read(message, &stranger, &defaults), Err(Refusal::NotAdmin));
                admin
            }
        };
        self.act(&asked, &request.action);
    }

    fn act(&mut self, asked: &Asked, action: &Action) {
        let subject = match (action, &self.event) {
            (Action::Create(_), _) => Subject::New(EventId(2)),
            (_, event) => event.as_ref().into(),
        };
        match decide(subject, &self.roll(asked, action), asked, action) {
            Ok(decision) => self.apply(&decision, asked),
            Err(no) => in_words(&no),
        }
    }

    /// What the store shows of the roll, and no more than was asked for.
    fn roll(&self, asked: &Asked, action: &Action) -> Roll<'_> {
        let count = |people: &[UserId]| u32::try_from(people.len()).expect("seven people");
        let needed = |event| line_needed(event, action, count(&self.going));
        let shown = self.event.as_ref().map_or(0, needed).min(self.line.len());
        Roll {
            going: count(&self.going),
            waiting: count(&self.line),
            standing: self.standing(action.concerns(asked)),
            line: &self.line[..shown],
        }
    }

    fn standing(&self, user: UserId) -> Standing {
        match (self.going.contains(&user), self.line.contains(&user)) {
            (true, true) => panic!("{user} goes and waits"),
            (true, false) => Standing::Going,
            (false, true) => Standing::Waitlisted,
            (false, false) => Standing::None,
        }
    }

    fn apply(&mut self, decision: &Decision, asked: &Asked) {
        let before = self.going.len();
        match &decision.next {
            Next::Same => {}
            Next::Delete => *self = Self { event: None, ..Self::default() },
            Next::Put(event) => self.put(event, asked),
        }
        for Move { user, from, to } in &decision.moves {
            assert_eq!(self.standing(*user), *from, "{user} stands otherwise");
            self.going.retain(|other| other != user);
            self.line.retain(|other| other != user);
            match to {
                Standing::Going => self.going.push(*user),
                Standing::Waitlisted => self.line.push(*user),
                Standing::None => {}
            }
        }
        let seats = self.event.as_ref().and_then(|event| event.capacity);
        let seats = seats.map_or(usize::MAX, |capacity| capacity.seats() as usize);
        assert!(self.going.len() <= seats.max(before), "somebody sits beyond the capacity");
    }

    /// A stored event is read as it was written, and can be told in every language.
    fn put(&mut self, event: &Event, asked: &Asked) {
        let row = serde_json::to_string(event).expect("an event is JSON");
        assert_eq!(serde_json::from_str::<Event>(&row).ok().as_ref(), Some(event), "{row}");
        for language in Language::ALL {
            assert!(!when(event, asked.at, language).is_empty());
        }
        if event.version == 1 {
            *self = Self::default();
        }
        self.event = Some(event.clone());
    }
}

/// A refusal can be said in every language.
fn in_words(no: &Refusal) {
    for language in Language::ALL {
        let words = refusal(no, language);
        assert!(!words.is_empty() && !words.contains(['{', '}']), "{words:?} is no sentence");
    }
}
