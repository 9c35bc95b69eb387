//! The bot's commands and buttons for events.
//!
//! A [`Desk`] is where one command, press or message is dealt with. Whatever changes an event goes
//! through `store::act`, so who may do it is decided there and nowhere else.

mod attend;
mod attendees;
mod calendar;
mod cancel;
mod card;
mod delete;
mod desk;
mod dialogue;
mod edit;
mod guide;
mod inline;
mod list;
mod notice;
mod picture;
mod question;
mod tap;

pub use dialogue::prepare;

use super::app::Events;
use super::model::EventId;
use super::store;
use crate::apps::{Asked, BotPart, Command, Failure, Press, Said, Talk, is_private};
use crate::i18n::{Sentences, fill};
use crate::store::{StoreError, Tx};
use crate::telegram::inline::InlinePage;
use desk::{Desk, event_id};
use list::List;
use tap::{PREFIX, Tap};

const COMMANDS: &[Command] = &[
    Command { name: "events", for_admins: false, about: |s| s.events.about_events },
    Command { name: "my", for_admins: false, about: |s| s.events.about_my },
    Command { name: "calendar", for_admins: false, about: |s| s.calendar.about_calendar },
    Command { name: "addevent", for_admins: true, about: |s| s.manage.about_addevent },
    Command { name: "editevent", for_admins: true, about: |s| s.manage.about_editevent },
    Command { name: "cancelevent", for_admins: true, about: |s| s.manage.about_cancelevent },
    Command { name: "deleteevent", for_admins: true, about: |s| s.manage.about_deleteevent },
    Command { name: "attendees", for_admins: true, about: |s| s.manage.about_attendees },
    Command { name: "cancel", for_admins: true, about: |s| s.manage.about_cancel },
];

impl BotPart for Events {
    fn commands(&self) -> &'static [Command] {
        COMMANDS
    }

    fn launch(&self, sentences: &Sentences) -> Option<&'static str> {
        Some(sentences.view_events)
    }

    fn command(&self, tx: &Tx, talk: &Talk, command: &str, arguments: &str) -> Result<(), Failure> {
        let desk = Desk::new(self, tx, talk);
        match command {
            "events" => Ok(desk.send(desk.list(List::Coming(0))?)?),
            "my" | "calendar" if !is_private(tx, talk)? => Ok(()),
            "my" => Ok(desk.send(desk.list(List::Mine(0))?)?),
            "calendar" => desk.calendar(arguments),
            "addevent" => desk.add(arguments),
            "editevent" => desk.edit(arguments),
            "cancelevent" => desk.cancel(arguments),
            "deleteevent" => desk.delete(arguments),
            "attendees" => desk.attendees(arguments),
            _ => desk.stop(),
        }
    }

    fn button(&self, tx: &Tx, talk: &Talk, press: &Press) -> Result<(), Failure> {
        let desk = Desk::new(self, tx, talk);
        match Tap::parse(&press.data) {
            None => Ok(desk.alert(press, desk.own.events.stale)?),
            Some(Tap::Wish { wish, event, view }) => desk.wish(press, wish, event, view),
            Some(Tap::Show(view, event)) => Ok(desk.turn(press, view, event)?),
            Some(Tap::Page(list)) => Ok(desk.turn_page(press, list)?),
            Some(Tap::Skip { number, step }) => desk.skip(press, number, step),
            Some(Tap::Create { number }) => desk.create(press, number),
            Some(Tap::Stop { number }) => desk.stop_by(press, number),
            Some(Tap::Field { event, field }) => desk.choose_field(press, event, field),
            Some(Tap::Set { event, field, value }) => desk.set_by(press, event, field, &value),
            Some(Tap::Cancel { event, user, date }) => desk.cancel_by(press, event, user, date),
            Some(Tap::Delete { event, user }) => desk.delete_by(press, event, user),
            Some(Tap::EndCalendar { mark }) => Ok(desk.end_calendar(press, mark)?),
            Some(Tap::Keep { user }) => desk.keep_by(press, user),
        }
    }

    fn prefix(&self) -> &'static str {
        PREFIX
    }

    /// `/start e_<id>` shows that event.
    fn start(&self, tx: &Tx, talk: &Talk, payload: &str) -> Result<bool, Failure> {
        let Some(id) = payload.strip_prefix("e_") else { return Ok(false) };
        let desk = Desk::new(self, tx, talk);
        let id = event_id(id).unwrap_or(EventId(0));
        let event = desk.find(id)?;
        desk.send(desk.card(&event, None)?)?;
        Ok(true)
    }

    fn reply(&self, tx: &Tx, talk: &Talk, said: &Said) -> Result<bool, Failure> {
        Desk::new(self, tx, talk).answer(said)
    }

    fn status(&self, tx: &Tx, talk: &Talk) -> Result<Option<String>, StoreError> {
        let all = store::all(tx)?;
        let coming = all.iter().filter(|event| !event.is_over(talk.asked.at)).count();
        let sentence = talk.asked.by.language.sentences().manage.status;
        let values = [("events", &all.len().to_string()[..]), ("coming", &coming.to_string())];
        Ok(Some(fill(sentence, &values)))
    }

    fn inline(
        &self,
        tx: &Tx,
        asked: &Asked,
        query: &str,
        offset: &str,
    ) -> Result<Option<InlinePage>, StoreError> {
        self.find_inline(tx, asked, query, offset).map(Some)
    }

    fn fetched(&self, tx: &Tx, talk: &Talk, file: Option<&[u8]>) -> Result<(), Failure> {
        Desk::new(self, tx, talk).picture_arrived(file)
    }
}
