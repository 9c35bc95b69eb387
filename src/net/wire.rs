//! One client's socket: reads heads and bodies by their deadlines, writes answers in one call.

use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::net::address::Scheme;
use crate::net::answer::{Answer, Printed};
use crate::net::head::{HEAD_BYTES, Head, HeadError, end, parse};
use crate::net::limits::Limits;
use crate::net::socket::Socket;

/// First size of the head buffer: most heads fit, and idle connections stay small.
const HEAD_BUFFER: usize = 4 * 1024;

/// Memory for a body is taken in steps of this, as bytes arrive, not as they are announced.
const BODY_STEP: usize = 64 * 1024;

/// A client that reads an answer slower than this many bytes per second loses the connection.
const SLOWEST_READER: u64 = 8 * 1024;

/// Most bytes read and thrown away after a refusal.
const DISCARDED: usize = 16 * 1024 * 1024;

/// The shortest read timeout the kernel is given; zero would mean none at all.
const SHORTEST: Duration = Duration::from_millis(1);

/// Why a connection ends.
#[derive(Debug)]
pub(crate) enum End {
    /// Nobody is there to be told.
    Gone,
    /// The client is told, then we close: what follows on the socket cannot be understood any more.
    Refused(Box<Answer>),
}

/// A blocking socket and what is known about its time limits.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: Arc<Socket>,
    limits: Limits,
    buffer: Vec<u8>,
    /// When the first head is due; `None` once it was read.
    first: Option<Instant>,
    /// The socket's read timeout as last set.
    patience: Duration,
}

impl Wire {
    /// Takes a fresh connection whose first head is due at `due`; fails if the client has already
    /// closed it.
    pub(crate) fn new(stream: Arc<Socket>, limits: Limits, due: Instant) -> io::Result<Self> {
        let patience = due.saturating_duration_since(Instant::now()).max(SHORTEST);
        stream.tcp().set_write_timeout(Some(limits.write))?;
        stream.tcp().set_read_timeout(Some(patience))?;
        Ok(Self { stream, limits, buffer: vec![0; HEAD_BUFFER], first: Some(due), patience })
    }

    /// The next head. Its bytes, and no byte after them, are taken out of the kernel.
    ///
    /// A whole head in one piece costs two calls: a look that waits for it, and the read.
    pub(crate) fn head(&mut self) -> Result<Head, End> {
        let mut deadline = self.first.take();
        if deadline.is_none() {
            self.be_patient(self.limits.idle)?;
        }
        let (mut filled, mut blank) = (0, false);
        loop {
            let arrived = self.look(filled)?;
            match end(&self.buffer[..filled + arrived], filled)? {
                // One empty line before a request is forgiven (RFC 9112 §2.2).
                Some(2) if !blank => {
                    self.consume(filled, 2)?;
                    (filled, blank) = (0, true);
                }
                Some(end) => {
                    self.consume(filled, end)?;
                    return Ok(parse(&self.buffer[..end])?);
                }
                None => {
                    self.consume(filled, filled + arrived)?;
                    filled += arrived;
                }
            }
            let due = *deadline.get_or_insert_with(|| Instant::now() + self.limits.head);
            self.wait(due, "the head of the request did not arrive in time")?;
        }
    }

    /// A body of `length` bytes, within the body's deadline.
    pub(crate) fn body(&mut self, length: usize) -> Result<Vec<u8>, End> {
        let mut body = Vec::new();
        if length == 0 {
            return Ok(body);
        }
        let due = Instant::now() + self.limits.body;
        while body.len() < length {
            if self.receive(&mut body, length)? == Arrival::NotYet {
                self.wait(due, "the body of the request did not arrive in time")?;
            }
        }
        Ok(body)
    }

    /// Writes an answer; an error when the client does not read it.
    pub(crate) fn send(&self, printed: &Printed) -> io::Result<()> {
        let mut parts = [IoSlice::new(&printed.head), IoSlice::new(&printed.body)];
        let mut parts = &mut parts[..];
        let length = (printed.head.len() + printed.body.len()) as u64;
        let started = Instant::now();
        let allowed = self.limits.write + Duration::from_secs(length / SLOWEST_READER);
        let mut sent = 0;
        loop {
            match (&*self.stream).write_vectored(parts) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => {
                    sent += count as u64;
                    IoSlice::advance_slices(&mut parts, count);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => (),
                Err(error) => return Err(error),
            }
            if sent == length {
                return Ok(());
            }
            if started.elapsed() >= allowed {
                return Err(ErrorKind::TimedOut.into());
            }
        }
    }

