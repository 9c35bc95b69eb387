//! The data of buttons: short keys that anybody can make up, so they say what, never who may.

use std::fmt;

use jiff::civil::Date;

use super::list::List;
use crate::apps::events::model::EventId;
use crate::apps::events::refusal::Field;
use crate::apps::events::start::parse_date;
use crate::apps::events::subscription::Mark;
use crate::ids::UserId;

/// How all data of this app's buttons begin.
pub(super) const PREFIX: &str = "e:";

/// What a button does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tap {
    /// Attends or leaves: what is wished, not a toggle, so pressing twice does no harm.
    Wish { wish: Wish, event: EventId, view: View },
    /// Shows an event; the view is where that leads to.
    Show(View, EventId),
    /// Turns to a page.
    Page(List),
    /// Leaves out a step of the questions with this number.
    Skip { number: u64, step: usize },
    /// Creates the event that was asked for.
    Create { number: u64 },
    /// Ends the questions.
    Stop { number: u64 },
    /// Chooses the field to edit.
    Field { event: EventId, field: Field },
    /// Gives a field this value; an empty one takes it away.
    Set { event: EventId, field: Field, value: String },
    /// Cancels the event, or one date of it. Only for the person who was asked.
    Cancel { event: EventId, user: UserId, date: Option<Date> },
    /// Deletes the event. Only for the person who was asked.
    Delete { event: EventId, user: UserId },
    /// Ends the calendar address with this mark, if it is the person's.
    EndCalendar { mark: Mark },
    /// Leaves all as it is. Only for the person who was asked.
    Keep { user: UserId },
}

/// What somebody wishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Attend,
    Leave,
}

/// What a message shows, so that it can be drawn again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    /// One event, with the list to go back to.
    Card(Option<List>),
    /// A page of a list.
    List(List),
}

impl Tap {
    /// Reads the data of a button.
    pub fn parse(data: &str) -> Option<Self> {
        let parts: Vec<&str> = data.strip_prefix(PREFIX)?.splitn(4, ':').collect();
        Some(match parts[..] {
            ["go", event, view] => wish(Wish::Attend, event, view)?,
            ["no", event, view] => wish(Wish::Leave, event, view)?,
            ["see", event, view] => Self::Show(View::parse(view)?, id(event)?),
            ["page", list] => Self::Page(List::parse(list)?),
            ["skip", number, step] => {
                Self::Skip { number: number.parse().ok()?, step: step.parse().ok()? }
            }
            ["ok", number] => Self::Create { number: number.parse().ok()? },
            ["stop", number] => Self::Stop { number: number.parse().ok()? },
            ["field", event, field] => {
                Self::Field { event: id(event)?, field: Field::named(field)? }
            }
            ["set", event, field, value] => Self::Set {
                event: id(event)?,
                field: Field::named(field)?,
                value: value.to_owned(),
            },
            ["off", event, of, "all"] => {
                Self::Cancel { event: id(event)?, user: user(of)?, date: None }
            }
            ["off", event, of, day] => Self::Cancel {
                event: id(event)?,
                user: user(of)?,
                date: Some(parse_date(day).ok()?),
            },
            ["del", event, of] => Self::Delete { event: id(event)?, user: user(of)? },
            ["ics", mark] => Self::EndCalendar { mark: Mark::parse(mark)? },
            ["keep", of] => Self::Keep { user: user(of)? },
            _ => return None,
        })
    }
}

fn wish(wish: Wish, event: &str, view: &str) -> Option<Tap> {
    Some(Tap::Wish { wish, event: id(event)?, view: View::parse(view)? })
}

fn id(text: &str) -> Option<EventId> {
    text.parse().ok().map(EventId)
}

fn user(text: &str) -> Option<UserId> {
    text.parse().ok().map(UserId)
}

impl fmt::Display for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        match self {
            Self::Wish { wish: Wish::Attend, event, view } => write!(f, "go:{event}:{view}"),
            Self::Wish { wish: Wish::Leave, event, view } => write!(f, "no:{event}:{view}"),
            Self::Show(view, event) => write!(f, "see:{event}:{view}"),
            Self::Page(list) => write!(f, "page:{list}"),
            Self::Skip { number, step } => write!(f, "skip:{number}:{step}"),
            Self::Create { number } => write!(f, "ok:{number}"),
            Self::Stop { number } => write!(f, "stop:{number}"),
            Self::Field { event, field } => write!(f, "field:{event}:{}", field.name()),
            Self::Set { event, field, value } => write!(f, "set:{event}:{}:{value}", field.name()),
            Self::Cancel { event, user, date: None } => write!(f, "off:{event}:{user}:all"),
            Self::Cancel { event, user, date: Some(date) } => {
                write!(f, "off:{event}:{user}:{date}")
            }
            Self::Delete { event, user } => write!(f, "del:{event}:{user}"),
            Self::EndCalendar { mark } => write!(f, "ics:{mark}"),
            Self::Keep { user } => write!(f, "keep:{user}"),
        }
    }
}

impl View {
    fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix('c') {
            None => List::parse(text).map(Self::List),
            Some("") => Some(Self::Card(None)),
            Some(back) => List::parse(back).map(|back| Self::Card(Some(back))),
        }
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Card(None) => f.write_str("c"),
            Self::Card(Some(back)) => write!(f, "c{back}"),
            Self::List(list) => list.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_button_fits_into_64_bytes_and_is_read_as_it_was_written() {
        let (event, user, number) = (EventId(u64::MAX), UserId(i64::MIN), u64::MAX);
        let mine = List::Mine(usize::MAX);
        let field = Field::Recurrence;
        let rows = [
            Tap::Wish { wish: Wish::Attend, event, view: View::Card(Some(mine)) },
            Tap::Wish { wish: Wish::Leave, event, view: View::List(List::Coming(3)) },
            Tap::Show(View::Card(None), event),
            Tap::Page(mine),
            Tap::Skip { number, step: usize::MAX },
            Tap::Create { number },
            Tap::Stop { number },
            Tap::Field { event, field },
            Tap::Set { event, field, value: "monthly".to_owned() },
            Tap::Set { event, field, value: String::new() },
            Tap::Cancel { event, user, date: None },
            Tap::Cancel { event, user, date: Some("2200-12-31".parse().unwrap()) },
            Tap::Delete { event, user },
            Tap::EndCalendar { mark: Mark(u64::MAX) },
            Tap::EndCalendar { mark: Mark(0) },
            Tap::Keep { user },
        ];
        for tap in rows {
            let data = tap.to_string();
            assert!(data.len() <= 64, "{data}");
            assert_eq!(Tap::parse(&data), Some(tap), "{data}");
        }
    }

    #[test]
    fn what_somebody_made_up_is_no_button() {
        for data in [
            "",
            "e:",
            "x:go:1:c",
            "e:go",
            "e:go:1",
            "e:go:1:x",
            "e:go:-1:c",
            "e:go:1:c:9",
            "e:go:99999999999999999999:c",
            "e:page:l-1",
            "e:off:1:2:someday",
            "e:set:1:nothing:x",
            "e:field:1:Title",
            "e:skip:1",
            "e:ok:",
            "e:go:1:cl",
            "e:go:1:cx1",
            "e:see:é:c",
            "e:ics:",
            "e:ics:+f",
            "e:ics:00000000000000001",
        ] {
            assert_eq!(Tap::parse(data), None, "{data}");
        }
    }
}
