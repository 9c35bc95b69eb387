//! `/cancelevent`: an event that happens once at once, a series after the question how much of it.

use jiff::civil::Date;

use super::desk::{Desk, Screen, button, titled};
use super::dialogue;
use super::tap::Tap;
use crate::apps::events::action::{Action, Verb};
use crate::apps::events::model::{Event, EventId};
use crate::apps::events::refusal::{Field, Refusal};
use crate::apps::events::texts::Reason;
use crate::apps::events::when::day;
use crate::apps::{Failure, Press};
use crate::i18n::fill;
use crate::ids::UserId;
use crate::telegram::html;
use crate::telegram::outgoing::Keyboard;

impl Desk<'_, '_> {
    /// `/cancelevent ID [reason]`.
    pub fn cancel(&self, arguments: &str) -> Result<(), Failure> {
        self.may(Verb::Cancel)?;
        let Some((id, rest)) = self.numbered("/cancelevent", arguments)? else { return Ok(()) };
        let event = self.find(id)?;
        let reason = self.reason(rest)?;
        let is_series = event.schedule.recurrence().is_some();
        if is_series && event.is_open(self.talk.asked.at) {
            dialogue::keep_cancel(self.tx, self.talk, id, reason.as_str().to_owned())?;
            return Ok(self.send(self.which(&event))?);
        }
        self.act(Some(id), &Action::Cancel { reason })?;
        Ok(self.send(self.cancelled_card(&event, None)?)?)
    }

    fn reason(&self, text: &str) -> Result<Reason, Failure> {
        Reason::parse(text)
            .map_err(|problem| self.refused(&Refusal::from(Field::Reason.is(problem))))
    }

    /// Asks whether one date or all shall be cancelled.
    fn which(&self, event: &Event) -> Screen {
        let (manage, user) = (&self.sentences().manage, self.user());
        let date = event.current(self.talk.asked.at).date;
        let only = fill(manage.only_date, &[("date", &self.day(event, date))]);
        let cancel = |date| Tap::Cancel { event: event.id, user, date };
        let keyboard = Keyboard::new()
            .row(button(&only, &cancel(Some(date))))
            .row(button(manage.whole_series, &cancel(None)))
            .row(button(manage.keep, &Tap::Keep { user }));
        Screen { text: titled(manage.ask_which, event), keyboard }
    }

    /// The answer to that question.
    pub fn cancel_by(
        &self,
        press: &Press,
        id: EventId,
        user: UserId,
        date: Option<Date>,
    ) -> Result<(), Failure> {
        self.may(Verb::Cancel)?;
        if user != self.user() {
            return Ok(self.alert(press, self.own.manage.not_your_button)?);
        }
        let event = self.find(id)?;
        let kept = dialogue::take_cancel(self.tx, self.talk)?.filter(|kept| kept.event == id);
        let Some(kept) = kept else {
            return Ok(self.toast(press, self.own.manage.question_over)?);
        };
        let reason = self.reason(&kept.reason)?;
        let action = match date {
            Some(date) => Action::CancelDate { date, reason },
            None => Action::Cancel { reason },
        };
        self.act(Some(id), &action)?;
        self.nod(press)?;
        Ok(self.replace(press, self.cancelled_card(&event, date)?)?)
    }

    /// Leaves all as it is.
    pub fn keep_by(&self, press: &Press, user: UserId) -> Result<(), Failure> {
        self.may(Verb::Cancel)?;
        if user != self.user() {
            return Ok(self.alert(press, self.own.manage.not_your_button)?);
        }
        dialogue::take_cancel(self.tx, self.talk)?;
        self.nod(press)?;
        let kept = html::escape(self.sentences().manage.kept);
        Ok(self.replace(press, Screen::plain(kept))?)
    }

    /// Says what was cancelled. `event` is the one before.
    fn cancelled_card(&self, event: &Event, date: Option<Date>) -> Result<Screen, Failure> {
        let manage = &self.sentences().manage;
        let done = match date {
            None => titled(manage.cancelled, event),
            Some(date) => {
                let sentence = fill(manage.date_cancelled, &[("date", &self.day(event, date))]);
                titled(&sentence, event)
            }
        };
        let Screen { text, keyboard } = self.card(&self.find(event.id)?, None)?;
        Ok(Screen { text: format!("{done}\n\n{text}"), keyboard })
    }

    fn day(&self, event: &Event, date: Date) -> String {
        let today = event.schedule.zone().rules().to_datetime(self.talk.asked.at).date();
        day(date, today, &self.sentences().dates)
    }
}
