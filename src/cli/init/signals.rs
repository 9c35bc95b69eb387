//! Ctrl-C and its kin: they end the program at once, wake a question, or wait for a moment's work.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

/// What asks a program to end.
const ENDS: [i32; 3] = [SIGINT, SIGTERM, SIGHUP];

/// The signals of this process, for as long as it runs.
pub(super) struct Signals {
    dies: Arc<AtomicBool>,
    woken: UnixStream,
}

impl Signals {
    /// They end the program, as ever.
    pub(super) fn new() -> io::Result<Self> {
        let dies = Arc::new(AtomicBool::new(true));
        let (woken, wake) = UnixStream::pair()?;
        for signal in ENDS {
            flag::register_conditional_default(signal, Arc::clone(&dies))?;
            low_level::pipe::register(signal, wake.try_clone()?)?;
        }
        Ok(Self { dies, woken })
    }

    /// They end the program no more.
    pub(super) fn hold(&self) {
        self.dies.store(false, Ordering::SeqCst);
    }

    /// They end the program again.
    pub(super) fn let_go(&self) {
        self.dies.store(true, Ordering::SeqCst);
    }

    /// Can be read once one has come.
    pub(super) fn woken(&self) -> BorrowedFd<'_> {
        self.woken.as_fd()
    }
}
