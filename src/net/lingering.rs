//! Connections refused before they got a thread: told so, and kept a moment so that they hear it.
//!
//! Closing a socket whose received bytes were not read resets it, and the reset overtakes the answer.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use crate::net::address::Scheme;
use crate::net::answer::{Answer, Part, Then};

/// Most refused sockets kept at a time.
const KEPT: usize = 64;

/// How long each is kept: a request that was under way arrives within this.
const MOMENT: Duration = Duration::from_secs(2);

/// Most bytes read from one before it is closed.
const DISCARDED: usize = 64 * 1024;

/// All that can be said before a TLS handshake: an alert (RFC 8446 §6), fatal, "internal error".
const ALERT: [u8; 7] = [21, 3, 3, 0, 2, 2, 80];

/// The refused sockets, oldest first.
#[derive(Debug)]
pub(crate) struct Lingering {
    answer: Vec<u8>,
    sockets: VecDeque<(Instant, TcpStream)>,
}

impl Lingering {
    /// For clients that speak like this.
    pub(crate) fn new(scheme: Scheme) -> Self {
        let printed = busy().print(Part::Whole, Then::Close);
        let answer = match scheme {
            Scheme::Http => [printed.head, printed.body.into_owned()].concat(),
            Scheme::Https => ALERT.to_vec(),
        };
        Self { answer, sockets: VecDeque::new() }
    }

    /// Answers without waiting, and keeps the socket a moment.
    pub(crate) fn refuse(&mut self, stream: TcpStream) {
        // Every failure here means that the client is gone.
        if stream.set_nonblocking(true).is_err() || (&stream).write_all(&self.answer).is_err() {
            return;
        }
        drop(stream.shutdown(Shutdown::Write));
        if self.sockets.len() >= KEPT {
            self.close_oldest();
        }
        self.sockets.push_back((Instant::now(), stream));
    }

    /// Closes those kept long enough; how soon to come again, if any is left.
    pub(crate) fn expire(&mut self) -> Option<Duration> {
        while self.sockets.front().is_some_and(|(since, _)| since.elapsed() >= MOMENT) {
            self.close_oldest();
        }
        self.sockets.front().map(|(since, _)| MOMENT.saturating_sub(since.elapsed()))
    }

    fn close_oldest(&mut self) {
        if let Some(oldest) = self.sockets.pop_front() {
            close(oldest);
        }
    }

    /// Closes all: their descriptors are needed.
    pub(crate) fn clear(&mut self) {
        self.sockets.drain(..).for_each(close);
    }
}

/// The answer to whoever finds no place.
pub(crate) fn busy() -> Answer {
    Answer::detail(503, "too many connections; try again in a few seconds").with("Retry-After", "5")
}

fn close((_, mut stream): (Instant, TcpStream)) {
    let mut buffer = [0; 4096];
    for _ in 0..DISCARDED / buffer.len() {
        match stream.read(&mut buffer) {
            Ok(1..) => (),
            Err(error) if error.kind() == ErrorKind::Interrupted => (),
            Ok(0) | Err(_) => return,
        }
    }
}
