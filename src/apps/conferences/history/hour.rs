//! An hour of one server: every check, then each five minutes, then the hour as a whole.

use jiff::Timestamp;

use super::bucket::Bucket;
use super::packed;
use super::sample::Sample;

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

/// How much is known of an hour, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    /// Every check.
    Checks,
    /// Each five minutes.
    Steps,
    /// The hour as a whole.
    Whole,
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

    /// How much of it is known.
    pub fn grain(&self) -> Grain {
        match self {
            Self::Raw(_) => Grain::Checks,
            Self::Steps(_) => Grain::Steps,
            Self::Whole(_) => Grain::Whole,
        }
    }

    /// The same, as it is kept when it has grown old; what has grown older still is not.
    pub fn thinner(&self) -> Option<Self> {
        match self {
            Self::Raw(_) => Some(Self::Steps(self.steps())),
            Self::Steps(_) => Some(Self::Whole(self.whole())),
            Self::Whole(_) => None,
        }
    }

    /// Packed.
    pub fn encoded(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        match self {
            Self::Raw(samples) => packed::pack_samples(samples, &mut bytes),
            Self::Steps(steps) => packed::pack_steps(steps, &mut bytes),
            Self::Whole(whole) => packed::pack_bucket(whole, &mut bytes),
        }
        bytes
    }

    /// The hour of this grain in these bytes; none if [`Hour::encoded`] did not write them.
    pub fn decoded(grain: Grain, bytes: &[u8]) -> Option<Self> {
        match grain {
            Grain::Checks => packed::unpack_samples(bytes).map(Self::Raw),
            Grain::Steps => packed::unpack_steps(bytes).map(Self::Steps),
            Grain::Whole => packed::unpack_bucket(bytes).map(Self::Whole),
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
        assert_eq!(
            (raw.thinner().as_ref(), steps.thinner().as_ref()),
            (Some(&steps), Some(&whole))
        );
        assert_eq!(whole.thinner(), None);
        for hour in [raw, steps, whole] {
            assert_eq!(Hour::decoded(hour.grain(), &hour.encoded()), Some(hour));
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
