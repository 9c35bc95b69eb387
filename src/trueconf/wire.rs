//! Requests to one server: each with a deadline, a bounded answer, and failures that have a name.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::{HeaderValue, Uri};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{ConnectProxyConnector, Connector, NextTimeout, TcpConnector};
use ureq::{Agent, Body};

use super::fault::{Fault, TlsFault};
use super::tls::{Seen, Tls};
use crate::hidden::Hidden;
use crate::settings::{Server, parse};

/// The deadline of every single request, from the name look-up to the last byte.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// Longest answer we read: 500 people with all their groups take some 800 KB.
const ANSWER_MAX: u64 = 2 << 20;

/// An idle connection is used again for this long: below the 5 s after which Apache, which TrueConf
/// Server has inside, closes it.
const IDLE_MAX: Duration = Duration::from_secs(4);

/// Idle connections kept: one per look-up at a time.
const IDLE_CONNECTIONS: usize = super::lookups::AT_ONCE;

/// Buffers of a connection in bytes; a megabyte comes through them in pieces all the same.
const BUFFER: usize = 16 << 10;

/// Connections to one server.
#[derive(Clone)]
pub struct Wire {
    base: String,
    api: Agent,
    status: Agent,
    peek: Agent,
    seen: Seen,
    aborted: Arc<AtomicBool>,
}

/// What to ask, and with which token.
pub struct Request<'a> {
    /// Path and query, encoded.
    pub path: &'a str,
    /// What is sent; nothing means GET.
    pub send: Option<Send<'a>>,
    /// Value of the `Authorization` header.
    pub bearer: Option<&'a Hidden<String>>,
}

/// What a POST sends.
#[derive(Clone, Copy)]
pub enum Send<'a> {
    /// Nothing.
    Nothing,
    /// A form, encoded.
    Form(&'a str),
    /// JSON.
    Json(&'a str),
}

/// An answer of whatever status.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Wire {
    pub fn new(server: &Server) -> Self {
        let local = parse::is_loopback(&server.host);
        let tls = || Tls::new(server.authority.clone());
        let seen = Seen::default();
        Self {
            base: server.base(),
            api: agent(local, IDLE_CONNECTIONS, tls()),
            // A connection that is open already would hide that nobody accepts new ones.
            status: agent(local, 0, tls()),
            peek: agent(local, 0, Tls::peek(Arc::clone(&seen))),
            seen,
            aborted: Arc::default(),
        }
    }

    /// Asks the API; waits until `end` at most.
    pub fn ask(&self, request: &Request, end: Instant) -> Result<Answer, Fault> {
        let left = end.saturating_duration_since(Instant::now()).min(DEADLINE);
        if left.is_zero() {
            return Err(Fault::TimedOut);
        }
        let url = format!("{}{}", self.base, request.path);
        let answer = match request.send {
            None => with(self.api.get(url), request, left)?.call(),
            Some(send) => {
                let post = with(self.api.post(url), request, left)?;
                match send {
                    Send::Nothing => post.send_empty(),
                    Send::Form(text) => {
                        post.content_type("application/x-www-form-urlencoded").send(text)
                    }
                    Send::Json(text) => post.content_type("application/json").send(text),
                }
            }
        };
        let answer = answer.map_err(|error| self.failed(error))?;
        Ok(Answer { status: answer.status().as_u16(), body: self.read(answer.into_body())? })
    }

    /// The status of a GET of `url` on a connection of its own; the body is not read.
    pub fn status(&self, url: &str) -> Result<u16, Fault> {
        let request = self.status.get(url).config().timeout_global(Some(DEADLINE)).build();
        let answer = request.call().map_err(|error| self.failed(error))?;
        Ok(answer.status().as_u16())
    }

    /// The server's certificate (DER), believed or not.
    pub fn certificate(&self) -> Result<Vec<u8>, Fault> {
        let url = format!("{}/", self.base);
        let request = self.peek.get(url).config().timeout_global(Some(DEADLINE)).build();
        let outcome = request.call().map_err(|error| self.failed(error));
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner).take();
        seen.ok_or_else(|| outcome.err().unwrap_or(Fault::Tls(TlsFault::Handshake)))
    }

    /// Ends calls under way, refuses new ones.
    pub fn abort(&self) {
        self.aborted.store(true, Ordering::SeqCst);
        for agent in [&self.api, &self.status, &self.peek] {
            agent.clone().shutdown();
        }
    }

    fn read(&self, body: Body) -> Result<Vec<u8>, Fault> {
        // One byte more, because `ureq` refuses a body of exactly its limit.
        let bytes = body.into_with_config().limit(ANSWER_MAX + 1).read_to_vec();
        bytes.map_err(|error| self.failed(error))
    }

    fn failed(&self, error: ureq::Error) -> Fault {
        if self.aborted.load(Ordering::SeqCst) { Fault::Aborted } else { error.into() }
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").field("base", &self.base).finish_non_exhaustive()
    }
}

