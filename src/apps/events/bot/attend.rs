//! Attending and leaving by button.

use super::desk::{Desk, titled_plain};
use super::tap::{View, Wish};
use crate::apps::events::action::Action;
use crate::apps::events::decision::Decision;
use crate::apps::events::model::EventId;
use crate::apps::events::roll::Standing;
use crate::apps::events::store;
use crate::apps::{Failure, Press};
use crate::store::StoreError;

impl Desk<'_, '_> {
    /// Does what the button wishes, says what came of it, and draws the message as things are now:
    /// also when they had changed since it was drawn.
    pub fn wish(
        &self,
        press: &Press,
        wish: Wish,
        event: EventId,
        view: View,
    ) -> Result<(), Failure> {
        let action = match wish {
            Wish::Attend => Action::Attend,
            Wish::Leave => Action::Leave,
        };
        match self.act(Some(event), &action) {
            Ok((id, decision)) => self.toast(press, &self.told(id, wish, &decision)?)?,
            Err(Failure::Refused(refused)) => self.alert(press, &refused.sentence)?,
            Err(failure) => return Err(failure),
        }
        Ok(self.redraw(press, view, event)?)
    }

    /// What the person is told: how they stand now, whether or not this press brought it about.
    fn told(&self, id: EventId, wish: Wish, decision: &Decision) -> Result<String, StoreError> {
        let events = &self.own.events;
        let Some(event) = store::find(self.tx, id)? else {
            return Ok(events.no_such_event.to_owned());
        };
        let sentence = match (store::standing(self.tx, id, self.user())?, wish) {
            (Standing::Going, _) => events.now_going,
            (Standing::Waitlisted, _) => events.now_waiting,
            (Standing::None, Wish::Leave) if decision.is_nothing() => events.was_not_going,
            (Standing::None, _) => events.now_left,
        };
        let place = store::place_in_line(self.tx, id, self.user())?;
        Ok(titled_plain(sentence, &event, place))
    }
}
