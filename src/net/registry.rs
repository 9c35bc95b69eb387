//! The HTTP connections of one gate, so that a stop reaches the idle ones and can wait for the rest.

use std::collections::HashMap;
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// Every connection that still speaks HTTP; those handed over are not listed.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    stopping: AtomicBool,
    open: Mutex<Open>,
    left: Condvar,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    streams: HashMap<u64, Weak<TcpStream>>,
}

/// A listed connection; dropping it strikes it off.
#[derive(Debug)]
pub(crate) struct Entry {
    registry: Arc<Registry>,
    number: u64,
}

impl Registry {
    /// Lists `stream`; `None` once the gate stops.
    pub(crate) fn enter(self: &Arc<Self>, stream: &Arc<TcpStream>) -> Option<Entry> {
        let mut open = self.open();
        if self.is_stopping() {
            return None;
        }
        let number = open.next;
        open.next += 1;
        open.streams.insert(number, Arc::downgrade(stream));
        Some(Entry { registry: Arc::clone(self), number })
    }

    /// Whether connections should close after the answer they are at.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Lets no connection begin any more.
    pub(crate) fn stop(&self) {
        let open = self.open();
        self.stopping.store(true, Ordering::Relaxed);
        drop(open);
    }

    /// Wakes every connection that waits for bytes: it reads an end and closes.
    pub(crate) fn wake(&self) {
        let streams: Vec<_> = self.open().streams.values().filter_map(Weak::upgrade).collect();
        for stream in streams {
            // Fails only for a socket the client has already closed.
            drop(stream.shutdown(Shutdown::Read));
        }
    }

    /// Waits until no connection is listed, or for `patience`; how many are left.
    pub(crate) fn wait_until_empty(&self, patience: Duration) -> usize {
        let waited = self.left.wait_timeout_while(self.open(), patience, |o| !o.streams.is_empty());
        waited.unwrap_or_else(PoisonError::into_inner).0.streams.len()
    }

    /// The list stays whole through a panic: no change of it can panic half-way.
    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.registry.open().streams.remove(&self.number);
        self.registry.left.notify_all();
    }
}
