//! Small Python programs that look at a broker from the consumers' side.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::process;

/// The Python of the system, whose packages `apt-get` installs.
const PYTHON: &str = "/usr/bin/python3";

/// A Python program beside this file that needs `module`, which is in the Debian package `package`.
pub fn python(file: &str, module: &str, package: &str) -> Command {
    let has = Command::new(PYTHON).args(["-c", &format!("import {module}")]).output();
    assert!(
        has.is_ok_and(|output| output.status.success()),
        "Python has no `{module}`; as root: apt-get install -y --no-install-recommends {package}"
    );
    let mut command = process::command(PYTHON, "python3");
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/brokers").join(file));
    command
}

/// What AMQP queues hold.
pub mod amqp {
    use super::{Value, process, python};

    fn script() -> std::process::Command {
        python("amqp.py", "pika", "python3-pika")
    }

    /// Makes a durable queue and, unless `exchange` is empty, binds it.
    pub fn bind(url: &str, queue: &str, exchange: &str, key: &str) {
        process::output(script().args(["bind", url, queue, exchange, key]));
    }

    /// Takes everything out of a queue: for each message an object of `key`, `properties`, `body`.
    pub fn drain(url: &str, queue: &str) -> Vec<Value> {
        let text = process::output(script().args(["drain", url, queue]));
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }
}
