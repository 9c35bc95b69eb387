//! Bodies of answers, read: lists of both versions, tokens, and what an error says.
//!
//! Pure, and harmless for any bytes: what is not of the API's form is [`Fault::Malformed`], never an
//! empty list.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::facts;
use super::fault::Fault;
use super::loose;
use super::types::{Online, People};
use crate::hidden::Hidden;

/// A page of a list.
#[derive(Debug)]
pub struct Page<T> {
    /// Its rows.
    pub rows: Vec<T>,
    /// How many rows all pages have, where the server says so.
    pub total: Option<u32>,
}

/// A row of a list of calls or conferences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The public id.
    pub id: Option<String>,
    /// The id of the run.
    pub session: String,
    /// Its title.
    pub topic: Option<String>,
    /// Whose it is.
    pub owner: Option<String>,
    /// How many people are in it.
    pub people: Option<u32>,
    /// When it began.
    pub started: Option<Timestamp>,
    /// For how long it ran, by the server's own count.
    pub lasting: Option<Duration>,
    /// Whether it has ended: a log has those too.
    pub has_ended: bool,
    /// Whether it is a conference and not a call between two people.
    pub is_conference: bool,
}

impl Run {
    /// Whether it is a conference that runs.
    pub fn is_running(&self) -> bool {
        self.is_conference && !self.has_ended
    }
}

/// A page of people.
#[derive(Debug)]
pub struct Users {
    /// How many of them are online.
    pub online: Online,
    /// The page after it.
    pub next: Option<i64>,
}

/// A new token.
#[derive(Debug)]
pub struct Granted {
    /// The token.
    pub token: Hidden<String>,
    /// For how long it is good, where the server says so.
    pub lasting: Option<Duration>,
}

/// Version 3.3 `logs/calls`: `{"cnt", "list": [call]}`. Rows without an id of the run are left out.
pub fn calls(body: &[u8]) -> Result<Page<Run>, Fault> {
    let body = json(body)?;
    let list = body["list"].as_array().ok_or(Fault::Malformed)?;
    let rows = list.iter().filter_map(call).collect();
    Ok(Page { rows, total: loose::count(&body["cnt"]) })
}

fn call(row: &Value) -> Option<Run> {
    let class = loose::whole(&row["class"]);
    Some(Run {
        id: loose::id(&row["named_conf_id"], facts::ID_MAX),
        session: loose::id(&row["conference_id"], facts::SESSION_MAX)?,
        topic: loose::text(&row["topic"], facts::TEXT_MAX),
        owner: loose::text(&row["owner"], facts::TEXT_MAX),
        people: loose::count(&row["participant_count"]),
        started: loose::time(&row["start_time"]),
        lasting: loose::seconds(&row["duration"]),
        has_ended: !row.get("end_time").is_some_and(Value::is_null),
        is_conference: class.is_none_or(|class| class > facts::CLASS_OF_TWO),
    })
}

/// Version 4 `conferences?state=running`: `{"conferences": [conference]}` or the bare list.
pub fn conferences(body: &[u8]) -> Result<Page<Run>, Fault> {
    let body = json(body)?;
    let list = list(&body, "conferences")?;
    let rows = list.iter().filter_map(conference).collect();
    Ok(Page { rows, total: loose::count(&body["results"]) })
}

fn conference(row: &Value) -> Option<Run> {
    let id = loose::id(&row["id"], facts::ID_MAX)?;
    // Not `created_at`: a room that was made last month may have been running for a minute.
    let started = loose::time(&row["start_time"]);
    let state = row["state"].as_str();
    Some(Run {
        session: session(row, &id, started),
        topic: loose::text(&row["topic"], facts::TEXT_MAX),
        owner: loose::text(&row["owner"], facts::TEXT_MAX),
        people: loose::count(&row["participant_count"]),
        started,
        lasting: None,
        has_ended: state.is_some_and(|state| state != "running"),
        is_conference: true,
        id: Some(id),
    })
}

