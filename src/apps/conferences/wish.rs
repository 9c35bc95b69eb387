//! What somebody says behind `/mute` and `/maintenance`: for how long, from when, of which server.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use super::mutes::LONGEST;

/// What somebody says behind `/mute`. The server is empty where none was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MuteWish {
    /// Nothing: what is silent?
    Show,
    /// Alerts shall come again.
    Off(String),
    /// No alerts for so long.
    For(Duration, String),
}

/// What somebody says behind `/maintenance`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MaintenanceWish {
    /// Nothing: what is announced?
    Show,
    /// It is called off.
    Off(String),
    /// It is announced: from when, or from now on, and for how long.
    On(Option<Timestamp>, Duration, String),
}

/// It could not be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unclear;

impl MuteWish {
    /// Reads `[DURATION | off] [SERVER]`.
    pub fn parse(text: &str) -> Result<Self, Unclear> {
        let (first, rest) = word(text);
        match first {
            "" => Ok(Self::Show),
            "off" => Ok(Self::Off(rest.to_owned())),
            first => Ok(Self::For(duration(first).ok_or(Unclear)?, rest.to_owned())),
        }
    }
}

impl MaintenanceWish {
    /// Reads `[[YYYY-MM-DD] HH:MM] DURATION [SERVER]` or `off [SERVER]`; times are those of `zone`, and
    /// a time without a date is the next such time after `now`.
    pub fn parse(text: &str, zone: &TimeZone, now: Timestamp) -> Result<Self, Unclear> {
        let (first, rest) = word(text);
        match first {
            "" => return Ok(Self::Show),
            "off" => return Ok(Self::Off(rest.to_owned())),
            _ => {}
        }
        let (from, rest) = from(text, zone, now)?;
        let (length, server) = word(rest);
        Ok(Self::On(from, duration(length).ok_or(Unclear)?, server.to_owned()))
    }
}

/// From when, if the text begins with that, and what follows.
fn from<'t>(
    text: &'t str,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<(Option<Timestamp>, &'t str), Unclear> {
    let (first, rest) = word(text);
    if let Some(date) = date(first) {
        let (second, rest) = word(rest);
        let time = time(second).ok_or(Unclear)?;
        return Ok((Some(instant(date.to_datetime(time), zone)?), rest));
    }
    let Some(time) = time(first) else { return Ok((None, text)) };
    let today = zone.to_datetime(now).date();
    let at = instant(today.to_datetime(time), zone)?;
    if at >= now {
        return Ok((Some(at), rest));
    }
    let tomorrow = today.tomorrow().map_err(|_| Unclear)?;
    Ok((Some(instant(tomorrow.to_datetime(time), zone)?), rest))
}

fn instant(at: DateTime, zone: &TimeZone) -> Result<Timestamp, Unclear> {
    zone.to_timestamp(at).map_err(|_| Unclear)
}

/// The first word and what follows it.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim();
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (first, rest.trim())
}

/// `90s`, `30m`, `2h`, `1d`; at least a second and at most 30 days.
pub fn duration(text: &str) -> Option<Duration> {
    let unit = match text.chars().next_back()? {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    let digits = &text[..text.len() - 1];
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds = digits.parse::<u64>().ok()?.checked_mul(unit)?;
    let found = Duration::from_secs(seconds);
    (!found.is_zero() && found <= LONGEST).then_some(found)
}

fn date(text: &str) -> Option<Date> {
    let shape = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    shape.then(|| Date::strptime("%Y-%m-%d", text).ok())?
}

fn time(text: &str) -> Option<Time> {
    let shape =
        (4..=5).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit() || b == b':');
    shape.then(|| Time::strptime("%H:%M", text).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn a_silence_is_read_as_people_write_it() {
        let of = |hours, server: &str| Ok(MuteWish::For(HOUR * hours, server.to_owned()));
        for (text, expected) in [
            ("", Ok(MuteWish::Show)),
            (" \n", Ok(MuteWish::Show)),
            ("2h", of(2, "")),
            (" 2h  Head  office ", of(2, "Head  office")),
            ("120m\nЦентр", of(2, "Центр")),
            ("30d", of(720, "")),
            ("off", Ok(MuteWish::Off(String::new()))),
            ("off Head office", Ok(MuteWish::Off("Head office".to_owned()))),
            ("31d", Err(Unclear)),
            ("0h", Err(Unclear)),
            ("h", Err(Unclear)),
            ("2", Err(Unclear)),
            ("-2h", Err(Unclear)),
            ("+2h", Err(Unclear)),
            ("2.5h", Err(Unclear)),
            ("99999999999999999999h", Err(Unclear)),
            ("2ч", Err(Unclear)),
            ("Head office", Err(Unclear)),
        ] {
            assert_eq!(MuteWish::parse(text), expected, "{text:?}");
        }
    }

    #[test]
    fn maintenance_begins_now_or_at_a_time_of_the_zone() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let on = |from: &str, server: &str| {
            let from = (!from.is_empty()).then(|| from.parse().unwrap());
            Ok(MaintenanceWish::On(from, HOUR * 2, server.to_owned()))
        };
        for (text, expected) in [
            ("", Ok(MaintenanceWish::Show)),
            ("off Head office", Ok(MaintenanceWish::Off("Head office".to_owned()))),
            ("2h", on("", "")),
            ("2h Head office", on("", "Head office")),
            ("2026-12-24 22:00 2h Head office", on("2026-12-24T21:00:00Z", "Head office")),
            ("22:00 2h", on("2026-11-21T21:00:00Z", "")),
            ("9:30 2h", on("2026-11-22T08:30:00Z", "")),
            ("2026-12-24 2h", Err(Unclear)),
            ("2026-13-24 22:00 2h", Err(Unclear)),
            ("2026-12-24 25:00 2h", Err(Unclear)),
            ("22:00", Err(Unclear)),
            ("22:00 Head office", Err(Unclear)),
            ("Head office", Err(Unclear)),
        ] {
            assert_eq!(MaintenanceWish::parse(text, &zone, now), expected, "{text:?}");
        }
    }
}
