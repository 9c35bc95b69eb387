//! The tables of hours: which are kept, how they grow thin, and how they are read.
//!
//! There is one table for each grain, so that what is thinned out leaves no holes: whole hours leave
//! one table at its beginning and come to the next at its end.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::hour::{Grain, Hour, HourNumber};
use super::sheet;
use crate::apps::conferences::fleet::ServerId;
use crate::store::{Read, StoreError, TableDefinition, Tx};

/// Hour since 1970, first server in it → a row of [`sheet`].
type Sheets = TableDefinition<(i64, i64), &'static [u8]>;

const CHECKS: Sheets = TableDefinition::new("conferences/history/checks");
const STEPS: Sheets = TableDefinition::new("conferences/history/steps");
const HOURS: Sheets = TableDefinition::new("conferences/history/hours");

/// The finest first.
const GRAINS: [Grain; 3] = [Grain::Checks, Grain::Steps, Grain::Whole];

/// Hours of which every check is kept.
pub const RAW: i64 = 48;

/// Hours of which each five minutes are kept.
const STEPWISE: i64 = 24 * 30;

/// Hours of which anything is kept.
const ALL: i64 = 24 * 365;

/// Hours thinned out in one transaction.
const PORTION: usize = 24;

/// What is known of some servers.
pub type Known = Vec<(ServerId, Vec<(HourNumber, Hour)>)>;

impl Grain {
    fn table(self) -> Sheets {
        match self {
            Self::Checks => CHECKS,
            Self::Steps => STEPS,
            Self::Whole => HOURS,
        }
    }

    /// Hours that may be as old as that.
    fn kept(self) -> i64 {
        match self {
            Self::Checks => RAW,
            Self::Steps => STEPWISE,
            Self::Whole => ALL,
        }
    }
}

/// Makes the tables exist.
pub fn prepare(tx: &Tx) -> Result<(), StoreError> {
    GRAINS.iter().try_for_each(|grain| tx.table_mut(grain.table()).map(drop))
}

/// Writes all this.
pub fn write(tx: &Tx, known: &Known) -> Result<(), StoreError> {
    for grain in GRAINS {
        let mut hours: BTreeMap<HourNumber, Vec<sheet::Share>> = BTreeMap::new();
        for (server, their) in known {
            for (number, hour) in their.iter().filter(|(_, hour)| hour.grain() == grain) {
                hours.entry(*number).or_default().push((*server, hour.encoded()));
            }
        }
        for (number, shares) in hours {
            add(tx, grain, number, shares)?;
        }
    }
    Ok(())
}

/// Adds these servers to an hour, or puts these shares in the place of what was known.
fn add(
    tx: &Tx,
    grain: Grain,
    number: HourNumber,
    new: Vec<sheet::Share>,
) -> Result<(), StoreError> {
    let mut shares: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
    let old = taken(tx, grain, number)?;
    shares.extend(old.into_iter().chain(new).map(|(server, share)| (server.0, share)));
    let shares = shares.into_iter().map(|(server, share)| (ServerId(server), share));
    let mut table = tx.table_mut(grain.table())?;
    for (first, row) in sheet::rows(shares.collect()) {
        table.insert((number.0, first.key()), &row[..])?;
    }
    Ok(())
}

/// Takes all of an hour out of its table.
fn taken(tx: &Tx, grain: Grain, number: HourNumber) -> Result<Vec<sheet::Share>, StoreError> {
    let mut table = tx.table_mut(grain.table())?;
    let (mut keys, mut shares) = (Vec::new(), Vec::new());
    for row in table.range((number.0, i64::MIN)..=(number.0, i64::MAX))? {
        let (key, row) = row?;
        keys.push(key.value());
        let of_row = sheet::shares(row.value()).map(|(server, share)| (server, share.to_vec()));
        shares.extend(of_row);
    }
    for key in keys {
        table.remove(key)?;
    }
    Ok(shares)
}

/// An hour of a server, if anything is known of it.
pub fn find(
    read: &impl Read,
    server: ServerId,
    number: HourNumber,
) -> Result<Option<Hour>, StoreError> {
    Ok(range(read, server, number, 1)?.pop().flatten())
}

