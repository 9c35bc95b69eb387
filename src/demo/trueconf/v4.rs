//! Version 4, as far as its callers have made it known: conferences, sessions, participants, stop.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::api::{Call, Said, denied, error};
use super::state::{DOMAIN, Run, State};
use crate::clock;

/// Answers `path`, which stands behind `/api/v4`.
pub(super) fn answer(state: &mut State, call: &Call, path: &[&str]) -> Said {
    let method = call.request.method.as_str();
    let scopes: &[&str] = match (method, path) {
        ("GET", ["sessions"]) => &["conferences.sessions:read"],
        ("GET", ["conferences", _, "participants"]) => &["conferences.participants:read"],
        ("GET", _) => &["conferences", "conferences:read"],
        _ => &["conferences", "conferences:write"],
    };
    if let Some(denied) = denied(state, call, scopes) {
        return denied;
    }
    match (method, path) {
        ("GET", ["conferences"]) => conferences(state, call),
        ("GET", ["sessions"]) => sessions(state, call),
        ("GET", ["conferences", id, "participants"]) => participants(state, call, id),
        ("POST", ["conferences", id, "stop"]) => stop(state, id, clock::now()),
        _ => error(state, 404, "not_found"),
    }
}

fn conferences(state: &State, call: &Call) -> Said {
    let row = |run: &Run| {
        let owner = format!("{}@{DOMAIN}", run.meeting.owner);
        Some(json!({
            "id": run.meeting.id.as_ref()?, "topic": run.meeting.topic, "owner": owner,
            "state": "running", "session_id": run.session,
            // The room is older than its run.
            "created_at": "2024-01-01T00:00:00+00:00",
        }))
    };
    list(state, call, "conferences", state.open().filter_map(row).collect())
}

fn sessions(state: &State, call: &Call) -> Said {
    let row = |run: &Run| {
        let id = run.meeting.id.as_ref()?;
        Some(json!({"conference_id": id, "start_time": run.began.as_second().to_string()}))
    };
    list(state, call, "conference_sessions", state.open().filter_map(row).collect())
}

fn list(state: &State, call: &Call, name: &str, all: Vec<Value>) -> Said {
    let total = all.len();
    let (rows, _) = call.page(state, "page", all);
    let mut body = json!({name: rows});
    if state.manners.tells_total {
        body["results"] = total.into();
    }
    (200, body)
}

fn participants(state: &State, call: &Call, id: &str) -> Said {
    let Some(run) = state.open().find(|run| run.is_open_with(id)) else {
        return error(state, 404, "not_found");
    };
    let person = |(number, role): (usize, &i64)| {
        let mut person =
            json!({"id": format!("user{number}@{DOMAIN}"), "display_name": "Somebody"});
        if state.manners.tells_roles {
            person["flag"] = (*role).into();
        }
        person
    };
    let all: Vec<Value> = run.meeting.roles.iter().enumerate().map(person).collect();
    let total = all.len();
    let (rows, _) = call.page(state, "page", all);
    (200, json!({"cnt": total, "list": rows}))
}

fn stop(state: &mut State, id: &str, now: Timestamp) -> Said {
    if !state.open().any(|run| run.is_open_with(id)) {
        return error(state, 404, "not_found");
    }
    state.end(id, now);
    (204, Value::Null)
}
