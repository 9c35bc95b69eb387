//! The relay: every update of the log, handed on to other programs, at least once.
//!
//! A *sink* is one target of `relay.sinks`: a broker, a web service or a file. Each has a thread and
//! a cursor of its own, so that one that is slow, hangs or is gone delays nobody else. [`sink`] says
//! what a sink is, [`sinks`] has one module for each kind.

pub mod sink;
pub mod sinks;
mod stop;

pub use sink::{Cause, Record, Sink, Trouble};
pub use stop::{Stop, Watch};
