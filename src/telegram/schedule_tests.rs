//! Who is next: by urgency, in turn, in order, and what trouble holds up.

use super::*;

const DATE: Timestamp = Timestamp::UNIX_EPOCH;

fn second(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// Doubling without chance.
fn wait(failures: u32, told: Option<Duration>) -> Duration {
    told.unwrap_or(second(1 << failures.saturating_sub(1).min(5)))
}

/// A schedule with its clock.
struct Bench {
    schedule: Schedule,
    now: Instant,
    start: Instant,
    number: u64,
}

impl Bench {
    fn new() -> Self {
        let now = Instant::now();
        let schedule = Schedule::new(Limits::default(), 4, wait);
        Self { schedule, now, start: now, number: 0 }
    }

    fn post(&mut self, lane: Lane, place: Place) -> Key {
        self.number += 1;
        let key = Key { lane, number: self.number };
        let head = Head { place, posted: DATE, expires: Timestamp::MAX };
        self.schedule.add(key, &head);
        key
    }

    fn chat(&mut self, lane: Lane, id: i64) -> Key {
        self.post(lane, Place::Chat(ChatId(id)))
    }

    fn next(&mut self) -> Next {
        self.schedule.next(self.now, DATE)
    }

    /// The message that leaves now.
    fn sent(&mut self) -> Due {
        match self.next() {
            Next::Send(due) => due,
            other => panic!("{other:?} after {:?}", self.now - self.start),
        }
    }

    /// Everything that leaves now, while nothing is answered.
    fn all_sent(&mut self) -> Vec<Due> {
        std::iter::from_fn(|| match self.next() {
            Next::Send(due) => Some(due),
            _ => None,
        })
        .collect()
    }

    fn end(&mut self, due: &Due, end: End) -> Vec<Key> {
        self.schedule.done(due.spot, end, self.now)
    }

    /// Delivers until nothing is left; gives the order, and the seconds each left after.
    fn drain(&mut self) -> Vec<(Key, u64)> {
        let mut order = Vec::new();
        loop {
            match self.next() {
                Next::Send(due) => {
                    order.push((due.key, (self.now - self.start).as_secs()));
                    self.end(&due, End::Gone);
                }
                Next::Rest(Some(at)) => self.now = at,
                Next::Rest(None) => return order,
                Next::Expired(key) => panic!("{key:?}"),
            }
        }
    }

    fn order(&mut self) -> Vec<Key> {
        self.drain().into_iter().map(|(key, _)| key).collect()
    }
}

fn is_resting(next: &Next) -> bool {
    matches!(next, Next::Rest(_))
}

#[test]
fn a_chat_gets_its_messages_in_order_and_one_at_a_time() {
    let mut bench = Bench::new();
    let keys = [1, 2, 3].map(|_| bench.chat(Lane::Replies, 7));
    let first = bench.sent();
    assert_eq!(first.key, keys[0]);
    assert_eq!(bench.next(), Next::Rest(None));
    bench.end(&first, End::Gone);
    assert_eq!(bench.order(), keys[1..]);
}

#[test]
fn the_urgent_goes_first_and_answers_to_taps_before_other_replies() {
    let mut bench = Bench::new();
    let broadcast = bench.chat(Lane::Broadcasts, 1);
    let notice = bench.chat(Lane::Notices, 2);
    let consumer = bench.chat(Lane::Consumers, 3);
    let reply = bench.chat(Lane::Replies, 4);
    let tap = bench.post(Lane::Replies, Place::Apart);
    let alert = bench.chat(Lane::Alerts, 5);
    let file = bench.post(Lane::Replies, Place::Files);
    assert_eq!(bench.order(), [file, alert, tap, reply, consumer, notice, broadcast]);
}

#[test]
fn chats_take_turns() {
    let mut bench = Bench::new();
    let long = [(); 4].map(|()| bench.chat(Lane::Replies, 1));
    let (second, third) = (bench.chat(Lane::Replies, 2), bench.chat(Lane::Replies, 3));
    assert_eq!(bench.order(), [long[0], second, third, long[1], long[2], long[3]]);
}

#[test]
fn two_thousand_notices_delay_an_alert_by_no_request() {
    let mut bench = Bench::new();
    for chat in 1..=2000 {
        bench.chat(Lane::Notices, chat);
    }
    for round in 0..500 {
        // Two are under way, as many as notices may be; an alert and a reply leave all the same.
        let under_way = bench.all_sent();
        assert!(under_way.len() <= 2);
        let alert = bench.chat(Lane::Alerts, 5000 + round);
        let reply = bench.chat(Lane::Replies, 9000 + round);
        for expected in [alert, reply] {
            let urgent = bench.sent();
            assert_eq!(urgent.key, expected);
            bench.end(&urgent, End::Gone);
        }
        for due in &under_way {
            bench.end(due, End::Gone);
        }
        bench.now += Duration::from_millis(140);
    }
}

#[test]
fn an_alert_overtakes_notices_for_the_same_person() {
    let mut bench = Bench::new();
    for _ in 0..50 {
        bench.chat(Lane::Notices, 7);
    }
    for _ in 0..4 {
        let due = bench.sent();
        bench.end(&due, End::Gone);
    }
    assert!(is_resting(&bench.next()), "notices have used what they may");
    let alert = bench.chat(Lane::Alerts, 7);
    assert_eq!(bench.sent().key, alert);
}

#[test]
fn ten_thousand_chats_get_theirs_at_thirty_a_second() {
    let mut bench = Bench::new();
    for chat in 1..=10_000 {
        bench.chat(Lane::Broadcasts, chat);
    }
    let order = bench.drain();
    assert_eq!(order.len(), 10_000);
    assert!(order.iter().map(|(key, _)| key.number).eq(1..=10_000), "oldest first");
    assert_eq!(order[9_999].1, (10_000 - 20) / 30);
    assert!(bench.schedule.queues.is_empty() && bench.schedule.timers.is_empty());
}

#[test]
fn retry_after_holds_its_chat_alone() {
    let mut bench = Bench::new();
    let held = bench.chat(Lane::Replies, 1);
    let behind = bench.chat(Lane::Replies, 1);
    let due = bench.sent();
    bench.end(&due, End::Flood(Some(second(30))));
    let others = [2, 3, 4].map(|chat| bench.chat(Lane::Replies, chat));
    let drained = bench.drain();
    let expected = others.map(|key| (key, 0)).into_iter().chain([(held, 30), (behind, 30)]);
    assert_eq!(drained, expected.collect::<Vec<_>>());
}

#[test]
fn retry_after_without_a_chat_or_for_many_chats_holds_all() {
    let mut bench = Bench::new();
    bench.post(Lane::Replies, Place::Apart);
    let tap = bench.sent();
    bench.end(&tap, End::Flood(Some(second(9))));
    bench.chat(Lane::Alerts, 2);
    assert_eq!(bench.next(), Next::Rest(Some(bench.now + second(9))));

    let mut bench = Bench::new();
    for chat in 1..=6 {
        bench.chat(Lane::Alerts, chat);
    }
    for _ in 0..FLOODED_CHATS {
        let due = bench.sent();
        bench.end(&due, End::Flood(Some(second(9))));
    }
    assert_eq!(bench.next(), Next::Rest(Some(bench.now + second(9))));
    assert_eq!(bench.drain().len(), 6);
}

#[test]
fn flooded_chats_between_good_ones_hold_nobody_else() {
    let mut bench = Bench::new();
    for chat in 1..=40 {
        bench.chat(Lane::Alerts, chat);
    }
    for number in 0..20 {
        let due = bench.sent();
        let end = if number % 2 == 0 { End::Flood(Some(second(600))) } else { End::Gone };
        bench.end(&due, end);
    }
    assert!(matches!(bench.next(), Next::Send(_)));
}

#[test]
fn a_chat_that_fails_waits_longer_each_time_and_burns_no_other() {
    let mut bench = Bench::new();
    let poison = bench.chat(Lane::Replies, 1);
    let mut times = Vec::new();
    for chat in 2..200 {
        bench.chat(Lane::Replies, chat);
        for due in bench.all_sent() {
            if due.key == poison {
                times.push((bench.now - bench.start).as_secs());
                bench.end(&due, End::Failed);
            } else {
                bench.end(&due, End::Gone);
            }
        }
        assert_eq!(bench.schedule.queues.len(), 1, "every other got theirs at once");
        bench.now += second(1);
    }
    assert_eq!(times, [0, 1, 3, 7, 15, 31, 63, 95, 127, 159, 191]);
    bench.now += second(60);
    assert_eq!(
        bench.sent().tries,
        10,
        "its own fault: all but the first time others were answered"
    );
}

#[test]
fn when_nobody_is_answered_everything_waits_and_one_tries() {
    let mut bench = Bench::new();
    let keys: Vec<Key> = (1..=10).map(|chat| bench.chat(Lane::Alerts, chat)).collect();
    let under_way = bench.all_sent();
    assert_eq!(under_way.len(), 4);
    for due in &under_way {
        bench.end(due, End::Offline);
    }
    for pause in [1, 2, 4, 8] {
        assert_eq!(bench.next(), Next::Rest(Some(bench.now + second(pause))));
        bench.now += second(pause);
        let probes = bench.all_sent();
        assert_eq!(probes.len(), 1);
        bench.end(&probes[0], End::Offline);
    }
    bench.now += second(16);
    let probe = bench.sent();
    bench.end(&probe, End::Gone);
    assert_eq!(bench.all_sent().len(), 4);
    assert!(keys.contains(&probe.key));
}

#[test]
fn three_chats_that_fail_in_a_row_are_telegrams_trouble() {
    let mut bench = Bench::new();
    for chat in 1..=10 {
        bench.chat(Lane::Alerts, chat);
    }
    for end in [End::Failed, End::Missed, End::Failed] {
        let due = bench.sent();
        bench.end(&due, end);
    }
    assert_eq!(bench.next(), Next::Rest(Some(bench.now + second(1))));
    assert_eq!(bench.drain().len(), 9, "one was missed");
}

#[test]
fn stalled_calls_leave_workers_to_the_urgent() {
    let mut bench = Bench::new();
    for chat in 1..=10 {
        bench.chat(Lane::Broadcasts, chat);
        bench.chat(Lane::Replies, 100 + chat);
    }
    assert_eq!(bench.all_sent().len(), 3, "three replies");
    bench.chat(Lane::Alerts, 500);
    assert_eq!(bench.sent().key.lane, Lane::Alerts);
    bench.post(Lane::Replies, Place::Files);
    assert_eq!(bench.sent().spot, Spot::Files, "files have their own");
    assert_eq!(bench.next(), Next::Rest(None));
}

#[test]
fn what_waits_for_a_group_goes_to_its_new_id_in_order() {
    let mut bench = Bench::new();
    let old = [(); 3].map(|()| bench.chat(Lane::Replies, -5));
    let due = bench.sent();
    let new = bench.chat(Lane::Replies, -100);
    bench.end(&due, End::Moved(ChatId(-100)));
    let order: Vec<Key> = std::iter::from_fn(|| {
        let Next::Send(due) = bench.next() else { return None };
        assert_eq!(due.spot, Spot::Chat(ChatId(-100)));
        bench.end(&due, End::Gone);
        Some(due.key)
    })
    .collect();
    assert_eq!(order, [old[0], old[1], old[2], new]);
}

#[test]
fn who_cannot_be_reached_gets_no_more_notices() {
    let mut bench = Bench::new();
    let first = bench.chat(Lane::Notices, 7);
    let (second, third) = (bench.chat(Lane::Notices, 7), bench.chat(Lane::Broadcasts, 7));
    let due = bench.sent();
    assert_eq!(due.key, first);
    let reply = bench.chat(Lane::Replies, 7);
    assert_eq!(bench.end(&due, End::Unreachable), [second, third]);
    assert_eq!(bench.order(), [reply]);
}

#[test]
fn what_is_out_of_date_is_not_sent() {
    let mut bench = Bench::new();
    let key = Key { lane: Lane::Notices, number: 1 };
    let head = Head { place: Place::Chat(ChatId(7)), posted: DATE, expires: DATE };
    bench.schedule.add(key, &head);
    let later = DATE + second(1);
    assert_eq!(bench.schedule.next(bench.now, later), Next::Expired(key));
    assert_eq!(bench.schedule.next(bench.now, later), Next::Rest(None));
}

#[test]
fn a_chat_cannot_fill_the_outbox_with_replies() {
    let mut bench = Bench::new();
    let head = Head { place: Place::Chat(ChatId(7)), posted: DATE, expires: Timestamp::MAX };
    let kept = (1..=1000)
        .filter(|number| bench.schedule.add(Key { lane: Lane::Replies, number: *number }, &head));
    assert_eq!(kept.count(), REPLIES_PER_CHAT);
}

#[test]
fn a_revoked_token_is_tried_by_one_message_a_minute() {
    let mut bench = Bench::new();
    for chat in 1..=10 {
        bench.chat(Lane::Replies, chat);
    }
    for _ in 0..3 {
        let probes = bench.all_sent();
        for due in &probes {
            bench.end(due, End::Halted(second(60)));
        }
        assert_eq!(bench.next(), Next::Rest(Some(bench.now + second(60))));
        bench.now += second(60);
        assert!(bench.schedule.probing);
    }
    assert_eq!(bench.drain().len(), 10);
}
