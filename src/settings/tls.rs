//! The setting `tls`: where the certificate comes from.

use super::resolved::Resolved;
use std::path::{Path, PathBuf};

/// How the server's port is secured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// With files of the operator.
    Files {
        /// Certificate chain, PEM.
        certificate: PathBuf,
        /// Private key, PEM.
        key: PathBuf,
    },
    /// With a certificate the server makes itself.
    SelfSigned,
}

impl Tls {
    /// What `resolved` says, if anything; relative paths begin at `beside`.
    pub(super) fn new(resolved: &Resolved, beside: &Path) -> Option<Self> {
        let path = |row| resolved.text(row).map(|path| beside.join(path));
        match (path("tls.certificate"), path("tls.key")) {
            (Some(certificate), Some(key)) => Some(Self::Files { certificate, key }),
            _ => resolved.text("tls").map(|_| Self::SelfSigned),
        }
    }
}
