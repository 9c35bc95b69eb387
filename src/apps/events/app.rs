//! What Mini Events plugs into: socket messages, pages, pictures, calendars.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::action::{self, Action};
use super::bot;
use super::frame::{Attendee, AttendeesFrame, DeleteFrame, EventFrame, changes_at, order};
use super::ics;
use super::image::ImageName;
use super::input::{self, Defaults};
use super::model::EventId;
use super::refusal::Refusal;
use super::reminders::Times;
use super::roll::Standing;
use super::start::Zone;
use super::store::{self, NotDone};
use super::text;
use crate::apps::{
    App, Asked, BotPart, Context, Failure, Others, Outcome, Refused, Reply, Routed, View,
};
use crate::i18n::Language;
use crate::net::{Answer, Request};
use crate::store::{Read, Snapshot, Store, StoreError, Tx, users};
use crate::telegram::inline;

/// Where pictures are served.
const MEDIA: &str = "/media/";

/// The variants of a frame, in the order of [`View::variants`].
const VARIANTS: [Standing; 3] = [Standing::None, Standing::Going, Standing::Waitlisted];

/// Mini Events.
pub struct Events {
    pub(super) context: Arc<Context>,
    pub(super) zone: Zone,
    pub(super) times: Times,
    media_base: String,
}

/// Its line in the list of apps.
pub fn app(context: &Arc<Context>) -> Box<dyn App> {
    Box::new(Events {
        context: Arc::clone(context),
        zone: zone(context),
        times: Times::new(&context.reminders),
        media_base: media_base(context),
    })
}

/// The zone of events that name none.
pub fn zone(context: &Context) -> Zone {
    // The settings have checked the name; without a name of its own the system counts as UTC.
    Zone::parse(&context.timezone_name).unwrap_or_else(|_| Zone::utc())
}

/// What goes before the name of a picture in frames.
pub fn media_base(context: &Context) -> String {
    let base = context.public_url.as_deref().unwrap_or_default();
    format!("{base}{MEDIA}")
}

impl App for Events {
    fn name(&self) -> &'static str {
        store::APP
    }

    fn prepare(&self, tx: &Tx) -> Result<(), StoreError> {
        store::prepare(tx)?;
        bot::prepare(tx)
    }

    fn subjects(&self, read: &Snapshot) -> Result<Vec<u64>, StoreError> {
        store::ids(read)
    }

    fn view(&self, read: &Snapshot, id: u64, now: Timestamp) -> Result<Option<View>, StoreError> {
        let id = EventId(id);
        let Some(event) = store::find(read, id)? else { return Ok(None) };
        let counts = store::counts(read, id)?;
        let frame = |standing| {
            let frame = EventFrame::new(&event, counts, standing, &self.media_base, now);
            serde_json::to_string(&frame).map_err(|error| StoreError::Row("events", error))
        };
        let entries = store::by_user(read, id)?;
        Ok(Some(View {
            order: order(&event).0,
            variants: VARIANTS.into_iter().map(frame).collect::<Result<_, _>>()?,
            special: entries.iter().map(|entry| (entry.user, variant(entry.standing))).collect(),
            others: Others::FirstVariant,
            until: changes_at(&event, now),
        }))
    }

    fn gone(&self, id: u64) -> Value {
        json!(DeleteFrame::new(EventId(id)))
    }

    fn loaded(&self, start_param: Option<&str>) -> Option<Value> {
        Some(json!({"type": "events-loaded", "selected": start_param}))
    }

    fn message(&self, tx: &Tx, asked: &Asked, message: &Value) -> Result<Outcome, Failure> {
        let Value::Object(members) = message else { return Ok(Vec::new()) };
        let language = asked.by.language;
        let refused = |not_done| match not_done {
            NotDone::Refused(refusal) => refused(&refusal, members, language).into(),
            NotDone::Store(error) => Failure::Store(error),
        };
        if members.get("type").and_then(Value::as_str) == Some("share") {
            return share(self, tx, asked, members);
        }
        let asked = who(asked);
        let request = input::read(members, &asked, &self.defaults())
            .map_err(|refusal| refused(refusal.into()))?;
        let (id, decision) =
            store::act(tx, &asked, request.event, &request.action).map_err(refused)?;
        Ok(match request.action {
            Action::Attendees => vec![Reply::Frame(json!(attendees(tx, id)?))],
            _ if decision.is_nothing() => vec![Reply::Unchanged(id.0)],
            _ => vec![Reply::Subject(id.0)],
        })
    }

    fn due(&self, read: &Snapshot, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.next_work(read, now)
    }

    fn tick(&self, tx: &Tx, now: Timestamp) -> Result<bool, StoreError> {
        self.work(tx, now)
    }

    fn bot(&self) -> Option<&dyn BotPart> {
        Some(self)
    }

    fn route(&self, request: &Request, store: &Store) -> Option<Routed> {
        if ![MEDIA, ics::CALENDAR, ics::EVENT].iter().any(|path| request.path.starts_with(path)) {
            return None;
        }
        let read = store.snapshot().ok()?;
        let answer = self.calendar_file(request, &read).or_else(|| picture(request, &read));
        answer.map(Routed::Answer)
    }
}

