//! Backups by the clock: a file of our own name for each, of which the newest stay.
//!
//! When the last one was is read from the names in the folder, so a restart goes on where the end
//! came.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::apps::{Apps, LEFT_OUT};
use crate::clock;
use crate::metrics::{Kind, Metrics};
use crate::relay::Stop;
use crate::settings;
use crate::store::restore::stamp;
use crate::store::whole::UNFINISHED;
use crate::store::{Store, StoreError, is_news};
use crate::thread;

/// How the name of a backup begins, and ends.
const NAME: (&str, &str) = ("roost-", ".redb");

/// After a failure it is tried again no later than this.
const AGAIN: Duration = Duration::from_secs(3_600);

/// How often the clock is looked at: somebody may set it.
const GLANCE: Duration = Duration::from_secs(600);

/// The note that admins know of a failure.
const TOLD: &str = "backup/told";

/// A stop waits no longer than this: reading what was written cannot be interrupted, and needs
/// nothing of ours.
const END: Duration = Duration::from_secs(1);

/// The thread's stack: redb's B-trees are not deep.
const STACK: usize = 1 << 20;

/// Stands for the thread. Dropping it ends a backup under way.
pub(super) struct Backups {
    stop: Stop,
    store: Store,
    ended: Receiver<()>,
}

/// How backups stand. Clones are the same.
#[derive(Clone)]
pub struct Shelf(Arc<Mutex<Facts>>);

#[derive(Default)]
struct Facts {
    newest: Option<Newest>,
    took: Option<Duration>,
    failures: u64,
    trouble: Option<String>,
}

/// The newest backup there is.
#[derive(Clone, Copy)]
struct Newest {
    at: Timestamp,
    bytes: u64,
}

/// Why there is no backup.
enum NoBackup {
    Folder(PathBuf, io::Error),
    Store(StoreError),
}

impl Backups {
    /// Starts with a backup, unless the newest one is young enough.
    pub(super) fn start(
        settings: &settings::Backups,
        store: &Store,
        apps: &Arc<Apps>,
    ) -> io::Result<(Self, Shelf)> {
        let (stop, shelf) = (Stop::default(), Shelf(Arc::default()));
        let keeper = Keeper {
            settings: settings.clone(),
            store: store.clone(),
            apps: Arc::clone(apps),
            shelf: shelf.clone(),
            stop: stop.clone(),
        };
        let (end, ended) = sync_channel::<()>(1);
        thread::detach("backup", STACK, move || {
            keeper.run();
            drop(end);
        })?;
        Ok((Self { stop, store: store.clone(), ended }, shelf))
    }
}

impl Drop for Backups {
    fn drop(&mut self) {
        self.stop.set();
        self.store.stop_copying();
        // Nothing is ever sent: it closes with the thread.
        let _ = self.ended.recv_timeout(END);
    }
}

struct Keeper {
    settings: settings::Backups,
    store: Store,
    apps: Arc<Apps>,
    shelf: Shelf,
    stop: Stop,
}

impl Keeper {
    fn run(&self) {
        let all = list(&self.settings.folder).unwrap_or_default();
        self.shelf.facts().newest = all.iter().rev().find_map(newest);
        let mut failed = None;
        while !self.stop.is_set() {
            let wait = self.wait(failed, clock::now());
            if !wait.is_zero() {
                self.stop.rest(wait.min(GLANCE));
                continue;
            }
            failed = match self.attempt(clock::now()) {
                // The program ends, which is no failure.
                Err(_) if self.stop.is_set() => return,
                Err(why) => {
                    self.tell(&why);
                    Some(Instant::now())
                }
                Ok(()) => None,
            };
        }
    }

    /// How long until the next one.
    fn wait(&self, failed: Option<Instant>, now: Timestamp) -> Duration {
        if let Some(failed) = failed {
            return self.settings.every.min(AGAIN).saturating_sub(failed.elapsed());
        }
        let Some(newest) = self.shelf.facts().newest else { return Duration::ZERO };
        // One of a clock that was ahead says nothing.
        let age = Duration::try_from(now.duration_since(newest.at)).unwrap_or(self.settings.every);
        self.settings.every.saturating_sub(age)
    }

    fn attempt(&self, now: Timestamp) -> Result<(), NoBackup> {
        let folder = &self.settings.folder;
        make(folder).map_err(|error| NoBackup::Folder(folder.clone(), error))?;
        let place = folder.join(format!("{}{}{}", NAME.0, stamp(now), NAME.1));
        let begun = Instant::now();
        let bytes = self.store.back_up(&place, LEFT_OUT).map_err(NoBackup::Store)?;
        let took = begun.elapsed();
        log::info!("backup `{}`: {bytes} bytes in {:.1} s", place.display(), took.as_secs_f64());
        {
            let mut facts = self.shelf.facts();
            facts.newest = Some(Newest { at: now, bytes });
            facts.took = Some(took);
            facts.trouble = None;
        }
        let noted = self.store.write(|tx| is_news(tx, TOLD, false));
        if let Err(error) = noted {
            log::warn!("admins may not be told of the next backup that fails: {error}");
        }
        if let Err(error) = prune(folder, &place, self.settings.keep) {
            log::warn!("old backups in `{}` stay: {error}", folder.display());
        }
        Ok(())
    }

