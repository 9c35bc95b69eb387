//! Trying again for ever, visibly, until Telegram answers or the program stops.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::contact::Contact;
use super::error::ApiError;
use crate::backoff::Backoff;
use crate::clock;

/// How patient we are with Telegram; what it tells to wait is `retry_after`.
pub(super) const BACKOFF: Backoff =
    Backoff { longest: Duration::from_secs(30), longest_told: Duration::from_secs(86_400) };

/// Another poller takes turns with us: quick repeats would only end its polls, too.
const CONFLICT: Duration = Duration::from_millis(2_500);

/// A revoked token is tried again this slowly.
const UNAUTHORIZED: Duration = Duration::from_secs(60);

/// What a thread that speaks to Telegram waits with.
pub(super) struct Patience {
    pub(super) contact: Arc<Contact>,
    /// Hears nothing, and ends when the program stops.
    pub(super) stopped: Receiver<()>,
}

impl Patience {
    /// Calls until it works; `None` when the program stops.
    pub(super) fn until_done<T>(&self, call: impl Fn() -> Result<T, ApiError>) -> Option<T> {
        let mut failures = 0;
        loop {
            match call() {
                Ok(done) => {
                    self.contact.succeeded(clock::now());
                    return Some(done);
                }
                Err(ApiError::Aborted) => return None,
                Err(error) => {
                    self.contact.failed(&error.to_string());
                    failures += 1;
                    self.rest(after(&error, failures))?;
                }
            }
        }
    }

    /// Waits; `None` when the program stops.
    pub(super) fn rest(&self, wait: Duration) -> Option<()> {
        match self.stopped.recv_timeout(wait) {
            Err(RecvTimeoutError::Timeout) => Some(()),
            _ => None,
        }
    }
}

/// How long to wait after `error`, the last of so many failures.
pub(super) fn after(error: &ApiError, failures: u32) -> Duration {
    match error {
        error if error.is_conflict() => BACKOFF.after(failures.max(2), None).max(CONFLICT),
        ApiError::Unauthorized => UNAUTHORIZED,
        error => BACKOFF.after(failures, error.retry_after()),
    }
}
