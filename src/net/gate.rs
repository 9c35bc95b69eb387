//! The listener: accepts connections within the limits and outlives every failure to do so.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{error, fmt};

use ipnet::IpNet;
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};

use crate::net::address::{Scheme, is_trusted};
use crate::net::connection::{Shared, serve};
use crate::net::limits::Limits;
use crate::net::lingering::Lingering;
use crate::net::permit::Permits;
use crate::net::registry::Registry;
use crate::net::request::Site;
use crate::net::tls::Tls;
use crate::thread::{Handle, detach, spawn};

/// Stack of a connection's thread: apps parse JSON and encode answers on it.
const STACK: usize = 256 * 1024;

/// Connections the kernel keeps for us while we are busy.
const BACKLOG: i32 = 1024;

/// How long the end of a gate waits for answers under way and for clients that have just come.
const FAREWELL: Duration = Duration::from_millis(500);

/// How soon to try again when the kernel itself has nothing left and no connection ended meanwhile.
const PAUSE: Duration = Duration::from_millis(100);

/// Starts a connection's thread; tests let it fail.
type Start = fn(Box<dyn FnOnce() + Send>) -> io::Result<()>;

/// The open public port. Dropping it stops accepting, joins the accept thread, tells every HTTP
/// connection to end after the answer it is at, and waits a moment for those answers.
///
/// Clients that nobody has accepted yet stay with the listener: if another process holds it too, as
/// systemd does, it is that process that answers them.
#[derive(Debug)]
pub struct Gate {
    address: SocketAddr,
    scheme: Scheme,
    wake: Arc<OwnedFd>,
    registry: Arc<Registry>,
    thread: Option<Handle>,
}

/// How a gate treats whoever comes.
#[derive(Default)]
pub struct Rules {
    /// What one client, and all together, may use.
    pub limits: Limits,
    /// Peers whose forwarding headers are believed.
    pub trusted: Vec<IpNet>,
    /// The certificate, if clients speak TLS.
    pub tls: Option<Arc<Tls>>,
}

/// Why the port could not be opened.
#[derive(Debug)]
pub enum GateError {
    /// The address cannot be listened on.
    Listen(SocketAddr, io::Error),
    /// The listener that was handed over cannot be used.
    Given(io::Error),
    /// No thread for the accept loop.
    Thread(io::Error),
}

struct Acceptor {
    listener: TcpListener,
    wake: Arc<OwnedFd>,
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
        Self::on(listen(address)?, Rules { limits, trusted, tls: None }, site)
    }

    /// Accepts on `listener`, which may be another process's too.
    pub fn on(listener: TcpListener, rules: Rules, site: Arc<dyn Site>) -> Result<Self, GateError> {
        Self::start(listener, rules, site, |body| detach("http", STACK, body))
    }

    fn start(
        listener: TcpListener,
        rules: Rules,
        site: Arc<dyn Site>,
        start: Start,
    ) -> Result<Self, GateError> {
        let Rules { limits, trusted, tls } = rules;
        listener.set_nonblocking(true).map_err(GateError::Given)?;
        let address = listener.local_addr().map_err(GateError::Given)?;
        let wake = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK);
        let wake = Arc::new(wake.map_err(|error| GateError::Thread(error.into()))?);
        let scheme = if tls.is_some() { Scheme::Https } else { Scheme::Http };
        let registry = Arc::new(Registry::default());
        let most = limits.connections.min(Limits::MOST_CONNECTIONS);
        let acceptor = Acceptor {
            listener,
            wake: Arc::clone(&wake),
            permits: Permits::new(most, limits.per_address),
            shared: Arc::new(Shared {
                site,
                trusted,
                limits,
                tls,
                registry: Arc::clone(&registry),
            }),
            refused: Lingering::new(scheme),
            spare: spare(),
            failing: false,
            start,
        };
        let thread = spawn("gate", move || acceptor.run()).map_err(GateError::Thread)?;
        Ok(Self { address, scheme, wake, registry, thread: Some(thread) })
    }

    /// Where the gate listens, with the port that was picked.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How clients speak to it.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Where it listens, as a URL.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme.as_str(), self.address)
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
        // Wakes the accept thread. A shutdown of the listener would do, too, but for everybody who
        // holds it.
        let _ = rustix::io::write(&*self.wake, &1_u64.to_ne_bytes());
        drop(self.thread.take());
        self.registry.wake_idle();
        self.registry.wait_until_empty(FAREWELL);
        self.registry.wake_all();
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

    /// Sleeps until a client comes, a refused one has been kept long enough, or the gate stops.
    fn wait(&mut self) {
        let timeout = self.refused.expire().and_then(|left| Timespec::try_from(left).ok());
        // Whatever it returns, accept tells what is the matter.
        let mut awaited = [&self.listener.as_fd(), &self.wake.as_fd()]
            .map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN));
        let _ = poll(&mut awaited, timeout.as_ref());
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
        let counted = (permit, self.shared.registry.enter());
        let started = (self.start)(Box::new(move || {
            if let Some(stream) = take(&given) {
                drop(given);
                serve(shared, stream, peer, counted);
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

/// A listener for [`Gate::on`] at `address`; port 0 picks one.
pub fn listen(address: SocketAddr) -> Result<TcpListener, GateError> {
    let failed = |error| GateError::Listen(address, error);
    let listener = TcpListener::bind(address).map_err(failed)?;
    rustix::net::listen(&listener, BACKLOG).map_err(|error| failed(error.into()))?;
    Ok(listener)
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
            Self::Given(error) => {
                write!(f, "cannot use the listening socket that was handed over: {error}")
            }
            Self::Thread(error) => write!(f, "cannot start the `gate` thread: {error}"),
        }
    }
}

impl error::Error for GateError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Listen(_, error) | Self::Given(error) | Self::Thread(error) => Some(error),
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
        let rules = Rules { limits, ..Rules::default() };
        let gate = Gate::start(listen(here).unwrap(), rules, Arc::new(Hello), start).unwrap();
        NO_THREADS.store(true, Ordering::SeqCst);
        for _ in 0..3 {
            assert_eq!(ask(&gate), "HTTP/1.1 503");
        }
        NO_THREADS.store(false, Ordering::SeqCst);
        assert_eq!(ask(&gate), "HTTP/1.1 200");
    }
}
