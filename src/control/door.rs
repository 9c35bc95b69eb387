//! The server's side: accepts commands on the control socket and answers each in its own thread.

use std::io::{self, ErrorKind};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use serde_json::Value;

use super::place::{self, Place};
use super::{Answer, Failure, Request, backup, execute, line, relay, socket_of};
use crate::apps::Apps;
use crate::clock;
use crate::store::Store;
use crate::thread::{self, Handle};

/// Commands answered at once; more wait in the kernel.
const COMMANDS: usize = 16;

/// A command has this long to say what it wants.
const REQUEST: Duration = Duration::from_secs(10);

/// A command has this long for each piece of its answer; a stop waits no longer than this either.
const ANSWER: Duration = Duration::from_secs(2);

/// The longest request when pictures are not larger than usual.
const LINE_MAX: usize = 1 << 20;

/// Room for the texts of a request beside its picture.
const TEXTS_MAX: usize = 64 * 1024;

/// How soon to accept again after the kernel could not.
const PAUSE: Duration = Duration::from_millis(100);

/// What commands are answered from.
pub struct Desk {
    /// The database.
    pub store: Store,
    /// The apps.
    pub apps: Arc<Apps>,
    /// How the server does.
    pub health: Box<dyn Fn() -> Value + Send + Sync>,
}

/// The open control socket. Dropping it refuses new commands, ends those under way and takes the
/// socket away.
pub struct Door {
    stopping: Arc<AtomicBool>,
    listener: Arc<UnixListener>,
    thread: Option<Handle>,
    _place: Place,
}

impl Door {
    /// Opens the door of `database`, which the caller must hold.
    pub fn open(database: &Path, desk: Desk) -> Result<Self, Failure> {
        let path = socket_of(database);
        let (listener, place) = place::listen(&path)?;
        let (listener, stopping) = (Arc::new(listener), Arc::new(AtomicBool::new(false)));
        let porter = Porter {
            listener: Arc::clone(&listener),
            stopping: Arc::clone(&stopping),
            desk: Arc::new(desk),
            open: Vec::new(),
        };
        let thread = thread::spawn("control", move || porter.work());
        let thread = thread.map_err(|error| Failure::Listen(path, error))?;
        Ok(Self { stopping, listener, thread: Some(thread), _place: place })
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Release);
        // Wakes the thread; cannot fail for a socket that listens.
        let _ = rustix::net::shutdown(&*self.listener, rustix::net::Shutdown::Both);
        drop(self.thread.take());
    }
}

/// Accepts commands.
struct Porter {
    listener: Arc<UnixListener>,
    stopping: Arc<AtomicBool>,
    desk: Arc<Desk>,
    open: Vec<Command>,
}

/// A command under way.
struct Command {
    stream: Arc<UnixStream>,
    thread: Handle,
}

impl Porter {
    fn work(mut self) {
        // Every thread gives its place back when it ends, so at most so many are in the channel.
        let (free, places) = sync_channel(COMMANDS);
        (0..COMMANDS).for_each(|_| drop(Seat(free.clone())));
        while self.has_place(&places) {
            let seat = Seat(free.clone());
            match self.listener.accept() {
                Ok((stream, _)) => self.admit(stream, seat),
                Err(_) if self.is_stopping() => break,
                Err(error) => survive(&error),
            }
        }
        for command in &self.open {
            // Whoever still says what they want is not waited for; whoever is answered is.
            drop(command.stream.shutdown(Shutdown::Read));
        }
    }

