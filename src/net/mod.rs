//! The network edge: one public port, one thread per connection, nothing unbounded.
//!
//! `gate` accepts within limits and starts a thread per connection; `connection` reads requests from
//! its socket (`head` and `address` are the pure parts of that), asks the [`request::Site`] what to
//! reply, and writes the `answer`, or hands the socket over to whoever wants it (a websocket).
//! `permit` counts who is connected, `files` is the static front end. Nothing here knows an app.

pub mod address;
pub mod answer;
mod connection;
pub mod content_type;
pub mod files;
pub mod gate;
pub mod head;
pub mod headers;
pub mod limits;
mod lingering;
pub mod permit;
mod registry;
pub mod request;
mod wire;
