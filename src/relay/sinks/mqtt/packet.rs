//! The few packets of MQTT 5.0 and 3.1.1 that somebody who only publishes needs.
//!
//! Section numbers are those of the OASIS standard MQTT 5.0; 3.1.1 is the same without properties
//! and with other codes in its greeting.

/// The longest packet we take from a broker: a publisher gets greetings and acknowledgements only.
const PACKET_MAX: usize = 64 << 10;

/// Which MQTT is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 5.0 of 2019, whose acknowledgements say whether the message was taken.
    Five,
    /// 3.1.1 of 2014.
    Three,
}

/// Who connects.
#[derive(Clone, Copy, Debug)]
pub struct Login<'a> {
    /// The client's id, which no other connection of the broker may have.
    pub client: &'a str,
    /// The user; empty for none.
    pub user: &'a str,
    /// The password.
    pub password: Option<&'a str>,
    /// Seconds of silence after which the broker ends the connection.
    pub keep_alive: u16,
}

/// A message.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// Its topic.
    pub topic: &'a str,
    /// The packet's id, from 1, for QoS 1; 0 for QoS 0.
    pub id: u16,
    /// The media type of `body`; said in 5.0 only.
    pub content_type: &'a str,
    /// Telegram's `update_id`; said beside the body in 5.0 only.
    pub update_id: i64,
    /// What is sent.
    pub body: &'a [u8],
}

/// What a broker says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// CONNACK: what was thought of our login.
    Greeting {
        /// 0, or why we are not let in.
        code: u8,
        /// What the broker can do.
        limits: Limits,
    },
    /// PUBACK.
    Acknowledged {
        /// Of the message with this id.
        id: u16,
        /// Below [`FAILURE`], or why it was not taken.
        code: u8,
    },
    /// DISCONNECT: the broker ends the connection.
    Farewell {
        /// Why.
        code: u8,
    },
    /// Anything else.
    Other,
}

/// Codes from here on are failures (§2.4).
pub const FAILURE: u8 = 0x80;

/// What a broker can do (§3.2.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Messages that may wait for their acknowledgement.
    pub window: u16,
    /// Bytes of a packet.
    pub packet: usize,
    /// The highest quality of service.
    pub qos: u8,
}

/// Bytes that are no MQTT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// Without another word of the broker.
pub const LIMITS: Limits = Limits { window: u16::MAX, packet: usize::MAX, qos: 1 };

/// DISCONNECT, normal, in either version (§3.14).
pub const FAREWELL: &[u8] = &[0xE0, 0];

/// CONNECT (§3.1).
pub fn connect(version: Version, login: &Login<'_>) -> Vec<u8> {
    let has_user = !login.user.is_empty() || login.password.is_some();
    let mut body = Vec::new();
    text(&mut body, "MQTT");
    body.push(match version {
        Version::Five => 5,
        Version::Three => 4,
    });
    // A clean start: nothing is kept for us, since we subscribe to nothing.
    let flags = 0x02 | (u8::from(has_user) << 7) | (u8::from(login.password.is_some()) << 6);
    body.push(flags);
    body.extend(login.keep_alive.to_be_bytes());
    if version == Version::Five {
        body.push(0);
    }
    text(&mut body, login.client);
    if has_user {
        text(&mut body, login.user);
    }
    if let Some(password) = login.password {
        text(&mut body, password);
    }
    let mut packet = vec![0x10];
    length(&mut packet, body.len());
    packet.extend(body);
    packet
}

/// Appends PUBLISH (§3.3) to `to`.
pub fn publish(to: &mut Vec<u8>, version: Version, message: &Message<'_>) {
    let mut head = Vec::with_capacity(128);
    text(&mut head, message.topic);
    if message.id != 0 {
        head.extend(message.id.to_be_bytes());
    }
    if version == Version::Five {
        let mut properties = vec![0x03];
        text(&mut properties, message.content_type);
        properties.push(0x26);
        text(&mut properties, "update_id");
        text(&mut properties, &message.update_id.to_string());
        length(&mut head, properties.len());
        head.extend(properties);
    }
    to.push(if message.id == 0 { 0x30 } else { 0x32 });
    length(to, head.len() + message.body.len());
    to.extend(head);
    to.extend(message.body);
}

