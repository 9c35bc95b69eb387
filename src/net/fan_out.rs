//! Sending one frame to many: directly, and on two to four threads when there are many.

use std::sync::{Mutex, PoisonError};
use std::thread;

use super::frame::Frame;
use super::outlet::Reason;
use super::room::Member;

/// Below this many members one thread is faster than sharing the work.
const SHARED_FROM: usize = 500;

/// More senders than cores would only take turns; more than four compete for the kernel's locks.
const SENDERS: usize = 4;

/// Members a sender takes at a time. Senders that are held up (by readers of what was sent, on the
/// same cores) leave the rest to the others.
const PORTION: usize = 64;

/// Sends each member the frame `choose` picks; what does not fit goes to the members' outboxes.
pub(super) fn send<'a>(members: &[Member], choose: impl Fn(&Member) -> Option<&'a Frame> + Sync) {
    if members.len() < SHARED_FROM {
        return send_chunk(members, &choose);
    }
    let senders = thread::available_parallelism().map_or(2, usize::from).clamp(2, SENDERS);
    share(members, senders, |portion| send_chunk(portion, &choose));
}

/// Lets this thread and others take portions of `items` until none is left.
fn share<T: Sync>(items: &[T], threads: usize, work: impl Fn(&[T]) + Sync) {
    let portions = Mutex::new(items.chunks(PORTION));
    let next = || portions.lock().unwrap_or_else(PoisonError::into_inner).next();
    let take = || {
        while let Some(portion) = next() {
            work(portion);
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            // Without it the others do its part.
            let _ = thread::Builder::new().name("fan-out".into()).spawn_scoped(scope, take);
        }
        take();
    });
}

fn send_chunk<'a>(members: &[Member], choose: &(impl Fn(&Member) -> Option<&'a Frame> + Sync)) {
    for member in members {
        if let Some(frame) = choose(member) {
            member.outlet.send(frame, Reason::Broadcast);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn everybody_gets_it_once_however_many_share_the_work() {
        for threads in 1..=4 {
            for count in [0, 1, PORTION, PORTION + 1, 10 * PORTION - 1] {
                let items: Vec<AtomicU32> = (0..count).map(|_| AtomicU32::new(0)).collect();
                share(&items, threads, |portion| {
                    for item in portion {
                        item.fetch_add(1, Ordering::Relaxed);
                    }
                });
                let times: Vec<u32> = items.into_iter().map(AtomicU32::into_inner).collect();
                assert_eq!(times, vec![1; count], "{threads} threads");
            }
        }
    }
}