    /// Waits for a place; false when the door closes.
    fn has_place(&self, places: &Receiver<()>) -> bool {
        loop {
            match places.recv_timeout(PAUSE) {
                Ok(()) => return !self.is_stopping(),
                Err(RecvTimeoutError::Timeout) if !self.is_stopping() => {}
                Err(_) => return false,
            }
        }
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    fn admit(&mut self, stream: UnixStream, seat: Seat) {
        self.open.retain(|command| !command.thread.is_finished());
        let (stream, desk) = (Arc::new(stream), Arc::clone(&self.desk));
        let ours = Arc::clone(&stream);
        let thread = thread::spawn("control", move || {
            desk.serve(&ours);
            drop(seat);
        });
        match thread {
            Ok(thread) => self.open.push(Command { stream, thread }),
            Err(error) => log::warn!("cannot start a thread for a command: {error}"),
        }
    }
}

/// A place among the commands under way.
struct Seat(SyncSender<()>);

impl Drop for Seat {
    fn drop(&mut self) {
        // There is room: no more places are given back than the channel holds.
        let _ = self.0.try_send(());
    }
}

fn survive(error: &io::Error) {
    if !matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::ConnectionAborted) {
        log::warn!("cannot accept commands: {error}");
        std::thread::sleep(PAUSE);
    }
}

impl Desk {
    /// Answers the one request of `stream`.
    fn serve(&self, stream: &UnixStream) {
        if !is_ours(stream) {
            return answer(
                stream,
                &Answer::Failed("only the user of the server and root may ask".to_owned()),
            );
        }
        let longest = LINE_MAX.max(self.apps.context().media_limit / 3 * 4 + TEXTS_MAX);
        match line::read(stream, longest, REQUEST) {
            Ok(request) if is(&request, &Request::RelayTail) => self.show(stream),
            Ok(request) if is(&request, &Request::Backup) => answer(stream, &self.back_up(stream)),
            Ok(request) => answer(stream, &self.answer(&request)),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {}
            Err(error) => {
                let why = format!("the request cannot be read: {error}");
                answer(stream, &Answer::Failed(why));
            }
        }
        // Dropped by two owners; the client must not wait for the second.
        drop(stream.shutdown(Shutdown::Both));
    }

    /// Shows updates until the other side hangs up.
    fn show(&self, stream: &UnixStream) {
        let begin = || answer(stream, &Answer::Done(Value::Null));
        match thread::catch(|| relay::tail(&self.store, stream, begin)) {
            Some(Ok(())) => {}
            Some(Err(failure)) => answer(stream, &Answer::Failed(failure.to_string())),
            None => log::error!("showing updates failed inside"),
        }
    }

    /// Writes a backup into the file that comes next.
    fn back_up(&self, stream: &UnixStream) -> Answer {
        let begin = || answer(stream, &Answer::Done(Value::Null));
        answer_of(thread::catch(|| backup::serve(&self.store, stream, begin)))
    }

    fn answer(&self, request: &[u8]) -> Answer {
        let request = match serde_json::from_slice(request) {
            Ok(request) => request,
            Err(error) => {
                return Answer::Failed(format!(
                    "the server does not understand this command: {error}; restart it if it is of another version"
                ));
            }
        };
        answer_of(thread::catch(|| self.carry_out(request)))
    }

    fn carry_out(&self, request: Request) -> Result<Value, Failure> {
        match request {
            Request::Health => Ok((self.health)()),
            request => execute(&self.store, &self.apps, clock::now(), request),
        }
    }
}

fn is(request: &[u8], which: &Request) -> bool {
    serde_json::from_slice(request).is_ok_and(|request: Request| request == *which)
}

fn answer_of(done: Option<Result<Value, Failure>>) -> Answer {
    match done {
        Some(Ok(value)) => Answer::Done(value),
        Some(Err(failure)) => Answer::Failed(failure.to_string()),
        None => Answer::Failed("the command failed inside; see the log of the server".to_owned()),
    }
}

/// Whether the other side runs as the same user as we do, or as root.
fn is_ours(stream: &UnixStream) -> bool {
    let peer = rustix::net::sockopt::socket_peercred(stream);
    peer.is_ok_and(|peer| peer.uid == rustix::process::geteuid() || peer.uid.is_root())
}

fn answer(stream: &UnixStream, answer: &Answer) {
    let written = serde_json::to_vec(answer)
        .map_err(io::Error::from)
        .and_then(|answer| line::write(stream, answer, ANSWER));
    if let Err(error) = written {
        log::debug!("a command did not take its answer: {error}");
    }
}
