//! `/editevent`: a field of an event, chosen by button or named, and its new value.

use super::desk::{Desk, Screen, button, first_word, titled};
use super::dialogue::{self, Dialogue, Topic};
use super::guide::is_optional;
use super::tap::Tap;
use crate::apps::events::action::{Action, Verb};
use crate::apps::events::changes::Changes;
use crate::apps::events::decision::Decision;
use crate::apps::events::model::{Event, EventId};
use crate::apps::events::refusal::{Field, Problem, Refusal};
use crate::apps::events::store;
use crate::apps::events::text;
use crate::apps::{Failure, Press, is_private};
use crate::i18n::fill;
use crate::store::StoreError;
use crate::telegram::html;
use crate::telegram::outgoing::{Button, Keyboard};

/// The fields that can be edited, two in a row.
const EDITABLE: [[Field; 2]; 5] = [
    [Field::Title, Field::Description],
    [Field::Start, Field::Duration],
    [Field::Location, Field::Capacity],
    [Field::Recurrence, Field::Until],
    [Field::Timezone, Field::Image],
];

/// Stands for no value in the one-line form.
const NO_VALUE: &str = "-";

impl Desk<'_, '_> {
    /// `/editevent ID`, `/editevent ID field` or `/editevent ID field value`.
    pub fn edit(&self, arguments: &str) -> Result<(), Failure> {
        self.may(Verb::Edit)?;
        let Some((id, rest)) = self.numbered("/editevent", arguments)? else { return Ok(()) };
        let event = self.find(id)?;
        let (name, value) = first_word(rest);
        if name.is_empty() {
            return Ok(self.send(self.choice(&event))?);
        }
        let Some(field) = editable(name) else {
            let names: Vec<_> = EDITABLE.as_flattened().iter().map(|f| f.name()).collect();
            let values = [("fields", &names.join(", ")[..])];
            return Ok(self.say(&fill(self.own.manage.unknown_field, &values))?);
        };
        match value {
            "" if is_private(self.tx, self.talk)? => Ok(self.ask_field(id, field)?),
            "" => Ok(()),
            NO_VALUE if is_optional(field) => self.set(id, field, ""),
            value => self.set(id, field, value),
        }
    }

    /// Asks which field to edit.
    fn choice(&self, event: &Event) -> Screen {
        let sentences = self.sentences();
        let title = titled("{title}", event);
        let text = format!("<b>{title}</b>\n{}", html::escape(sentences.manage.ask_field));
        let name = |field: &Field| {
            let tap = Tap::Field { event: event.id, field: *field };
            button(text::field(*field, &sentences.fields), &tap)
        };
        let rows = EDITABLE.iter().map(|row| row.iter().filter_map(name));
        Screen { text, keyboard: rows.fold(Keyboard::new(), Keyboard::row) }
    }

    /// A field was chosen by button.
    pub fn choose_field(&self, press: &Press, id: EventId, field: Field) -> Result<(), Failure> {
        self.may(Verb::Edit)?;
        self.find(id)?;
        if !self.talk.is_private || editable(field.name()).is_none() {
            return Ok(self.alert(press, self.own.house.in_private)?);
        }
        self.nod(press)?;
        Ok(self.ask_field(id, field)?)
    }

    fn ask_field(&self, event: EventId, field: Field) -> Result<(), StoreError> {
        let topic = Topic::Edit { event, field: field.name().to_owned() };
        let dialogue = dialogue::begin(self.tx, self.talk, topic)?;
        self.send(self.question(&dialogue)?)
    }

