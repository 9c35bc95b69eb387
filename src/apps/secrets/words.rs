//! Lengths of time and instants in words, and lengths of time that people write.

use std::time::Duration;

use jiff::Timestamp;

use crate::apps::Context;
use crate::apps::events::when::day;
use crate::i18n::Language;

/// Units people write, in seconds.
const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// `at` on the clock of the settings; the year is left out where it is that of `now`.
pub fn when(at: Timestamp, now: Timestamp, context: &Context, language: Language) -> String {
    let wall = context.timezone.to_datetime(at);
    let today = context.timezone.to_datetime(now).date();
    let date = day(wall.date(), today, &language.sentences().dates);
    format!("{date}, {:02}:{:02} ({})", wall.hour(), wall.minute(), context.timezone_name)
}

/// A length of time in its largest whole unit, rounded up: `10 minutes`.
pub fn lasting(time: Duration, language: Language) -> String {
    let said = &language.sentences().secrets;
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    let forms = [&said.days, &said.hours, &said.minutes, &said.seconds];
    let fits = |(_, unit): &(char, u64)| {
        seconds >= 2 * unit || seconds.is_multiple_of(*unit) && seconds >= *unit
    };
    let index = UNITS.iter().position(fits).unwrap_or(UNITS.len() - 1);
    forms[index].counted(language, seconds.div_ceil(UNITS[index].1))
}

/// A length of time somebody wrote, such as `90m` or `3 d`.
pub fn parse(text: &str) -> Option<Duration> {
    let text = text.trim().to_lowercase();
    let end = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (number, unit) = text.split_at(end);
    let mut letters = unit.trim().chars();
    let letter = letters.next().filter(|_| letters.next().is_none())?;
    let (_, seconds) = UNITS.iter().find(|(known, _)| *known == letter)?;
    number.parse::<u64>().ok()?.checked_mul(*seconds).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_said_in_their_largest_whole_unit() {
        for (seconds, said) in [
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (61, "61 seconds"),
            (600, "10 minutes"),
            (3_600, "1 hour"),
            (3_601, "61 minutes"),
            (86_400, "1 day"),
            (100_000, "28 hours"),
            (7 * 86_400, "7 days"),
        ] {
            assert_eq!(lasting(Duration::from_secs(seconds), Language::En), said, "{seconds}");
        }
        assert_eq!(lasting(Duration::from_millis(1), Language::De), "1 Sekunde");
        assert_eq!(lasting(Duration::from_secs(21 * 60), Language::Ru), "21 минуту");
    }

    #[test]
    fn people_write_a_number_and_a_unit() {
        for (text, seconds) in [
            ("30m", Some(1_800)),
            (" 12 H ", Some(43_200)),
            ("3d", Some(259_200)),
            ("45s", Some(45)),
            ("0m", Some(0)),
            ("", None),
            ("m", None),
            ("30", None),
            ("30min", None),
            ("-3d", None),
            ("3.5d", None),
            ("99999999999999999999d", None),
            ("9999999999999999999d", None),
        ] {
            assert_eq!(parse(text), seconds.map(Duration::from_secs), "{text}");
        }
    }
}
