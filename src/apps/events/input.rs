//! Reads the socket messages of Mini Events into actions; a wrong type in any field is refused.

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::action::{Action, Asked, Verb, may};
use super::changes::{Change, Changes};
use super::image::Picture;
use super::model::{Capacity, EventId};
use super::refusal::{Field, Invalid, Problem, Refusal};
use super::start::{Hours, Recurrence, Start, Zone, parse_date};
use super::texts::{Description, Location, Reason, Title};
use crate::ids::UserId;

/// A socket message: one JSON object.
pub type Message = Map<String, Value>;

/// What settings say about new events.
#[derive(Clone, Copy, Debug)]
pub struct Defaults<'a> {
    /// The zone of events that name none.
    pub zone: &'a Zone,
    /// The most bytes a picture can have.
    pub media_limit: usize,
}

/// An action and the event it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The event; none for a new one.
    pub event: Option<EventId>,
    /// What to do.
    pub action: Action,
}

/// The messages of Mini Events by `type`.
const COMMANDS: [(&str, Verb); 8] = [
    ("attend", Verb::Attend),
    ("leave", Verb::Leave),
    ("create-event", Verb::Create),
    ("edit-event", Verb::Edit),
    ("cancel-event", Verb::Cancel),
    ("delete-event", Verb::Delete),
    ("attendees", Verb::Attendees),
    ("remove-attendee", Verb::RemoveAttendee),
];

/// Reads a message. Whether the person may do it at all is checked before anything else is looked
/// at; fields nobody knows are ignored, so older and newer pages keep working.
pub fn read(message: &Message, asked: &Asked, defaults: &Defaults<'_>) -> Result<Request, Refusal> {
    let verb = verb(message).ok_or(Refusal::UnknownCommand)?;
    may(asked, verb)?;
    let event = event(message, verb)?;
    let action = match verb {
        Verb::Attend => Action::Attend,
        Verb::Leave => Action::Leave,
        Verb::Create => Action::Create(changes(message, defaults)?.draft(defaults.zone)?.into()),
        Verb::Edit => Action::Edit(changes(message, defaults)?.into()),
        Verb::Cancel => cancel(message)?,
        Verb::Delete => Action::Delete,
        Verb::Attendees => Action::Attendees,
        Verb::RemoveAttendee => Action::RemoveAttendee(user(message)?),
    };
    Ok(Request { event, action })
}

fn verb(message: &Message) -> Option<Verb> {
    let name = message.get("type")?.as_str()?;
    COMMANDS.iter().find(|(command, _)| *command == name).map(|(_, verb)| *verb)
}

/// The event meant. Attending and leaving know one answer to every odd id, as the originals do:
/// there is no such event. Elsewhere a wrong type is the sender's mistake.
fn event(message: &Message, verb: Verb) -> Result<Option<EventId>, Refusal> {
    let field = match verb {
        Verb::Create => return Ok(None),
        Verb::Attend | Verb::Leave | Verb::Attendees | Verb::RemoveAttendee => Field::Event,
        Verb::Edit | Verb::Cancel | Verb::Delete => Field::Id,
    };
    let id = required(message, field).and_then(|id| whole(id).map_err(|wrong| field.is(wrong)));
    match id {
        Ok(id) => u64::try_from(id).map(|id| Some(EventId(id))).map_err(|_| Refusal::NoSuchEvent),
        Err(_) if matches!(verb, Verb::Attend | Verb::Leave) => Err(Refusal::NoSuchEvent),
        Err(invalid) => Err(invalid.into()),
    }
}

fn user(message: &Message) -> Result<UserId, Invalid> {
    let id = whole(required(message, Field::User)?);
    id.map(UserId).map_err(|problem| Field::User.is(problem))
}

fn cancel(message: &Message) -> Result<Action, Invalid> {
    let reason = optional(message, Field::Reason, Reason::parse)?;
    let reason = reason.over(None).unwrap_or_default();
    let date: Option<Date> = optional(message, Field::Date, parse_date)?.over(None);
    Ok(match date {
        Some(date) => Action::CancelDate { date, reason },
        None => Action::Cancel { reason },
    })
}

