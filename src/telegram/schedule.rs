//! Which message leaves next: lanes by urgency, chats in turn, each chat in order.
//!
//! Only heads are kept here, a few words per message. Times are passed in, nothing is sent: what
//! happens is told with [`Schedule::done`]. Finding the next costs no more with many waiting.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::pace::{Limits, Pace};
use crate::ids::ChatId;
use crate::store::outbox::{Head, Key, Lane, Place};

/// Replies that may wait in one chat: somebody who asks faster than Telegram lets us answer shall
/// not fill the outbox for all. In a group these take 25 minutes.
const REPLIES_PER_CHAT: usize = 500;

/// Chats that failed in a row after which the trouble counts as Telegram's.
const TROUBLED_CHATS: usize = 3;

/// Chats refused with 429 in a row after which it counts as meant for all.
const FLOODED_CHATS: usize = 3;

/// A `retry_after` is obeyed for so long; then it is tried whether Telegram still means it.
const LONGEST_HOLD: Duration = Duration::from_secs(86_400);

/// How long to wait after failures in a row, or as Telegram tells.
pub(super) type Wait = fn(u32, Option<Duration>) -> Duration;

/// What may be in flight once only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Spot {
    /// A chat.
    Chat(ChatId),
    /// The bot's own menus and texts.
    Bot,
    /// The files.
    Files,
    /// One message in no order with others.
    Alone(u64),
}

/// A message to be sent now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Due {
    /// Its row.
    pub(super) key: Key,
    /// Where it goes; to be given back to [`Schedule::done`].
    pub(super) spot: Spot,
    /// How often it failed while others were delivered.
    pub(super) tries: u8,
}

/// What to do now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Send this.
    Send(Due),
    /// Forget this: its time is over.
    Expired(Key),
    /// Wait for news, or until then.
    Rest(Option<Instant>),
}

/// How a delivery ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It left the outbox, and Telegram answered.
    Gone,
    /// It left the outbox, and Telegram did not answer.
    Missed,
    /// It left the outbox without being sent.
    Dropped,
    /// It left the outbox, and the chat cannot be written to.
    Unreachable,
    /// It waits, with its whole chat, under a new id.
    Moved(ChatId),
    /// It waits: too many.
    Flood(Option<Duration>),
    /// It waits: it failed.
    Failed,
    /// It waits, like everything: nobody is reached.
    Offline,
    /// It waits, like everything, so long: the token is not accepted, or we cannot go on.
    Halted(Duration),
}

/// One message, without its body.
#[derive(Clone, Copy, Debug)]
struct Item {
    number: u64,
    /// In seconds of the calendar.
    expires: i64,
    lane: Lane,
    tries: u8,
}

/// What waits in one spot.
#[derive(Debug, Default)]
struct Queue {
    /// By lane, then age.
    waiting: VecDeque<Item>,
    flying: Option<Item>,
    hold: Option<Instant>,
    failures: u32,
    /// [`Schedule::answers`] at its last failure.
    answers: u64,
    /// The turn or timer with this number is the valid one.
    ticket: u64,
    /// The lane of that turn.
    lane: Option<Lane>,
}

#[derive(Debug)]
struct Turn {
    spot: Spot,
    ticket: u64,
}

/// What waits, and what stands in its way.
#[derive(Debug)]
pub(super) struct Schedule {
    pace: Pace,
    wait: Wait,
    workers: usize,
    queues: HashMap<Spot, Queue>,
    turns: [VecDeque<Turn>; RANKS],
    timers: BinaryHeap<Reverse<(Instant, Spot, u64)>>,
    tickets: u64,
    /// Everything waits until then.
    hold: Option<Instant>,
    /// After trouble, one message is sent alone to see whether it is over.
    probing: bool,
    in_flight: usize,
    /// Times that everything had to wait, in a row.
    failures: u32,
    /// How often Telegram answered.
    answers: u64,
    /// Failed since Telegram answered last.
    troubled: Vec<Spot>,
    /// Refused with 429 since Telegram answered last.
    flooded: Vec<Spot>,
}

