//! Content lines (RFC 5545 §3.1): `NAME:value`, folded after 75 octets, ended by CRLF.

/// The longest line in octets, without its end.
const WIDTH: usize = 75;

/// The lines written so far.
#[derive(Debug, Default)]
pub(super) struct Lines(String);

impl Lines {
    /// One line; `name` may have parameters. Control characters cannot get in.
    pub(super) fn put(&mut self, name: &str, value: &str) {
        let line = [name, ":", value].concat();
        self.fold(&line.replace(is_dropped, ""));
    }

    /// One line with a text of people's; an empty one is left out.
    pub(super) fn text(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.put(name, &escape(text));
        }
    }

    pub(super) fn finish(self) -> String {
        self.0
    }

    /// A line goes on in the next one behind a blank; no character is torn apart.
    fn fold(&mut self, line: &str) {
        let mut rest = line;
        let mut room = WIDTH;
        while rest.len() > room {
            // The narrowest line takes the widest character, so there is always a boundary.
            let end = (0..=room).rfind(|end| rest.is_char_boundary(*end)).unwrap_or(rest.len());
            let (part, behind) = rest.split_at(end);
            self.0.push_str(part);
            self.0.push_str("\r\n ");
            rest = behind;
            room = WIDTH - 1;
        }
        self.0.push_str(rest);
        self.0.push_str("\r\n");
    }
}

/// A value of type TEXT (RFC 5545 §3.3.11).
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.replace("\r\n", "\n").chars() {
        match character {
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => escaped.push_str("\\n"),
            '\\' | ';' | ',' => escaped.extend(['\\', character]),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// What no line may contain. A tab is allowed.
fn is_dropped(character: char) -> bool {
    character.is_control() && character != '\t'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_end_its_line_or_begin_another() {
        let rows = [
            ("plain", "plain"),
            ("a, b; c", r"a\, b\; c"),
            (r"C:\new", r"C:\\new"),
            ("one\ntwo\r\nthree\rfour", r"one\ntwo\nthree\nfour"),
            ("line\u{2028}separator", r"line\nseparator"),
            ("bell\u{7}, nul\0, delete\u{7f}, next\u{85}", r"bell\, nul\, delete\, next"),
            ("tab\there", "tab\there"),
            ("\"quoted\": fine", "\"quoted\": fine"),
            ("x\r\nEND:VEVENT", r"x\nEND:VEVENT"),
        ];
        for (text, expected) in rows {
            let mut lines = Lines::default();
            lines.text("X", text);
            assert_eq!(lines.finish(), format!("X:{expected}\r\n"), "{text:?}");
        }
    }

    #[test]
    fn an_empty_text_is_left_out() {
        let mut lines = Lines::default();
        lines.text("X", "");
        assert_eq!(lines.finish(), "");
    }

    #[test]
    fn lines_are_folded_at_75_octets_and_never_within_a_character() {
        for sample in ["x", "ü", "€", "😀", "a😀b€"] {
            for length in 0..200 {
                let value: String = sample.chars().cycle().take(length).collect();
                let mut lines = Lines::default();
                lines.put("X", &value);
                let folded = lines.finish();
                let parts: Vec<&str> = folded.split_terminator("\r\n").collect();
                assert!(parts.iter().all(|part| part.len() <= 75), "{folded}");
                assert!(parts[1..].iter().all(|part| part.starts_with(' ')), "{folded}");
                assert_eq!(folded.replace("\r\n ", ""), format!("X:{value}\r\n"));
            }
        }
    }

    #[test]
    fn a_line_of_exactly_75_octets_is_not_folded() {
        for (length, ends) in [(73, 1), (74, 2)] {
            let mut lines = Lines::default();
            lines.put("X", &"x".repeat(length));
            assert_eq!(lines.finish().matches("\r\n").count(), ends);
        }
    }
}
