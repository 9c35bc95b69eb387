//! The updates that wait for the bot, with the rules of `getUpdates` in the official server.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

/// The first id; Telegram begins at a random one.
const FIRST_ID: i64 = 700_000_001;

/// Most updates of one answer.
pub(crate) const LIMIT_MAX: i64 = 100;

/// One answer carries about this much JSON (`1 << 22` in the official server).
const BYTES_MAX: usize = 1 << 22;

/// An offset further than this above the next id cannot be a confirmation: it is from before the ids
/// began anew, and means "from the first one".
const FUTURE: i64 = 10;

/// Kinds a bot gets only if it names them.
const UNASKED: [&str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];

/// The queue of one bot.
#[derive(Debug)]
pub(crate) struct Queue {
    waiting: VecDeque<Waiting>,
    last: Vec<Waiting>,
    next_id: i64,
    allowed: Vec<String>,
}

#[derive(Clone, Debug)]
struct Waiting {
    id: i64,
    json: Value,
    until: Timestamp,
}

impl Default for Queue {
    fn default() -> Self {
        let (waiting, last) = (VecDeque::new(), Vec::new());
        Self { waiting, last, next_id: FIRST_ID, allowed: Vec::new() }
    }
}

impl Queue {
    /// Adds an update, given without its id, unless the bot does not want its kind.
    pub(crate) fn push(&mut self, mut update: Value, now: Timestamp) -> Option<i64> {
        let kind = update.as_object().and_then(|fields| fields.keys().next()).cloned();
        let kind = kind.unwrap_or_default();
        if !self.wants(&kind) {
            return None;
        }
        let id = self.next_id;
        self.next_id += 1;
        if let Some(fields) = update.as_object_mut() {
            fields.insert("update_id".to_owned(), id.into());
        }
        self.waiting.push_back(Waiting { id, json: update, until: now + lifetime(&kind) });
        Some(id)
    }

    /// Confirms what is below `offset` and gives up to `limit` of the rest.
    pub(crate) fn take(&mut self, offset: i64, limit: i64, now: Timestamp) -> Vec<Value> {
        self.waiting.retain(|waiting| waiting.until > now);
        if offset < 0 {
            let keep = usize::try_from(-offset).unwrap_or(usize::MAX);
            self.confirm(self.waiting.len().saturating_sub(keep));
        } else if offset > self.next_id + FUTURE {
            // Confirms what still waits from before the ids began anew, if it is that.
            let last = self.waiting.iter().position(|waiting| waiting.id == offset - 1);
            self.confirm(last.map_or(0, |last| last + 1));
        } else if offset > 0 {
            self.confirm(self.waiting.iter().take_while(|waiting| waiting.id < offset).count());
        }
        let mut bytes = 0;
        let limit = usize::try_from(limit.clamp(1, LIMIT_MAX)).unwrap_or(1);
        let fits = |waiting: &&Waiting| {
            let first = bytes == 0;
            bytes += waiting.json.to_string().len();
            first || bytes <= BYTES_MAX
        };
        self.waiting
            .iter()
            .take(limit)
            .take_while(fits)
            .map(|waiting| waiting.json.clone())
            .collect()
    }

    /// Those that wait, oldest first, with their ids.
    pub(crate) fn waiting(&mut self, now: Timestamp) -> impl Iterator<Item = (i64, &Value)> {
        self.waiting.retain(|waiting| waiting.until > now);
        self.waiting.iter().map(|waiting| (waiting.id, &waiting.json))
    }