    /// How the client speaks to us.
    pub(crate) fn scheme(&self) -> Scheme {
        self.stream.scheme()
    }

    /// Lets the client send its body.
    pub(crate) fn send_continue(&self) -> io::Result<()> {
        (&*self.stream).write_all(b"HTTP/1.1 100 Continue\r\n\r\n")
    }

    /// Ends our side and throws away what still comes for a while: closing with unread bytes would
    /// reset the connection, and the reset overtakes the answer.
    pub(crate) fn linger(&mut self) {
        if self.stream.end().is_err() {
            return;
        }
        let due = Instant::now() + self.limits.linger;
        let mut discarded = 0;
        while discarded < DISCARDED {
            match self.stream.receive(&mut self.buffer) {
                Ok(0) => return,
                Ok(count) => discarded += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => (),
                Err(error) if is_empty(&error) && self.stream.readable_by(due) => (),
                Err(_) => return,
            }
        }
    }

    /// The socket without time limits, if nobody else holds it (a gate that stops does for a moment).
    pub(crate) fn into_stream(self) -> io::Result<Socket> {
        let stream = Arc::into_inner(self.stream).ok_or(ErrorKind::Interrupted)?;
        stream.tcp().set_read_timeout(None)?;
        stream.tcp().set_write_timeout(None)?;
        Ok(stream)
    }

    /// Sets the read timeout, if it is not so already.
    fn be_patient(&mut self, patience: Duration) -> Result<(), End> {
        if self.patience != patience {
            self.stream.tcp().set_read_timeout(Some(patience)).map_err(|_| End::Gone)?;
            self.patience = patience;
        }
        Ok(())
    }

    /// Copies what has arrived behind the `filled` bytes of the buffer and leaves it in the kernel.
    fn look(&mut self, filled: usize) -> Result<usize, End> {
        if filled == self.buffer.len() {
            self.buffer.resize((filled * 2).min(HEAD_BYTES), 0);
        }
        loop {
            match self.stream.peek(&mut self.buffer[filled..]) {
                Ok(0) => return Err(End::Gone),
                Ok(count) => return Ok(count),
                Err(error) if error.kind() == ErrorKind::Interrupted => (),
                Err(_) => return Err(End::Gone),
            }
        }
    }

    /// Takes the bytes from `start` to `end` of the buffer out of the kernel, where a look found them.
    fn consume(&mut self, start: usize, end: usize) -> Result<(), End> {
        (&*self.stream).read_exact(&mut self.buffer[start..end]).map_err(|_| End::Gone)
    }

    /// Appends what has arrived of a body of `length` bytes, and no byte of the next request.
    fn receive(&mut self, body: &mut Vec<u8>, length: usize) -> Result<Arrival, End> {
        let start = body.len();
        body.resize(length.min(start + BODY_STEP), 0);
        let received = self.stream.receive(&mut body[start..]);
        body.truncate(start + received.as_ref().map_or(0, |count| *count));
        match received {
            Ok(0) => Err(End::Gone),
            Ok(_) => Ok(Arrival::Some),
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(Arrival::Some),
            Err(error) if is_empty(&error) => Ok(Arrival::NotYet),
            Err(_) => Err(End::Gone),
        }
    }

    /// Waits for more bytes; 408 with `reason` at the deadline.
    fn wait(&self, due: Instant, reason: &str) -> Result<(), End> {
        if self.stream.readable_by(due) { Ok(()) } else { Err(End::refused(408, reason)) }
    }
}

/// Nothing has arrived yet.
fn is_empty(error: &io::Error) -> bool {
    error.kind() == ErrorKind::WouldBlock
}

/// Whether a look for body bytes found any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arrival {
    Some,
    NotYet,
}

impl End {
    pub(crate) fn refused(status: u16, reason: &str) -> Self {
        Self::Refused(Box::new(Answer::detail(status, reason)))
    }
}

impl From<HeadError> for End {
    fn from(error: HeadError) -> Self {
        Self::refused(error.status(), &error.to_string())
    }
}
