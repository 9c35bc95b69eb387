//! AMQP 0.9.1: a message for each update, confirmed by the broker and not returned by it.
//!
//! The client is lapin, which is asynchronous inside: it reads and writes on a thread of its own, and
//! the small executor it brings (smol) sends heartbeats. Out here there are only calls that wait.
//! A confirm alone says little, since a message that no queue takes is confirmed as well; so every
//! message is `mandatory`, and one that comes back was not delivered.

use std::cell::Cell;
use std::sync::Mutex;
use std::time::Duration;

use async_io::Async;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions};
use lapin::tcp::AsyncTcpStream;
use lapin::types::{FieldTable, ShortString};
use lapin::uri::{AMQPAuthority, AMQPQueryString, AMQPScheme, AMQPUri, AMQPUserInfo};
use lapin::{
    BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, ErrorKind,
    ExchangeKind, PublisherConfirm,
};

use super::ahead::{Ahead, Handed};
use super::line::{self, Line};
use super::wait::within;
use crate::relay::Stop;
use crate::relay::sink::{Cause, PATIENCE, Record, Sink, Trouble};
use crate::settings::relay;

/// Where brokers listen.
const PORT: u16 = 5672;

/// What a broker knows before anybody configures it.
const GUEST: &str = "guest";

/// Seconds between signs of life, while nothing else is said.
const HEARTBEAT: u16 = 30;

/// Bytes of a frame; the client keeps room for 64 of them.
const FRAME: u32 = 16 << 10;

/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(1);

/// An AMQP broker.
pub struct Amqp {
    settings: relay::Amqp,
    stop: Stop,
    ahead: Ahead,
    link: Option<Link>,
}

struct Link {
    connection: Connection,
    channel: Channel,
    line: Line,
    is_given_up: Cell<bool>,
}

/// A message on its way, or why it is not.
type Sent = Result<PublisherConfirm, Cause>;

impl Amqp {
    /// The broker of `settings`.
    pub fn new(settings: &relay::Amqp, stop: &Stop) -> Self {
        let (settings, stop) = (settings.clone(), stop.clone());
        Self { settings, stop, ahead: Ahead::default(), link: None }
    }

    /// The link there is, or a new one.
    fn link(&mut self) -> Result<Link, Cause> {
        match self.link.take().filter(Link::is_there) {
            Some(link) => Ok(link),
            None => self.connect(),
        }
    }

    fn connect(&self) -> Result<Link, Cause> {
        let url = &self.settings.url;
        let line = Line::connect(&url.host, url.port.unwrap_or(PORT), &self.stop)?;
        let opened = self.open(&line);
        // Whatever the client still waits for ends with the connection.
        let (connection, channel) = opened.inspect_err(|_| line.hang_up())?;
        Ok(Link { connection, channel, line, is_given_up: Cell::new(false) })
    }

    fn open(&self, line: &Line) -> Result<(Connection, Channel), Cause> {
        let stream = line.stream().try_clone().and_then(Async::new);
        let stream = Mutex::new(Some(stream.map_err(|error| line::trouble(&error))?));
        let runtime = lapin::runtime::default_runtime().map_err(|error| trouble(&error))?;
        let name = "roost".into();
        let properties = ConnectionProperties::default().with_connection_name(name);
        let connect = async move |_: AMQPUri, _| {
            let stream = stream.lock().ok().and_then(|mut stream| stream.take());
            let again = || std::io::Error::from(std::io::ErrorKind::NotConnected);
            stream.map(AsyncTcpStream::Plain).ok_or_else(|| again().into())
        };
        let connection = Connection::connector(self.uri(), runtime, connect, properties);
        let connection = self.wait(connection)?;
        let channel = self.wait(connection.create_channel())?;
        self.wait(channel.confirm_select(ConfirmSelectOptions::default()))?;
        self.find_exchange(&channel)?;
        Ok((connection, channel))
    }

    /// Declares the exchange, or makes sure that it is there. The default exchange always is.
    fn find_exchange(&self, channel: &Channel) -> Result<(), Cause> {
        let exchange = &self.settings.exchange;
        if exchange.is_empty() {
            return Ok(());
        }
        let passive = !self.settings.declare;
        let options = ExchangeDeclareOptions { durable: true, passive, ..Default::default() };
        let arguments = FieldTable::default();
        let name = name(exchange)?;
        self.wait(channel.exchange_declare(name, ExchangeKind::Topic, options, arguments)).map_err(
            |cause| match cause.reason() {
                reason if reason.starts_with("NOT_FOUND") => Cause::again(format!(
                    "there is no exchange `{exchange}`; create it, or set `declare`"
                )),
                reason if reason.starts_with("PRECONDITION_FAILED") => Cause::again(format!(
                    "exchange `{exchange}` exists and is no durable topic exchange; remove `declare`"
                )),
                _ => cause,
            },
        )
    }

    fn uri(&self) -> AMQPUri {
        let url = &self.settings.url;
        let password = url.password.as_ref().map_or(GUEST, |password| password.reveal());
        let username = if url.user.is_empty() { GUEST } else { &url.user };
        let path = url.path.as_deref().unwrap_or_default();
        AMQPUri {
            scheme: AMQPScheme::AMQP,
            authority: AMQPAuthority {
                userinfo: AMQPUserInfo { username: username.into(), password: password.into() },
                host: url.host.clone(),
                port: url.port.unwrap_or(PORT),
            },
            vhost: if path.is_empty() { "/" } else { path }.to_owned(),
            query: AMQPQueryString {
                heartbeat: Some(HEARTBEAT),
                frame_max: Some(FRAME),
                ..Default::default()
            },
        }
    }

