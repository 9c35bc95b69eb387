//! TLS to one server: `ureq` has one set of trust for everybody, here each server has its own.

use std::fmt;
use std::io::{Read, Write};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use ureq::unversioned::transport::time::{Duration, Instant};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport,
    TransportAdapter,
};

use super::fault::TlsFault;
use super::trust;
use crate::settings::Authority;

/// A place for the certificate a connection shows.
pub type Seen = Arc<Mutex<Option<Vec<u8>>>>;

/// Makes plain connections secure.
pub struct Tls {
    authority: Authority,
    config: OnceLock<Arc<ClientConfig>>,
    /// Where the server's certificate goes, of connections that are for nothing else.
    peek: Option<Seen>,
}

/// A secure connection.
pub struct Secure {
    buffers: LazyBuffers,
    stream: StreamOwned<ClientConnection, TransportAdapter>,
}

impl Tls {
    /// Believes whom `authority` says.
    pub fn new(authority: Authority) -> Self {
        Self { authority, config: OnceLock::new(), peek: None }
    }

    /// Puts the certificate of each connection into `seen` and gives the connection up then. It need
    /// not be believed: an expired one has a date too, and nothing is said to the server.
    pub fn peek(seen: Seen) -> Self {
        Self { authority: Authority::None, config: OnceLock::new(), peek: Some(seen) }
    }

    /// The configuration, made at the first connection; a failure is not kept, so that a file that
    /// has been put right is found.
    fn config(&self) -> Result<Arc<ClientConfig>, TlsFault> {
        if let Some(config) = self.config.get() {
            return Ok(Arc::clone(config));
        }
        let config = trust::config(&self.authority)?;
        Ok(Arc::clone(self.config.get_or_init(|| config)))
    }

    fn secure<In: Transport>(
        &self,
        details: &ConnectionDetails,
        plain: In,
    ) -> Result<Secure, ureq::Error> {
        let config = self.config().map_err(|fault| ureq::Error::Other(Box::new(fault)))?;
        let mut connection = ClientConnection::new(config, name(details)?)?;
        let boxed: Box<dyn Transport> = Box::new(plain);
        let mut socket = TransportAdapter::new(boxed, Arc::clone(&details.current_time));
        socket.set_timeout(rest(details));
        connection.complete_io(&mut socket)?;
        let (input, output) =
            (details.config.input_buffer_size(), details.config.output_buffer_size());
        let stream = StreamOwned { conn: connection, sock: socket };
        Ok(Secure { buffers: LazyBuffers::new(input, output), stream })
    }
}

/// The server's name; addresses of IPv6 stand in brackets in a URL.
fn name(details: &ConnectionDetails) -> Result<ServerName<'static>, ureq::Error> {
    let host = details.uri.host().unwrap_or_default();
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    ServerName::try_from(bare.to_owned()).map_err(|_| ureq::Error::HostNotFound)
}

/// What connecting has left of the time.
fn rest(details: &ConnectionDetails) -> NextTimeout {
    let after = match (details.timeout.after, details.now, (details.current_time)()) {
        (Duration::Exact(limit), Instant::Exact(start), Instant::Exact(now)) => {
            Duration::Exact(limit.saturating_sub(now.saturating_duration_since(start)))
        }
        (limit, ..) => limit,
    };
    NextTimeout { after, ..details.timeout }
}

impl<In: Transport> Connector<In> for Tls {
    type Out = Either<In, Secure>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        let Some(plain) = chained else { return Ok(None) };
        if !details.needs_tls() {
            return Ok(Some(Either::A(plain)));
        }
        let secure = self.secure(details, plain)?;
        let Some(seen) = &self.peek else { return Ok(Some(Either::B(secure))) };
        let first = secure.stream.conn.peer_certificates().and_then(<[_]>::first);
        *seen.lock().unwrap_or_else(PoisonError::into_inner) = first.map(|first| first.to_vec());
        Err(ureq::Error::ConnectionFailed)
    }
}

impl Transport for Secure {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        self.stream.get_mut().set_timeout(timeout);
        self.stream.write_all(&self.buffers.output()[..amount])?;
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.stream.get_mut().set_timeout(timeout);
        let amount = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        self.stream.get_mut().get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

impl fmt::Debug for Secure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secure").finish_non_exhaustive()
    }
}
