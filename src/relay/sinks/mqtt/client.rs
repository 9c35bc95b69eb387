//! A connection to a broker, and batches of messages over it.

use std::time::Duration;

use super::packet::{self, FAILURE, FAREWELL, Limits, Login, Message, Packet, Version};
use crate::relay::Stop;
use crate::relay::sink::{Cause, Record, Sink, Trouble};
use crate::relay::sinks::ahead::{Ahead, Handed};
use crate::relay::sinks::line::Line;
use crate::relay::sinks::wire::Wire;
use crate::settings::relay;

/// Where brokers listen: in the clear, and over TLS.
const PORTS: (u16, u16) = (1883, 8883);

/// After this much silence the broker ends the connection (it waits half as long again).
const KEEP_ALIVE: u16 = 60;

/// A connection unused for this long is not used again, so that nobody has to ping.
const IDLE: Duration = Duration::from_secs(45);

/// Messages on their way at once, whatever the broker allows: their acknowledgements must fit into
/// our socket while we are still writing.
const WINDOW: usize = 500;

/// Bytes written at once.
const CHUNK: usize = 256 << 10;

/// An MQTT broker.
pub struct Mqtt {
    settings: relay::Mqtt,
    stop: Stop,
    client: String,
    version: Version,
    ahead: Ahead,
    connection: Option<Connection>,
}

struct Connection {
    wire: Wire,
    limits: Limits,
    heard: Vec<u8>,
}

/// What became of the messages of a batch.
struct Round {
    /// How many were sent.
    sent: usize,
    /// How many were answered.
    answered: usize,
    /// How many at the beginning were taken.
    confirmed: usize,
    /// For each one its code, once it is answered.
    codes: Vec<Option<u8>>,
}

impl Mqtt {
    /// The broker of `settings`.
    pub fn new(settings: &relay::Mqtt, stop: &Stop) -> Self {
        let mut chance = [0; 6];
        // Without randomness two programs would only disturb each other, which a log shows.
        let _ = getrandom::fill(&mut chance);
        let client = chance.iter().fold("roost-".to_owned(), |id, byte| format!("{id}{byte:02x}"));
        Self {
            settings: settings.clone(),
            stop: stop.clone(),
            client,
            version: Version::Five,
            ahead: Ahead::default(),
            connection: None,
        }
    }

    fn connect(&mut self) -> Result<Connection, Cause> {
        let first = self.greet();
        // A broker from before 2019 says so, and is spoken to in its own version from now on.
        if first.is_err() && self.version == Version::Three { self.greet() } else { first }
    }

    fn greet(&mut self) -> Result<Connection, Cause> {
        let url = &self.settings.url;
        let port = url.port.unwrap_or(if url.is_tls() { PORTS.1 } else { PORTS.0 });
        let line = Line::connect(&url.host, port, &self.stop)?;
        let wire = if url.is_tls() { Wire::secure(line, &url.host)? } else { Wire::Plain(line) };
        let login = Login {
            client: &self.client,
            user: &url.user,
            password: url.password.as_ref().map(|password| password.reveal().as_str()),
            keep_alive: KEEP_ALIVE,
        };
        let mut connection = Connection { wire, limits: packet::LIMITS, heard: Vec::new() };
        connection.wire.send(&packet::connect(self.version, &login))?;
        match connection.next()? {
            Packet::Greeting { code: 0, limits } if limits.qos < self.settings.qos => {
                Err(Cause::again("the broker takes QoS 0 only; set `qos` to 0"))
            }
            Packet::Greeting { code: 0, limits } => {
                connection.limits = limits;
                Ok(connection)
            }
            Packet::Greeting { code, .. } => {
                if matches!(code, 0x01 | 0x84) {
                    self.version = Version::Three;
                }
                Err(Cause::again(format!("the broker refuses: {}", packet::reason(code))))
            }
            _ => Err(Cause::again("the answer is no MQTT")),
        }
    }

