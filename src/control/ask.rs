//! The command line's side: asks the running server, or opens the database when none runs.

use std::io;
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
