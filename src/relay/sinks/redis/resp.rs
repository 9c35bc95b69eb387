//! The protocol of Redis (RESP 2), as much as a producer needs.

use std::fmt::Write as _;

/// The longest text of a reply; ours are numbers, ids and short sentences.
const TEXT_MAX: usize = 64 << 10;

/// The most elements of a list; a transaction has one for each update of a batch.
const ELEMENTS_MAX: usize = 10_000;

/// Lists in lists end here; ours have one level.
const DEPTH_MAX: usize = 4;

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// A short or a long text.
    Text(String),
    /// An error of the server.
    Error(String),
    /// A number.
    Number(i64),
    /// A list.
    List(Vec<Reply>),
    /// Nothing.
    Nothing,
}

/// What is no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl Reply {
    /// The first error in it. A transaction that was given up is nothing at all.
    pub fn error(&self) -> Option<&str> {
        match self {
            Self::Error(error) => Some(error),
            Self::List(replies) => replies.iter().find_map(Self::error),
            Self::Nothing => Some("EXECABORT the transaction was given up"),
            Self::Text(_) | Self::Number(_) => None,
        }
    }
}

/// Appends the command of these `words` to `bytes`.
pub fn command(bytes: &mut Vec<u8>, words: &[&[u8]]) {
    let mut head = String::new();
    // Writing to a string cannot fail.
    let _ = write!(head, "*{}\r\n", words.len());
    bytes.extend_from_slice(head.as_bytes());
    for word in words {
        head.clear();
        let _ = write!(head, "${}\r\n", word.len());
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(word);
        bytes.extend_from_slice(b"\r\n");
    }
}

/// The reply that `bytes` begin with and its length; `None` if more bytes have to come.
pub fn next(bytes: &[u8]) -> Result<Option<(Reply, usize)>, Malformed> {
    let mut reader = Reader { bytes, at: 0 };
    match reader.reply(DEPTH_MAX) {
        Ok(reply) => Ok(Some((reply, reader.at))),
        Err(Stop::More) => Ok(None),
        Err(Stop::Malformed) => Err(Malformed),
    }
}

/// Why reading ends.
enum Stop {
    More,
    Malformed,
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn reply(&mut self, depth: usize) -> Result<Reply, Stop> {
        let line = self.line()?;
        let (kind, rest) = line.split_at_checked(1).ok_or(Stop::Malformed)?;
        match kind {
            "+" => Ok(Reply::Text(rest.to_owned())),
            "-" => Ok(Reply::Error(rest.to_owned())),
            ":" => Ok(Reply::Number(number(rest)?)),
            "$" => match length(rest, TEXT_MAX)? {
                Some(length) => self.text(length).map(Reply::Text),
                None => Ok(Reply::Nothing),
            },
            "*" if depth > 0 => match length(rest, ELEMENTS_MAX)? {
                Some(count) => (0..count)
                    .map(|_| self.reply(depth - 1))
                    .collect::<Result<_, _>>()
                    .map(Reply::List),
                None => Ok(Reply::Nothing),
            },
            _ => Err(Stop::Malformed),
        }
    }

    /// The next line without its end.
    fn line(&mut self) -> Result<String, Stop> {
        let rest = &self.bytes[self.at..];
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
            return Err(if rest.len() > TEXT_MAX { Stop::Malformed } else { Stop::More });
        };
        self.at += end + 1;
        let line = rest[..end].strip_suffix(b"\r").ok_or(Stop::Malformed)?;
        Ok(String::from_utf8_lossy(line).into_owned())
    }

    fn text(&mut self, length: usize) -> Result<String, Stop> {
        let rest = &self.bytes[self.at..];
        let Some((text, end)) = rest.split_at_checked(length) else { return Err(Stop::More) };
        let Some(end) = end.get(..2) else { return Err(Stop::More) };
        self.at += length + 2;
        if end != b"\r\n" {
            return Err(Stop::Malformed);
        }
        Ok(String::from_utf8_lossy(text).into_owned())
    }
}

fn number(text: &str) -> Result<i64, Stop> {
    text.parse().map_err(|_| Stop::Malformed)
}

/// A length up to `most`; `None` is the server's nothing.
fn length(text: &str, most: usize) -> Result<Option<usize>, Stop> {
    match number(text)? {
        -1 => Ok(None),
        length => {
            let length = usize::try_from(length).map_err(|_| Stop::Malformed)?;
            if length > most { Err(Stop::Malformed) } else { Ok(Some(length)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_read_when_they_are_whole() {
        let text = |text: &str| Reply::Text(text.to_owned());
        for (bytes, expected) in [
            ("+OK\r\n", text("OK")),
            (":-7\r\n", Reply::Number(-7)),
            ("$5\r\na\r\nbc\r\n", text("a\r\nbc")),
            ("$0\r\n\r\n", text("")),
            ("$-1\r\n", Reply::Nothing),
            ("*0\r\n", Reply::List(Vec::new())),
            ("*2\r\n:1\r\n$3\r\n1-0\r\n", Reply::List(vec![Reply::Number(1), text("1-0")])),
        ] {
            for cut in 0..bytes.len() {
                assert_eq!(next(&bytes.as_bytes()[..cut]), Ok(None), "{bytes:?} cut at {cut}");
            }
            let more = format!("{bytes}+more");
            assert_eq!(next(more.as_bytes()), Ok(Some((expected, bytes.len()))));
        }
    }

    #[test]
    fn what_is_no_reply_is_refused() {
        for bytes in [
            "HTTP/1.1 400\r\n",
            "\r\n",
            "+OK\n",
            ":x\r\n",
            "$70000\r\n",
            "$-2\r\n",
            "$1\r\nabc\r\n",
            "*10001\r\n",
            "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
            ":99999999999999999999\r\n",
        ] {
            assert_eq!(next(bytes.as_bytes()), Err(Malformed), "{bytes:?}");
        }
        assert_eq!(next(&vec![b'+'; TEXT_MAX + 2]), Err(Malformed));
    }

    #[test]
    fn an_error_in_a_transaction_is_found() {
        let (reply, _) = next(b"*2\r\n:1\r\n-WRONGTYPE no list\r\n").unwrap().unwrap();
        assert_eq!(reply.error(), Some("WRONGTYPE no list"));
        assert!(next(b"*-1\r\n").unwrap().unwrap().0.error().is_some());
    }

    #[test]
    fn a_command_is_its_words_with_their_lengths() {
        let mut bytes = Vec::new();
        command(&mut bytes, &[b"RPUSH", b"", "\u{e9}\r\n".as_bytes()]);
        assert_eq!(bytes, "*3\r\n$5\r\nRPUSH\r\n$0\r\n\r\n$4\r\n\u{e9}\r\n\r\n".as_bytes());
    }
}
