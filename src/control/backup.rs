//! Backups over the control socket: the command makes the file and hands it over open, so that it
//! lies where whoever asked can write, whatever the server may see of the disk.

use std::fs::File;
use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use serde_json::{Value, json};

use super::{Answer, Failure, Request, line, place, socket_of};
use crate::apps::{Apps, LEFT_OUT};
use crate::store::backup::{Backup, Existing};
use crate::store::{Contents, Store, StoreError};

/// The file is handed over within this.
const HANDS: Duration = Duration::from_secs(10);

/// A copy takes no longer than this, however slow the disk.
const COPY: Duration = Duration::from_secs(6 * 3_600);

/// The longest answer in bytes.
const ANSWER_MAX: usize = 64 << 10;

/// How soon to look again while somebody else has the database.
const PAUSE: Duration = Duration::from_millis(20);

/// A backup that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// What is in it.
    pub contents: Contents,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Makes a backup of `database` at `place`: of the running server, or opening the file when none
/// runs. While somebody else has that it is tried again for `patience`.
pub fn back_up(
    database: &Path,
    apps: &Apps,
    place: &Path,
    existing: Existing,
    patience: Duration,
) -> Result<Taken, Failure> {
    let backup = Backup::begin(place, existing, database)?;
    let contents = copied(database, apps, &backup, patience)?;
    let bytes = backup.finish(&contents)?;
    Ok(Taken { contents, bytes })
}

fn copied(
    database: &Path,
    apps: &Apps,
    backup: &Backup,
    patience: Duration,
) -> Result<Contents, Failure> {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(contents) = ask(database, backup)? {
            return Ok(contents);
        }
        match Store::open(database, |tx| apps.prepare(tx), Box::new(|_| ())) {
            Ok(store) => return Ok(store.copy_into(backup.file()?, LEFT_OUT)?),
            Err(StoreError::InUse(_)) if Instant::now() < deadline => std::thread::sleep(PAUSE),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Has the server of `database` write the copy; `None` when none runs.
fn ask(database: &Path, backup: &Backup) -> Result<Option<Contents>, Failure> {
    let path = socket_of(database);
    let stream = place::connect(&path, HANDS).map_err(|error| Failure::Reach(path, error))?;
    let Some(stream) = stream else { return Ok(None) };
    let asked = serde_json::to_vec(&Request::Backup).map_err(io::Error::from);
    asked.and_then(|asked| line::write(&stream, asked, HANDS)).map_err(Failure::NoAnswer)?;
    answered(&stream, HANDS)?;
    give(&stream, &backup.file()?).map_err(Failure::NoAnswer)?;
    let contents = answered(&stream, COPY)?;
    let contents = serde_json::from_value(contents).map_err(io::Error::from);
    contents.map(Some).map_err(Failure::NoAnswer)
}

fn answered(stream: &UnixStream, patience: Duration) -> Result<Value, Failure> {
    let answer = line::read(stream, ANSWER_MAX, patience);
    let answer = answer.and_then(|answer| Ok(serde_json::from_slice(&answer)?));
    match answer.map_err(Failure::NoAnswer)? {
        Answer::Done(value) => Ok(value),
        Answer::Failed(sentence) => Err(Failure::Told(sentence)),
    }
}

/// The server's side: takes the file after `begin` has asked for it, and fills it.
pub(super) fn serve(
    store: &Store,
    stream: &UnixStream,
    begin: impl FnOnce(),
) -> Result<Value, Failure> {
    begin();
    let file = take(stream).map_err(|error| Failure::NoFile(error.to_string()))?;
    let is_new = file.metadata().map(|found| found.is_file() && found.len() == 0);
    if !is_new.map_err(|error| Failure::NoFile(error.to_string()))? {
        return Err(Failure::NoFile("it is no empty file".to_owned()));
    }
    Ok(json!(store.copy_into(file, LEFT_OUT)?))
}

/// Hands `file` over, with one byte that carries it.
fn give(stream: &UnixStream, file: &File) -> io::Result<()> {
    let files = [file.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    // There is room for one.
    control.push(SendAncillaryMessage::ScmRights(&files));
    sendmsg(stream, &[IoSlice::new(b"\n")], &mut control, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// The file the other side hands over.
fn take(stream: &UnixStream) -> io::Result<File> {
    stream.set_read_timeout(Some(HANDS))?;
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    recvmsg(stream, &mut [IoSliceMut::new(&mut byte)], &mut control, RecvFlags::CMSG_CLOEXEC)?;
    let mut files = control.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut files) => files.next(),
        _ => None,
    });
    let file: Option<OwnedFd> = files.next();
    file.map(File::from).ok_or(ErrorKind::InvalidData.into())
}

/// Whether a server of `database` runs.
pub fn is_served(database: &Path) -> Result<bool, Failure> {
    let path: PathBuf = socket_of(database);
    let stream = place::connect(&path, HANDS).map_err(|error| Failure::Reach(path, error))?;
    Ok(stream.is_some())
}
