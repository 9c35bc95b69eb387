//! The list of servers, and what one can look at of each.

use super::desk::{Desk, Screen, button, column};
use super::tap::{List, Tap};
use crate::apps::conferences::fleet::{Kept, Right, ServerId};
use crate::apps::conferences::{store, words};
use crate::apps::{Failure, Press};
use crate::i18n::fill;
use crate::store::StoreError;
use crate::telegram::html;

/// Servers on a page: with the longest names that is still one message.
const PER_PAGE: usize = 10;

impl Desk<'_, '_> {
    /// A page of the servers somebody may look at; one behind the last shows the last.
    pub fn servers(&self, page: usize) -> Result<Screen, StoreError> {
        let all: Vec<&Kept> = self.app.fleet.of(&self.talk.asked.by, Right::Look).collect();
        let pages = all.len().div_ceil(PER_PAGE).max(1);
        let page = page.min(pages - 1);
        let mut text = format!("<b>{}</b>", html::escape(self.says().heading));
        if pages > 1 {
            text = format!("{text} · {}", self.page_name(page, pages));
        }
        text.push('\n');
        let mut buttons = Vec::new();
        for kept in all.iter().skip(page * PER_PAGE).take(PER_PAGE) {
            let (mark, state) = self.state(kept)?;
            let name = words::name(kept.name());
            text = format!(
                "{text}\n{mark} {}: {}",
                html::quoted(&name),
                html::escape(first_line(&state))
            );
            buttons.push(button(&format!("{mark} {name}"), Tap::Menu(kept.id)));
        }
        let keyboard = column(buttons).row(self.pager(page, pages, Tap::Servers));
        Ok(Screen { text, keyboard })
    }

    /// Turns to a page of the servers.
    pub fn turn_servers(&self, press: &Press, page: usize) -> Result<(), Failure> {
        self.nod(press)?;
        Ok(self.replace(press, &self.servers(page)?)?)
    }

    /// Shows the menu of a server.
    pub fn menu(&self, press: &Press, id: ServerId) -> Result<(), Failure> {
        let kept = self.server(id, Right::Look)?;
        self.nod(press)?;
        let (mark, state) = self.state(kept)?;
        let text = format!("{}\n{mark} {}", title(kept), html::escape(&state));
        let buttons = &self.says().buttons;
        let keyboard = column([
            button(buttons.status, Tap::Status(id)),
            button(buttons.running, Tap::List(id, List::Running(0))),
            button(buttons.online, Tap::Online(id)),
            button(buttons.forgotten, Tap::List(id, List::Forgotten(0))),
            button(buttons.back, Tap::Servers(self.page_of(kept))),
        ]);
        Ok(self.replace(press, &Screen { text, keyboard })?)
    }

    /// How a server stands: a mark, and words without markup.
    pub fn state(&self, kept: &Kept) -> Result<(&'static str, String), StoreError> {
        Ok(self.sight(kept).state(&store::find(self.tx, kept)?))
    }

    /// Buttons to the pages before and after.
    pub fn pager(
        &self,
        page: usize,
        pages: usize,
        tap: impl Fn(usize) -> Tap,
    ) -> Vec<crate::telegram::outgoing::Button> {
        let house = &self.language.sentences().house;
        let previous = page.checked_sub(1).and_then(|page| button(house.previous, tap(page)));
        let next = (page + 1 < pages).then(|| button(house.next, tap(page + 1))).flatten();
        previous.into_iter().chain(next).collect()
    }

    /// `page 2 of 5`.
    pub fn page_name(&self, page: usize, pages: usize) -> String {
        let values = [("page", &(page + 1).to_string()[..]), ("pages", &pages.to_string())];
        fill(self.language.sentences().house.page, &values)
    }

    /// The page of the list of servers on which `kept` stands for this person.
    fn page_of(&self, kept: &Kept) -> usize {
        let mut all = self.app.fleet.of(&self.talk.asked.by, Right::Look);
        all.position(|other| other.id == kept.id).unwrap_or_default() / PER_PAGE
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// The name of a server as the first line of a screen.
pub(super) fn title(kept: &Kept) -> String {
    format!("<b>{}</b>", html::quoted(&words::name(kept.name())))
}
