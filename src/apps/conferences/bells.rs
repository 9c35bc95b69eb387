//! The bells that tell the checker of a server that something is to be looked at.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use super::app::Conferences;
use super::fleet::{Fleet, ServerId};
use crate::store::Tx;

/// Notes that may wait for a checker: it looks at all of them before its next check.
const NOTES: usize = 8;

/// What a checker is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Note {
    /// What people chose may be something else now.
    Chosen,
    /// Somebody wants to know now.
    CheckNow,
    /// The program ends.
    Stop,
}

/// Reaches the checker of each server. Cheap to clone.
#[derive(Clone)]
pub(super) struct Bells {
    bells: Arc<Vec<(ServerId, SyncSender<Note>)>>,
    inboxes: Arc<Mutex<Vec<Receiver<Note>>>>,
}

impl Bells {
    pub fn new(fleet: &Fleet) -> Self {
        let (bells, inboxes) = fleet
            .iter()
            .map(|kept| {
                let (bell, inbox) = sync_channel(NOTES);
                ((kept.id, bell), inbox)
            })
            .unzip();
        Self { bells: Arc::new(bells), inboxes: Arc::new(Mutex::new(inboxes)) }
    }

    /// What the checkers hear, in the order of the settings; only the first who asks is given it.
    pub fn inboxes(&self) -> Vec<Receiver<Note>> {
        std::mem::take(&mut self.inboxes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Tells the checker of `server`, without waiting: one that has so many notes looks anyway.
    pub fn ring(&self, server: ServerId, note: Note) {
        if let Some((_, bell)) = self.bells.iter().find(|(id, _)| *id == server) {
            let _ = bell.try_send(note);
        }
    }

    /// Tells every checker that the program ends.
    pub fn stop(&self) {
        for (_, bell) in self.bells.iter() {
            // A checker that is gone needs none.
            let _ = bell.send(Note::Stop);
        }
    }
}

impl Conferences {
    /// Once `tx` is committed, has the checker of `server` look at what people chose.
    pub(super) fn ring_after(&self, tx: &Tx, server: ServerId) {
        let bells = self.bells.clone();
        tx.after(move || bells.ring(server, Note::Chosen));
    }
}
