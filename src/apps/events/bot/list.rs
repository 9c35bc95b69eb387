//! Lists of events: what is coming, and what somebody goes to or waits for.

use std::fmt;

use super::card::{Length, Look};
use super::desk::{Desk, Screen, button};
use super::tap::{Tap, View};
use crate::apps::Press;
use crate::apps::events::model::Event;
use crate::apps::events::store;
use crate::i18n::fill;
use crate::store::StoreError;
use crate::telegram::html;
use crate::telegram::outgoing::{Button, Keyboard};

/// Events on a page: with the longest titles and places that is still one message.
const PER_PAGE: usize = 10;

/// A page of a list, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    /// Everything that has not ended.
    Coming(usize),
    /// Of that, what the person goes to or waits for.
    Mine(usize),
}

impl List {
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(page) = text.strip_prefix('l') {
            return page.parse().ok().map(Self::Coming);
        }
        text.strip_prefix('m')?.parse().ok().map(Self::Mine)
    }

    fn page(self) -> usize {
        match self {
            Self::Coming(page) | Self::Mine(page) => page,
        }
    }

    fn at(self, page: usize) -> Self {
        match self {
            Self::Coming(_) => Self::Coming(page),
            Self::Mine(_) => Self::Mine(page),
        }
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Coming(page) => write!(f, "l{page}"),
            Self::Mine(page) => write!(f, "m{page}"),
        }
    }
}

impl Desk<'_, '_> {
    /// A page of a list with its buttons; one behind the last shows the last.
    pub fn list(&self, list: List) -> Result<Screen, StoreError> {
        let all = self.listed(list)?;
        if all.is_empty() {
            let text = html::escape(self.heading(list).1);
            return Ok(Screen { text, keyboard: self.launcher(None) });
        }
        let pages = all.len().div_ceil(PER_PAGE);
        let list = list.at(list.page().min(pages - 1));
        let mut text = self.title(list, pages);
        let mut keyboard = Keyboard::new();
        for event in all.iter().skip(list.page() * PER_PAGE).take(PER_PAGE) {
            let look = self.look(event)?;
            text = format!("{text}\n\n{}", self.lines(&look, Length::Short));
            keyboard = keyboard.row(self.row(&look, list));
        }
        let keyboard = keyboard.row(self.pager(list, pages));
        Ok(Screen { text, keyboard: self.add_launcher(keyboard, None) })
    }

    /// Turns to a page.
    pub fn turn_page(&self, press: &Press, list: List) -> Result<(), StoreError> {
        if matches!(list, List::Mine(_)) && !self.talk.is_private {
            return self.alert(press, self.own.events.stale);
        }
        self.nod(press)?;
        self.replace(press, self.list(list)?)
    }

    /// The events of a list, soonest first.
    fn listed(&self, list: List) -> Result<Vec<Event>, StoreError> {
        let now = self.talk.asked.at;
        let all = match list {
            List::Coming(_) => store::all(self.tx)?,
            List::Mine(_) => self.of_user()?,
        };
        let mut coming: Vec<Event> = all.into_iter().filter(|event| !event.is_over(now)).collect();
        coming.sort_by_cached_key(|event| (event.current(now).starts, event.id));
        Ok(coming)
    }

    fn of_user(&self) -> Result<Vec<Event>, StoreError> {
        let ids = store::of_user(self.tx, self.user())?;
        ids.into_iter().filter_map(|id| store::find(self.tx, id).transpose()).collect()
    }

    /// What stands above a list, and what stands there when it is empty.
    fn heading(&self, list: List) -> (&'static str, &'static str) {
        let events = &self.sentences().events;
        match list {
            List::Coming(_) => (events.coming, events.none_coming),
            List::Mine(_) => (events.mine, events.none_mine),
        }
    }

    fn title(&self, list: List, pages: usize) -> String {
        let heading = html::escape(self.heading(list).0);
        if pages == 1 {
            return format!("<b>{heading}</b>");
        }
        let values = [("page", &(list.page() + 1).to_string()[..]), ("pages", &pages.to_string())];
        format!("<b>{heading}</b> · {}", fill(self.sentences().house.page, &values))
    }

    /// The buttons of one event in a list: its name shows it, beside that what one can do.
    fn row(&self, look: &Look<'_>, list: List) -> Vec<Button> {
        let show = Tap::Show(View::Card(Some(list)), look.event.id);
        let name = button(&html::tame(look.event.title.as_str()), &show);
        name.into_iter().chain(self.wishes(look, View::List(list))).collect()
    }

    fn pager(&self, list: List, pages: usize) -> Vec<Button> {
        let house = &self.sentences().house;
        let turn = |label, page| button(label, &Tap::Page(list.at(page)));
        let previous = list.page().checked_sub(1).and_then(|page| turn(house.previous, page));
        let next = list.page() + 1;
        let next = (next < pages).then(|| turn(house.next, next)).flatten();
        previous.into_iter().chain(next).collect()
    }
}
