//! Whether the server does its work, as `/readyz` and `roost health` tell it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock;
use crate::net::hub::HubNotes;
use crate::store::{Store, StoreError};
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
}

/// The state of everything at one moment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// All checks are good.
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
        receiving: &Arc<Contact>,
        sending: &Arc<Contact>,
        intake: Intake,
    ) -> Self {
        let (receiving, sending) = (Arc::clone(receiving), Arc::clone(sending));
        Self { store, hub, receiving, sending, intake }
    }

    /// Looks at everything now.
    pub fn report(&self) -> Report {
        let now = clock::now();
        let checks: BTreeMap<String, Check> = [
            ("store", self.store()),
            ("telegram", telegram(&self.receiving.standing(now))),
            ("sending", sending(&self.sending.standing(now))),
            ("updates", self.updates()),
            ("pages", self.pages()),
        ]
        .map(|(name, check)| (name.to_owned(), check))
        .into();
        Report { ready: checks.values().all(|check| check.ok), checks }
    }

    /// The writer takes operations, and the file can be read.
    fn store(&self) -> Check {
        let written = self.store.write(|_| Ok::<_, StoreError>(()));
        match written.and_then(|()| self.store.snapshot()) {
            Ok(_) => Check { ok: true, reason: None },
            Err(error) => Check { ok: false, reason: Some(error.to_string()) },
        }
    }

    /// What was set aside is told, and the log has room.
    fn updates(&self) -> Check {
        let looked = self.intake.count_set_aside().and_then(|aside| {
            Ok((aside, self.intake.fullness()?.unwrap_or(0)))
        });
        match looked {
            Ok((aside, full)) => {
                let reason = format!("{aside} set aside; the log is {full} % full");
                Check { ok: full < 100, reason: Some(reason) }
            }
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

/// Messages leave; nothing to send for a long time is fine.
fn sending(standing: &Standing) -> Check {
    Check { ok: standing.last_error.is_none(), reason: standing.last_error.clone() }
}
