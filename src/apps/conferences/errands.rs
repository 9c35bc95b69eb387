//! Errands: questions to a server that follow a commit, and what is done with the answers.
//!
//! What the bot and pages ask is handled inside the writer's transaction, where nobody may wait for
//! a server. So a handler answers the tap, says [`Errands::send`], and is done. After the commit
//! one of a few threads asks the server's client and applies the answer in a transaction of its
//! own. A crash in between loses the errand: the person presses again.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::fleet::{Fleet, Kept, ServerId};
use crate::clock;
use crate::store::{Store, StoreError, Tx};
use crate::thread::{self, Handle};
use crate::trueconf::Client;

/// Errands that may wait; more people than operate all servers of a house do not press at once.
const QUEUE: usize = 64;

/// Threads that run them.
const RUNNERS: usize = 4;

/// Errands to one server at the same time, so that one that does not answer leaves threads to others.
const PER_SERVER: u8 = 2;

/// Errands nobody waits for (look-ups for pages, tidying) that run at the same time.
const UNASKED: u8 = 2;

/// What is asked of a server, and what is done with the answer.
pub(super) type Job = Box<dyn FnOnce(&Client, &Store) + Send>;

/// Sends errands. Cheap to clone.
#[derive(Clone)]
pub struct Errands(Arc<Shared>);

/// There are too many errands already; nothing is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy;

struct Shared {
    servers: Vec<Kept>,
    queue: Mutex<Queue>,
    bell: Condvar,
}

/// The lock around it is held for a look only, never while something is asked.
struct Queue {
    waiting: VecDeque<Errand>,
    /// Promised to transactions that are not committed yet.
    reserved: usize,
    /// Errands under way, by server.
    busy: Vec<u8>,
    /// Those of them nobody waits for.
    unasked: u8,
    ended: bool,
}

struct Errand {
    server: usize,
    for_somebody: bool,
    job: Job,
}

impl Errands {
    /// No errand yet; they wait until [`Runners::start`].
    pub fn new(fleet: &Fleet) -> Self {
        let queue = Queue {
            waiting: VecDeque::new(),
            reserved: 0,
            busy: vec![0; fleet.len()],
            unasked: 0,
            ended: false,
        };
        let servers = fleet.iter().cloned().collect();
        Self(Arc::new(Shared { servers, queue: Mutex::new(queue), bell: Condvar::new() }))
    }

    /// Once `tx` is committed, runs `ask` on a thread that may wait, and then `apply` with what was
    /// found in a transaction of its own.
    ///
    /// `apply` has to look again whether what it does is still right: time has passed. It may run
    /// more than once, like every operation of the store. A panic in `ask` costs the errand.
    pub fn send<R: Send + 'static>(
        &self,
        tx: &Tx,
        server: ServerId,
        ask: impl FnOnce(&Client) -> R + Send + 'static,
        apply: impl Fn(&Tx, &R, Timestamp) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), Busy> {
        let place = self.reserve().ok_or(Busy)?;
        let (shared, job) = (Arc::clone(&self.0), job(ask, apply));
        tx.after(move || {
            drop(place);
            shared.push(server, true, job);
        });
        Ok(())
    }

    /// The same at once, for something nobody waits for; false if there is no room.
    pub fn send_unasked<R: Send + 'static>(
        &self,
        server: ServerId,
        ask: impl FnOnce(&Client) -> R + Send + 'static,
        apply: impl Fn(&Tx, &R, Timestamp) -> Result<(), StoreError> + Send + 'static,
    ) -> bool {
        self.run_unasked(server, job(ask, apply))
    }

    /// Runs `job` on a thread that may wait; false if there is no room.
    pub(super) fn run_unasked(&self, server: ServerId, job: Job) -> bool {
        // Without a place kept for it meanwhile: half of the room is for people.
        let has_room = self.0.queue().waiting.len() < QUEUE / 2;
        has_room && self.0.push(server, false, job)
    }

    fn reserve(&self) -> Option<Place> {
        let mut queue = self.0.queue();
        let has_room = queue.waiting.len() + queue.reserved < QUEUE && !queue.ended;
        has_room.then(|| {
            queue.reserved += 1;
            Place(Arc::clone(&self.0))
        })
    }
}

/// A place in the queue that is kept until the transaction ends, one way or the other.
struct Place(Arc<Shared>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.queue().reserved -= 1;
    }
}

