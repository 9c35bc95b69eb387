//! Comma separated values (RFC 4180) that no spreadsheet takes for formulas.

/// A line of these cells, with its end.
pub(super) fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|text| quoted(&harmless(text))).collect();
    cells.join(",") + "\r\n"
}

/// A spreadsheet calculates what begins like a formula; behind an apostrophe it is text.
fn harmless(text: &str) -> String {
    let apostrophe = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("{apostrophe}{text}")
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\r', '\n']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        for (cell, expected) in [
            ("Ada Löve", "Ada Löve"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("a\nb", "\"a\nb\""),
            ("=1+1", "'=1+1"),
            ("+49", "'+49"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""),
            ("1-1=0", "1-1=0"),
        ] {
            assert_eq!(line(&[cell.to_owned()]), format!("{expected}\r\n"), "{cell:?}");
        }
        assert_eq!(line(&["a", "b,"].map(str::to_owned)), "a,\"b,\"\r\n");
    }
}
