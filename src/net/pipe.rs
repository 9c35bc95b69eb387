//! The stream tungstenite reads and writes: reads have a deadline, writes go through the outlet.

use std::io::{self, ErrorKind, Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::frame::Frame;
use super::outlet::{Outlet, Reason};

/// The shortest read timeout the kernel is given; zero would mean none at all.
const SHORTEST: Duration = Duration::from_millis(1);

/// One websocket's socket.
pub(super) struct Pipe {
    outlet: Arc<Outlet>,
    deadline: Instant,
    /// The deadline the kernel's timeout was last computed for, while nothing has been read.
    armed: Option<Instant>,
    heard: Instant,
}

impl Pipe {
    pub(super) fn new(outlet: Arc<Outlet>, deadline: Instant) -> Self {
        Self { outlet, deadline, armed: None, heard: Instant::now() }
    }

    pub(super) fn outlet(&self) -> &Arc<Outlet> {
        &self.outlet
    }

    /// Reads return [`ErrorKind::WouldBlock`] from this instant on.
    pub(super) fn set_deadline(&mut self, deadline: Instant) {
        self.deadline = deadline;
    }

    /// When the client was last heard of.
    pub(super) fn heard(&self) -> Instant {
        self.heard
    }
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let now = Instant::now();
        if self.deadline <= now {
            return Err(ErrorKind::WouldBlock.into());
        }
        if self.armed != Some(self.deadline) {
            let left = (self.deadline - now).max(SHORTEST);
            self.outlet.stream().tcp().set_read_timeout(Some(left))?;
            self.armed = Some(self.deadline);
        }
        let count = match self.outlet.stream().read(buffer) {
            // The kernel's timeout counts from each read, so a late read must compute it anew.
            Err(error) => {
                self.armed = None;
                return Err(error);
            }
            Ok(count) => count,
        };
        self.armed = None;
        self.heard = Instant::now();
        Ok(count)
    }
}

impl Write for Pipe {
    /// tungstenite writes whole frames at a time, and the outlet takes them whole. Pongs count like
    /// broadcasts: who pings and never reads is dropped.
    fn write(&mut self, frames: &[u8]) -> io::Result<usize> {
        let frame: Frame = frames.into();
        if self.outlet.send(&frame, Reason::Broadcast) {
            Ok(frames.len())
        } else {
            Err(ErrorKind::BrokenPipe.into())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
