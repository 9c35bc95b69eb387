//! Where a value came from.

use std::fmt;

/// Where a value came from, from the weakest to the strongest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nobody said anything.
    Default,
    /// The settings file, by the name people know it by.
    File(String),
    /// A line of a `.env` file: the file and the name.
    EnvFile(String, String),
    /// A file systemd hands to the service.
    Credential(String),
    /// An environment variable.
    Environment(String),
    /// An option of the command line.
    Flag(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(place) => f.write_str(place),
            Self::EnvFile(place, variable) => write!(f, "{place} {variable}"),
            Self::Credential(name) => write!(f, "credential {name}"),
            Self::Environment(variable) => write!(f, "environment {variable}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}
