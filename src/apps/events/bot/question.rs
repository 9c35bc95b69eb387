//! The questions of `/addevent` and `/editevent`, with their buttons.

use super::desk::{Desk, Screen, button};
use super::dialogue::{Dialogue, Topic};
use super::guide::{STEPS, asked_field, is_optional};
use super::tap::Tap;
use crate::apps::events::action::Action;
use crate::apps::events::changes::Draft;
use crate::apps::events::decision::Next;
use crate::apps::events::domain::{self, Subject};
use crate::apps::events::model::{Event, EventId};
use crate::apps::events::refusal::{Field, Invalid, Problem};
use crate::apps::events::roll::Roll;
use crate::apps::events::text;
use crate::i18n::fill;
use crate::store::StoreError;
use crate::telegram::html;
use crate::telegram::outgoing::Keyboard;

impl Desk<'_, '_> {
    /// Says what is wrong with an answer, and asks again.
    pub fn ask_again(&self, dialogue: &Dialogue, problem: Problem) -> Result<(), StoreError> {
        let Some(field) = asked_field(dialogue) else { return Ok(()) };
        self.ask_again_because(dialogue, &text::invalid(field.is(problem), self.shown))
    }

    /// Says `why`, plain text, and asks again.
    pub fn ask_again_because(&self, dialogue: &Dialogue, why: &str) -> Result<(), StoreError> {
        let Screen { text, keyboard } = self.question(dialogue)?;
        let text = format!("⚠️ {}\n\n{text}", html::escape(why));
        self.send(Screen { text, keyboard })
    }

    /// The question that waits for an answer.
    pub fn question(&self, dialogue: &Dialogue) -> Result<Screen, StoreError> {
        match (&dialogue.topic, asked_field(dialogue)) {
            (Topic::Add { step, .. }, Some(field)) => {
                let values =
                    [("step", &(step + 1).to_string()[..]), ("steps", &STEPS.len().to_string())];
                let progress = fill(self.sentences().manage.step, &values);
                let zone = self.events.zone.name();
                let question = html::escape(&self.question_for(field, zone));
                let text = format!("<i>{}</i>\n{question}", html::escape(&progress));
                Ok(Screen { text, keyboard: self.step_buttons(dialogue, *step, field) })
            }
            (Topic::Add { .. }, None) => self.confirmation(dialogue),
            (Topic::Edit { event, .. }, field) => {
                self.edit_question(dialogue, *event, field.unwrap_or(Field::Title))
            }
        }
    }

    /// Asks for one field, plain text.
    pub fn question_for(&self, field: Field, zone: &str) -> String {
        let manage = &self.sentences().manage;
        let question = match field {
            Field::Start => return fill(manage.ask_start, &[("zone", zone)]),
            Field::Duration => manage.ask_duration,
            Field::Description => manage.ask_description,
            Field::Image => manage.ask_image,
            Field::Location => manage.ask_location,
            Field::Capacity => manage.ask_capacity,
            Field::Timezone => manage.ask_timezone,
            Field::Recurrence => manage.ask_recurrence,
            Field::Until => manage.ask_until,
            _ => manage.ask_title,
        };
        question.to_owned()
    }

    fn step_buttons(&self, dialogue: &Dialogue, step: usize, field: Field) -> Keyboard {
        let (manage, number) = (&self.sentences().manage, dialogue.number);
        let skip = is_optional(field).then(|| button(manage.skip, &Tap::Skip { number, step }));
        let end = button(manage.stop, &Tap::Stop { number });
        Keyboard::new().row(skip.flatten().into_iter().chain(end))
    }

    fn confirmation(&self, dialogue: &Dialogue) -> Result<Screen, StoreError> {
        let (manage, number) = (&self.sentences().manage, dialogue.number);
        let draft = match self.draft(dialogue)? {
            Ok(draft) => draft,
            Err(invalid) => return Ok(self.no_longer(invalid)),
        };
        let mut text = format!("<b>{}</b>", html::escape(manage.ask_confirm));
        let has_image = draft.image.is_some();
        if let Some(event) = self.imagined(draft) {
            text = format!("{text}\n\n{}", self.preview(&event));
        }
        if has_image {
            text = format!("{text}\n\n🖼 {}", html::escape(manage.has_image));
        }
        let create = button(manage.create, &Tap::Create { number });
        let stop = button(manage.stop, &Tap::Stop { number });
        Ok(Screen { text, keyboard: Keyboard::new().row(create.into_iter().chain(stop)) })
    }

    /// The event as it would be.
    fn imagined(&self, draft: Draft) -> Option<Event> {
        let (new, nobody) = (Subject::New(EventId(0)), Roll::default());
        let action = Action::Create(draft.into());
        match domain::decide(new, &nobody, &self.asked(), &action).ok()?.next {
            Next::Put(event) => Some(*event),
            _ => None,
        }
    }

    /// Answers that were right and are not any more, e.g. since the limit of pictures was lowered.
    fn no_longer(&self, invalid: Invalid) -> Screen {
        Screen::plain(html::escape(&text::invalid(invalid, self.shown)))
    }
}
