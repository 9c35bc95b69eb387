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
