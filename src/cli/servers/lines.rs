//! What `roost check` says of TrueConf servers, and what to do about it.

use super::ask_each;
use crate::cli::check::{Line, State};
use crate::clock;
use crate::settings::{Scheme, Server};
use crate::trueconf::{Client, Conference, Fault, trust};
use jiff::SignedDuration;

/// A certificate with less time left is worth a line.
const SOON: SignedDuration = SignedDuration::from_hours(21 * 24);

/// What can be said without asking: the file of an authority that is none.
pub(in crate::cli) fn trust_line(server: &Server) -> Option<Line> {
    let name = &server.name;
    if server.scheme == Scheme::Http {
        return None;
    }
    let fault = Fault::Tls(trust::config(&server.authority).err()?);
    Some(Line::new(State::Wrong, format!("server `{name}`: {fault}; {}", fault.remedy())))
}

/// What the servers themselves say.
pub(in crate::cli) fn online(servers: &[Server]) -> Vec<Line> {
    let all = ask_each(servers, of);
    all.into_iter().flatten().collect()
}

fn of(server: &Server, client: &Client) -> Vec<Line> {
    let name = &server.name;
    let mut lines = Vec::new();
    lines.push(match client.check() {
        Ok(time) => ok(name, &format!("up, answers within {} ms", time.as_millis())),
        Err(fault) => wrong(name, "down", fault),
    });
    match client.running() {
        Ok(running) => {
            lines.push(ok(name, &format!("API: running conferences: {}", running.len())));
            lines.extend(rights(name, client, running.first()));
        }
        Err(fault) => lines.push(wrong(name, "API", fault)),
    }
    lines.extend(certificate(name, client));
    lines
}

/// Rights that show only in use; people of a conference only while one runs.
fn rights(name: &str, client: &Client, conference: Option<&Conference>) -> Vec<Line> {
    let mut lines = Vec::new();
    lines.push(match client.online() {
        Ok(online) => ok(name, &format!("API: people online: {}", online.total)),
        Err(fault) => limited(name, "people online", fault),
    });
    let people = conference.and_then(|conference| client.people(conference).err());
    // It may have ended in between.
    let people = people.filter(|fault| *fault != Fault::NotFound);
    lines.extend(people.map(|fault| limited(name, "people of conferences", fault)));
    lines
}

fn certificate(name: &str, client: &Client) -> Option<Line> {
    let end = client.certificate_expiry().ok()??;
    let left = end.duration_since(clock::now());
    let day = end.strftime("%Y-%m-%d");
    Some(if left > SOON {
        ok(name, &format!("certificate until {day}"))
    } else if left.is_positive() {
        let text = format!("server `{name}`: certificate ends on {day}; renew it");
        Line::new(State::Note, text)
    } else {
        Line::new(State::Wrong, format!("server `{name}`: certificate ended on {day}; renew it"))
    })
}

fn ok(name: &str, text: &str) -> Line {
    Line::new(State::Ok, format!("server `{name}`: {text}"))
}

fn wrong(name: &str, what: &str, fault: Fault) -> Line {
    Line::new(State::Wrong, said(name, what, fault))
}

/// Something does not work, but the rest does.
fn limited(name: &str, what: &str, fault: Fault) -> Line {
    Line::new(State::Note, said(name, what, fault))
}

fn said(name: &str, what: &str, fault: Fault) -> String {
    format!("server `{name}`: {what}: {fault}; {}", fault.remedy())
}
