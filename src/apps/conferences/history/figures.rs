//! Uptime and curves, made of what is kept and what is still in memory.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::bucket::Bucket;
use super::hour::{Hour, HourNumber, STEP, STEPS};
use super::table;
use super::tail::Tail;
use crate::apps::conferences::fleet::ServerId;
use crate::store::{Read, StoreError};

/// Which part of the time a server was up, from 0 to 1; nothing where nothing is known. Time in which
/// Roost did not run, had no network, or maintenance was announced counts neither way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Uptime {
    /// Of 24 hours.
    pub day: Option<f64>,
    /// Of 7 days.
    pub week: Option<f64>,
    /// Of 30 days.
    pub month: Option<f64>,
}

/// A point of a curve of response times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Point {
    /// Milliseconds of a good check on average; none if there was none.
    pub ms: Option<u16>,
    /// Milliseconds of the slowest good check.
    pub slowest: u16,
    /// Checks that failed.
    pub failed: u16,
    /// Seconds it was down.
    pub down: u16,
}

/// The uptime of `server` at `now`.
pub fn uptime(
    read: &impl Read,
    tail: &Tail,
    server: ServerId,
    now: Timestamp,
) -> Result<Uptime, StoreError> {
    let hours = hours(read, tail, server, now, 24 * 30 + 1)?;
    let after = |count: i64| {
        let begin = now - SignedDuration::from_hours(count);
        share(&hours, HourNumber::of(now).0, HourNumber::of(begin))
    };
    Ok(Uptime { day: after(24), week: after(24 * 7), month: after(24 * 30) })
}

/// The last `count` points of the response time of `server`, `each` times five minutes apart, the
/// newest last and under way.
pub fn curve(
    read: &impl Read,
    tail: &Tail,
    server: ServerId,
    now: Timestamp,
    (count, each): (usize, usize),
) -> Result<Vec<Point>, StoreError> {
    let steps_wanted = count * each;
    let count = i64::try_from(steps_wanted.div_ceil(STEPS) + 1).unwrap_or(i64::MAX);
    let hours = hours(read, tail, server, now, count)?;
    let mut steps: Vec<Bucket> =
        hours.iter().flat_map(|hour| hour.as_ref().map(Hour::steps).unwrap_or_default()).collect();
    let (_, offset) = HourNumber::of(now);
    // Steps of this hour that have not begun.
    steps.truncate(steps.len() - (STEPS - 1 - usize::from(offset / STEP)));
    let skipped = steps.len().saturating_sub(steps_wanted);
    Ok(steps[skipped..].chunks(each).map(point).collect())
}

fn point(steps: &[Bucket]) -> Point {
    let mut all = Bucket::default();
    for step in steps {
        all.merge(*step);
    }
    Point { ms: all.average(), slowest: all.slowest, failed: all.failed, down: all.down }
}

/// The last `count` hours up to `now`; what is in memory is newer than the row.
fn hours(
    read: &impl Read,
    tail: &Tail,
    server: ServerId,
    now: Timestamp,
    count: i64,
) -> Result<Vec<Option<Hour>>, StoreError> {
    let (current, _) = HourNumber::of(now);
    let mut hours = table::range(read, server, current, count)?;
    for (age, hour) in (0..table::RAW).zip(hours.iter_mut().rev()) {
        if let Some(newer) = tail.hour(HourNumber(current.0 - age)) {
            *hour = Some(newer);
        }
    }
    Ok(hours)
}

