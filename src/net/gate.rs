//! The listener: accepts connections within the limits and outlives every failure to do so.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{error, fmt};

use ipnet::IpNet;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::net::address::is_trusted;
use crate::net::connection::{Shared, serve};
use crate::net::limits::Limits;
use crate::net::lingering::Lingering;
use crate::net::permit::Permits;
use crate::net::registry::Registry;
use crate::net::request::Site;
use crate::thread::{Handle, detach, spawn};

/// Stack of a connection's thread: apps parse JSON and encode answers on it.
const STACK: usize = 256 * 1024;

/// Connections the kernel keeps for us while we are busy.
const BACKLOG: i32 = 1024;

/// How soon to try again when the kernel itself has nothing left and no connection ended meanwhile.
const PAUSE: Duration = Duration::from_millis(100);

/// Starts a connection's thread; tests let it fail.
type Start = fn(Box<dyn FnOnce() + Send>) -> io::Result<()>;

/// The open public port. Dropping it stops accepting, joins the accept thread and tells every HTTP
/// connection to end after the answer it is at.
#[derive(Debug)]
pub struct Gate {
    address: SocketAddr,
    listener: Arc<TcpListener>,
    registry: Arc<Registry>,
    thread: Option<Handle>,
}

/// Why the port could not be opened.
#[derive(Debug)]
pub enum GateError {
    /// The address cannot be listened on.
    Listen(SocketAddr, io::Error),
    /// No thread for the accept loop.
    Thread(io::Error),
}

struct Acceptor {
    listener: Arc<TcpListener>,
    shared: Arc<Shared>,
    permits: Arc<Permits>,
    refused: Lingering,
    /// A descriptor in reserve: given up for a moment, it lets us refuse a connection we cannot keep.
    spare: Option<File>,
    failing: bool,
    start: Start,
}

impl Gate {
    /// Listens on `address` (port 0 picks one) and answers with `site`.
    ///
    /// Forwarding headers of peers in `trusted` are believed.
    pub fn open(
        address: SocketAddr,
        limits: Limits,
        trusted: Vec<IpNet>,
        site: Arc<dyn Site>,
    ) -> Result<Self, GateError> {
        Self::open_with(address, limits, trusted, site, |body| detach("http", STACK, body))
    }

    fn open_with(
        address: SocketAddr,
        limits: Limits,
        trusted: Vec<IpNet>,
        site: Arc<dyn Site>,
        start: Start,
    ) -> Result<Self, GateError> {
        let (listener, address) = listen(address).map_err(|e| GateError::Listen(address, e))?;
        let listener = Arc::new(listener);
        let registry = Arc::new(Registry::default());
        let most = limits.connections.min(Limits::MOST_CONNECTIONS);
        let acceptor = Acceptor {
            listener: Arc::clone(&listener),
            permits: Permits::new(most, limits.per_address),
            shared: Arc::new(Shared { site, trusted, limits, registry: Arc::clone(&registry) }),
            refused: Lingering::new(),
            spare: spare(),
            failing: false,
            start,
        };
        let thread = spawn("gate", move || acceptor.run()).map_err(GateError::Thread)?;
        Ok(Self { address, listener, registry, thread: Some(thread) })
    }

    /// Where the gate listens, with the port that was picked.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops, then waits up to `patience` for answers under way; how many connections are left.
    pub fn close(self, patience: Duration) -> usize {
        let registry = Arc::clone(&self.registry);
        drop(self);
        registry.wait_until_empty(patience)
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.registry.stop();
        // Wakes the accept thread; cannot fail for a socket that listens.
        let _ = rustix::net::shutdown(&*self.listener, rustix::net::Shutdown::Both);
        drop(self.thread.take());
        self.registry.wake();
    }
}

impl Acceptor {
    fn run(mut self) {
        loop {
            self.wait();
            if self.shared.registry.is_stopping() {
                return;
            }
            match self.listener.accept() {
                Ok((stream, peer)) => {
                    self.failing = false;
                    self.admit(stream, peer);
                }
                Err(error) if is_passing(&error) => (),
                Err(error) => self.survive(&error),
            }
        }
    }

    /// Sleeps until a client comes, or a refused one has been kept long enough.
    fn wait(&mut self) {
        let timeout = self.refused.expire().and_then(|left| Timespec::try_from(left).ok());
        // Whatever it returns, accept tells what is the matter.
        let _ = poll(&mut [PollFd::new(&*self.listener, PollFlags::IN)], timeout.as_ref());
    }

