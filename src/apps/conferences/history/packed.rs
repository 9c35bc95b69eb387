//! Hours of the history in few bytes.
//!
//! Fifty servers make 288,000 checks a day, and all of them are written to a card that should bear a
//! megabyte a day. A check of a steady server takes about a byte: it comes about as long after the one
//! before as that one did and stands for the time between them, which takes two bits, and answers
//! within a range of the others, which takes as many bits as the range needs. What is otherwise is
//! written out.

use super::bits::{BitReader, BitWriter, push_number, take_number};
use super::bucket::Bucket;
use super::hour::{SAMPLES_MAX, STEPS};
use super::sample::{Kind, Sample};

/// Bits of the time since the check before: a second less than usual, usual, a second more …
const GAP: u32 = 2;

/// … or offset and weight follow.
const WRITTEN_OUT: u16 = 3;

/// Bits of what is written out.
const WHOLE: u32 = 16;

/// The most bits of an answer in a range.
const WIDTH_MAX: u32 = 12;

/// How the checks of an hour are written.
struct Frame {
    /// The usual seconds between two.
    usual: u16,
    /// Milliseconds of the fastest answer.
    fastest: u16,
    /// Bits of an answer; all of them set: it is written out.
    width: u32,
}

/// Appends these checks.
pub(super) fn pack_samples(samples: &[Sample], to: &mut Vec<u8>) {
    let frame = Frame::of(samples);
    push_number(samples.len() as u64, to);
    push_number(frame.usual.into(), to);
    push_number(frame.fastest.into(), to);
    push_number(frame.width.into(), to);
    let (mut bits, mut last) = (BitWriter::default(), 0);
    for sample in samples {
        frame.push(&mut bits, *sample, last);
        last = sample.offset;
    }
    to.extend(bits.finish());
}

/// The checks in these bytes, and nothing else.
pub(super) fn unpack_samples(mut bytes: &[u8]) -> Option<Vec<Sample>> {
    let count = usize::try_from(take_number(&mut bytes)?).ok()?;
    let frame = Frame {
        usual: take_number(&mut bytes)?.try_into().ok()?,
        fastest: take_number(&mut bytes)?.try_into().ok()?,
        width: take_number(&mut bytes)?.try_into().ok()?,
    };
    if count > SAMPLES_MAX || frame.width > WIDTH_MAX {
        return None;
    }
    let (mut bits, mut last) = (BitReader::new(bytes), 0);
    let mut next = || {
        let sample = frame.take(&mut bits, last)?;
        last = sample.offset;
        Some(sample)
    };
    let samples = (0..count).map(|_| next()).collect::<Option<Vec<_>>>()?;
    bits.is_at_end().then_some(samples)
}

impl Frame {
    fn of(samples: &[Sample]) -> Self {
        let mut weights: Vec<u16> = samples.iter().map(|sample| sample.weight).collect();
        weights.sort_unstable();
        let answers = samples.iter().filter_map(|sample| match sample.kind {
            Kind::Good(milliseconds) => Some(milliseconds),
            _ => None,
        });
        let fastest = answers.clone().min().unwrap_or(0);
        let cost = |width: u32| {
            let outside = answers.clone().filter(|answer| answer - fastest >= all_set(width));
            outside.count() * WHOLE as usize + samples.len() * width as usize
        };
        Self {
            usual: weights.get(weights.len() / 2).copied().unwrap_or(0),
            fastest,
            width: (1..=WIDTH_MAX).min_by_key(|width| cost(*width)).unwrap_or(1),
        }
    }

    fn push(&self, bits: &mut BitWriter, sample: Sample, last: u16) {
        let near = (u32::from(sample.weight) + 1).checked_sub(self.usual.into());
        let near =
            near.and_then(|near| u16::try_from(near).ok()).filter(|near| *near < WRITTEN_OUT);
        let follows = last.checked_add(sample.weight) == Some(sample.offset);
        if let Some(near) = near.filter(|_| follows) {
            bits.push(near, GAP);
        } else {
            bits.push(WRITTEN_OUT, GAP);
            bits.push(sample.offset, WHOLE);
            bits.push(sample.weight, WHOLE);
        }
        match sample.kind {
            Kind::Good(took) if took - self.fastest < all_set(self.width) => {
                bits.push(took - self.fastest, self.width);
            }
            kind => {
                bits.push(all_set(self.width), self.width);
                bits.push(kind.encoded(), WHOLE);
            }
        }
    }

    fn take(&self, bits: &mut BitReader, last: u16) -> Option<Sample> {
        let (offset, weight) = match bits.take(GAP)? {
            WRITTEN_OUT => (bits.take(WHOLE)?, bits.take(WHOLE)?),
            near => {
                let weight = self.usual.checked_add(near)?.checked_sub(1)?;
                (last.checked_add(weight)?, weight)
            }
        };
        let kind = match bits.take(self.width)? {
            more if more == all_set(self.width) => Kind::decoded(bits.take(WHOLE)?),
            more => Kind::Good(self.fastest.checked_add(more)?),
        };
        Some(Sample { offset, weight, kind })
    }
}

fn all_set(width: u32) -> u16 {
    (1 << width) - 1
}

/// Appends these minutes each.
pub(super) fn pack_steps(steps: &[Bucket; STEPS], to: &mut Vec<u8>) {
    for step in steps {
        pack_bucket(step, to);
    }
}

/// The minutes each in these bytes, and nothing else.
pub(super) fn unpack_steps(mut bytes: &[u8]) -> Option<[Bucket; STEPS]> {
    let mut steps = [Bucket::default(); STEPS];
    for step in &mut steps {
        *step = take_bucket(&mut bytes)?;
    }
    bytes.is_empty().then_some(steps)
}