/// The fields of `create-event` and `edit-event` that are there. `null` takes away what an event
/// can do without.
fn changes(message: &Message, defaults: &Defaults<'_>) -> Result<Changes, Invalid> {
    Ok(Changes {
        title: text_of(message, Field::Title, Title::parse)?,
        description: text_of(message, Field::Description, Description::parse)?,
        image: field(message, Field::Image, |value| picture(value, defaults.media_limit))?,
        start: text_of(message, Field::Start, Start::parse)?,
        duration: duration(message)?,
        zone: optional(message, Field::Timezone, Zone::parse)?.over(None),
        location: match optional(message, Field::Location, Location::parse)? {
            Change::Remove => Some(Location::default()),
            change => change.over(None),
        },
        capacity: field(message, Field::Capacity, |value| Capacity::new(whole(value)?))?,
        recurrence: optional(message, Field::Recurrence, Recurrence::parse)?,
        until: optional(message, Field::Until, parse_date)?,
    })
}

/// The field's change: kept if absent, removed if `null`, else what `read` makes of it.
fn field<T>(
    message: &Message,
    field: Field,
    read: impl FnOnce(&Value) -> Result<T, Problem>,
) -> Result<Change<T>, Invalid> {
    match message.get(field.name()) {
        None => Ok(Change::Keep),
        Some(Value::Null) => Ok(Change::Remove),
        Some(value) => read(value).map(Change::Set).map_err(|problem| field.is(problem)),
    }
}

/// A text that may be absent or `null`.
fn optional<T>(
    message: &Message,
    name: Field,
    parse: impl FnOnce(&str) -> Result<T, Problem>,
) -> Result<Change<T>, Invalid> {
    field(message, name, |value| text(value).and_then(parse))
}

/// A text that may be absent, but not `null`.
fn text_of<T>(
    message: &Message,
    field: Field,
    parse: impl FnOnce(&str) -> Result<T, Problem>,
) -> Result<Option<T>, Invalid> {
    let Some(value) = message.get(field.name()) else { return Ok(None) };
    text(value).and_then(parse).map(Some).map_err(|problem| field.is(problem))
}

/// A number of hours, or the text of one.
fn duration(message: &Message) -> Result<Option<Hours>, Invalid> {
    let hours = match message.get(Field::Duration.name()) {
        None => return Ok(None),
        Some(Value::String(text)) => Hours::parse(text),
        Some(value) => value.as_f64().ok_or(Problem::NotANumber).and_then(Hours::new),
    };
    hours.map(Some).map_err(|problem| Field::Duration.is(problem))
}

/// `{"name": …, "base64": …}`; the name is not used, but it has to be one.
fn picture(value: &Value, limit: usize) -> Result<Picture, Problem> {
    let image = value.as_object().ok_or(Problem::NotAnObject)?;
    if !image.get("name").is_none_or(|name| name.is_string() || name.is_null()) {
        return Err(Problem::NotText);
    }
    let base64 = image.get("base64").ok_or(Problem::Missing)?;
    Picture::decode(text(base64)?, limit)
}

fn required(message: &Message, field: Field) -> Result<&Value, Invalid> {
    message.get(field.name()).ok_or(field.is(Problem::Missing))
}

fn text(value: &Value) -> Result<&str, Problem> {
    value.as_str().ok_or(Problem::NotText)
}

/// A whole number; JSON does not tell `1` from `1.0`, and neither did the originals.
fn whole(value: &Value) -> Result<i64, Problem> {
    /// Above this a JSON number is not surely a whole one (RFC 8259 §6).
    const EXACT: f64 = 9_007_199_254_740_991.0;
    let number = value.as_f64().ok_or(Problem::NotAWholeNumber)?;
    match value.as_i64() {
        Some(whole) => Ok(whole),
        None if number.fract() != 0.0 => Err(Problem::NotAWholeNumber),
        #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and in range")]
        None if number.abs() <= EXACT => Ok(number as i64),
        // Whole, and larger than any id: one that nothing has.
        None => Ok(-1),
    }
}

#[cfg(test)]
mod tests;
