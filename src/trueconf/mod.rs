//! The API of TrueConf servers: who is online, which conferences run, which are forgotten, and how
//! one is stopped.
//!
//! An edge like `telegram`: [`Client`] asks one server over HTTP, with a deadline for everything, and
//! gives plain values of [`types`] or a [`Fault`] whose name people understand. It keeps nothing but
//! the access token, in memory. Versions 3.3 and 4 of the API are spoken.

pub mod answers;
mod api;
mod client;
pub mod der;
mod facts;
mod fault;
pub mod lookups;
mod loose;
mod rule;
mod tls;
mod token;
pub mod trust;
pub mod types;
mod v33;
mod v4;
mod wire;

pub use client::Client;
pub use fault::{Fault, Scope, TlsFault};
pub use rule::{Applies, judge};
pub use types::{Conference, Online, People, Row, Stop};
