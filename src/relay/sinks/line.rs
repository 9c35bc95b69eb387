//! A TCP connection to a broker on which nothing waits for ever, and whose waits end at the stop.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{self, AddressFamily, RecvFlags, SocketFlags, SocketType, sockopt};

use crate::relay::sink::{Cause, PATIENCE};
use crate::relay::{Stop, Watch};

/// How often somebody who connects looks whether it is time to stop.
const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };

/// Bytes read at once.
const READ: usize = 16 << 10;

/// A connection.
pub struct Line {
    stream: TcpStream,
    used: Instant,
    // Ends what waits for the stream.
    _watch: Watch,
}

impl Line {
    /// Connects to the first address of `host` that answers.
    pub fn connect(host: &str, port: u16, stop: &Stop) -> Result<Self, Cause> {
        let addresses = (host, port).to_socket_addrs();
        let addresses = addresses.map_err(|_| Cause::again(format!("cannot resolve `{host}`")))?;
        let mut reason = Cause::again(format!("`{host}` has no address"));
        for address in addresses {
            match connect(address, stop).and_then(|stream| Self::over(stream, stop)) {
                Ok(line) => return Ok(line),
                Err(error) => reason = trouble(&error),
            }
        }
        Err(reason)
    }

    fn over(stream: TcpStream, stop: &Stop) -> io::Result<Self> {
        stream.set_nonblocking(false)?;
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let also = stream.try_clone()?;
        let watch = stop.watch(move || drop(also.shutdown(Shutdown::Both)));
        Ok(Self { stream, used: Instant::now(), _watch: watch })
    }

    /// The stream itself, for a client that does its own reading.
    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Ends it, and with it whatever waits for it.
    #[cfg(any(feature = "amqp", test))]
    pub fn hang_up(&self) {
        drop(self.stream.shutdown(Shutdown::Both));
    }

    /// Notes that it was used, by a client that does its own reading.
    pub fn touch(&mut self) {
        self.used = Instant::now();
    }

    /// Whether it may be used again: used no longer than `idle` ago, not closed by the other side,
    /// and nothing was said on it that nobody asked for.
    pub fn is_fresh(&self, idle: Duration) -> bool {
        self.used.elapsed() < idle && matches!(self.peek(), Err(Errno::AGAIN))
    }

    /// Whether nobody has closed it.
    #[cfg(any(feature = "amqp", test))]
    pub fn is_open(&self) -> bool {
        matches!(self.peek(), Err(Errno::AGAIN) | Ok(1))
    }

    fn peek(&self) -> Result<usize, Errno> {
        let mut byte = [0_u8; 1];
        net::recv(&self.stream, byte.as_mut_slice(), RecvFlags::PEEK | RecvFlags::DONTWAIT)
            .map(|(bytes, _)| bytes)
    }

    /// Sends all of `bytes`.
    pub fn send(&mut self, bytes: &[u8]) -> Result<(), Cause> {
        self.used = Instant::now();
        self.stream.write_all(bytes).map_err(|error| trouble(&error))
    }

    /// Appends what comes next to `to`.
    ///
    /// What came is acknowledged at once, each time anew: a broker that sends many small answers, as
    /// mosquitto does, holds them back until then (RFC 896), which makes 40 ms for each batch.
    pub fn hear(&mut self, to: &mut Vec<u8>) -> Result<(), Cause> {
        let before = to.len();
        to.resize(before + READ, 0);
        // Only slower without it.
        let _ = sockopt::set_tcp_quickack(&self.stream, true);
        let heard = self.stream.read(&mut to[before..]);
        to.truncate(before + heard.as_ref().copied().unwrap_or(0));
        self.used = Instant::now();
        match heard {
            Ok(0) => Err(Cause::again(CLOSED)),
            Ok(_) => Ok(()),
            Err(error) => Err(trouble(&error)),
        }
    }
}

const CLOSED: &str = "the connection was closed";

/// Connects within [`PATIENCE`] or until the stop.
fn connect(address: SocketAddr, stop: &Stop) -> io::Result<TcpStream> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = net::socket_with(family, SocketType::STREAM, flags, None)?;
    match net::connect(&socket, &address) {
        Ok(()) => return Ok(socket.into()),
        Err(Errno::INPROGRESS) => {}
        Err(error) => return Err(error.into()),
    }
    let until = Instant::now() + PATIENCE;
    while !stop.is_set() && Instant::now() < until {
        let mut sockets = [PollFd::new(&socket, PollFlags::OUT)];
        if poll(&mut sockets, Some(&LOOK))? > 0 {
            sockopt::socket_error(&socket)??;
            return Ok(socket.into());
        }
    }
    Err(ErrorKind::TimedOut.into())
}

/// An error of a socket in words.
pub fn trouble(error: &io::Error) -> Cause {
    let reason = match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => {
            return Cause::again(format!("no answer for {} seconds", PATIENCE.as_secs()));
        }
        ErrorKind::ConnectionRefused => "connection refused",
        ErrorKind::HostUnreachable => "host unreachable",
        ErrorKind::NetworkUnreachable => "network unreachable",
        ErrorKind::UnexpectedEof
        | ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::NotConnected => CLOSED,
        _ => return Cause::again(error.to_string()),
    };
    Cause::again(reason)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;

    fn listener() -> (TcpListener, u16) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        (listener, port)
    }

    #[test]
    fn a_line_that_the_other_side_closed_is_stale() {
        let (listener, port) = listener();
        let line = Line::connect("127.0.0.1", port, &Stop::default()).unwrap();
        let (other, _) = listener.accept().unwrap();
        assert!(line.is_fresh(PATIENCE) && line.is_open());
        assert!(!line.is_fresh(Duration::ZERO));
        drop(other);
        let mut bytes = Vec::new();
        let mut line = line;
        assert_eq!(line.hear(&mut bytes), Err(Cause::again(CLOSED)));
        assert!(!line.is_fresh(PATIENCE) && !line.is_open());
    }

    #[test]
    fn what_nobody_asked_for_makes_a_line_stale_and_not_closed() {
        let (listener, port) = listener();
        let line = Line::connect("127.0.0.1", port, &Stop::default()).unwrap();
        let (mut other, _) = listener.accept().unwrap();
        other.write_all(b"bye").unwrap();
        while line.is_fresh(PATIENCE) {
            std::thread::yield_now();
        }
        assert!(line.is_open());
        line.hang_up();
        assert!(!line.is_fresh(PATIENCE));
    }

    #[test]
    fn a_stop_ends_waiting_for_an_answer() {
        let (listener, port) = listener();
        let stop = Stop::default();
        let mut line = Line::connect("localhost", port, &stop).unwrap();
        let (_other, _) = listener.accept().unwrap();
        let waits = crate::thread::spawn("hears", move || {
            assert!(line.hear(&mut Vec::new()).is_err());
        });
        stop.set();
        drop(waits.unwrap());
    }

    #[test]
    fn trouble_is_told_in_words() {
        let (listener, port) = listener();
        drop(listener);
        let refused = Line::connect("127.0.0.1", port, &Stop::default()).err();
        assert_eq!(refused, Some(Cause::again("connection refused")));
        let unknown = Line::connect("no.such.host.invalid", 1, &Stop::default()).err();
        assert_eq!(unknown, Some(Cause::again("cannot resolve `no.such.host.invalid`")));
    }
}
