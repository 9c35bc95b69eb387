//! The drain thread: waits until the few sockets whose outlets hold bytes can be written again.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};

use super::outlet::{Left, Outlet};
use crate::thread;

/// A handle to the thread; it ends with the last handle.
#[derive(Clone)]
pub struct Drain(Arc<Shared>);

struct Shared {
    wake: Arc<OwnedFd>,
    inbox: Arc<Mutex<Inbox>>,
}

/// Outlets to watch. It cannot outgrow the connections: an outlet is handed over once at a time.
#[derive(Default)]
struct Inbox {
    outlets: Vec<Arc<Outlet>>,
    stop: bool,
}

impl Drain {
    /// Starts the thread.
    pub fn start() -> io::Result<Self> {
        let wake = Arc::new(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?);
        let inbox = Arc::new(Mutex::new(Inbox::default()));
        let (fd, taken) = (Arc::clone(&wake), Arc::clone(&inbox));
        // Not joined: outlets hold handles, and the thread itself holds outlets.
        thread::detach("drain", 64 * 1024, move || work(&fd, &taken))?;
        Ok(Self(Arc::new(Shared { wake, inbox })))
    }

    /// Flushes `outlet` as its socket takes bytes, until it is empty or dead.
    pub(super) fn watch(&self, outlet: Arc<Outlet>) {
        self.0.inbox.lock().unwrap_or_else(PoisonError::into_inner).outlets.push(outlet);
        self.0.ring();
    }
}

impl Shared {
    fn ring(&self) {
        // The counter can only be full when the thread is about to wake anyway.
        let _ = rustix::io::write(&self.wake, &1_u64.to_ne_bytes());
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner).stop = true;
        self.ring();
    }
}

fn work(wake: &OwnedFd, inbox: &Mutex<Inbox>) {
    let mut watched: Vec<Arc<Outlet>> = Vec::new();
    let mut until: Option<Instant> = None;
    loop {
        wait(wake, &watched, until);
        let _ = rustix::io::read(wake, &mut [0_u8; 8]);
        {
            let mut inbox = inbox.lock().unwrap_or_else(PoisonError::into_inner);
            watched.append(&mut inbox.outlets);
            if inbox.stop && watched.is_empty() {
                return;
            }
        }
        let now = Instant::now();
        until = None;
        watched.retain(|outlet| match outlet.flush(now) {
            Left::Nothing => false,
            Left::Waiting { until: deadline } => {
                until = [until, deadline].into_iter().flatten().min();
                true
            }
        });
    }
}

/// Returns when a socket can be written, somebody rings, or a deadline has come.
fn wait(wake: &OwnedFd, watched: &[Arc<Outlet>], until: Option<Instant>) {
    let mut fds = vec![PollFd::from_borrowed_fd(wake.as_fd(), PollFlags::IN)];
    fds.extend(watched.iter().map(|outlet| PollFd::new(outlet.stream().tcp(), PollFlags::OUT)));
    let timeout = until
        .map(|until| until.saturating_duration_since(Instant::now()))
        .and_then(|left| Timespec::try_from(left).ok());
    // An interrupted poll only means one more round.
    let _ = poll(&mut fds, timeout.as_ref());
}
