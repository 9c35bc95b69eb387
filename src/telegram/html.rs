//! Telegram's HTML: escaping what people wrote, and cutting markup without breaking its tags.

/// Makes `text` safe between tags and inside attributes.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Marks that turn the direction of text until something ends them; whoever wrote them could turn
/// the words of others around.
const TURNING: [std::ops::RangeInclusive<char>; 2] =
    ['\u{202a}'..='\u{202e}', '\u{2066}'..='\u{2069}'];

/// `text` on one line and without marks that turn its direction, for labels of buttons.
pub fn tame(text: &str) -> String {
    let letters = text.chars().filter(|c| !TURNING.iter().any(|range| range.contains(c)));
    letters.map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// What somebody wrote, to stand within a sentence of ours: in an isolate (UAX #9), so that a name
/// written from right to left leaves the sentence around it in order. Plain text.
pub fn isolated(text: &str) -> String {
    format!("\u{2068}{}\u{2069}", tame(text))
}

/// The same for markup.
pub fn quoted(text: &str) -> String {
    escape(&isolated(text))
}

/// What people see of `markup`, in UTF-16 units, as Telegram counts.
pub fn visible_len(markup: &str) -> usize {
    Pieces(markup).map(|piece| piece.units()).sum()
}

/// Cuts `markup` to at most `max` visible UTF-16 units, ending in `…`, with all tags closed.
pub fn truncate(markup: &str, max: usize) -> String {
    if visible_len(markup) <= max {
        return markup.to_owned();
    }
    let mut left = max.saturating_sub(1);
    let mut cut = String::with_capacity(markup.len());
    let mut open: Vec<&str> = Vec::new();
    for piece in Pieces(markup) {
        match piece {
            Piece::Open(_, name) => open.push(name),
            Piece::Close(..) => drop(open.pop()),
            Piece::Letters(..) if piece.units() > left => break,
            Piece::Letters(..) => left -= piece.units(),
        }
        cut.push_str(piece.source());
    }
    cut.push('…');
    cut.extend(open.iter().rev().flat_map(|name| ["</", name, ">"]));
    cut
}

/// Cuts plain `text` to at most `max` UTF-16 units, ending in `…`.
pub fn truncate_plain(text: &str, max: usize) -> String {
    if text.encode_utf16().count() <= max {
        return text.to_owned();
    }
    let mut left = max.saturating_sub(1);
    let fits = |letter: &char| {
        let fits = letter.len_utf16() <= left;
        left = left.saturating_sub(if fits { letter.len_utf16() } else { left });
        fits
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// A part of markup: a tag, or one visible letter.
#[derive(Clone, Copy)]
enum Piece<'a> {
    /// An opening tag and its name.
    Open(&'a str, &'a str),
    /// A closing tag.
    Close(&'a str),
    /// A letter or an entity, and its length in UTF-16 units.
    Letters(&'a str, usize),
}

impl<'a> Piece<'a> {
    fn source(&self) -> &'a str {
        match self {
            Self::Open(source, _) | Self::Close(source) | Self::Letters(source, _) => source,
        }
    }

    fn units(&self) -> usize {
        if let Self::Letters(_, units) = self { *units } else { 0 }
    }
}

/// Walks over markup piece by piece; what is neither tag nor entity is letters.
struct Pieces<'a>(&'a str);

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let first = self.0.chars().next()?;
        let piece = match first {
            '<' => self.tag(),
            '&' => self.entity(),
            _ => None,
        };
        let (letter, _) = self.0.split_at(first.len_utf8());
        let piece = piece.unwrap_or(Piece::Letters(letter, first.len_utf16()));
        self.0 = &self.0[piece.source().len()..];
        Some(piece)
    }
}

impl<'a> Pieces<'a> {
    fn tag(&self) -> Option<Piece<'a>> {
        let source = &self.0[..=self.0.find('>')?];
        let inner = &source[1..source.len() - 1];
        if inner.starts_with('/') {
            return Some(Piece::Close(source));
        }
        let name = inner.split(char::is_whitespace).next().filter(|name| !name.is_empty())?;
        Some(Piece::Open(source, name))
    }

    /// Named entities stand for one unit; numbered ones for the letter they number.
    fn entity(&self) -> Option<Piece<'a>> {
        let source = &self.0[..=self.0.bytes().take(12).position(|byte| byte == b';')?];
        let name = &source[1..source.len() - 1];
        if matches!(name, "lt" | "gt" | "amp" | "quot") {
            return Some(Piece::Letters(source, 1));
        }
        let digits = name.strip_prefix('#')?;
        let number = match digits.strip_prefix('x') {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => digits.parse(),
        };
        Some(Piece::Letters(source, char::from_u32(number.ok()?)?.len_utf16()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_cannot_become_markup() {
        assert_eq!(
            escape(r#"<b a="1">&amp;'</b>"#),
            "&lt;b a=&quot;1&quot;&gt;&amp;amp;'&lt;/b&gt;"
        );
    }

    #[test]
    fn what_people_write_turns_nothing_around() {
        for (text, expect) in [
            ("Ada", "\u{2068}Ada\u{2069}"),
            ("a\u{202e}b\u{2069}c", "\u{2068}abc\u{2069}"),
            ("a\nb", "\u{2068}a b\u{2069}"),
            ("<b>", "\u{2068}&lt;b&gt;\u{2069}"),
        ] {
            assert_eq!(quoted(text), expect);
        }
    }

    #[test]
    fn length_counts_what_is_seen_in_utf_16_units() {
        for (markup, units) in [
            ("", 0),
            ("abc", 3),
            ("<b>abc</b>", 3),
            ("&lt;&gt;&amp;&quot;", 4),
            ("&nbsp;", 6),
            ("&#128512;&#x41;", 3),
            ("😀é", 3),
            (r#"<a href="https://x/?a&amp;b">x</a>"#, 1),
            ("a < b", 5),
            ("a &", 3),
        ] {
            assert_eq!(visible_len(markup), units, "{markup}");
        }
    }

    #[test]
    fn a_cut_keeps_letters_entities_and_tags_whole() {
        for (markup, max, expect) in [
            ("abc", 3, "abc"),
            ("abcd", 3, "ab…"),
            ("<b>abcd</b>", 3, "<b>ab…</b>"),
            ("<b><i>ab</i>cd</b>e", 4, "<b><i>ab</i>c…</b>"),
            ("a&lt;b&lt;c", 3, "a&lt;…"),
            ("a😀bc", 3, "a…"),
            ("a😀bc", 4, "a😀…"),
            (r#"<a href="x">abcd</a>"#, 2, r#"<a href="x">a…</a>"#),
            ("abc", 0, "…"),
        ] {
            assert_eq!(truncate(markup, max), expect, "{markup}");
        }
        let long = format!("<b>{}</b>", "😀".repeat(3000));
        let cut = truncate(&long, 4096);
        assert_eq!(visible_len(&cut), 4095);
        assert!(cut.ends_with("😀…</b>"));
    }

    #[test]
    fn plain_text_is_cut_between_letters() {
        for (text, max, expect) in
            [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("a😀bc", 3, "a…"), ("a😀bc", 4, "a😀…")]
        {
            assert_eq!(truncate_plain(text, max), expect, "{text}");
        }
    }
}