    fn hand_over(&self, to: &mut Connection, batch: &[Record<'_>]) -> Handed {
        if self.settings.qos == 0 {
            return self.write(to, batch);
        }
        let mut round = Round::of(batch.len());
        let cause = self.exchange(to, batch, &mut round).err();
        let is_taken = |code: &Option<u8>| code.is_some_and(|code| code < FAILURE);
        Handed { taken: round.codes.iter().map(is_taken).collect(), cause }
    }

    /// Sends and listens by turns. A refusal concerns the record behind the confirmed ones.
    fn exchange(
        &self,
        to: &mut Connection,
        batch: &[Record<'_>],
        round: &mut Round,
    ) -> Result<(), Cause> {
        while round.confirmed < batch.len() {
            self.fill(to, batch, round)?;
            if round.waiting() == 0 {
                return Err(Cause::Refused { reason: TOO_LARGE.to_owned() });
            }
            round.note(&to.next()?)?;
            while let Some(packet) = to.heard_already()? {
                round.note(&packet)?;
            }
            round.failure(batch)?;
        }
        Ok(())
    }

    /// Sends as many messages as may be on their way.
    fn fill(
        &self,
        to: &mut Connection,
        batch: &[Record<'_>],
        round: &mut Round,
    ) -> Result<(), Cause> {
        let window = WINDOW.min(to.limits.window.into());
        let mut bytes = Vec::new();
        while round.sent < batch.len() && round.waiting() < window {
            let id = u16::try_from(round.sent + 1).unwrap_or(u16::MAX);
            let before = bytes.len();
            self.encode(&mut bytes, &batch[round.sent], id);
            if bytes.len() - before > to.limits.packet {
                bytes.truncate(before);
                break;
            }
            round.sent += 1;
            if bytes.len() > CHUNK {
                to.wire.send(&bytes)?;
                bytes.clear();
            }
        }
        to.wire.send(&bytes)
    }

    /// QoS 0: nobody answers.
    fn write(&self, to: &mut Connection, batch: &[Record<'_>]) -> Handed {
        let mut handed = Handed { taken: vec![false; batch.len()], cause: None };
        for (taken, record) in handed.taken.iter_mut().zip(batch) {
            let mut bytes = Vec::new();
            self.encode(&mut bytes, record, 0);
            handed.cause = if bytes.len() > to.limits.packet {
                Some(Cause::Refused { reason: TOO_LARGE.to_owned() })
            } else {
                to.wire.send(&bytes).err()
            };
            *taken = handed.cause.is_none();
            if handed.cause.is_some() {
                break;
            }
        }
        handed
    }

    fn encode(&self, to: &mut Vec<u8>, record: &Record<'_>, id: u16) {
        let message = Message {
            topic: record.place,
            id,
            content_type: record.content_type,
            update_id: record.update_id,
            body: record.body,
        };
        packet::publish(to, self.version, &message);
    }
}

const TOO_LARGE: &str = "larger than the broker takes";

impl Sink for Mqtt {
    fn deliver(&mut self, batch: &[Record<'_>]) -> Result<(), Trouble> {
        let connection = match self.connection.take() {
            Some(kept) if kept.wire.is_fresh(IDLE) => Ok(kept),
            Some(stale) => {
                stale.close();
                self.connect()
            }
            None => self.connect(),
        };
        let mut connection = connection.map_err(|cause| Trouble { confirmed: 0, cause })?;
        let mut ahead = std::mem::take(&mut self.ahead);
        let delivered = ahead.deliver(batch, |part| self.hand_over(&mut connection, part));
        self.ahead = ahead;
        delivered?;
        self.connection = Some(connection);
        Ok(())
    }

    fn check(&mut self) -> Result<(), Cause> {
        self.connection = Some(self.connect()?);
        Ok(())
    }
}

impl Drop for Mqtt {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            connection.close();
        }
    }
}

impl Connection {
    /// Says goodbye; nothing waits on this connection, so two bytes block nobody.
    fn close(mut self) {
        drop(self.wire.send(FAREWELL));
    }

    /// The next packet; waits for it.
    fn next(&mut self) -> Result<Packet, Cause> {
        loop {
            if let Some(packet) = self.heard_already()? {
                return Ok(packet);
            }
            self.wire.hear(&mut self.heard)?;
        }
    }

    fn heard_already(&mut self) -> Result<Option<Packet>, Cause> {
        let next = packet::next(&self.heard);
        let next = next.map_err(|packet::Malformed| Cause::again("the answer is no MQTT"))?;
        Ok(next.map(|(packet, used)| {
            self.heard.drain(..used);
            packet
        }))
    }
}

impl Round {
    fn of(messages: usize) -> Self {
        Self { sent: 0, answered: 0, confirmed: 0, codes: vec![None; messages] }
    }

    /// How many were sent and not answered.
    fn waiting(&self) -> usize {
        self.sent - self.answered
    }

    fn note(&mut self, packet: &Packet) -> Result<(), Cause> {
        match packet {
            Packet::Acknowledged { id, code } => {
                let index = usize::from(*id).checked_sub(1).filter(|index| *index < self.sent);
                let unasked = || Cause::again("an answer that nobody asked for");
                let slot = index.and_then(|index| self.codes.get_mut(index)).ok_or_else(unasked)?;
                self.answered += usize::from(slot.replace(*code).is_none());
                while self.next_code().is_some_and(|code| code < FAILURE) {
                    self.confirmed += 1;
                }
                Ok(())
            }
            Packet::Farewell { code } => {
                Err(Cause::again(format!("the broker hangs up: {}", packet::reason(*code))))
            }
            Packet::Greeting { .. } | Packet::Other => Ok(()),
        }
    }

    /// The answer to the first message that is not confirmed.
    fn next_code(&self) -> Option<u8> {
        self.codes.get(self.confirmed).copied().flatten()
    }

    /// Says that the first message that is not confirmed was not taken.
    fn failure(&self, batch: &[Record<'_>]) -> Result<(), Cause> {
        let Some(code) = self.next_code() else { return Ok(()) };
        let reason = packet::reason(code);
        // The topic, the size or the form of this very message.
        if matches!(code, 0x90 | 0x95 | 0x99) {
            return Err(Cause::Refused { reason: reason.to_owned() });
        }
        let topic = batch[self.confirmed].place;
        Err(Cause::again(format!("topic `{topic}`: {reason}")))
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
