//! One client's way out: whole frames, sent at once or kept in a small outbox, never waited for.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::net::sockopt;

use super::drain::Drain;
use super::frame::{self, Frame};
use super::socket::Socket;

/// Bytes of broadcasts a client may be behind before it is dropped.
const OUTBOX: usize = 64 * 1024;

/// Bytes of answers that may wait when the next one comes. One answer may be larger, as a long list
/// is; but who asks on and on without reading is dropped.
const ANSWERS: usize = 1024 * 1024;

/// The kernel's send buffer. With its default a stuck client swallows a megabyte unseen.
const SEND_BUFFER: usize = 32 * 1024;

/// Frames handed to the kernel in one call.
const SLICES: usize = 64;

/// How long the last bytes and the close frame of a leaving client may take.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// "Try again later" (IANA's registry of close codes): the client does not keep up.
const TOO_SLOW: u16 = 1013;

/// Why a frame is sent, which decides how long it may lie in the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Its snapshot: bytes all clients share, sent once to each, so they take no memory of ours.
    Snapshot,
    /// The client asked for it.
    Asked,
    /// Somebody else caused it, or the protocol.
    Broadcast,
}

/// The sending half of one websocket.
pub struct Outlet {
    stream: Socket,
    drain: Drain,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    frames: VecDeque<(Frame, Reason)>,
    /// Bytes of the first frame that are sent already.
    offset: usize,
    /// Bytes of the snapshot that wait.
    snapshot: usize,
    /// Bytes of answers that wait.
    asked: usize,
    /// Bytes of broadcasts that wait.
    broadcast: usize,
    state: State,
    /// The drain thread watches the socket.
    watched: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Open,
    /// Nothing more is taken; what waits is sent until the instant.
    Closing(Instant),
    Dead,
}

/// What is left after the drain thread sent what it could.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Left {
    Nothing,
    Waiting { until: Option<Instant> },
}

impl Outlet {
    /// Takes the socket, whose sends must not be made elsewhere from now on.
    pub fn new(stream: Socket, drain: Drain) -> io::Result<Arc<Self>> {
        sockopt::set_socket_send_buffer_size(stream.tcp(), SEND_BUFFER)?;
        Ok(Arc::new(Self { stream, drain, queue: Mutex::default() }))
    }

    /// The socket, for reading.
    pub fn stream(&self) -> &Socket {
        &self.stream
    }

    /// Whether it still takes frames: the client was neither told to leave nor dropped.
    pub fn is_open(&self) -> bool {
        self.lock().state == State::Open
    }

    /// Sends one frame, or keeps what the kernel does not take. False once the client is gone or
    /// has been dropped.
    pub fn send(self: &Arc<Self>, frame: &Frame, reason: Reason) -> bool {
        self.send_all(std::slice::from_ref(frame), reason)
    }

    /// Sends frames one behind the other, nothing in between.
    pub fn send_all(self: &Arc<Self>, frames: &[Frame], reason: Reason) -> bool {
        let mut queue = self.lock();
        if queue.state != State::Open {
            return false;
        }
        let was_patient = reason != Reason::Asked || queue.asked <= ANSWERS;
        let sent =
            if queue.frames.is_empty() { self.send_now(&mut queue, frames, reason) } else { 0 };
        if queue.state == State::Dead {
            return false;
        }
        queue.keep(&frames[sent..], reason);
        let kept_up = was_patient && queue.broadcast <= OUTBOX;
        if !kept_up {
            self.give_up(&mut queue, TOO_SLOW);
        }
        self.watch(queue);
        kept_up
    }

    /// Sends a close frame behind what waits; takes nothing more.
    pub fn close(self: &Arc<Self>, code: u16) {
        self.end(&[frame::close(code)]);
    }

    /// Takes nothing more: a close frame is among what was sent.
    pub fn finish(self: &Arc<Self>) {
        self.end(&[]);
    }

