//! What may leave when, second by second.

use super::*;

/// Sends as early as it may, `count` times, and gives the milliseconds.
fn times(pace: &mut Pace, chat: i64, lane: Lane, start: Instant, count: usize) -> Vec<u128> {
    let mut now = start;
    let mut times = Vec::new();
    for _ in 0..count {
        let chat = ChatId(chat);
        now += pace.wait(lane, now).max(pace.wait_in(chat, lane, now));
        pace.leaves(Some(chat), now);
        pace.arrived(chat, now);
        times.push((now - start).as_millis());
    }
    times
}

#[test]
fn a_chat_gets_five_at_once_and_then_one_a_second() {
    for (lane, expected) in [
        (Lane::Alerts, [0, 0, 0, 0, 0, 1000, 2000, 3000]),
        (Lane::Replies, [0, 0, 0, 0, 0, 1000, 2000, 3000]),
        // One is left for what is urgent.
        (Lane::Notices, [0, 0, 0, 0, 1000, 2000, 3000, 4000]),
    ] {
        let mut pace = Pace::new(Limits::default());
        assert_eq!(times(&mut pace, 7, lane, Instant::now(), 8), expected, "{lane}");
    }
}

#[test]
fn a_chat_that_rested_has_its_burst_back() {
    let mut pace = Pace::new(Limits::default());
    let start = Instant::now();
    times(&mut pace, 7, Lane::Replies, start, 5);
    let later = start + Duration::from_secs(3);
    assert_eq!(times(&mut pace, 7, Lane::Replies, later, 4), [0, 0, 0, 1000]);
    let rested = start + Duration::from_secs(60);
    assert_eq!(times(&mut pace, 7, Lane::Replies, rested, 6)[4..], [0, 1000]);
}

#[test]
fn a_group_never_gets_more_than_twenty_in_any_minute() {
    let mut pace = Pace::new(Limits::default());
    let sent = times(&mut pace, -7, Lane::Alerts, Instant::now(), 100);
    assert_eq!(sent[..6], [0, 0, 0, 0, 0, 1000]);
    for pair in sent.windows(21) {
        assert!(pair[20] - pair[0] >= 60_000, "{pair:?}");
    }
    assert_eq!(sent[20], 60_000, "and no less");
}

#[test]
fn thirty_leave_at_once_and_then_thirty_a_second() {
    for (lane, burst) in
        [(Lane::Alerts, 30), (Lane::Replies, 28), (Lane::Consumers, 25), (Lane::Notices, 20)]
    {
        let mut pace = Pace::new(Limits::default());
        let (start, mut now) = (Instant::now(), Instant::now());
        let mut at_once = 0;
        for chat in 0..330 {
            let wait = pace.wait(lane, now);
            assert_eq!(pace.wait_in(ChatId(chat), lane, now), Duration::ZERO);
            now += wait;
            at_once += usize::from(now - start < Duration::from_millis(30));
            pace.leaves(Some(ChatId(chat)), now);
        }
        assert!(at_once.abs_diff(burst) <= 1, "{lane}: {at_once}");
        let steady = (330.0 - f64::from(u32::try_from(burst).unwrap())) / 30.0;
        assert!(((now - start).as_secs_f64() - steady).abs() < 0.1, "{lane}");
    }
}

#[test]
fn an_alert_goes_at_once_while_notices_use_all_they_may() {
    let mut pace = Pace::new(Limits::default());
    let mut now = Instant::now();
    for chat in 1..=2000 {
        now += pace.wait(Lane::Notices, now);
        pace.leaves(Some(ChatId(chat)), now);
        assert_eq!(pace.wait(Lane::Alerts, now), Duration::ZERO);
        assert_eq!(pace.wait(Lane::Replies, now), Duration::ZERO);
    }
}

#[test]
fn a_slow_line_does_not_bring_messages_closer_together() {
    let mut pace = Pace::new(Limits::default());
    let (chat, start) = (ChatId(-7), Instant::now());
    let mut now = start;
    for _ in 0..20 {
        now += pace.wait_in(chat, Lane::Replies, now);
        pace.leaves(Some(chat), now);
        now += Duration::from_millis(400);
        pace.arrived(chat, now);
    }
    let next = now + pace.wait_in(chat, Lane::Replies, now);
    let first_arrived = start + Duration::from_millis(400);
    assert_eq!(next, first_arrived + Duration::from_secs(60));
}

#[test]
fn chats_that_rest_are_forgotten() {
    let mut pace = Pace::new(Limits::default());
    let start = Instant::now();
    for chat in 0..100_000_u32 {
        let now = start + Duration::from_millis(40) * chat;
        let id = i64::from(chat);
        pace.leaves(Some(ChatId(if chat % 2 == 0 { id } else { -id })), now);
    }
    assert!(pace.chats.len() <= 2 * SWEEP, "{}", pace.chats.len());
}
