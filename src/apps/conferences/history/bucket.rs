//! The checks of some minutes in numbers.

use super::sample::{Kind, Sample};

/// The checks of some minutes in numbers. Time in which nothing is known, or in which a server was
/// allowed to be down, is in none of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Seconds in which it was up.
    pub up: u16,
    /// Seconds in which it was down.
    pub down: u16,
    /// Good checks.
    pub good: u16,
    /// Checks that failed, whatever that meant.
    pub failed: u16,
    /// Milliseconds of all good checks together.
    pub took: u32,
    /// Milliseconds of the slowest good check.
    pub slowest: u16,
}

impl Bucket {
    /// Adds a check.
    pub fn add(&mut self, sample: Sample) {
        match sample.kind {
            Kind::Good(milliseconds) => {
                self.up = self.up.saturating_add(sample.weight);
                self.good = self.good.saturating_add(1);
                self.took = self.took.saturating_add(milliseconds.into());
                self.slowest = self.slowest.max(milliseconds);
            }
            Kind::Blip | Kind::Pending => {
                self.up = self.up.saturating_add(sample.weight);
                self.failed = self.failed.saturating_add(1);
            }
            Kind::Down => {
                self.down = self.down.saturating_add(sample.weight);
                self.failed = self.failed.saturating_add(1);
            }
            Kind::Planned | Kind::Blind => self.failed = self.failed.saturating_add(1),
        }
    }

    /// Adds what another one has.
    pub fn merge(&mut self, other: Self) {
        self.up = self.up.saturating_add(other.up);
        self.down = self.down.saturating_add(other.down);
        self.good = self.good.saturating_add(other.good);
        self.failed = self.failed.saturating_add(other.failed);
        self.took = self.took.saturating_add(other.took);
        self.slowest = self.slowest.max(other.slowest);
    }

    /// Whether nothing was checked.
    pub fn is_empty(&self) -> bool {
        self.good == 0 && self.failed == 0
    }

    /// Milliseconds of a good check on average.
    pub fn average(&self) -> Option<u16> {
        let average = self.took.checked_div(self.good.into())?;
        u16::try_from(average).ok()
    }
}

impl FromIterator<Sample> for Bucket {
    fn from_iter<I: IntoIterator<Item = Sample>>(samples: I) -> Self {
        samples.into_iter().fold(Self::default(), |mut bucket, sample| {
            bucket.add(sample);
            bucket
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing_of_the_server_counts_neither_way() {
        let kinds =
            [Kind::Good(20), Kind::Good(40), Kind::Blip, Kind::Down, Kind::Planned, Kind::Blind];
        let bucket: Bucket =
            kinds.into_iter().map(|kind| Sample { offset: 0, weight: 15, kind }).collect();
        let expected = Bucket { up: 45, down: 15, good: 2, failed: 4, took: 60, slowest: 40 };
        assert_eq!(bucket, expected);
        assert_eq!((bucket.average(), Bucket::default().average()), (Some(30), None));
    }
}
