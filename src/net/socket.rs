//! One client's socket, plain or with TLS: the only place of `net` that knows the difference.
//!
//! Reads wait for at most the socket's read timeout (`SO_RCVTIMEO`), which with TLS counts for the
//! wait as a whole, however the records trickle in. Sends through `Socket::send` never wait.

use std::fmt;
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendFlags, recv, send, sendmsg};
use rustls::ServerConfig;

use crate::net::address::Scheme;
use crate::net::tls::records::{Fed, Records};

/// Sends never wait, and a client that is gone is an error, not a signal.
const FLAGS: SendFlags = SendFlags::DONTWAIT.union(SendFlags::NOSIGNAL);

/// A connection of a client. Without TLS its methods are the system calls of the same name.
pub struct Socket {
    tcp: TcpStream,
    tls: Option<Box<Records>>,
}

impl Socket {
    /// A connection that was just accepted; with TLS if there is a configuration for it.
    pub(crate) fn new(tcp: TcpStream, tls: Option<Arc<ServerConfig>>) -> io::Result<Self> {
        tcp.set_nodelay(true)?;
        let tls = tls.map(|config| Records::new(config).map(Box::new)).transpose()?;
        Ok(Self { tcp, tls })
    }

    /// The TLS handshake, if there is to be one, until `due`.
    pub(crate) fn shake_hands(&self, due: Instant) -> io::Result<()> {
        let Some(tls) = &self.tls else { return Ok(()) };
        while !tls.are_ready(&self.tcp)? {
            let awaited = if tls.are_behind() { PollFlags::OUT } else { PollFlags::IN };
            match tls.feed(&self.tcp)? {
                Fed::End => return Err(ErrorKind::UnexpectedEof.into()),
                Fed::Bytes if Instant::now() < due => (),
                Fed::Nothing if self.ready(awaited, Some(due)) => (),
                _ => return Err(ErrorKind::TimedOut.into()),
            }
        }
        Ok(())
    }

    /// What the client's URL begins with.
    pub fn scheme(&self) -> Scheme {
        if self.tls.is_some() { Scheme::Https } else { Scheme::Http }
    }

    /// The socket itself, for its options, for polling and to shut it down; never for bytes.
    pub fn tcp(&self) -> &TcpStream {
        &self.tcp
    }

    /// Copies what has arrived and leaves it there; waits for the first byte.
    pub(crate) fn peek(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match &self.tls {
            None => self.tcp.peek(buffer),
            Some(tls) => self.decrypted(tls, || tls.look(buffer)),
        }
    }

