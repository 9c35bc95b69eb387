//! The parts of a schedule, each read once from text: start, duration, zone, recurrence, date.

use std::fmt;

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::refusal::Problem;

/// The first year of any date: nobody plans before the epoch.
pub const FIRST_YEAR: i16 = 1970;

/// The last year of any date; keeps every sum far inside what `jiff` can hold.
pub const LAST_YEAR: i16 = 2200;

/// A week: long enough for a festival, short enough to call a slip of the finger one.
pub const MAX_HOURS: u32 = 168;

/// Longer texts are no zone, number or date; they are refused before anything looks at them.
const MAX_WORD: usize = 64;

/// When an event starts, by the clock on its wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Every day at this time.
    Daily(Time),
    /// From this date on, at this time.
    Dated(DateTime),
}

impl Start {
    /// Reads `HH:MM` or `YYYY-MM-DD HH:MM`. `T` for the space and `:00` for seconds do no harm.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = word(text).ok_or(Problem::NotAStart)?;
        let Some((date, time)) = text.split_once([' ', 'T']) else {
            return clock(text).map(Self::Daily).ok_or(Problem::NotAStart);
        };
        let time = clock(time).ok_or(Problem::NotAStart)?;
        match parse_date(date) {
            Ok(date) => Ok(Self::Dated(date.to_datetime(time))),
            Err(Problem::NotADate) => Err(Problem::NotAStart),
            Err(problem) => Err(problem),
        }
    }

    /// The time of day.
    pub fn time(self) -> Time {
        match self {
            Self::Daily(time) => time,
            Self::Dated(at) => at.time(),
        }
    }
}

impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Dated(at) = self {
            write!(f, "{} ", at.date())?;
        }
        let time = self.time();
        write!(f, "{:02}:{:02}", time.hour(), time.minute())
    }
}

/// Reads a date, `YYYY-MM-DD`, of a year we keep.
pub fn parse_date(text: &str) -> Result<Date, Problem> {
    let date = civil_date(text).ok_or(Problem::NotADate)?;
    if (FIRST_YEAR..=LAST_YEAR).contains(&date.year()) {
        return Ok(date);
    }
    Err(Problem::YearOutOfRange { first: FIRST_YEAR, last: LAST_YEAR })
}

/// How long each occurrence takes: elapsed hours, `0 < h <= 168`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hours(f64);

// A value of this type is finite, so equality is total.
impl Eq for Hours {}

impl Hours {
    /// Checks a number of hours; fractions are welcome.
    pub fn new(hours: f64) -> Result<Self, Problem> {
        if hours > 0.0 && hours <= f64::from(MAX_HOURS) {
            return Ok(Self(hours));
        }
        Err(Problem::HoursOutOfRange { max: MAX_HOURS })
    }

    /// Reads a number of hours; half of Europe writes `1,5`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = word(text).ok_or(Problem::NotANumber)?.replacen(',', ".", 1);
        Self::new(text.parse().map_err(|_| Problem::NotANumber)?)
    }

    /// The number of hours.
    pub fn hours(self) -> f64 {
        self.0
    }

    /// The same as elapsed time, in whole seconds and at least one.
    pub fn elapsed(self) -> SignedDuration {
        let seconds = (self.0 * 3600.0).round().clamp(1.0, f64::from(MAX_HOURS) * 3600.0);
        SignedDuration::try_from_secs_f64(seconds).unwrap_or(SignedDuration::from_hours(1))
    }
}

/// A time zone by its IANA name; two of the same name are the same.
#[derive(Clone, Debug)]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Zone {}

impl Zone {
    /// Universal time.
    pub fn utc() -> Self {
        Self { name: "UTC".to_owned(), rules: TimeZone::UTC }
    }

    /// Finds the zone called `name`, whatever its case.
    ///
    /// The name has to be in the list we bring along, so that browsers know it as well; the rules
    /// are the machine's if it has them, for those are kept up to date.
    pub fn parse(name: &str) -> Result<Self, Problem> {
        let known = word(name).and_then(|name| TimeZoneDatabase::bundled().get(name).ok());
        let known = known.filter(|rules| !rules.is_unknown()).ok_or(Problem::NotATimezone)?;
        let name = known.iana_name().ok_or(Problem::NotATimezone)?.to_owned();
        let rules = TimeZone::get(&name).unwrap_or(known);
        Ok(Self { name, rules })
    }

    /// The IANA name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The rules behind the name.
    pub fn rules(&self) -> &TimeZone {
        &self.rules
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

impl<'de> Deserialize<'de> for Zone {
    /// A stored zone that this machine no longer knows keeps its name and is read as UTC: one
    /// missing zone file must not make an event unreadable.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Ok(Self::parse(&name).unwrap_or(Self { name, rules: TimeZone::UTC }))
    }
}

impl Serialize for Start {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Start {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|_| de::Error::custom("not a start time"))
    }
}

/// How an event repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Recurrence {
    /// Every day; goes with a start that has no date, and only with that.
    Daily,
    /// Every seven days from the first date on.
    Weekly,
    /// On the first date's day of every month that has such a day (RFC 5545 §3.3.10): a series
    /// from the 31st skips April, one from the 29th skips February but in leap years.
    Monthly,
}

