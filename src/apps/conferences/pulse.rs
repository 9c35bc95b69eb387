//! How the checks of one server become a confirmed state: failures and successes in a row.
//!
//! Pure: what a check gave, and when, goes in; whether the state turned comes out.

use std::time::Duration;

use jiff::Timestamp;

use super::network::Network;
use super::record::State;

/// While a state is not confirmed yet, checks follow each other by this part of the usual time …
const UNSURE_PART: u32 = 3;

/// … but at most this: nobody shall wait for minutes to hear of an outage.
const UNSURE_MOST: Duration = Duration::from_secs(5);

/// … and at least this: a server in trouble is not to be hammered.
const UNSURE_LEAST: Duration = Duration::from_secs(1);

/// How many checks confirm a state, and how often one is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damping {
    /// Failed checks in a row before a server counts as down.
    pub down_after: u32,
    /// Good checks in a row before it counts as up.
    pub up_after: u32,
    /// Time between two checks.
    pub every: Duration,
}

/// What the checks of one server have shown so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pulse {
    confirmed: State,
    streak: Option<Streak>,
    is_blind: bool,
}

/// Checks in a row that gave the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Streak {
    good: bool,
    count: u32,
    first: Timestamp,
}

/// What a check turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Nothing.
    None,
    /// It is confirmed down since this first failed check.
    Down(Timestamp),
    /// It is confirmed up since this first good check.
    Up(Timestamp),
}

impl Pulse {
    /// Before the first check, when `confirmed` is what was known before.
    pub fn new(confirmed: State) -> Self {
        Self { confirmed, streak: None, is_blind: false }
    }

    /// Whether one more failed check confirms an outage, unless our own network is gone; and since
    /// when checks fail. Nobody needs to look at the network otherwise.
    pub fn is_at_the_brink(&self, at: Timestamp, damping: &Damping) -> Option<Timestamp> {
        let streak = self.streak.filter(|streak| !streak.good);
        let (count, first) = streak.map_or((1, at), |streak| (streak.count + 1, streak.first));
        (self.confirmed != State::Down && count >= damping.down_after).then_some(first)
    }

    /// A good check.
    pub fn good(&mut self, at: Timestamp, damping: &Damping) -> Turn {
        self.is_blind = false;
        let streak = self.another(true, at);
        if self.confirmed == State::Up || streak.count < damping.up_after {
            return Turn::None;
        }
        self.confirmed = State::Up;
        Turn::Up(streak.first)
    }

    /// A failed check; `network` says whose fault that may be.
    pub fn failed(&mut self, at: Timestamp, damping: &Damping, network: Network) -> Turn {
        let mut streak = self.another(false, at);
        if self.confirmed == State::Down || streak.count < damping.down_after {
            return Turn::None;
        }
        match network {
            Network::Unclear => return Turn::None,
            Network::Gone => {
                self.is_blind = true;
                return Turn::None;
            }
            Network::There if self.is_blind => {
                // Nothing is known of the time before: it is counted anew.
                self.is_blind = false;
                self.streak = None;
                streak = self.another(false, at);
            }
            Network::There => {}
        }
        if streak.count < damping.down_after {
            return Turn::None;
        }
        self.confirmed = State::Down;
        Turn::Down(streak.first)
    }

    /// Whether the last checks say something else than what is confirmed.
    pub fn is_unsure(&self) -> bool {
        let Some(streak) = self.streak else { return false };
        let says = if streak.good { State::Up } else { State::Down };
        says != self.confirmed && !self.is_blind
    }

    /// Whether nothing can be known, because our own network is gone.
    pub fn is_blind(&self) -> bool {
        self.is_blind
    }

    /// What is confirmed.
    pub fn confirmed(&self) -> State {
        self.confirmed
    }

    /// How long to wait for the next check; `chance` spreads servers that would be checked together.
    pub fn rest(&self, damping: &Damping, chance: u8) -> Duration {
        if self.is_unsure() {
            let part = damping.every / UNSURE_PART;
            return part.clamp(UNSURE_LEAST, UNSURE_MOST).min(damping.every);
        }
        // From 95 to 105 %.
        damping.every * (19 * 255 + 2 * u32::from(chance)) / (20 * 255)
    }

