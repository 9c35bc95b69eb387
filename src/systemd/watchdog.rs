//! The watchdog thread: tells the manager that we are well, as long as we are.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use super::manager::{Manager, watched};
use crate::settings::Surroundings;
use crate::thread::{self, Handle};

/// We look this often within the manager's patience, so that one bad moment is not the end.
const LOOKS: u32 = 4;

/// Owns the thread. Dropping it ends it after the look it is at.
pub struct Watchdog {
    stop: Option<SyncSender<()>>,
    _thread: Handle,
}

impl Watchdog {
    /// Starts it, if the manager watches us: `is_well` is asked again and again and says why not.
    pub fn start(
        manager: Arc<Manager>,
        around: &Surroundings,
        is_well: impl FnMut() -> Result<(), String> + Send + 'static,
    ) -> io::Result<Option<Self>> {
        let Some(patience) = watched(around) else { return Ok(None) };
        let (stop, stopped) = sync_channel(0);
        let thread = thread::spawn("watchdog", move || {
            work(&manager, patience / LOOKS, &stopped, is_well);
        })?;
        Ok(Some(Self { stop: Some(stop), _thread: thread }))
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        drop(self.stop.take());
    }
}

fn work(
    manager: &Manager,
    pause: Duration,
    stopped: &Receiver<()>,
    mut is_well: impl FnMut() -> Result<(), String>,
) {
    let mut was_well = true;
    while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
        let found = is_well();
        match &found {
            Ok(()) => {
                manager.well();
                if !was_well {
                    log::info!("the watchdog is fed again");
                    manager.status("well again");
                }
            }
            Err(why) if was_well => {
                log::error!("the watchdog is not fed: {why}");
                manager.status(&format!("the watchdog is not fed: {why}"));
            }
            Err(_) => (),
        }
        was_well = found.is_ok();
    }
}