    fn admit(&mut self, stream: TcpStream, peer: SocketAddr) {
        let address = peer.ip();
        let counted = (!is_trusted(address, &self.shared.trusted)).then_some(address);
        let Ok(permit) = self.permits.admit(counted) else {
            log::debug!("{address}: too many connections");
            return self.refused.refuse(stream);
        };
        // The socket lies in a slot, so that it is still ours when there is no thread for it.
        let slot = Arc::new(Mutex::new(Some(stream)));
        let (given, shared) = (Arc::clone(&slot), Arc::clone(&self.shared));
        let started = (self.start)(Box::new(move || {
            if let Some(stream) = take(&given) {
                drop(given);
                serve(shared, stream, peer, permit);
            }
        }));
        if let Err(error) = started {
            self.warn("cannot start a thread for a connection", &error);
            if let Some(stream) = take(&slot) {
                self.refused.refuse(stream);
            }
        }
    }

    /// After a failed accept: gives up descriptors to refuse the client that waits. If even that fails,
    /// the kernel has nothing left, and we pause until a connection ends.
    fn survive(&mut self, error: &io::Error) {
        self.warn("cannot accept connections", error);
        self.refused.clear();
        drop(self.spare.take());
        let refused = match self.listener.accept() {
            Ok((stream, _)) => {
                self.refused.refuse(stream);
                self.refused.clear();
                true
            }
            Err(error) => is_passing(&error),
        };
        self.spare = spare();
        if !refused || self.spare.is_none() {
            self.permits.wait_for_release(PAUSE);
        }
    }

    /// Logs the first failure of a row.
    fn warn(&mut self, what: &str, error: &io::Error) {
        if !self.failing {
            log::warn!("{what}: {error}; they get 503 until there is room");
        }
        self.failing = true;
    }
}

fn listen(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    rustix::net::listen(&listener, BACKLOG)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

fn spare() -> Option<File> {
    File::open("/dev/null").ok()
}

fn take(slot: &Mutex<Option<TcpStream>>) -> Option<TcpStream> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Nothing is wrong: there was no client after all, or it left.
fn is_passing(error: &io::Error) -> bool {
    use ErrorKind::{ConnectionAborted, Interrupted, WouldBlock};
    matches!(error.kind(), ConnectionAborted | Interrupted | WouldBlock)
}

impl fmt::Display for GateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen(address, error) if error.kind() == ErrorKind::AddrInUse => {
                write!(f, "cannot listen on `{address}`: {error}; set another `port`")
            }
            Self::Listen(address, error) => {
                write!(f, "cannot listen on `{address}`: {error}; check `hostname` and `port`")
            }
            Self::Thread(error) => write!(f, "cannot start the `gate` thread: {error}"),
        }
    }
}

impl error::Error for GateError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Listen(_, error) | Self::Thread(error) => Some(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::answer::Answer;
    use crate::net::head::Head;
    use crate::net::request::{Reply, Request};
    use std::io::{Read, Write};
    use std::sync::atomic::{AtomicBool, Ordering};

    struct Hello;

    impl Site for Hello {
        fn body_limit(&self, _: &Head) -> u64 {
            0
        }

        fn reply(&self, _: Request) -> Reply {
            Answer::text("hello").into()
        }
    }

    static NO_THREADS: AtomicBool = AtomicBool::new(false);

    fn start(body: Box<dyn FnOnce() + Send>) -> io::Result<()> {
        if NO_THREADS.load(Ordering::SeqCst) {
            return Err(ErrorKind::WouldBlock.into());
        }
        detach("http", STACK, body)
    }

    fn ask(gate: &Gate) -> String {
        let mut stream = TcpStream::connect(gate.address()).unwrap();
        let request = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
        // A refusal may come, and the socket close, before the request is out.
        let _ = stream.write_all(request);
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer[..12].to_owned()
    }

    #[test]
    fn a_connection_without_a_thread_is_told_and_leaves_its_place() {
        let limits = Limits { connections: 1, ..Limits::default() };
        let here = "127.0.0.1:0".parse().unwrap();
        let gate = Gate::open_with(here, limits, Vec::new(), Arc::new(Hello), start).unwrap();
        NO_THREADS.store(true, Ordering::SeqCst);
        for _ in 0..3 {
            assert_eq!(ask(&gate), "HTTP/1.1 503");
        }
        NO_THREADS.store(false, Ordering::SeqCst);
        assert_eq!(ask(&gate), "HTTP/1.1 200");
    }
}
