//! `/attendees`: who goes and who waits, as far as one message holds it.

use super::desk::{Desk, Screen, titled};
use crate::apps::events::action::{Action, Verb};
use crate::apps::events::model::EventId;
use crate::apps::events::roll::Standing;
use crate::apps::events::store::{self, Entry};
use crate::apps::{Failure, is_private};
use crate::store::{StoreError, users};
use crate::telegram::html;

/// Names take at most this much of the message, in UTF-16 units; the rest is headings and the end.
const NAMES_MAX: usize = 3500;

/// The longest part of a name that is shown, in UTF-16 units.
const NAME_MAX: usize = 64;

/// Behind the name of somebody who cannot be reminded.
const MARK: &str = "🔕";

/// The text so far, and what it holds.
#[derive(Default)]
struct Names {
    lines: Vec<String>,
    length: usize,
    marked: bool,
    left_out: usize,
}

impl Names {
    fn is_full(&self) -> bool {
        self.length > NAMES_MAX
    }

    fn push(&mut self, line: String) {
        self.length += html::visible_len(&line) + 1;
        self.lines.push(line);
    }
}

impl Desk<'_, '_> {
    /// `/attendees ID`.
    pub fn attendees(&self, arguments: &str) -> Result<(), Failure> {
        self.may(Verb::Attendees)?;
        if !is_private(self.tx, self.talk)? {
            return Ok(());
        }
        let Some((id, _)) = self.numbered("/attendees", arguments)? else { return Ok(()) };
        self.act(Some(id), &Action::Attendees)?;
        let event = self.find(id)?;
        let title = format!("<b>{}</b>", titled("{title}", &event));
        let text = format!("{title}\n{}", self.names(id)?);
        Ok(self.send(Screen::plain(text))?)
    }

    fn names(&self, id: EventId) -> Result<String, StoreError> {
        let (manage, roll) = (&self.sentences().manage, store::roll(self.tx, id)?);
        if roll.is_empty() {
            return Ok(html::escape(manage.list_nobody));
        }
        let (going, waiting): (Vec<Entry>, Vec<Entry>) =
            roll.into_iter().partition(|entry| entry.standing == Standing::Going);
        let mut names = Names::default();
        self.put(&mut names, manage.list_going, &going)?;
        self.put(&mut names, manage.list_waiting, &waiting)?;
        if names.left_out > 0 {
            let more = manage.list_more.counted(self.shown, names.left_out as u64);
            names.push(format!("\n{more}"));
        }
        if names.marked {
            names.push(format!("\n{MARK} {}", html::escape(manage.list_mark)));
        }
        Ok(names.lines.join("\n"))
    }

    /// Adds a heading with the number of people, and their names while there is room.
    fn put(&self, names: &mut Names, heading: &str, entries: &[Entry]) -> Result<(), StoreError> {
        if entries.is_empty() {
            return Ok(());
        }
        names.push(format!("\n<b>{} ({})</b>", html::escape(heading), entries.len()));
        for (index, entry) in entries.iter().enumerate() {
            if names.is_full() {
                names.left_out += entries.len() - index;
                break;
            }
            let line = self.name_line(names, index + 1, entry)?;
            names.push(line);
        }
        Ok(())
    }

    fn name_line(
        &self,
        names: &mut Names,
        number: usize,
        entry: &Entry,
    ) -> Result<String, StoreError> {
        let user = users::find_or_unknown(self.tx, entry.user)?;
        let name = match user.name.as_str() {
            "" => format!("<code>{}</code>", user.id),
            name => html::quoted(&html::truncate_plain(name, NAME_MAX)),
        };
        names.marked |= !user.reachable;
        let mark = if user.reachable { String::new() } else { format!(" {MARK}") };
        Ok(format!("{number}. {name}{mark}"))
    }
}