    fn tell(&self, why: &NoBackup) {
        log::error!("no backup: {why}");
        let newest = {
            let mut facts = self.shelf.facts();
            facts.failures += 1;
            facts.trouble = Some(why.to_string());
            facts.newest.map(|newest| newest.at)
        };
        let (apps, reason) = (Arc::clone(&self.apps), why.to_string());
        let told = self.store.write(move |tx| {
            if is_news(tx, TOLD, true)? {
                apps.house().tell_backup(tx, &reason, newest)?;
            }
            Ok::<_, StoreError>(())
        });
        if let Err(error) = told {
            log::error!("admins are not told of it yet: {error}");
        }
    }
}

impl Shelf {
    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the last try was good, and what there is.
    pub(super) fn standing(&self) -> (bool, String) {
        let facts = self.facts();
        let newest = match facts.newest {
            Some(Newest { at, bytes }) => format!("newest {at:.0} ({bytes} bytes)"),
            None => "none yet".to_owned(),
        };
        match &facts.trouble {
            None => (true, newest),
            Some(trouble) => (false, format!("{trouble}; {newest}")),
        }
    }

    /// The same as numbers.
    pub(super) fn metrics(&self, metrics: &mut Metrics) {
        let facts = self.facts();
        if let Some(newest) = facts.newest {
            let help = "When the newest backup was made, in seconds of the Unix epoch.";
            let at = u64::try_from(newest.at.as_second()).unwrap_or(0);
            metrics.single("roost_backup_last_success_timestamp_seconds", Kind::Gauge, help, at);
            let help = "Size of the newest backup.";
            metrics.single("roost_backup_size_bytes", Kind::Gauge, help, newest.bytes);
        }
        if let Some(took) = facts.took {
            let help = "How long the newest backup took.";
            let took = took.as_secs_f64();
            metrics.single("roost_backup_duration_seconds", Kind::Gauge, help, took);
        }
        let help = "Backups that failed since the start.";
        metrics.single("roost_backup_failures_total", Kind::Counter, help, facts.failures);
    }
}

impl fmt::Display for NoBackup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder, error) => {
                write!(f, "the folder `{}` of `backup.folder`: {error}", folder.display())
            }
            Self::Store(error) => error.fmt(f),
        }
    }
}

/// The folder itself is made, for us alone. Not the ones above it: a disk that is not there must not
/// be missed without a word.
fn make(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

/// Our backups in `folder`, the oldest first, also those a killed process left unfinished.
fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if time_of(&path).is_some() || unfinished(&path) {
            all.push(path);
        }
    }
    all.sort();
    Ok(all)
}

fn newest(path: &PathBuf) -> Option<Newest> {
    Some(Newest { at: time_of(path)?, bytes: fs::metadata(path).ok()?.len() })
}

/// When a backup was made, by its name: `roost-20270131T235959Z.redb`.
fn time_of(path: &Path) -> Option<Timestamp> {
    let name = path.file_name()?.to_str()?;
    let time = name.strip_prefix(NAME.0)?.strip_suffix(NAME.1)?;
    let at = DateTime::strptime("%Y%m%dT%H%M%SZ", time).ok()?;
    let at = at.to_zoned(TimeZone::UTC).ok()?.timestamp();
    // Nothing but the very name we give.
    (stamp(at) == time).then_some(at)
}

fn unfinished(path: &Path) -> bool {
    let name = path.to_str().and_then(|name| name.strip_suffix(UNFINISHED));
    name.is_some_and(|name| time_of(Path::new(name)).is_some())
}

/// Removes the oldest backups beyond `keep`, never the one just made at `made`.
fn prune(folder: &Path, made: &Path, keep: usize) -> io::Result<()> {
    let (left, mut whole): (Vec<PathBuf>, Vec<PathBuf>) =
        list(folder)?.into_iter().partition(|path| unfinished(path));
    whole.retain(|path| path != made);
    whole.truncate((whole.len() + 1).saturating_sub(keep));
    left.iter().chain(&whole).try_for_each(fs::remove_file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_are_backups() {
        for (name, expected) in [
            ("roost-20270131T235959Z.redb", Some(1_801_439_999)),
            ("roost-20270131T235959Z.redb.unfinished", None),
            ("roost-20270132T235959Z.redb", None),
            ("roost-2027131T235959Z.redb", None),
            ("roost-before-the-party.redb", None),
            ("roost.redb", None),
            ("roost-20270131T235959Z.redb.gz", None),
            ("roost-.redb", None),
        ] {
            let at = time_of(Path::new(name)).map(Timestamp::as_second);
            assert_eq!(at, expected, "{name}");
        }
    }

    #[test]
    fn the_oldest_go_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let ours = |day: u32| path(&format!("roost-202701{day:02}T000000Z.redb"));
        for day in 1..=5 {
            fs::write(ours(day), "x").unwrap();
        }
        let others = ["notes.txt", "roost-mine.redb", "roost.redb", "zz.unfinished"];
        for name in others {
            fs::write(path(name), "x").unwrap();
        }
        fs::write(path("roost-20270104T000000Z.redb.unfinished"), "x").unwrap();
        // A clock that was wrong made one that is older than all.
        prune(folder.path(), &ours(1), 3).unwrap();
        let left = list(folder.path()).unwrap();
        assert_eq!(left, [ours(1), ours(4), ours(5)]);
        assert!(others.iter().all(|name| path(name).exists()));
        prune(folder.path(), &ours(5), 10).unwrap();
        assert_eq!(list(folder.path()).unwrap().len(), 3);
        prune(folder.path(), &ours(5), 1).unwrap();
        assert_eq!(list(folder.path()).unwrap(), [ours(5)]);
    }
}
