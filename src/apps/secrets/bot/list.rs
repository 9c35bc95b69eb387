//! One's own unread secrets, and burning one: asked once, done once.

use super::desk::{Desk, button};
use super::tap::{Tap, Under};
use crate::apps::Press;
use crate::apps::secrets::store::{self, Author, Burner, Gone};
use crate::apps::secrets::token::SecretId;
use crate::apps::secrets::words::when;
use crate::i18n::fill;
use crate::store::{StoreError, users};
use crate::telegram::html::isolated;
use crate::telegram::outgoing::{Keyboard, Outgoing};
use crate::telegram::sender;

/// Rows of the list; more are only counted.
const ROWS: usize = 20;

impl Desk<'_, '_> {
    /// `/secrets`.
    pub fn show_list(&self) -> Result<(), StoreError> {
        let (text, keyboard) = self.list()?;
        self.ask(&text, &keyboard)
    }

    fn list(&self) -> Result<(String, Keyboard), StoreError> {
        let author = Author::User(self.user());
        let mine = store::list(self.tx, Some(&author), self.talk.asked.at)?;
        if mine.is_empty() {
            return Ok((self.said.list_none.to_owned(), Keyboard::new()));
        }
        let mut lines = vec![self.said.list_heading.to_owned(), String::new()];
        let mut buttons = Vec::new();
        for one in mine.iter().take(ROWS) {
            lines.push(self.row(one)?);
            let label = fill(self.said.list_burn, &[("id", &one.id.to_string())]);
            buttons.extend(button(&label, Tap::Burn(Under::List, one.id)));
        }
        let more = mine.len().saturating_sub(ROWS) as u64;
        lines.extend((more > 0).then(|| self.said.list_more.counted(self.language(), more)));
        let rows = buttons.chunks(2);
        let keyboard = rows.fold(Keyboard::new(), |rows, row| rows.row(row.iter().cloned()));
        Ok((lines.join("\n"), keyboard))
    }

    fn row(&self, one: &Gone) -> Result<String, StoreError> {
        let now = self.talk.asked.at;
        let until = when(one.expires, now, &self.app.context, self.language());
        let mut row = fill(self.said.list_row, &[("id", &one.id.to_string()), ("when", &until)]);
        if let Some(recipient) = one.recipient {
            let known = users::find(self.tx, recipient)?.filter(|user| !user.name.is_empty());
            let who = known.map_or_else(|| recipient.to_string(), |user| isolated(&user.name));
            row = format!("{row}, {}", fill(self.said.list_for, &[("who", &who)]));
        }
        if one.has_passphrase {
            row = format!("{row}, {}", self.said.list_passphrase);
        }
        Ok(row)
    }

    /// Asks once, in place of the buttons: the message itself is left alone.
    pub fn ask_to_burn(&self, press: &Press, under: Under, id: SecretId) -> Result<(), StoreError> {
        if !self.is_mine(id)? {
            return self.gone(press, under);
        }
        self.toast(press, self.said.burn_sure)?;
        let sure = button(self.said.burn_yes, Tap::Sure(under, id));
        let keep = button(self.said.burn_no, Tap::Keep(under, id));
        self.buttons(press, &Keyboard::new().row(sure).row(keep))
    }

    /// Burns it.
    pub fn burn(&self, press: &Press, under: Under, id: SecretId) -> Result<(), StoreError> {
        let by = Burner::Author(Author::User(self.user()));
        if store::burn(self.tx, id, &by, self.talk.asked.at)?.is_none() {
            return self.gone(press, under);
        }
        let burnt = fill(self.said.burnt, &[("id", &id.to_string())]);
        self.toast(press, &burnt)?;
        match under {
            Under::Ticket => self.replace(press, &burnt, &Keyboard::new()),
            Under::List => self.redraw_list(press),
        }
    }

    /// Leaves it.
    pub fn keep(&self, press: &Press, under: Under, id: SecretId) -> Result<(), StoreError> {
        if under == Under::List {
            self.nod(press)?;
            return self.redraw_list(press);
        }
        if !self.is_mine(id)? {
            return self.gone(press, under);
        }
        self.nod(press)?;
        let burn = button(self.said.burn, Tap::Burn(Under::Ticket, id));
        self.buttons(press, &Keyboard::new().row(burn))
    }

    fn gone(&self, press: &Press, under: Under) -> Result<(), StoreError> {
        self.toast(press, self.said.is_gone)?;
        match under {
            Under::Ticket => self.replace(press, self.said.is_gone, &Keyboard::new()),
            Under::List => self.redraw_list(press),
        }
    }

    fn is_mine(&self, id: SecretId) -> Result<bool, StoreError> {
        let found = store::find(self.tx, id)?;
        Ok(found.is_some_and(|one| one.by == Author::User(self.user())))
    }

    fn redraw_list(&self, press: &Press) -> Result<(), StoreError> {
        let (text, keyboard) = self.list()?;
        self.replace(press, &text, &keyboard)
    }

    fn buttons(&self, press: &Press, keyboard: &Keyboard) -> Result<(), StoreError> {
        let Some(message) = press.message else { return Ok(()) };
        sender::post(self.tx, Outgoing::edit_buttons(self.talk.chat, message, keyboard))
    }
}