impl Recurrence {
    /// Reads `daily`, `weekly` or `monthly`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        match text.trim() {
            "daily" => Ok(Self::Daily),
            "weekly" => Ok(Self::Weekly),
            "monthly" => Ok(Self::Monthly),
            _ => Err(Problem::NotARecurrence),
        }
    }
}

/// `text` without the blanks around it, unless it is blank or absurdly long.
fn word(text: &str) -> Option<&str> {
    let text = text.trim();
    (1..=MAX_WORD).contains(&text.len()).then_some(text)
}

/// Exactly `HH:MM`, or `HH:MM:00`.
fn clock(text: &str) -> Option<Time> {
    let text = if text.len() == 8 { text.strip_suffix(":00")? } else { text };
    let [hour, minute] = numbers(text, ':', [2, 2])?;
    Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0).ok()
}

/// Exactly `YYYY-MM-DD`.
fn civil_date(text: &str) -> Option<Date> {
    let [year, month, day] = numbers(text.trim(), '-', [4, 2, 2])?;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// The numbers between `separator`s, if they have exactly these `widths` and nothing but digits.
fn numbers<const N: usize>(text: &str, separator: char, widths: [usize; N]) -> Option<[i16; N]> {
    let mut parts = text.split(separator);
    let mut found = [0; N];
    for (number, width) in found.iter_mut().zip(widths) {
        let digits = parts.next().filter(|part| part.len() == width)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = digits.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_are_read_in_two_forms_and_written_in_one() {
        let rows = [
            ("09:05", Ok("09:05")),
            (" 23:59 ", Ok("23:59")),
            ("18:30:00", Ok("18:30")),
            ("2026-12-24 18:00", Ok("2026-12-24 18:00")),
            ("2026-12-24T18:00", Ok("2026-12-24 18:00")),
            ("2026-12-24T18:00:00", Ok("2026-12-24 18:00")),
            ("2028-02-29 00:00", Ok("2028-02-29 00:00")),
            ("9:05", Err(Problem::NotAStart)),
            ("noon", Err(Problem::NotAStart)),
            ("25:00", Err(Problem::NotAStart)),
            ("24:00", Err(Problem::NotAStart)),
            ("18:60", Err(Problem::NotAStart)),
            ("18:30:15", Err(Problem::NotAStart)),
            ("+9:05", Err(Problem::NotAStart)),
            ("٠٩:٠٥", Err(Problem::NotAStart)),
            ("", Err(Problem::NotAStart)),
            ("2026-12-24", Err(Problem::NotAStart)),
            ("2026-02-29 10:00", Err(Problem::NotAStart)),
            ("2026-12-24  18:00", Err(Problem::NotAStart)),
            ("2026-12-24 18:00Z", Err(Problem::NotAStart)),
            ("26-12-24 18:00", Err(Problem::NotAStart)),
            ("1969-12-31 23:59", Err(Problem::YearOutOfRange { first: 1970, last: 2200 })),
            ("2201-01-01 00:00", Err(Problem::YearOutOfRange { first: 1970, last: 2200 })),
        ];
        for (text, expected) in rows {
            let start = Start::parse(text).map(|start| start.to_string());
            assert_eq!(start, expected.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn an_event_takes_more_than_no_time_and_at_most_a_week() {
        let range = Err(Problem::HoursOutOfRange { max: 168 });
        let number = Err(Problem::NotANumber);
        let rows = [
            ("1", Ok(3600)),
            ("2.5", Ok(9000)),
            ("1,5", Ok(5400)),
            ("168", Ok(604_800)),
            ("1e-9", Ok(1)),
            ("0", range),
            ("-1", range),
            ("168.01", range),
            ("inf", range),
            ("nan", range),
            ("two", number),
            ("", number),
            ("1,000.5", number),
        ];
        for (text, expected) in rows {
            let seconds = Hours::parse(text).map(|hours| hours.elapsed().as_secs());
            assert_eq!(seconds, expected, "{text}");
        }
    }

    #[test]
    fn zones_have_iana_names() {
        let rows = [
            ("Europe/Berlin", Some("Europe/Berlin")),
            ("europe/berlin", Some("Europe/Berlin")),
            ("UTC", Some("UTC")),
            ("Mars/Olympus", None),
            ("Etc/Unknown", None),
            ("+01:00", None),
            ("../../etc/passwd", None),
            ("/etc/localtime", None),
            ("localtime", None),
            ("posix/Europe/Berlin", None),
            ("right/Europe/Berlin", None),
            ("", None),
        ];
        for (text, expected) in rows {
            let zone = Zone::parse(text).ok();
            assert_eq!(zone.as_ref().map(Zone::name), expected, "{text}");
        }
    }

    #[test]
    fn a_stored_zone_that_has_vanished_does_not_lose_the_event() {
        let zone: Zone = serde_json::from_str("\"Mars/Olympus\"").unwrap();
        assert_eq!((zone.name(), zone.rules()), ("Mars/Olympus", &TimeZone::UTC));
    }
}
