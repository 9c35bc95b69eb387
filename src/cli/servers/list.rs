//! `roost servers`: state, people online and running conferences of every server.

use super::kept::{Fresh, Kept};
use super::{Common, ask_each};
use crate::cli::data::word;
use crate::cli::{Exit, Outcome, columns};
use crate::settings::{Server, Surroundings};
use crate::trueconf::{Client, Fault};
use serde_json::{Value, json};
use std::io::{self, Write};

const HEAD: [&str; 6] = ["State", "Since", "Online", "Running", "Reason", "Name"];

/// What a server answers at this moment.
struct Live {
    up: Result<(), Fault>,
    online: Result<u32, Fault>,
    conferences: Result<usize, Fault>,
}

pub(super) fn run(common: &Common, around: &Surroundings, out: &mut dyn Write) -> Outcome {
    let data = common.data(around)?;
    let servers = data.servers();
    // People want to know how their servers are, also when the database has a trouble of its own.
    let kept = Kept::of(&data).or_else(|failure| {
        writeln!(io::stderr(), "state and since are not known: {failure}").map(|()| Kept::nothing())
    })?;
    let answers = ask_each(servers, |_, client| Live::of(client));
    let row = |(server, live): (&Server, &Live)| row(server, kept.find(&server.name), live);
    let rows: Vec<Value> = servers.iter().zip(&answers).map(row).collect();
    common.print(out, servers, &rows, |out, rows| {
        columns::print(out, HEAD, rows.iter().map(cells))
    })?;
    Ok(Exit::Done)
}

impl Live {
    /// A server that does not answer one question is not kept waiting for by the next.
    fn of(client: &Client) -> Self {
        let up = client.check().map(drop);
        let conferences = client.running().map(|running| running.len());
        let online = match conferences {
            Err(fault) if !matches!(fault, Fault::Permission(_) | Fault::Malformed) => Err(fault),
            _ => client.online().map(|online| online.total),
        };
        Self { up, online, conferences }
    }

    /// Why something is missing, if anything.
    fn reason(&self) -> Option<Fault> {
        // Version 4 offers no list of people; that is no news of this server.
        let online = self.online.err().filter(|fault| *fault != Fault::NotOffered);
        self.up.err().or(self.conferences.err()).or(online)
    }
}

/// The state is what a running server has confirmed. Without one it is what the server answers now,
/// and its beginning is only known if that is still the same.
fn row(server: &Server, kept: Option<(&Value, Fresh)>, live: &Live) -> Value {
    let now = if live.up.is_ok() { "up" } else { "down" };
    let by_settings = if server.monitored { now } else { "off" };
    let reason = live.reason().map(|fault| fault.to_string());
    let (state, since, reason) = match kept {
        None => (by_settings, Value::Null, reason),
        Some((row, fresh)) => match row["state"].as_str() {
            Some("off") => ("off", Value::Null, reason),
            Some(state @ ("up" | "down")) if fresh == Fresh::Yes || state == now => {
                let confirmed = row["reason"].as_str().map(str::to_owned);
                (state, row["since"].clone(), confirmed.or(reason))
            }
            _ if fresh == Fresh::Yes => ("unknown", Value::Null, reason),
            _ => (now, Value::Null, reason),
        },
    };
    json!({
        "name": server.name, "state": state, "reason": reason, "since": since,
        "online": live.online.ok(), "conferences": live.conferences.ok(),
    })
}

fn cells(row: &Value) -> [String; 6] {
    ["state", "since", "online", "conferences", "reason", "name"].map(|member| word(row, member))
}
