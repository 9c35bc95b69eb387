//! The network edge: one public port, one thread per connection, nothing unbounded.
//!
//! `gate` accepts within limits and starts a thread per connection; `connection` reads requests from
//! its socket (`head` and `address` are the pure parts of that), asks the [`request::Site`] what to
//! reply, and writes the `answer`, or hands the socket over. `permit` counts who is connected,
//! `files` is the static front end. Whether there is TLS on a socket only `socket` knows; `tls` keeps
//! the certificate.
//!
//! A websocket leaves the gate through `websocket` (handshake) into a `session`, which reads; the
//! `hub` knows who is connected and writes through each client's `outlet`, with `drain` behind it.

pub mod address;
pub mod answer;
pub mod bucket;
mod connection;
pub mod content_type;
pub mod drain;
mod fan_out;
pub mod files;
pub mod frame;
pub mod gate;
pub mod head;
pub mod headers;
pub mod hub;
pub mod limits;
mod lingering;
pub mod outlet;
pub mod permit;
mod pipe;
mod registry;
pub mod request;
mod room;
pub mod session;
pub mod socket;
pub mod tls;
pub mod websocket;
mod wire;

pub use answer::Answer;
pub use permit::Permit;
pub use request::{Guest, Reply, Request};
pub use socket::Socket;