    /// What has arrived; [`ErrorKind::WouldBlock`] if that is nothing.
    pub(crate) fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(tls) = &self.tls else {
            return Ok(recv(&self.tcp, buffer, RecvFlags::DONTWAIT).map(|(_, count)| count)?);
        };
        match tls.take(buffer) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                tls.feed(&self.tcp)?;
                // Half a record is nothing yet; whoever waits comes again.
                tls.take(buffer)
            }
            result => result,
        }
    }

    /// Waits for bytes to read, or for the end; false at `due`.
    pub(crate) fn readable_by(&self, due: Instant) -> bool {
        let Some(tls) = &self.tls else { return self.ready(PollFlags::IN, Some(due)) };
        loop {
            if tls.have_arrived() {
                return due > Instant::now();
            }
            match tls.feed(&self.tcp) {
                Ok(Fed::Bytes | Fed::End) if due > Instant::now() => (),
                Ok(Fed::Nothing) if self.ready(PollFlags::IN, Some(due)) => (),
                Ok(_) => return false,
                // The read will tell.
                Err(_) => return true,
            }
        }
    }

    /// Sends what can be sent at once; how many bytes that are, 0 if none.
    pub(crate) fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        match &self.tls {
            None => taken(|| send(&self.tcp, bytes, FLAGS)),
            Some(tls) => tls.send(&self.tcp, &[IoSlice::new(bytes)]),
        }
    }

    /// The same for many pieces in a row.
    pub(crate) fn send_slices(&self, slices: &[IoSlice]) -> io::Result<usize> {
        match &self.tls {
            None => {
                taken(|| sendmsg(&self.tcp, slices, &mut SendAncillaryBuffer::default(), FLAGS))
            }
            Some(tls) => tls.send(&self.tcp, slices),
        }
    }

    /// Tries to hand the kernel what it has not taken of bytes that count as sent; true when nothing
    /// is left. Only TLS keeps such bytes, at most one record.
    pub(crate) fn has_caught_up(&self) -> bool {
        // A socket that failed has nothing left to be waited for.
        self.tls.as_ref().is_none_or(|tls| tls.flush(&self.tcp).unwrap_or(true))
    }

    /// Ends our side: with TLS the client is told so, as it cannot tell an end from an attack.
    pub(crate) fn end(&self) -> io::Result<()> {
        if let Some(tls) = &self.tls {
            tls.end(&self.tcp);
        }
        self.tcp.shutdown(Shutdown::Write)
    }

    /// Reads with `read`, decrypting what arrives, until it gives something or the socket's read
    /// timeout is over.
    fn decrypted(
        &self,
        tls: &Records,
        mut read: impl FnMut() -> io::Result<usize>,
    ) -> io::Result<usize> {
        let mut due = None;
        loop {
            match read() {
                Err(error) if error.kind() == ErrorKind::WouldBlock => (),
                result => return result,
            }
            let due = match due {
                Some(due) => due,
                None => *due.insert(after(self.tcp.read_timeout()?)),
            };
            let over = due.is_some_and(|due| due <= Instant::now());
            if over || tls.feed(&self.tcp)? == Fed::Nothing && !self.ready(PollFlags::IN, due) {
                return Err(ErrorKind::WouldBlock.into());
            }
        }
    }

    /// Sends with TLS, waiting like a blocking socket with its write timeout.
    fn send_patiently(&self, tls: &Records, slices: &[IoSlice]) -> io::Result<usize> {
        let patience = self.tcp.write_timeout()?;
        loop {
            let sent = tls.send(&self.tcp, slices)?;
            while !tls.flush(&self.tcp)? {
                if !self.ready(PollFlags::OUT, after(patience)) {
                    return Err(ErrorKind::WouldBlock.into());
                }
            }
            if sent > 0 || slices.iter().all(|slice| slice.is_empty()) {
                return Ok(sent);
            }
        }
    }

    /// Waits until the socket itself is ready; false at `due`.
    fn ready(&self, awaited: PollFlags, due: Option<Instant>) -> bool {
        loop {
            let left = due.map(|due| due.saturating_duration_since(Instant::now()));
            let Ok(timeout) = left.map(Timespec::try_from).transpose() else { return false };
            match poll(&mut [PollFd::new(&self.tcp, awaited)], timeout.as_ref()) {
                Err(Errno::INTR) => (),
                ready => return ready.is_ok_and(|count| count > 0) && left != Some(Duration::ZERO),
            }
        }
    }
}

impl Read for &Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &self.tls {
            None => (&self.tcp).read(buffer),
            Some(tls) => self.decrypted(tls, || tls.take(buffer)),
        }
    }
}

impl Write for &Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &self.tls {
            None => (&self.tcp).write(bytes),
            Some(tls) => self.send_patiently(tls, &[IoSlice::new(bytes)]),
        }
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match &self.tls {
            None => (&self.tcp).write_vectored(slices),
            Some(tls) => self.send_patiently(tls, slices),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let Some(tls) = &self.tls {
            tls.end(&self.tcp);
        }
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tcp, tls } = self;
        f.debug_struct("Socket").field("tcp", tcp).field("tls", &tls.is_some()).finish()
    }
}

/// When `patience` is over; never without one.
fn after(patience: Option<Duration>) -> Option<Instant> {
    patience.map(|patience| Instant::now() + patience)
}

/// What a call to send has given, once it was not interrupted.
fn taken(send: impl Fn() -> Result<usize, Errno>) -> io::Result<usize> {
    loop {
        match send() {
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => return Ok(0),
            result => return Ok(result?),
        }
    }
}
