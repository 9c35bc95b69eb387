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
use crate::trueconf::{Client, Conference, Fault};

/// Name and number of people in a question are not older than this.
const KNOWN: SignedDuration = SignedDuration::from_secs(30);

impl Desk<'_, '_> {
    /// Asks whether to stop a conference, with its name and the number of people in it.
    pub fn ask_stop(
        &self,
        press: &Press,
        id: ServerId,
        run: RunId,
        back: List,
    ) -> Result<(), Failure> {
        let kept = self.server(id, Right::Operate)?;
        let now = self.talk.asked.at;
        let known = self.app.looks.find(id, run, now, KNOWN);
        if known.as_ref().is_some_and(|conference| conference.id.is_none()) {
            return Ok(self.alert(press, self.says().stop.impossible)?);
        }
        if let Some(conference) = known.as_ref().filter(|known| known.people.is_some()) {
            self.nod(press)?;
            let to = (&self.talk.asked.by, now);
            return Ok(put_question(self.tx, kept, conference, to, back, self.spot(press))?);
        }
        let later = self.later(kept, press);
        let ask = move |client: &Client| look_up(client, known.clone(), run);
        self.errand(press, kept, ask, move |tx, (list, found), now| {
            if let Some(list) = list {
                later.keep(tx, Answer::Running(list.clone()), now);
            }
            later.ask_stop(tx, found, back, now)
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
    fn ask_stop(
        &self,
        tx: &Tx,
        found: &Result<Option<Conference>, Fault>,
        back: List,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some((person, Right::Operate)) = self.person(tx)? else { return Ok(()) };
        if let Ok(Some(conference)) = found {
            return put_question(tx, &self.kept, conference, (&person, now), back, self.spot);
        }
        let over = words::servers(person.language).stop.over;
        self.show(tx, now, |sight| {
            let text = found.as_ref().err().map(|fault| sight.failure(*fault));
            let text = text.unwrap_or_else(|| html::escape(over));
            Some(ending(self.kept.id, text, back, person.language))
        })
    }
}

/// The list, if it had to be asked for.
type Listed = Option<Result<Vec<Conference>, Fault>>;

/// Finds the run, with the number of people in it, asking for what is not known.
fn look_up(
    client: &Client,
    known: Option<Conference>,
    run: RunId,
) -> (Listed, Result<Option<Conference>, Fault>) {
    let listed = known.is_none().then(|| client.running());
    let is_it = |one: &&Conference| RunId::of_session(&one.session) == run;
    let found = match &listed {
        None => Ok(known),
        Some(Ok(list)) => Ok(list.iter().find(is_it).cloned()),
        Some(Err(fault)) => Err(*fault),
    };
    (listed, found.map(|one| one.map(|one| stopping::counted(client, one))))
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