/// Turns are taken in this order: files, which have a worker of their own; alerts; answers to
/// taps; then the other lanes.
const RANKS: usize = 7;
const FILES: usize = 0;

impl Schedule {
    /// Nothing waits yet. `workers` deliver at the same time.
    pub(super) fn new(limits: Limits, workers: usize, wait: Wait) -> Self {
        Self {
            pace: Pace::new(limits),
            wait,
            workers,
            queues: HashMap::new(),
            turns: Default::default(),
            timers: BinaryHeap::new(),
            tickets: 0,
            hold: None,
            probing: false,
            in_flight: 0,
            failures: 0,
            answers: 0,
            troubled: Vec::new(),
            flooded: Vec::new(),
        }
    }

    /// A message more; false when its chat has too many waiting, so that it must be forgotten.
    pub(super) fn add(&mut self, key: Key, head: &Head) -> bool {
        let spot = Spot::of(key, head.place);
        let queue = self.queues.entry(spot).or_default();
        if key.lane == Lane::Replies && queue.waiting.len() >= REPLIES_PER_CHAT {
            return spot == Spot::Files || spot == Spot::Bot;
        }
        queue.insert(Item::new(key, head));
        if queue.flying.is_none() && queue.lane.is_none_or(|lane| key.lane < lane) {
            self.give_turn(spot);
        }
        true
    }

    /// What to do at `now`, which is `date` on the calendar.
    pub(super) fn next(&mut self, now: Instant, date: Timestamp) -> Next {
        self.wake(now);
        if let Some(until) = self.hold {
            return Next::Rest(Some(until));
        }
        let mut paced = None;
        for rank in 0..RANKS {
            while let Some(turn) = self.turns[rank].front() {
                let (spot, ticket) = (turn.spot, turn.ticket);
                let Some(item) = self.front(spot, ticket) else {
                    self.turns[rank].pop_front();
                    continue;
                };
                if item.expires < date.as_second() {
                    self.turns[rank].pop_front();
                    self.expire(spot);
                    return Next::Expired(item.key());
                }
                if let Some(wait) = self.in_the_way(spot, item.lane, now) {
                    paced = paced.into_iter().chain(wait).min();
                    break;
                }
                self.turns[rank].pop_front();
                let wait = self.wait_in(spot, item.lane, now);
                if wait.is_zero() {
                    return Next::Send(self.launch(spot, now));
                }
                self.timers.push(Reverse((now + wait, spot, ticket)));
            }
        }
        let timer = self.timers.peek().map(|Reverse((at, ..))| *at);
        Next::Rest(timer.into_iter().chain(paced).min())
    }

    /// How the delivery to `spot` ended; gives messages that must be forgotten, too.
    pub(super) fn done(&mut self, spot: Spot, end: End, now: Instant) -> Vec<Key> {
        if let Spot::Chat(chat) = spot {
            self.pace.arrived(chat, now);
        }
        if spot != Spot::Files {
            self.in_flight -= 1;
        }
        let mut forgotten = Vec::new();
        let Some(queue) = self.queues.get_mut(&spot) else { return forgotten };
        let Some(item) = queue.flying.take() else { return forgotten };
        match end {
            End::Gone => self.calm(spot),
            End::Dropped => {}
            End::Unreachable => {
                forgotten = queue.forget_bulk();
                self.calm(spot);
            }
            End::Missed => self.strain(spot, now),
            End::Failed => {
                // Its own fault only if others were answered since it failed last.
                let alone = u8::from(self.answers > queue.answers);
                queue.insert(Item { tries: item.tries.saturating_add(alone), ..item });
                self.strain(spot, now);
            }
            End::Flood(told) => {
                queue.insert(item);
                self.flood(spot, told, now);
            }
            End::Offline => {
                queue.insert(item);
                self.halt_after_failures(now);
            }
            End::Halted(time) => {
                queue.insert(item);
                self.halt(time, now);
            }
            End::Moved(new) => {
                queue.insert(Item { tries: item.tries.saturating_add(1), ..item });
                self.move_to(spot, Spot::Chat(new));
            }
        }
        self.give_turn(spot);
        forgotten
    }

