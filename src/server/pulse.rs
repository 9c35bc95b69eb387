//! Whether the server is alive: it commits, and its port answers.
//!
//! What other parts of the world do (Telegram, brokers) says nothing here: starting again would not
//! mend it.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::net::address::Scheme;
use crate::store::{Store, StoreError};

/// How long the port may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A commit is tried this long after the last try, although nobody needs one: it costs some 30 KB of
/// the megabyte a day that SD cards should bear, so not at every look. Whatever else is committed
/// tells at once.
const TRIED_EVERY: Duration = Duration::from_secs(6 * 3_600);

/// Looks whether the server is alive.
pub struct Pulse {
    store: Store,
    port: SocketAddr,
    scheme: Scheme,
    /// When a commit was last tried for its own sake.
    tried: Option<Instant>,
}

impl Pulse {
    pub(super) fn new(store: Store, port: SocketAddr, scheme: Scheme) -> Self {
        Self { store, port: reachable(port), scheme, tried: None }
    }

    /// What is wrong, if anything is. May block as long as the store does.
    pub fn look(&mut self) -> Result<(), String> {
        self.commits().map_err(|error| format!("nothing can be committed: {error}"))?;
        self.answers().map_err(|error| format!("the port does not answer: {error}"))
    }

    /// The writer takes operations, its last commit succeeded, and now and then one is made.
    fn commits(&mut self) -> Result<(), StoreError> {
        let due = self.tried.is_none_or(|tried| tried.elapsed() >= TRIED_EVERY);
        if !due && !self.store.has_failed() {
            return match self.store.write(|_| Err::<(), _>(Reached::Writer)) {
                Err(Reached::Failure(error)) => Err(error),
                Err(Reached::Writer) | Ok(()) => Ok(()),
            };
        }
        self.store.try_disk()?;
        self.tried = Some(Instant::now());
        Ok(())
    }

    /// A request gets an answer, be it that there is no room. With TLS a client that says nothing is
    /// let go: no handshake is needed to see that connections are accepted and served.
    fn answers(&self) -> io::Result<()> {
        let mut stream = TcpStream::connect_timeout(&self.port, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut first = [0; 1];
        if self.scheme == Scheme::Https {
            stream.shutdown(Shutdown::Write)?;
            return stream.read(&mut first).map(drop);
        }
        let request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        // A refusal may come before the request is out.
        let _ = stream.write_all(request.as_bytes());
        match stream.read(&mut first)? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

/// How an operation ends that is not meant to be kept, so that it costs the disk nothing.
#[derive(Debug)]
enum Reached {
    Writer,
    Failure(StoreError),
}

impl From<StoreError> for Reached {
    fn from(error: StoreError) -> Self {
        Self::Failure(error)
    }
}

/// An address to connect to: where we listen on all, loopback is one of them.
fn reachable(port: SocketAddr) -> SocketAddr {
    let ip = match port.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, port.port())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::thread;
    use std::net::TcpListener;

    #[test]
    fn a_port_that_answers_nothing_is_not_alive() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("db"), |_| Ok(()), Box::new(drop)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap();
        let mut pulse = Pulse::new(store, port, Scheme::Http);
        let answers: [&[u8]; 3] = [b"HTTP/1.1 200 OK\r\n", b"", b"HTTP/1.1 503 Busy\r\n"];
        let server = thread::spawn("server", move || {
            for answer in answers {
                listener.accept().unwrap().0.write_all(answer).unwrap();
            }
        });
        assert_eq!(pulse.look(), Ok(()));
        assert!(pulse.look().unwrap_err().starts_with("the port does not answer"));
        assert_eq!(pulse.look(), Ok(()), "no room is an answer");
        drop(server);
        assert!(pulse.look().is_err(), "nobody listens any more");
    }

    #[test]
    fn a_store_that_is_closed_is_not_alive() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("db"), |_| Ok(()), Box::new(drop)).unwrap();
        store.close();
        let port = "127.0.0.1:1".parse().unwrap();
        let told = Pulse::new(store, port, Scheme::Http).look().unwrap_err();
        assert!(told.starts_with("nothing can be committed"), "{told}");
    }
}
