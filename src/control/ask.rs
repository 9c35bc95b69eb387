//! The command line's side: asks the running server, or opens the database when none runs.

use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Answer, Failure, Request, execute, line, place, socket_of};
use crate::apps::Apps;
use crate::clock;
use crate::store::{Store, StoreError};

/// The server takes a request within this.
const TAKE: Duration = Duration::from_secs(10);

/// The server answers within this; a hundred commands in front of us on a slow card take less.
const ANSWER: Duration = Duration::from_secs(30);

/// A list of a hundred thousand people fits.
const ANSWER_MAX: usize = 64 << 20;

/// How soon to look again while somebody else has the database.
const PAUSE: Duration = Duration::from_millis(20);

/// Asks the server of `database`; `None` when none runs.
pub fn ask(database: &Path, request: &Request) -> Result<Option<Answer>, Failure> {
    let path = socket_of(database);
    let stream = place::connect(&path, TAKE).map_err(|error| Failure::Reach(path, error))?;
    let Some(stream) = stream else { return Ok(None) };
    let asked = serde_json::to_vec(request).map_err(io::Error::from);
    // A server that refuses a request while it is still being written has answered all the same.
    let written = asked.and_then(|asked| line::write(&stream, asked, TAKE));
    let answer =
        line::read(&stream, ANSWER_MAX, ANSWER).map_err(|error| written.err().unwrap_or(error));
    let answer = answer.and_then(|answer| Ok(serde_json::from_slice(&answer)?));
    answer.map(Some).map_err(Failure::NoAnswer)
}

/// Prints every update as the server of `database` shows it, until that ends or nobody reads on.
pub fn follow(database: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let path = socket_of(database);
    let stream = place::connect(&path, TAKE).map_err(|error| Failure::Reach(path, error))?;
    let stream = stream.ok_or(Failure::NoServer)?;
    let asked = serde_json::to_vec(&Request::RelayTail).map_err(io::Error::from);
    asked.and_then(|asked| line::write(&stream, asked, TAKE)).map_err(Failure::NoAnswer)?;
    let mut lines = BufReader::new(stream);
    let mut line = Vec::new();
    lines.read_until(b'\n', &mut line).map_err(Failure::NoAnswer)?;
    let answer = serde_json::from_slice(&line).map_err(io::Error::from);
    if let Answer::Failed(sentence) = answer.map_err(Failure::NoAnswer)? {
        return Err(Failure::Told(sentence));
    }
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line).map_err(Failure::NoAnswer)? == 0 {
            return Err(Failure::Ended);
        }
        out.write_all(&line).and_then(|()| out.flush()).map_err(Failure::Output)?;
    }
}

/// Has `request` carried out by the server of `database`, or carries it out here when none runs.
/// While somebody else has the database (another command, a server that starts or stops) it is
/// tried again for `patience`.
pub fn carry_out(
    database: &Path,
    apps: &Apps,
    request: &Request,
    patience: Duration,
) -> Result<Value, Failure> {
    let deadline = Instant::now() + patience;
    loop {
        match ask(database, request)? {
            Some(Answer::Done(value)) => return Ok(value),
            Some(Answer::Failed(sentence)) => return Err(Failure::Told(sentence)),
            None => {}
        }
        match Store::open(database, |tx| apps.prepare(tx), Box::new(|_| ())) {
            Ok(store) => return execute(&store, apps, clock::now(), request.clone()),
            Err(StoreError::InUse(_)) if Instant::now() < deadline => std::thread::sleep(PAUSE),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Opens the database for a server: waits up to `patience` while a command has it, and not at all
/// for another server.
pub fn patiently<T>(
    database: &Path,
    patience: Duration,
    open: impl Fn() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let deadline = Instant::now() + patience;
    loop {
        match open() {
            Err(StoreError::InUse(_)) if Instant::now() < deadline && !is_served(database) => {
                std::thread::sleep(PAUSE);
            }
            result => return result,
        }
    }
}

fn is_served(database: &Path) -> bool {
    matches!(place::connect(&socket_of(database), TAKE), Ok(Some(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apps::Context;

    use std::sync::Arc;

    fn apps() -> Apps {
        Apps::all(Arc::new(Context::default()))
    }

    #[test]
    fn a_database_somebody_else_has_is_not_waited_for_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let (database, apps) = (folder.path().join("roost.redb"), apps());
        let held = Store::open(&database, |tx| apps.prepare(tx), Box::new(|_| ())).unwrap();
        let list = || carry_out(&database, &apps, &Request::ListEvents, Duration::ZERO);
        assert!(matches!(list(), Err(Failure::Store(StoreError::InUse(_)))));
        drop(held);
        assert_eq!(list().unwrap(), Value::Array(Vec::new()));
    }

    #[test]
    fn a_server_waits_for_commands_and_not_for_another_server() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("roost.redb");
        let in_use = || Err::<(), _>(StoreError::InUse(database.clone()));
        let times = std::cell::Cell::new(0);
        let third_time = || {
            times.set(times.get() + 1);
            if times.get() < 3 { in_use() } else { Ok(()) }
        };
        let long = Duration::from_secs(600);
        patiently(&database, long, third_time).unwrap();
        let _door = place::listen(&socket_of(&database)).unwrap();
        assert!(patiently(&database, long, in_use).is_err());
    }

    #[test]
    fn whoever_gets_no_answer_is_told_so() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("roost.redb");
        let (listener, place) = place::listen(&socket_of(&database)).unwrap();
        for said in [&b""[..], b"{}", b"{}\n", b"\xff\n"] {
            let server = crate::thread::spawn("server", {
                let listener = listener.try_clone().unwrap();
                move || {
                    let (mut stream, _) = listener.accept().unwrap();
                    io::Write::write_all(&mut stream, said).unwrap();
                }
            });
            let answer = ask(&database, &Request::ListEvents);
            assert!(matches!(answer, Err(Failure::NoAnswer(_))), "{answer:?}");
            drop(server);
        }
        drop((listener, place));
        assert!(matches!(ask(&database, &Request::ListEvents), Ok(None)));
    }
}
