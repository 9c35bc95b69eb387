//! `/deleteevent`: an event goes with everything about it, after a question.

use super::desk::{Desk, Screen, button, titled};
use super::tap::Tap;
use crate::apps::events::action::{Action, Verb};
use crate::apps::events::model::EventId;
use crate::apps::{Failure, Press};
use crate::ids::UserId;
use crate::telegram::outgoing::Keyboard;

impl Desk<'_, '_> {
    /// `/deleteevent ID`.
    pub fn delete(&self, arguments: &str) -> Result<(), Failure> {
        self.may(Verb::Delete)?;
        let Some((id, _)) = self.numbered("/deleteevent", arguments)? else { return Ok(()) };
        let (event, user) = (self.find(id)?, self.user());
        let manage = &self.sentences().manage;
        let delete = button(manage.delete, &Tap::Delete { event: id, user });
        let keep = button(manage.keep, &Tap::Keep { user });
        let keyboard = Keyboard::new().row(delete.into_iter().chain(keep));
        Ok(self.send(Screen { text: titled(manage.ask_delete, &event), keyboard })?)
    }

    /// The person who was asked says yes.
    pub fn delete_by(&self, press: &Press, id: EventId, user: UserId) -> Result<(), Failure> {
        self.may(Verb::Delete)?;
        if user != self.user() {
            return Ok(self.alert(press, self.own.manage.not_your_button)?);
        }
        let event = self.find(id)?;
        self.act(Some(id), &Action::Delete)?;
        self.nod(press)?;
        let done = titled(self.sentences().manage.deleted, &event);
        Ok(self.replace(press, Screen::plain(done))?)
    }
}