    /// The webhook has taken the update `id`.
    pub(crate) fn delivered(&mut self, id: i64) {
        let place = self.waiting.iter().position(|waiting| waiting.id == id);
        self.last = place.and_then(|place| self.waiting.remove(place)).into_iter().collect();
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Forgets all that wait.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// Which kinds are queued from now on; none named means Telegram's usual ones.
    pub(crate) fn allow(&mut self, kinds: Vec<String>) {
        self.allowed = kinds;
    }

    /// The kinds named last.
    pub(crate) fn allowed(&self) -> &[String] {
        &self.allowed
    }

    /// Puts what was confirmed last at the head once more.
    pub(crate) fn deliver_again(&mut self) {
        for waiting in self.last.iter().rev() {
            self.waiting.push_front(waiting.clone());
        }
    }

    /// The next id.
    pub(crate) fn restart_at(&mut self, id: i64) {
        self.next_id = id;
    }

    fn confirm(&mut self, count: usize) {
        if count > 0 {
            self.last = self.waiting.drain(..count).collect();
        }
    }

    fn wants(&self, kind: &str) -> bool {
        if self.allowed.is_empty() {
            return !UNASKED.contains(&kind);
        }
        self.allowed.iter().any(|allowed| allowed == kind) || !is_known(kind)
    }
}

/// Kinds that do not exist yet reach every bot, which is what tests inject them for.
fn is_known(kind: &str) -> bool {
    kind.contains("message")
        || kind.contains("query")
        || kind.contains("chat")
        || kind.starts_with("poll")
}

/// How long an update waits (official server, `Client.cpp`).
fn lifetime(kind: &str) -> Duration {
    Duration::from_secs(match kind {
        "callback_query" => 150,
        "inline_query" => 30,
        _ => 86_400,
    })
}

/// An update of `kind` without its id.
pub(crate) fn update(kind: &str, content: impl Into<Value>) -> Value {
    Value::Object([(kind.to_owned(), content.into())].into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(updates: &[Value]) -> Vec<i64> {
        updates.iter().map(|update| update["update_id"].as_i64().unwrap() - FIRST_ID).collect()
    }

    fn filled(count: i64) -> Queue {
        let mut queue = Queue::default();
        for number in 0..count {
            queue.push(update("message", number), Timestamp::UNIX_EPOCH);
        }
        queue
    }

    #[test]
    fn an_offset_confirms_what_is_below_it() {
        for (offset, limit, given, left) in [
            (0, 100, vec![0, 1, 2, 3, 4], 5),
            (0, 2, vec![0, 1], 5),
            (0, 0, vec![0], 5),
            (FIRST_ID, 100, vec![0, 1, 2, 3, 4], 5),
            (FIRST_ID + 2, 1, vec![2], 3),
            (FIRST_ID + 5, 100, vec![], 0),
            (FIRST_ID + 9, 100, vec![], 0),
            (-1, 100, vec![4], 1),
            (-2, 1, vec![3], 2),
            (-9, 100, vec![0, 1, 2, 3, 4], 5),
            (1, 100, vec![0, 1, 2, 3, 4], 5),
            (FIRST_ID + 1_000_000, 100, vec![0, 1, 2, 3, 4], 5),
        ] {
            let mut queue = filled(5);
            let taken = queue.take(offset, limit, Timestamp::UNIX_EPOCH);
            assert_eq!((ids(&taken), queue.len()), (given, left), "offset {offset}");
        }
    }

    #[test]
    fn an_answer_has_at_most_a_hundred_updates_and_four_mebibytes() {
        assert_eq!(filled(150).take(0, 500, Timestamp::UNIX_EPOCH).len(), 100);
        let mut queue = Queue::default();
        for _ in 0..5 {
            queue.push(update("message", "x".repeat(1 << 20)), Timestamp::UNIX_EPOCH);
        }
        assert_eq!(queue.take(0, 100, Timestamp::UNIX_EPOCH).len(), 3);
        queue.clear();
        queue.push(update("message", "x".repeat(5 << 20)), Timestamp::UNIX_EPOCH);
        assert_eq!(queue.take(0, 100, Timestamp::UNIX_EPOCH).len(), 1);
    }

    #[test]
    fn updates_grow_old_by_their_kind() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut queue = Queue::default();
        for kind in ["inline_query", "callback_query", "message"] {
            queue.push(update(kind, Value::Null), at(0));
        }
        for (second, left) in [(29, 3), (30, 2), (149, 2), (150, 1), (86_399, 1), (86_400, 0)] {
            assert_eq!(queue.take(0, 100, at(second)).len(), left, "after {second} s");
        }
    }

    #[test]
    fn only_allowed_kinds_are_queued_and_a_change_is_for_what_comes() {
        let mut queue = Queue::default();
        let push = |queue: &mut Queue, kind| {
            queue.push(update(kind, Value::Null), Timestamp::UNIX_EPOCH).is_some()
        };
        assert!(push(&mut queue, "message") && push(&mut queue, "poll"));
        assert!(!push(&mut queue, "message_reaction"));
        queue.allow(vec!["callback_query".to_owned(), "chat_member".to_owned()]);
        assert!(push(&mut queue, "chat_member") && !push(&mut queue, "message"));
        assert!(push(&mut queue, "telepathy"));
        assert_eq!(queue.len(), 4);
    }

    #[test]
    fn ids_may_begin_anew_lower_and_confirmed_updates_may_come_again() {
        let mut queue = filled(2);
        queue.take(FIRST_ID + 2, 100, Timestamp::UNIX_EPOCH);
        queue.restart_at(50);
        queue.push(update("message", Value::Null), Timestamp::UNIX_EPOCH);
        let taken = queue.take(FIRST_ID + 2, 100, Timestamp::UNIX_EPOCH);
        assert_eq!(taken[0]["update_id"], 50);
        assert!(queue.take(51, 100, Timestamp::UNIX_EPOCH).is_empty());
        queue.deliver_again();
        assert_eq!(queue.take(0, 100, Timestamp::UNIX_EPOCH)[0]["update_id"], 50);
    }
}
