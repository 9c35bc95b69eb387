//! The real program reminds and tells: each person once, whatever ends it.

mod support;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use roost::apps::Apps;
use roost::apps::events::action::{Action, Asked};
use roost::apps::events::changes::Draft;
use roost::apps::events::model::EventId;
use roost::apps::events::start::Zone;
use roost::apps::events::store::{NotDone, act};
use roost::apps::events::texts::Reason;
use roost::clock;
use roost::demo::telegram::{Person, StandIn};
use roost::ids::UserId;
use roost::server::context;
use roost::settings::{self, Surroundings};
use roost::store::Store;
use roost::store::users::{self, User};
use serde_json::json;
use support::{Home, TOKEN};

/// People who attend; the first 30 messages of a second leave at once, the rest one by one.
const PEOPLE: u16 = 40;

/// Messages that can be on their way at the same time, so that nobody knows what became of them.
const ON_THEIR_WAY: usize = 4;

/// Everything before the program starts.
struct World {
    telegram: StandIn,
    home: Home,
    people: Vec<Person>,
}

impl World {
    fn new() -> Self {
        let telegram = StandIn::start(TOKEN, "RoostBot").unwrap();
        let settings = json!({"telegram-api-url": telegram.base_url(),
            "events": {"reminders": ["1d", "1h", "0s"]}});
        let home = Home::new(&settings);
        let person = |id| telegram.person(id, "Ada Lovelace", "en");
        let people: Vec<_> = (1000..1000 + i64::from(PEOPLE)).map(person).collect();
        people.iter().for_each(Person::allows_writing);
        Self { telegram, home, people }
    }

    /// Does something to the database while no program runs.
    fn beside<T: Send + 'static>(
        &self,
        work: impl FnMut(&roost::store::Tx) -> Result<T, NotDone> + Send + 'static,
    ) -> T {
        let asked = settings::Asked { file: Some(self.home.settings()), flags: Vec::new() };
        let folder = self.home.folder().to_owned();
        let around = Surroundings { folder, ..Surroundings::default() };
        let loaded = settings::load(&asked, &around).unwrap().settings;
        let apps = Apps::all(Arc::new(context(&loaded)));
        let store =
            Store::open(&loaded.database, move |tx| apps.prepare(tx), Box::new(drop)).unwrap();
        let done = store.write(work).unwrap();
        store.close();
        done
    }

    /// An event `after` from now, created long ago, that everybody attends.
    fn event(&self, after: SignedDuration) -> EventId {
        let (now, starts) = (clock::now(), start_after(after));
        let asked = move |user| Asked {
            user: UserId(user),
            is_admin: user == 0,
            at: now - SignedDuration::from_hours(100),
        };
        let draft = Draft::from_line(&format!("Games | {starts} | 2"), &Zone::utc()).unwrap();
        let create = Action::Create(draft.into());
        self.beside(move |tx| {
            let (id, _) = act(tx, &asked(0), None, &create)?;
            for user in 1000..1000 + i64::from(PEOPLE) {
                users::save(tx, &User { reachable: true, ..User::unknown(UserId(user)) })?;
                act(tx, &asked(user), Some(id), &Action::Attend)?;
            }
            Ok(id)
        })
    }

    fn cancel(&self, id: EventId) {
        let asked = Asked { user: UserId(0), is_admin: true, at: clock::now() };
        let cancel = Action::Cancel { reason: Reason::parse("Rain").unwrap() };
        self.beside(move |tx| act(tx, &asked, Some(id), &cancel).map(drop));
    }

    /// How often each was told something with `text` in it.
    fn told(&self, text: &str) -> Vec<usize> {
        let count = |person: &Person| {
            let messages = self.telegram.look(|view| view.bot_messages(person.id().0));
            messages.iter().filter(|message| message.text.contains(text)).count()
        };
        self.people.iter().map(count).collect()
    }
}

/// The minute that begins after so long, in words; events start at whole minutes.
fn start_after(after: SignedDuration) -> String {
    let at: Timestamp = clock::now() + after;
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

#[test]
fn a_reminder_missed_while_nothing_ran_comes_once_and_then_what_changed() {
    let world = World::new();
    let id = world.event(SignedDuration::from_mins(31));
    for _ in 0..2 {
        let program = world.home.serve();
        for person in &world.people {
            let seen = person.waits_for_text("Games");
            assert!(seen.text.contains(" starts in "), "{}", seen.text);
        }
        program.stop();
    }
    world.cancel(id);
    let program = world.home.serve();
    for person in &world.people {
        person.waits_for_text("is cancelled");
    }
    program.stop();
    // Messages to one person keep their order: a second reminder would have come before.
    assert_eq!(world.told("starts in"), [1; PEOPLE as usize]);
    assert_eq!(world.told("Reason: \u{2068}Rain"), [1; PEOPLE as usize]);
}

#[test]
fn killed_while_it_reminds_it_writes_to_nobody_twice() {
    let world = World::new();
    let id = world.event(SignedDuration::from_mins(31));
    for enough in [1, 10, 31] {
        let mut program = world.home.serve();
        world.telegram.wait_for("some reminders", |view| {
            let sent = view.calls("sendMessage").len();
            (sent >= enough).then_some(())
        });
        program.kill();
    }
    world.cancel(id);
    let program = world.home.serve();
    for person in &world.people {
        person.waits_for_text("is cancelled");
    }
    program.stop();
    let told = world.told("starts in");
    assert!(told.iter().all(|times| *times <= 1), "{told:?}");
    let missed = told.iter().filter(|times| **times == 0).count();
    assert!(missed <= 3 * ON_THEIR_WAY, "{told:?}");
}
