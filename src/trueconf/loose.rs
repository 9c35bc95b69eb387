//! Values as servers write them: numbers as text, times in four forms, texts of any length.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

/// Unix times above this are in milliseconds: in seconds it would be the year 5138.
const MILLISECONDS_FROM: i64 = 100_000_000_000;

/// A whole number, also if it stands in quotes.
pub fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| rounded(number.as_f64()?)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A number of things: never negative, at most what 32 bits hold.
pub fn count(value: &Value) -> Option<u32> {
    whole(value)?.try_into().ok()
}

/// A length of time in seconds.
pub fn seconds(value: &Value) -> Option<Duration> {
    count(value).map(|seconds| Duration::from_secs(seconds.into()))
}

/// A text that is not empty, cut to so many characters, without control characters.
pub fn text(value: &Value, most: usize) -> Option<String> {
    let clean = |letter: char| if letter.is_control() { ' ' } else { letter };
    let text: String = value.as_str()?.trim().chars().take(most).map(clean).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// An identifier, which would be another if it were cut; numbers are taken too.
pub fn id(value: &Value, most: usize) -> Option<String> {
    let id = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let fits = !id.is_empty() && id.len() <= most && !id.contains(char::is_control);
    fits.then_some(id)
}

/// An instant: Unix seconds or milliseconds, also in quotes; ISO 8601 with an offset; or the object of
/// PHP's `DateTime` with its time zone. A time of an unknown zone is none.
pub fn time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Object(_) => zoned(&value["date"], &value["timezone"]),
        _ => match whole(value) {
            Some(number) if number >= MILLISECONDS_FROM => Timestamp::from_millisecond(number).ok(),
            Some(number) if number > 0 => Timestamp::from_second(number).ok(),
            Some(_) => None,
            None => value.as_str()?.trim().parse().ok(),
        },
    }
}

/// `2020-10-31 23:37:55.000000` in `Europe/London`, `UTC` or `+03:00`.
fn zoned(date: &Value, zone: &Value) -> Option<Timestamp> {
    let civil: DateTime = date.as_str()?.parse().ok()?;
    let zone = zone.as_str()?;
    if zone.starts_with(['+', '-']) {
        return format!("{civil}{zone}").parse().ok();
    }
    let zone = TimeZone::get(zone).ok()?;
    zone.to_ambiguous_timestamp(civil).compatible().ok()
}

#[expect(clippy::cast_possible_truncation, reason = "checked to be a small whole number")]
fn rounded(number: f64) -> Option<i64> {
    let small = number.is_finite() && number.abs() < 1e15;
    small.then(|| number.round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_may_stand_in_quotes() {
        for (value, expected) in [
            (json!(7), Some(7)),
            (json!("7"), Some(7)),
            (json!(" -1 "), Some(-1)),
            (json!(7.0), Some(7)),
            (json!("seven"), None),
            (json!(null), None),
            (json!([7]), None),
            (json!(1e300), None),
        ] {
            assert_eq!(whole(&value), expected, "{value}");
        }
        assert_eq!((count(&json!(-1)), count(&json!(1_u64 << 40))), (None, None));
    }

    #[test]
    fn an_instant_is_understood_in_each_form() {
        for (value, expected) in [
            (json!(1_604_187_475), Some("2020-10-31T23:37:55Z")),
            (json!("1604187475"), Some("2020-10-31T23:37:55Z")),
            (json!(1_604_187_475_000_i64), Some("2020-10-31T23:37:55Z")),
            (json!("2020-10-31T23:37:55Z"), Some("2020-10-31T23:37:55Z")),
            (json!("2020-11-01T02:37:55+03:00"), Some("2020-10-31T23:37:55Z")),
            (php("2020-10-31 23:37:55.000000", "Europe/London"), Some("2020-10-31T23:37:55Z")),
            (php("2020-06-30 23:37:55.000000", "Europe/London"), Some("2020-06-30T22:37:55Z")),
            (php("2020-11-01 02:37:55.000000", "+03:00"), Some("2020-10-31T23:37:55Z")),
            (php("2020-10-31 23:37:55", "UTC"), Some("2020-10-31T23:37:55Z")),
            (php("2020-10-31 23:37:55", "Atlantis"), None),
            (php("2020-10-31 23:37:55", "+3 hours"), None),
            (php("yesterday", "UTC"), None),
            (json!("2020-10-31 23:37:55"), None),
            (json!(0), None),
            (json!(-5), None),
            (json!(null), None),
            (json!(i64::MAX), None),
        ] {
            let expected = expected.map(|text: &str| text.parse::<Timestamp>().expect("a time"));
            assert_eq!(time(&value), expected, "{value}");
        }
    }

    fn php(date: &str, zone: &str) -> Value {
        json!({"date": date, "timezone_type": 3, "timezone": zone})
    }

    #[test]
    fn texts_are_cut_and_identifiers_are_not() {
        assert_eq!(text(&json!(" Утро\n"), 3).as_deref(), Some("Утр"));
        assert_eq!(text(&json!("a\u{1b}[2J"), 9).as_deref(), Some("a [2J"));
        assert_eq!((text(&json!(" \u{1}\t"), 9), text(&json!(null), 9)), (None, None));
        assert_eq!(id(&json!("abcd"), 3), None);
        assert_eq!(id(&json!(123), 3).as_deref(), Some("123"));
        assert_eq!((id(&json!("a\nb"), 9), id(&json!(""), 9)), (None, None));
    }
}
