//! What the command line did to a server: kept in the audit log, and told to the operators.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::audit::{self, About, Door, Entry, What};
use super::fleet::Fleet;
use super::stops::{Course, Outcome, Question};
use super::{audience, stopping, store};
use crate::apps::Context;
use crate::ids::{ChatId, UserId};
use crate::store::outbox::Lane;
use crate::store::{StoreError, Tx};
use crate::telegram::outgoing::Outgoing;
use crate::telegram::sender;
use crate::trueconf::Conference;

/// Who the command line is; no user of Telegram has this id.
const NOBODY: UserId = UserId(0);

/// A stop by the command line, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The account of this machine that did it, as far as it says so.
    pub who: String,
    /// The name of the server.
    pub server: String,
    /// The run.
    pub session: String,
    /// The public id of the conference.
    pub id: Option<String>,
    /// What it is called.
    pub topic: Option<String>,
    /// How many people were in it.
    pub people: Option<u32>,
    /// What came of it.
    pub outcome: Outcome,
}

impl Done {
    /// A stop of `conference`.
    pub fn new(who: &str, server: &str, conference: &Conference, outcome: Outcome) -> Self {
        Self {
            who: who.to_owned(),
            server: server.to_owned(),
            session: conference.session.clone(),
            id: conference.id.clone(),
            topic: conference.topic.clone(),
            people: conference.people,
            outcome,
        }
    }

    /// Keeps it, and tells those who may operate the server.
    pub fn keep(
        &self,
        tx: &Tx,
        context: &Context,
        fleet: &Fleet,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        audit::push(tx, &self.entry(at))?;
        let Some(kept) = fleet.named(&self.server) else { return Ok(()) };
        tx.changed(store::subject(kept));
        if self.outcome != Outcome::Stopped {
            return Ok(());
        }
        let who = if self.who.is_empty() { "roost" } else { &self.who };
        let question = Question {
            server: kept.id,
            session: self.session.clone(),
            id: self.id.clone(),
            topic: self.topic.clone(),
            people: self.people,
            by: NOBODY,
            name: who.to_owned(),
            door: Door::CommandLine,
            at,
            back: String::new(),
            course: Course::Ended(at, self.outcome),
        };
        for operator in audience::operators(tx, context, kept, NOBODY)? {
            let text = stopping::told(&question, kept, operator.language);
            let message = Outgoing::message(ChatId::from(operator.id), &text).silent();
            sender::post_in(tx, Lane::Notices, message)?;
        }
        Ok(())
    }

    fn entry(&self, at: Timestamp) -> Entry {
        let word = |outcome: Outcome| outcome.word().to_owned();
        Entry {
            at,
            user: None,
            name: self.who.clone(),
            by: Door::CommandLine,
            server: self.server.clone(),
            what: What::Stop,
            conference: Some(About {
                id: self.id.clone().unwrap_or_else(|| self.session.clone()),
                topic: self.topic.clone(),
                people: self.people,
            }),
            result: self.outcome.fault().map_or_else(|| word(self.outcome), |why| why.word()),
        }
    }
}