/// The event as a message that the person can send to any chat.
fn share(
    events: &Events,
    tx: &Tx,
    asked: &Asked,
    members: &Map<String, Value>,
) -> Result<Outcome, Failure> {
    let (by, id) = (&asked.by, members.get("event").and_then(Value::as_u64));
    let event = id.map(|id| store::find(tx, EventId(id))).transpose()?.flatten();
    let Some(event) = event else {
        return Err(refused(&Refusal::NoSuchEvent, members, by.language).into());
    };
    let article = events.article(&event, by.language, asked.at);
    Ok(vec![Reply::Prepared(event.id.0, Box::new(inline::prepare(by.id, &article)))])
}

fn picture(request: &Request, read: &Snapshot) -> Option<Answer> {
    let name = ImageName::parse(request.path.strip_prefix(MEDIA)?)?;
    if !matches!(request.method.as_str(), "GET" | "HEAD") {
        return Some(Answer::method_not_allowed("GET, HEAD"));
    }
    let bytes = store::picture(read, &name).ok()??;
    // Named by content: what a name means never changes.
    let cache = "public, max-age=31536000, immutable";
    Some(Answer::ok(name.kind().mime(), bytes).with("Cache-Control", cache))
}

impl Events {
    /// What goes before the name of a picture.
    pub(super) fn media_base(&self) -> &str {
        &self.media_base
    }

    /// What settings say about new events.
    pub fn defaults(&self) -> Defaults<'_> {
        Defaults { zone: &self.zone, media_limit: self.context.media_limit }
    }
}

/// Who asks, as the domain wants it.
pub fn who(asked: &Asked) -> action::Asked {
    action::Asked { user: asked.by.id, is_admin: asked.by.is_admin, at: asked.at }
}

/// Who is on the roll of an event, with names.
pub fn attendees(read: &impl Read, id: EventId) -> Result<AttendeesFrame, StoreError> {
    let mut list = Vec::new();
    for entry in store::roll(read, id)? {
        let user = users::find_or_unknown(read, entry.user)?;
        list.push(Attendee {
            telegram_id: entry.user,
            name: user.name,
            state: entry.standing,
            since: entry.since,
            reachable: user.reachable,
        });
    }
    Ok(AttendeesFrame::new(id, list))
}

/// A refusal in words, with what it is about.
fn refused(refusal: &Refusal, message: &Map<String, Value>, language: Language) -> Refused {
    let mut refused = Refused::new(refusal.code(), text::refusal(refusal, language));
    if let Some(field) = refusal.field() {
        refused = refused.about("field", field.name());
    }
    if let Some(event) = message.get("event").or(message.get("id")).filter(|id| id.is_u64()) {
        refused = refused.about("event", event.clone());
    }
    if matches!(refusal, Refusal::UnknownCommand) {
        refused = refused.about("what", Value::Object(message.clone()));
    }
    refused
}

fn variant(standing: Standing) -> u8 {
    match standing {
        Standing::None => 0,
        Standing::Going => 1,
        Standing::Waitlisted => 2,
    }
}
