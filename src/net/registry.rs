//! The HTTP connections of one gate, so that a stop reaches the idle ones and can wait for the rest.

use std::collections::HashMap;
use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use crate::net::socket::Socket;

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
    streams: HashMap<u64, Listed>,
}

#[derive(Debug)]
struct Listed {
    stream: Weak<Socket>,
    /// It has had no answer yet, so its client still waits for the first one.
    is_new: bool,
}

/// A listed connection; dropping it strikes it off.
#[derive(Debug)]
pub(crate) struct Entry {
    registry: Arc<Registry>,
    number: u64,
    is_new: bool,
}

impl Registry {
    /// Lists a connection that was accepted, so that a stop waits for it from this moment on.
    pub(crate) fn enter(self: &Arc<Self>) -> Entry {
        let mut open = self.open();
        let number = open.next;
        open.next += 1;
        open.streams.insert(number, Listed { stream: Weak::new(), is_new: true });
        Entry { registry: Arc::clone(self), number, is_new: true }
    }

    /// Whether connections should close after the answer they are at.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// From now on every connection closes after the answer it is at.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Wakes every connection that waits for its next request: it reads an end and closes.
    pub(crate) fn wake_idle(&self) {
        self.wake(|listed| !listed.is_new);
    }

    /// Wakes every connection that waits for bytes.
    pub(crate) fn wake_all(&self) {
        self.wake(|_| true);
    }

    fn wake(&self, which: impl Fn(&Listed) -> bool) {
        let open = self.open();
        let chosen = open.streams.values().filter(|listed| which(listed));
        let streams: Vec<_> = chosen.filter_map(|listed| listed.stream.upgrade()).collect();
        drop(open);
        for stream in streams {
            // Fails only for a socket the client has already closed.
            drop(stream.tcp().shutdown(Shutdown::Read));
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

impl Entry {
    /// Names the socket, so that a stop can wake it.
    pub(crate) fn is_of(&self, stream: &Arc<Socket>) {
        self.change(|listed| listed.stream = Arc::downgrade(stream));
    }

    /// The client has had an answer.
    pub(crate) fn is_served(&mut self) {
        // Once for each connection: all of them share the lock.
        if std::mem::take(&mut self.is_new) {
            self.change(|listed| listed.is_new = false);
        }
    }

    fn change(&self, change: impl FnOnce(&mut Listed)) {
        self.registry.open().streams.get_mut(&self.number).map(change);
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.registry.open().streams.remove(&self.number);
        self.registry.left.notify_all();
    }
}
