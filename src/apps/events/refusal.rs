//! Every "no" of Mini Events as a value; the sentences for it are in `i18n`, per language.

/// Why an action did not happen. Nothing has changed when one of these is returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The message's `type` is none of ours; the answer repeats the message as `what`.
    UnknownCommand,
    /// No event has this id.
    NoSuchEvent,
    /// Only admins may do this.
    NotAdmin,
    /// A field holds something it cannot hold.
    Invalid(Invalid),
    /// The last date of the event has ended; nobody can join any more.
    Over,
    /// The event is cancelled; nobody can join any more.
    Cancelled,
    /// As many events are kept as can be kept; delete one first.
    TooManyEvents {
        /// The limit.
        max: usize,
    },
    /// As many people are on this event's roll as can be kept.
    TooManyPeople {
        /// The limit.
        max: u32,
    },
}

impl Refusal {
    /// The stable code of the wire protocol; clients may depend on it, so it never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownCommand => "unknown-command",
            Self::NoSuchEvent => "no-such-event",
            Self::NotAdmin => "not-admin",
            Self::Invalid(_) | Self::Over | Self::Cancelled => "invalid-data",
            Self::TooManyEvents { .. } | Self::TooManyPeople { .. } => "busy",
        }
    }

    /// The field to blame, sent along with `invalid-data`.
    pub fn field(&self) -> Option<Field> {
        match self {
            Self::Invalid(invalid) => Some(invalid.field),
            Self::Over | Self::Cancelled => Some(Field::Event),
            _ => None,
        }
    }
}

/// One field and what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Which field.
    pub field: Field,
    /// What is wrong.
    pub problem: Problem,
}

impl From<Invalid> for Refusal {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

macro_rules! fields {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),* $(,)?) => {
        /// A field people can fill in, named as in socket messages and frames.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Field {
            $($(#[$doc])* $variant),*
        }

        impl Field {
            /// All fields, for tables.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name on the wire.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),*
                }
            }
        }
    };
}

fields! {
    /// What the event is called.
    Title = "title",
    /// What it is about.
    Description = "description",
    /// Its picture.
    Image = "image",
    /// When it starts.
    Start = "start",
    /// How many hours it takes.
    Duration = "duration",
    /// The zone its clock is in.
    Timezone = "timezone",
    /// Where it is.
    Location = "location",
    /// How many can go.
    Capacity = "capacity",
    /// How it repeats.
    Recurrence = "recurrence",
    /// The last date of a series.
    Until = "until",
    /// The event, in an admin's message.
    Id = "id",
    /// The event, in messages about attendance.
    Event = "event",
    /// A person.
    User = "user",
    /// Why it is cancelled.
    Reason = "reason",
    /// One date of a series.
    Date = "date",
}

impl Field {
    /// The field called `name` on the wire.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.name() == name)
    }

    /// Blames this field for `problem`.
    pub fn is(self, problem: Problem) -> Invalid {
        Invalid { field: self, problem }
    }
}

/// What can be wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It has to be given, and must not be blank.
    Missing,
    /// It has to be text.
    NotText,
    /// It has to be a number.
    NotANumber,
    /// It has to be a whole number.
    NotAWholeNumber,
    /// It has to be a JSON object.
    NotAnObject,
    /// This field cannot be edited here.
    NotEditable,
    /// More code points than allowed.
    TooLong {
        /// The most that is allowed.
        max: usize,
    },
    /// It contains control characters, or a line break where there can be one line only.
    ControlCharacters,
    /// Not above zero, or above `max` hours.
    HoursOutOfRange {
        /// The longest an event can take.
        max: u32,
    },
    /// Below 1, or above `max` people.
    CapacityOutOfRange {
        /// The most an event can hold.
        max: u32,
    },
    /// Neither `HH:MM` nor `YYYY-MM-DD HH:MM`.
    NotAStart,
    /// Not `YYYY-MM-DD`, or no such day.
    NotADate,
    /// A year we do not keep.
    YearOutOfRange {
        /// The first year we keep.
        first: i16,
        /// The last year we keep.
        last: i16,
    },
    /// Not the IANA name of a time zone.
    NotATimezone,
    /// None of `daily`, `weekly`, `monthly`.
    NotARecurrence,
    /// It needs a start with a date.
    NeedsDatedStart,
    /// It needs a start without a date: `daily` goes with `HH:MM`.
    NeedsUndatedStart,
    /// It needs a recurrence: an event that happens once has no `until`.
    NeedsRecurrence,
    /// The series would end before it starts.
    BeforeStart,
    /// The series has no such date, or that date has ended.
    NoSuchDate,
    /// As many dates are cancelled as can be kept.
    TooManyDates {
        /// The limit.
        max: usize,
    },
    /// Not base64.
    NotBase64,
    /// Neither PNG nor JPEG nor WebP.
    NotAnImage,
    /// More bytes than allowed.
    ImageTooLarge {
        /// The most that is allowed, in bytes.
        max: usize,
    },
    /// Fewer pixels across than needed.
    ImageTooNarrow {
        /// The image's width in pixels.
        width: u32,
        /// The least that is needed.
        min: u32,
    },
    /// More pixels across or down than anybody needs.
    ImageTooManyPixels {
        /// The most that is allowed, per side.
        max: u32,
    },
    /// Not 16:9.
    ImageWrongRatio {
        /// The image's width in pixels.
        width: u32,
        /// The image's height in pixels.
        height: u32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_fields_are_those_of_the_protocol() {
        let rows = [
            (Refusal::UnknownCommand, "unknown-command", None),
            (Refusal::NoSuchEvent, "no-such-event", None),
            (Refusal::NotAdmin, "not-admin", None),
            (Field::Title.is(Problem::Missing).into(), "invalid-data", Some("title")),
            (Refusal::Over, "invalid-data", Some("event")),
            (Refusal::Cancelled, "invalid-data", Some("event")),
            (Refusal::TooManyEvents { max: 1 }, "busy", None),
        ];
        for (refusal, code, field) in rows {
            assert_eq!((refusal.code(), refusal.field().map(Field::name)), (code, field));
        }
    }

    #[test]
    fn every_field_is_found_by_its_name() {
        for field in Field::ALL {
            assert_eq!(Field::named(field.name()), Some(*field));
        }
        assert_eq!(Field::named("Title"), None);
    }
}