/// The first packet of `bytes` and how long it is; `None` if its end is not there yet.
pub fn next(bytes: &[u8]) -> Result<Option<(Packet, usize)>, Malformed> {
    let Some((kind, rest)) = bytes.split_first() else { return Ok(None) };
    // Only messages have flags, of what a broker sends us (§2.1.3).
    if kind >> 4 != 3 && kind & 0x0F != 0 {
        return Err(Malformed);
    }
    let mut rest = Bytes(rest);
    let Some(size) = rest.whole_length()? else { return Ok(None) };
    if size > PACKET_MAX {
        return Err(Malformed);
    }
    let used = bytes.len() - rest.0.len() + size;
    let Ok(body) = rest.take(size) else { return Ok(None) };
    Ok(Some((read(*kind, Bytes(body))?, used)))
}

fn read(kind: u8, mut body: Bytes<'_>) -> Result<Packet, Malformed> {
    match kind >> 4 {
        2 => {
            let (_session, code) = (body.byte()?, body.byte()?);
            Ok(Packet::Greeting { code, limits: body.limits()? })
        }
        4 => Ok(Packet::Acknowledged { id: body.short()?, code: body.byte().unwrap_or(0) }),
        14 => Ok(Packet::Farewell { code: body.byte().unwrap_or(0) }),
        _ => Ok(Packet::Other),
    }
}

/// Why a broker does not let us in, or take a message, in words (§2.4; 1 to 5 are of 3.1.1).
pub fn reason(code: u8) -> &'static str {
    match code {
        0x01 | 0x84 => "it speaks another version of MQTT",
        0x02 | 0x85 => "it does not like our client id",
        0x03 | 0x88 => "it is not available",
        0x04 | 0x86 => "wrong user or password",
        0x05 | 0x87 => "not allowed",
        0x89 => "it is busy",
        0x8A => "we are banned",
        0x8B => "it is shutting down",
        0x8E => "another client has our id",
        0x90 => "it does not take this topic",
        0x95 => "the packet is too large",
        0x97 => "a quota is used up",
        0x99 => "it does not take this payload",
        0x9B => "it does not take this quality of service",
        0x9C | 0x9D => "another server has to be used",
        0x9F => "too many connections for now",
        _ => "no reason given",
    }
}

fn text(to: &mut Vec<u8>, text: &str) {
    // Settings are far shorter; a longer text would break the packet.
    let bytes = &text.as_bytes()[..text.len().min(usize::from(u16::MAX))];
    to.extend(u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes());
    to.extend(bytes);
}

/// A variable byte integer (§1.5.5).
fn length(to: &mut Vec<u8>, mut length: usize) {
    while length > 0x7F {
        to.push(u8::try_from(length & 0x7F).unwrap_or_default() | 0x80);
        length >>= 7;
    }
    to.push(u8::try_from(length).unwrap_or_default());
}

/// Bytes of a broker, read from the front.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Malformed> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn short(&mut self) -> Result<u16, Malformed> {
        self.take(2).map(|bytes| u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    fn long(&mut self) -> Result<u32, Malformed> {
        self.take(4).map(|bytes| u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    fn text(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.short()?;
        self.take(length.into())
    }

    /// A variable byte integer; `None` if its end is not there yet.
    fn whole_length(&mut self) -> Result<Option<usize>, Malformed> {
        let mut length = 0;
        for shift in [0, 7, 14, 21] {
            let Ok(byte) = self.byte() else { return Ok(None) };
            length |= usize::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(Some(length));
            }
        }
        Err(Malformed)
    }

    /// The properties of a greeting; 3.1.1 has none.
    fn limits(&mut self) -> Result<Limits, Malformed> {
        let mut limits = LIMITS;
        if self.0.is_empty() {
            return Ok(limits);
        }
        let length = self.whole_length()?.ok_or(Malformed)?;
        let mut properties = Bytes(self.take(length)?);
        while !properties.0.is_empty() {
            match properties.byte()? {
                0x21 => limits.window = properties.short()?.max(1),
                0x24 => limits.qos = properties.byte()?,
                0x27 => limits.packet = usize::try_from(properties.long()?).unwrap_or(usize::MAX),
                0x25 | 0x28 | 0x29 | 0x2A => drop(properties.byte()?),
                0x13 | 0x22 => drop(properties.short()?),
                0x11 => drop(properties.long()?),
                0x12 | 0x15 | 0x16 | 0x1A | 0x1C | 0x1F => drop(properties.text()?),
                0x26 => drop((properties.text()?, properties.text()?)),
                _ => return Err(Malformed),
            }
        }
        Ok(limits)
    }
}

#[cfg(test)]
#[path = "packet_tests.rs"]
mod tests;