fn job<R: Send + 'static>(
    ask: impl FnOnce(&Client) -> R + Send + 'static,
    apply: impl Fn(&Tx, &R, Timestamp) -> Result<(), StoreError> + Send + 'static,
) -> Job {
    Box::new(move |client, store| {
        let found = ask(client);
        let now = clock::now();
        if let Err(error) = store.write(move |tx| apply(tx, &found, now)) {
            log::error!("what a server answered is lost: {error}");
        }
    })
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, server: ServerId, for_somebody: bool, job: Job) -> bool {
        let Some(server) = self.servers.iter().position(|kept| kept.id == server) else {
            return false;
        };
        let mut queue = self.queue();
        if queue.ended {
            return false;
        }
        queue.waiting.push_back(Errand { server, for_somebody, job });
        drop(queue);
        self.bell.notify_one();
        true
    }

    /// The next errand that may be run now; none at the end.
    fn take(&self) -> Option<Errand> {
        let mut queue = self.queue();
        loop {
            if queue.ended {
                return None;
            }
            if let Some(errand) = queue.next() {
                return Some(errand);
            }
            queue = self.bell.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn done(&self, server: usize, for_somebody: bool) {
        let mut queue = self.queue();
        queue.busy[server] -= 1;
        queue.unasked -= u8::from(!for_somebody);
        drop(queue);
        self.bell.notify_all();
    }

    fn run(&self, store: &Store) {
        while let Some(Errand { server, for_somebody, job }) = self.take() {
            if thread::catch(|| job(self.servers[server].client(), store)).is_none() {
                let name = self.servers[server].name();
                log::error!("server `{name}`: a question to it ended in a panic");
            }
            self.done(server, for_somebody);
        }
    }

    fn end(&self) {
        let mut queue = self.queue();
        queue.ended = true;
        queue.waiting.clear();
        drop(queue);
        self.bell.notify_all();
        self.servers.iter().for_each(Kept::abort);
    }
}

impl Queue {
    /// What people wait for goes first; else the oldest.
    fn next(&mut self) -> Option<Errand> {
        let may_run = |errand: &Errand| {
            self.busy[errand.server] < PER_SERVER && (errand.for_somebody || self.unasked < UNASKED)
        };
        let find = |for_somebody| {
            self.waiting.iter().position(|e| e.for_somebody == for_somebody && may_run(e))
        };
        let errand = self.waiting.remove(find(true).or_else(|| find(false))?)?;
        self.busy[errand.server] += 1;
        self.unasked += u8::from(!errand.for_somebody);
        Some(errand)
    }
}

/// Owns the threads. Dropping it ends calls under way and joins; what waited is forgotten.
pub struct Runners {
    errands: Errands,
    threads: Vec<Handle>,
}

impl Runners {
    /// Starts the threads.
    pub fn start(errands: &Errands, store: &Store) -> io::Result<Self> {
        let mut runners = Self { errands: errands.clone(), threads: Vec::new() };
        for number in 1..=RUNNERS {
            let (shared, store) = (Arc::clone(&errands.0), store.clone());
            let run = move || shared.run(&store);
            runners.threads.push(thread::spawn(&format!("errand-{number}"), run)?);
        }
        Ok(runners)
    }
}

impl Drop for Runners {
    fn drop(&mut self) {
        self.errands.0.end();
        self.threads.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
    use std::time::Duration;

    use super::super::for_tests::server;
    use super::*;
    use crate::settings::Server;

    /// Longer than anything takes; only a fault makes a test wait for it.
    const PATIENCE: Duration = Duration::from_secs(20);

    struct World {
        _folder: tempfile::TempDir,
        store: Store,
        errands: Errands,
        runners: Option<Runners>,
        servers: [ServerId; 2],
        said: Receiver<&'static str>,
        says: SyncSender<&'static str>,
    }

    impl World {
        fn new() -> Self {
            let second = Server { name: "Branch".to_owned(), ..server() };
            let fleet = Fleet::new(&[server(), second]);
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("roost.redb");
            let store = Store::open(&path, |_| Ok(()), Box::new(drop)).unwrap();
            let errands = Errands::new(&fleet);
            let runners = Some(Runners::start(&errands, &store).unwrap());
            let servers = ["Head office", "Branch"].map(ServerId::of_name);
            let (says, said) = sync_channel(100);
            Self { _folder: folder, store, errands, runners, servers, said, says }
        }

        /// Sends an errand that waits for `gate`, says `asked`, and then `applied`.
        fn sends(&self, server: usize, gate: Receiver<()>, words: [&'static str; 2]) -> bool {
            let (errands, id) = (self.errands.clone(), self.servers[server]);
            let (asked, applied) = (self.says.clone(), self.says.clone());
            let mut gate = Some(gate);
            let sent = self.store.write(move |tx| {
                let (gate, asked, applied) = (gate.take(), asked.clone(), applied.clone());
                let ask = move |_: &Client| {
                    let _ = gate.map(|gate| gate.recv_timeout(PATIENCE));
                    asked.send(words[0]).unwrap();
                };
                let apply = move |_: &Tx, (): &(), _| {
                    applied.send(words[1]).unwrap();
                    Ok(())
                };
                errands.send(tx, id, ask, apply).map_err(|Busy| StoreError::Stopped)
            });
            sent.is_ok()
        }

        fn hears(&self) -> &'static str {
            self.said.recv_timeout(PATIENCE).unwrap()
        }
    }

    /// A gate that is open, and one that opens when its other end is dropped.
    fn open() -> Receiver<()> {
        sync_channel(1).1
    }

    #[test]
    fn an_errand_runs_once_its_transaction_is_committed_and_never_if_it_is_not() {
        let world = World::new();
        let (errands, id, says) = (world.errands.clone(), world.servers[0], world.says.clone());
        let failed: Result<(), StoreError> = world.store.write(move |tx| {
            let says = says.clone();
            let ask = move |_: &Client| says.send("asked for nothing").unwrap();
            errands.send(tx, id, ask, |_, (), _| Ok(())).unwrap();
            Err(StoreError::Stopped)
        });
        assert!(failed.is_err());
        assert!(world.sends(0, open(), ["asked", "applied"]));
        assert_eq!([world.hears(), world.hears()], ["asked", "applied"]);
        assert!(world.said.try_recv().is_err());
    }

    #[test]
    fn a_server_that_does_not_answer_leaves_threads_for_others() {
        let world = World::new();
        let mut gates = Vec::new();
        for _ in 0..10 {
            let (gate, waits) = sync_channel(0);
            gates.push(gate);
            assert!(world.sends(0, waits, ["slow", "slow applied"]));
        }
        assert!(world.sends(1, open(), ["quick", "quick applied"]));
        assert_eq!([world.hears(), world.hears()], ["quick", "quick applied"]);
        gates.clear();
        let slow: Vec<&str> = (0..20).map(|_| world.hears()).collect();
        assert_eq!(slow.iter().filter(|word| **word == "slow applied").count(), 10);
    }

    #[test]
    fn what_people_wait_for_goes_before_what_nobody_waits_for() {
        let world = World::new();
        let mut gates = Vec::new();
        for server in [0, 0, 1, 1] {
            let (gate, waits) = sync_channel(0);
            gates.push(gate);
            assert!(world.sends(server, waits, ["first", "first applied"]));
        }
        let says = world.says.clone();
        let unasked = move |_: &Client, _: &Store| says.send("unasked").unwrap();
        assert!(world.errands.run_unasked(world.servers[0], Box::new(unasked)));
        assert!(world.sends(0, open(), ["asked", "asked applied"]));
        gates.clear();
        let all: Vec<&str> = (0..11).map(|_| world.hears()).collect();
        let place = |word| all.iter().position(|other| *other == word).unwrap();
        assert!(place("asked") < place("unasked"), "{all:?}");
    }

    #[test]
    fn a_full_queue_refuses_and_the_end_forgets_what_waits() {
        let mut world = World::new();
        let mut gates = Vec::new();
        let mut sent = 0;
        while sent < 1_000 {
            let (gate, waits) = sync_channel(0);
            if !world.sends(0, waits, ["asked", "applied"]) {
                break;
            }
            gates.push(gate);
            sent += 1;
        }
        assert!((QUEUE..=QUEUE + usize::from(PER_SERVER)).contains(&sent), "{sent}");
        let unasked = world.errands.run_unasked(world.servers[0], Box::new(|_, _| ()));
        assert!(!unasked, "half of the room is for people");
        gates.clear();
        // Those under way end, those that wait are forgotten or were begun before.
        world.runners = None;
        assert!(!world.sends(0, open(), ["late", "late applied"]));
    }

    #[test]
    fn a_panic_costs_one_errand() {
        let world = World::new();
        let panics = |_: &Client, _: &Store| panic!("an errand that goes wrong, for a test");
        for _ in 0..8 {
            assert!(world.errands.run_unasked(world.servers[0], Box::new(panics)));
        }
        assert!(world.sends(0, open(), ["asked", "applied"]));
        assert_eq!([world.hears(), world.hears()], ["asked", "applied"]);
    }
}