    /// Lets what has waited long enough take its turn.
    fn wake(&mut self, now: Instant) {
        self.hold = self.hold.filter(|until| *until > now);
        while let Some(Reverse((at, spot, ticket))) = self.timers.peek().copied()
            && at <= now
        {
            self.timers.pop();
            let Some(queue) = self.queues.get_mut(&spot).filter(|queue| queue.ticket == ticket)
            else {
                continue;
            };
            queue.hold = queue.hold.filter(|until| *until > now);
            self.give_turn(spot);
        }
    }

    /// The first message of a spot whose turn is valid.
    fn front(&self, spot: Spot, ticket: u64) -> Option<Item> {
        let queue = self.queues.get(&spot).filter(|queue| queue.ticket == ticket)?;
        if queue.flying.is_some() { None } else { queue.waiting.front().copied() }
    }

    /// What keeps any message of `lane` from leaving now, and until when if that is known.
    #[expect(clippy::option_option, reason = "in the way, and the time it ends if one is known")]
    fn in_the_way(&self, spot: Spot, lane: Lane, now: Instant) -> Option<Option<Instant>> {
        if spot == Spot::Files {
            return None;
        }
        let workers = if self.probing { 1 } else { self.workers };
        if self.in_flight > 0 && self.in_flight + kept_free(lane) >= workers {
            return Some(None);
        }
        let wait = self.pace.wait(lane, now);
        (!wait.is_zero()).then(|| Some(now + wait))
    }

    fn wait_in(&self, spot: Spot, lane: Lane, now: Instant) -> Duration {
        match spot {
            Spot::Chat(chat) => self.pace.wait_in(chat, lane, now),
            _ => Duration::ZERO,
        }
    }

    fn expire(&mut self, spot: Spot) {
        if let Some(queue) = self.queues.get_mut(&spot) {
            queue.waiting.pop_front();
        }
        self.give_turn(spot);
    }

    fn launch(&mut self, spot: Spot, now: Instant) -> Due {
        match spot {
            Spot::Files => {}
            Spot::Chat(chat) => self.pace.leaves(Some(chat), now),
            Spot::Bot | Spot::Alone(_) => self.pace.leaves(None, now),
        }
        if spot != Spot::Files {
            self.in_flight += 1;
        }
        let queue = self.queues.get_mut(&spot).expect("its turn was valid");
        let item = queue.waiting.pop_front().expect("its turn was valid");
        queue.flying = Some(item);
        queue.lane = None;
        Due { key: item.key(), spot, tries: item.tries }
    }

    /// Puts a spot where it belongs: in the turns of its lane, on a timer, or out.
    fn give_turn(&mut self, spot: Spot) {
        let Entry::Occupied(mut entry) = self.queues.entry(spot) else { return };
        let queue = entry.get_mut();
        if queue.flying.is_some() {
            return;
        }
        self.tickets += 1;
        queue.ticket = self.tickets;
        queue.lane = queue.waiting.front().map(|item| item.lane);
        match (queue.hold, queue.lane) {
            (Some(until), _) => self.timers.push(Reverse((until, spot, self.tickets))),
            (None, Some(lane)) => {
                self.turns[rank(spot, lane)].push_back(Turn { spot, ticket: self.tickets });
            }
            (None, None) => drop(entry.remove()),
        }
    }

    /// Telegram answered.
    fn calm(&mut self, spot: Spot) {
        self.failures = 0;
        self.answers += 1;
        self.probing = false;
        self.troubled.clear();
        self.flooded.clear();
        if let Some(queue) = self.queues.get_mut(&spot) {
            queue.failures = 0;
        }
    }

