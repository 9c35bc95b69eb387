//! When people are told that the certificate of a server expires: 21, 7 and 1 days before, and at the end.

use jiff::{SignedDuration, Timestamp};

use super::record::Certificate;

/// Days before the end at which people are told, the last one first.
const DAYS: [u8; 4] = [0, 1, 7, 21];

/// What is known of a certificate once it was seen to expire at `expires`; a renewed one starts anew.
pub fn seen(before: Option<Certificate>, expires: Timestamp) -> Certificate {
    match before {
        Some(known) if known.expires == expires => known,
        _ => Certificate { expires, told: None },
    }
}

/// Of how many days people have to be told now, if of any; each number once, and only the smallest
/// of those that were missed.
pub fn due(certificate: &Certificate, now: Timestamp) -> Option<u8> {
    let left = certificate.expires.duration_since(now);
    let reached = |days: &u8| left <= SignedDuration::from_hours(24 * i64::from(*days));
    let days = DAYS.into_iter().find(reached)?;
    certificate.told.is_none_or(|told| days < told).then_some(days)
}

/// Whole days until the end, for people.
pub fn days_left(expires: Timestamp, now: Timestamp) -> u64 {
    let seconds = expires.duration_since(now).as_secs().max(0);
    u64::try_from(seconds).unwrap_or(0).div_ceil(86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + 3_600 * hours).unwrap()
    }

    #[test]
    fn people_are_told_at_21_7_and_1_days_once_each() {
        let mut certificate = seen(None, at(24 * 30));
        let mut told = Vec::new();
        for hour in (0..24 * 32).step_by(6) {
            if let Some(days) = due(&certificate, at(hour)) {
                told.push((hour / 24, days));
                certificate.told = Some(days);
            }
            certificate = seen(Some(certificate), at(24 * 30));
        }
        assert_eq!(told, [(9, 21), (23, 7), (29, 1), (30, 0)]);
    }

    #[test]
    fn what_was_missed_is_told_once_and_a_renewed_certificate_starts_anew() {
        let found = seen(None, at(24 * 5));
        assert_eq!(due(&found, at(0)), Some(7), "found five days before: not 21 as well");
        let told = Certificate { told: Some(7), ..found };
        assert_eq!(due(&told, at(1)), None);
        let renewed = seen(Some(told), at(24 * 90));
        assert_eq!((renewed.told, due(&renewed, at(1))), (None, None));
        let replaced_by_a_short_one = seen(Some(told), at(24 * 6));
        assert_eq!(due(&replaced_by_a_short_one, at(1)), Some(7));
        assert_eq!(due(&seen(None, at(-100)), at(0)), Some(0), "it has expired already");
    }

    #[test]
    fn a_day_that_has_begun_counts_as_a_day() {
        for (hours, expected) in [(48, 2), (47, 2), (24, 1), (1, 1), (0, 0), (-5, 0)] {
            assert_eq!(days_left(at(hours), at(0)), expected, "{hours}");
        }
    }
}
