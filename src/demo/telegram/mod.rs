//! A stand-in for Telegram: a Bot API server with people in it, on loopback.
//!
//! Bots talk to it over HTTP as they talk to Telegram, with the rules of the official server
//! (tdlib/telegram-bot-api); tests and the page of `roost demo` play the people. Everything is one
//! state behind one lock; whoever waits (a long poll, a test, the page) waits on one
//! condition, so nothing here sleeps.

mod answer;
mod buttons;
mod delivering;
mod denial;
mod driving;
mod fault;
mod launch;
mod markup;
mod methods;
mod page;
mod params;
mod photo;
mod polling;
mod queue;
mod site;
mod state;
mod view;

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::clock;
use crate::hidden::Hidden;
use crate::ids::{ChatId, UserId};
use crate::net::gate::{Gate, GateError};
use crate::net::limits::Limits;
use crate::thread::Handle;

pub use delivering::Delivery;
pub use denial::Denial;
pub use driving::Person;
pub use fault::{Fault, Harm};
pub(crate) use page::is_ours;
pub use state::Asked;
pub use view::{Seen, SeenButton, View};

use site::Front;
use state::State;

/// How long a test waits for what must happen; far more than any machine needs.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long answers under way may take when the stand-in stops.
const CLOSING: Duration = Duration::from_secs(2);

/// A running stand-in. Dropping it closes its port and ends every long poll.
pub struct StandIn {
    shared: Arc<Shared>,
    gate: Option<Gate>,
    deliver: Option<Handle>,
}

/// What the port, the page and the handle have in common.
pub(crate) struct Shared {
    pub(crate) token: Hidden<String>,
    state: Mutex<State>,
    changed: Condvar,
}

impl StandIn {
    /// Starts a stand-in for the bot of `token`, called `bot_username`, on a free loopback port.
    pub fn start(token: &str, bot_username: &str) -> Result<Self, GateError> {
        Self::start_at(0, token, bot_username)
    }

    /// The same on a port of your choice; 0 picks one.
    pub fn start_at(port: u16, token: &str, bot_username: &str) -> Result<Self, GateError> {
        let bot_id = token.split(':').next().and_then(|id| id.parse().ok()).unwrap_or_default();
        let shared = Arc::new(Shared {
            token: Hidden::new(token.to_owned()),
            state: Mutex::new(State::new(UserId(bot_id), bot_username)),
            changed: Condvar::new(),
        });
        let limits = Limits { per_address: Limits::default().connections, ..Limits::default() };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let front = Arc::new(Front::new(Arc::clone(&shared)));
        let gate = Gate::open(address, limits, Vec::new(), front)?;
        let deliver = delivering::start(&shared).map_err(GateError::Thread)?;
        Ok(Self { shared, gate: Some(gate), deliver: Some(deliver) })
    }

    /// `http://127.0.0.1:<port>`: the `telegram-api-url` of a bot, and the address of the page.
    pub fn base_url(&self) -> String {
        let address = self.gate.as_ref().map(Gate::address);
        format!("http://{}", address.expect("the gate is open until the drop"))
    }

    /// Somebody with a Telegram account; `language` is the IETF tag of the app.
    pub fn person(&self, id: i64, name: &str, language: &str) -> Person {
        self.shared.change(|state| state.meet(UserId(id), name, language));
        Person::new(Arc::clone(&self.shared), UserId(id))
    }

    /// Lets something go wrong from now on.
    pub fn fault(&self, fault: Fault) {
        self.shared.change(|state| state.faults.push(fault));
    }

    /// Nothing goes wrong any more.
    pub fn heal(&self) {
        self.shared.change(|state| {
            state.faults.clear();
            state.revoked = false;
        });
    }

    /// `BotFather` revokes the token: every call is 401 until [`StandIn::heal`].
    pub fn revoke(&self) {
        self.shared.change(|state| state.revoked = true);
    }

    /// `BotFather` has just made the bot and knows of neither inline mode nor a main app.
    pub fn is_newborn(&self) {
        self.shared.change(|state| state.newborn = true);
    }

    /// Sets the clock of the stand-in forward, so that updates, taps and logins grow old.
    pub fn pass(&self, time: Duration) {
        self.shared.change(|state| state.ahead += time);
    }

