//! Thousands of random actions against the plainest store there is; what must hold holds after each.

use std::collections::BTreeMap;

use super::*;
use crate::apps::events::changes::{Change, Changes};
use crate::apps::events::model::Capacity;
use crate::apps::events::roll::line_needed;
use crate::apps::events::start::Zone;

/// One event and its roll, kept as simply as possible.
struct Store {
    event: Event,
    going: Vec<UserId>,
    line: Vec<UserId>,
}

impl Store {
    fn new(capacity: Option<Capacity>) -> Self {
        let draft = Draft::from_line("Games | 18:00 | 1", &Zone::utc()).unwrap();
        let action = Action::Create(Draft { capacity, ..draft }.into());
        let by = asked(UserId(0));
        let made = decide(Subject::New(EventId(1)), &Roll::default(), &by, &action).unwrap();
        let Next::Put(event) = made.next else { panic!("no event") };
        Self { event: *event, going: Vec::new(), line: Vec::new() }
    }

    fn standing(&self, user: UserId) -> Standing {
        match (self.going.contains(&user), self.line.contains(&user)) {
            (true, false) => Standing::Going,
            (false, true) => Standing::Waitlisted,
            (false, false) => Standing::None,
            (true, true) => panic!("{user} goes and waits"),
        }
    }

    /// Decides and applies, showing no more of the line than was asked for.
    fn act(&mut self, by: &Asked, action: &Action) -> Decision {
        let going = u32::try_from(self.going.len()).unwrap();
        let shown = line_needed(&self.event, action, going).min(self.line.len());
        let roll = Roll {
            going,
            waiting: u32::try_from(self.line.len()).unwrap(),
            standing: self.standing(action.concerns(by)),
            line: &self.line[..shown],
        };
        let decision = decide(Subject::Event(&self.event), &roll, by, action).unwrap();
        self.apply(&decision);
        decision
    }

    fn apply(&mut self, decision: &Decision) {
        if let Next::Put(event) = &decision.next {
            self.event = *event.clone();
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
    }
}

/// Marsaglia's xorshift64: the same numbers every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

fn asked(user: UserId) -> Asked {
    Asked { user, is_admin: true, at: "2026-11-21T12:00:00Z".parse().unwrap() }
}

fn seats(capacity: u64) -> Option<Capacity> {
    Capacity::new(i64::try_from(capacity).unwrap()).ok()
}

fn some_action(chance: &mut Chance) -> Action {
    match chance.below(10) {
        0..=4 => Action::Attend,
        5..=6 => Action::Leave,
        7 => Action::RemoveAttendee(UserId(i64::try_from(chance.below(20)).unwrap())),
        8 => Action::Attendees,
        _ => {
            let capacity = seats(chance.below(8)).map_or(Change::Remove, Change::Set);
            Action::Edit(Changes { capacity, ..Changes::default() }.into())
        }
    }
}

/// What holds after every action, given what was before it.
fn check(before: (usize, &[UserId], u64), store: &Store, decision: &Decision) {
    let (going_before, line_before, version_before) = before;
    let going = store.going.len();
    let limit = store.event.capacity.map_or(usize::MAX, |c| c.seats() as usize);
    assert!(going <= limit.max(going_before), "somebody was seated beyond the capacity");
    assert!(going >= limit || store.line.is_empty(), "a seat is free while people wait");
    let promoted: Vec<_> = decision.promoted().collect();
    let mut left = line_before.iter().filter(|user| store.standing(**user) != Standing::None);
    assert!(promoted.iter().all(|user| left.next() == Some(user)), "somebody overtook");
    let kept: Vec<_> = left.copied().collect();
    assert!(store.line.starts_with(&kept), "the line has lost its order");
    let changed = u64::from(decision.next != Next::Same);
    assert_eq!(store.event.version, version_before + changed);
}

#[test]
fn whatever_people_do_seats_go_by_the_line_and_never_beyond_the_capacity() {
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    for _ in 0..200 {
        let mut store = Store::new(seats(chance.below(6)));
        for _ in 0..100 {
            let by = asked(UserId(i64::try_from(chance.below(20)).unwrap()));
            let action = some_action(&mut chance);
            let line = store.line.clone();
            let before = (store.going.len(), &line[..], store.event.version);
            let decision = store.act(&by, &action);
            check(before, &store, &decision);
            *seen.entry("promoted").or_default() += u32::from(decision.promoted().count() > 0);
            *seen.entry("nothing").or_default() += u32::from(decision.is_nothing());
            let over = store.event.capacity.is_some_and(|c| store.going.len() > c.seats() as usize);
            *seen.entry("overbooked").or_default() += u32::from(over);
        }
    }
    assert!(seen.values().all(|times| *times > 500), "the sequences are too tame: {seen:?}");
}

#[test]
fn two_hundred_people_and_ten_seats_give_ten_going_and_190_waiting_in_order() {
    let mut store = Store::new(seats(10));
    for user in 1..=200 {
        store.act(&asked(UserId(user)), &Action::Attend);
    }
    assert_eq!(store.going, (1..=10).map(UserId).collect::<Vec<_>>());
    assert_eq!(store.line, (11..=200).map(UserId).collect::<Vec<_>>());
}
