//! TLS of the gate: the certificate in force, read again when its files change, renewed when it is
//! our own and its end is near.
//!
//! Looking costs a `stat` of two files for each connection, which is nothing beside a handshake, and
//! needs no timer. A new certificate that cannot be used leaves the old one in force.

mod der;
mod error;
pub mod leaf;
pub(crate) mod records;
mod self_signed;

use std::fmt;
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{Error, ServerConfig};

use crate::clock;
pub use error::TlsError;
use leaf::{Leaf, SOON};

/// A file longer than this holds no certificate.
const FILE_MAX: u64 = 1 << 20;

/// A certificate of our own is renewed this long before its end.
const RENEWED_BEFORE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How soon a renewal that failed is tried again.
const AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// What we say we speak (RFC 7301): the gate knows no HTTP/2.
const PROTOCOL: &[u8] = b"http/1.1";

/// Where the certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Files of the operator, PEM.
    Files {
        /// The certificate, and behind it those between it and its authority.
        certificate: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
    /// One of our own.
    SelfSigned {
        /// Where it is kept with its key.
        file: PathBuf,
        /// The name or IP address it is for.
        host: String,
    },
}

/// The certificate in force.
pub struct Tls {
    source: Source,
    current: Mutex<Current>,
}

struct Current {
    config: Arc<ServerConfig>,
    leaf: Leaf,
    /// The files as they were when they were last read, successfully or not.
    seen: [Option<Stamp>; 2],
    /// When it is to be renewed, if that is up to us.
    renewal: Option<Timestamp>,
}

/// What changes with a file: device, inode, size, and seconds and nanoseconds of both its times.
type Stamp = (u64, u64, u64, [i64; 4]);

impl Tls {
    /// Reads the certificate, or makes it if it is to be our own.
    pub fn open(source: Source) -> Result<Self, TlsError> {
        Self::open_at(source, clock::now())
    }

    fn open_at(source: Source, now: Timestamp) -> Result<Self, TlsError> {
        let stamps = source.stamps();
        let (config, leaf) = source.read_or_make(now)?;
        let current = source.current(config, leaf, stamps);
        Ok(Self { source, current: Mutex::new(current) })
    }

    /// The configuration for the next connection.
    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        self.look(clock::now());
        Arc::clone(&self.lock().config)
    }

    /// The certificate in force.
    pub fn leaf(&self) -> Leaf {
        self.look(clock::now());
        self.lock().leaf.clone()
    }

    /// The certificate as PEM if nobody trusts it who was not given it.
    pub fn to_be_given(&self) -> Option<String> {
        let leaf = self.leaf();
        leaf.is_self_issued.then(|| self_signed::pem("CERTIFICATE", &leaf.der))
    }

    /// Reads the files again if they changed. Whoever sees a change first does it, the others go on
    /// with what there is.
    fn look(&self, now: Timestamp) {
        let stamps = self.source.stamps();
        {
            let mut current = self.lock();
            let is_due = current.renewal.is_some_and(|at| at <= now);
            if current.seen == stamps && !is_due {
                return;
            }
            current.seen = stamps;
            current.renewal = current.renewal.map(|at| if is_due { now + AGAIN } else { at });
        }
        match self.source.read_or_make(now) {
            Ok((config, leaf)) => {
                log::info!("TLS: a new certificate is in force, valid until {:.0}", leaf.ends);
                *self.lock() = self.source.current(config, leaf, stamps);
            }
            Err(error) => log::error!("TLS: {error}; the old certificate stays in force"),
        }
    }

    /// The state is replaced as a whole.
    fn lock(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("source", &self.source).finish_non_exhaustive()
    }
}

impl Source {
    /// The file with the certificate.
    pub fn certificate(&self) -> &Path {
        self.files().0
    }

    /// Whether the files can be used; the certificate in them.
    pub fn check(&self) -> Result<Leaf, TlsError> {
        self.read().map(|(_, leaf)| leaf)
    }

    fn files(&self) -> (&Path, &Path) {
        match self {
            Self::Files { certificate, key } => (certificate, key),
            Self::SelfSigned { file, .. } => (file, file),
        }
    }

