//! How fast messages may leave: limits per chat, per group and for all, over a clock passed in.
//!
//! Telegram asks for at most one message per second in a chat after a short burst, twenty per
//! minute in a group, and thirty per second in all (Bot API FAQ "My bot is hitting limits"). What
//! is urgent finds room kept free by what is not.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use crate::ids::ChatId;
use crate::store::outbox::Lane;

/// Chats remembered before those that have rested are looked for and forgotten.
const SWEEP: usize = 1024;

/// The limits that are kept.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// In one chat.
    pub chat: Rate,
    /// In one group, besides.
    pub group: Window,
    /// In all chats together.
    pub all: Rate,
}

/// A steady rate, with some ahead of it after a rest.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// Time between two messages.
    pub every: Duration,
    /// Messages that may come at once.
    pub burst: u32,
}

/// So many messages in any stretch of time.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Messages.
    pub most: usize,
    /// The stretch of time.
    pub within: Duration,
}

/// What was sent lately.
#[derive(Debug)]
pub struct Pace {
    limits: Limits,
    all: Debt,
    chats: HashMap<ChatId, Spoken>,
    sweep_at: usize,
}

/// When a rate is as if nothing had been sent; each message moves it on.
#[derive(Clone, Copy, Debug, Default)]
struct Debt(Option<Instant>);

/// One chat's share.
#[derive(Debug, Default)]
struct Spoken {
    debt: Debt,
    /// The debt before the message under way.
    before: Debt,
    /// When the last messages were sent, in groups.
    times: VecDeque<Instant>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            chat: Rate { every: Duration::from_secs(1), burst: 5 },
            group: Window { most: 20, within: Duration::from_secs(60) },
            all: Rate { every: Duration::from_nanos(1_000_000_000_u64.div_ceil(30)), burst: 30 },
        }
    }
}

impl Pace {
    /// Nothing was sent yet.
    pub fn new(limits: Limits) -> Self {
        Self { limits, all: Debt::default(), chats: HashMap::new(), sweep_at: SWEEP }
    }

    /// How long a message of `lane` must wait for all others.
    pub fn wait(&self, lane: Lane, now: Instant) -> Duration {
        self.all.wait(&self.limits.all, kept_free(lane), now)
    }

    /// How long a message of `lane` must wait for others in its chat.
    pub fn wait_in(&self, chat: ChatId, lane: Lane, now: Instant) -> Duration {
        let Some(spoken) = self.chats.get(&chat) else { return Duration::ZERO };
        let free = u32::from(lane.is_bulk());
        let wait = spoken.debt.wait(&self.limits.chat, free, now);
        if !is_group(chat) || spoken.times.len() < self.limits.group.most {
            return wait;
        }
        let oldest = spoken.times[spoken.times.len() - self.limits.group.most];
        wait.max((oldest + self.limits.group.within).saturating_duration_since(now))
    }

    /// A message leaves, for `chat` if it shows in one.
    pub fn leaves(&mut self, chat: Option<ChatId>, now: Instant) {
        self.all.add(&self.limits.all, now);
        let Some(chat) = chat else { return };
        self.sweep(now);
        let spoken = self.chats.entry(chat).or_default();
        spoken.before = spoken.debt;
        spoken.debt.add(&self.limits.chat, now);
        if is_group(chat) {
            spoken.times.push_back(now);
            let extra = spoken.times.len().saturating_sub(self.limits.group.most);
            spoken.times.drain(..extra);
        }
    }

    /// The message that left last for `chat` was answered: it arrived between then and now, so
    /// it counts from now, and a slow line does not make two arrive too close together.
    pub fn arrived(&mut self, chat: ChatId, now: Instant) {
        let Some(spoken) = self.chats.get_mut(&chat) else { return };
        spoken.debt = spoken.before;
        spoken.debt.add(&self.limits.chat, now);
        if let Some(last) = spoken.times.back_mut() {
            *last = now;
        }
    }

    /// Forgets chats that have rested, so that memory is for the active ones only.
    fn sweep(&mut self, now: Instant) {
        if self.chats.len() < self.sweep_at {
            return;
        }
        let within = self.limits.group.within;
        self.chats.retain(|_, spoken| {
            spoken.debt.0.is_some_and(|free| free > now)
                || spoken.times.back().is_some_and(|last| *last + within > now)
        });
        self.sweep_at = SWEEP.max(self.chats.len() * 2);
    }
}

impl Debt {
    /// How long until `free + 1` more fit.
    fn wait(self, rate: &Rate, free: u32, now: Instant) -> Duration {
        let owed = self.0.map_or(Duration::ZERO, |clear| clear.saturating_duration_since(now));
        (owed + rate.every * (free + 1)).saturating_sub(rate.every * rate.burst)
    }

    fn add(&mut self, rate: &Rate, now: Instant) {
        self.0 = Some(self.0.map_or(now, |clear| clear.max(now)) + rate.every);
    }
}

/// Groups have negative ids (Bot API `Chat.id`).
fn is_group(chat: ChatId) -> bool {
    chat.0 < 0
}

/// How much of the burst a lane leaves to more urgent ones.
fn kept_free(lane: Lane) -> u32 {
    match lane {
        Lane::Alerts => 0,
        Lane::Replies => 2,
        Lane::Consumers => 5,
        Lane::Notices | Lane::Broadcasts => 10,
    }
}

#[cfg(test)]
#[path = "pace_tests.rs"]
mod tests;
