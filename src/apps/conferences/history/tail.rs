//! The newest checks of one server, in memory until they are written.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::hour::{Hour, HourNumber, SAMPLES_MAX};
use super::sample::{Kind, Sample};

/// A check stands for at most this many times the usual time between two: before it was switched on,
/// or while Roost did not run, nothing is known.
const STANDS_FOR: u32 = 2;

/// The newest checks of one server: the hours that were not written yet or are not over.
#[derive(Clone, Debug, Default)]
pub struct Tail {
    hours: BTreeMap<HourNumber, Vec<Sample>>,
    last: Option<Timestamp>,
    /// There is something that no row has.
    is_fresh: bool,
}

impl Tail {
    /// Goes on with the row of an hour that a former run began.
    pub fn resume(&mut self, hour: HourNumber, samples: Vec<Sample>) {
        let mine = self.hours.entry(hour).or_default();
        let newer = std::mem::replace(mine, samples);
        mine.extend(newer);
    }

    /// Adds a check; one is made each `every`.
    pub fn push(&mut self, at: Timestamp, kind: Kind, every: Duration) {
        let most = (every * STANDS_FOR).as_secs().try_into().unwrap_or(i64::MAX);
        // Whole seconds as in the offsets, or something of each check would be lost.
        let since = self.last.map(|last| at.as_second() - last.as_second());
        // The first one stands for as long as the next will be awaited.
        let weight = since.unwrap_or(every.as_secs().try_into().unwrap_or(i64::MAX)).clamp(0, most);
        let (hour, offset) = HourNumber::of(at);
        let samples = self.hours.entry(hour).or_default();
        if samples.len() < SAMPLES_MAX {
            let weight = u16::try_from(weight).unwrap_or(u16::MAX);
            samples.push(Sample { offset, weight, kind });
        }
        self.last = Some(at);
        self.is_fresh = true;
    }

    /// Says what the failed checks were that nobody was sure of.
    pub fn settle(&mut self, kind: impl Fn(Timestamp) -> Kind) {
        for (hour, samples) in &mut self.hours {
            for sample in samples.iter_mut().filter(|sample| sample.kind == Kind::Pending) {
                let second = hour.0 * super::hour::SECONDS + i64::from(sample.offset);
                sample.kind = Timestamp::from_second(second).map_or(Kind::Blip, &kind);
                self.is_fresh = true;
            }
        }
    }

    /// The hours before `end` to be written, if there is anything new.
    pub fn unwritten(&self, end: HourNumber) -> Vec<(HourNumber, Hour)> {
        if !self.is_fresh {
            return Vec::new();
        }
        let hours = self.hours.range(..end);
        hours.map(|(hour, samples)| (*hour, Hour::Raw(samples.clone()))).collect()
    }

    /// These hours are written, as they were then; those before `now` that did not change since need
    /// not be kept any longer.
    pub fn written(&mut self, hours: &[(HourNumber, Hour)], now: Timestamp) {
        let (current, _) = HourNumber::of(now);
        for (number, hour) in hours {
            let Some(samples) = self.hours.get(number) else { continue };
            let same = matches!(hour, Hour::Raw(written) if written == samples);
            let is_settled = samples.iter().all(|sample| sample.kind != Kind::Pending);
            if same && is_settled && *number < current {
                self.hours.remove(number);
            }
        }
        self.is_fresh = self.unwritten_since(hours);
    }

    /// Checks were added to what was written, or changed.
    fn unwritten_since(&self, hours: &[(HourNumber, Hour)]) -> bool {
        let written = |number: &HourNumber| hours.iter().find(|(known, _)| known == number);
        self.hours.iter().any(|(number, samples)| match written(number) {
            Some((_, Hour::Raw(written))) => written != samples,
            _ => true,
        })
    }

    /// An hour as far as it is in memory.
    pub fn hour(&self, number: HourNumber) -> Option<Hour> {
        self.hours.get(&number).map(|samples| Hour::Raw(samples.clone()))
    }

    /// Checks are no longer made; the next one stands for nothing of the time between.
    pub fn pause(&mut self) {
        self.settle(|_| Kind::Blip);
        self.last = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: Duration = Duration::from_secs(15);
    const ALL: HourNumber = HourNumber(i64::MAX);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(3_600 * 1_000 + second).unwrap()
    }

    fn kinds(tail: &Tail) -> Vec<(u16, u16, Kind)> {
        let hour = |(_, hour): (HourNumber, Hour)| match hour {
            Hour::Raw(samples) => samples,
            _ => Vec::new(),
        };
        let samples = tail.unwritten(ALL).into_iter().flat_map(hour);
        samples.map(|sample| (sample.offset, sample.weight, sample.kind)).collect()
    }

    #[test]
    fn a_check_stands_for_the_time_since_the_one_before_but_for_no_gap() {
        let mut tail = Tail::default();
        for second in [0, 15, 31, 500, 515] {
            tail.push(at(second), Kind::Good(9), EVERY);
        }
        let weights: Vec<u16> = kinds(&tail).iter().map(|(_, weight, _)| *weight).collect();
        assert_eq!(weights, [15, 15, 16, 30, 15]);
        tail.pause();
        tail.push(at(3_000), Kind::Good(9), EVERY);
        assert_eq!(kinds(&tail).last().unwrap(), &(3_000, 15, Kind::Good(9)));
    }

    #[test]
    fn failed_checks_are_settled_once_it_is_known_what_they_were() {
        let mut tail = Tail::default();
        tail.push(at(3_590), Kind::Pending, EVERY);
        tail.push(at(3_605), Kind::Pending, EVERY);
        tail.settle(|when| if when < at(3_600) { Kind::Planned } else { Kind::Down });
        tail.push(at(3_620), Kind::Pending, EVERY);
        let found: Vec<Kind> = kinds(&tail).iter().map(|(_, _, kind)| *kind).collect();
        assert_eq!(found, [Kind::Planned, Kind::Down, Kind::Pending]);
    }

    #[test]
    fn an_hour_leaves_memory_once_it_is_over_settled_and_written() {
        let mut tail = Tail::default();
        tail.push(at(3_500), Kind::Good(1), EVERY);
        tail.push(at(3_610), Kind::Pending, EVERY);
        assert_eq!(tail.unwritten(HourNumber(1_001)).len(), 1, "of the hour that is over");
        let written = tail.unwritten(ALL);
        assert_eq!(written.len(), 2);
        tail.push(at(3_625), Kind::Pending, EVERY);
        tail.written(&written, at(3_626));
        assert_eq!(kinds(&tail).len(), 2, "the hour before is gone, this one goes on");
        let written = tail.unwritten(ALL);
        tail.written(&written, at(2 * 3_600));
        assert!(tail.unwritten(ALL).is_empty(), "nothing is new");
        assert!(tail.hour(HourNumber(1_001)).is_some(), "but something is not settled");
        tail.settle(|_| Kind::Blip);
        let written = tail.unwritten(ALL);
        assert_eq!(written.len(), 1);
        tail.written(&written, at(2 * 3_600));
        assert_eq!(tail.hour(HourNumber(1_001)), None);
    }

    #[test]
    fn an_hour_begun_by_a_former_run_goes_on() {
        let mut tail = Tail::default();
        tail.push(at(60), Kind::Good(2), EVERY);
        let before = Sample { offset: 5, weight: 15, kind: Kind::Good(1) };
        tail.resume(HourNumber(1_000), vec![before]);
        let found: Vec<u16> = kinds(&tail).iter().map(|(offset, _, _)| *offset).collect();
        assert_eq!(found, [5, 60]);
    }
}
