//! The thread, with a clock that is set by hand.

use std::sync::Mutex;
use std::sync::mpsc::RecvTimeoutError;

use super::*;
use crate::apps::Context;
use crate::apps::events::action::{Action, Asked};
use crate::apps::events::changes::Draft;
use crate::apps::events::model::EventId;
use crate::apps::events::start::Zone;
use crate::apps::events::store::{NotDone, act};
use crate::ids::UserId;
use crate::store::outbox::{self, Lane};
use crate::store::users::{self, User};

/// An event in an hour that one person attends, and a clock.
struct World {
    timer: Option<Timer>,
    bell: Bell,
    store: Store,
    apps: Arc<Apps>,
    time: Arc<Mutex<Timestamp>>,
    posted: Receiver<()>,
    _folder: tempfile::TempDir,
}

fn apps() -> Arc<Apps> {
    let reminders = [3600, 0].map(Duration::from_secs).to_vec();
    Arc::new(Apps::all(Arc::new(Context { reminders, ..Context::default() })))
}

impl World {
    fn new() -> Self {
        let (apps, folder) = (apps(), tempfile::tempdir().unwrap());
        let (bell, hearing) = bell();
        let (post, posted) = sync_channel(100);
        let (preparing, ringing) = (Arc::clone(&apps), bell.clone());
        let on_commit = move |effects: crate::store::Effects| {
            if effects.due {
                ringing.ring();
            }
            if effects.outbox {
                post.send(()).unwrap();
            }
        };
        let path = folder.path().join("roost.redb");
        let store =
            Store::open(&path, move |tx| preparing.prepare(tx), Box::new(on_commit)).unwrap();
        let time = Arc::new(Mutex::new("2026-11-21T12:00:00Z".parse().unwrap()));
        let mut world = Self { timer: None, bell, store, apps, time, posted, _folder: folder };
        world.begin(hearing);
        world
    }

    fn begin(&mut self, hearing: Hearing) {
        let time = Arc::clone(&self.time);
        let clock: Clock = Arc::new(move || *time.lock().unwrap());
        let (store, apps) = (self.store.clone(), Arc::clone(&self.apps));
        let timer = Timer::start(store, apps, clock, (self.bell.clone(), hearing)).unwrap();
        self.timer = Some(timer);
    }

    fn does(&self, event: Option<EventId>, action: Action) -> EventId {
        let at = *self.time.lock().unwrap();
        let asked = move |user| Asked { user: UserId(user), is_admin: true, at };
        let write = self.store.write(move |tx| {
            users::save(tx, &User { reachable: true, ..User::unknown(UserId(7)) })?;
            let (id, _) = act(tx, &asked(1), event, &action)?;
            let _ = event.is_none().then(|| act(tx, &asked(7), Some(id), &Action::Attend));
            Ok::<_, NotDone>(id)
        });
        write.unwrap()
    }

    /// Sets the clock; as long as nobody rings, the timer looks at it at its own pace.
    fn passes(&self, time: &str) {
        *self.time.lock().unwrap() = time.parse().unwrap();
        self.bell.ring();
    }

    fn waits_for_a_post(&self) {
        self.posted.recv_timeout(Duration::from_secs(20)).unwrap();
    }

    fn texts(&self) -> Vec<String> {
        let read = self.store.snapshot().unwrap();
        let rows = outbox::next(&read, Lane::Notices, 0, 100).unwrap();
        let body = |key| outbox::find(&read, key).unwrap().unwrap().1;
        rows.iter().map(|(key, _)| String::from_utf8(body(*key)).unwrap()).collect()
    }
}

fn games() -> Action {
    let draft = Draft::from_line("Games | 2026-11-21 14:00 | 2", &Zone::utc()).unwrap();
    Action::Create(draft.into())
}

#[test]
fn reminders_leave_when_their_time_comes_and_notices_at_once() {
    let world = World::new();
    let id = world.does(None, games());
    world.passes("2026-11-21T13:00:00Z");
    world.waits_for_a_post();
    world.passes("2026-11-21T14:00:00Z");
    world.waits_for_a_post();
    world.does(Some(id), Action::Cancel { reason: crate::apps::events::texts::Reason::default() });
    world.waits_for_a_post();
    let texts = world.texts();
    assert_eq!(texts.len(), 3, "{texts:#?}");
    for (text, part) in texts.iter().zip(["in 1 hour", "is starting now", "is cancelled"]) {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn what_became_due_while_nothing_ran_leaves_at_the_start_and_once() {
    let mut world = World::new();
    world.does(None, games());
    world.timer = None;
    *world.time.lock().unwrap() = "2026-11-21T14:05:00Z".parse().unwrap();
    for _ in 0..3 {
        let (bell, hearing) = bell();
        world.bell = bell;
        world.begin(hearing);
        if world.texts().is_empty() {
            world.waits_for_a_post();
        }
        world.timer = None;
    }
    assert_eq!(world.texts().len(), 1);
    assert_eq!(world.posted.try_recv().ok(), None);
}

#[test]
fn the_clock_is_looked_at_more_often_the_sooner_something_is_due() {
    let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
    let rows = [
        (Some(-5), Duration::ZERO),
        (Some(0), Duration::ZERO),
        (Some(7), Duration::from_secs(7)),
        (Some(3600), LOOK),
        (Some(23 * 3600), LOOK),
        (Some(25 * 3600), GLANCE),
        (None, GLANCE),
    ];
    for (ahead, expected) in rows {
        let next = ahead.map(|seconds| now + SignedDuration::from_secs(seconds));
        assert_eq!(patience(next, now), expected, "{ahead:?}");
    }
}

#[test]
fn a_timer_that_is_dropped_ends_although_the_bell_was_rung() {
    let mut world = World::new();
    for _ in 0..50 {
        world.bell.ring();
    }
    world.timer = None;
    assert_eq!(world.posted.recv_timeout(Duration::ZERO), Err(RecvTimeoutError::Timeout));
}
