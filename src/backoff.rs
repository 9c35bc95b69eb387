//! How long to wait before trying again: doubling with jitter, or as long as the other side says.

use std::time::Duration;

/// The first wait.
const FIRST: Duration = Duration::from_secs(1);

/// How patient somebody is who tries again and again.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// The longest wait of our own.
    pub longest: Duration,
    /// The longest wait obeyed, should an answer ask for a century.
    pub longest_told: Duration,
}

impl Backoff {
    /// The wait after `failures` in a row; `told` is what the other side asked for, which goes before.
    pub fn after(self, failures: u32, told: Option<Duration>) -> Duration {
        let own = FIRST.saturating_mul(1 << failures.saturating_sub(1).min(10)).min(self.longest);
        let wait = told.map_or(own, |told| told.min(self.longest_told));
        wait + jitter(wait.min(self.longest) / 4)
    }
}

/// Up to `most`, so that those who were cut off together do not come back together.
fn jitter(most: Duration) -> Duration {
    let chance = getrandom::u32().unwrap_or(u32::MAX / 2);
    most.mul_f64(f64::from(chance) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_obey_the_other_side() {
        let second = Duration::from_secs(1);
        let backoff = Backoff { longest: second * 30, longest_told: second * 3_600 };
        for (failures, told, least) in [
            (1, None, second),
            (2, None, second * 2),
            (5, None, second * 16),
            (6, None, second * 30),
            (4_000_000, None, second * 30),
            (3, Some(Duration::ZERO), Duration::ZERO),
            (3, Some(second * 7), second * 7),
            (1, Some(second * 600), second * 600),
            (1, Some(Duration::MAX), second * 3_600),
        ] {
            let wait = backoff.after(failures, told);
            let most = least + least.min(backoff.longest) / 4;
            assert!(wait >= least && wait <= most, "{failures} {told:?} {wait:?}");
        }
    }
}
