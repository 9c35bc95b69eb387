//! The table of hours: which are kept, how they grow thin, and how they are read.

use jiff::Timestamp;

use super::hour::{Hour, HourNumber};
use crate::apps::conferences::fleet::ServerId;
use crate::store::{Read, StoreError, TableDefinition, Tx};

/// Hour since 1970, server → [`Hour`]. By hour first, so that what is written together lies together.
const HISTORY: TableDefinition<Key, &[u8]> = TableDefinition::new("conferences/history");

/// Hours of which every check is kept.
pub const RAW: i64 = 48;

/// Hours of which each five minutes are kept.
pub const STEPS: i64 = 24 * 30;

/// Hours of which anything is kept.
pub const ALL: i64 = 24 * 365;

/// The key of a row: hour, server.
pub type Key = (i64, i64);

/// Makes the table exist.
pub fn prepare(tx: &Tx) -> Result<(), StoreError> {
    tx.table_mut(HISTORY).map(drop)
}

/// Writes these hours of a server.
pub fn write(tx: &Tx, server: ServerId, hours: &[(HourNumber, Hour)]) -> Result<(), StoreError> {
    let mut table = tx.table_mut(HISTORY)?;
    for (number, hour) in hours {
        table.insert((number.0, server.key()), &hour.encoded()[..])?;
    }
    Ok(())
}

/// An hour of a server, if anything is known of it.
pub fn find(
    read: &impl Read,
    server: ServerId,
    number: HourNumber,
) -> Result<Option<Hour>, StoreError> {
    let table = read.table(HISTORY)?;
    let row = table.get((number.0, server.key()))?;
    Ok(row.and_then(|row| Hour::decoded(row.value())))
}

/// Hours of a server, `count` of them up to and with `last`; none for those of which nothing is known.
pub fn range(
    read: &impl Read,
    server: ServerId,
    last: HourNumber,
    count: i64,
) -> Result<Vec<Option<Hour>>, StoreError> {
    let table = read.table(HISTORY)?;
    let hours = (last.0 - count + 1)..=last.0;
    hours
        .map(|hour| {
            let row = table.get((hour, server.key()))?;
            Ok(row.and_then(|row| Hour::decoded(row.value())))
        })
        .collect()
}

/// The keys of up to `most` rows that know more than they should at `now`, or are too old; `seen` is
/// how far this run has looked, and is moved on.
pub fn stale(
    read: &impl Read,
    now: Timestamp,
    seen: &mut Seen,
    most: usize,
) -> Result<Vec<Key>, StoreError> {
    let (current, _) = HourNumber::of(now);
    let table = read.table(HISTORY)?;
    let mut found = Vec::new();
    let ends = [(&mut seen.all, ALL), (&mut seen.steps, STEPS), (&mut seen.raw, RAW)];
    for (from, age) in ends {
        let end = current.0 - age;
        for row in table.range((*from, i64::MIN)..(end, i64::MIN))? {
            if found.len() >= most {
                return Ok(found);
            }
            let (key, row) = row?;
            *from = key.value().0;
            let knows_more = match age {
                ALL => true,
                STEPS => !Hour::is_whole(row.value()),
                _ => Hour::is_raw(row.value()),
            };
            if knows_more {
                found.push(key.value());
            }
        }
        *from = end.max(*from);
    }
    Ok(found)
}

/// Thins out or forgets the rows with these keys.
pub fn thin(tx: &Tx, now: Timestamp, keys: &[Key]) -> Result<(), StoreError> {
    let (current, _) = HourNumber::of(now);
    let mut table = tx.table_mut(HISTORY)?;
    for key in keys {
        let age = current.0 - key.0;
        let hour = table.get(key)?.and_then(|row| Hour::decoded(row.value()));
        let less = hour.filter(|_| age <= ALL).map(|hour| {
            if age <= RAW {
                hour
            } else if age <= STEPS {
                Hour::Steps(hour.steps())
            } else {
                Hour::Whole(hour.whole())
            }
        });
        match less {
            Some(less) => table.insert(key, &less.encoded()[..])?,
            None => table.remove(key)?,
        };
    }
    Ok(())
}

/// Up to which hours this run has looked for old rows; nowhere yet by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    raw: i64,
    steps: i64,
    all: i64,
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Kind, Sample};
    use super::*;
    use crate::store::Store;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(hour * 3_600 + 60).unwrap()
    }

    #[test]
    fn hours_grow_thin_and_are_forgotten_after_a_year() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roost.redb");
        let store = Store::open(&path, prepare, Box::new(drop)).unwrap();
        let (one, other) = (ServerId(1), ServerId(2));
        let now = 500_000;
        let sample = Sample { offset: 700, weight: 15, kind: Kind::Good(30) };
        let ages = [0, 48, 49, 100, 720, 721, 5_000, 8_760, 8_761, 20_000];
        store
            .write(move |tx| {
                ages.iter().try_for_each(|age| {
                    let hours = [(HourNumber(now - age), Hour::Raw(vec![sample]))];
                    write(tx, one, &hours)?;
                    write(tx, other, &hours)
                })
            })
            .unwrap();
        let mut seen = Seen::default();
        loop {
            let read = store.snapshot().unwrap();
            let keys = stale(&read, at(now), &mut seen, 3).unwrap();
            if keys.is_empty() {
                break;
            }
            store.write(move |tx| thin(tx, at(now), &keys)).unwrap();
        }
        let read = store.snapshot().unwrap();
        for (age, expected) in ages.into_iter().zip([0, 0, 1, 1, 1, 2, 2, 2, -1, -1]) {
            for server in [one, other] {
                let kind = match find(&read, server, HourNumber(now - age)).unwrap() {
                    None => -1,
                    Some(Hour::Raw(_)) => 0,
                    Some(Hour::Steps(steps)) if steps[2].good == 1 => 1,
                    Some(Hour::Whole(whole)) if whole.up == 15 => 2,
                    Some(other) => panic!("{other:?}"),
                };
                assert_eq!(kind, expected, "{age} hours ago");
            }
        }
        // The next hour only looks at what has grown old since.
        let keys = stale(&read, at(now + 1), &mut seen, 100).unwrap();
        assert_eq!(
            keys,
            [
                (now - 8_760, 1),
                (now - 8_760, 2),
                (now - 720, 1),
                (now - 720, 2),
                (now - 48, 1),
                (now - 48, 2)
            ]
        );
    }
}
