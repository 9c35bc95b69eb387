//! A client of the gate, over TCP or TLS as the gate wants it.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, LazyLock};

use roost::net::gate::Gate;
use roost::net::tls::{Source, Tls};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tempfile::TempDir;

use super::PATIENCE;

/// The certificate of every gate here, and the folder it lies in.
pub static CERTIFICATE: LazyLock<(TempDir, Arc<Tls>)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("roost.redb.pem");
    let tls = Tls::open(Source::SelfSigned { file, host: "127.0.0.1".to_owned() }).unwrap();
    (folder, Arc::new(tls))
});

/// What every client trusts.
static TRUST: LazyLock<Arc<ClientConfig>> =
    LazyLock::new(|| Arc::new(trusting(&CERTIFICATE.1.leaf().der)));

/// A client's configuration that trusts one certificate.
pub fn trusting(certificate: &[u8]) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(certificate.to_vec())).unwrap();
    ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// One connection.
pub struct Client(BufReader<Line>);

enum Line {
    Tcp(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

/// An answer.
#[derive(Debug)]
pub struct Seen {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

/// Whether one more client finds no room; it gets an answer from the gate either way.
pub fn is_turned_away(gate: &Gate) -> bool {
    if gate.url().starts_with("https:") {
        return match Client::try_with(gate, Arc::clone(&TRUST)) {
            Ok(mut client) => client.ask("/").status != 200,
            Err(error) => {
                assert!(error.to_string().contains("InternalError"), "{error}");
                true
            }
        };
    }
    let mut client = Client::new(gate);
    let seen = client.try_send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").answer();
    if seen.status == 200 {
        return false;
    }
    assert_eq!(seen.status, 503);
    assert!(seen.head.contains("Retry-After: 5\r\n"), "{}", seen.head);
    assert_eq!(client.rest(), b"");
    true
}

/// A bare connection to `gate`.
pub fn connect(gate: &Gate) -> TcpStream {
    let stream = TcpStream::connect(gate.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

impl Client {
    pub fn new(gate: &Gate) -> Self {
        if gate.url().starts_with("http:") {
            return Self(BufReader::new(Line::Tcp(connect(gate))));
        }
        Self::with(gate, Arc::clone(&TRUST))
    }

    /// A client over TLS that trusts what `config` says.
    pub fn with(gate: &Gate, config: Arc<ClientConfig>) -> Self {
        Self::try_with(gate, config).unwrap()
    }

    /// The same; an error if the handshake fails.
    pub fn try_with(gate: &Gate, config: Arc<ClientConfig>) -> std::io::Result<Self> {
        let name = ServerName::try_from("127.0.0.1").unwrap();
        let connection = ClientConnection::new(config, name).unwrap();
        let mut stream = StreamOwned::new(connection, connect(gate));
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        Ok(Self(BufReader::new(Line::Tls(Box::new(stream)))))
    }

    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.sends(bytes).unwrap();
        self
    }

    /// Sends what the other side may no longer want to hear.
    pub fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let _ = self.sends(bytes);
        self
    }

    /// Sends; an error if the other side has gone.
    pub fn sends(&mut self, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
        match self.0.get_mut() {
            Line::Tcp(stream) => stream.write_all(bytes.as_ref()),
            Line::Tls(stream) => {
                stream.write_all(bytes.as_ref())?;
                stream.flush()
            }
        }
    }

    /// Sends nothing more, and says so.
    pub fn finish(&mut self) {
        let stream = match self.0.get_mut() {
            Line::Tcp(stream) => stream,
            Line::Tls(stream) => {
                stream.conn.send_close_notify();
                stream.flush().unwrap();
                &mut stream.sock
            }
        };
        stream.shutdown(Shutdown::Write).unwrap();
    }

    /// The state of TLS on it.
    pub fn tls(&mut self) -> &mut ClientConnection {
        match self.0.get_mut() {
            Line::Tls(stream) => &mut stream.conn,
            Line::Tcp(_) => panic!("it is plain"),
        }
    }

    /// The socket under it.
    pub fn socket(&self) -> &TcpStream {
        match self.0.get_ref() {
            Line::Tcp(stream) => stream,
            Line::Tls(stream) => &stream.sock,
        }
    }

    pub fn ask(&mut self, path: &str) -> Seen {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: h\r\n\r\n")).answer()
    }

    pub fn answer(&mut self) -> Seen {
        let head = self.head();
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        self.0.read_exact(&mut body).unwrap();
        Seen { status: head[9..12].parse().unwrap(), head, body }
    }

    pub fn head(&mut self) -> String {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(self.0.read_line(&mut head).unwrap(), 0, "closed after {head:?}");
        }
        head
    }

    pub fn exactly(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.0.read_exact(&mut bytes).unwrap();
        bytes
    }

    /// Reads to the end, however it comes; with TLS it must be announced, or be a reset.
    pub fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        match self.0.read_to_end(&mut rest) {
            Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("hangs: {error}"),
            _ => rest,
        }
    }
}

impl Read for Line {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Seen {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}
