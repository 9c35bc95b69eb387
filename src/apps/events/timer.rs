//! What Mini Events does by itself when its time has come: reminders, and notices part by part.

use jiff::{SignedDuration, Timestamp};

use super::app::Events;
use super::mailing::{self, Mailing, News};
use super::model::EventId;
use super::reminders::{self, Reminder};
use super::roll::Standing;
use super::{reminded, store};
use crate::ids::UserId;
use crate::store::outbox::{self, Lane};
use crate::store::{Read, StoreError, Tx};

/// While so many notices wait to be sent, no more are added: what is added cannot be taken back
/// when the event is cancelled. At 30 a second these last longer than [`LATER`].
const CROWDED: u64 = 1000;

/// A crowded lane is looked at again after this.
const LATER: SignedDuration = SignedDuration::from_secs(10);

/// Occurrences reminded of in one transaction.
const AT_ONCE: usize = 50;

impl Events {
    /// When [`Events::work`] has something to do.
    pub(super) fn next_work(
        &self,
        read: &impl Read,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        if !self.unsent(read, now, 1)?.is_empty() {
            return Ok(Some(now));
        }
        let parts = match mailing::waits(read)? {
            true if has_room(read)? => return Ok(Some(now)),
            true => Some(now + LATER),
            false => None,
        };
        let events = store::all(read)?;
        let reminders = events.iter().filter_map(|event| reminders::next(event, &self.times, now));
        Ok(reminders.chain(parts).min())
    }

    /// Does a part of what is to be done; whether there was anything.
    pub(super) fn work(&self, tx: &Tx, now: Timestamp) -> Result<bool, StoreError> {
        let due = self.unsent(tx, now, AT_ONCE)?;
        for (id, reminder) in &due {
            remind(tx, *id, *reminder, now)?;
        }
        if !due.is_empty() {
            reminded::prune(tx, now)?;
            return Ok(true);
        }
        if !has_room(tx)? {
            return Ok(false);
        }
        let Some(part) = mailing::take(tx)? else { return Ok(false) };
        if let Some(mailing) = part.mailing {
            self.tell(tx, &mailing, &part.people, now)?;
        }
        Ok(true)
    }

    /// Up to `limit` reminders that are due and were not sent.
    fn unsent(
        &self,
        read: &impl Read,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<(EventId, Reminder)>, StoreError> {
        let mut found = Vec::new();
        for event in store::all(read)? {
            let since = reminded::since(read, event.id)?;
            for reminder in reminders::due(&event, &self.times, since, now) {
                if found.len() < limit && !reminded::was_sent(read, event.id, reminder)? {
                    found.push((event.id, reminder));
                }
            }
        }
        Ok(found)
    }
}

/// Notes that the reminder is sent, and for whom: everybody who has a seat at this moment.
fn remind(tx: &Tx, id: EventId, reminder: Reminder, now: Timestamp) -> Result<(), StoreError> {
    reminded::mark(tx, id, reminder)?;
    let Some(event) = store::find(tx, id)? else { return Ok(()) };
    let roll = store::by_user(tx, id)?.into_iter();
    let going = roll.filter(|entry| entry.standing == Standing::Going).map(|entry| entry.user);
    let news = News::of_reminder(reminder);
    mailing::put(tx, &Mailing::new(event, news, now), &going.collect::<Vec<UserId>>())
}

fn has_room(read: &impl Read) -> Result<bool, StoreError> {
    let waiting = outbox::waiting(read)?;
    Ok(waiting.iter().all(|lane| lane.lane != Lane::Notices || lane.messages < CROWDED))
}
