//! Why a certificate cannot be used.

use std::path::PathBuf;
use std::{error, fmt, io};

/// What is wrong with the files of a certificate; never holds what stands in them.
#[derive(Debug)]
pub enum TlsError {
    /// There is no such file.
    Missing(PathBuf),
    /// The file cannot be read.
    Unreadable(PathBuf, io::Error),
    /// The file cannot be written.
    Unwritable(PathBuf, io::Error),
    /// The file holds no certificate.
    NoCertificate(PathBuf),
    /// The file holds no private key.
    NoKey(PathBuf),
    /// Certificate and key are not of the same pair.
    Mismatch(PathBuf, PathBuf),
    /// rustls cannot work with them.
    Unusable(PathBuf, rustls::Error),
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(path) => {
                write!(f, "`{}`: no such file; correct `tls`", path.display())
            }
            Self::Unreadable(path, error) => write!(
                f,
                "cannot read `{}`: {error}; let the user the server runs as read it",
                path.display()
            ),
            Self::Unwritable(path, error) => {
                write!(f, "cannot keep a certificate in `{}`: {error}", path.display())
            }
            Self::NoCertificate(path) => write!(
                f,
                "`{}` holds no certificate; it needs `-----BEGIN CERTIFICATE-----`",
                path.display()
            ),
            Self::NoKey(path) => write!(
                f,
                "`{}` holds no private key; it needs one in PEM, without a password",
                path.display()
            ),
            Self::Mismatch(certificate, key) => write!(
                f,
                "the key in `{}` does not belong to the certificate in `{}`; the server's own \
                 certificate comes first in its file",
                key.display(),
                certificate.display()
            ),
            Self::Unusable(path, error) => {
                write!(f, "the certificate in `{}` cannot be used: {error}", path.display())
            }
        }
    }
}

impl error::Error for TlsError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Unreadable(_, error) | Self::Unwritable(_, error) => Some(error),
            Self::Unusable(_, error) => Some(error),
            _ => None,
        }
    }
}
