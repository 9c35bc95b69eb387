//! What one client, and all of them together, may use of the gate.

use std::time::Duration;

/// Bounds and deadlines of the gate. The defaults suit the public; tests shorten them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections in total; 1,000 by default. Every one is a thread, and the kernel's limit on memory
    /// maps ends the process at some 16,000, so [`Limits::MOST_CONNECTIONS`] is the most that counts.
    pub connections: usize,
    /// Connections of one address (one /64 network for IPv6); 50 by default.
    pub per_address: usize,
    /// For a whole request head, from its first byte (from the connection's start for the first).
    pub head: Duration,
    /// For a whole request body.
    pub body: Duration,
    /// Silence between two requests.
    pub idle: Duration,
    /// For a write that makes no progress; a long answer gets a second more per 8 KiB.
    pub write: Duration,
    /// How long a connection that is refused in mid-request is drained, so that the refusal arrives.
    pub linger: Duration,
}

impl Limits {
    /// More connections than this are never allowed: a thread takes four memory maps of the kernel's
    /// 65,530, and a thread that finds none aborts the process.
    pub const MOST_CONNECTIONS: usize = 15_000;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1_000,
            per_address: 50,
            head: Duration::from_secs(5),
            body: Duration::from_secs(30),
            idle: Duration::from_secs(30),
            write: Duration::from_secs(10),
            linger: Duration::from_secs(2),
        }
    }
}
