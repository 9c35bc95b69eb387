//! Calendars over HTTP: one event for everybody, and what somebody goes to at a secret address.

use sha2::{Digest, Sha256};

use super::app::Events;
use super::calendar::{Calendar, Entry, Status};
use super::model::{Event, EventId};
use super::roll::Standing;
use super::store;
use super::subscription::{self, Token};
use crate::apps::language_of;
use crate::ids::UserId;
use crate::net::files::is_known;
use crate::net::{Answer, Request};
use crate::store::{Snapshot, StoreError, users};

/// Where single events are served.
pub(super) const EVENT: &str = "/event/";

/// Where people's calendars are served.
pub(super) const CALENDAR: &str = "/calendar/";

/// What the path of every calendar ends in.
const SUFFIX: &str = ".ics";

const CONTENT_TYPE: &str = "text/calendar; charset=utf-8";

impl Events {
    /// The answer to a request for a calendar; nothing if it asks for something else.
    ///
    /// Whatever is not there is the same 404: a guess learns nothing from it.
    pub(super) fn calendar_file(&self, request: &Request, read: &Snapshot) -> Option<Answer> {
        let path = request.path.as_str();
        let (event, feed) = (path.strip_prefix(EVENT), path.strip_prefix(CALENDAR));
        event.or(feed)?;
        if !matches!(request.method.as_str(), "GET" | "HEAD") {
            return Some(Answer::method_not_allowed("GET, HEAD"));
        }
        let name = |file: Option<&str>| file?.strip_suffix(SUFFIX).map(str::to_owned);
        let found = match (name(event), name(feed)) {
            (Some(id), _) => self.one(request, read, &id),
            (_, Some(token)) => self.personal(request, read, &token),
            _ => Ok(None),
        };
        Some(match found {
            Ok(answer) => answer.unwrap_or_else(Answer::not_found),
            Err(error) => {
                log::error!("cannot write a calendar: {error}");
                Answer::detail(500, "internal error")
            }
        })
    }

    fn one(
        &self,
        request: &Request,
        read: &Snapshot,
        id: &str,
    ) -> Result<Option<Answer>, StoreError> {
        let Some(event) = event_id(id).map(|id| store::find(read, id)).transpose()?.flatten()
        else {
            return Ok(None);
        };
        let file = format!("attachment; filename=\"event-{}.ics\"", event.id);
        let text = self.written(read, None, vec![entry(read, event, Standing::Going)?])?;
        let answer = answer(request, text).with("Cache-Control", "no-cache");
        Ok(Some(answer.with("Content-Disposition", file)))
    }

    fn personal(
        &self,
        request: &Request,
        read: &Snapshot,
        token: &str,
    ) -> Result<Option<Answer>, StoreError> {
        let Some(token) = Token::parse(token) else { return Ok(None) };
        let Some(owner) = subscription::owner(read, &token)? else { return Ok(None) };
        let user = users::find_or_unknown(read, owner)?;
        if self.context.roles.is_banned(&user) {
            return Ok(None);
        }
        let language = language_of(user.language.as_deref(), self.context.language);
        let name = language.sentences().calendar.name;
        let text = self.written(read, Some(name), entries_of(read, owner)?)?;
        Ok(Some(answer(request, text).with("Cache-Control", "private, no-cache")))
    }

    fn written(
        &self,
        read: &Snapshot,
        name: Option<&str>,
        entries: Vec<Entry>,
    ) -> Result<String, StoreError> {
        let installation = subscription::installation(read)?;
        let link = self.context.link();
        let calendar =
            Calendar { name, installation: &installation, link: link.as_deref(), entries };
        Ok(calendar.write())
    }
}

/// Where the calendar at `token` is read.
pub(super) fn address(base: &str, token: &Token) -> String {
    format!("{base}{CALENDAR}{}{SUFFIX}", token.expose())
}

/// The events `user` is on the roll of, cancelled ones included.
fn entries_of(read: &Snapshot, user: UserId) -> Result<Vec<Entry>, StoreError> {
    let mut entries = Vec::new();
    for id in store::of_user(read, user)? {
        if let Some(event) = store::find(read, id)? {
            entries.push(entry(read, event, store::standing(read, id, user)?)?);
        }
    }
    Ok(entries)
}

fn entry(read: &Snapshot, event: Event, standing: Standing) -> Result<Entry, StoreError> {
    let stamps = store::stamps(read, event.id)?;
    Ok(Entry { status: Status::of(&event, standing), stamps, event })
}

/// The one spelling of an event's number in a path.
fn event_id(text: &str) -> Option<EventId> {
    let id: u64 = text.parse().ok()?;
    (id.to_string() == text).then_some(EventId(id))
}

/// `text`, or nothing but its tag when the client has it already.
fn answer(request: &Request, text: String) -> Answer {
    let tag = format!("\"{}\"", subscription::hex(&Sha256::digest(&text)));
    let answer = if is_known(request, &tag) {
        Answer::empty(304)
    } else {
        Answer::ok(CONTENT_TYPE, text.into_bytes())
    };
    answer.with("ETag", tag)
}
