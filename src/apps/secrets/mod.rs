//! Secrets.
pub mod configs;
