//! TLS before a stand-in, with certificates made for one test.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use roost::thread::{Handle, detach, spawn};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A certificate with its key, and in PEM.
pub struct Identity {
    pub pem: String,
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

/// What is wrong with a certificate, if anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    None,
    Expired,
    NotYetValid,
    OtherName,
}

/// An authority of our own.
pub struct Authority {
    pub pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    /// A certificate for `localhost` signed by this authority.
    pub fn sign(&self, flaw: Flaw) -> Identity {
        let key = KeyPair::generate().unwrap();
        let certificate = params(flaw).signed_by(&key, &self.issuer).unwrap();
        identity(certificate.pem(), certificate.der().clone(), &key)
    }
}

/// A certificate that has signed itself and calls itself an authority, as many tools make them.
pub fn own(flaw: Flaw) -> Identity {
    let key = KeyPair::generate().unwrap();
    let mut params = params(flaw);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).unwrap();
    identity(certificate.pem(), certificate.der().clone(), &key)
}

fn params(flaw: Flaw) -> CertificateParams {
    let name = if flaw == Flaw::OtherName { "other.example" } else { "localhost" };
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    let (from, until) = match flaw {
        Flaw::Expired => (2020, 2021),
        Flaw::NotYetValid => (2090, 2091),
        Flaw::None | Flaw::OtherName => (2020, 2090),
    };
    params.not_before = date_time_ymd(from, 1, 1);
    params.not_after = date_time_ymd(until, 1, 1);
    params
}

fn identity(pem: String, certificate: CertificateDer<'static>, key: &KeyPair) -> Identity {
    let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
    Identity { pem, certificate, key }
}

/// A port that speaks TLS and hands requests on to a stand-in.
pub struct Terminator {
    address: SocketAddr,
    is_closing: Arc<AtomicBool>,
    _accepts: Handle,
}

impl Terminator {
    pub fn start(behind: SocketAddr, identity: Identity) -> Self {
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![identity.certificate], identity.key)
            .unwrap();
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let is_closing = Arc::new(AtomicBool::new(false));
        let closing = Arc::clone(&is_closing);
        let accepts = spawn("tls", move || {
            for stream in listener.incoming() {
                if closing.load(Ordering::SeqCst) {
                    return;
                }
                let config = Arc::clone(&config);
                let connection = ServerConnection::new(config).unwrap();
                let stream = StreamOwned::new(connection, stream.unwrap());
                detach("tls-session", 1 << 20, move || drop(hand_on(stream, behind))).unwrap();
            }
        });
        Self { address, is_closing, _accepts: accepts.unwrap() }
    }

    /// `localhost:port`.
    pub fn place(&self) -> String {
        format!("localhost:{}", self.address.port())
    }
}

impl Drop for Terminator {
    fn drop(&mut self) {
        self.is_closing.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
    }
}

/// One request after another, each with its answer.
fn hand_on(
    mut client: StreamOwned<ServerConnection, TcpStream>,
    behind: SocketAddr,
) -> std::io::Result<()> {
    let mut server = TcpStream::connect(behind)?;
    loop {
        let request = message(&mut client)?;
        server.write_all(&request)?;
        let answer = message(&mut server)?;
        client.write_all(&answer)?;
        client.flush()?;
    }
}

/// A head with the body its length announces.
fn message(from: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let mut byte = [0];
    while !text.ends_with(b"\r\n\r\n") {
        from.read_exact(&mut byte)?;
        text.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&text).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
    from.read_exact(&mut body)?;
    text.extend(body);
    Ok(text)
}
