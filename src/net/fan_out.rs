//! Sending one frame to many: directly, and on two to four threads when there are many.

use std::thread;

use super::frame::Frame;
use super::outlet::Reason;
use super::room::Member;

/// Below this many members one thread is faster than sharing the work.
const SHARED_FROM: usize = 500;

/// More senders than cores would only take turns; more than four compete for the kernel's locks.
const SENDERS: usize = 4;

/// Sends each member the frame `choose` picks; what does not fit goes to the members' outboxes.
pub(super) fn send<'a>(members: &[Member], choose: impl Fn(&Member) -> Option<&'a Frame> + Sync) {
    if members.len() < SHARED_FROM {
        return send_chunk(members, &choose);
    }
    let senders = thread::available_parallelism().map_or(2, usize::from).clamp(2, SENDERS);
    let mut chunks = members.chunks(members.len().div_ceil(senders));
    let own = chunks.next().unwrap_or_default();
    thread::scope(|scope| {
        for chunk in chunks {
            let choose = &choose;
            let sender = move || send_chunk(chunk, choose);
            let spawned = thread::Builder::new().name("fan-out".into()).spawn_scoped(scope, sender);
            if spawned.is_err() {
                send_chunk(chunk, choose);
            }
        }
        send_chunk(own, &choose);
    });
}

fn send_chunk<'a>(members: &[Member], choose: &(impl Fn(&Member) -> Option<&'a Frame> + Sync)) {
    for member in members {
        if let Some(frame) = choose(member) {
            member.outlet.send(frame, Reason::Broadcast);
        }
    }
}
