//! Questions in version 3.3: running conferences stand in the log of calls, roles at their sessions.

use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::answers::{self, Run};
use super::api::{Api, Ask, Version};
use super::facts;
use super::fault::{Fault, Scope};
use super::types::{Online, People};
use super::wire::Send;
use crate::telegram::form::encode;

/// At which end of the log, sorted by its end, a run stands that has none yet: which one, the
/// database behind decides.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Order {
    Descending = 1,
    Ascending = 2,
}

/// What was read of the log.
#[derive(Default)]
struct Log {
    running: Vec<Run>,
    /// Whether nothing is left to read.
    is_whole: bool,
    /// Whether a run without end stood before one with an end.
    is_sorted_so: bool,
}

/// Conferences that run.
///
/// Read page by page as long as something has no end; then everything has. Where nothing is found at
/// one end of the log, the other is looked at too, until it is known at which they stand.
pub fn running(api: &Api, end: Instant) -> Result<Vec<Run>, Fault> {
    let both = [Order::Descending, Order::Ascending];
    let known = both.into_iter().find(|order| *order as u8 == api.order.load(Ordering::Relaxed));
    for order in both.into_iter().filter(|order| known.is_none_or(|known| known == *order)) {
        let log = log(api, order, end)?;
        if log.is_sorted_so {
            api.order.store(order as u8, Ordering::Relaxed);
        }
        if log.is_whole || !log.running.is_empty() {
            return Ok(log.running);
        }
    }
    Ok(Vec::new())
}

fn log(api: &Api, order: Order, end: Instant) -> Result<Log, Fault> {
    let sort = u8::from(order == Order::Descending);
    let size = facts::CALLS_PAGE;
    let mut log = Log::default();
    let mut seen = HashSet::new();
    for number in numbers() {
        let page = number.map(|number| format!("&page_id={number}")).unwrap_or_default();
        let path =
            format!("/logs/calls?sort_field=end_time&sort_order={sort}&page_size={size}{page}");
        let page = answers::calls(&get(api, &path, Scope::Calls, Fault::NotOffered, end)?)?;
        let mut fresh = page.rows;
        fresh.retain(|row| seen.insert(row.session.clone()));
        if fresh.is_empty() {
            if number == Some(facts::FIRST_NUMBER) {
                continue;
            }
            log.is_whole = true;
            return Ok(log);
        }
        let first_is_open = fresh.first().is_some_and(|row| !row.has_ended);
        let last_has_ended = fresh.last().is_some_and(|row| row.has_ended);
        let is_all_over = fresh.iter().all(|row| row.has_ended);
        log.is_sorted_so |= first_is_open && last_has_ended;
        log.running.extend(fresh.into_iter().filter(Run::is_running));
        log.is_whole = page.total.is_some_and(|total| seen.len() >= total as usize);
        if is_all_over || log.is_whole {
            return Ok(log);
        }
    }
    Err(Fault::Malformed)
}

/// Nothing, then the numbers of pages.
pub fn numbers() -> impl Iterator<Item = Option<u32>> {
    let last = facts::FIRST_NUMBER + facts::PAGES_MAX;
    std::iter::once(None).chain((facts::FIRST_NUMBER..last).map(Some))
}

/// Who is in a run.
pub fn people(api: &Api, session: &str, end: Instant) -> Result<People, Fault> {
    let path = format!("/conference-sessions/{}/participants", encode(session));
    let body = get(api, &path, Scope::SessionParticipants, Fault::NotFound, end)?;
    answers::session_people(&body)
}

/// Who is online; `version` 4 is asked in the same way.
pub fn online(api: &Api, version: Version, end: Instant) -> Result<Online, Fault> {
    let mut online = Online::default();
    let mut seen = BTreeSet::new();
    let mut next = None;
    for _ in 0..facts::PAGES_MAX {
        let page = next.map(|next| format!("&page_id={next}")).unwrap_or_default();
        let path = format!("{}?page_size={}{page}", facts::USERS, facts::USERS_PAGE);
        let ask =
            Ask { path: &path, send: None, scope: Scope::Users, absent: Fault::NotOffered, end };
        let before = seen.len();
        let page = answers::users(&api.ask(version, &ask)?, &mut seen)?;
        online.total += page.online.total;
        online.free += page.online.free;
        online.busy += page.online.busy;
        online.in_conference += page.online.in_conference;
        // A page without anybody new is the end, whatever is said to follow.
        if page.next.is_none() || seen.len() == before {
            return Ok(online);
        }
        next = page.next;
    }
    Err(Fault::Malformed)
}

/// Stops a conference; `version` 4 does it in the same way.
pub fn stop(api: &Api, version: Version, id: &str, end: Instant) -> Result<(), Fault> {
    let path = format!("/conferences/{}/stop", encode(id));
    let (scope, absent) = (Scope::Conferences, Fault::NotFound);
    api.ask(version, &Ask { path: &path, send: Some(Send::Nothing), scope, absent, end })?;
    Ok(())
}

fn get(api: &Api, path: &str, scope: Scope, absent: Fault, end: Instant) -> Result<Vec<u8>, Fault> {
    api.ask(Version::V33, &Ask { path, send: None, scope, absent, end })
}
