//! The table: a figure, its limit and how they compare, row by row.

use std::fmt;

use crate::Measured;

/// How a figure compares to its limit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Within,
    Over,
    /// A figure for the reader, without a limit of its own.
    Plain,
    Missing,
}

/// One line of the table.
pub struct Row {
    what: String,
    figure: String,
    limit: String,
    verdict: Verdict,
}

impl Row {
    /// A figure that should be at most `limit`.
    pub fn at_most(what: impl Into<String>, (figure, limit): (f64, f64), unit: &str) -> Self {
        let verdict = if figure <= limit { Verdict::Within } else { Verdict::Over };
        Self::limited(what.into(), (figure, limit), ("≤", unit), verdict)
    }

    /// A figure that should be at least `limit`.
    pub fn at_least(what: impl Into<String>, (figure, limit): (f64, f64), unit: &str) -> Self {
        let verdict = if figure >= limit { Verdict::Within } else { Verdict::Over };
        Self::limited(what.into(), (figure, limit), ("≥", unit), verdict)
    }

    /// A figure without a limit.
    pub fn plain(what: impl Into<String>, figure: impl Into<String>) -> Self {
        let (what, figure) = (what.into(), figure.into());
        Self { what, figure, limit: String::new(), verdict: Verdict::Plain }
    }

    fn limited(what: String, pair: (f64, f64), unit: (&str, &str), verdict: Verdict) -> Self {
        let ((figure, limit), (sign, unit)) = (pair, unit);
        let figure = format!("{} {unit}", number(figure));
        let limit = format!("{sign} {} {unit}", number(limit));
        Self { what, figure, limit, verdict }
    }
}

/// A number with about three digits that say something.
pub fn number(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// Everything measured so far.
#[derive(Default)]
pub struct Report {
    rows: Vec<(&'static str, Row)>,
}

impl Report {
    /// Adds what a group has measured, or the reason why it could not.
    pub fn add(&mut self, group: &'static str, measured: Measured) {
        let rows = measured.unwrap_or_else(|error| {
            let (what, limit) = (format!("not measured: {error}"), String::new());
            vec![Row { what, figure: String::new(), limit, verdict: Verdict::Missing }]
        });
        self.rows.extend(rows.into_iter().map(|row| (group, row)));
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |text: &str| text.chars().count();
        let whats = self.rows.iter().filter(|(_, row)| row.verdict != Verdict::Missing);
        let what = whats.map(|(_, row)| width(&row.what)).max().unwrap_or_default();
        let figure = self.rows.iter().map(|(_, row)| width(&row.figure)).max().unwrap_or_default();
        let mut last = "";
        for (group, row) in &self.rows {
            let name = if last == *group { "" } else { group };
            last = group;
            let mark = match row.verdict {
                Verdict::Within => "  ok",
                Verdict::Over => "  OVER",
                Verdict::Plain | Verdict::Missing => "",
            };
            let (text, number, limit) = (&row.what, &row.figure, &row.limit);
            let line = format!("{name:8} {text:what$}  {number:>figure$}  {limit}{mark}");
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}