/// The id of the run; where there is none, the conference with the time of its begin.
fn session(row: &Value, id: &str, started: Option<Timestamp>) -> String {
    let given = loose::id(&row["session_id"], facts::SESSION_MAX);
    given.unwrap_or_else(|| match started {
        Some(started) => format!("{id}@{}", started.as_second()),
        None => id.to_owned(),
    })
}

/// Version 4 `sessions`: which conference runs since when.
pub fn sessions(body: &[u8]) -> Result<Page<(String, Timestamp)>, Fault> {
    let body = json(body)?;
    let list = list(&body, "conference_sessions")?;
    let row = |row: &Value| {
        let id = loose::id(&row["conference_id"], facts::ID_MAX)?;
        Some((id, loose::time(&row["start_time"])?))
    };
    let rows = list.iter().filter_map(row).collect();
    Ok(Page { rows, total: loose::count(&body["results"]) })
}

/// Version 3.3 `conference-sessions/…/participants`: `{"count", "participants": [{"role"}]}`.
///
/// Where fewer are listed than counted, nobody knows about the others: moderators are not told then.
pub fn session_people(body: &[u8]) -> Result<People, Fault> {
    let body = json(body)?;
    let listed = body["participants"].as_array();
    let count = loose::count(&body["count"]).or_else(|| length(listed?));
    let count = count.ok_or(Fault::Malformed)?;
    let moderators = listed.filter(|listed| length(listed).is_some_and(|all| all >= count));
    let moderators = moderators.and_then(|listed| moderators_of(listed, &["role"]));
    Ok(People { count, moderators })
}

/// Version 4 `conferences/…/participants`: `{"list": [person]}` or the bare list; ids and whether each
/// moderates, where the server tells.
pub fn participants(body: &[u8]) -> Result<Page<(String, Option<bool>)>, Fault> {
    let body = json(body)?;
    let list = list(&body, "list")?;
    let row = |row: &Value| {
        let id = loose::id(&row["id"], facts::SESSION_MAX)?;
        Some((id, role(row, facts::V4_ROLES).map(|role| role == facts::MODERATOR)))
    };
    let rows: Option<Vec<_>> = list.iter().map(row).collect();
    Ok(Page { rows: rows.ok_or(Fault::Malformed)?, total: loose::count(&body["cnt"]) })
}

/// How many of them moderate; none as soon as the role of one is not told.
fn moderators_of(people: &[Value], fields: &[&str]) -> Option<u32> {
    let roles: Option<Vec<i64>> = people.iter().map(|person| role(person, fields)).collect();
    let moderators = roles?.into_iter().filter(|role| *role == facts::MODERATOR).count();
    moderators.try_into().ok()
}

fn role(person: &Value, fields: &[&str]) -> Option<i64> {
    fields.iter().find_map(|field| loose::whole(&person[*field]))
}

/// A page of `users`: `{"users": [{"uid", "status"}], "next_page_id"}`. Who is in `seen` already, from
/// an earlier page, is not counted again; the others are put there.
pub fn users(body: &[u8], seen: &mut BTreeSet<String>) -> Result<Users, Fault> {
    let body = json(body)?;
    let mut online = Online::default();
    for user in body["users"].as_array().ok_or(Fault::Malformed)? {
        let name = loose::id(&user["uid"], facts::SESSION_MAX)
            .or_else(|| loose::id(&user["id"], facts::SESSION_MAX));
        if name.is_some_and(|name| !seen.insert(name)) {
            continue;
        }
        match loose::whole(&user["status"]) {
            Some(facts::FREE) => online.free += 1,
            Some(facts::BUSY) => online.busy += 1,
            Some(status) if facts::IN_CONFERENCE.contains(&status) => online.in_conference += 1,
            _ => {}
        }
    }
    online.total = online.free + online.busy + online.in_conference;
    let next = loose::whole(&body["next_page_id"]).filter(|next| *next != facts::LAST_PAGE);
    Ok(Users { online, next })
}

