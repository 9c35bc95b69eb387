//! One connection: request after request, until somebody closes it or it is handed over.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Instant;

use ipnet::IpNet;

use crate::net::address::origin;
use crate::net::answer::{Answer, Part, Then};
use crate::net::head::{Head, Version};
use crate::net::limits::Limits;
use crate::net::lingering::busy;
use crate::net::permit::Permit;
use crate::net::registry::{Entry, Registry};
use crate::net::request::{Guest, Reply, Request, Site};
use crate::net::socket::Socket;
use crate::net::tls::Tls;
use crate::net::wire::{End, Wire};
use crate::thread::catch;

/// What all connections of a gate share.
pub(crate) struct Shared {
    pub(crate) site: Arc<dyn Site>,
    pub(crate) trusted: Vec<IpNet>,
    pub(crate) limits: Limits,
    pub(crate) tls: Option<Arc<Tls>>,
    pub(crate) registry: Arc<Registry>,
}

/// What follows an exchange.
enum Next {
    Another,
    Close,
    Take(Box<dyn FnOnce(Guest) + Send>),
}

struct Connection {
    shared: Arc<Shared>,
    wire: Wire,
    peer: SocketAddr,
    permit: Permit,
    entry: Entry,
    /// What the client wants to see of the answer, refusals too.
    part: Part,
}

/// Serves `stream` until its end.
pub(crate) fn serve(
    shared: Arc<Shared>,
    stream: TcpStream,
    peer: SocketAddr,
    (permit, entry): (Permit, Entry),
) {
    // A TLS handshake and the first head have to be through by then.
    let due = Instant::now() + shared.limits.head;
    let tls = shared.tls.as_ref().map(|tls| tls.config());
    let Ok(stream) = Socket::new(stream, tls).map(Arc::new) else { return };
    entry.is_of(&stream);
    if let Err(error) = stream.shake_hands(due) {
        return log::debug!("{}: {}", peer.ip(), no_handshake(&error));
    }
    let Ok(wire) = Wire::new(stream, shared.limits, due) else { return };
    let mut connection = Connection { shared, wire, peer, permit, entry, part: Part::Whole };
    loop {
        match connection.exchange() {
            Ok(Next::Another) => connection.entry.is_served(),
            Ok(Next::Close) | Err(End::Gone) => return,
            Ok(Next::Take(take)) => return connection.hand_over(take),
            Err(End::Refused(answer)) => return connection.refuse(*answer),
        }
    }
}

impl Connection {
    /// One request and what becomes of it.
    fn exchange(&mut self) -> Result<Next, End> {
        self.part = Part::Whole;
        let head = self.wire.head()?;
        self.part = if head.method == "HEAD" { Part::HeadOnly } else { Part::Whole };
        let origin = origin(self.peer.ip(), self.wire.scheme(), &head, &self.shared.trusted);
        if self.permit.move_to(origin.client).is_err() {
            return Err(End::Refused(Box::new(busy())));
        }
        let body = self.body(&head)?;
        let kept = head.keeps_alive();
        let then = if head.version == Version::Http11 { Then::Keep } else { Then::KeepAloud };
        let request = Request::new(head, body, self.peer, origin);
        match catch(|| self.shared.site.reply(request)).ok_or_else(failure)? {
            Reply::Take(take) => Ok(Next::Take(take)),
            Reply::Answer(answer) if kept => self.answer(answer, then),
            Reply::Answer(answer) => self.answer(answer, Then::Close),
        }
    }

    fn body(&mut self, head: &Head) -> Result<Vec<u8>, End> {
        if head.length == 0 {
            return Ok(Vec::new());
        }
        let limit = catch(|| self.shared.site.body_limit(head)).ok_or_else(failure)?;
        let length = usize::try_from(head.length).ok().filter(|_| head.length <= limit);
        let too_long = || End::refused(413, &format!("the body is over {limit} bytes"));
        let length = length.ok_or_else(too_long)?;
        if head.expects_continue() {
            self.wire.send_continue().map_err(|_| End::Gone)?;
        }
        self.wire.body(length)
    }

    fn answer(&mut self, answer: Answer, then: Then) -> Result<Next, End> {
        let stopping = then != Then::Close && self.shared.registry.is_stopping();
        let then = if stopping { Then::Close } else { then };
        self.wire.send(&answer.print(self.part, then)).map_err(|_| End::Gone)?;
        if stopping {
            self.wire.linger();
        }
        Ok(if then == Then::Close { Next::Close } else { Next::Another })
    }

    /// Answers and closes.
    fn refuse(mut self, answer: Answer) {
        log::debug!("{}: refused with {}", self.peer.ip(), answer.status);
        if self.wire.send(&answer.print(self.part, Then::Close)).is_ok() {
            self.wire.linger();
        }
    }

    /// Gives the socket away; it is no HTTP connection any more, but still counts as one.
    fn hand_over(self, take: Box<dyn FnOnce(Guest) + Send>) {
        drop(self.entry);
        let Ok(stream) = self.wire.into_stream() else { return };
        let guest = Guest::new(stream, self.permit);
        if catch(|| take(guest)).is_none() {
            log::error!("a socket is lost: whoever took it over panicked");
        }
    }
}

/// Why there is no TLS, in words for the operator.
fn no_handshake(error: &io::Error) -> String {
    use rustls::{Error, InvalidMessage};
    let of_tls = error.get_ref().and_then(|error| error.downcast_ref::<Error>());
    match of_tls {
        Some(Error::InvalidMessage(InvalidMessage::InvalidContentType)) => {
            "closed: this port speaks TLS, and the client does not; let it use `https://`"
                .to_owned()
        }
        _ => format!("no TLS handshake: {error}"),
    }
}

fn failure() -> End {
    End::refused(500, "something went wrong on our side")
}
