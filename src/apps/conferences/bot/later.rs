//! What a handler hands on for the time after the commit: whose it is and where the answer goes.

use jiff::{SignedDuration, Timestamp};

use super::desk::{Desk, Spot};
use super::sight::Sight;
use super::tap::List;
use crate::apps::conferences::app::Conferences;
use crate::apps::conferences::fleet::{Kept, Right, ServerId};
use crate::apps::conferences::looks::Answer;
use crate::apps::conferences::store;
use crate::apps::{Failure, Person, Press, Refused};
use crate::i18n::fill;
use crate::ids::UserId;
use crate::store::{StoreError, Tx};
use crate::telegram::html;
use crate::trueconf::Client;

/// While somebody turns pages, what was told is new enough for so long.
const TURNING: SignedDuration = SignedDuration::from_mins(1);

/// Everything needed to show an answer later.
#[derive(Clone)]
pub(super) struct Later {
    pub app: Conferences,
    pub kept: Kept,
    pub user: UserId,
    pub spot: Spot,
}

impl Later {
    /// The person and what they may see now; none if that is nothing any more.
    pub fn person(&self, tx: &Tx) -> Result<Option<(Person, Right)>, StoreError> {
        let person = self.app.context.person(tx, self.user)?;
        Ok(person.and_then(|person| {
            let right = self.kept.right(&person)?;
            Some((person, right))
        }))
    }

    /// Shows what `screen` makes of it, unless the person may not look any more.
    pub fn show(
        &self,
        tx: &Tx,
        now: Timestamp,
        screen: impl Fn(&Sight<'_>) -> Option<super::desk::Screen>,
    ) -> Result<(), StoreError> {
        let Some((person, right)) = self.person(tx)? else { return Ok(()) };
        let sight = Sight { kept: &self.kept, right, language: person.language, now };
        screen(&sight).map_or(Ok(()), |screen| self.spot.show(tx, &screen))
    }

    /// Keeps what the server told, and has pages show it.
    pub fn keep(&self, tx: &Tx, answer: Answer, now: Timestamp) {
        if !matches!(answer, Answer::Forgotten(_)) {
            tx.changed(store::subject(&self.kept));
        }
        self.app.looks.put(self.kept.id, now, answer);
    }
}

impl Desk<'_, '_> {
    /// A look at `kept` by this person, now.
    pub fn sight<'k>(&self, kept: &'k Kept) -> Sight<'k> {
        let right = kept.right(&self.talk.asked.by).unwrap_or(Right::Look);
        Sight { kept, right, language: self.language, now: self.talk.asked.at }
    }

    /// What is handed on about `kept`.
    pub fn later(&self, kept: &Kept, press: &Press) -> Later {
        Later {
            app: self.app.clone(),
            kept: kept.clone(),
            user: self.talk.asked.by.id,
            spot: self.spot(press),
        }
    }

    /// Says that the server is asked, and has it asked.
    pub fn errand<R: Send + 'static>(
        &self,
        press: &Press,
        kept: &Kept,
        ask: impl FnOnce(&Client) -> R + Send + 'static,
        apply: impl Fn(&Tx, &R, Timestamp) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), Failure> {
        let busy = |_| Refused::new("busy", self.says().too_much);
        self.app.errands.send(self.tx, kept.id, ask, apply).map_err(busy)?;
        let name = html::isolated(&crate::apps::conferences::words::name(kept.name()));
        Ok(self.toast(press, &fill(self.says().asking, &[("server", &name)]))?)
    }

    /// Shows a page of a list that was asked a moment ago.
    pub fn turn(&self, press: &Press, id: ServerId, list: List) -> Result<(), Failure> {
        let kept = self.server(id, Right::Look)?;
        let (look, now) = (self.app.looks.of(id), self.talk.asked.at);
        let is_fresh = match list {
            List::Running(_) => look.running.as_ref().is_some_and(|t| t.is_fresh(now, TURNING)),
            List::Forgotten(_) => look.forgotten.as_ref().is_some_and(|t| t.is_fresh(now, TURNING)),
        };
        match self.sight(kept).list(&look, list).filter(|_| is_fresh) {
            None => self.list(press, id, list),
            Some(screen) => {
                self.nod(press)?;
                Ok(self.replace(press, &screen)?)
            }
        }
    }

    /// Shows a list, asked anew.
    pub fn list(&self, press: &Press, id: ServerId, list: List) -> Result<(), Failure> {
        let kept = self.server(id, Right::Look)?;
        let later = self.later(kept, press);
        let ask = move |client: &Client| match list {
            List::Running(_) => Answer::Running(client.running()),
            List::Forgotten(_) => Answer::Forgotten(client.forgotten()),
        };
        self.errand(press, kept, ask, move |tx, answer, now| {
            later.keep(tx, answer.clone(), now);
            later.show(tx, now, |sight| sight.list(&later.app.looks.of(later.kept.id), list))
        })
    }

    /// Shows who is online, asked anew.
    pub fn online(&self, press: &Press, id: ServerId) -> Result<(), Failure> {
        let kept = self.server(id, Right::Look)?;
        let later = self.later(kept, press);
        self.errand(press, kept, Client::online, move |tx, answer, now| {
            later.keep(tx, Answer::Online(*answer), now);
            later.show(tx, now, |sight| Some(sight.online(answer)))
        })
    }

    /// Checks the server and shows how it stands.
    pub fn status(&self, press: &Press, id: ServerId) -> Result<(), Failure> {
        let kept = self.server(id, Right::Look)?;
        let later = self.later(kept, press);
        self.errand(press, kept, Client::check, move |tx, check, now| {
            let record = store::find(tx, &later.kept)?;
            let by_settings = later.kept.settings.monitored;
            let monitored = record.is_monitored(by_settings);
            let uptime = later.app.uptime(tx, &later.kept, now)?;
            later.show(tx, now, |sight| {
                let (mark, state) = sight.state(&record);
                Some(sight.status((mark, &state), (monitored, uptime), Some(*check)))
            })
        })
    }
}
