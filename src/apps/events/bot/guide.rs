//! `/addevent`: a new event, asked for step by step or given in one line.

use super::desk::{Desk, Screen};
use super::dialogue::{self, Dialogue, Topic};
use crate::apps::events::action::{Action, Verb};
use crate::apps::events::changes::{Change, Changes, Draft};
use crate::apps::events::image::Picture;
use crate::apps::events::model::EventId;
use crate::apps::events::refusal::{Field, Invalid, Problem, Refusal};
use crate::apps::events::store;
use crate::apps::{Failure, Press, Said, is_private};
use crate::i18n::fill;
use crate::store::StoreError;
use crate::telegram::html;

/// The fields asked for, in this order; then comes the question whether all is right.
pub(super) const STEPS: [Field; 7] = [
    Field::Title,
    Field::Start,
    Field::Duration,
    Field::Description,
    Field::Image,
    Field::Location,
    Field::Capacity,
];

/// Fields an event can do without.
pub(super) fn is_optional(field: Field) -> bool {
    !matches!(field, Field::Title | Field::Start | Field::Duration | Field::Timezone)
}

impl Desk<'_, '_> {
    /// `/addevent`, alone or with the whole event in one line. A text without bars is the title.
    pub fn add(&self, arguments: &str) -> Result<(), Failure> {
        self.may(Verb::Create)?;
        if arguments.contains('|') {
            let draft = Draft::from_line(arguments, &self.events.zone);
            let draft = draft.map_err(|invalid| self.refused(&invalid.into()))?;
            let (id, _) = self.act(None, &Action::Create(draft.into()))?;
            return Ok(self.send(self.created(id)?)?);
        }
        if !is_private(self.tx, self.talk)? {
            return Ok(());
        }
        let topic = Topic::Add { step: 0, answers: Vec::new() };
        let dialogue = dialogue::begin(self.tx, self.talk, topic)?;
        if arguments.trim().is_empty() {
            return Ok(self.send(self.question(&dialogue)?)?);
        }
        self.answer_step(dialogue, arguments)
    }

    /// A message that may answer what the person was asked; false if nothing was asked.
    pub fn answer(&self, said: &Said) -> Result<bool, Failure> {
        let Some(dialogue) = dialogue::current(self.tx, self.talk)? else { return Ok(false) };
        if let Err(refused) = self.may(Verb::Create) {
            dialogue::end(self.tx, self.talk)?;
            return Err(refused);
        }
        match asked_field(&dialogue) {
            Some(Field::Image) => self.picture_sent(&dialogue, said)?,
            Some(_) if said.text.trim().is_empty() => {
                self.ask_again(&dialogue, Problem::NotText)?;
            }
            Some(field) => match &dialogue.topic {
                Topic::Add { .. } => self.answer_step(dialogue, &said.text)?,
                Topic::Edit { event, .. } => {
                    let event = *event;
                    self.answer_edit(&dialogue, event, field, &said.text)?;
                }
            },
            // Nothing but a button answers the last question.
            None => self.send(self.question(&dialogue)?)?,
        }
        Ok(true)
    }

    fn answer_step(&self, dialogue: Dialogue, answer: &str) -> Result<(), Failure> {
        let Some(field) = asked_field(&dialogue) else { return Ok(()) };
        match Changes::default().set(field, answer) {
            Ok(()) => Ok(self.next_step(dialogue, Some(answer))?),
            Err(invalid) => Ok(self.ask_again(&dialogue, invalid.problem)?),
        }
    }

    /// Keeps the answer, if there is one, and asks the next question.
    pub fn next_step(&self, dialogue: Dialogue, answer: Option<&str>) -> Result<(), StoreError> {
        self.send(self.advance(dialogue, answer)?)
    }

    fn advance(&self, dialogue: Dialogue, answer: Option<&str>) -> Result<Screen, StoreError> {
        let field = asked_field(&dialogue);
        let topic = match dialogue.topic {
            Topic::Add { step, mut answers } => {
                let answered = field.zip(answer);
                answers.extend(answered.map(|(f, text)| (f.name().to_owned(), text.to_owned())));
                Topic::Add { step: step + 1, answers }
            }
            edit @ Topic::Edit { .. } => edit,
        };
        let next = dialogue::keep(self.tx, self.talk, Dialogue { topic, ..dialogue })?;
        self.question(&next)
    }

