//! The mock cluster of librdkafka: real sockets and the real protocol, kept in this process.

use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;
use rdkafka::types::RDKafkaRespErr;

use super::process;

/// A cluster of one broker.
pub struct Kafka(MockCluster<'static, DefaultProducerContext>);

impl Kafka {
    /// A cluster with `topic`, in four partitions.
    pub fn start(topic: &str) -> Self {
        let cluster = MockCluster::new(1).expect("a cluster");
        cluster.create_topic(topic, 4, 1).expect("a topic");
        Self(cluster)
    }

    /// Where it listens.
    pub fn brokers(&self) -> String {
        self.0.bootstrap_servers()
    }

    /// Ends all connections and takes no more.
    pub fn goes_down(&self) {
        self.0.broker_down(1).expect("down");
    }

    /// Takes connections again.
    pub fn comes_up(&self) {
        self.0.broker_up(1).expect("up");
    }

    /// Has no topic of this name, and makes none.
    pub fn lacks(&self, topic: &str) {
        let unknown = RDKafkaRespErr::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
        self.0.topic_error(topic, unknown).expect("a topic");
    }

    /// Everything in a topic, `format` of `kcat` for each message.
    pub fn read(&self, topic: &str, format: &str) -> Vec<String> {
        let mut command = process::command("kcat", "kcat");
        command.args(["-C", "-b", &self.brokers(), "-t", topic, "-o", "beginning", "-e", "-q"]);
        let text = process::output(command.args(["-f", &format!("{format}\\n")]));
        text.lines().map(str::to_owned).collect()
    }
}
