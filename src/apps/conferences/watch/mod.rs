//! The threads that watch: a checker for each server, and a lookout for what is not urgent.

mod checker;
mod lookout;
mod reach;
mod verdict;

use std::io;
use std::sync::Arc;

use super::app::Conferences;
use super::errands::Runners;
use super::fleet::Kept;
use crate::apps::Running;
use crate::thread::{self, Handle};
use checker::Checker;
use lookout::Lookout;
#[cfg(test)]
pub(super) use lookout::certificate;
use reach::Reach;
#[cfg(test)]
pub(super) use verdict::turned;

/// Owns the threads. Dropping it ends questions under way, writes what is only in memory, and joins.
pub(super) struct Watch {
    app: Conferences,
    reach: Arc<Reach>,
    checkers: Vec<Handle>,
    lookout: Option<Lookout>,
    runners: Option<Runners>,
}

impl Watch {
    /// Starts the threads; each checker goes on with what was known before.
    pub(super) fn start(app: &Conferences, running: &Running) -> io::Result<Self> {
        let mut watch = Self {
            app: app.clone(),
            reach: Arc::new(Reach::new(running)),
            checkers: Vec::new(),
            lookout: None,
            runners: Some(Runners::start(&app.errands, &running.store)?),
        };
        for (number, (kept, inbox)) in (1..).zip(app.fleet.iter().zip(app.bells.inboxes())) {
            // Also says now what is to be said of its settings.
            kept.client();
            let checker = Checker {
                app: app.clone(),
                kept: kept.clone(),
                store: running.store.clone(),
                reach: Arc::clone(&watch.reach),
                show: Arc::clone(&running.show),
            };
            let name = format!("watch-{number}");
            watch.checkers.push(thread::spawn(&name, move || checker.work(&inbox))?);
        }
        watch.lookout = Some(Lookout::start(app, running)?);
        Ok(watch)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.reach.abort();
        self.app.fleet.iter().for_each(Kept::abort);
        self.app.bells.stop();
        self.checkers.clear();
        drop(self.runners.take());
        // The last one: it writes what the others have seen.
        drop(self.lookout.take());
    }
}

#[cfg(test)]
mod tests;