    /// The event that was answered so far, or what of it is no longer right.
    pub fn draft(&self, dialogue: &Dialogue) -> Result<Result<Draft, Invalid>, StoreError> {
        let Topic::Add { answers, .. } = &dialogue.topic else {
            return Ok(Err(Field::Title.is(Problem::Missing)));
        };
        let picture = dialogue::picture(self.tx, self.talk)?;
        Ok(self.filled_in(answers, picture.as_deref()))
    }

    fn filled_in(
        &self,
        answers: &[(String, String)],
        picture: Option<&[u8]>,
    ) -> Result<Draft, Invalid> {
        let mut changes = Changes::default();
        for (name, answer) in answers {
            if let Some(field) = Field::named(name).filter(|field| *field != Field::Image) {
                changes.set(field, answer)?;
            }
        }
        if let Some(bytes) = picture {
            let picture = Picture::check(bytes, self.events.context.media_limit);
            changes.image = Change::Set(picture.map_err(|problem| Field::Image.is(problem))?);
        }
        changes.draft(&self.events.zone)
    }

    /// The dialogue a button belongs to; otherwise the press is answered.
    fn pressed(&self, press: &Press, number: u64) -> Result<Option<Dialogue>, Failure> {
        self.may(Verb::Create)?;
        let dialogue = dialogue::current(self.tx, self.talk)?;
        let dialogue = dialogue.filter(|dialogue| dialogue.number == number);
        if dialogue.is_none() {
            self.toast(press, self.own.manage.question_over)?;
        }
        Ok(dialogue)
    }

    /// Leaves out a step.
    pub fn skip(&self, press: &Press, number: u64, step: usize) -> Result<(), Failure> {
        let Some(dialogue) = self.pressed(press, number)? else { return Ok(()) };
        let asked = asked_field(&dialogue).filter(|field| is_optional(*field));
        match dialogue.topic {
            Topic::Add { step: now, .. } if now == step && asked.is_some() => {
                self.nod(press)?;
                Ok(self.next_step(dialogue, None)?)
            }
            _ => Ok(self.toast(press, self.own.manage.question_over)?),
        }
    }

    /// Creates the event that was asked for.
    pub fn create(&self, press: &Press, number: u64) -> Result<(), Failure> {
        let Some(dialogue) = self.pressed(press, number)? else { return Ok(()) };
        if asked_field(&dialogue).is_some() {
            return Ok(self.toast(press, self.own.manage.question_over)?);
        }
        let draft = self.draft(&dialogue)?;
        let draft = draft.map_err(|invalid| self.refused(&Refusal::from(invalid)))?;
        let (id, _) = self.act(None, &Action::Create(draft.into()))?;
        dialogue::end(self.tx, self.talk)?;
        self.nod(press)?;
        let screen = self.created(id)?;
        match press.message {
            Some(_) => Ok(self.replace(press, screen)?),
            None => Ok(self.send(screen)?),
        }
    }

    fn created(&self, id: EventId) -> Result<Screen, StoreError> {
        let done = fill(self.sentences().manage.created, &[("id", &id.to_string())]);
        let done = html::escape(&done);
        let Some(event) = store::find(self.tx, id)? else { return Ok(Screen::plain(done)) };
        let Screen { text, keyboard } = self.card(&event, None)?;
        Ok(Screen { text: format!("{done}\n\n{text}"), keyboard })
    }

    /// `/cancel`.
    pub fn stop(&self) -> Result<(), Failure> {
        let was_asked = dialogue::current(self.tx, self.talk)?.is_some();
        dialogue::end(self.tx, self.talk)?;
        let manage = &self.sentences().manage;
        Ok(self.say(if was_asked { manage.stopped } else { manage.nothing_to_stop })?)
    }

    /// Ends the questions by button.
    pub fn stop_by(&self, press: &Press, number: u64) -> Result<(), Failure> {
        if self.pressed(press, number)?.is_none() {
            return Ok(());
        }
        dialogue::end(self.tx, self.talk)?;
        self.nod(press)?;
        let stopped = html::escape(self.sentences().manage.stopped);
        Ok(self.replace(press, Screen::plain(stopped))?)
    }
}

/// The field that is asked for; nothing when only the last question is left.
pub(super) fn asked_field(dialogue: &Dialogue) -> Option<Field> {
    match &dialogue.topic {
        Topic::Add { step, .. } => STEPS.get(*step).copied(),
        Topic::Edit { field, .. } => Field::named(field),
    }
}
