//! How fast one key may make messages: in bursts, and steadily after that.
//!
//! The generic cell rate algorithm (ITU-T I.371) needs one number per key, written in the
//! transaction that makes the message, so a pace costs no commit of its own and outlives a restart.

use std::time::Duration;

use jiff::Timestamp;

use crate::store::{Read, StoreError, TableDefinition, Tx};

/// Name of a key → the millisecond when all it did is paid for.
const PACES: TableDefinition<&str, u64> = TableDefinition::new("api-keys/paces");

/// Rows before those that are over are looked for: more than there are keys.
const SWEEP: u64 = 128;

/// One message costs this much time: two a second in the long run.
const COST: u64 = 500;

/// Messages a key may make at once after a rest.
pub const BURST: u64 = 120;

/// Makes the table exist.
pub fn prepare(tx: &Tx) -> Result<(), StoreError> {
    tx.table_mut(PACES).map(drop)
}

/// Counts one message of the key `name`, unless it has to wait for so long.
pub fn take(tx: &Tx, name: &str, now: Timestamp) -> Result<Option<Duration>, StoreError> {
    let now = u64::try_from(now.as_millisecond()).unwrap_or(0);
    let paid = tx.table(PACES)?.get(name)?.map_or(0, |paid| paid.value());
    let paid = match after(paid, now) {
        Ok(paid) => paid,
        Err(wait) => return Ok(Some(wait)),
    };
    let mut paces = tx.table_mut(PACES)?;
    paces.insert(name, paid)?;
    if paces.len()? > SWEEP {
        paces.retain(|_, paid| paid > now)?;
    }
    Ok(None)
}

/// When one more is paid for, or how long to wait before it.
fn after(paid: u64, now: u64) -> Result<u64, Duration> {
    let most = now + COST * BURST;
    // Nobody owes more than a burst: then the clock was set back, and what was before is forgotten.
    let next = if paid > most { now } else { paid.max(now) } + COST;
    if next > most { Err(Duration::from_millis(next - most)) } else { Ok(next) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_then_two_a_second_and_a_clock_set_back_is_forgiven() {
        let mut paid = 0;
        let mut at = |now: u64, tries: usize| {
            let pass = |_: &usize| after(paid, now).map(|next| paid = next).is_ok();
            (0..tries).filter(pass).count()
        };
        let start = 1_800_000_000_000;
        assert_eq!(at(start, 200), 120);
        assert_eq!(at(start + 499, 5), 0);
        assert_eq!(at(start + 5_000, 50), 10);
        assert_eq!(at(start + 3_600_000, 200), 120);
        assert_eq!(at(start, 200), 120);
        assert_eq!(after(start + COST * BURST, start), Err(Duration::from_millis(COST)));
    }
}
