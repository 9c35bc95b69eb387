//! The commands about events.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Failure, Form};
use crate::apps::Context;
use crate::apps::events::action::{Action, Asked};
use crate::apps::events::app;
use crate::apps::events::changes::{Change, Changes};
use crate::apps::events::decision::Decision;
use crate::apps::events::frame::EventFrame;
use crate::apps::events::image::Picture;
use crate::apps::events::model::{Event, EventId};
use crate::apps::events::refusal::Field;
use crate::apps::events::roll::Standing;
use crate::apps::events::start::parse_date;
use crate::apps::events::store::{self as table, act};
use crate::apps::events::texts::Reason;
use crate::ids::UserId;
use crate::store::{Snapshot, Store, StoreError};

/// Who the command line is; no user of Telegram has this id.
const COMMAND_LINE: UserId = UserId(0);

/// Members of an event's frame that say how one person stands to it.
const PERSONAL: [&str; 3] = ["type", "attending", "state"];

pub(super) fn add(
    store: &Store,
    context: &Context,
    now: Timestamp,
    form: Form,
) -> Result<Value, Failure> {
    let draft = changes(form, context.media_limit)?.draft(&app::zone(context))?;
    let (id, _) = write(store, now, None, Action::Create(draft.into()))?;
    Ok(json!(id))
}

pub(super) fn edit(
    store: &Store,
    context: &Context,
    now: Timestamp,
    id: EventId,
    form: Form,
) -> Result<Value, Failure> {
    change(store, now, id, Action::Edit(changes(form, context.media_limit)?.into()))
}

pub(super) fn cancel(
    store: &Store,
    now: Timestamp,
    id: EventId,
    reason: &str,
    date: Option<&str>,
) -> Result<Value, Failure> {
    let reason = Reason::parse(reason).map_err(|problem| Field::Reason.is(problem))?;
    let date = date.map(parse_date).transpose().map_err(|problem| Field::Date.is(problem))?;
    let action = match date {
        Some(date) => Action::CancelDate { date, reason },
        None => Action::Cancel { reason },
    };
    change(store, now, id, action)
}

pub(super) fn delete(store: &Store, now: Timestamp, id: EventId) -> Result<Value, Failure> {
    change(store, now, id, Action::Delete)
}

pub(super) fn list(store: &Store, context: &Context, now: Timestamp) -> Result<Value, Failure> {
    let read = store.snapshot()?;
    let base = app::media_base(context);
    let rows = table::all(&read)?.into_iter().map(|event| row(&read, &event, &base, now));
    Ok(rows.collect::<Result<Vec<Value>, StoreError>>()?.into())
}

pub(super) fn attendees(store: &Store, now: Timestamp, id: EventId) -> Result<Value, Failure> {
    let asked = asked(now);
    let frame = store.write(move |tx| {
        let (id, _) = act(tx, &asked, Some(id), &Action::Attendees)?;
        Ok::<_, Failure>(app::attendees(tx, id)?)
    })?;
    Ok(json!(frame.list))
}

/// Does `action` and tells whether that changed anything.
fn change(store: &Store, now: Timestamp, id: EventId, action: Action) -> Result<Value, Failure> {
    let (_, decision) = write(store, now, Some(id), action)?;
    Ok(json!(!decision.is_nothing()))
}

fn write(
    store: &Store,
    now: Timestamp,
    event: Option<EventId>,
    action: Action,
) -> Result<(EventId, Decision), Failure> {
    let asked = asked(now);
    store.write(move |tx| Ok(act(tx, &asked, event, &action)?))
}

fn asked(at: Timestamp) -> Asked {
    Asked { user: COMMAND_LINE, is_admin: true, at }
}

fn changes(form: Form, media_limit: usize) -> Result<Changes, Failure> {
    let mut changes = Changes::default();
    for (name, text) in form.texts {
        let field = Field::named(&name).ok_or(Failure::UnknownField(name))?;
        changes.set(field, &text)?;
    }
    if let Some(base64) = form.image {
        let picture = Picture::decode(&base64, media_limit);
        changes.image = Change::Set(picture.map_err(|problem| Field::Image.is(problem))?);
    }
    Ok(changes)
}

/// The event as everybody sees it, and what only lists say.
fn row(read: &Snapshot, event: &Event, base: &str, now: Timestamp) -> Result<Value, StoreError> {
    let counts = table::counts(read, event.id)?;
    let mut row = json!(EventFrame::new(event, counts, Standing::None, base, now));
    if let Value::Object(members) = &mut row {
        members.retain(|name, _| !PERSONAL.contains(&name.as_str()));
        members.insert("over".to_owned(), event.is_over(now).into());
        members.insert("created_by".to_owned(), json!(event.created_by));
    }
    Ok(row)
}