/// The request with its deadline and token.
fn with<B>(
    request: ureq::RequestBuilder<B>,
    asked: &Request,
    left: Duration,
) -> Result<ureq::RequestBuilder<B>, Fault> {
    let request = request.config().timeout_global(Some(left)).build();
    let Some(token) = asked.bearer else { return Ok(request) };
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.reveal()))
        .map_err(|_| Fault::Credentials)?;
    value.set_sensitive(true);
    Ok(request.header("Authorization", value))
}

fn agent(local: bool, idle: usize, tls: Tls) -> Agent {
    let plain = ().chain(ConnectProxyConnector::default()).chain(TcpConnector::default());
    Agent::with_parts(config(local, idle), plain.chain(tls), Names::default())
}

fn config(local: bool, idle: usize) -> Config {
    let builder = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_idle_age(IDLE_MAX)
        .max_idle_connections(idle)
        .max_idle_connections_per_host(idle)
        .input_buffer_size(BUFFER)
        .output_buffer_size(BUFFER)
        .user_agent(concat!("roost/", env!("CARGO_PKG_VERSION")));
    // A proxy from the environment cannot reach a server on our own machine.
    if local { builder.proxy(None).build() } else { builder.build() }
}

/// The system's name look-up, whose failures keep their name.
#[derive(Debug, Default)]
struct Names(DefaultResolver);

impl Resolver for Names {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        self.0.resolve(uri, config, timeout).map_err(|_| ureq::Error::HostNotFound)
    }
}

impl From<ureq::Error> for Fault {
    /// The one place where errors of `ureq` become ours; everything but the kind is dropped.
    fn from(error: ureq::Error) -> Self {
        use ureq::Error as E;
        match error {
            E::HostNotFound => Self::Resolve,
            E::ConnectionFailed => Self::Unreachable,
            E::Timeout(_) => Self::TimedOut,
            E::Rustls(error) => Self::Tls((&error).into()),
            E::Io(error) => of_socket(&error),
            E::Other(error) => match error.downcast_ref::<TlsFault>() {
                Some(fault) => Self::Tls(*fault),
                None => Self::Broken,
            },
            _ => Self::Malformed,
        }
    }
}

/// What an error of a socket means.
fn of_socket(error: &std::io::Error) -> Fault {
    use std::io::ErrorKind as K;
    let inner = error.get_ref();
    if let Some(error) = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return Fault::Tls(error.into());
    }
    if let Some(ureq::Error::Timeout(_)) = inner.and_then(|inner| inner.downcast_ref()) {
        return Fault::TimedOut;
    }
    match error.kind() {
        K::ConnectionRefused => Fault::Refused,
        K::HostUnreachable | K::NetworkUnreachable | K::NetworkDown | K::AddrNotAvailable => {
            Fault::Unreachable
        }
        K::TimedOut | K::WouldBlock => Fault::TimedOut,
        _ => Fault::Broken,
    }
}
