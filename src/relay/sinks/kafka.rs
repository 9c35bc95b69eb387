//! Kafka: a message for each update, keyed by its chat, confirmed by all replicas in sync.
//!
//! The client is librdkafka. It has threads of its own, which end with the producer; whatever goes
//! wrong, the producer goes with all that it still holds, and the next delivery makes another.
//! Nothing is left that could send a message after the ones that come behind it.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::client::ClientContext;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::metadata::MetadataTopic;
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer, ProducerContext, ThreadedProducer};

use super::ahead::{Ahead, Handed};
use crate::relay::Stop;
use crate::relay::sink::{Cause, PATIENCE, Record, Sink, Trouble};
use crate::settings::relay;

/// How long no broker may be reachable before we say so; the client tries each address meanwhile.
const GONE: Duration = Duration::from_secs(3);

/// How often somebody who waits looks whether it is time to stop.
const LOOK: Duration = Duration::from_millis(200);

/// What the client is told besides where the brokers are.
const CONFIG: &[(&str, &str)] = &[
    ("client.id", "roost"),
    ("acks", "all"),
    // A request at a time for each broker: nothing overtakes what has to be sent again. That needs
    // no right of its own, unlike idempotence, and costs nothing in batches.
    ("max.in.flight.requests.per.connection", "1"),
    // Time is up when we say so, for all messages at once: none is given up while one behind it
    // still goes out.
    ("message.timeout.ms", "0"),
    ("linger.ms", "0"),
    // The broker decides what is too large.
    ("message.max.bytes", "16000000"),
    // The same partitions as clients in Java choose.
    ("partitioner", "murmur2_random"),
    ("topic.metadata.propagation.max.ms", "5000"),
    ("reconnect.backoff.max.ms", "1000"),
    ("socket.nagle.disable", "true"),
];

/// Kafka brokers.
pub struct Kafka {
    settings: relay::Kafka,
    stop: Stop,
    ahead: Ahead,
    client: Option<Client>,
}

struct Client {
    producer: ThreadedProducer<Context>,
    results: Receiver<(usize, Option<KafkaError>)>,
    state: Arc<Mutex<State>>,
}

/// What the client's threads say.
struct Context {
    results: Sender<(usize, Option<KafkaError>)>,
    state: Arc<Mutex<State>>,
}

/// What is known of the connections.
#[derive(Default)]
struct State {
    /// What went wrong last, in the client's words.
    reason: Option<String>,
    /// Whether no broker is reachable.
    is_gone: bool,
}

/// What became of the messages of a batch.
struct Round {
    answered: usize,
    results: Vec<Option<Result<(), KafkaError>>>,
}

impl Kafka {
    /// The brokers of `settings`.
    pub fn new(settings: &relay::Kafka, stop: &Stop) -> Self {
        let (settings, stop) = (settings.clone(), stop.clone());
        Self { settings, stop, ahead: Ahead::default(), client: None }
    }

    fn client(&mut self) -> Result<Client, Cause> {
        if let Some(client) = self.client.take() {
            return Ok(client);
        }
        let (sender, results) = channel();
        let state = Arc::new(Mutex::new(State::default()));
        let context = Context { results: sender, state: Arc::clone(&state) };
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.settings.brokers);
        for (key, value) in CONFIG {
            config.set(*key, *value);
        }
        let producer = config.create_with_context(context);
        let producer = producer.map_err(|error| Cause::again(words(&error)))?;
        Ok(Client { producer, results, state })
    }

    fn hand_over(&self, client: &Client, batch: &[Record<'_>]) -> Handed {
        let mut round = Round { answered: 0, results: vec![None; batch.len()] };
        let sent = client.send(batch, &mut round);
        let waited = self.wait(client, &mut round, sent);
        let taken: Vec<bool> =
            round.results.iter().map(|result| matches!(result, Some(Ok(())))).collect();
        let cause =
            taken.iter().position(|taken| !taken).map(|first| match &round.results[first] {
                Some(Err(error)) => cause(error, batch[first].place),
                _ => waited.err().unwrap_or_else(|| Cause::again(client.reason())),
            });
        Handed { taken, cause }
    }

    /// Waits until every one of the `sent` messages is answered.
    fn wait(&self, client: &Client, round: &mut Round, sent: usize) -> Result<(), Cause> {
        let mut progress = Instant::now();
        while round.answered < sent {
            match client.results.recv_timeout(LOOK) {
                Ok((index, error)) => {
                    progress = Instant::now();
                    round.note(index, error);
                }
                Err(RecvTimeoutError::Disconnected) => return Err(Cause::again("no client")),
                Err(RecvTimeoutError::Timeout) => {}
            }
            let waited = progress.elapsed();
            if self.stop.is_set() {
                return Err(Cause::again("stopping"));
            }
            if waited > PATIENCE || (waited > GONE && client.state().is_gone) {
                return Err(Cause::again(client.reason()));
            }
        }
        Ok(())
    }
}