    fn hand_over(&self, link: &Link, batch: &[Record<'_>]) -> Handed {
        let sent: Vec<Sent> = batch.iter().map(|record| self.publish(link, record)).collect();
        let mut handed = Handed { taken: vec![false; batch.len()], cause: None };
        for (index, sent) in sent.into_iter().enumerate() {
            match sent.and_then(|confirm| self.confirmed(link, confirm, &batch[index])) {
                Ok(()) => handed.taken[index] = true,
                Err(cause) => {
                    handed.cause.get_or_insert(cause);
                    // What waits for a broker that is gone would wait one after the other.
                    if !link.is_there() || self.stop.is_set() {
                        return handed;
                    }
                }
            }
        }
        handed
    }

    fn publish(&self, link: &Link, record: &Record<'_>) -> Sent {
        let properties = BasicProperties::default()
            .with_content_type(record.content_type.into())
            .with_delivery_mode(if self.settings.persistent { 2 } else { 1 })
            .with_message_id(record.update_id.to_string().into())
            .with_timestamp(crate::clock::now().as_second().cast_unsigned())
            .with_app_id("roost".into());
        let options = BasicPublishOptions { mandatory: true, immediate: false };
        let (exchange, key) = (name(&self.settings.exchange)?, name(record.place)?);
        self.wait(link.channel.basic_publish(exchange, key, options, record.body, properties))
    }

    fn confirmed(
        &self,
        link: &Link,
        confirm: PublisherConfirm,
        record: &Record<'_>,
    ) -> Result<(), Cause> {
        let answer = self.wait(confirm).inspect_err(|_| link.give_up());
        match answer {
            Ok(Confirmation::Ack(None)) => Ok(()),
            Ok(Confirmation::Ack(Some(_)) | Confirmation::Nack(Some(_))) => {
                Err(Cause::again(format!("no queue is bound for `{}`", record.place)))
            }
            Ok(_) => Err(Cause::again("the broker could not take it (nack)")),
            Err(_) if link.connection.status().blocked() => {
                Err(Cause::again("the broker has no memory or disk left and takes nothing"))
            }
            Err(cause) => Err(cause),
        }
    }

    fn wait<T>(&self, future: impl Future<Output = lapin::Result<T>>) -> Result<T, Cause> {
        let silence = || Cause::again(format!("no answer for {} seconds", PATIENCE.as_secs()));
        let done = within(PATIENCE, &self.stop, future).ok_or_else(silence)?;
        done.map_err(|error| trouble(&error))
    }
}

impl Sink for Amqp {
    fn deliver(&mut self, batch: &[Record<'_>]) -> Result<(), Trouble> {
        let link = self.link().map_err(|cause| Trouble { confirmed: 0, cause })?;
        let mut ahead = std::mem::take(&mut self.ahead);
        let delivered = ahead.deliver(batch, |part| self.hand_over(&link, part));
        self.ahead = ahead;
        // A message that came back harms the link no more than one that did not.
        self.link = Some(link).filter(Link::is_there);
        delivered
    }

    fn check(&mut self) -> Result<(), Cause> {
        let link = self.link()?;
        self.find_exchange(&link.channel).inspect_err(|_| link.give_up())?;
        self.link = Some(link);
        Ok(())
    }
}

impl Drop for Amqp {
    fn drop(&mut self) {
        if let Some(link) = self.link.take().filter(Link::is_there) {
            let goodbye = link.connection.close(200, "OK".into());
            drop(within(GOODBYE, &Stop::default(), goodbye));
        }
    }
}

impl Link {
    /// Whether it is connected: the client may not have noticed yet that it is not.
    fn is_there(&self) -> bool {
        let status = self.connection.status();
        let is_connected = status.connected() && self.channel.status().connected();
        is_connected && !self.is_given_up.get() && self.line.is_open()
    }

    /// Ends it, whatever the broker does: the client's thread ends with the socket.
    fn give_up(&self) {
        self.is_given_up.set(true);
        self.line.hang_up();
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.give_up();
    }
}

/// A name as AMQP has them: at most 255 bytes.
fn name(text: &str) -> Result<ShortString, Cause> {
    let long = |_| Cause::Refused { reason: "a name of more than 255 bytes".to_owned() };
    ShortString::try_new(text).map_err(long)
}

/// An error of the client in words.
fn trouble(error: &lapin::Error) -> Cause {
    match error.kind() {
        ErrorKind::IOError(error) => line::trouble(error),
        ErrorKind::ProtocolError(error) => Cause::again(error.get_message().to_string()),
        ErrorKind::InvalidConnectionState(_) | ErrorKind::InvalidChannelState(..) => {
            Cause::again("the connection was closed")
        }
        ErrorKind::ParsingError(_) | ErrorKind::InvalidProtocolVersion(_) => {
            Cause::again("the answer is no AMQP 0.9.1")
        }
        ErrorKind::MissingHeartbeatError => Cause::again("no sign of life"),
        _ => Cause::again(error.to_string()),
    }
}

#[cfg(test)]
#[path = "amqp_tests.rs"]
mod tests;
