//! What people fill in: a set of fields, each checked, that makes a new event or changes one.

use jiff::civil::Date;

use super::image::Picture;
use super::model::{Capacity, Event};
use super::refusal::{Field, Invalid, Problem};
use super::schedule::Schedule;
use super::start::{Hours, Recurrence, Start, Zone, parse_date};
use super::texts::{Description, Location, Title};

/// What happens to a field an event can do without.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// The event has none any more.
    Remove,
    /// It becomes this.
    Set(T),
}

impl<T> Change<T> {
    /// The value after the change; `now` is the one before.
    pub fn over(self, now: Option<T>) -> Option<T> {
        match self {
            Self::Keep => now,
            Self::Remove => None,
            Self::Set(value) => Some(value),
        }
    }

    /// The same change of what `other` makes of the value.
    pub fn map<U>(self, other: impl FnOnce(T) -> U) -> Change<U> {
        match self {
            Self::Keep => Change::Keep,
            Self::Remove => Change::Remove,
            Self::Set(value) => Change::Set(other(value)),
        }
    }
}

/// The fields somebody filled in. Every value is within its own bounds; whether they fit each
/// other is known only together with the event, so [`Changes::draft`] and [`Changes::schedule`] tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// What it is called.
    pub title: Option<Title>,
    /// What it is about.
    pub description: Option<Description>,
    /// Its picture.
    pub image: Change<Picture>,
    /// When it starts.
    pub start: Option<Start>,
    /// How long it takes.
    pub duration: Option<Hours>,
    /// The zone its clock is in.
    pub zone: Option<Zone>,
    /// Where it is.
    pub location: Option<Location>,
    /// How many can go.
    pub capacity: Change<Capacity>,
    /// How it repeats.
    pub recurrence: Change<Recurrence>,
    /// The last date of the series.
    pub until: Change<Date>,
}

/// A new event without its number: complete, and every part fits the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What it is called.
    pub title: Title,
    /// What it is about; may be empty.
    pub description: Description,
    /// Its picture.
    pub image: Option<Picture>,
    /// When it happens.
    pub schedule: Schedule,
    /// Where it is; may be empty.
    pub location: Location,
    /// How many can go.
    pub capacity: Option<Capacity>,
}

impl Draft {
    /// Reads the one-line form of the bot: `Title | 2026-12-24 18:00 | 2 | description`. The
    /// description may be left out and may contain further bars; `zone` is the default one.
    pub fn from_line(line: &str, zone: &Zone) -> Result<Self, Invalid> {
        let fields = [Field::Title, Field::Start, Field::Duration, Field::Description];
        let mut changes = Changes::default();
        for (field, text) in fields.into_iter().zip(line.splitn(4, '|')) {
            changes.set(field, text)?;
        }
        changes.draft(zone)
    }
}

impl Changes {
    /// Fills in `field` from text, as the bot and the command line get it. An empty text takes
    /// away a field the event can do without. Pictures come as files: use [`Picture::check`].
    pub fn set(&mut self, field: Field, text: &str) -> Result<(), Invalid> {
        self.try_set(field, text).map_err(|problem| field.is(problem))
    }

    fn try_set(&mut self, field: Field, text: &str) -> Result<(), Problem> {
        match field {
            Field::Title => self.title = Some(Title::parse(text)?),
            Field::Description => self.description = Some(Description::parse(text)?),
            Field::Start => self.start = Some(given(text).and_then(Start::parse)?),
            Field::Duration => self.duration = Some(given(text).and_then(Hours::parse)?),
            Field::Timezone => self.zone = Some(given(text).and_then(Zone::parse)?),
            Field::Location => self.location = Some(Location::parse(text)?),
            Field::Capacity => self.capacity = removable(text, Capacity::parse)?,
            Field::Recurrence => self.recurrence = removable(text, Recurrence::parse)?,
            Field::Until => self.until = removable(text, parse_date)?,
            Field::Image if text.trim().is_empty() => self.image = Change::Remove,
            _ => return Err(Problem::NotEditable),
        }
        Ok(())
    }

    /// A new event of these fields. Title, start and duration have to be there; `zone` is used
    /// when none was given.
    pub fn draft(self, zone: &Zone) -> Result<Draft, Invalid> {
        let missing = |field: Field| field.is(Problem::Missing);
        Ok(Draft {
            title: self.title.ok_or(missing(Field::Title))?,
            description: self.description.unwrap_or_default(),
            image: self.image.over(None),
            schedule: Schedule::new(
                self.start.ok_or(missing(Field::Start))?,
                self.duration.ok_or(missing(Field::Duration))?,
                self.zone.unwrap_or_else(|| zone.clone()),
                self.recurrence.over(None),
                self.until.over(None),
            )?,
            location: self.location.unwrap_or_default(),
            capacity: self.capacity.over(None),
        })
    }

    /// The schedule of `event` after these changes. Who takes away the recurrence need not take
    /// away `until` as well, and a start without a date ends a series by saying `daily`.
    pub fn schedule(&self, event: &Event) -> Result<Schedule, Invalid> {
        let old = &event.schedule;
        let start = self.start.unwrap_or(old.start());
        let kept = if repeats_by_itself(old.start()) { None } else { old.recurrence() };
        let recurrence = self.recurrence.clone().over(kept);
        let series = matches!(recurrence, Some(Recurrence::Weekly | Recurrence::Monthly));
        let until = self.until.clone().over(old.until().filter(|_| series));
        let duration = self.duration.unwrap_or(old.duration());
        let zone = self.zone.clone().unwrap_or_else(|| old.zone().clone());
        Schedule::new(start, duration, zone, recurrence, until)
    }
}

/// A daily start says by itself how it repeats.
fn repeats_by_itself(start: Start) -> bool {
    matches!(start, Start::Daily(_))
}

fn given(text: &str) -> Result<&str, Problem> {
    if text.trim().is_empty() { Err(Problem::Missing) } else { Ok(text) }
}

fn removable<T>(
    text: &str,
    parse: impl FnOnce(&str) -> Result<T, Problem>,
) -> Result<Change<T>, Problem> {
    if text.trim().is_empty() { Ok(Change::Remove) } else { parse(text).map(Change::Set) }
}
