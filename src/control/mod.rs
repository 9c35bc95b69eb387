//! Control: how the command line reaches the data, whether a server runs or not.
//!
//! A running server owns the database and listens on a Unix socket beside it ([`Door`]). A command
//! is one [`Request`], one line of JSON there and one [`Answer`] back. Without a server
//! [`carry_out`] opens the database itself. Either way [`execute()`] does the work, so both ways give
//! the same result.

mod ask;
mod backup;
mod door;
mod events;
mod execute;
mod failure;
mod line;
mod people;
mod place;
mod programs;
mod relay;
mod request;
mod secrets;
mod servers;

pub use ask::{ask, carry_out, follow, patiently};
pub use backup::{Taken, back_up, is_served};
pub use door::{Desk, Door};
pub use execute::execute;
pub use failure::Failure;
pub use people::Right;
pub use place::socket_of;
pub use relay::From;
pub use request::{Answer, Form, Request, Untold};
pub use secrets::NoSecret;