/// The token endpoint's `{"access_token", "expires_in"}`.
pub fn granted(body: &[u8]) -> Result<Granted, Fault> {
    let body = json(body)?;
    let token = body["access_token"].as_str().filter(|token| is_token(token));
    let token = Hidden::new(token.ok_or(Fault::Malformed)?.to_owned());
    let lasting = loose::seconds(&body["expires_in"]).filter(|lasting| !lasting.is_zero());
    Ok(Granted { token, lasting })
}

/// Whether `text` can be a token: visible ASCII, which fits a header.
pub fn is_token(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_graphic();
    (1..=facts::TOKEN_MAX).contains(&text.len()) && text.bytes().all(fits)
}

/// Whether an answer with this status rejects the token: 401 of version 4, 403 with its reason of
/// version 3.3. Any other 403 is about rights.
pub fn is_rejection(status: u16, body: &[u8]) -> bool {
    status == 401 || (status == 403 && reason(body).as_deref() == Some(facts::REJECTED))
}

/// The reason an error of version 3.3 gives: `{"error": {"errors": [{"reason"}]}}`.
fn reason(body: &[u8]) -> Option<String> {
    let body = json(body).ok()?;
    let first = body["error"]["errors"].get(0)?;
    loose::text(&first["reason"], facts::TEXT_MAX)
}

/// Whether the body is JSON of any form: a page of a proxy is not.
pub fn is_json(body: &[u8]) -> bool {
    json(body).is_ok_and(|value| value.is_object() || value.is_array())
}

fn json(body: &[u8]) -> Result<Value, Fault> {
    serde_json::from_slice(body).map_err(|_| Fault::Malformed)
}

/// The list called `name`, or the body itself if that is a list.
fn list<'a>(body: &'a Value, name: &str) -> Result<&'a Vec<Value>, Fault> {
    body.as_array().or_else(|| body.get(name)?.as_array()).ok_or(Fault::Malformed)
}

