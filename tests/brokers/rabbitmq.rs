//! A RabbitMQ of its own: node, folder, ports, and the port mapper that Erlang wants.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::process::{self, Process, free_port, listens};

/// A broker with a folder of its own.
pub struct RabbitMq {
    process: Option<Process>,
    // Ends after the broker.
    _mapper: Process,
    mapper_port: u16,
    folder: TempDir,
    port: u16,
}

impl RabbitMq {
    /// A broker that runs.
    pub fn start() -> Self {
        let mut rabbit = Self::later();
        rabbit.restart();
        rabbit
    }

    /// A broker that does not run yet.
    pub fn later() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mapper_port = free_port();
        let mut mapper = process::command("epmd", "rabbitmq-server");
        mapper.env("ERL_EPMD_ADDRESS", "127.0.0.1").args(["-port", &mapper_port.to_string()]);
        let mut mapper = Process::start(&mut mapper, &folder.path().join("mapper"));
        mapper.waits_until("epmd", || listens(mapper_port));
        std::fs::write(folder.path().join("plugins"), "[].\n").unwrap();
        std::fs::write(folder.path().join("env.conf"), "").unwrap();
        Self { process: None, _mapper: mapper, mapper_port, folder, port: free_port() }
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("amqp://127.0.0.1:{}/%2f", self.port)
    }

    /// The port alone.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Starts it on what it had.
    pub fn restart(&mut self) {
        let mut command = self.command();
        let mut process = Process::start(&mut command, &self.folder.path().join("log"));
        process.waits_until("rabbitmq", || listens(self.port));
        self.process = Some(process);
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// The process, while it runs.
    pub fn process(&self) -> &Process {
        self.process.as_ref().expect("it runs")
    }

    fn command(&self) -> Command {
        let folder = self.folder.path();
        let at = |name: &str| -> PathBuf { folder.join(name) };
        // Not the one of the same name in /usr/sbin, which is for root and its one service only.
        let program = Path::new("/usr/lib/rabbitmq/bin/rabbitmq-server");
        let mut command = process::command(program.to_str().unwrap(), "rabbitmq-server");
        command
            .env("HOME", folder)
            .env("RABBITMQ_BASE", folder)
            .env("RABBITMQ_MNESIA_BASE", at("mnesia"))
            .env("RABBITMQ_LOG_BASE", at("logs"))
            .env("RABBITMQ_LOGS", "-")
            .env("RABBITMQ_CONF_ENV_FILE", at("env.conf"))
            .env("RABBITMQ_CONFIG_FILE", at("rabbitmq"))
            .env("RABBITMQ_ADVANCED_CONFIG_FILE", at("advanced"))
            .env("RABBITMQ_ENABLED_PLUGINS_FILE", at("plugins"))
            .env("RABBITMQ_FEATURE_FLAGS_FILE", at("flags"))
            .env("RABBITMQ_PID_FILE", at("pid"))
            .env("RABBITMQ_NODENAME", format!("roost{}@localhost", self.port))
            .env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1")
            .env("RABBITMQ_NODE_PORT", self.port.to_string())
            .env("RABBITMQ_DIST_PORT", free_port().to_string())
            .env("ERL_EPMD_PORT", self.mapper_port.to_string())
            .env("ERL_EPMD_ADDRESS", "127.0.0.1")
            // Then it becomes the broker itself instead of a shell that watches it.
            .env("RUNNING_UNDER_SYSTEMD", "1");
        command
    }
}