    fn stamps(&self) -> [Option<Stamp>; 2] {
        let (certificate, key) = self.files();
        [stamp(certificate), stamp(key)]
    }

    /// What is in force after the files were read, which were as `stamps` say before.
    fn current(
        &self,
        config: Arc<ServerConfig>,
        leaf: Leaf,
        stamps: [Option<Stamp>; 2],
    ) -> Current {
        match self {
            Self::Files { .. } => Current { config, leaf, seen: stamps, renewal: None },
            Self::SelfSigned { .. } => {
                let renewal = Some(leaf.ends - RENEWED_BEFORE);
                // As it is now: it may have been written by us.
                Current { config, leaf, seen: self.stamps(), renewal }
            }
        }
    }

    /// What the files hold; a certificate of our own is made when there is none that is good.
    fn read_or_make(&self, now: Timestamp) -> Result<(Arc<ServerConfig>, Leaf), TlsError> {
        let (file, host) = match self {
            Self::Files { .. } => {
                let (config, leaf) = self.read()?;
                warn_of_the_end(&leaf, now);
                return Ok((config, leaf));
            }
            Self::SelfSigned { file, host } => (file, host),
        };
        match self.read() {
            Ok((config, leaf)) if is_good(&leaf, host, now) => return Ok((config, leaf)),
            Ok(_) | Err(TlsError::Missing(_)) => (),
            // Whatever it is, it may be somebody's.
            Err(error) => return Err(error),
        }
        let kept = self_signed::make(host, now).and_then(|pem| self_signed::keep(file, &pem));
        kept.map_err(|error| TlsError::Unwritable(file.clone(), error))?;
        log::info!("TLS: made a certificate for `{host}`: {}", file.display());
        self.read()
    }

    /// The files as a configuration.
    fn read(&self) -> Result<(Arc<ServerConfig>, Leaf), TlsError> {
        let (certificate, key) = self.files();
        let chain = chain(certificate)?;
        let leaf = first(&chain, certificate)?;
        let secret = PrivateKeyDer::from_pem_slice(&content(key)?)
            .map_err(|_| TlsError::NoKey(key.to_owned()))?;
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring knows both versions")
            .with_no_client_auth()
            .with_single_cert(chain, secret);
        let mut config = config.map_err(|error| match error {
            Error::InconsistentKeys(_) => {
                TlsError::Mismatch(certificate.to_owned(), key.to_owned())
            }
            error => TlsError::Unusable(certificate.to_owned(), error),
        })?;
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        Ok((Arc::new(config), leaf))
    }
}

/// Whether a client that knows the certificate accepts it for `host`, for some time to come.
fn is_good(leaf: &Leaf, host: &str, now: Timestamp) -> bool {
    leaf.starts <= now && leaf.ends - RENEWED_BEFORE > now && leaf.is_for(host)
}

fn warn_of_the_end(leaf: &Leaf, now: Timestamp) {
    if leaf.ends_within(SOON, now) {
        log::warn!("TLS: the certificate ends at {:.0}; renew it", leaf.ends);
    }
}

/// All certificates of a file; none if one of them is broken.
fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let text = content(path)?;
    Ok(CertificateDer::pem_slice_iter(&text).collect::<Result<_, _>>().unwrap_or_default())
}

fn first(chain: &[CertificateDer], path: &Path) -> Result<Leaf, TlsError> {
    let leaf = chain.first().and_then(|first| Leaf::read(first));
    leaf.ok_or_else(|| TlsError::NoCertificate(path.to_owned()))
}

fn content(path: &Path) -> Result<Vec<u8>, TlsError> {
    let failed = |error| TlsError::Unreadable(path.to_owned(), error);
    let mut content = Vec::new();
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(TlsError::Missing(path.to_owned()));
        }
        opened => opened.map_err(failed)?,
    };
    file.take(FILE_MAX).read_to_end(&mut content).map_err(failed)?;
    Ok(content)
}

/// `None` if there is no such file.
fn stamp(path: &Path) -> Option<Stamp> {
    let found = fs::metadata(path).ok()?;
    let times = [found.mtime(), found.mtime_nsec(), found.ctime(), found.ctime_nsec()];
    Some((found.dev(), found.ino(), found.size(), times))
}

#[cfg(test)]
mod tests;
