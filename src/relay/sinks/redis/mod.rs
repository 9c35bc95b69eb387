//! Redis: a list, a stream or a channel; confirmed when the reply was read.
//!
//! A batch is one command or one transaction, so it is there as a whole or not at all: in a pipeline
//! a server that is still loading its data would refuse the first updates and take the later ones.

pub mod resp;
#[cfg(feature = "redis")]
mod server;

#[cfg(feature = "redis")]
pub use server::Redis;