/// Appends an hour as a whole.
pub(super) fn pack_bucket(bucket: &Bucket, to: &mut Vec<u8>) {
    let is_smooth = bucket.failed == 0 && bucket.down == 0 && bucket.good > 0;
    let is_empty = *bucket == Bucket::default();
    push_number(u64::from(bucket.good) << 1 | u64::from(!is_smooth && !is_empty), to);
    if !is_smooth && !is_empty {
        push_number(bucket.failed.into(), to);
        push_number(bucket.down.into(), to);
    }
    if !is_empty {
        push_number(bucket.up.into(), to);
        push_number(bucket.slowest.into(), to);
        push_number(bucket.took.into(), to);
    }
}

/// The hour as a whole in these bytes, and nothing else.
pub(super) fn unpack_bucket(mut bytes: &[u8]) -> Option<Bucket> {
    take_bucket(&mut bytes).filter(|_| bytes.is_empty())
}

fn take_bucket(bytes: &mut &[u8]) -> Option<Bucket> {
    let mut bucket = Bucket::default();
    let first = take_number(bytes)?;
    bucket.good = (first >> 1).try_into().ok()?;
    if first & 1 == 1 {
        bucket.failed = take_number(bytes)?.try_into().ok()?;
        bucket.down = take_number(bytes)?.try_into().ok()?;
    }
    if first > 0 {
        bucket.up = take_number(bytes)?.try_into().ok()?;
        bucket.slowest = take_number(bytes)?.try_into().ok()?;
        bucket.took = take_number(bytes)?.try_into().ok()?;
    }
    Some(bucket)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(offset: u16, weight: u16, kind: Kind) -> Sample {
        Sample { offset, weight, kind }
    }

    fn packed(samples: &[Sample]) -> Vec<u8> {
        let mut bytes = Vec::new();
        pack_samples(samples, &mut bytes);
        bytes
    }

    #[test]
    fn checks_are_read_as_they_were_written() {
        let rows: [&[Sample]; 6] = [
            &[],
            &[sample(3_599, 86, Kind::Good(60_000))],
            &[sample(9, 15, Kind::Good(20)), sample(24, 15, Kind::Good(19))],
            &[sample(0, 0, Kind::Good(7)), sample(0, 0, Kind::Down), sample(1, 1, Kind::Blip)],
            // The clock was set, and checks paused.
            &[
                sample(3_000, 15, Kind::Pending),
                sample(5, 0, Kind::Blip),
                sample(500, 30, Kind::Down),
                sample(515, 15, Kind::Planned),
                sample(u16::MAX, u16::MAX, Kind::Blind),
                sample(0, 0, Kind::Good(0)),
            ],
            &[sample(0, 1, Kind::Good(60_000)), sample(1, 1, Kind::Good(0))],
        ];
        for row in rows {
            assert_eq!(unpack_samples(&packed(row)).as_deref(), Some(row));
        }
    }

    #[test]
    fn an_hour_of_a_steady_server_takes_a_byte_for_each_check() {
        let (near, far) = ([20, 22, 19, 24, 21], [110, 140, 95, 121, 10_000]);
        for (answers, most) in [(near, 170), (far, 360)] {
            let mut at = 7;
            let samples: Vec<Sample> = (0..240)
                .map(|number| {
                    let gap = [14, 15, 16][number % 3];
                    at += gap;
                    sample(at, gap, Kind::Good(answers[number % 5]))
                })
                .collect();
            let bytes = packed(&samples);
            assert!(bytes.len() <= most, "{} bytes", bytes.len());
            assert_eq!(unpack_samples(&bytes), Some(samples));
        }
    }

    #[test]
    fn buckets_are_read_as_they_were_written() {
        let most = Bucket {
            up: u16::MAX,
            down: u16::MAX,
            good: u16::MAX,
            failed: u16::MAX,
            took: u32::MAX,
            slowest: u16::MAX,
        };
        let usual = Bucket { up: 300, good: 20, took: 410, slowest: 33, ..Bucket::default() };
        let down = Bucket { down: 300, failed: 20, ..Bucket::default() };
        let mut steps = [usual; STEPS];
        (steps[3], steps[5], steps[11]) = (most, down, Bucket::default());
        let mut bytes = Vec::new();
        pack_steps(&steps, &mut bytes);
        assert!(bytes.len() < 100, "{} bytes", bytes.len());
        assert_eq!(unpack_steps(&bytes), Some(steps));
        let odd = Bucket { up: 300, ..Bucket::default() };
        for bucket in [most, usual, down, odd, Bucket::default()] {
            let mut bytes = Vec::new();
            pack_bucket(&bucket, &mut bytes);
            assert_eq!(unpack_bucket(&bytes), Some(bucket));
        }
    }

    #[test]
    fn bytes_of_something_else_are_no_row() {
        let rows = [&[][..], &[0x80], &[1, 15, 0], &[1, 15, 0, 1], &[0, 0, 0, 99], &[0xFF; 11]];
        for bytes in rows {
            assert_eq!(unpack_samples(bytes), None, "{bytes:?}");
        }
        for bytes in [&[][..], &[0; STEPS - 1], &[0; STEPS + 1], &[1; STEPS]] {
            assert_eq!(unpack_steps(bytes), None, "{bytes:?}");
        }
        assert_eq!(unpack_bucket(&[0, 0]), None);
        let too_many = vec![sample(1, 0, Kind::Blip); SAMPLES_MAX + 1];
        assert_eq!(unpack_samples(&packed(&too_many)), None);
    }
}
