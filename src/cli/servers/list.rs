//! `roost servers`: state, people online and running conferences of every server.

use super::{Common, ask_each};
use crate::cli::data::{Data, word};
use crate::cli::{Exit, Outcome, columns};
use crate::settings::{Server, Surroundings};
use crate::trueconf::{Client, Fault};
use serde_json::{Value, json};
use std::io::Write;

const HEAD: [&str; 6] = ["State", "Since", "Online", "Running", "Reason", "Name"];

/// What a server answers at this moment.
struct Live {
    up: Result<(), Fault>,
    online: Result<u32, Fault>,
    conferences: Result<usize, Fault>,
}

pub(super) fn run(common: &Common, around: &Surroundings, out: &mut dyn Write) -> Outcome {
    let servers = common.servers(around)?;
    let answers = ask_each(&servers, |_, client| Live::of(client));
    let kept = Data::of(common.settings.as_ref(), around)?.kept_servers()?;
    let rows: Vec<Value> = servers
        .iter()
        .zip(&answers)
        .map(|(server, live)| row(server, live, kept.iter().find(|k| k["name"] == server.name)))
        .collect();
    common.print(out, &servers, &rows, |out, rows| {
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

/// A row; `kept` is what monitoring knows of it, where there is such a thing.
fn row(server: &Server, live: &Live, kept: Option<&Value>) -> Value {
    let is_off = kept.map_or(!server.monitored, |kept| kept["state"] == "off");
    let state = match live.up {
        _ if is_off => "off",
        Ok(()) => "up",
        Err(_) => "down",
    };
    // Monitoring may not have seen yet what we see.
    let since = kept.filter(|kept| kept["state"] == state).map(|kept| kept["since"].clone());
    json!({
        "name": server.name, "state": state,
        "reason": live.reason().map(|fault| fault.to_string()), "since": since,
        "online": live.online.ok(), "conferences": live.conferences.ok(),
    })
}

fn cells(row: &Value) -> [String; 6] {
    ["state", "since", "online", "conferences", "reason", "name"].map(|member| word(row, member))
}
