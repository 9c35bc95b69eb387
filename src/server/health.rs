//! Whether the server does its work, as `/readyz` and `roost health` tell it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::backups::Shelf;
use crate::clock;
use crate::metrics::{Kind, Metrics};
use crate::net::hub::HubNotes;
use crate::net::tls::Tls;
use crate::relay::{self, Board};
use crate::store::outbox::{self, Waiting};
use crate::store::{Snapshot, Store, StoreError, users};
use crate::telegram::contact::{Contact, Standing};
use crate::telegram::intake::Intake;

/// What is looked at.
#[derive(Clone)]
pub struct Health {
    store: Store,
    hub: HubNotes,
    receiving: Arc<Contact>,
    sending: Arc<Contact>,
    intake: Intake,
    relay: Board,
    tls: Option<Arc<Tls>>,
    backups: Option<Shelf>,
}

/// The state of everything at one moment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// All checks are good, but for that of backups.
    pub ready: bool,
    /// Each check by its name.
    pub checks: BTreeMap<String, Check>,
}

/// One check.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Check {
    /// As it should be.
    pub ok: bool,
    /// What was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Health {
    pub(super) fn new(
        store: Store,
        hub: HubNotes,
        (receiving, sending): (&Arc<Contact>, &Arc<Contact>),
        intake: Intake,
    ) -> Self {
        let (receiving, sending) = (Arc::clone(receiving), Arc::clone(sending));
        let (relay, tls, backups) = (Board::default(), None, None);
        Self { store, hub, receiving, sending, intake, relay, tls, backups }
    }

    /// The same with the sinks of `board`.
    pub(super) fn with_relay(self, board: Board) -> Self {
        Self { relay: board, ..self }
    }

    /// The same with the certificate of the public port.
    pub(super) fn with_certificate(self, tls: Option<&Arc<Tls>>) -> Self {
        Self { tls: tls.cloned(), ..self }
    }

    /// The same with backups by the clock.
    pub(super) fn with_backups(self, backups: Option<Shelf>) -> Self {
        Self { backups, ..self }
    }

    /// Looks at everything now.
    pub fn report(&self) -> Report {
        let now = clock::now();
        let mut checks: BTreeMap<String, Check> = [
            ("store", self.store()),
            ("telegram", telegram(&self.receiving.standing(now))),
            ("sending", self.sending(now)),
            ("updates", self.updates()),
            ("relay", self.relay(now)),
            ("pages", self.pages()),
        ]
        .map(|(name, check)| (name.to_owned(), check))
        .into();
        if let Some(tls) = &self.tls {
            checks.insert("certificate".to_owned(), certificate(tls.leaf().ends, now));
        }
        let ready = checks.values().all(|check| check.ok);
        // Without a new backup people are served all the same.
        checks.extend(self.backups.as_ref().map(|shelf| ("backup".to_owned(), backup(shelf))));
        Report { ready, checks }
    }

    /// The writer takes operations, and the file can be read.
    fn store(&self) -> Check {
        // After a failure only writing shows whether it is over.
        let written = if self.store.has_failed() {
            self.store.try_disk()
        } else {
            self.store.write(|_| Ok::<_, StoreError>(()))
        };
        match written.and_then(|()| self.store.snapshot()) {
            Ok(_) => Check { ok: true, reason: None },
            Err(error) => Check { ok: false, reason: Some(error.to_string()) },
        }
    }

    /// Messages leave; nothing to send for a long time is fine.
    fn sending(&self, now: Timestamp) -> Check {
        let error = self.sending.standing(now).last_error;
        let waiting = self.store.snapshot().and_then(|read| outbox::waiting(&read));
        let waiting = waiting.map_or_else(|error| error.to_string(), |lanes| queue(&lanes, now));
        let reason = error.iter().cloned().chain([waiting]).collect::<Vec<_>>().join("; ");
        Check { ok: error.is_none(), reason: Some(reason) }
    }

    /// The same as numbers.
    pub(super) fn metrics(
        &self,
        read: &Snapshot,
        now: Timestamp,
        metrics: &mut Metrics,
    ) -> Result<(), StoreError> {
        let mut checks =
            metrics.family("roost_ready", Kind::Gauge, "1 for each check that is good.");
        for (name, check) in self.report().checks {
            checks.sample(&[("check", &name)], check.ok);
        }
        let help = "Websockets that are logged in.";
        metrics.single("roost_pages", Kind::Gauge, help, self.hub.connected());
        metrics.single("roost_users", Kind::Gauge, "People known.", users::count(read)?);
        let help = "Seconds since Telegram last answered.";
        let mut contacts = metrics.family("roost_telegram_contact_age_seconds", Kind::Gauge, help);
        for (name, contact) in [("receiving", &self.receiving), ("sending", &self.sending)] {
            if let Some(last) = contact.standing(now).last_contact {
                contacts.sample(&[("direction", name)], seconds(last, now));
            }
        }
        let lanes = outbox::waiting(read)?;
        let help = "Messages to Telegram that wait.";
        let mut messages = metrics.family("roost_outbox_messages", Kind::Gauge, help);
        for lane in &lanes {
            messages.sample(&[("lane", &lane.lane.to_string())], lane.messages);
        }
        let help = "Age of the oldest message that waits, 0 without one.";
        let mut ages = metrics.family("roost_outbox_oldest_seconds", Kind::Gauge, help);
        for lane in &lanes {
            let age = lane.since.map_or(0.0, |since| seconds(since, now));
            ages.sample(&[("lane", &lane.lane.to_string())], age);
        }
        let help = "Updates that could not be handled, of the newest thousand.";
        let aside = self.intake.count_set_aside()?;
        metrics.single("roost_updates_set_aside", Kind::Gauge, help, aside);
        let help = "How full the log of updates is, in percent of `relay.keep`.";
        let full = self.intake.fullness()?.unwrap_or(0);
        metrics.single("roost_update_log_fullness_percent", Kind::Gauge, help, full);
        if let Some(shelf) = &self.backups {
            shelf.metrics(metrics);
        }
        self.relay.metrics(read, now, metrics)
    }

    /// What was set aside is told, and the log has room.
    fn updates(&self) -> Check {
        let looked = self
            .intake
            .count_set_aside()
            .and_then(|aside| Ok((aside, self.intake.fullness()?, self.intake.is_full()?)));
        match looked {
            Ok((aside, percent, is_full)) => {
                let percent = percent.unwrap_or(0);
                let reason = format!("{aside} set aside; the log is {percent} % full");
                Check { ok: !is_full, reason: Some(reason) }
            }
            Err(error) => Check { ok: false, reason: Some(error.to_string()) },
        }
    }

    /// Updates leave, or the log has room for those that wait.
    fn relay(&self, now: Timestamp) -> Check {
        let looked = self
            .store
            .snapshot()
            .and_then(|read| Ok((self.relay.standings(&read, now)?, self.intake.is_full()?)));
        match looked {
            Ok((sinks, is_full)) => Check { ok: !is_full, reason: Some(told(&sinks)) },
            Err(error) => Check { ok: false, reason: Some(error.to_string()) },
        }
    }

    fn pages(&self) -> Check {
        Check { ok: true, reason: Some(format!("{} open", self.hub.connected())) }
    }
}

