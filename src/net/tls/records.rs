//! The TLS records of one connection: what was decrypted and not read, what was encrypted and not
//! sent.
//!
//! One thread reads while others send, so the state lies behind a lock, which is held for
//! arithmetic and for sends that never wait; bytes are received outside of it.

use std::io::{self, BufRead, ErrorKind, IoSlice, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::io::Errno;
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendFlags, recv, sendmsg};
use rustls::{ServerConfig, ServerConnection};

/// Bytes taken from the kernel at a time; rustls makes room for as many.
const PIECE: usize = 4 * 1024;

/// Bytes that count as sent although the kernel has not taken them: one record. More would be hidden
/// from the outbox of a client that does not read.
const BEHIND: usize = 16 * 1024;

/// What has arrived at the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fed {
    /// Bytes, of whatever use.
    Bytes,
    /// Nothing yet.
    Nothing,
    /// The end.
    End,
}

/// The state of TLS on one socket.
pub(crate) struct Records(Mutex<ServerConnection>);

impl Records {
    pub(crate) fn new(config: Arc<ServerConfig>) -> io::Result<Self> {
        let mut connection = ServerConnection::new(config).map_err(io::Error::other)?;
        connection.set_buffer_limit(Some(BEHIND));
        Ok(Self(Mutex::new(connection)))
    }

    /// Whether the handshake is done and the client was told so.
    pub(crate) fn are_ready(&self, tcp: &TcpStream) -> io::Result<bool> {
        let mut connection = self.lock();
        Ok(flush(&mut connection, tcp)? && !connection.is_handshaking())
    }

    /// Whether the kernel has yet to take bytes that count as sent.
    pub(crate) fn are_behind(&self) -> bool {
        self.lock().wants_write()
    }

    /// Whether a read has something to give: bytes, the end, or an error.
    pub(crate) fn have_arrived(&self) -> bool {
        let mut connection = self.lock();
        let mut reader = connection.reader();
        !matches!(reader.fill_buf(), Err(error) if error.kind() == ErrorKind::WouldBlock)
    }

    /// Copies decrypted bytes and leaves them.
    pub(crate) fn look(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut connection = self.lock();
        let mut reader = connection.reader();
        let arrived = match reader.fill_buf() {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(0),
            arrived => arrived?,
        };
        let count = arrived.len().min(buffer.len());
        buffer[..count].copy_from_slice(&arrived[..count]);
        Ok(count)
    }

    /// Takes decrypted bytes. An end that was not announced is one, too: what we read says itself
    /// how long it is.
    pub(crate) fn take(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.lock().reader().read(buffer) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(0),
            taken => taken,
        }
    }

    /// Decrypts a piece of what has arrived at the socket.
    ///
    /// Call it only when nothing decrypted is left, as rustls keeps one record of it.
    pub(crate) fn feed(&self, tcp: &TcpStream) -> io::Result<Fed> {
        let mut piece = [0; PIECE];
        let count = match recv(tcp, &mut piece[..], RecvFlags::DONTWAIT) {
            Ok((_, count)) => count,
            Err(Errno::AGAIN | Errno::INTR) => return Ok(Fed::Nothing),
            Err(error) => return Err(error.into()),
        };
        let mut connection = self.lock();
        let fed = digest(&mut connection, &piece[..count]);
        // Also after an error: the alert that names it.
        let flushed = flush(&mut connection, tcp);
        fed.and(flushed)?;
        Ok(if count == 0 { Fed::End } else { Fed::Bytes })
    }

    /// Encrypts and sends, as far as one record; how many bytes, 0 if the kernel takes none now.
    pub(crate) fn send(&self, tcp: &TcpStream, slices: &[IoSlice]) -> io::Result<usize> {
        let mut connection = self.lock();
        if !flush(&mut connection, tcp)? {
            return Ok(0);
        }
        let count = connection.writer().write_vectored(slices)?;
        flush(&mut connection, tcp)?;
        Ok(count)
    }

    /// Hands the kernel what waits; true when nothing does any more.
    pub(crate) fn flush(&self, tcp: &TcpStream) -> io::Result<bool> {
        flush(&mut self.lock(), tcp)
    }

    /// Says that nothing more comes (`close_notify`), if the kernel takes it.
    pub(crate) fn end(&self, tcp: &TcpStream) {
        let mut connection = self.lock();
        connection.send_close_notify();
        // Whoever does not hear it sees the socket end.
        let _ = flush(&mut connection, tcp);
    }

    /// rustls keeps its state whole: a panic in it would end the process anyway.
    fn lock(&self) -> MutexGuard<'_, ServerConnection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Decrypts `piece`; empty is the end of the socket.
fn digest(connection: &mut ServerConnection, mut piece: &[u8]) -> io::Result<()> {
    loop {
        let taken = connection.read_tls(&mut piece)?;
        let processed = connection.process_new_packets();
        processed.map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
        // Nothing is taken at the end, and after the client has said that nothing more comes.
        if taken == 0 || piece.is_empty() {
            return Ok(());
        }
    }
}

/// True when the kernel has taken everything.
fn flush(connection: &mut ServerConnection, tcp: &TcpStream) -> io::Result<bool> {
    while connection.wants_write() {
        match connection.write_tls(&mut Now(tcp)) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(error) if error.kind() == ErrorKind::Interrupted => (),
            Err(error) => return Err(error),
            Ok(_) => (),
        }
    }
    Ok(true)
}

/// A socket written without waiting.
struct Now<'a>(&'a TcpStream);

impl Write for Now<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
        Ok(sendmsg(self.0, slices, &mut SendAncillaryBuffer::default(), flags)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