    /// A call failed: its chat waits, and after several chats everything.
    fn strain(&mut self, spot: Spot, now: Instant) {
        let Some(queue) = self.queues.get_mut(&spot) else { return };
        queue.failures += 1;
        queue.answers = self.answers;
        queue.hold = Some(now + (self.wait)(queue.failures, None).min(LONGEST_HOLD));
        if self.troubled.len() < TROUBLED_CHATS && !self.troubled.contains(&spot) {
            self.troubled.push(spot);
        }
        if self.probing || self.troubled.len() >= TROUBLED_CHATS {
            self.halt_after_failures(now);
        }
    }

    /// Everything waits, longer each time; failures of calls that were under way count once.
    fn halt_after_failures(&mut self, now: Instant) {
        if self.hold.is_none_or(|until| until <= now) {
            self.failures += 1;
            self.halt((self.wait)(self.failures, None), now);
        }
    }

    fn halt(&mut self, time: Duration, now: Instant) {
        let until = now + time.min(LONGEST_HOLD);
        self.hold = Some(self.hold.map_or(until, |hold| hold.max(until)));
        self.probing = true;
    }

    /// Too many: this chat waits, or everything if no chat or many chats are meant.
    fn flood(&mut self, spot: Spot, told: Option<Duration>, now: Instant) {
        let Some(queue) = self.queues.get_mut(&spot) else { return };
        queue.failures += 1;
        let wait = (self.wait)(queue.failures, told).min(LONGEST_HOLD);
        queue.hold = Some(now + wait);
        if !self.flooded.contains(&spot) {
            self.flooded.push(spot);
        }
        if !spot.waits_alone() || self.flooded.len() >= FLOODED_CHATS {
            self.flooded.clear();
            self.halt(wait, now);
        }
    }

    /// What waits in `old` goes in with what waits in `new`.
    fn move_to(&mut self, old: Spot, new: Spot) {
        let Some(moved) = self.queues.get_mut(&old) else { return };
        let moved = std::mem::take(&mut moved.waiting);
        let queue = self.queues.entry(new).or_default();
        for item in moved {
            queue.insert(item);
        }
        self.give_turn(new);
    }
}

impl Item {
    fn new(key: Key, head: &Head) -> Self {
        Self { number: key.number, expires: head.expires.as_second(), lane: key.lane, tries: 0 }
    }

    fn key(&self) -> Key {
        Key { lane: self.lane, number: self.number }
    }
}

impl Queue {
    fn insert(&mut self, item: Item) {
        if self.waiting.is_empty() {
            // Most chats have one message only.
            self.waiting.reserve_exact(1);
        }
        let at = self.waiting.partition_point(|other| other.key() < item.key());
        self.waiting.insert(at, item);
    }

    fn forget_bulk(&mut self) -> Vec<Key> {
        let bulk = self.waiting.partition_point(|item| !item.lane.is_bulk());
        self.waiting.drain(bulk..).map(|item| item.key()).collect()
    }
}

impl Spot {
    fn of(key: Key, place: Place) -> Self {
        match place {
            Place::Chat(chat) => Self::Chat(chat),
            Place::Bot => Self::Bot,
            Place::Files => Self::Files,
            Place::Apart => Self::Alone(key.number),
        }
    }

    /// Whether a limit told for it holds for nothing else.
    fn waits_alone(self) -> bool {
        matches!(self, Self::Chat(_) | Self::Files)
    }
}

fn rank(spot: Spot, lane: Lane) -> usize {
    match (spot, lane) {
        (Spot::Files, _) => FILES,
        (_, Lane::Alerts) => 1,
        (Spot::Alone(_), _) => 2,
        (_, Lane::Replies) => 3,
        (_, Lane::Consumers) => 4,
        (_, Lane::Notices) => 5,
        (_, Lane::Broadcasts) => 6,
    }
}

/// Workers a lane leaves to more urgent ones, so that stalled calls do not delay those.
fn kept_free(lane: Lane) -> usize {
    match lane {
        Lane::Alerts => 0,
        Lane::Replies => 1,
        Lane::Consumers | Lane::Notices | Lane::Broadcasts => 2,
    }
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;
