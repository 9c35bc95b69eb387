//! The bytes to and from a server, in the clear or over TLS.

use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, Stream};

use super::line::{self, Line};
use crate::relay::sink::Cause;

/// Bytes read at once.
const READ: usize = 16 << 10;

/// A connection.
pub enum Wire {
    /// In the clear.
    Plain(Line),
    /// Over TLS.
    Secure(Box<(Line, ClientConnection)>),
}

impl Wire {
    /// TLS over `line` with the certificate authorities of the system.
    pub fn secure(line: Line, host: &str) -> Result<Self, Cause> {
        let name = ServerName::try_from(host.to_owned());
        let name = name.map_err(|_| Cause::again(format!("`{host}` can have no certificate")))?;
        let connection = ClientConnection::new(Arc::new(config()?), name);
        let mut connection = connection.map_err(|error| insecure(&error))?;
        let mut stream = line.stream();
        while connection.is_handshaking() {
            connection.complete_io(&mut stream).map_err(|error| trouble(&error))?;
        }
        Ok(Self::Secure(Box::new((line, connection))))
    }

    /// Whether it can be used again.
    pub fn is_fresh(&self, idle: Duration) -> bool {
        match self {
            Self::Plain(line) => line.is_fresh(idle),
            Self::Secure(both) => both.0.is_fresh(idle),
        }
    }

    pub fn send(&mut self, bytes: &[u8]) -> Result<(), Cause> {
        match self {
            Self::Plain(line) => line.send(bytes),
            Self::Secure(both) => {
                let (line, connection) = &mut **both;
                line.touch();
                let mut stream = line.stream();
                let mut stream = Stream::new(connection, &mut stream);
                stream.write_all(bytes).map_err(|error| trouble(&error))
            }
        }
    }

    /// Appends what comes next to `to`.
    pub fn hear(&mut self, to: &mut Vec<u8>) -> Result<(), Cause> {
        let (line, connection) = match self {
            Self::Plain(line) => return line.hear(to),
            Self::Secure(both) => (&both.0, &mut both.1),
        };
        let mut stream = line.stream();
        let before = to.len();
        to.resize(before + READ, 0);
        let heard = Stream::new(connection, &mut stream).read(&mut to[before..]);
        to.truncate(before + heard.as_ref().copied().unwrap_or(0));
        match heard {
            Ok(0) => Err(Cause::again("the connection was closed")),
            Ok(_) => Ok(()),
            Err(error) => Err(trouble(&error)),
        }
    }
}

fn config() -> Result<ClientConfig, Cause> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(Cause::again("this system has no certificate authorities; install them"));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| insecure(&error))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn trouble(error: &std::io::Error) -> Cause {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    inner.map_or_else(|| line::trouble(error), insecure)
}

fn insecure(error: &rustls::Error) -> Cause {
    Cause::again(format!("no secure connection: {error}"))
}
