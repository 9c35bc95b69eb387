//! Wakes the sinks when the log of updates has something new.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Rung after commits, heard by every sink. Clones are the same bell.
#[derive(Clone, Debug, Default)]
pub struct Bell(Arc<(Mutex<u64>, Condvar)>);

impl Bell {
    /// There is something new.
    pub fn ring(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.1.notify_all();
    }

    /// How often it was rung. Asked before looking, so that nothing that comes meanwhile is missed.
    pub fn count(&self) -> u64 {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until it was rung more often than `count`, or for `patience` if there is one.
    pub fn wait(&self, count: u64, patience: Option<Duration>) {
        let (rung, condition) = &*self.0;
        let quiet = |rung: &mut u64| *rung == count;
        let rung = rung.lock().unwrap_or_else(PoisonError::into_inner);
        match patience {
            Some(patience) => drop(condition.wait_timeout_while(rung, patience, quiet)),
            None => drop(condition.wait_while(rung, quiet)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_rung_before_the_wait_is_heard() {
        let bell = Bell::default();
        let count = bell.count();
        bell.ring();
        bell.wait(count, None);
        bell.wait(bell.count(), Some(Duration::ZERO));
        let (other, count) = (bell.clone(), bell.count());
        let rings = crate::thread::spawn("rings", move || other.ring()).unwrap();
        bell.wait(count, None);
        drop(rings);
    }
}
