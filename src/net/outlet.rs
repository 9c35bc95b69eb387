//! One client's way out: whole frames, sent at once or kept in a small outbox, never waited for.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::{SendAncillaryBuffer, SendFlags, send, sendmsg, sockopt};

use super::drain::Drain;
use super::frame::{self, Frame};

/// Bytes of broadcasts a client may be behind before it is dropped.
const OUTBOX: usize = 64 * 1024;

/// Bytes in all, what the client asked for (its snapshot, lists) included.
const OUTBOX_IN_ALL: usize = 8 * 1024 * 1024;

/// The kernel's send buffer. With its default a stuck client swallows a megabyte unseen.
const SEND_BUFFER: usize = 32 * 1024;

/// Frames handed to the kernel in one call.
const SLICES: usize = 64;

/// Sends never wait, and a client that is gone is an error, not a signal.
const FLAGS: SendFlags = SendFlags::DONTWAIT.union(SendFlags::NOSIGNAL);

/// How long the last bytes and the close frame of a leaving client may take.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// "Try again later" (IANA's registry of close codes): the client does not keep up.
const TOO_SLOW: u16 = 1013;

/// Why a frame is sent, which decides how long it may lie in the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The client asked for it: its size is not held against the client.
    Asked,
    /// Somebody else caused it.
    Broadcast,
}

/// The sending half of one websocket.
pub struct Outlet {
    stream: TcpStream,
    drain: Drain,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    frames: VecDeque<Frame>,
    /// Bytes of the first frame that are sent already.
    offset: usize,
    /// Bytes that wait, and how many of them the client asked for.
    bytes: usize,
    asked: usize,
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
    pub fn new(stream: TcpStream, drain: Drain) -> io::Result<Arc<Self>> {
        sockopt::set_socket_send_buffer_size(&stream, SEND_BUFFER)?;
        Ok(Arc::new(Self { stream, drain, queue: Mutex::default() }))
    }

    /// The socket, for reading.
    pub fn stream(&self) -> &TcpStream {
        &self.stream
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
        let rest = if queue.frames.is_empty() { self.send_now(&mut queue, frames) } else { frames };
        if queue.state == State::Dead {
            return false;
        }
        queue.keep(rest, reason);
        let kept_up = !queue.is_over();
        if !kept_up {
            self.give_up(&mut queue, TOO_SLOW);
        }
        self.watch(queue);
        kept_up
    }

    /// Sends a close frame behind what waits; takes nothing more.
    pub fn close(self: &Arc<Self>, code: u16) {
        let mut queue = self.lock();
        if queue.state != State::Open {
            return;
        }
        queue.keep(&[frame::close(code)], Reason::Asked);
        queue.state = State::Closing(deadline());
        self.flush_locked(&mut queue);
        self.watch(queue);
    }

    /// Ends both directions at once.
    pub fn abort(&self) {
        let mut queue = self.lock();
        queue.die();
        drop(queue);
        drop(self.stream.shutdown(Shutdown::Both));
    }