    fn another(&mut self, good: bool, at: Timestamp) -> Streak {
        let streak = match self.streak {
            Some(streak) if streak.good == good => {
                Streak { count: streak.count.saturating_add(1), ..streak }
            }
            _ => Streak { good, count: 1, first: at },
        };
        *self.streak.insert(streak)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAMPING: Damping = Damping { down_after: 3, up_after: 2, every: Duration::from_secs(15) };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    /// Plays checks ten seconds apart: `+` good, `-` failed, `o` failed while our network is gone,
    /// `?` failed while that is unclear. What turned, by the number of the check.
    fn play(confirmed: State, damping: Damping, checks: &str) -> (Vec<(i64, Turn)>, Pulse) {
        let mut pulse = Pulse::new(confirmed);
        let mut turns = Vec::new();
        for (number, check) in (1..).zip(checks.chars().filter(|c| *c != ' ')) {
            let now = at(10 * number);
            let turn = match check {
                '+' => pulse.good(now, &damping),
                '-' => pulse.failed(now, &damping, Network::There),
                'o' => pulse.failed(now, &damping, Network::Gone),
                _ => pulse.failed(now, &damping, Network::Unclear),
            };
            if turn != Turn::None {
                turns.push((number, turn));
            }
        }
        (turns, pulse)
    }

    #[test]
    fn only_checks_in_a_row_turn_the_state() {
        use State::{Down, Unknown, Up};
        let (down, up) = (|n: i64| Turn::Down(at(10 * n)), |n: i64| Turn::Up(at(10 * n)));
        for (before, checks, expected) in [
            // Good from the start: silently up after two.
            (Unknown, "+", vec![]),
            (Unknown, "++", vec![(2, up(1))]),
            // Down at the start is told like any other outage.
            (Unknown, "---", vec![(3, down(1))]),
            (Unknown, "+---", vec![(4, down(2))]),
            // One or two failures are nothing.
            (Up, "-+--+-+", vec![]),
            (Up, "--- --- ---", vec![(3, down(1))]),
            // Flapping: never three in a row, never two good ones.
            (Up, "--+--+--+--+", vec![]),
            (Down, "+-+-+-", vec![]),
            // The length is from the first failed to the first good check.
            (Up, "---- ++ +", vec![(3, down(1)), (6, up(5))]),
            (Up, "---+- ++", vec![(3, down(1)), (7, up(6))]),
            // After a restart within an outage.
            (Down, "-----", vec![]),
            (Down, "--++", vec![(4, up(3))]),
            // Our own network: nothing is said while it is gone, and it is counted anew afterwards.
            (Up, "-- ooooo ++", vec![]),
            (Up, "-- ooo ---", vec![(8, down(6))]),
            (Up, "-- ooo -+---", vec![(10, down(8))]),
            (Unknown, "ooooo ++", vec![(7, up(6))]),
            (Down, "ooo ++", vec![(5, up(4))]),
            // Unclear for a while: the first failed check counts all the same.
            (Up, "--??-", vec![(5, down(1))]),
            (Up, "--??+", vec![]),
        ] {
            assert_eq!(play(before, DAMPING, checks).0, expected, "{before:?} {checks}");
        }
    }

    #[test]
    fn other_numbers_in_the_settings_count_too() {
        let at_once = Damping { down_after: 1, up_after: 1, ..DAMPING };
        let (turns, _) = play(State::Up, at_once, "-+o-");
        let [down, up, again] = [Turn::Down(at(10)), Turn::Up(at(20)), Turn::Down(at(40))];
        assert_eq!(turns, [(1, down), (2, up), (4, again)]);
        let patient = Damping { down_after: 5, up_after: 4, ..DAMPING };
        let (turns, _) = play(State::Up, patient, "----+ ----- +++-++++");
        assert_eq!(turns, [(10, Turn::Down(at(60))), (18, Turn::Up(at(150)))]);
    }

    #[test]
    fn checks_are_more_frequent_while_nobody_is_sure() {
        let seconds = Duration::from_secs;
        for (before, checks, every, expected) in [
            (State::Up, "++", 15, None),
            (State::Up, "-", 15, Some(5)),
            (State::Up, "---", 15, None),
            (State::Down, "+", 15, Some(5)),
            (State::Down, "-", 15, None),
            (State::Unknown, "+", 15, Some(5)),
            (State::Up, "-", 6, Some(2)),
            (State::Up, "-", 1, Some(1)),
            (State::Up, "-", 86_400, Some(5)),
            (State::Up, "ooo", 15, None),
        ] {
            let damping = Damping { every: seconds(every), ..DAMPING };
            let (_, pulse) = play(before, damping, checks);
            assert_eq!(pulse.is_unsure(), expected.is_some(), "{before:?} {checks}");
            let usual = seconds(every);
            for chance in [0, 100, 255] {
                let rest = pulse.rest(&damping, chance);
                match expected {
                    Some(expected) => assert_eq!(rest, seconds(expected), "{checks} {every}"),
                    None => assert!(rest >= usual * 19 / 20 && rest <= usual * 21 / 20, "{rest:?}"),
                }
            }
        }
    }

    #[test]
    fn the_network_is_looked_at_only_at_the_brink_of_an_outage() {
        for (before, checks, expected) in [
            (State::Up, "", None),
            (State::Up, "-", None),
            (State::Up, "--", Some(1)),
            (State::Up, "--+-", None),
            (State::Down, "---", None),
            (State::Up, "--ooo", Some(1)),
        ] {
            let (_, pulse) = play(before, DAMPING, checks);
            let first = pulse.is_at_the_brink(at(1_000), &DAMPING);
            assert_eq!(first, expected.map(|number: i64| at(10 * number)), "{checks}");
        }
    }
}
