//! `/calendar`: a secret address for calendar programs, shown once, ended by button or command.

use super::desk::{Desk, Screen, button};
use super::tap::Tap;
use crate::apps::events::ics;
use crate::apps::events::subscription::{self, Mark, Token};
use crate::apps::{Failure, Press, Refused};
use crate::store::StoreError;
use crate::telegram::html;
use crate::telegram::outgoing::Keyboard;

impl Desk<'_, '_> {
    /// `/calendar` and `/calendar revoke`, in a private chat.
    pub fn calendar(&self, arguments: &str) -> Result<(), Failure> {
        let calendar = &self.own.calendar;
        match arguments.trim() {
            "revoke" if subscription::revoke(self.tx, self.user())? => self.say(calendar.ended)?,
            "revoke" => self.say(calendar.nothing_to_end)?,
            "" => self.give_address()?,
            _ => self.say(calendar.usage)?,
        }
        Ok(())
    }

    /// Ends the address under whose message the button is; a newer one stays.
    pub fn end_calendar(&self, press: &Press, mark: Mark) -> Result<(), StoreError> {
        if subscription::mark_of(self.tx, self.user())? == Some(mark) {
            subscription::revoke(self.tx, self.user())?;
        }
        self.nod(press)?;
        self.replace(press, Screen::plain(html::escape(self.own.calendar.ended)))
    }

    /// Only the hash of an address is kept, so it cannot be shown again: there is a new one.
    fn give_address(&self) -> Result<(), Failure> {
        let Some(base) = &self.events.context.public_url else {
            return Ok(self.say(self.own.calendar.no_address)?);
        };
        let token = self.fresh_token()?;
        let had_one = subscription::renew(self.tx, self.user(), &token)?;
        let text = self.address_text(&ics::address(base, &token), had_one);
        let end = button(self.own.calendar.end, &Tap::EndCalendar { mark: token.mark() });
        Ok(self.send(Screen { text, keyboard: Keyboard::new().row(end) })?)
    }

    fn address_text(&self, address: &str, had_one: bool) -> String {
        let calendar = &self.own.calendar;
        let old = if had_one { format!("\n\n{}", calendar.old_ended) } else { String::new() };
        let (above, below) = (html::escape(calendar.address), html::escape(calendar.advice));
        format!(
            "{above}\n\n<code>{}</code>\n\n{below}{}",
            html::escape(address),
            html::escape(&old)
        )
    }

    fn fresh_token(&self) -> Result<Token, Failure> {
        let mut bits = [0; 32];
        match getrandom::fill(&mut bits) {
            Ok(()) => Ok(Token::of(bits)),
            Err(error) => {
                log::error!("cannot make a calendar address: no random numbers: {error}");
                Err(Refused::new("internal", self.own.internal).into())
            }
        }
    }
}