/// Which part of the time since `begin` it was up; `hours` end with `current`. Of the hour in which
/// the time begins, the five minutes behind it count, where they are known.
fn share(
    hours: &[Option<Hour>],
    current: HourNumber,
    (begin, offset): (HourNumber, u16),
) -> Option<f64> {
    let (mut up, mut down) = (0_u64, 0_u64);
    let mut add = |bucket: Bucket| {
        up += u64::from(bucket.up);
        down += u64::from(bucket.down);
    };
    for (back, hour) in (0..).zip(hours.iter().rev()) {
        let number = current.0 - back;
        match hour {
            Some(hour) if number > begin.0 => add(hour.whole()),
            Some(hour) if number == begin.0 => {
                let skipped = usize::from(offset.div_ceil(STEP));
                hour.steps().into_iter().skip(skipped).for_each(&mut add);
            }
            _ => {}
        }
    }
    // Exact far beyond what a year of seconds needs.
    #[expect(clippy::cast_precision_loss, reason = "below 2^52")]
    (up + down > 0).then(|| up as f64 / (up + down) as f64)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Kind, Sample};
    use super::*;
    use crate::store::Store;

    const SERVER: ServerId = ServerId(9);
    const HOUR: i64 = 500_000;

    fn sample(offset: u16, weight: u16, kind: Kind) -> Sample {
        Sample { offset, weight, kind }
    }

    fn store(rows: Vec<(i64, Hour)>) -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roost.redb");
        let store = Store::open(&path, table::prepare, Box::new(drop)).unwrap();
        let rows: Vec<_> =
            rows.into_iter().map(|(ago, hour)| (HourNumber(HOUR - ago), hour)).collect();
        store.write(move |tx| table::write(tx, &vec![(SERVER, rows.clone())])).unwrap();
        (folder, store)
    }

    fn now() -> Timestamp {
        Timestamp::from_second(HOUR * 3_600 + 1_000).unwrap()
    }

    #[test]
    fn uptime_is_the_part_of_the_known_time() {
        let up = |seconds| Hour::Whole(Bucket { up: seconds, ..Bucket::default() });
        let down = |seconds| Hour::Whole(Bucket { down: seconds, ..Bucket::default() });
        let partly = |offset, kind| Hour::Raw(vec![sample(offset, 60, kind)]);
        let rows = vec![
            (1, up(3_000)),
            // Within the hour in which the 24 hours begin: before 1,000 s and behind.
            (24, Hour::Raw(vec![sample(10, 600, Kind::Down), sample(1_200, 500, Kind::Down)])),
            (100, down(500)),
            (24 * 7 + 1, down(4_000)),
            (24 * 30 + 1, partly(3_599, Kind::Down)),
        ];
        let (_folder, store) = store(rows);
        let read = store.snapshot().unwrap();
        let mut tail = Tail::default();
        let every = std::time::Duration::from_secs(500);
        tail.push(now(), Kind::Good(5), every);
        let found = uptime(&read, &tail, SERVER, now()).unwrap();
        assert_eq!(found.day, Some(3_500.0 / 4_000.0));
        assert_eq!(found.week, Some(3_500.0 / 5_100.0));
        assert_eq!(found.month, Some(3_500.0 / 9_100.0));
        let nothing = uptime(&read, &Tail::default(), ServerId(1), now()).unwrap();
        assert_eq!(nothing, Uptime::default());
    }

    #[test]
    fn a_curve_ends_with_what_is_in_memory() {
        let rows = vec![(
            1,
            Hour::Raw(vec![
                sample(3_000, 15, Kind::Good(10)),
                sample(3_310, 15, Kind::Good(20)),
                sample(3_320, 15, Kind::Down),
            ]),
        )];
        let (_folder, store) = store(rows);
        let read = store.snapshot().unwrap();
        let mut tail = Tail::default();
        tail.push(now(), Kind::Good(70), std::time::Duration::from_secs(15));
        // 1,000 seconds are three whole steps and a bit.
        let points = curve(&read, &tail, SERVER, now(), (6, 1)).unwrap();
        let ms: Vec<Option<u16>> = points.iter().map(|point| point.ms).collect();
        assert_eq!(ms, [Some(10), Some(20), None, None, None, Some(70)]);
        assert_eq!((points[1].failed, points[1].down, points[1].slowest), (1, 15, 20));
        let by_half_hours = curve(&read, &tail, SERVER, now(), (2, 6)).unwrap();
        assert_eq!(by_half_hours.len(), 2);
        assert_eq!(
            (by_half_hours[0].ms, by_half_hours[1].ms),
            (None, Some(33)),
            "{by_half_hours:?}"
        );
    }
}
