//! Stopping a conference from the chat: the question, the stop, what came of it.

use jiff::{SignedDuration, Timestamp};

use super::desk::{Desk, Screen, Spot, button, column};
use super::later::Later;
use super::tap::{List, Tap};
use crate::apps::conferences::audit::Door;
use crate::apps::conferences::fleet::{Kept, Right, ServerId};
use crate::apps::conferences::looks::{Answer, RunId};
use crate::apps::conferences::stopping::{self, Stopped};
use crate::apps::conferences::stops::{self, Question};
use crate::apps::conferences::words;
use crate::apps::{Failure, Person, Press, Refused};
use crate::i18n::{Language, fill};
use crate::store::{StoreError, Tx};
use crate::telegram::html;
use crate::trueconf::{Client, Conference};

/// Name and number of people in a question are not older than this.
const KNOWN: SignedDuration = SignedDuration::from_secs(30);

impl Desk<'_> {
    /// Asks whether to stop a conference, with its name and the number of people in it.
    pub fn ask_stop(
        &self,
        press: &Press,
        id: ServerId,
        run: RunId,
        back: List,
    ) -> Result<(), Failure> {
        let kept = self.server(id, Right::Operate)?;
        if let Some(conference) = self.app.looks.find(id, run, self.talk.asked.at, KNOWN) {
            if conference.id.is_none() {
                return Ok(self.alert(press, self.says().stop.impossible)?);
            }
            self.nod(press)?;
            let person = &self.talk.asked.by;
            let now = self.talk.asked.at;
            return Ok(put_question(
                self.tx,
                kept,
                &conference,
                (person, now),
                back,
                self.spot(press),
            )?);
        }
        let later = self.later(kept, press);
        self.errand(press, kept, Client::running, move |tx, answer, now| {
            later.keep(tx, Answer::Running(answer.clone()), now);
            later.ask_stop(tx, run, back, now)
        })
    }

    /// Stops what the question with this number is about.
    pub fn stop(&self, press: &Press, number: u64) -> Result<(), Failure> {
        let question = stops::find(self.tx, number)?;
        let unknown = || Refused::new("no-such-question", self.says().open_again);
        let question = question.ok_or_else(unknown)?;
        let kept = self.server(question.server, Right::Operate)?;
        let (by, now) = (self.talk.asked.by.id, self.talk.asked.at);
        let spot = self.spot(press);
        let question = match stops::claim(self.tx, number, by, now)? {
            Ok(question) => question,
            Err(no) => {
                let sentence = stopping::no(&no, self.language);
                self.alert(press, &sentence)?;
                if no.is_for_good() {
                    let text = html::escape(&sentence);
                    spot.show(self.tx, &self.after(&question, text))?;
                }
                return Ok(());
            }
        };
        let topic = html::isolated(&words::topic(question.topic.as_deref(), self.language));
        let under_way = fill(self.says().stop.under_way, &[("topic", &topic)]);
        let stop = Stopped::new(self.app, kept, number, question);
        let told = stop.clone();
        let result = stop.send(&self.app.errands, self.tx, move |tx, question, outcome| {
            tell_asker(tx, &told, question, outcome, spot)
        });
        if result.is_err() {
            stops::reopen(self.tx, number)?;
            return Err(Refused::new("busy", self.says().too_much).into());
        }
        self.toast(press, &under_way)?;
        let screen = Screen { text: html::escape(&under_way), keyboard: column([]) };
        Ok(spot.show(self.tx, &screen)?)
    }

    fn after(&self, question: &Question, text: String) -> Screen {
        after(question, text, self.language)
    }
}

impl Later {
    /// Asks, now that it is known what runs.
    fn ask_stop(&self, tx: &Tx, run: RunId, back: List, now: Timestamp) -> Result<(), StoreError> {
        let Some((person, right)) = self.person(tx)? else { return Ok(()) };
        if right < Right::Operate {
            return Ok(());
        }
        if let Some(conference) = self.looks.find(self.kept.id, run, now, KNOWN) {
            return put_question(tx, &self.kept, &conference, (&person, now), back, self.spot);
        }
        let look = self.looks.of(self.kept.id);
        let failed = look.running.as_ref().and_then(|told| told.answer.as_ref().err().copied());
        let sentence = words::servers(person.language).stop.over;
        self.show(tx, now, |sight| {
            let text = failed.map_or_else(|| html::escape(sentence), |fault| sight.failure(fault));
            Some(ending(self.kept.id, text, back, person.language))
        })
    }
}

/// Puts the question to `person` in the place of the list.
fn put_question(
    tx: &Tx,
    kept: &Kept,
    conference: &Conference,
    (person, now): (&Person, Timestamp),
    back: List,
    spot: Spot,
) -> Result<(), StoreError> {
    let question = Question::new(kept, conference, person, Door::Chat, now);
    let number = stops::ask(tx, &Question { back: back.to_string(), ..question })?;
    let says = words::servers(person.language);
    let topic = words::topic(conference.topic.as_deref(), person.language);
    let values = [
        ("topic", &format!("<b>{}</b>", html::quoted(&topic))[..]),
        ("server", &html::quoted(&words::name(kept.name()))),
    ];
    let people = match conference.people {
        Some(count) => says.stop.people.counted(person.language, count.into()),
        None => says.stop.people_unknown.to_owned(),
    };
    let text =
        format!("{}\n{}", fill(&html::escape(says.stop.ask), &values), html::escape(&people));
    let keyboard = column([
        button(says.buttons.stop_now, Tap::Stop(number)),
        button(says.buttons.keep, Tap::Turn(kept.id, back)),
    ]);
    spot.show(tx, &Screen { text, keyboard })
}

/// Tells who asked what came of it, with the way back to where they came from.
fn tell_asker(
    tx: &Tx,
    stopped: &Stopped,
    question: &Question,
    outcome: stops::Outcome,
    spot: Spot,
) -> Result<(), StoreError> {
    let Some(person) = stopped.context.person(tx, question.by)? else { return Ok(()) };
    let text = stopping::outcome(question, outcome, person.language);
    spot.show(tx, &after(question, text, person.language))
}

/// What follows a stop: words, and the way back to the list.
fn after(question: &Question, text: String, language: Language) -> Screen {
    let back = List::parse(&question.back).unwrap_or(List::Running(0));
    ending(question.server, text, back, language)
}

fn ending(server: ServerId, text: String, back: List, language: Language) -> Screen {
    let label = words::servers(language).buttons.back;
    Screen { text, keyboard: column([button(label, Tap::List(server, back))]) }
}
