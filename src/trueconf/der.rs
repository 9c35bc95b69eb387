//! The few bytes of a certificate (X.509, DER) that say how long it is valid; nothing else of it is read.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Tags of X.690 that stand on the way.
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// From and until when a certificate is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// `notBefore`.
    pub from: Timestamp,
    /// `notAfter`.
    pub until: Timestamp,
}

/// Reads the validity of a certificate (RFC 5280 §4.1); none if the bytes are no certificate.
pub fn validity(certificate: &[u8]) -> Option<Validity> {
    let mut outer = Reader(certificate);
    let mut certificate = Reader(outer.value(SEQUENCE)?);
    let mut fields = Reader(certificate.value(SEQUENCE)?);
    if fields.0.first() == Some(&VERSION) {
        fields.value(VERSION)?;
    }
    fields.value(INTEGER)?;
    fields.value(SEQUENCE)?;
    fields.value(SEQUENCE)?;
    let mut validity = Reader(fields.value(SEQUENCE)?);
    Some(Validity { from: validity.time()?, until: validity.time()? })
}

/// What is left to read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// The content of the next element, if it has this tag.
    fn value(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (found, content) = self.element()?;
        (found == tag).then_some(content)
    }

    fn element(&mut self) -> Option<(u8, &'a [u8])> {
        let (tag, rest) = self.0.split_first()?;
        let (first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(*first), rest),
            // A certificate of more than 64 KiB does not pass TLS.
            0x81 | 0x82 => {
                let (length, rest) = rest.split_at_checked(usize::from(first & 0x0f))?;
                (length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((*tag, content))
    }

    /// RFC 5280 §4.1.2.5: always UTC, with seconds; two digits of the year mean 1950 to 2049.
    fn time(&mut self) -> Option<Timestamp> {
        let (tag, content) = self.element()?;
        let text = std::str::from_utf8(content).ok()?;
        let full = match tag {
            UTC_TIME if text.len() == 13 => {
                let century = if text.get(..2)? < "50" { "20" } else { "19" };
                format!("{century}{text}")
            }
            GENERALIZED_TIME => text.to_owned(),
            _ => return None,
        };
        let civil = DateTime::strptime("%Y%m%d%H%M%SZ", &full).ok()?;
        Offset::UTC.to_timestamp(civil).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len()).expect("short").to_be_bytes();
        let head = if content.len() < 128 {
            vec![tag, length[1]]
        } else {
            vec![tag, 0x82, length[0], length[1]]
        };
        [head, content.to_vec()].concat()
    }

    fn certificate(version: &[u8], from: &[u8], until: &[u8]) -> Vec<u8> {
        let name = element(SEQUENCE, &[0; 200]);
        let validity = element(SEQUENCE, &[from, until].concat());
        let fields =
            [version, &element(INTEGER, &[1]), &element(SEQUENCE, &[]), &name, &validity, &name]
                .concat();
        element(SEQUENCE, &element(SEQUENCE, &fields))
    }

    #[test]
    fn validity_is_read_from_both_forms_of_time() {
        let version = element(VERSION, &element(INTEGER, &[2]));
        let utc = |text: &str| element(UTC_TIME, text.as_bytes());
        let general = |text: &str| element(GENERALIZED_TIME, text.as_bytes());
        let time = |text: &str| text.parse::<Timestamp>().expect("a time");
        for (version, from, until, expected) in [
            (&version[..], utc("250102030405Z"), utc("491231235959Z"), "2049-12-31T23:59:59Z"),
            (&[], utc("250102030405Z"), general("20500101000000Z"), "2050-01-01T00:00:00Z"),
            (&version, utc("250102030405Z"), utc("500101000000Z"), "1950-01-01T00:00:00Z"),
        ] {
            let found = validity(&certificate(version, &from, &until)).expect("a validity");
            assert_eq!((found.from, found.until), (time("2025-01-02T03:04:05Z"), time(expected)));
        }
    }

    #[test]
    fn what_is_no_certificate_has_no_validity() {
        let good = certificate(
            &[],
            &element(UTC_TIME, b"250102030405Z"),
            &element(UTC_TIME, b"251302030405Z"),
        );
        assert_eq!(validity(&good), None, "a thirteenth month");
        for end in 0..good.len() {
            assert_eq!(validity(&good[..end]), None, "cut at {end}");
        }
        for bytes in [&[SEQUENCE, 0x84, 0xff, 0xff, 0xff, 0xff][..], &[SEQUENCE, 0x80], &[0; 9]] {
            assert_eq!(validity(bytes), None, "{bytes:?}");
        }
    }
}
