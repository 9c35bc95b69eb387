//! Numbers of few bits one after another, and whole bytes between them.

/// Takes bits, the highest of each number first.
#[derive(Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    /// Bits of the last byte that are taken.
    used: u32,
}

/// Gives them back.
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl BitWriter {
    /// Appends the lowest `width` bits of `value`.
    pub fn push(&mut self, value: u16, width: u32) {
        for bit in (0..width).rev() {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
                self.used = 0;
            }
            let last = self.bytes.last_mut().expect("one was pushed");
            *last |= u8::from(value >> bit & 1 == 1) << (7 - self.used);
            self.used += 1;
        }
    }

    /// Everything, filled up to whole bytes.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

impl<'a> BitReader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next number of `width` bits; none behind the end.
    pub fn take(&mut self, width: u32) -> Option<u16> {
        let mut value = 0;
        for _ in 0..width {
            let byte = *self.bytes.get(self.at / 8)?;
            value = value << 1 | u16::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }

    /// Whether nothing is left but the rest of a byte.
    pub fn is_at_end(&self) -> bool {
        self.at.div_ceil(8) == self.bytes.len()
    }
}

/// Appends a number in as many bytes as it needs (LEB128: seven bits each, the lowest first, the high
/// bit where more follow).
pub(super) fn push_number(mut value: u64, to: &mut Vec<u8>) {
    while value > 0x7F {
        to.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    to.push(value.to_le_bytes()[0]);
}

/// The number at the beginning of `bytes`, which is taken off.
pub(super) fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_back_as_they_went() {
        let numbers = [(5, 3), (0, 1), (u16::MAX, 16), (1, 2), (300, 9)];
        let mut writer = BitWriter::default();
        for (value, width) in numbers {
            writer.push(value, width);
        }
        let bytes = writer.finish();
        assert_eq!(bytes.len(), 4, "31 bits");
        let mut reader = BitReader::new(&bytes);
        for (value, width) in numbers {
            assert_eq!(reader.take(width), Some(value));
        }
        assert!(reader.is_at_end());
        assert_eq!((reader.take(1), reader.take(1)), (Some(0), None));
    }

    #[test]
    fn numbers_come_back_as_they_went() {
        for value in [0, 1, 127, 128, 65_535, u64::MAX] {
            let mut bytes = Vec::new();
            push_number(value, &mut bytes);
            assert_eq!(take_number(&mut &bytes[..]), Some(value));
            bytes.pop();
            assert_eq!(take_number(&mut &bytes[..]), None, "cut short");
        }
    }
}