    fn end(self: &Arc<Self>, last: &[Frame]) {
        let mut queue = self.lock();
        if queue.state != State::Open {
            return;
        }
        queue.keep(last, Reason::Asked);
        queue.state = State::Closing(deadline());
        self.flush_locked(&mut queue);
        self.watch(queue);
    }

    /// Ends both directions at once.
    pub fn abort(&self) {
        let mut queue = self.lock();
        queue.die();
        drop(queue);
        drop(self.stream.tcp().shutdown(Shutdown::Both));
    }

    /// Sends what the kernel takes now; for the drain thread.
    pub(super) fn flush(&self, now: Instant) -> Left {
        let mut queue = self.lock();
        if matches!(queue.state, State::Closing(until) if until <= now) {
            queue.die();
            drop(self.stream.tcp().shutdown(Shutdown::Both));
        }
        if self.flush_locked(&mut queue) {
            queue.watched = false;
            return Left::Nothing;
        }
        match queue.state {
            State::Closing(until) => Left::Waiting { until: Some(until) },
            _ => Left::Waiting { until: None },
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands the socket to the drain thread when something waits, once the lock is released.
    fn watch(self: &Arc<Self>, mut queue: MutexGuard<'_, Queue>) {
        let waits = !queue.frames.is_empty() || !self.stream.has_caught_up();
        let needed = waits && !queue.watched;
        queue.watched |= needed;
        drop(queue);
        if needed {
            self.drain.watch(Arc::clone(self));
        }
    }

    /// Sends from `frames` without the queue, keeping one that was begun; how many need no more care.
    fn send_now(&self, queue: &mut Queue, frames: &[Frame], reason: Reason) -> usize {
        let mut done = 0;
        while done < frames.len() {
            let sent = match &frames[done..] {
                // Nearly always, and ten thousand times in a broadcast.
                [frame] => self.stream.send(frame),
                rest => {
                    let slices: Vec<IoSlice> =
                        rest.iter().take(SLICES).map(|f| IoSlice::new(f)).collect();
                    self.stream.send_slices(&slices)
                }
            };
            let mut sent = match sent {
                Ok(0) => return done,
                Ok(sent) => sent,
                Err(_) => {
                    queue.die();
                    return done;
                }
            };
            while done < frames.len() && sent >= frames[done].len() {
                sent -= frames[done].len();
                done += 1;
            }
            if sent > 0 {
                queue.keep(&frames[done..=done], reason);
                queue.advance(sent);
                return done + 1;
            }
        }
        done
    }

    /// Sends what waits as far as the kernel takes it; true when nothing is left to be sent.
    fn flush_locked(&self, queue: &mut Queue) -> bool {
        while !queue.frames.is_empty() && queue.state != State::Dead {
            let mut slices: Vec<IoSlice> = Vec::with_capacity(queue.frames.len().min(SLICES));
            for (index, (frame, _)) in queue.frames.iter().take(SLICES).enumerate() {
                slices.push(IoSlice::new(if index == 0 { &frame[queue.offset..] } else { frame }));
            }
            match self.stream.send_slices(&slices) {
                Ok(0) => return false,
                Ok(sent) => queue.advance(sent),
                Err(_) => queue.die(),
            }
        }
        if !self.stream.has_caught_up() {
            return false;
        }
        if matches!(queue.state, State::Closing(_)) {
            // The close frame is out: nothing more will be sent or listened to.
            queue.die();
            drop(self.stream.end());
        }
        true
    }

    /// Drops what was not begun, says why, and wakes the reader so that the session ends.
    fn give_up(&self, queue: &mut Queue, code: u16) {
        queue.frames.truncate(usize::from(queue.offset > 0));
        queue.keep(&[frame::close(code)], Reason::Asked);
        queue.state = State::Closing(deadline());
        drop(self.stream.tcp().shutdown(Shutdown::Read));
    }
}

impl Queue {
    fn keep(&mut self, frames: &[Frame], reason: Reason) {
        for frame in frames {
            *self.waiting(reason) += frame.len();
            self.frames.push_back((Arc::clone(frame), reason));
        }
    }

    /// The bytes that wait for this reason.
    fn waiting(&mut self, reason: Reason) -> &mut usize {
        match reason {
            Reason::Snapshot => &mut self.snapshot,
            Reason::Asked => &mut self.asked,
            Reason::Broadcast => &mut self.broadcast,
        }
    }

    fn advance(&mut self, mut sent: usize) {
        while let Some((first, reason)) = self.frames.front() {
            let (left, reason) = (first.len() - self.offset, *reason);
            *self.waiting(reason) -= sent.min(left);
            if sent < left {
                self.offset += sent;
                return;
            }
            sent -= left;
            self.offset = 0;
            self.frames.pop_front();
        }
    }

    fn die(&mut self) {
        *self = Self { state: State::Dead, watched: self.watched, ..Self::default() };
    }
}

fn deadline() -> Instant {
    Instant::now() + LAST_WORDS
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::net::{TcpListener, TcpStream};

    fn pair() -> (Arc<Outlet>, TcpStream, Drain) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let drain = Drain::start().unwrap();
        let outlet = {
            let socket = Socket::new(listener.accept().unwrap().0, None).unwrap();
            Outlet::new(socket, drain.clone()).unwrap()
        };
        (outlet, client, drain)
    }

    fn filled(byte: u8, length: usize) -> Frame {
        vec![byte; length].into()
    }

    #[test]
    fn what_the_kernel_does_not_take_follows_in_order() {
        let (outlet, mut client, _drain) = pair();
        let frames: Vec<Frame> = (0..200).map(|n| filled(n, 5000)).collect();
        assert!(outlet.send_all(&frames, Reason::Asked));
        let last = filled(255, 10);
        assert!(outlet.send(&last, Reason::Broadcast));
        let mut received = vec![0; 200 * 5000 + 10];
        client.read_exact(&mut received).unwrap();
        let expected: Vec<u8> = frames.iter().chain([&last]).flat_map(|f| f.to_vec()).collect();
        assert!(received == expected);
    }

    #[test]
    fn a_client_that_stops_reading_is_dropped_with_1013_and_nobody_waits() {
        let (outlet, mut client, _drain) = pair();
        let frame = filled(7, 4096);
        let sent = (0..2000).take_while(|_| outlet.send(&frame, Reason::Broadcast)).count();
        assert!(sent < 2000, "never dropped");
        let mut received = Vec::new();
        client.read_to_end(&mut received).unwrap();
        assert!(received.ends_with(&frame::close(TOO_SLOW)));
        assert_eq!((received.len() - 4) % 4096, 0, "a frame was cut");
    }

    #[test]
    fn a_snapshot_and_one_long_answer_are_not_held_against_the_client() {
        let (outlet, mut client, _drain) = pair();
        let snapshot: Vec<Frame> = (0..1000).map(|_| filled(1, 1000)).collect();
        assert!(outlet.send_all(&snapshot, Reason::Snapshot));
        assert!(outlet.send(&filled(2, 2_000_000), Reason::Asked));
        assert!(outlet.send(&filled(3, 1000), Reason::Broadcast));
        let mut received = vec![0; 3_001_000];
        client.read_exact(&mut received).unwrap();
        assert!(outlet.send(&filled(4, 3_000_000), Reason::Asked), "not even when begun at once");
        assert!(outlet.is_open());
    }

    #[test]
    fn who_asks_and_never_reads_is_dropped() {
        let (outlet, mut client, _drain) = pair();
        let answer = filled(1, 400_000);
        let sent = (0..100).take_while(|_| outlet.send(&answer, Reason::Asked)).count();
        assert!((3..50).contains(&sent), "{sent}");
        let mut received = Vec::new();
        client.read_to_end(&mut received).unwrap();
        assert!(received.ends_with(&frame::close(TOO_SLOW)));
    }
}
