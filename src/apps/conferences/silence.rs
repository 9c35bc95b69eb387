//! The end of a silence: of one person's, or of maintenance. What is still down then is told, and so is
//! what came up again meanwhile.

use jiff::Timestamp;

use super::alert::Alert;
use super::app::Conferences;
use super::fleet::Kept;
use super::mutes::{self, Mute, Row};
use super::record::Past;
use super::store;
use crate::apps::Person;
use crate::store::{Read, StoreError, Tx};

/// Silences of people that are ended in one transaction.
const PORTION: usize = 50;

impl Conferences {
    /// When the next silence ends.
    pub(super) fn next_end(&self, read: &impl Read) -> Result<Option<Timestamp>, StoreError> {
        let mut ends: Vec<Timestamp> =
            mutes::all(read)?.into_iter().map(|(_, _, mute)| mute.until).collect();
        for kept in self.fleet.iter() {
            let windows = store::find(read, kept)?.windows;
            ends.extend(windows.iter().map(|window| window.until));
        }
        Ok(ends.into_iter().min())
    }

    /// Ends what ends by `now`; whether there was anything.
    pub(super) fn end_silences(&self, tx: &Tx, now: Timestamp) -> Result<bool, StoreError> {
        let mut any = false;
        for kept in self.fleet.iter() {
            any |= self.end_windows(tx, kept, now)?;
        }
        let ended = mutes::all(tx)?.into_iter().filter(|(_, _, mute)| mute.until <= now);
        for (user, server, mute) in ended.take(PORTION) {
            mutes::end(tx, user, server)?;
            self.catch_up(tx, (user, server, mute), now)?;
            any = true;
        }
        Ok(any)
    }

    /// Tells somebody whose silence is over what they would have been told.
    pub(super) fn catch_up(
        &self,
        tx: &Tx,
        (user, server, mute): Row,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(person) = self.context.person(tx, user)?.filter(|person| person.reachable) else {
            return Ok(());
        };
        let meant = |kept: &&Kept| server.is_none_or(|server| server == kept.id);
        for kept in self.fleet.iter().filter(meant) {
            if kept.right(&person).is_none() || mutes::until(tx, user, kept.id, now)?.is_some() {
                continue;
            }
            self.catch_up_with(tx, kept, (&person, mute), now)?;
        }
        Ok(())
    }

    fn catch_up_with(
        &self,
        tx: &Tx,
        kept: &Kept,
        (person, mute): (&Person, Mute),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let record = store::find(tx, kept)?;
        if let Some(outage) = record.outage.as_ref().filter(|outage| outage.told) {
            return self.tell_one(tx, kept, person, Alert::StillDown(outage), now);
        }
        // They had heard that it was down, and not that it is up again.
        let missed = |past: &&Past| past.began < mute.from && past.ended >= mute.from;
        match record.past.iter().find(missed) {
            Some(past) => self.tell_one(tx, kept, person, Alert::Up(past), now),
            None => Ok(()),
        }
    }

    /// Forgets maintenance that is over, and tells of an outage that was kept quiet; whether there was
    /// anything to forget.
    pub(super) fn end_windows(
        &self,
        tx: &Tx,
        kept: &Kept,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut record = store::find(tx, kept)?;
        let before = record.windows.len();
        record.windows.retain(|window| window.until > now);
        if record.windows.len() == before {
            return Ok(false);
        }
        let is_loud = !record.is_maintained(now);
        if let Some(outage) = record.outage.as_mut().filter(|outage| is_loud && !outage.told) {
            outage.told = true;
            self.tell(tx, kept, Alert::Down(outage), now)?;
        }
        store::save(tx, kept, &record)?;
        self.ring_after(tx, kept.id);
        Ok(true)
    }
}
