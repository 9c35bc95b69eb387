//! How long to wait before trying again: doubling with jitter, or as long as Telegram says.

use std::time::Duration;

/// The first wait.
const FIRST: Duration = Duration::from_secs(1);

/// The longest wait of our own.
const LONGEST: Duration = Duration::from_secs(30);

/// The longest wait obeyed, should an answer ask for a century.
const LONGEST_TOLD: Duration = Duration::from_secs(86_400);

/// The wait after `failures` in a row; `told` is Telegram's `retry_after`, which goes before.
pub(super) fn after(failures: u32, told: Option<Duration>) -> Duration {
    let own = FIRST.saturating_mul(1 << failures.saturating_sub(1).min(10)).min(LONGEST);
    let wait = told.map_or(own, |told| told.min(LONGEST_TOLD));
    wait + jitter(wait.min(LONGEST) / 4)
}

/// Up to `most`, so that programs cut off together do not come back together.
fn jitter(most: Duration) -> Duration {
    let chance = getrandom::u32().unwrap_or(u32::MAX / 2);
    most.mul_f64(f64::from(chance) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_half_a_minute_and_obey_telegram() {
        let second = Duration::from_secs(1);
        for (failures, told, least) in [
            (1, None, second),
            (2, None, second * 2),
            (5, None, second * 16),
            (6, None, second * 30),
            (4_000_000, None, second * 30),
            (3, Some(second * 7), second * 7),
            (1, Some(second * 600), second * 600),
            (1, Some(Duration::MAX), LONGEST_TOLD),
        ] {
            let wait = after(failures, told);
            assert!(wait >= least && wait <= least + least.min(LONGEST) / 4, "{failures} {wait:?}");
        }
    }
}
