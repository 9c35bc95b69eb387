//! The nearest word: what somebody probably meant by a name we do not know.

/// The candidate nearest to `word`, if it is near enough to be a slip of the hand.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let word = plain(word);
    let rated = candidates.into_iter().map(|name| {
        let letters = plain(name);
        // Of two equally near the one of the same length: `aip` is `api` rather than `ip`.
        ((distance(&word, &letters), word.len().abs_diff(letters.len())), name)
    });
    let ((distance, _), name) = rated.min_by_key(|(rating, _)| *rating)?;
    (distance <= reach(&word, name)).then_some(name)
}

/// One slip in short words, one more for every three letters of long ones.
fn reach(word: &[char], name: &str) -> usize {
    (word.len().max(name.chars().count()) / 3).max(1)
}

/// `Bot_Token` and `bot-token` are the same slip.
fn plain(name: &str) -> Vec<char> {
    /// Longer than any name we know; the rest cannot make it nearer.
    const LONGEST: usize = 80;
    let fold = |letter: char| if letter == '_' { '-' } else { letter.to_ascii_lowercase() };
    name.chars().take(LONGEST).map(fold).collect()
}

/// Insertions, removals, replacements and swaps of neighbours that turn one into the other
/// (optimal string alignment).
fn distance(one: &[char], other: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, against) in other.iter().enumerate() {
            let replaced = above[column] + usize::from(letter != against);
            let mut least = replaced.min(above[column + 1] + 1).min(line[column] + 1);
            if row > 0 && column > 0 && one[row - 1] == *against && *letter == other[column - 1] {
                least = least.min(before[column - 1] + 1);
            }
            line.push(least);
        }
        before = std::mem::replace(&mut above, line);
    }
    above[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_hand_is_understood_and_a_different_word_is_not() {
        let names = ["port", "hostname", "bot-token", "ip", "api", "public-url"];
        for (word, meant) in [
            ("prot", Some("port")),
            ("PORT", Some("port")),
            ("hostnmae", Some("hostname")),
            ("bot_token", Some("bot-token")),
            ("botToken", Some("bot-token")),
            ("pi", Some("ip")),
            ("aip", Some("api")),
            ("public-uri", Some("public-url")),
            ("zebra", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, names), meant, "{word}");
        }
    }
}