impl Report {
    /// The same for people who do not run the server.
    #[must_use]
    pub fn without_reasons(mut self) -> Self {
        self.checks.values_mut().for_each(|check| check.reason = None);
        self
    }
}

/// The sinks, one behind the other.
fn told(sinks: &[relay::Standing]) -> String {
    if sinks.is_empty() {
        return "no sinks".to_owned();
    }
    let one = |sink: &relay::Standing| {
        let waits = format!("{}: {} wait, oldest {} s", sink.name, sink.lag, sink.oldest_seconds);
        let dead = (sink.dead > 0).then(|| format!("{} refused", sink.dead));
        let parts = [Some(waits), dead, sink.last_error.clone()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    };
    sinks.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// How long ago `then` was.
fn seconds(then: Timestamp, now: Timestamp) -> f64 {
    now.duration_since(then).as_secs_f64().max(0.0)
}

/// Nobody gets past a certificate whose time is over.
fn certificate(ends: Timestamp, now: Timestamp) -> Check {
    Check { ok: now < ends, reason: Some(format!("valid until {ends:.0}")) }
}

/// The last backup by the clock.
fn backup(shelf: &Shelf) -> Check {
    let (ok, reason) = shelf.standing();
    Check { ok, reason: Some(reason) }
}

/// Updates arrive.
fn telegram(standing: &Standing) -> Check {
    let reason = match (&standing.last_error, standing.last_contact) {
        (Some(error), Some(at)) => {
            Some(format!("{error}; {} failures since {at:.0}", standing.failures))
        }
        (Some(error), None) => Some(format!("{error}; {} failures", standing.failures)),
        (None, None) => Some("no answer yet".to_owned()),
        (None, Some(at)) => Some(format!("last contact {at:.0}")),
    };
    let both: Vec<String> = reason.into_iter().chain(standing.note.clone()).collect();
    Check { ok: standing.ok, reason: Some(both.join("; ")) }
}

/// What waits, by lane, and how long the oldest has.
fn queue(lanes: &[Waiting], now: Timestamp) -> String {
    let filled: Vec<&Waiting> = lanes.iter().filter(|lane| lane.messages > 0).collect();
    let Some(since) = filled.iter().filter_map(|lane| lane.since).min() else {
        return "nothing waits".to_owned();
    };
    let counts = filled.iter().map(|waiting| format!("{} {}", waiting.messages, waiting.lane));
    let age = now.duration_since(since).as_secs().max(0);
    format!("waiting: {}; the oldest for {age} s", counts.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::outbox::Lane;

    #[test]
    fn what_waits_is_told_by_lane_with_its_age() {
        let at = |second| Timestamp::from_second(1_800_000_000 + second).unwrap();
        let waiting =
            |lane, messages, since: Option<i64>| Waiting { lane, messages, since: since.map(at) };
        for (lanes, expected) in [
            ([waiting(Lane::Alerts, 0, None), waiting(Lane::Replies, 0, None)], "nothing waits"),
            (
                [waiting(Lane::Replies, 2, Some(8)), waiting(Lane::Notices, 1998, Some(-50))],
                "waiting: 2 replies, 1998 notices; the oldest for 60 s",
            ),
            (
                [waiting(Lane::Alerts, 1, Some(20)), waiting(Lane::Replies, 0, None)],
                "waiting: 1 alerts; the oldest for 0 s",
            ),
        ] {
            assert_eq!(queue(&lanes, at(10)), expected);
        }
    }
}
