//! Where a sink is in the log, and when that has to be kept.

use std::time::{Duration, Instant};

use crate::store::log::Keep;
use crate::store::relay::{Letter, Progress};

/// How far it has come is kept after so many updates, which a crash repeats at most.
const SAVE_AFTER: usize = 500;

/// Or after so many bytes, or a tenth of what the log may hold: until then they count as waiting.
const SAVE_BYTES: u64 = 1 << 20;

/// Or so long after the first of them: one commit for what comes in the meantime.
const SAVE_SOON: Duration = Duration::from_secs(1);

/// What a filter left out is not sent whatever happens; its place is kept this late.
const SAVE_LATE: Duration = Duration::from_secs(60);

/// Where a sink is in the log, and what of that the store does not have yet.
#[derive(Debug, Default)]
pub(super) struct Place {
    /// Done with everything up to this sequence.
    pub(super) cursor: u64,
    /// A replay is done with everything up to this one.
    pub(super) replay: Option<u64>,
    /// The replay as the store has it.
    pub(super) stored: Option<u64>,
    pub(super) dead: Vec<Letter>,
    pub(super) sent: Vec<String>,
    /// Updates handed over or refused since the last save.
    pub(super) moved: usize,
    /// Updates left out since.
    pub(super) skipped: usize,
    /// The bytes of both.
    pub(super) bytes: u64,
    /// When the first of them was.
    pub(super) since: Option<Instant>,
    pub(super) failures: u32,
    /// How often somebody had asked for something.
    pub(super) asked: u64,
    /// Somebody asked to leave an update out.
    pub(super) skip: bool,
    /// That was done.
    pub(super) has_skipped: bool,
    /// Whether it was told that dead letters go.
    pub(super) dropped: bool,
}

impl Place {
    /// The place the store has.
    pub(super) fn of(cursor: u64, replay: Option<u64>) -> Self {
        Self { cursor, replay, stored: replay, ..Self::default() }
    }

    /// Done with everything up to this sequence.
    pub(super) fn cursor(&self) -> u64 {
        self.cursor
    }

    /// Goes on behind `sequence`.
    pub(super) fn go_to(&mut self, sequence: u64) {
        if self.replay.is_some() && sequence < self.cursor {
            self.replay = Some(sequence);
        } else {
            self.replay = None;
            self.cursor = self.cursor.max(sequence);
        }
    }

    /// When it has to be saved.
    pub(super) fn due(&self, keep: Keep) -> Option<Instant> {
        let late = Duration::try_from(keep.age / 4).unwrap_or(SAVE_LATE).min(SAVE_LATE);
        let patience = match (self.moved, self.skipped) {
            (0, 0) => return None,
            _ if self.bytes >= SAVE_BYTES.min(keep.bytes / 10) => Duration::ZERO,
            (0, _) => late,
            // People look for dead letters when they are told of them.
            (1..SAVE_AFTER, _) if self.dead.is_empty() => SAVE_SOON.min(late),
            _ => Duration::ZERO,
        };
        Some(self.since? + patience)
    }

    /// Something has to be saved though nothing was handed over.
    pub(super) fn touch(&mut self) {
        self.note(1, 0, 0);
    }

    pub(super) fn note(&mut self, moved: usize, skipped: usize, bytes: u64) {
        self.moved += moved;
        self.skipped += skipped;
        self.bytes += bytes;
        if self.moved + self.skipped > 0 {
            self.since.get_or_insert_with(Instant::now);
        }
    }

    pub(super) fn progress(&self) -> Progress {
        Progress {
            cursor: self.cursor,
            replay: self.stored.map(|was| (was, self.replay)),
            dead: self.dead.clone(),
            sent: self.sent.clone(),
            skipped: self.has_skipped,
        }
    }

    pub(super) fn saved(&mut self) {
        self.stored = self.replay;
        self.dead.clear();
        self.sent.clear();
        self.has_skipped = false;
        (self.moved, self.skipped, self.bytes, self.since) = (0, 0, 0, None);
    }
}
