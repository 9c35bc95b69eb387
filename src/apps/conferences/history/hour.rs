//! An hour of one server as a row: every check, then each five minutes, then the hour as a whole.

use jiff::Timestamp;

use super::bucket::{self, Bucket};
use super::sample::{self, Sample};

/// Seconds of an hour.
pub(super) const SECONDS: i64 = 3_600;

/// Seconds of the buckets an hour is divided into.
pub(super) const STEP: u16 = 300;

/// Such buckets in an hour.
pub(super) const STEPS: usize = 12;

/// Samples of an hour at most: one a second, and the clock may be set.
pub(super) const SAMPLES_MAX: usize = 3_700;

/// Hours since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HourNumber(pub i64);

/// How much is known of an hour: the less, the longer ago.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hour {
    /// Every check.
    Raw(Vec<Sample>),
    /// Each five minutes.
    Steps([Bucket; STEPS]),
    /// All of it.
    Whole(Bucket),
}

impl HourNumber {
    /// The hour in which `at` is, and how many seconds after its beginning.
    pub fn of(at: Timestamp) -> (Self, u16) {
        let second = at.as_second();
        let offset = u16::try_from(second.rem_euclid(SECONDS)).unwrap_or(0);
        (Self(second.div_euclid(SECONDS)), offset)
    }
}

impl Hour {
    /// Each five minutes of it; of an hour of which only the whole is known, nothing is.
    pub fn steps(&self) -> [Bucket; STEPS] {
        match self {
            Self::Raw(samples) => {
                let mut steps = [Bucket::default(); STEPS];
                for sample in samples {
                    steps[usize::from(sample.offset / STEP).min(STEPS - 1)].add(*sample);
                }
                steps
            }
            Self::Steps(steps) => *steps,
            Self::Whole(_) => [Bucket::default(); STEPS],
        }
    }

    /// All of it.
    pub fn whole(&self) -> Bucket {
        match self {
            Self::Raw(samples) => samples.iter().copied().collect(),
            Self::Steps(steps) => {
                let mut whole = Bucket::default();
                for step in steps {
                    whole.merge(*step);
                }
                whole
            }
            Self::Whole(whole) => *whole,
        }
    }

    /// Whether `row` has every check.
    pub(super) fn is_raw(row: &[u8]) -> bool {
        row.first() == Some(&0)
    }

    /// Whether `row` has only the hour as a whole.
    pub(super) fn is_whole(row: &[u8]) -> bool {
        row.first() == Some(&2)
    }

    /// The row: a byte that says which kind, then samples or buckets.
    pub fn encoded(&self) -> Vec<u8> {
        let mut row = Vec::new();
        match self {
            Self::Raw(samples) => {
                row.push(0);
                for sample in samples {
                    row.extend(sample.encoded());
                }
            }
            Self::Steps(steps) => {
                row.push(1);
                for step in steps {
                    step.encode(&mut row);
                }
            }
            Self::Whole(whole) => {
                row.push(2);
                whole.encode(&mut row);
            }
        }
        row
    }

    /// The hour of a row; none if it was not written by [`Hour::encoded`].
    pub fn decoded(row: &[u8]) -> Option<Self> {
        match row.split_first()? {
            (0, samples) if samples.len() <= SAMPLES_MAX * sample::SIZE => {
                let (samples, rest) = samples.as_chunks::<{ sample::SIZE }>();
                let samples = samples.iter().map(|bytes| Sample::decoded(*bytes)).collect();
                rest.is_empty().then_some(Self::Raw(samples))
            }
            (1, buckets) => {
                let (buckets, rest) = buckets.as_chunks::<{ bucket::SIZE }>();
                let steps: &[_; STEPS] = buckets.try_into().ok()?;
                rest.is_empty().then(|| Self::Steps(steps.map(Bucket::decoded)))
            }
            (2, whole) => Some(Self::Whole(Bucket::decoded(whole.try_into().ok()?))),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::Kind;
    use super::*;

    fn sample(offset: u16, kind: Kind) -> Sample {
        Sample { offset, weight: 15, kind }
    }

    #[test]
    fn an_hour_is_thinned_out_without_changing_its_sums() {
        let raw = Hour::Raw(vec![
            sample(0, Kind::Good(10)),
            sample(299, Kind::Good(30)),
            sample(300, Kind::Down),
            sample(3_599, Kind::Blip),
        ]);
        let steps = Hour::Steps(raw.steps());
        let whole = Hour::Whole(steps.whole());
        assert_eq!((raw.whole(), steps.whole()), (whole.whole(), whole.whole()));
        assert_eq!(raw.steps(), steps.steps());
        let of = raw.steps();
        assert_eq!((of[0].good, of[0].took, of[1].down, of[11].failed), (2, 40, 15, 1));
        for (hour, is_raw, is_whole) in
            [(&raw, true, false), (&steps, false, false), (&whole, false, true)]
        {
            let row = hour.encoded();
            assert_eq!((Hour::is_raw(&row), Hour::is_whole(&row)), (is_raw, is_whole));
        }
        for hour in [raw, steps, whole] {
            assert_eq!(Hour::decoded(&hour.encoded()), Some(hour));
        }
    }

    #[test]
    fn a_row_of_something_else_is_no_hour() {
        for row in [&[][..], &[3], &[0, 1], &[1, 2, 3], &[2], &[1; 14 * 13 + 1]] {
            assert_eq!(Hour::decoded(row), None, "{row:?}");
        }
    }

    #[test]
    fn hours_are_counted_from_1970() {
        for (second, hour, offset) in [(0, 0, 0), (3_599, 0, 3_599), (3_600, 1, 0), (-1, -1, 3_599)]
        {
            let at = Timestamp::from_second(second).unwrap();
            assert_eq!(HourNumber::of(at), (HourNumber(hour), offset));
        }
    }
}
