//! Carries out a stop that was agreed to: asks the server, keeps what came of it, tells the others.

use std::sync::Arc;

use jiff::Timestamp;

use super::app::Conferences;
use super::audience;
use super::errands::{Busy, Errands};
use super::fleet::Kept;
use super::looks::Looks;
use super::stops::{self, No, Outcome, Question};
use super::{store, words};
use crate::apps::Context;
use crate::i18n::{Language, fill};
use crate::ids::ChatId;
use crate::store::outbox::Lane;
use crate::store::{StoreError, Tx};
use crate::telegram::outgoing::Outgoing;
use crate::telegram::{html, sender};
use crate::trueconf::{Client, Conference};

/// A stop under way.
#[derive(Clone)]
pub(super) struct Stopped {
    pub context: Arc<Context>,
    looks: Looks,
    kept: Kept,
    number: u64,
    question: Question,
}

impl Stopped {
    /// The stop that question `number` led to; it is claimed already.
    pub fn new(app: &Conferences, kept: &Kept, number: u64, question: Question) -> Self {
        let (context, looks) = (Arc::clone(&app.context), app.looks.clone());
        Self { context, looks, kept: kept.clone(), number, question }
    }

    /// Asks the server after the commit of `tx`. The client looks once more whether that very run is
    /// under way. `tell` is for who asked.
    pub fn send(
        self,
        errands: &Errands,
        tx: &Tx,
        tell: impl Fn(&Tx, &Question, Outcome) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), Busy> {
        let conference = self.question.conference();
        errands.send(
            tx,
            self.kept.id,
            move |client| Outcome::of(client.stop(&conference)),
            move |tx, outcome, now| self.end(tx, *outcome, now, &tell),
        )
    }

    fn end(
        &self,
        tx: &Tx,
        outcome: Outcome,
        now: Timestamp,
        tell: &dyn Fn(&Tx, &Question, Outcome) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let Some(question) = stops::end(tx, self.number, &self.kept, outcome, now)? else {
            return Ok(());
        };
        if !matches!(outcome, Outcome::Failed(_) | Outcome::Unclear(_)) {
            self.looks.strike(self.kept.id, question.run());
        }
        tx.changed(store::subject(&self.kept));
        tell(tx, &question, outcome)?;
        if outcome == Outcome::Stopped { self.tell_others(tx, &question) } else { Ok(()) }
    }

    /// Tells the other operators who stopped what.
    fn tell_others(&self, tx: &Tx, question: &Question) -> Result<(), StoreError> {
        for other in audience::operators(tx, &self.context, &self.kept, question.by)? {
            let text = told(question, &self.kept, other.language);
            let message = Outgoing::message(ChatId::from(other.id), &text).silent();
            sender::post_in(tx, Lane::Notices, message)?;
        }
        Ok(())
    }
}

/// `conference` with the number of people in it, asked for where the list did not say it.
pub(super) fn counted(client: &Client, conference: Conference) -> Conference {
    let ask = || client.people(&conference).ok().map(|people| people.count);
    Conference { people: conference.people.or_else(ask), ..conference }
}

/// What other operators are told of a stop, as markup.
pub(super) fn told(question: &Question, kept: &Kept, language: Language) -> String {
    let says = words::servers(language);
    let topic = words::topic(question.topic.as_deref(), language);
    let who = match question.name.as_str() {
        "" => question.by.to_string(),
        name => words::name(name),
    };
    let values = [
        ("who", &html::quoted(&who)[..]),
        ("topic", &format!("<b>{}</b>", html::quoted(&topic))),
        ("server", &html::quoted(&words::name(kept.name()))),
    ];
    let people = words::people(question.people, language);
    format!("{} ({})", fill(&html::escape(says.stop.told), &values), html::escape(&people))
}

/// What came of a stop, as markup.
pub(super) fn outcome(question: &Question, outcome: Outcome, language: Language) -> String {
    let stop = &words::servers(language).stop;
    let sentence = match outcome {
        Outcome::Stopped => stop.done,
        Outcome::Gone => stop.gone,
        Outcome::Replaced => stop.replaced,
        Outcome::Failed(_) => stop.failed,
        Outcome::Unclear(_) => stop.unclear,
    };
    let topic = words::topic(question.topic.as_deref(), language);
    let why = outcome.fault().map(|why| html::escape(&words::fault(why, language)));
    let values = [
        ("topic", &format!("<b>{}</b>", html::quoted(&topic))[..]),
        ("reason", why.as_deref().unwrap_or_default()),
    ];
    fill(&html::escape(sentence), &values)
}

/// Why a question leads to no stop, as plain text.
pub(super) fn no(no: &No, language: Language) -> String {
    let says = words::servers(language);
    let with = |sentence, who: &str| fill(sentence, &[("who", &html::isolated(&words::name(who)))]);
    match no {
        No::Unknown => says.open_again.to_owned(),
        No::NotAsked => says.stop.not_asked.to_owned(),
        No::Expired => says.stop.expired.to_owned(),
        No::Stopping(who) => with(says.stop.other_stops, who),
        No::Stopped(who) => with(says.stop.other_stopped, who),
    }
}