    /// Puts an update of any kind in the queue, such as `{"telepathy": {}}`; gives its id.
    pub fn inject(&self, update: serde_json::Value) -> i64 {
        self.shared.change(|state| state.enqueue_any(update))
    }

    /// Delivers what was delivered and confirmed last once more, with the same ids.
    pub fn deliver_again(&self) {
        self.shared.change(|state| state.queue.deliver_again());
    }

    /// The next update gets this id, as after a week of silence; it may be lower than the last.
    pub fn restart_ids_at(&self, id: i64) {
        self.shared.change(|state| state.queue.restart_at(id));
    }

    /// Every tapped button that waits for an answer is too old to get one.
    pub fn expire_taps(&self) {
        self.shared.change(State::expire_taps);
    }

    /// A group with the bot and these people in it.
    pub fn group(&self, chat: i64, title: &str, people: &[&Person]) {
        let people: Vec<UserId> = people.iter().map(|person| person.id()).collect();
        self.shared.change(|state| state.found_group(ChatId(chat), title, &people));
    }

    /// The group becomes a supergroup with a new id; the old one only points there.
    pub fn migrate(&self, old: i64, new: i64) {
        self.shared.change(|state| state.migrate(ChatId(old), ChatId(new)));
    }

    /// Waits until `look` finds what must come, and gives it.
    ///
    /// # Panics
    ///
    /// When it has not come after a minute; the message tells `what` and the calls so far.
    pub fn wait_for<T>(&self, what: &str, look: impl FnMut(&View) -> Option<T>) -> T {
        self.shared.wait_for(what, look)
    }

    /// Looks at everything so far.
    pub fn look<T>(&self, look: impl FnOnce(&View) -> T) -> T {
        look(&View::new(&self.shared.lock()))
    }

    /// Every call received so far, in order, refused ones too.
    pub fn requests(&self) -> Vec<Asked> {
        self.shared.lock().asked.clone()
    }

    /// A link that opens the mini app at `base_url` in any browser, signed in as `person`.
    pub fn launch_link(
        &self,
        person: &Person,
        base_url: &str,
        start_param: Option<&str>,
    ) -> String {
        let state = self.shared.lock();
        let url = format!("{}/mini_event/", base_url.trim_end_matches('/'));
        let account = &state.people[&person.id()];
        launch::link(account, &url, start_param, &self.shared.token, state.now())
    }

    /// What [`StandIn::launch_link`] carries: a signed initData.
    pub fn init_data(&self, person: &Person, start_param: Option<&str>) -> String {
        let state = self.shared.lock();
        launch::init_data(&state.people[&person.id()], start_param, &self.shared.token, state.now())
    }
}

impl Shared {
    /// The state; it stays whole through a panic of a test that looks at it.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and wakes everybody who waits.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        let done = change(&mut state);
        state.revision += 1;
        drop(state);
        self.changed.notify_all();
        done
    }

    /// Waits for the next change, at most for `time`.
    pub(crate) fn wait<'a>(
        &'a self,
        state: MutexGuard<'a, State>,
        time: Duration,
    ) -> MutexGuard<'a, State> {
        self.changed.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner).0
    }

    fn wait_for<T>(&self, what: &str, mut look: impl FnMut(&View) -> Option<T>) -> T {
        let end = clock::now() + PATIENCE;
        let mut state = self.lock();
        loop {
            if let Some(found) = look(&View::new(&state)) {
                return found;
            }
            let left = until(end);
            if left.is_zero() {
                let seen = View::new(&state).to_string();
                drop(state);
                panic!("waited for {what}; so far:\n{seen}");
            }
            state = self.wait(state, left);
        }
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.shared.change(|state| state.stopping = true);
        drop(self.deliver.take());
        if let Some(gate) = self.gate.take() {
            gate.close(CLOSING);
        }
    }
}

impl fmt::Debug for StandIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StandIn").finish_non_exhaustive()
    }
}

/// How long until `end`.
pub(crate) fn until(end: Timestamp) -> Duration {
    Duration::try_from(end.duration_since(clock::now())).unwrap_or_default()
}

/// The end of reading a socket that the other side closes; whatever it sends is dropped.
pub(crate) fn drain(mut stream: impl io::Read) {
    drop(io::copy(&mut stream, &mut io::sink()));
}
