//! What a server's own certificate says (RFC 5280 §4.1), as far as its keeper wants to know.

use std::path::Path;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::ParsedCertificate;

use super::TlsError;
use super::der::{GENERALIZED_TIME, INTEGER, SEQUENCE, UTC_TIME, explicit, take, take_tagged};

/// A certificate and what was read from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// The certificate itself, DER.
    pub der: Vec<u8>,
    /// From when it is valid.
    pub starts: Timestamp,
    /// Until when it is valid.
    pub ends: Timestamp,
    /// Whether it names itself as its issuer, so that nobody trusts it who was not told to.
    pub is_self_issued: bool,
}

/// A certificate that ends within this time is worth a word.
pub const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

impl Leaf {
    /// The server's own certificate in a file of PEM.
    pub fn first_in(path: &Path) -> Result<Self, TlsError> {
        super::first(&super::chain(path)?, path)
    }

    /// Reads a certificate; `None` if it is none.
    pub fn read(der: &[u8]) -> Option<Self> {
        let mut input = der;
        let mut certificate = take_tagged(&mut input, SEQUENCE)?;
        let mut signed = take_tagged(&mut certificate, SEQUENCE)?;
        let mut version = signed;
        if take_tagged(&mut version, explicit(0)).is_some() {
            signed = version;
        }
        let _serial = take_tagged(&mut signed, INTEGER)?;
        let _algorithm = take_tagged(&mut signed, SEQUENCE)?;
        let issuer = take_tagged(&mut signed, SEQUENCE)?;
        let mut validity = take_tagged(&mut signed, SEQUENCE)?;
        let subject = take_tagged(&mut signed, SEQUENCE)?;
        let (starts, ends) = (time(take(&mut validity)?)?, time(take(&mut validity)?)?);
        Some(Self { der: der.to_vec(), starts, ends, is_self_issued: issuer == subject })
    }

    /// Whether clients accept it for `host`, a name or an IP address.
    pub fn is_for(&self, host: &str) -> bool {
        let der = CertificateDer::from(&self.der[..]);
        match (ParsedCertificate::try_from(&der), ServerName::try_from(host)) {
            (Ok(parsed), Ok(name)) => verify_server_name(&parsed, &name).is_ok(),
            _ => false,
        }
    }

    /// Whether it ends within `time` of `now`, or has ended.
    pub fn ends_within(&self, time: SignedDuration, now: Timestamp) -> bool {
        self.ends.duration_since(now) <= time
    }
}

/// `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`; two digits of a year mean 1950 to 2049.
fn time((tag, text): (u8, &[u8])) -> Option<Timestamp> {
    let digits = text.strip_suffix(b"Z")?;
    let (years, rest) = match tag {
        UTC_TIME => digits.split_at_checked(2)?,
        GENERALIZED_TIME => digits.split_at_checked(4)?,
        _ => return None,
    };
    let year = i16::try_from(number(years)?).ok()?;
    let year = match tag {
        UTC_TIME if year < 50 => 2000 + year,
        UTC_TIME => 1900 + year,
        _ => year,
    };
    let part = |at: usize| i8::try_from(number(rest.get(at..at + 2)?)?).ok();
    if rest.len() != 10 {
        return None;
    }
    let at = DateTime::new(year, part(0)?, part(2)?, part(4)?, part(6)?, part(8)?, 0).ok()?;
    Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

fn number(digits: &[u8]) -> Option<u32> {
    let plain = digits.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(digits).ok().filter(|_| plain)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_time_are_read_and_nothing_else() {
        for (tag, text, expected) in [
            (UTC_TIME, "260804101112Z", Some("2026-08-04T10:11:12Z")),
            (UTC_TIME, "491231235959Z", Some("2049-12-31T23:59:59Z")),
            (UTC_TIME, "500101000000Z", Some("1950-01-01T00:00:00Z")),
            (GENERALIZED_TIME, "20500101000000Z", Some("2050-01-01T00:00:00Z")),
            (GENERALIZED_TIME, "99991231235959Z", Some("9999-12-31T23:59:59Z")),
            (UTC_TIME, "261304101112Z", None),
            (UTC_TIME, "260804101112", None),
            (UTC_TIME, "2608041011Z", None),
            (UTC_TIME, "26080410111+Z", None),
            (UTC_TIME, "26080410111 Z", None),
            (GENERALIZED_TIME, "20260804101112.5Z", None),
            (0x16, "260804101112Z", None),
        ] {
            // 9999-12-31 is past the last instant that fits every time zone.
            let expected = expected.and_then(|text| text.parse().ok());
            assert_eq!(time((tag, text.as_bytes())), expected, "{text}");
        }
    }
}