impl Sink for Kafka {
    fn deliver(&mut self, batch: &[Record<'_>]) -> Result<(), Trouble> {
        let client = self.client().map_err(|cause| Trouble { confirmed: 0, cause })?;
        let mut ahead = std::mem::take(&mut self.ahead);
        let delivered = ahead.deliver(batch, |part| self.hand_over(&client, part));
        self.ahead = ahead;
        delivered?;
        self.client = Some(client);
        Ok(())
    }

    fn check(&mut self) -> Result<(), Cause> {
        let client = self.client()?;
        let topic = &self.settings.topic;
        let fixed = Some(topic.as_str()).filter(|topic| !topic.contains('{'));
        let until = Instant::now() + PATIENCE;
        let metadata = loop {
            let asked = client.producer.client().fetch_metadata(fixed, GONE);
            match asked {
                Ok(metadata) => break metadata,
                Err(_) if self.stop.is_set() => return Err(Cause::again("stopping")),
                Err(_) if Instant::now() < until && !client.state().is_gone => {}
                Err(_) => return Err(Cause::again(client.reason())),
            }
        };
        let wrong = metadata.topics().iter().find_map(MetadataTopic::error);
        if let (Some(name), Some(error)) = (fixed, wrong) {
            return Err(cause(&KafkaError::MessageProduction(error.into()), name));
        }
        self.client = Some(client);
        Ok(())
    }
}

impl Client {
    /// Gives `batch` to the client up to the first message that it does not take; how many it took.
    fn send(&self, batch: &[Record<'_>], round: &mut Round) -> usize {
        for (index, record) in batch.iter().enumerate() {
            let key = record.chat.map_or_else(|| "none".to_owned(), |chat| chat.to_string());
            let update_id = record.update_id.to_string();
            let headers = OwnedHeaders::new()
                .insert(Header { key: "content-type", value: Some(record.content_type) })
                .insert(Header { key: "update_id", value: Some(&update_id) });
            let message = BaseRecord::with_opaque_to(record.place, index)
                .key(&key)
                .payload(record.body)
                .headers(headers);
            if let Err((error, _)) = self.producer.send(message) {
                round.results[index] = Some(Err(error));
                return index;
            }
        }
        batch.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reason(&self) -> String {
        let reason = self.state().reason.clone();
        reason.unwrap_or_else(|| format!("no answer for {} seconds", PATIENCE.as_secs()))
    }
}

impl Round {
    fn note(&mut self, index: usize, error: Option<KafkaError>) {
        if let Some(slot) = self.results.get_mut(index) {
            self.answered += usize::from(slot.is_none());
            *slot = Some(error.map_or(Ok(()), Err));
        }
    }
}

impl ClientContext for Context {
    fn log(&self, _: RDKafkaLogLevel, kind: &str, text: &str) {
        log::debug!("librdkafka: {kind}: {text}");
    }

    fn error(&self, error: KafkaError, reason: &str) {
        log::debug!("librdkafka: {reason}");
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match error.rdkafka_error_code() {
            Some(Code::AllBrokersDown) => state.is_gone = true,
            _ => state.reason = Some(short(reason)),
        }
    }
}

impl ProducerContext for Context {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, index: usize) {
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            *state = State { is_gone: false, reason: state.reason.take() };
        }
        let error = result.as_ref().err().map(|(error, _)| error.clone());
        // Nobody listens any more when the producer is being dropped.
        drop(self.results.send((index, error)));
    }
}

/// What a failed message means.
fn cause(error: &KafkaError, topic: &str) -> Cause {
    match error.rdkafka_error_code() {
        Some(Code::UnknownTopic | Code::UnknownTopicOrPartition | Code::UnknownPartition) => {
            Cause::again(format!("there is no topic `{topic}`; create it"))
        }
        Some(Code::MessageSizeTooLarge | Code::InvalidMessageSize) => {
            Cause::Refused { reason: "larger than the broker takes".to_owned() }
        }
        Some(Code::InvalidTopic) => Cause::again(format!("`{topic}` is no name of a topic")),
        Some(Code::TopicAuthorizationFailed | Code::ClusterAuthorizationFailed) => {
            Cause::again(format!("topic `{topic}`: not allowed"))
        }
        _ => Cause::again(words(error)),
    }
}

fn words(error: &KafkaError) -> String {
    match error.rdkafka_error_code() {
        Some(code) => code.to_string().to_lowercase(),
        None => error.to_string(),
    }
}

/// `127.0.0.1:9092/bootstrap: Connect to … failed: Connection refused (after 0ms in …)`, shorter.
fn short(reason: &str) -> String {
    let reason = reason.split(" (after ").next().unwrap_or(reason);
    let reason = reason.replace("/bootstrap", "");
    let reason = match (reason.split_once(": "), reason.rsplit_once("failed: ")) {
        (Some((broker, _)), Some((_, why))) => format!("{broker}: {}", why.to_lowercase()),
        _ => reason,
    };
    reason.chars().take(200).collect()
}

#[cfg(test)]
#[path = "kafka_tests.rs"]
mod tests;
