//! One line on a socket, within a number of bytes and a time.

use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// How much is read at once.
const CHUNK: usize = 16 * 1024;

/// Reads up to the next line feed: at most `most` bytes, within `patience` altogether.
pub(super) fn read(stream: &UnixStream, most: usize, patience: Duration) -> io::Result<Vec<u8>> {
    let deadline = Instant::now() + patience;
    let mut line = Vec::new();
    loop {
        let part = chunk(stream, deadline)?;
        let end = part.iter().position(|byte| *byte == b'\n');
        line.extend_from_slice(&part[..end.unwrap_or(part.len())]);
        if line.len() > most {
            let what = format!("a line of more than {most} bytes");
            return Err(io::Error::new(ErrorKind::InvalidData, what));
        }
        if end.is_some() {
            return Ok(line);
        }
    }
}

/// Writes a line; the other side has `patience` for each piece it takes.
pub(super) fn write(stream: &UnixStream, mut line: Vec<u8>, patience: Duration) -> io::Result<()> {
    stream.set_write_timeout(Some(patience))?;
    line.push(b'\n');
    (&*stream).write_all(&line)
}

fn chunk(stream: &UnixStream, deadline: Instant) -> io::Result<Vec<u8>> {
    let late = || io::Error::new(ErrorKind::TimedOut, "it took too long");
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(late());
        }
        stream.set_read_timeout(Some(left))?;
        let mut part = vec![0; CHUNK];
        match (&*stream).read(&mut part) {
            Ok(0) => return Err(io::Error::new(ErrorKind::UnexpectedEof, "it hung up")),
            Ok(count) => {
                part.truncate(count);
                return Ok(part);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Err(late()),
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Only a hang makes a test wait for it.
    const PATIENCE: Duration = Duration::from_secs(60);

    #[test]
    fn a_line_ends_at_its_end_and_within_its_bounds() {
        for (sent, expected) in [
            (&b"abc\nrest"[..], Ok("abc")),
            (b"\n", Ok("")),
            (b"abcd\n", Ok("abcd")),
            (b"abcde\n", Err(ErrorKind::InvalidData)),
            (b"abcdefgh", Err(ErrorKind::InvalidData)),
            (b"abc", Err(ErrorKind::UnexpectedEof)),
            (b"", Err(ErrorKind::UnexpectedEof)),
        ] {
            let (ours, theirs) = UnixStream::pair().unwrap();
            (&theirs).write_all(sent).unwrap();
            drop(theirs);
            let line = read(&ours, 4, PATIENCE).map(|line| String::from_utf8(line).unwrap());
            let line = line.map_err(|error| error.kind());
            assert_eq!(line, expected.map(str::to_owned), "{}", sent.escape_ascii());
        }
    }

    #[test]
    fn whoever_says_nothing_is_not_waited_for() {
        let (ours, _theirs) = UnixStream::pair().unwrap();
        let error = read(&ours, 4, Duration::from_millis(1)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }
}