    /// Sends what the kernel takes now; for the drain thread.
    pub(super) fn flush(&self, now: Instant) -> Left {
        let mut queue = self.lock();
        if matches!(queue.state, State::Closing(until) if until <= now) {
            queue.die();
            drop(self.stream.shutdown(Shutdown::Both));
        }
        self.flush_locked(&mut queue);
        if queue.frames.is_empty() {
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
        let needed = !queue.frames.is_empty() && !queue.watched;
        queue.watched |= needed;
        drop(queue);
        if needed {
            self.drain.watch(Arc::clone(self));
        }
    }

    /// Sends from `frames` without the queue; returns those not even begun, keeping a begun one.
    fn send_now<'a>(&self, queue: &mut Queue, mut frames: &'a [Frame]) -> &'a [Frame] {
        while !frames.is_empty() {
            let sent = match frames {
                // Nearly always, and ten thousand times in a broadcast.
                [frame] => self.send_bytes(frame),
                frames => {
                    let slices: Vec<IoSlice> =
                        frames.iter().take(SLICES).map(|f| IoSlice::new(f)).collect();
                    self.send_slices(&slices)
                }
            };
            let mut sent = match sent {
                Ok(0) => return frames,
                Ok(sent) => sent,
                Err(_) => {
                    queue.die();
                    return &[];
                }
            };
            while let Some((first, rest)) = frames.split_first() {
                if sent < first.len() {
                    break;
                }
                sent -= first.len();
                frames = rest;
            }
            if sent > 0 {
                queue.frames.push_back(Arc::clone(&frames[0]));
                queue.offset = sent;
                queue.bytes += frames[0].len() - sent;
                return &frames[1..];
            }
        }
        frames
    }

    fn flush_locked(&self, queue: &mut Queue) {
        while !queue.frames.is_empty() && queue.state != State::Dead {
            let mut slices: Vec<IoSlice> = Vec::with_capacity(queue.frames.len().min(SLICES));
            for (index, frame) in queue.frames.iter().take(SLICES).enumerate() {
                slices.push(IoSlice::new(if index == 0 { &frame[queue.offset..] } else { frame }));
            }
            match self.send_slices(&slices) {
                Ok(0) => return,
                Ok(sent) => queue.advance(sent),
                Err(_) => queue.die(),
            }
        }
        if matches!(queue.state, State::Closing(_)) {
            // The close frame is out: nothing more will be sent or listened to.
            queue.die();
            drop(self.stream.shutdown(Shutdown::Write));
        }
    }

    /// Bytes the kernel took; 0 when it takes none now.
    fn send_slices(&self, slices: &[IoSlice]) -> Result<usize, Errno> {
        taken(|| sendmsg(&self.stream, slices, &mut SendAncillaryBuffer::default(), FLAGS))
    }

    fn send_bytes(&self, bytes: &[u8]) -> Result<usize, Errno> {
        taken(|| send(&self.stream, bytes, FLAGS))
    }

    /// Drops what was not begun, says why, and wakes the reader so that the session ends.
    fn give_up(&self, queue: &mut Queue, code: u16) {
        let begun = usize::from(queue.offset > 0);
        queue.frames.truncate(begun);
        queue.bytes = queue.frames.front().map_or(0, |frame| frame.len() - queue.offset);
        queue.asked = 0;
        queue.keep(&[frame::close(code)], Reason::Asked);
        queue.state = State::Closing(deadline());
        drop(self.stream.shutdown(Shutdown::Read));
    }
}

/// What a call to send has given, once it was not interrupted.
fn taken(send: impl Fn() -> Result<usize, Errno>) -> Result<usize, Errno> {
    loop {
        match send() {
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => return Ok(0),
            result => return result,
        }
    }
}

impl Queue {
    fn keep(&mut self, frames: &[Frame], reason: Reason) {
        for frame in frames {
            self.bytes += frame.len();
            if reason == Reason::Asked {
                self.asked += frame.len();
            }
            self.frames.push_back(Arc::clone(frame));
        }
    }

    fn is_over(&self) -> bool {
        self.bytes - self.asked.min(self.bytes) > OUTBOX || self.bytes > OUTBOX_IN_ALL
    }

    fn advance(&mut self, mut sent: usize) {
        self.bytes -= sent;
        self.asked = self.asked.saturating_sub(sent);
        while let Some(first) = self.frames.front() {
            let left = first.len() - self.offset;
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
    use std::net::TcpListener;

    fn pair() -> (Arc<Outlet>, TcpStream, Drain) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let drain = Drain::start().unwrap();
        let outlet = Outlet::new(listener.accept().unwrap().0, drain.clone()).unwrap();
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
    fn what_the_client_asked_for_is_not_held_against_it() {
        let (outlet, mut client, _drain) = pair();
        let snapshot: Vec<Frame> = (0..1000).map(|_| filled(1, 1000)).collect();
        assert!(outlet.send_all(&snapshot, Reason::Asked));
        assert!(outlet.send(&filled(2, 1000), Reason::Broadcast));
        let mut received = vec![0; 1_001_000];
        client.read_exact(&mut received).unwrap();
    }
}
