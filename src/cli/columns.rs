//! Tables for terminals: aligned columns, and nothing in a cell that could move the cursor.
//!
//! What people call themselves and their events stands in the last column, so nobody has to know
//! how wide a terminal draws it.

use super::data;
use serde_json::Value;
use std::io::{self, Write};

/// Between two columns.
const GAP: &str = "  ";

/// Marks that turn the direction of the text after them (Unicode UAX #9).
const DIRECTIONS: [std::ops::RangeInclusive<char>; 3] =
    ['\u{200e}'..='\u{200f}', '\u{202a}'..='\u{202e}', '\u{2066}'..='\u{2069}'];

/// Prints `list`: one JSON array for programs, `head` and a line for each `row` for people.
pub(super) fn list<const N: usize>(
    out: &mut dyn Write,
    json: bool,
    list: &Value,
    head: [&str; N],
    row: impl Fn(&Value) -> [String; N],
) -> io::Result<()> {
    if json { writeln!(out, "{list}") } else { print(out, head, data::rows(list).map(row)) }
}

/// Prints `head` and `rows`.
pub(super) fn print<const N: usize>(
    out: &mut dyn Write,
    head: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> io::Result<()> {
    let head = head.map(str::to_owned);
    let lines: Vec<[String; N]> =
        std::iter::once(head).chain(rows.map(|row| row.map(|cell| plain(&cell)))).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
    let widths: [usize; N] = std::array::from_fn(|column| width(column).unwrap_or_default());
    for line in &lines {
        let cells: Vec<String> =
            line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        writeln!(out, "{}", cells.join(GAP).trim_end())?;
    }
    Ok(())
}

/// The text on one line, without what a terminal would obey.
fn plain(text: &str) -> String {
    let turns = |c: &char| DIRECTIONS.iter().any(|range| range.contains(c));
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.chars().filter(|c| !turns(c)).map(|c| if breaks(c) { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_names_cannot_play_tricks() {
        let rows = [["7", "Ada Löve"], ["1234567", "日本 \u{1b}[31mred\n\u{202e}txt"], ["8", ""]];
        let mut out = Vec::new();
        print(&mut out, ["ID", "Name"], rows.iter().map(|row| row.map(str::to_owned))).unwrap();
        let expected = "ID       Name\n7        Ada Löve\n1234567  日本  [31mred txt\n8\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
