//! The commands about the relay.

use std::io::{self, ErrorKind, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Failure;
use crate::apps::Apps;
use crate::relay::{is_onlooker, onlooker, reader_of, sink_of, stopped};
use crate::settings::relay::SINK_TYPES;
use crate::store::log;
use crate::store::relay::{self, Letter};
use crate::store::{Snapshot, Store, StoreError, fresh_id};

/// Dead letters shown at once.
const SHOWN: usize = 1_000;

/// How many may look on at once: each has a thread, of which there are few.
const LOOKING: usize = 4;

/// Updates read at once for somebody who looks on, and their bytes.
const LOOK: usize = 100;
const LOOK_BYTES: u64 = 1 << 20;

/// How often somebody who looks on is shown what has come.
const LOOK_EVERY: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// Somebody who takes nothing for this long does not look on any more.
const LOOK_STALL: Duration = Duration::from_secs(60);

/// How soon a write that stalls looks whether somebody has hung up, or the server stops.
const LOOK_PIECE: Duration = Duration::from_millis(500);

/// From where the log is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum From {
    /// The first update that arrived so many seconds ago or later.
    Seconds(i64),
    /// This update.
    Update(i64),
}

/// How every sink stands; `sinks` are names and types by the settings, for when no server runs.
pub(super) fn status(
    store: &Store,
    apps: &Apps,
    now: Timestamp,
    sinks: &[(String, String)],
) -> Result<Value, Failure> {
    let read = store.snapshot()?;
    if let Some(board) = apps.house().relay() {
        return Ok(json!(board.standings(&read, now)?));
    }
    let standing = |(name, kind): &(String, String)| {
        let kind = SINK_TYPES.iter().find(|known| known.name == kind);
        stopped(&read, name, kind.map_or("unknown", |kind| kind.name), now)
    };
    Ok(json!(sinks.iter().map(standing).collect::<Result<Vec<_>, StoreError>>()?))
}

/// The dead letters of a sink, oldest first.
pub(super) fn dead(store: &Store, apps: &Apps, sink: &str) -> Result<Value, Failure> {
    let read = store.snapshot()?;
    known(&read, apps, sink)?;
    Ok(relay::dead(&read, sink, SHOWN)?.iter().map(row).collect())
}

/// Sends dead letters, or what is in the log, again; answered with how many that are.
pub(super) fn replay(
    store: &Store,
    apps: &Apps,
    now: Timestamp,
    sink: String,
    from: Option<From>,
) -> Result<Value, Failure> {
    let read = store.snapshot()?;
    let cursor = known(&read, apps, &sink)?;
    let Some(from) = from else {
        return Ok(json!(store.write(move |tx| relay::send_again(tx, &sink))?));
    };
    let after = match from {
        From::Seconds(seconds) => {
            let since = now.checked_sub(SignedDuration::from_secs(seconds));
            log::before_time(&read, since.unwrap_or(Timestamp::MIN))?
        }
        From::Update(id) => log::before_update(&read, id)?.ok_or(Failure::NotInLog(id))?,
    };
    // What it does not have yet comes anyway.
    let again = log::count(&read, after)?.saturating_sub(log::count(&read, cursor)?);
    if after < cursor {
        store.write(move |tx| relay::replay(tx, &sink, after))?;
    }
    Ok(json!(again))
}

/// Makes a dead letter of the update a sink stands still at.
pub(super) fn skip(store: &Store, apps: &Apps, sink: String) -> Result<Value, Failure> {
    if apps.house().relay().is_none() {
        return Err(Failure::NoServer);
    }
    let read = store.snapshot()?;
    let cursor = known(&read, apps, &sink)?;
    let waits =
        log::waiting(&read, cursor)?.entries > 0 || relay::replaying(&read, &sink)?.is_some();
    if waits {
        store.write(move |tx| relay::skip(tx, &sink))?;
    }
    Ok(json!(waits))
}

/// The cursor of `sink`, if there is such a sink; its thread knows better than the store.
fn known(read: &Snapshot, apps: &Apps, sink: &str) -> Result<u64, Failure> {
    let cursor = log::cursor(read, &reader_of(sink))?;
    if let Some(cursor) = cursor {
        return Ok(apps.house().relay().and_then(|board| board.cursor(sink)).unwrap_or(cursor));
    }
    let readers = log::readers(read)?;
    let names = readers.iter().filter_map(|(reader, _)| sink_of(reader).map(str::to_owned));
    Err(Failure::NoSuchSink(sink.to_owned(), names.collect()))
}

fn row(letter: &Letter) -> Value {
    let Letter { head, raw } = letter;
    let update = serde_json::from_slice::<Value>(raw);
    json!({
        "update_id": head.update_id,
        "kind": head.kind,
        "received": head.received,
        "refused": head.refused,
        "reason": head.reason,
        "update": update.unwrap_or_else(|_| json!(String::from_utf8_lossy(raw))),
    })
}

/// Shows the other side of `stream` each update as it comes, a line each, until it hangs up. It reads
/// the log, and nothing waits for it: what is gone before it was shown is left out.
pub(super) fn tail(store: &Store, stream: &UnixStream, begin: impl Fn()) -> Result<(), Failure> {
    let reader = store.write(|tx| {
        let tails = log::readers(tx)?.into_iter().filter(|(reader, _)| is_onlooker(reader));
        if tails.count() >= LOOKING {
            return Ok(None);
        }
        let reader = onlooker(fresh_id(tx, "relay/tail")?);
        log::look_on(tx, &reader)?;
        Ok::<_, StoreError>(Some(reader))
    })?;
    let reader = reader.ok_or(Failure::TooManyTails)?;
    begin();
    if let Err(error) = show(store, stream) {
        ::log::debug!("nobody looks on any more: {error}");
    }
    Ok(store.write(move |tx| log::unregister(tx, &reader))?)
}

fn show(store: &Store, stream: &UnixStream) -> Result<(), Failure> {
    let mut after = log::newest(&store.snapshot()?)?;
    stream.set_write_timeout(Some(LOOK_PIECE)).map_err(Failure::NoAnswer)?;
    while !has_hung_up(stream, &LOOK_EVERY) {
        for entry in log::read_within(&store.snapshot()?, after, LOOK, LOOK_BYTES)? {
            after = entry.sequence;
            let mut line = entry.raw;
            // Blank space in JSON; inside of texts it would be escaped.
            line.iter_mut()
                .filter(|byte| matches!(byte, b'\n' | b'\r'))
                .for_each(|byte| *byte = b' ');
            line.push(b'\n');
            if say(stream, &line).is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Waits for a moment; whether the other side has gone, or the server stops.
fn has_hung_up(stream: &UnixStream, moment: &Timespec) -> bool {
    let mut sockets = [PollFd::new(stream, PollFlags::IN)];
    // Nothing more is ever said to us, so whatever there is is the end.
    poll(&mut sockets, Some(moment)).is_ok_and(|ready| ready > 0)
}

/// Writes `line` as fast as it is read.
fn say(mut stream: &UnixStream, mut line: &[u8]) -> io::Result<()> {
    let mut moved = Instant::now();
    while !line.is_empty() {
        match stream.write(line) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(count) => {
                (line, moved) = (&line[count..], Instant::now());
            }
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) =>
            {
                let gone = has_hung_up(stream, &Timespec { tv_sec: 0, tv_nsec: 0 });
                if gone || moved.elapsed() > LOOK_STALL {
                    return Err(error);
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
