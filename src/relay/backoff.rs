//! How long a sink waits before it tries again: doubling with jitter, or as long as the target says.

use std::time::Duration;

/// The first wait.
const FIRST: Duration = Duration::from_secs(1);

/// The longest wait of our own.
const LONGEST: Duration = Duration::from_secs(60);

/// The longest wait obeyed, as Telegram obeys it in webhooks' answers.
const LONGEST_TOLD: Duration = Duration::from_secs(3_600);

/// The wait after `failures` in a row; `told` is what the target asked for, which goes before.
pub(super) fn after(failures: u32, told: Option<Duration>) -> Duration {
    let own = FIRST.saturating_mul(1 << failures.saturating_sub(1).min(10)).min(LONGEST);
    let wait = told.map_or(own, |told| told.min(LONGEST_TOLD));
    wait + jitter(wait.min(LONGEST) / 4)
}

/// Up to `most`, so that sinks cut off together do not come back together.
fn jitter(most: Duration) -> Duration {
    let chance = getrandom::u32().unwrap_or(u32::MAX / 2);
    most.mul_f64(f64::from(chance) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_minute_and_obey_the_target() {
        let second = Duration::from_secs(1);
        for (failures, told, least) in [
            (1, None, second),
            (2, None, second * 2),
            (6, None, second * 32),
            (7, None, second * 60),
            (4_000_000, None, second * 60),
            (3, Some(Duration::ZERO), Duration::ZERO),
            (3, Some(second * 7), second * 7),
            (1, Some(second * 86_400), second * 3_600),
        ] {
            let wait = after(failures, told);
            assert!(wait >= least && wait <= least + least.min(LONGEST) / 4, "{failures} {wait:?}");
        }
    }
}
