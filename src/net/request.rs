//! The contract between the gate and the rest of the program: a request in, a reply out.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::net::address::{Origin, Scheme};
use crate::net::answer::Answer;
use crate::net::head::{Head, HeadError, parse};
use crate::net::headers::Headers;
use crate::net::permit::Permit;
use crate::net::socket::Socket;

/// A whole request.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method as sent.
    pub method: String,
    /// The percent-decoded path; always starts with `/`.
    pub path: String,
    /// What stood after the `?`, not decoded.
    pub query: Option<String>,
    /// The header fields.
    pub headers: Headers,
    /// The whole body.
    pub body: Vec<u8>,
    /// The other end of the socket.
    pub peer: SocketAddr,
    /// Who asks, after trusted proxies; never an IPv4-mapped address.
    pub client: IpAddr,
    /// How the client speaks to the outermost trusted proxy.
    pub scheme: Scheme,
    /// Host, with port if any, in the client's URL; only letters, digits and `-._:[]`.
    pub host: Option<String>,
}

/// What becomes of a request.
pub enum Reply {
    /// This answer.
    Answer(Answer),
    /// The socket is handed over: blocking, without time limits, the head and the body read, whatever
    /// follows them still in it. The function runs on the connection's thread, with its small
    /// stack.
    Take(Box<dyn FnOnce(Guest) + Send>),
}

/// A socket that has left the gate but still counts as one of its connections.
#[derive(Debug)]
pub struct Guest {
    /// The socket, `TCP_NODELAY` set.
    pub stream: Socket,
    permit: Permit,
}

/// What stands behind the gate.
pub trait Site: Send + Sync + 'static {
    /// The most bytes a body may have for this head; more is 413.
    fn body_limit(&self, head: &Head) -> u64;

    /// What to do with `request`. A panic costs this request only: 500, and the connection closes.
    fn reply(&self, request: Request) -> Reply;
}

impl Request {
    pub(crate) fn new(head: Head, body: Vec<u8>, peer: SocketAddr, origin: Origin) -> Self {
        let Head { method, path, query, headers, .. } = head;
        let Origin { client, scheme, host } = origin;
        Self { method, path, query, headers, body, peer, client, scheme, host }
    }

    /// A request without a body as loopback would send it, for tests of what stands behind the gate.
    pub fn local(method: &str, target: &str) -> Result<Self, HeadError> {
        let head =
            parse(format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes())?;
        let client = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let origin = Origin { client, scheme: Scheme::Http, host: head.host.clone() };
        Ok(Self::new(head, Vec::new(), SocketAddr::new(client, 1), origin))
    }

    /// The same request with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push(name, value);
        self
    }

    /// The same request with a body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self::Answer(answer)
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer(answer) => f.debug_tuple("Answer").field(answer).finish(),
            Self::Take(_) => f.write_str("Take"),
        }
    }
}

impl Guest {
    pub(crate) fn new(stream: Socket, permit: Permit) -> Self {
        Self { stream, permit }
    }

    /// Socket and permit apart: whoever outlives the other should hold the permit.
    pub fn into_parts(self) -> (Socket, Permit) {
        (self.stream, self.permit)
    }
}
