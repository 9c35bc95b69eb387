//! The metrics listener: `/metrics` for Prometheus, and health with its reasons.
//!
//! It has a port of its own, on loopback unless the settings say otherwise, so that what it tells
//! never stands on the public one.

use std::sync::Arc;

use serde_json::json;

use super::Health;
use crate::apps::Apps;
use crate::clock;
use crate::metrics::{Kind, Metrics};
use crate::net::head::Head;
use crate::net::request::Site;
use crate::net::tls::Tls;
use crate::net::{Answer, Reply, Request};
use crate::store::{Store, StoreError};

/// The format's own name, so that Prometheus need not guess.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) struct Exposition {
    pub(super) apps: Arc<Apps>,
    pub(super) store: Store,
    pub(super) health: Health,
    /// The certificate of the public port.
    pub(super) tls: Option<Arc<Tls>>,
    /// When the process started, in seconds of the Unix epoch.
    pub(super) started: i64,
}

impl Site for Exposition {
    fn body_limit(&self, _: &Head) -> u64 {
        0
    }

    fn reply(&self, request: Request) -> Reply {
        if !matches!(request.method.as_str(), "GET" | "HEAD") {
            return Answer::method_not_allowed("GET, HEAD").into();
        }
        match request.path.as_str() {
            "/metrics" => self.metrics(),
            "/healthz" => Answer::json(200, &json!({"alive": true})),
            "/readyz" => {
                let report = self.health.report();
                Answer::json(if report.ready { 200 } else { 503 }, &report)
            }
            _ => Answer::not_found(),
        }
        .into()
    }
}

impl Exposition {
    fn metrics(&self) -> Answer {
        match self.gather() {
            Ok(metrics) => Answer::ok(TEXT_FORMAT, metrics.to_string().into_bytes())
                .with("Cache-Control", "no-store"),
            Err(error) => Answer::detail(503, &error.to_string()),
        }
    }

    fn gather(&self) -> Result<Metrics, StoreError> {
        let (mut metrics, now) = (Metrics::default(), clock::now());
        let read = self.store.snapshot()?;
        metrics
            .family("roost_build_info", Kind::Gauge, "Which Roost this is.")
            .sample(&[("version", env!("CARGO_PKG_VERSION"))], 1_u64);
        let started = u64::try_from(self.started).unwrap_or(0);
        let help = "When the process started, in seconds of the Unix epoch.";
        metrics.single("roost_start_time_seconds", Kind::Gauge, help, started);
        if let Some(tls) = &self.tls {
            let help = "When the certificate ends, in seconds of the Unix epoch.";
            let ends = u64::try_from(tls.leaf().ends.as_second()).unwrap_or(0);
            metrics.single("roost_tls_certificate_end_seconds", Kind::Gauge, help, ends);
        }
        process(&mut metrics);
        self.health.metrics(&read, now, &mut metrics)?;
        for app in self.apps.iter() {
            app.metrics(&read, now, &mut metrics)?;
        }
        Ok(metrics)
    }
}

/// Memory, threads and descriptors as Linux counts them; nothing where it does not.
fn process(metrics: &mut Metrics) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    if let Some(kibibytes) = field("VmRSS:") {
        let help = "Resident memory of the process.";
        metrics.single("roost_resident_memory_bytes", Kind::Gauge, help, kibibytes * 1024);
    }
    if let Some(threads) = field("Threads:") {
        metrics.single("roost_threads", Kind::Gauge, "Threads of the process.", threads);
    }
    if let Ok(open) = std::fs::read_dir("/proc/self/fd") {
        let help = "Open file descriptors, sockets included.";
        metrics.single("roost_open_fds", Kind::Gauge, help, open.count());
    }
}
