//! `.env` files: names and values, quotes, comments, `export`. Nothing is expanded.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

/// The names and values of a `.env` text; the error is a phrase that names the line, never its
/// content.
pub fn parse(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut reader = Reader { letters: text.chars().peekable(), line: 1 };
    let mut values = BTreeMap::new();
    while let Some((name, value)) = reader.entry()? {
        values.insert(name, value);
    }
    Ok(values)
}

struct Reader<'t> {
    letters: Peekable<Chars<'t>>,
    line: usize,
}

impl Reader<'_> {
    /// The next `NAME=value`; lines without a value (`export NAME`) say nothing.
    fn entry(&mut self) -> Result<Option<(String, String)>, String> {
        loop {
            self.skip(char::is_whitespace);
            match self.letters.peek() {
                None => return Ok(None),
                Some('#') => self.skip(|letter| letter != '\n'),
                Some(_) => {
                    if let Some(entry) = self.assignment()? {
                        return Ok(Some(entry));
                    }
                }
            }
        }
    }

    fn assignment(&mut self) -> Result<Option<(String, String)>, String> {
        let line = self.line;
        let written = self.take(|letter| !matches!(letter, '=' | '\n' | '#'));
        let name = written.trim();
        let name = name.strip_prefix("export ").map_or(name, str::trim_start);
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(format!(
                "line {line}: expected `NAME=value`; write it so, or put `#` before it"
            ));
        }
        if self.letters.next_if_eq(&'=').is_none() {
            return Ok(None);
        }
        let name = name.to_owned();
        Ok(Some((name, self.value(line)?)))
    }

    fn value(&mut self, line: usize) -> Result<String, String> {
        self.skip(|letter| matches!(letter, ' ' | '\t'));
        match self.letters.peek() {
            Some(&quote @ ('"' | '\'')) => self.quoted(quote, line),
            _ => Ok(self.plain()),
        }
    }

    fn quoted(&mut self, quote: char, line: usize) -> Result<String, String> {
        self.next();
        let mut value = String::new();
        loop {
            match self.next() {
                None => return Err(format!("line {line}: the quote is not closed; add `{quote}`")),
                Some(letter) if letter == quote => break,
                Some('\\') if quote == '"' => value.extend(self.next().map(escaped)),
                Some(letter) => value.push(letter),
            }
        }
        let rest = self.take(|letter| letter != '\n');
        let rest = rest.trim();
        if rest.is_empty() || rest.starts_with('#') {
            return Ok(value);
        }
        Err(format!("line {line}: text follows the closing quote; put the whole value in quotes"))
    }

    /// Up to the end of the line, or to a `#` after a space.
    fn plain(&mut self) -> String {
        let rest = self.take(|letter| letter != '\n');
        let comment = rest
            .match_indices('#')
            .find(|(at, _)| rest[..*at].chars().next_back().is_none_or(char::is_whitespace));
        comment.map_or(rest.as_str(), |(at, _)| &rest[..at]).trim().to_owned()
    }

    fn take(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let mut taken = String::new();
        while self.letters.peek().is_some_and(|letter| wanted(*letter)) {
            taken.extend(self.next());
        }
        taken
    }

    fn skip(&mut self, wanted: impl Fn(char) -> bool) {
        while self.letters.peek().is_some_and(|letter| wanted(*letter)) {
            self.next();
        }
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.letters.next()?;
        self.line += usize::from(letter == '\n');
        Some(letter)
    }
}

fn escaped(letter: char) -> char {
    match letter {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_read_with_quotes_and_comments() {
        for (text, value) in [
            ("A=b", Some("b")),
            ("  export A = b c  # why", Some("b c")),
            ("# x\n\nA='b # c $D'\r\n", Some("b # c $D")),
            ("A=\"b\\n\\\"c\\\"\" # why", Some("b\n\"c\"")),
            ("A=\"b\nc\"", Some("b\nc")),
            ("A=http://x/#f", Some("http://x/#f")),
            ("A=#b", Some("")),
            ("A=", Some("")),
            ("A=1\nA=2", Some("2")),
            ("A=b=c", Some("b=c")),
            ("export A", None),
            ("", None),
        ] {
            let values = parse(text).expect(text);
            assert_eq!(values.get("A").map(String::as_str), value, "{text}");
        }
    }

    #[test]
    fn a_broken_line_is_named_by_its_number_and_not_repeated() {
        for (text, start) in [
            ("A=1\nmy secret", "line 2: expected"),
            ("=secret", "line 1: expected"),
            ("A=1\n\nB='secret\n\n", "line 3: the quote"),
            ("A=\"x\" secret", "line 1: text follows"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.starts_with(start) && !error.contains("secret"), "{error}");
        }
    }
}
