//! A stand-in for a TrueConf server: status page and API of version 3.3 or 4, on loopback.
//!
//! It follows what is known of the real one, its doubtful points as switches of [`Manners`]. Tests and
//! the page of `roost demo` play what happens on it: people come and go, conferences begin and end,
//! tokens die, the server breaks.

mod api;
mod front;
mod harm;
mod panel;
mod samples;
mod state;
mod v33;
mod v4;

use std::collections::BTreeMap;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::clock;
use crate::net::gate::{Gate, GateError};
use crate::net::limits::Limits;

pub use harm::{Fault, Harm};
pub use panel::Panel;
pub use samples::{branch, head_office};
pub use state::{Asked, Manners, Meeting, Order};

use front::Front;
use state::State;

/// The application that may use the API.
pub const CLIENT_ID: &str = "stand-in-client";
/// Its secret.
pub const CLIENT_SECRET: &str = "canary-stand-in-client-secret";

/// How long answers under way may take when the stand-in goes down.
const CLOSING: Duration = Duration::from_secs(2);

/// Longer than anything takes on a slow machine; only a fault makes a test wait for it.
const PATIENCE: Duration = Duration::from_secs(20);

/// A version of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 3.3.
    V33,
    /// 4.
    V4,
}

/// A running stand-in. Dropping it closes its port.
pub struct StandIn {
    name: String,
    address: SocketAddr,
    shared: Arc<Shared>,
    gate: Mutex<Option<Gate>>,
}

/// What the port and the handle have in common.
pub(crate) struct Shared {
    state: Mutex<State>,
    answered: Condvar,
}

impl StandIn {
    /// Starts an empty server of `version` on a free loopback port.
    pub fn start(name: &str, version: Version) -> Result<Self, GateError> {
        let shared = Arc::new(Shared::new(version));
        let gate = open(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), &shared)?;
        let address = gate.address();
        Ok(Self { name: name.to_owned(), address, shared, gate: Mutex::new(Some(gate)) })
    }

    /// The name people know it by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Settings of one server, complete: spoken to in the clear, monitored every second.
    pub fn settings(&self) -> Value {
        json!({
            "ip": format!("http://{}", self.address),
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "status-url": format!("http://{}/vsstatus", self.address),
            "server_status": {"state": 1, "timeout": 1},
        })
    }

    /// The port closes: connections are refused.
    pub fn go_down(&self) {
        let gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(gate) = gate {
            gate.close(CLOSING);
        }
    }

    /// The port opens again.
    pub fn come_up(&self) -> Result<(), GateError> {
        let mut gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        if gate.is_none() {
            *gate = Some(open(self.address, &self.shared)?);
        }
        Ok(())
    }

    /// Whether the port is open.
    pub fn is_up(&self) -> bool {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Lets something go wrong from now on.
    pub fn fault(&self, fault: Fault) {
        self.lock().faults.push(fault);
    }

    /// Nothing goes wrong any more.
    pub fn heal(&self) {
        self.lock().faults.clear();
    }

    /// How the server behaves where the real one is not known well.
    pub fn manners(&self, change: impl FnOnce(&mut Manners)) {
        change(&mut self.lock().manners);
    }

    /// A conference begins; gives the id of its run.
    pub fn begin(&self, meeting: Meeting) -> String {
        self.lock().begin(meeting)
    }

    /// The running conference with this public id ends.
    pub fn end(&self, id: &str) {
        let now = clock::now();
        self.lock().end(id, now);
    }

    /// Ends the conference with this public id and begins it anew, with the same people.
    pub fn replace(&self, id: &str) -> String {
        let now = clock::now();
        self.lock().replace(id, now)
    }

    /// So many calls that have ended stand in the log.
    pub fn past_calls(&self, count: usize) {
        let now = clock::now();
        self.lock().past(count, now);
    }

    /// Adds people with this status.
    pub fn people(&self, status: i64, count: usize) {
        self.lock().people(status, count);
    }

    /// Public ids of the conferences that run.
    pub fn running(&self) -> Vec<String> {
        self.lock().open().filter_map(|run| run.meeting.id.clone()).collect()
    }

    /// Another version is installed, with everything that is on the server.
    pub fn update(&self, version: Version) {
        self.lock().version = version;
    }

    /// Every token given so far is rejected from now on.
    pub fn revoke(&self) {
        self.lock().tokens.clear();
    }

    /// This token is accepted until [`StandIn::revoke`], as the control panel's secret key is.
    pub fn accept(&self, token: &str) {
        self.lock().tokens.insert(token.to_owned());
    }

    /// Every call received so far, in order.
    pub fn requests(&self) -> Vec<Asked> {
        self.lock().asked.clone()
    }

    /// How many calls of each path came in so far; ids in paths are `*`.
    pub fn counted(&self) -> BTreeMap<String, usize> {
        let mut counted = BTreeMap::new();
        for asked in &self.lock().asked {
            *counted.entry(asked.kind.clone()).or_default() += 1;
        }
        counted
    }

    /// Waits until `look` finds something in the calls that were answered, in the order they came in.
    ///
    /// # Panics
    ///
    /// After twenty seconds: a test waits for something that does not come.
    pub fn wait_for<T>(&self, what: &str, mut look: impl FnMut(&[Asked]) -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        let mut state = self.lock();
        loop {
            if let Some(found) = look(&state.asked) {
                return found;
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "waited for {what}; so far: {:#?}", state.asked);
            let waited = self.shared.answered.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits for `count` more answers of the status page.
    pub fn wait_for_checks(&self, count: usize) {
        let checks = |asked: &[Asked]| {
            asked.iter().filter(|one| one.path == "/vsstatus" && one.status > 0).count()
        };
        let before = checks(&self.lock().asked);
        self.wait_for("checks", |asked| (checks(asked) >= before + count).then_some(()));
    }

    /// The most requests that were answered at the same time.
    pub fn most_at_once(&self) -> usize {
        self.lock().most_at_once
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.lock()
    }
}

impl Shared {
    fn new(version: Version) -> Self {
        Self { state: Mutex::new(State::new(version)), answered: Condvar::new() }
    }

    /// A call was answered with `status`.
    pub(in crate::demo::trueconf) fn answered(&self, number: usize, status: u16) {
        self.lock().asked[number].status = status;
        self.answered.notify_all();
    }

    /// The state; it stays whole through a panic of a test that looks at it.
    pub(in crate::demo::trueconf) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn open(address: SocketAddr, shared: &Arc<Shared>) -> Result<Gate, GateError> {
    let limits = Limits { per_address: Limits::default().connections, ..Limits::default() };
    Gate::open(address, limits, Vec::new(), Arc::new(Front::new(Arc::clone(shared))))
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.go_down();
    }
}

impl fmt::Debug for StandIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StandIn").field("name", &self.name).finish_non_exhaustive()
    }
}
