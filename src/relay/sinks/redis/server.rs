//! A Redis server, and what it says.

use std::time::Duration;

use super::resp::{self, Reply, command};
use crate::hidden::Hidden;
use crate::relay::Stop;
use crate::relay::sink::{Cause, Record, Sink, Trouble};
use crate::relay::sinks::line::Line;
use crate::relay::sinks::wire::Wire;
use crate::settings::relay::{self, RedisWay};

/// Where servers listen.
const PORT: u16 = 6379;

/// A connection unused for this long is not used again: something on the way may have forgotten it.
const IDLE: Duration = Duration::from_secs(60);

/// A Redis server.
pub struct Redis {
    settings: relay::Redis,
    stop: Stop,
    connection: Option<Connection>,
}

struct Connection {
    wire: Wire,
    heard: Vec<u8>,
}

impl Redis {
    /// The server of `settings`.
    pub fn new(settings: &relay::Redis, stop: &Stop) -> Self {
        Self { settings: settings.clone(), stop: stop.clone(), connection: None }
    }

    fn connected(&mut self) -> Result<Connection, Cause> {
        match self.connection.take() {
            Some(kept) if kept.heard.is_empty() && kept.wire.is_fresh(IDLE) => Ok(kept),
            _ => self.connect(),
        }
    }

    fn connect(&self) -> Result<Connection, Cause> {
        let url = &self.settings.url;
        let line = Line::connect(&url.host, url.port.unwrap_or(PORT), &self.stop)?;
        let wire = if url.is_tls() { Wire::secure(line, &url.host)? } else { Wire::Plain(line) };
        let mut connection = Connection { wire, heard: Vec::new() };
        if let Some(password) = &url.password {
            connection.login(&url.user, password)?;
        }
        let database = url.path.as_deref().unwrap_or_default();
        if !matches!(database, "" | "0") {
            connection.run(&[b"SELECT", database.as_bytes()])?;
        }
        Ok(connection)
    }

    fn hand_over(&self, connection: &mut Connection, batch: &[Record<'_>]) -> Result<(), Cause> {
        match &self.settings.way {
            RedisWay::List(list) => {
                let head = [&b"RPUSH"[..], list.as_bytes()].into_iter();
                let words: Vec<&[u8]> =
                    head.chain(batch.iter().map(|record| record.body)).collect();
                connection.run(&words)
            }
            RedisWay::Stream { name, maxlen } => {
                let maxlen = maxlen.map(|maxlen| maxlen.to_string());
                connection.transact(batch, |record, add| {
                    let id = record.update_id.to_string();
                    let mut words: Vec<&[u8]> = vec![b"XADD", name.as_bytes()];
                    if let Some(maxlen) = &maxlen {
                        words.extend([&b"MAXLEN"[..], b"~", maxlen.as_bytes()]);
                    }
                    words.extend([&b"*"[..], b"update_id", id.as_bytes(), b"update", record.body]);
                    add(&words);
                })
            }
            RedisWay::Channel(channel) => connection.transact(batch, |record, add| {
                add(&[b"PUBLISH", channel.as_bytes(), record.body]);
            }),
        }
    }
}

impl Sink for Redis {
    fn deliver(&mut self, batch: &[Record<'_>]) -> Result<(), Trouble> {
        let handed = self.connected().and_then(|mut connection| {
            self.hand_over(&mut connection, batch)?;
            Ok(connection)
        });
        match handed {
            Ok(connection) => self.connection = Some(connection),
            Err(cause) => return Err(Trouble { confirmed: 0, cause }),
        }
        Ok(())
    }

    /// Also what is where the updates go, since a command on something else would fail.
    fn check(&mut self) -> Result<(), Cause> {
        let mut connection = self.connect()?;
        connection.run(&[b"PING"])?;
        let (key, fitting) = match &self.settings.way {
            RedisWay::List(list) => (list, "list"),
            RedisWay::Stream { name, .. } => (name, "stream"),
            RedisWay::Channel(_) => return Ok(()),
        };
        match connection.ask(&[b"TYPE", key.as_bytes()])? {
            Reply::Text(found) if found != "none" && found != fitting => {
                Err(Cause::again(format!("`{key}` is a {found} already, no {fitting}")))
            }
            _ => Ok(()),
        }
    }
}

impl Connection {
    fn login(&mut self, user: &str, password: &Hidden<String>) -> Result<(), Cause> {
        let password = password.reveal().as_bytes();
        let all = [&b"AUTH"[..], user.as_bytes(), password];
        let short = [&b"AUTH"[..], password];
        // Servers from before 6.0 know one user, who has no name.
        self.run(if user.is_empty() { &short } else { &all })
    }

    /// Runs one command; an error of the server is ours.
    fn run(&mut self, words: &[&[u8]]) -> Result<(), Cause> {
        self.ask(words).map(drop)
    }

    fn ask(&mut self, words: &[&[u8]]) -> Result<Reply, Cause> {
        let mut bytes = Vec::new();
        command(&mut bytes, words);
        self.wire.send(&bytes)?;
        self.reply()
    }

    /// Runs the command that `each` adds for every record as one transaction.
    fn transact(
        &mut self,
        batch: &[Record<'_>],
        each: impl Fn(&Record<'_>, &mut dyn FnMut(&[&[u8]])),
    ) -> Result<(), Cause> {
        let mut bytes = Vec::new();
        command(&mut bytes, &[b"MULTI"]);
        for record in batch {
            each(record, &mut |words| command(&mut bytes, words));
        }
        command(&mut bytes, &[b"EXEC"]);
        self.wire.send(&bytes)?;
        let mut first_error = None;
        for _ in 0..batch.len() + 2 {
            if let Err(cause) = self.reply() {
                // What was refused makes `EXEC` refuse as well, for a reason that says less.
                first_error.get_or_insert(cause);
            }
        }
        first_error.map_or(Ok(()), Err)
    }

    fn reply(&mut self) -> Result<Reply, Cause> {
        loop {
            match resp::next(&self.heard) {
                Ok(Some((reply, used))) => {
                    self.heard.drain(..used);
                    return match reply.error() {
                        Some(error) => Err(Cause::again(said(error))),
                        None => Ok(reply),
                    };
                }
                Ok(None) => self.wire.hear(&mut self.heard)?,
                Err(resp::Malformed) => return Err(Cause::again("the answer is no Redis")),
            }
        }
    }
}

/// What an error of the server means. Its own words may repeat what we sent, so they are cut.
fn said(error: &str) -> String {
    let (code, text) = error.split_once(' ').unwrap_or((error, ""));
    let known = match code {
        "NOAUTH" => "the server wants a password",
        "WRONGPASS" => "the server does not accept user and password",
        "NOPERM" => "the server does not let this user do that",
        "LOADING" => "the server is still loading its data",
        "READONLY" => "the server is a replica, which takes nothing",
        "OOM" => "the server is out of memory",
        "MISCONF" => "the server cannot write to its disk",
        "WRONGTYPE" => "something else has the name of the list or stream",
        "MASTERDOWN" | "CLUSTERDOWN" => "the server's cluster is down",
        "MOVED" | "ASK" => "the server is part of a cluster; name the one that has the key",
        _ => "",
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    let text = text.split(['\'', '`', '"', ',', '{']).next().unwrap_or_default().trim();
    let text: String = text.chars().filter(|letter| !letter.is_control()).take(80).collect();
    format!("the server says: {text}")
}

#[cfg(test)]
#[path = "redis_tests.rs"]
mod tests;
