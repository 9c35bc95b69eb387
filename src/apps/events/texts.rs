//! The texts of an event: each is read once, and is within its bounds from then on.

use std::fmt;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::refusal::Problem;

/// Characters that leave a line looking empty: joiners, direction marks, variation selectors, and
/// letters that are drawn as nothing.
const INVISIBLE: [RangeInclusive<char>; 10] = [
    '\u{ad}'..='\u{ad}',
    '\u{115f}'..='\u{1160}',
    '\u{180e}'..='\u{180e}',
    '\u{200b}'..='\u{200f}',
    '\u{202a}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{2800}'..='\u{2800}',
    '\u{3164}'..='\u{3164}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{feff}',
];

/// Whether a text may have several lines.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lines {
    One,
    Many,
}

/// Whether a text may show nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Blank {
    Refused,
    Welcome,
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident: max $max:literal, lines $lines:ident, blank $blank:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The most code points it can have.
            pub const MAX: usize = $max;

            /// Reads it: blanks around it do not count, and tabs are blanks.
            pub fn parse(text: &str) -> Result<Self, Problem> {
                bounded(text, Self::MAX, Lines::$lines, Blank::$blank).map(Self)
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

text! {
    /// What an event is called: 1 to 120 code points on one line, some of them visible.
    Title: max 120, lines One, blank Refused
}

text! {
    /// What an event is about: at most 2000 code points on any number of lines.
    Description: max 2000, lines Many, blank Welcome
}

text! {
    /// Where an event is: at most 200 code points on one line.
    Location: max 200, lines One, blank Welcome
}

text! {
    /// Why an event is cancelled: at most 500 code points on one line.
    Reason: max 500, lines One, blank Welcome
}

fn bounded(text: &str, max: usize, lines: Lines, blank: Blank) -> Result<String, Problem> {
    let text = text.replace("\r\n", "\n").replace('\t', " ");
    let text = text.trim();
    if blank == Blank::Refused && text.chars().all(is_invisible) {
        return Err(Problem::Missing);
    }
    if text.chars().count() > max {
        return Err(Problem::TooLong { max });
    }
    if text.chars().any(|c| is_refused(c, lines)) {
        return Err(Problem::ControlCharacters);
    }
    Ok(text.to_owned())
}

fn is_refused(c: char, lines: Lines) -> bool {
    match c {
        '\n' | '\u{2028}' | '\u{2029}' => lines == Lines::One,
        _ => c.is_control(),
    }
}

fn is_invisible(c: char) -> bool {
    c.is_whitespace() || INVISIBLE.iter().any(|range| range.contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_show_something_on_one_line_of_at_most_120_code_points() {
        let (longest, too_long) = ("ü".repeat(120), "ü".repeat(121));
        let rows = [
            (" Board games ", Ok("Board games")),
            ("a\tb", Ok("a b")),
            ("👩‍👩‍👧", Ok("👩‍👩‍👧")),
            (&longest, Ok(longest.as_str())),
            (&too_long, Err(Problem::TooLong { max: 120 })),
            ("", Err(Problem::Missing)),
            ("  \n ", Err(Problem::Missing)),
            ("\u{200b}\u{feff}", Err(Problem::Missing)),
            ("a\nb", Err(Problem::ControlCharacters)),
            ("a\u{2028}b", Err(Problem::ControlCharacters)),
            ("a\0b", Err(Problem::ControlCharacters)),
            ("a\u{85}b", Err(Problem::ControlCharacters)),
        ];
        for (text, expected) in rows {
            let title = Title::parse(text);
            assert_eq!(title.as_ref().map(Title::as_str), expected.as_ref().copied(), "{text:?}");
        }
    }

    #[test]
    fn descriptions_have_lines_and_places_do_not() {
        let description = Description::parse("one\r\ntwo\nthree\n").unwrap();
        assert_eq!(description.as_str(), "one\ntwo\nthree");
        assert_eq!(Description::parse("a\u{1b}[31m"), Err(Problem::ControlCharacters));
        assert_eq!(Description::parse(&"x".repeat(2001)), Err(Problem::TooLong { max: 2000 }));
        assert_eq!(Location::parse("a\nb"), Err(Problem::ControlCharacters));
        assert_eq!(Location::parse("").unwrap(), Location::default());
        assert_eq!(Location::parse(&"x".repeat(201)), Err(Problem::TooLong { max: 200 }));
        assert_eq!(Reason::parse(&"x".repeat(501)), Err(Problem::TooLong { max: 500 }));
    }
}
