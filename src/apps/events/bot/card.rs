//! One event in words: when, where, how many go, and what the reader can do.

use super::desk::{Desk, Screen, button};
use super::list::List;
use super::tap::{Tap, View, Wish};
use crate::apps::Press;
use crate::apps::events::frame::Counts;
use crate::apps::events::model::{Event, EventId};
use crate::apps::events::roll::Standing;
use crate::apps::events::schedule::Phase;
use crate::apps::events::store;
use crate::apps::events::when::when;
use crate::i18n::fill;
use crate::store::StoreError;
use crate::telegram::html;
use crate::telegram::outgoing::{Button, Keyboard};

/// The longest part of a title in a list, in UTF-16 units.
const SHORT_TITLE: usize = 100;

/// The longest part of a place or a reason in a list, in UTF-16 units.
const SHORT_PLACE: usize = 60;

/// How much of an event is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    /// For a list.
    Short,
    /// Everything but the description.
    Full,
}

/// An event and how the reader stands to it. In a group many read the same message, so there it
/// says nothing of anybody.
pub(super) struct Look<'a> {
    pub event: &'a Event,
    counts: Counts,
    standing: Standing,
    /// The reader's place in the line, from 1.
    place: usize,
}

impl Desk<'_, '_> {
    /// How `event` looks to the reader.
    pub fn look<'e>(&self, event: &'e Event) -> Result<Look<'e>, StoreError> {
        let counts = store::counts(self.tx, event.id)?;
        if !self.talk.is_private {
            return Ok(Look { event, counts, standing: Standing::None, place: 0 });
        }
        let standing = store::standing(self.tx, event.id, self.user())?;
        let place = store::place_in_line(self.tx, event.id, self.user())?;
        Ok(Look { event, counts, standing, place })
    }

    /// The message about one event.
    pub fn card(&self, event: &Event, back: Option<List>) -> Result<Screen, StoreError> {
        let look = self.look(event)?;
        let text = self.described(&look);
        let keyboard = Keyboard::new().row(self.wishes(&look, View::Card(back)));
        let keyboard = self.add_launcher(keyboard, Some(event.id));
        Ok(Screen { text, keyboard: keyboard.row(self.way_back(back)) })
    }

    /// An event that does not exist yet, as it will look.
    pub fn preview(&self, event: &Event) -> String {
        let counts = Counts::default();
        self.described(&Look { event, counts, standing: Standing::None, place: 0 })
    }

    fn described(&self, look: &Look<'_>) -> String {
        let lines = self.lines(look, Length::Full);
        match look.event.description.as_str() {
            "" => lines,
            // Lines of their own, so they turn nothing of ours; the direction of each is its own.
            text => {
                let text: Vec<String> = text.lines().map(html::tame).collect();
                format!("{lines}\n\n{}", html::escape(&text.join("\n")))
            }
        }
    }

    /// Shows an event in place of a list, or again.
    pub fn turn(&self, press: &Press, view: View, id: EventId) -> Result<(), StoreError> {
        self.nod(press)?;
        self.redraw(press, view, id)
    }

    /// Draws the message of a pressed button again as things are now.
    pub fn redraw(&self, press: &Press, view: View, id: EventId) -> Result<(), StoreError> {
        let screen = match (view, store::find(self.tx, id)?) {
            (View::List(List::Mine(_)), _) if !self.talk.is_private => return Ok(()),
            (View::List(list), _) => self.list(list)?,
            (View::Card(back), Some(event)) => self.card(&event, back)?,
            (View::Card(back), None) => Screen {
                text: html::escape(self.sentences().events.no_such_event),
                keyboard: Keyboard::new().row(self.way_back(back)),
            },
        };
        self.replace(press, screen)
    }

    fn way_back(&self, back: Option<List>) -> Option<Button> {
        button(self.sentences().events.back, &Tap::Page(back?))
    }

    /// The lines about an event, as markup.
    pub fn lines(&self, look: &Look<'_>, length: Length) -> String {
        let event = look.event;
        let cut = |text: &str, max| match length {
            Length::Short => html::quoted(&html::truncate_plain(text, max)),
            Length::Full => html::quoted(text),
        };
        let title = cut(event.title.as_str(), SHORT_TITLE);
        let number = self.number(event.id);
        let mut lines = vec![
            format!("<b>{title}</b>{number}"),
            format!("🗓 {}", html::escape(&self.time(event))),
        ];
        if !event.location.as_str().is_empty() {
            lines.push(format!("📍 {}", cut(event.location.as_str(), SHORT_PLACE)));
        }
        lines.push(format!("👥 {}", self.numbers(look)));
        if let Some(cancelled) = &event.cancelled {
            lines.push(format!("🚫 {}", self.cancelled(cancelled.reason.as_str(), &cut)));
        }
        lines.extend(self.standing(look));
        lines.join("\n")
    }

    /// Admins need the numbers of events for their commands.
    fn number(&self, id: EventId) -> String {
        let is_needed = self.talk.asked.by.is_admin && self.talk.is_private && id != EventId(0);
        if is_needed { format!(" · #{id}") } else { String::new() }
    }

    fn time(&self, event: &Event) -> String {
        let (now, events) = (self.talk.asked.at, &self.sentences().events);
        let when = when(event, now, self.shown);
        match event.current(now).phase(now) {
            _ if event.is_over(now) => format!("{when} · {}", events.over),
            Phase::Running => format!("{when} · {}", events.running),
            _ => when,
        }
    }

    fn numbers(&self, look: &Look<'_>) -> String {
        let (events, Counts { going, waiting }) = (&self.sentences().events, look.counts);
        let going = match look.event.capacity {
            None if going == 0 => events.nobody_goes.to_owned(),
            None => events.going.counted(self.shown, going.into()),
            Some(capacity) => {
                let seats = u64::from(capacity.seats());
                let values = [("going", &going.to_string()[..]), ("count", &seats.to_string())];
                fill(events.places.of(self.shown, seats), &values)
            }
        };
        if waiting == 0 {
            return going;
        }
        let waiting = fill(events.waiting, &[("count", &waiting.to_string())]);
        format!("{going} · {waiting}")
    }

    fn cancelled(&self, reason: &str, cut: &dyn Fn(&str, usize) -> String) -> String {
        let events = &self.sentences().events;
        if reason.is_empty() {
            return html::escape(events.cancelled);
        }
        fill(events.cancelled_because, &[("reason", &cut(reason, SHORT_PLACE))])
    }

    fn standing(&self, look: &Look<'_>) -> Option<String> {
        let events = &self.sentences().events;
        match look.standing {
            Standing::None => None,
            Standing::Going => Some(format!("✅ {}", events.you_go)),
            Standing::Waitlisted => {
                let text = fill(events.you_wait, &[("place", &look.place.to_string())]);
                Some(format!("⏳ {text}"))
            }
        }
    }

    /// The buttons to attend and to leave; both where the readers are many.
    pub fn wishes(&self, look: &Look<'_>, view: View) -> Vec<Button> {
        let (event, events) = (look.event, &self.sentences().events);
        let is_full = look.counts.waiting > 0 || event.free_seats(look.counts.going) == 0;
        let label = if is_full { events.join_line } else { events.attend };
        let is_mine = look.standing != Standing::None;
        let tap = |wish| Tap::Wish { wish, event: event.id, view };
        let can_attend = !is_mine && event.is_open(self.talk.asked.at);
        let can_leave = is_mine || !self.talk.is_private && can_attend;
        let attend = can_attend.then(|| button(label, &tap(Wish::Attend)));
        let leave = can_leave.then(|| button(events.leave, &tap(Wish::Leave)));
        [attend, leave].into_iter().flatten().flatten().collect()
    }

    /// The button that opens the page, at the event if one is given. Telegram refuses `web_app`
    /// buttons outside private chats.
    pub fn launcher(&self, event: Option<EventId>) -> Keyboard {
        self.add_launcher(Keyboard::new(), event)
    }

    /// `keyboard` with that button in a row of its own.
    pub fn add_launcher(&self, keyboard: Keyboard, event: Option<EventId>) -> Keyboard {
        let Some(base) = &self.events.context.public_url else { return keyboard };
        let label = self.sentences().view_events;
        if self.talk.is_private {
            let url = format!("{base}/{}/", store::APP);
            return keyboard.row([Button::web_app(label, &url)]);
        }
        let start = event.map(|id| format!("?startapp={id}")).unwrap_or_default();
        let link = self.events.context.link();
        keyboard.row(link.map(|link| Button::url(label, &format!("{link}{start}"))))
    }
}