fn length(list: &[Value]) -> Option<u32> {
    list.len().try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn bytes(value: &Value) -> Vec<u8> {
        value.to_string().into_bytes()
    }

    #[test]
    fn a_call_of_the_log_is_read_whatever_form_its_values_have() {
        let body = json!({"cnt": "700", "list": [
            {"conference_id": "0000001c@srv.example#vcs", "named_conf_id": "weekly", "topic": null,
             "class": "10", "owner": "a@srv.example", "participant_count": "3", "duration": "60",
             "start_time": {"date": "2020-10-31 23:37:55.000000", "timezone_type": 3,
                            "timezone": "Europe/London"}, "end_time": null},
            {"conference_id": "2", "named_conf_id": null, "topic": "a <b> | c", "class": 10,
             "owner": null, "participant_count": null, "end_time": {"date": "x"}},
            {"conference_id": "3", "class": 1, "end_time": null},
            {"conference_id": "4", "class": 10},
            {"named_conf_id": "lost"}, null, 7,
        ]});
        let page = calls(&bytes(&body)).expect("a page");
        assert_eq!((page.rows.len(), page.total), (4, Some(700)));
        let first = &page.rows[0];
        assert_eq!((first.id.as_deref(), first.people), (Some("weekly"), Some(3)));
        assert_eq!(first.lasting, Some(Duration::from_secs(60)));
        assert_eq!(first.started.map(|at| at.to_string()).as_deref(), Some("2020-10-31T23:37:55Z"));
        let running: Vec<_> = page.rows.iter().map(Run::is_running).collect();
        assert_eq!(running, [true, false, false, false], "ended, between two, end unknown");
    }

    #[test]
    fn people_are_counted_and_never_taken_for_none() {
        let told = |count, moderators| Ok(People { count, moderators });
        for (body, expected) in [
            (json!({"count": 2, "participants": [{"role": 2}, {"role": 1}]}), told(2, Some(1))),
            (json!({"count": "2", "participants": [{"role": "2"}, {"role": 2}]}), told(2, Some(2))),
            (json!({"count": 0, "participants": []}), told(0, Some(0))),
            (json!({"count": 9, "participants": [{"role": 1}]}), told(9, None)),
            (json!({"count": 1, "participants": [{}]}), told(1, None)),
            (json!({"participants": [{"role": 1}]}), told(1, Some(0))),
            (json!({"count": 3}), told(3, None)),
            (json!({}), Err(Fault::Malformed)),
            (json!({"participants": null}), Err(Fault::Malformed)),
            (json!([]), Err(Fault::Malformed)),
        ] {
            assert_eq!(session_people(&bytes(&body)), expected, "{body}");
        }
        assert_eq!(session_people(b"<html>"), Err(Fault::Malformed));
    }

    #[test]
    fn people_online_are_counted_by_status_and_once() {
        let user = |uid: &str, status| json!({"uid": uid, "status": status});
        let body = json!({"users": [user("a", 0), user("b", 1), user("c", 2), user("d", 5),
            user("e", -2), user("f", 3), user("b", 1), {"uid": "g", "status": "1"}],
            "next_page_id": "2"});
        let mut seen = BTreeSet::new();
        let page = users(&bytes(&body), &mut seen).expect("a page");
        let expected = Online { total: 4, free: 2, busy: 1, in_conference: 1 };
        assert_eq!((page.online, page.next), (expected, Some(2)));
        let again = users(&bytes(&body), &mut seen).expect("a page");
        assert_eq!(again.online, Online::default());
        let last = users(br#"{"users": [], "next_page_id": -1}"#, &mut seen).expect("a page");
        assert_eq!(last.next, None);
        assert_eq!(users(br#"{"next_page_id": -1}"#, &mut seen).err(), Some(Fault::Malformed));
    }

    #[test]
    fn a_rejected_token_is_told_from_a_missing_right() {
        let error =
            |reason: &str| bytes(&json!({"error": {"code": 403, "errors": [{"reason": reason}]}}));
        for (status, body, expected) in [
            (401, Vec::new(), true),
            (403, error("accessTokenInvalid"), true),
            (403, error("forbidden"), false),
            (403, b"<html>".to_vec(), false),
            (403, br#"{"error": "invalid_client"}"#.to_vec(), false),
            (404, error("accessTokenInvalid"), false),
            (200, error("accessTokenInvalid"), false),
        ] {
            assert_eq!(is_rejection(status, &body), expected, "{status}");
        }
    }

    #[test]
    fn a_token_is_something_that_fits_a_header() {
        let granted = |token: Value| granted(&bytes(&json!({"access_token": token})));
        assert_eq!(granted(json!("abc")).map(|new| new.token.reveal().clone()), Ok("abc".into()));
        for token in [json!(""), json!("a b"), json!("é"), json!("a\r\nb"), json!(7), json!(null)]
        {
            assert_eq!(granted(token.clone()).err(), Some(Fault::Malformed), "{token}");
        }
    }

    #[test]
    fn lists_of_version_4_may_be_bare() {
        for body in [
            json!([{"id": "a", "session_id": "s", "start_time": 1_604_187_475}]),
            json!({"conferences": [{"id": "a", "session_id": "s", "start_time": "1604187475"}]}),
        ] {
            let page = conferences(&bytes(&body)).expect("a page");
            assert_eq!(page.rows[0].session, "s");
            assert_eq!(page.rows[0].started.map(Timestamp::as_second), Some(1_604_187_475));
        }
        let nameless =
            conferences(br#"[{"id": "a", "start_time": 5}, {"id": "b", "created_at": 5}]"#)
                .expect("ok");
        let sessions: Vec<_> = nameless.rows.iter().map(|row| row.session.as_str()).collect();
        assert_eq!(sessions, ["a@5", "b"]);
        assert_eq!(conferences(br#"{"list": []}"#).err(), Some(Fault::Malformed));
        let people = participants(br##"{"list": [{"id": "#guest:1", "flag": 2}, {"id": "b"}]}"##);
        let expected = vec![("#guest:1".to_owned(), Some(true)), ("b".to_owned(), None)];
        assert_eq!(people.expect("a page").rows, expected);
        assert_eq!(participants(br#"{"list": [{}]}"#).err(), Some(Fault::Malformed));
    }
}