/// Hours of a server, `count` of them up to and with `last`; none for those of which nothing is known.
pub fn range(
    read: &impl Read,
    server: ServerId,
    last: HourNumber,
    count: i64,
) -> Result<Vec<Option<Hour>>, StoreError> {
    let mut hours = vec![None; usize::try_from(count).unwrap_or(0)];
    for grain in GRAINS {
        let table = read.table(grain.table())?;
        // What is coarser is older: most hours are looked for in one table only.
        let Some(first) = table.first()?.map(|(key, _)| key.value().0) else { continue };
        for (hour, found) in (last.0 - count + 1..=last.0).zip(&mut hours) {
            if hour < first || found.is_some() {
                continue;
            }
            let row =
                table.range((hour, i64::MIN)..=(hour, server.key()))?.next_back().transpose()?;
            let Some((_, row)) = row else { continue };
            let share = sheet::shares(row.value()).find(|(whose, _)| *whose == server);
            *found = share.and_then(|(_, share)| Hour::decoded(grain, share));
        }
    }
    Ok(hours)
}

/// Whether there are hours at `now` of which more is known than should be.
pub fn is_stale(read: &impl Read, now: Timestamp) -> Result<bool, StoreError> {
    for grain in GRAINS {
        let first = read.table(grain.table())?.first()?.map(|(key, _)| key.value().0);
        if first.is_some_and(|first| first < end(grain, now)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Thins out or forgets some hours that have grown old.
pub fn thin(tx: &Tx, now: Timestamp) -> Result<(), StoreError> {
    let mut left = PORTION;
    for grain in GRAINS {
        while left > 0 {
            let first = tx.table(grain.table())?.first()?.map(|(key, _)| key.value().0);
            let Some(first) = first.filter(|first| *first < end(grain, now)) else { break };
            left -= 1;
            let number = HourNumber(first);
            let thinner = |(server, share): sheet::Share| {
                let less = Hour::decoded(grain, &share)?.thinner()?;
                Some((server, vec![(number, less)]))
            };
            let less: Known = taken(tx, grain, number)?.into_iter().filter_map(thinner).collect();
            write(tx, &less)?;
        }
    }
    Ok(())
}

/// The first hour that may be kept so.
fn end(grain: Grain, now: Timestamp) -> i64 {
    HourNumber::of(now).0.0 - grain.kept()
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Kind, Sample};
    use super::*;
    use crate::store::Store;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(hour * 3_600 + 60).unwrap()
    }

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("db"), prepare, Box::new(drop)).unwrap();
        (folder, store)
    }

    fn checks(count: u16) -> Hour {
        let sample = |n| Sample { offset: 700 + n * 15, weight: 15, kind: Kind::Good(30) };
        Hour::Raw((0..count).map(sample).collect())
    }

    #[test]
    fn hours_grow_thin_and_are_forgotten_after_a_year() {
        let (_folder, store) = store();
        let (one, other) = (ServerId(1), ServerId(2));
        let now = 500_000;
        let ages = [0, 48, 49, 100, 720, 721, 5_000, 8_760, 8_761, 20_000];
        let hours: Vec<_> = ages.iter().map(|age| (HourNumber(now - age), checks(1))).collect();
        store
            .write(move |tx| write(tx, &vec![(one, hours.clone()), (other, hours.clone())]))
            .unwrap();
        while is_stale(&store.snapshot().unwrap(), at(now)).unwrap() {
            store.write(move |tx| thin(tx, at(now))).unwrap();
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
        assert!(is_stale(&read, at(now + 1)).unwrap(), "the next hour, those of the next are");
    }

    #[test]
    fn an_hour_is_written_again_with_more_servers_and_more_checks() {
        let (_folder, store) = store();
        let hour = HourNumber(7);
        // So many that rows begin with other servers the second time.
        let known = |servers: std::ops::Range<u64>, count| -> Known {
            servers.map(|server| (ServerId(server), vec![(hour, checks(count))])).collect()
        };
        let (first, second) = (known(0..40, 200), known(10..60, 9));
        store.write(move |tx| write(tx, &first)).unwrap();
        store.write(move |tx| write(tx, &second)).unwrap();
        let read = store.snapshot().unwrap();
        for server in 0..60 {
            let expected = if server < 10 { checks(200) } else { checks(9) };
            assert_eq!(find(&read, ServerId(server), hour).unwrap(), Some(expected), "{server}");
        }
        assert_eq!(find(&read, ServerId(99), hour).unwrap(), None);
        assert_eq!(find(&read, ServerId(1), HourNumber(8)).unwrap(), None);
    }
}
