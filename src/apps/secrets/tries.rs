//! Wrong tries: five wrong tokens lock a secret's number for a minute, then for twice as long each
//! time; ten in a minute from one person, one API key or one address stop that one.
//!
//! A number that no secret has is counted and locked like any other, so that nobody learns from it
//! which numbers are taken. A right token is refused like a wrong one while a lock lasts.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;

use super::token::SecretId;
use crate::ids::UserId;
use crate::store::{Read, StoreError, TableDefinition, Tx};

/// Who or what was tried → when, see [`Lock`] and [`Recent`].
const TRIES: TableDefinition<&str, &[u8]> = TableDefinition::new("secrets/tries");

/// Wrong tokens that lock a number.
const PER_ID: u32 = 5;

/// The first lock; each further one is twice as long.
const FIRST_LOCK: Duration = Duration::from_secs(60);

/// No lock is longer, or anybody who can count could keep a reader out for days.
const LONGEST_LOCK: Duration = Duration::from_secs(3_600);

/// Wrong tries one person, key or address has in [`WINDOW`].
const PER_PERSON: usize = 10;

/// A minute.
const WINDOW: Duration = Duration::from_secs(60);

/// What was not tried for so long is forgotten: longer than the longest lock.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(2 * 3_600);

/// Rows kept at most; a full table takes wrong tries of thousands of people within two hours.
const MOST: u64 = 20_000;

/// Old rows are looked for whenever the table has grown by so many.
const SWEEP: u64 = 256;

/// Who tries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// A Telegram user.
    User(UserId),
    /// Somebody on the internet.
    Address(IpAddr),
    /// A script with an API key, by its name.
    ApiKey(String),
}

/// Wrong tokens for one number: 4 bytes how many, 8 bytes the last (ms).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Lock {
    wrong: u32,
    last: i64,
}

/// Wrong tries of one person: 8 bytes each, when (ms), oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Recent(Vec<i64>);

pub(super) fn prepare(tx: &Tx) -> Result<(), StoreError> {
    tx.table_mut(TRIES).map(drop)
}

/// How long nobody of `who` may try `id` yet; `None` if they may.
pub fn wait(
    read: &impl Read,
    id: SecretId,
    who: &[Who],
    now: Timestamp,
) -> Result<Option<Duration>, StoreError> {
    let table = read.table(TRIES)?;
    let row = |name: &str| Ok::<_, StoreError>(table.get(name)?.map(|row| row.value().to_vec()));
    let mut wait = Lock::read(row(&of_id(id))?.as_deref()).wait(now);
    for who in who {
        wait = wait.max(Recent::read(row(&who.name())?.as_deref()).wait(now));
    }
    Ok(wait)
}

/// Counts a wrong token for `id`.
pub(super) fn count_for(tx: &Tx, id: SecretId, now: Timestamp) -> Result<(), StoreError> {
    let name = of_id(id);
    let row = tx.table(TRIES)?.get(&*name)?.map(|row| row.value().to_vec());
    keep(tx, &name, &Lock::read(row.as_deref()).again(now).bytes(), now)
}

/// Counts a wrong try of each of `who`.
pub(super) fn count_by(tx: &Tx, who: &[Who], now: Timestamp) -> Result<(), StoreError> {
    for who in who {
        let name = who.name();
        let row = tx.table(TRIES)?.get(&*name)?.map(|row| row.value().to_vec());
        keep(tx, &name, &Recent::read(row.as_deref()).again(now).bytes(), now)?;
    }
    Ok(())
}

fn keep(tx: &Tx, name: &str, row: &[u8], now: Timestamp) -> Result<(), StoreError> {
    let mut table = tx.table_mut(TRIES)?;
    table.insert(name, row)?;
    if table.len()? % SWEEP == 0 {
        let oldest = millis(now) - duration(FORGOTTEN_AFTER);
        table.retain(|_, row| last(row) >= oldest)?;
    }
    while table.len()? > MOST {
        table.pop_first()?;
    }
    Ok(())
}

/// The end of either kind of row: when it was last tried.
fn last(row: &[u8]) -> i64 {
    row.last_chunk().map_or(0, |bytes| i64::from_be_bytes(*bytes))
}

fn of_id(id: SecretId) -> String {
    format!("id {id}")
}

