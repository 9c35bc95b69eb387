//! Version 3.3: the log of calls, people of a session, users, stop.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::api::{Call, Said, denied, error};
use super::state::{DOMAIN, Order, Run, State};
use crate::clock;

/// The zone the log is written in, as PHP does.
const ZONE: &str = "Europe/Moscow";

/// Answers `path`, which stands behind `/api/v3.3`.
pub(super) fn answer(state: &mut State, call: &Call, path: &[&str]) -> Said {
    let (method, now) = (call.request.method.as_str(), clock::now());
    let scopes: &[&str] = match path {
        ["logs", ..] => &["logs.calls:read"],
        ["users", ..] => &["users:read"],
        ["conference-sessions", ..] => &["conferences.sessions.participants:read"],
        _ => &["conferences"],
    };
    if let Some(denied) = denied(state, call, scopes) {
        return denied;
    }
    match (method, path) {
        ("GET", ["logs", "calls"]) => calls(state, call, now),
        ("GET", ["users"]) => users(state, call),
        ("GET", ["conferences"]) => conferences(state),
        ("GET", ["conference-sessions", session, "participants"]) => participants(state, session),
        ("POST", ["conferences", id, "stop"]) => stop(state, id, now),
        _ => error(state, 404, "notFound"),
    }
}

fn calls(state: &State, call: &Call, now: Timestamp) -> Said {
    let mut runs: Vec<&Run> = state.runs.iter().collect();
    let far = match state.manners.order {
        Order::RunningFirst => Timestamp::MAX,
        Order::RunningLast => Timestamp::MIN,
    };
    runs.sort_by_key(|run| run.ended.unwrap_or(far));
    if call.param("sort_order") == Some("1") {
        runs.reverse();
    }
    let total = runs.len();
    let (runs, _) = call.page(state, "page_id", runs);
    let list: Vec<Value> = runs.into_iter().map(|run| row(run, now)).collect();
    let mut body = json!({"list": list});
    if state.manners.tells_total {
        body["cnt"] = total.into();
    }
    (200, body)
}

/// A row of the log. Counts are numbers in some rows and texts in others, as clients have met both.
fn row(run: &Run, now: Timestamp) -> Value {
    let people = run.meeting.roles.len();
    let is_odd = run.session.as_bytes().get(7).is_some_and(|digit| digit % 2 == 1);
    let lasting = run.ended.unwrap_or(now).duration_since(run.began).as_secs();
    json!({
        "conference_id": run.session, "named_conf_id": run.meeting.id, "topic": run.meeting.topic,
        "class": run.meeting.class, "type": 5, "subtype": 0,
        "owner": format!("{}@{DOMAIN}", run.meeting.owner),
        "participant_count": if is_odd { json!(people.to_string()) } else { json!(people) },
        "duration": lasting, "start_time": php(run.began), "end_time": run.ended.map(php),
    })
}

/// PHP's `DateTime` as JSON.
fn php(at: Timestamp) -> Value {
    let zone = TimeZone::get(ZONE).unwrap_or(TimeZone::UTC);
    let date = at.to_zoned(zone).strftime("%Y-%m-%d %H:%M:%S%.6f").to_string();
    json!({"date": date, "timezone_type": 3, "timezone": ZONE})
}

fn users(state: &State, call: &Call) -> Said {
    let (people, next) = call.page(state, "page_id", state.people.iter().collect());
    let users: Vec<Value> = people
        .into_iter()
        .map(|person| {
            json!({
                "id": person.name, "uid": format!("{}@{DOMAIN}", person.name),
                "login_name": person.name, "display_name": person.name, "avatar": null,
                "is_active": 1, "status": person.status, "groups": [],
            })
        })
        .collect();
    let next = next.and_then(|next| i64::try_from(next).ok()).unwrap_or(-1);
    (200, json!({"users": users, "next_page_id": next}))
}

fn conferences(state: &State) -> Said {
    let list: Vec<Value> = state
        .open()
        .filter_map(|run| {
            let id = run.meeting.id.as_ref()?;
            Some(json!({"id": id, "topic": run.meeting.topic, "state": "running"}))
        })
        .collect();
    (200, json!({"cnt": list.len(), "conferences": list}))
}

fn participants(state: &State, session: &str) -> Said {
    match state.open().find(|run| run.session == session) {
        Some(run) => {
            let people: Vec<Value> =
                run.meeting.roles.iter().map(|role| json!({"role": role})).collect();
            (200, json!({"count": people.len(), "participants": people}))
        }
        None => error(state, 404, "recordNotFound"),
    }
}

fn stop(state: &mut State, id: &str, now: Timestamp) -> Said {
    if !state.open().any(|run| run.is_open_with(id)) {
        return error(state, 404, "conferenceNotFound");
    }
    state.end(id, now);
    (200, json!({"state": "stopped"}))
}
