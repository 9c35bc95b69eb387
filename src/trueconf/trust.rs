//! Which certificates of a server are believed.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::Timestamp;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{self, CryptoProvider};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore};
use rustls::{OtherError, SignatureScheme};

use super::der;
use super::fault::TlsFault;
use crate::settings::{Authority, json};

/// The authorities this system believes, read once for all servers.
static SYSTEM: OnceLock<Arc<RootCertStore>> = OnceLock::new();

/// Whose word is taken for a certificate.
#[derive(Debug)]
enum Trust {
    /// That of authorities, and of exactly these certificates: a server's own, which often nobody
    /// else has signed.
    Signed { authorities: Option<Arc<WebPkiServerVerifier>>, own: Vec<CertificateDer<'static>> },
    /// Everybody's.
    Anybody,
}

/// Checks the certificate of a server.
#[derive(Debug)]
struct Verifier {
    trust: Trust,
    provider: Arc<CryptoProvider>,
}

/// A TLS configuration that believes whom `authority` says.
pub fn config(authority: &Authority) -> Result<Arc<ClientConfig>, TlsFault> {
    let trust = match authority {
        Authority::SystemRoots => Trust::signed(&system()?, Vec::new()),
        Authority::File(path) => {
            let own = certificates(path)?;
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(own.iter().cloned());
            Trust::signed(&Arc::new(roots), own)
        }
        Authority::None => Trust::Anybody,
    };
    let provider = Arc::new(crypto::ring::default_provider());
    let verifier = Verifier { trust, provider: Arc::clone(&provider) };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| TlsFault::Handshake)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn system() -> Result<Arc<RootCertStore>, TlsFault> {
    if let Some(roots) = SYSTEM.get() {
        return Ok(Arc::clone(roots));
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    // Not kept, so that installing them helps without a restart.
    if roots.is_empty() {
        return Err(TlsFault::NoAuthorities);
    }
    Ok(Arc::clone(SYSTEM.get_or_init(|| Arc::new(roots))))
}

/// The certificates of a PEM file, at least one.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsFault> {
    let text = json::text(path).map_err(|_| TlsFault::AuthorityFile)?;
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    all.ok().filter(|all| !all.is_empty()).ok_or(TlsFault::AuthorityFile)
}

impl Trust {
    /// A file may hold only certificates that are nobody's authority; then none of `roots` is left.
    fn signed(roots: &Arc<RootCertStore>, own: Vec<CertificateDer<'static>>) -> Self {
        let provider = Arc::new(crypto::ring::default_provider());
        let builder =
            WebPkiServerVerifier::builder_with_provider(Arc::clone(roots), provider).build();
        Self::Signed { authorities: builder.ok(), own }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Trust::Signed { authorities, own } = &self.trust else {
            return Ok(ServerCertVerified::assertion());
        };
        if own.contains(certificate) {
            return in_time(certificate, now);
        }
        match authorities {
            Some(all) => all.verify_server_cert(certificate, intermediates, name, ocsp, now),
            None => Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Whoever put this very certificate into the file meant this server, whatever name it bears.
fn in_time(certificate: &[u8], now: UnixTime) -> Result<ServerCertVerified, Error> {
    let refused = |why| Err(Error::InvalidCertificate(why));
    let now = Timestamp::UNIX_EPOCH.saturating_add(Duration::from_secs(now.as_secs()));
    match (der::validity(certificate), now) {
        (Some(valid), Ok(now)) if now > valid.until => refused(CertificateError::Expired),
        (Some(valid), Ok(now)) if now < valid.from => refused(CertificateError::NotValidYet),
        (Some(_), Ok(_)) => Ok(ServerCertVerified::assertion()),
        _ => refused(CertificateError::BadEncoding),
    }
}

impl From<&Error> for TlsFault {
    fn from(error: &Error) -> Self {
        match error {
            Error::InvalidCertificate(error) => of_certificate(error),
            Error::InvalidMessage(_) => Self::NotTls,
            _ => Self::Handshake,
        }
    }
}

fn of_certificate(error: &CertificateError) -> TlsFault {
    use CertificateError as E;
    match error {
        E::Expired | E::ExpiredContext { .. } => TlsFault::Expired,
        E::NotValidYet | E::NotValidYetContext { .. } => TlsFault::NotYetValid,
        E::Revoked => TlsFault::Revoked,
        E::NotValidForName | E::NotValidForNameContext { .. } => TlsFault::WrongName,
        // A server's own certificate that calls itself an authority comes as another error, and one
        // of an authority of the same name with another key as a bad signature.
        E::UnknownIssuer | E::BadSignature | E::Other(OtherError(_)) => TlsFault::UnknownIssuer,
        _ => TlsFault::Handshake,
    }
}
