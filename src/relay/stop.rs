//! The order to stop, which also ends calls that hang.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Told once, heard by whoever waits. Clones are the same order.
#[derive(Clone, Default)]
pub struct Stop(Arc<Order>);

#[derive(Default)]
struct Order {
    state: Mutex<State>,
    told: Condvar,
}

#[derive(Default)]
struct State {
    is_set: bool,
    next: u64,
    aborts: Vec<(u64, Abort)>,
}

type Abort = Box<dyn FnOnce() + Send>;

/// While it lives, a stop runs what was given to [`Stop::watch`].
#[must_use = "a watch ends when it is dropped"]
pub struct Watch {
    stop: Stop,
    number: u64,
}

impl Stop {
    /// Whether it is time to stop.
    pub fn is_set(&self) -> bool {
        self.state().is_set
    }

    /// Tells everybody to stop, and runs what was to be run then, once.
    pub fn set(&self) {
        let aborts = {
            let mut state = self.state();
            state.is_set = true;
            std::mem::take(&mut state.aborts)
        };
        self.0.told.notify_all();
        for (_, abort) in aborts {
            abort();
        }
    }

    /// Waits for `time` or until the stop; whether that came.
    pub fn rest(&self, time: Duration) -> bool {
        let until = Instant::now() + time;
        let mut state = self.state();
        while !state.is_set {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let told = self.0.told.wait_timeout(state, left);
            state = told.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Runs `abort` at the stop, such as the shutdown of a socket somebody reads from; at once if it
    /// is past. Not run any more once the watch is dropped.
    pub fn watch(&self, abort: impl FnOnce() + Send + 'static) -> Watch {
        let mut state = self.state();
        state.next += 1;
        let number = state.next;
        if state.is_set {
            drop(state);
            abort();
        } else {
            state.aborts.push((number, Box::new(abort)));
        }
        Watch { stop: self.clone(), number }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.state().aborts.retain(|(number, _)| *number != self.number);
    }
}

impl fmt::Debug for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stop").field(&self.is_set()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn a_stop_ends_what_waits_and_what_is_watched() {
        let stop = Stop::default();
        let (said, heard) = channel();
        let of = |name: &'static str| {
            let said = said.clone();
            move || said.send(name).unwrap()
        };
        let kept = stop.watch(of("kept"));
        drop(stop.watch(of("dropped")));
        assert!(!stop.rest(Duration::ZERO));
        let waiting = {
            let (stop, done) = (stop.clone(), of("rested"));
            crate::thread::spawn("rest", move || {
                assert!(stop.rest(Duration::from_secs(3600)));
                done();
            })
            .unwrap()
        };
        stop.set();
        drop(waiting);
        drop(stop.watch(of("late")));
        drop(kept);
        let mut all: Vec<&str> = heard.try_iter().collect();
        all.sort_unstable();
        assert_eq!(all, ["kept", "late", "rested"]);
    }
}
