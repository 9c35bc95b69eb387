//! Waiting on this thread for somebody else's future, no longer than it may take.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use crate::relay::Stop;

/// How often somebody who waits looks whether it is time to stop.
const LOOK: Duration = Duration::from_millis(200);

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// What `future` gives within `time`; `None` when that is over, or at the stop. The future makes
/// progress elsewhere: nothing is run here.
pub fn within<F: Future>(time: Duration, stop: &Stop, future: F) -> Option<F::Output> {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    let until = Instant::now() + time;
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() || stop.is_set() {
            return None;
        }
        thread::park_timeout(left.min(LOOK));
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    #[test]
    fn nothing_waits_longer_than_it_may() {
        let stop = Stop::default();
        assert_eq!(within(Duration::ZERO, &stop, ready(5)), Some(5));
        assert_eq!(within(Duration::from_millis(1), &stop, pending::<()>()), None);
        stop.set();
        assert_eq!(within(Duration::from_secs(3600), &stop, pending::<()>()), None);
    }
}