impl Who {
    fn name(&self) -> String {
        match self {
            Self::User(user) => format!("user {user}"),
            Self::ApiKey(name) => format!("key {name}"),
            Self::Address(IpAddr::V4(address)) => format!("from {address}"),
            // A household has a /64, and whoever has one can come from every address in it.
            Self::Address(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
                Some(address) => format!("from {address}"),
                None => address.segments()[..4].iter().fold("from".to_owned(), |mut name, part| {
                    let _ = write!(name, " {part:x}");
                    name
                }),
            },
        }
    }
}

impl Lock {
    fn read(row: Option<&[u8]>) -> Self {
        let Some((wrong, last)) = row.and_then(|row| row.split_first_chunk()) else {
            return Self::default();
        };
        let last = last.try_into().map_or(0, i64::from_be_bytes);
        Self { wrong: u32::from_be_bytes(*wrong), last }
    }

    fn bytes(self) -> Vec<u8> {
        [&self.wrong.to_be_bytes()[..], &self.last.to_be_bytes()].concat()
    }

    fn again(self, now: Timestamp) -> Self {
        let forgotten = millis(now) - self.last > duration(FORGOTTEN_AFTER);
        let wrong = if forgotten { 0 } else { self.wrong };
        Self { wrong: wrong.saturating_add(1), last: millis(now) }
    }

    /// The lock lasts from the last wrong token of each five.
    fn wait(self, now: Timestamp) -> Option<Duration> {
        let locks = self.wrong / PER_ID;
        if locks == 0 || !self.wrong.is_multiple_of(PER_ID) {
            return None;
        }
        let doubled = FIRST_LOCK.saturating_mul(1 << (locks - 1).min(16));
        left(self.last, doubled.min(LONGEST_LOCK), now)
    }
}

impl Recent {
    fn read(row: Option<&[u8]>) -> Self {
        let times = row.unwrap_or_default().chunks_exact(8);
        Self(times.map(|time| i64::from_be_bytes(time.try_into().unwrap_or_default())).collect())
    }

    fn bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|time| time.to_be_bytes()).collect()
    }

    fn again(mut self, now: Timestamp) -> Self {
        self.0.push(millis(now));
        let extra = self.0.len().saturating_sub(PER_PERSON);
        self.0.drain(..extra);
        self
    }

    fn wait(&self, now: Timestamp) -> Option<Duration> {
        let oldest = self.0.first().filter(|_| self.0.len() >= PER_PERSON)?;
        left(*oldest, WINDOW, now)
    }
}

/// What is left of `length` that began at `start`; after a clock was set back, nothing.
fn left(start: i64, length: Duration, now: Timestamp) -> Option<Duration> {
    let passed = u64::try_from(millis(now) - start).ok()?;
    length.checked_sub(Duration::from_millis(passed)).filter(|left| !left.is_zero())
}

fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

fn duration(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn five_wrong_tokens_lock_a_number_for_a_minute_and_each_five_more_for_twice_as_long() {
        let (mut lock, mut now) = (Lock::default(), 0);
        for expected in [60, 120, 240, 480, 960, 1_920, 3_600, 3_600] {
            for _ in 0..5 {
                assert_eq!(lock.wait(at(now)), None);
                lock = Lock::read(Some(&lock.again(at(now)).bytes()));
            }
            assert_eq!(lock.wait(at(now)), Some(Duration::from_secs(expected)));
            now += i64::try_from(expected).unwrap();
            assert_eq!(lock.wait(at(now - 1)), Some(Duration::from_secs(1)));
        }
        lock = lock.again(at(now + 2 * 3_600 + 1));
        assert_eq!(lock.wrong, 1);
    }

    #[test]
    fn ten_wrong_tries_in_a_minute_stop_whoever_makes_them_until_the_first_is_a_minute_old() {
        let mut recent = Recent::default();
        for second in 0..10 {
            assert_eq!(recent.wait(at(second)), None);
            recent = Recent::read(Some(&recent.again(at(second)).bytes()));
        }
        assert_eq!(recent.wait(at(10)), Some(Duration::from_secs(50)));
        assert_eq!(recent.wait(at(60)), None);
        recent = recent.again(at(60));
        assert_eq!(recent.wait(at(60)), Some(Duration::from_secs(1)));
    }

    #[test]
    fn an_address_counts_with_its_household() {
        for (address, name) in [
            ("192.0.2.7", "from 192.0.2.7"),
            ("::ffff:192.0.2.7", "from 192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "from 2001 db8 1 2"),
            ("2001:db8:1:2::", "from 2001 db8 1 2"),
            ("2001:db8:1:3::", "from 2001 db8 1 3"),
        ] {
            assert_eq!(Who::Address(address.parse().unwrap()).name(), name);
        }
    }
}
