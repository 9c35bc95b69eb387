//! Sockets.

pub mod bucket;
pub mod drain;
pub mod frame;
pub mod outlet;