    /// The question for a field of an event there is, with buttons for its usual values.
    pub fn edit_question(
        &self,
        dialogue: &Dialogue,
        id: EventId,
        field: Field,
    ) -> Result<Screen, StoreError> {
        let sentences = self.sentences();
        let Some(event) = store::find(self.tx, id)? else {
            return Ok(Screen::plain(html::escape(sentences.events.no_such_event)));
        };
        let question = self.question_for(field, event.schedule.zone().name());
        let name = html::escape(text::field(field, &sentences.fields));
        let text =
            format!("{} · <i>{name}</i>\n{}", titled("{title}", &event), html::escape(&question));
        let stop = button(sentences.manage.stop, &Tap::Stop { number: dialogue.number });
        let keyboard = Keyboard::new().row(self.usual_values(id, field)).row(stop);
        Ok(Screen { text, keyboard })
    }

    fn usual_values(&self, event: EventId, field: Field) -> Vec<Button> {
        let manage = &self.sentences().manage;
        let set =
            |label, value: &str| button(label, &Tap::Set { event, field, value: value.to_owned() });
        let ways = match field {
            Field::Recurrence => {
                [set(manage.weekly, "weekly"), set(manage.monthly, "monthly")].to_vec()
            }
            _ => Vec::new(),
        };
        let remove = is_optional(field).then(|| set(manage.remove, ""));
        ways.into_iter().chain(remove).flatten().collect()
    }

    /// The answer to the question for a field.
    pub fn answer_edit(
        &self,
        dialogue: &Dialogue,
        id: EventId,
        field: Field,
        value: &str,
    ) -> Result<(), Failure> {
        match self.changed(id, field, value) {
            Ok(screen) => {
                dialogue::end(self.tx, self.talk)?;
                Ok(self.send(screen)?)
            }
            Err(Failure::Refused(refused)) if refused.code == "invalid-data" => {
                Ok(self.ask_again_because(dialogue, &refused.sentence)?)
            }
            Err(failure) => {
                dialogue::end(self.tx, self.talk)?;
                Err(failure)
            }
        }
    }

    /// A usual value was chosen by button.
    pub fn set_by(
        &self,
        press: &Press,
        id: EventId,
        field: Field,
        value: &str,
    ) -> Result<(), Failure> {
        self.may(Verb::Edit)?;
        let screen = self.changed(id, field, value)?;
        let asked = dialogue::current(self.tx, self.talk)?;
        if matches!(asked, Some(Dialogue { topic: Topic::Edit { event, .. }, .. }) if event == id) {
            dialogue::end(self.tx, self.talk)?;
        }
        self.nod(press)?;
        Ok(self.replace(press, screen)?)
    }

    fn set(&self, id: EventId, field: Field, value: &str) -> Result<(), Failure> {
        let screen = self.changed(id, field, value)?;
        Ok(self.send(screen)?)
    }

    /// Changes a field and shows the event as it is then.
    fn changed(&self, id: EventId, field: Field, value: &str) -> Result<Screen, Failure> {
        let mut changes = Changes::default();
        let known = editable(field.name()).ok_or(field.is(Problem::NotEditable));
        // A picture is a file; its name in a line of text is none.
        let set = known.and_then(|field| match field {
            Field::Image if !value.is_empty() => Err(field.is(Problem::NotAnImage)),
            field => changes.set(field, value),
        });
        set.map_err(|invalid| self.refused(&Refusal::from(invalid)))?;
        let (id, decision) = self.act(Some(id), &Action::Edit(changes.into()))?;
        Ok(self.edited(id, &decision)?)
    }

    /// The event after an edit.
    pub fn edited(&self, id: EventId, decision: &Decision) -> Result<Screen, StoreError> {
        let manage = &self.sentences().manage;
        let done = if decision.is_nothing() { manage.unchanged } else { manage.saved };
        let done = html::escape(done);
        let Some(event) = store::find(self.tx, id)? else { return Ok(Screen::plain(done)) };
        let Screen { text, keyboard } = self.card(&event, None)?;
        Ok(Screen { text: format!("{done}\n\n{text}"), keyboard })
    }
}

/// The field people call `name`, if it can be edited.
fn editable(name: &str) -> Option<Field> {
    let field = Field::named(&name.to_ascii_lowercase())?;
    EDITABLE.as_flattened().contains(&field).then_some(field)
}
