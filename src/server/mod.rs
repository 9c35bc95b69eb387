//! The server: puts the parts together at start and takes them apart in order at the end.

mod backups;
pub mod certificate;
mod exposition;
mod health;
pub mod pulse;
mod receiving;
mod site;
pub mod timer;

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::apps::{Apps, Context, Roles, Running, Threads, secrets};
use crate::clock;
use crate::control::{self, Desk, Door};
use crate::hidden::Hidden;
use crate::i18n::Language;
use crate::net::drain::Drain;
use crate::net::files::Files;
use crate::net::gate::{self, Gate, GateError, Rules};
use crate::net::hub::{self, Hub};
use crate::net::limits::Limits;
use crate::net::session::Sockets;
use crate::net::tls::{Tls, TlsError};
use crate::relay::{self, Relay};
use crate::settings::{self, Settings};
use crate::store::{Effects, Store, StoreError};
use crate::telegram::Client;
use crate::telegram::asks::Asking;
use crate::telegram::contact::Contact;
use crate::telegram::intake;
use crate::telegram::sender::{self, Sender};
use crate::telegram::whisper::Whispers;
use backups::Backups;
use exposition::Exposition;
pub use health::{Health, Report};
use pulse::Pulse;
use receiving::{Parts, Receiving};
use site::Main;
use timer::Timer;

/// How long a start waits for commands of the command line that have the database.
const COMMANDS: Duration = Duration::from_secs(5);

/// A running server. Dropping it stops accepting, aborts the long poll, closes every websocket
/// with 1001 and commits what was begun; the fields are in that order.
pub struct Server {
    _backups: Option<Backups>,
    _hush: Hush,
    _door: Door,
    gate: Gate,
    metrics: Option<Gate>,
    _receiving: receiving::Receiving,
    _threads: Vec<Threads>,
    _timer: Timer,
    _relay: Relay,
    _sender: Sender,
    _asking: Asking,
    _hub: Hub,
    apps: Arc<Apps>,
    store: Closing,
}

/// At the end nobody waits any more for what is still to be said or copied.
struct Hush(Whispers, Store);

impl Drop for Hush {
    fn drop(&mut self) {
        self.0.stop();
        self.1.stop_copying();
    }
}

/// Closes the store at the end, although sessions whose clients do not answer still hold it.
struct Closing(Store);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Why the server cannot start.
#[derive(Debug)]
pub enum StartError {
    /// The database.
    Store(StoreError),
    /// The public port.
    Gate(GateError),
    /// The certificate of the public port.
    Tls(TlsError),
    /// `hostname` has no address.
    Hostname(String, io::Error),
    /// The folder of `www`.
    Www(PathBuf, io::Error),
    /// The system gives no random numbers.
    Chance(io::Error),
    /// No thread could be made.
    Thread(io::Error),
    /// The control socket.
    Control(control::Failure),
    /// The sinks.
    Relay(relay::StartError),
}

impl Server {
    /// Starts everything; `token` is the bot's.
    pub fn start(settings: &Settings, token: &Hidden<String>) -> Result<Self, StartError> {
        Self::start_on(None, settings, token)
    }

    /// The same; a listener for the public port that was handed over goes before the settings.
    pub fn start_on(
        listener: Option<TcpListener>,
        settings: &Settings,
        token: &Hidden<String>,
    ) -> Result<Self, StartError> {
        let port = match listener {
            Some(listener) => Port::Given(listener),
            None => Port::At(address(settings)?),
        };
        let files = match &settings.www {
            Some(folder) => {
                Files::folder(folder).map_err(|error| StartError::Www(folder.clone(), error))?
            }
            None => Files::embedded(),
        };
        let apps = Arc::new(Apps::all(Arc::new(context(settings))));
        let (notes, inbox) = hub::channel();
        let (bell, rung) = sender::bell();
        let (chime, heard) = timer::bell();
        let news = relay::Bell::default();
        let store = open(settings, &apps, &notes, &bell, &chime, &news)?;
        crate::telegram::bot::recover(&store, &apps).map_err(StartError::Store)?;
        let relay = relaying(settings, token, &store, &apps, &news)?;
        let per_user = settings.limits.logged_in_per_user;
        let hub = Hub::start(notes.clone(), inbox, store.clone(), Arc::clone(&apps), per_user)
            .map_err(StartError::Thread)?;
        let client = Client::new(&settings.telegram_api_url, token.clone());
        let (receiving, sending) = (contact("receiving"), contact("sending"));
        let tls = certificate::source(settings).map(Tls::open).transpose();
        let tls = tls.map_err(StartError::Tls)?.map(Arc::new);
        let parts = Parts::new(settings, token, &store, &apps, &receiving, tls.as_ref())?;
        let health =
            Health::new(store.clone(), notes.clone(), (&receiving, &sending), parts.intake.clone());
        let health = health.with_relay(relay.board().clone()).with_certificate(tls.as_ref());
        let (backups, shelf) = backing_up(settings, &store, &apps)?;
        let health = health.with_backups(shelf);
        let running = running(&store, &client, [&receiving, &sending], &notes);
        let asking = Asking::start(client.apart()).map_err(StartError::Thread)?;
        let sockets = Sockets {
            store: store.clone(),
            apps: Arc::clone(&apps),
            hub: notes,
            asks: asking.asks(),
            drain: Drain::start().map_err(StartError::Thread)?,
            token: token.clone(),
            origin: settings.public_url.as_deref().map(origin),
            messages: (settings.limits.messages_per_second, settings.limits.message_burst),
        };
        let of_health = health.clone();
        let desk = Desk {
            store: store.clone(),
            apps: Arc::clone(&apps),
            health: Box::new(move || serde_json::json!(of_health.report())),
        };
        let listen = |address| exposition(address, &apps, &store, &health, tls.as_ref());
        let metrics = settings.metrics.map(listen).transpose()?;
        let site = Main {
            apps: Arc::clone(&apps),
            store: store.clone(),
            sockets: Arc::new(sockets),
            files,
            health,
            public_url: settings.public_url.clone(),
            body: settings.limits.body as u64,
            delivery: parts.delivery,
            status: receiving::status(settings),
        };
        let limits = Limits {
            connections: settings.limits.connections,
            per_address: settings.limits.connections_per_address,
            ..Limits::default()
        };
        let rules = Rules { limits, trusted: settings.trusted_proxies.clone(), tls };
        let gate = port.open(rules, site).map_err(StartError::Gate)?;
        let (s, a) = (store.clone(), Arc::clone(&apps));
        let sender = Sender::start(client.apart(), s, a, sending, (bell, rung))
            .map_err(StartError::Thread)?;
        let (s, a) = (store.clone(), Arc::clone(&apps));
        let timer =
            Timer::start(s, a, Arc::new(clock::now), (chime, heard)).map_err(StartError::Thread)?;
        let threads = apps.run(&running).map_err(StartError::Thread)?;
        let receiving = Receiving::start(client, parts.intake, &apps, receiving, parts.way)
            .map_err(StartError::Thread)?;
        let door = Door::open(&settings.database, desk).map_err(StartError::Control)?;
        log::info!("listening on {}", gate.url());
        if settings.public_url.is_none() {
            log::warn!("`public-url` is not set: the bot works, but without mini-app buttons");
        }
        let store = Closing(store);
        Ok(Self {
            _backups: backups,
            _hush: Hush(apps.context().whispers.clone(), store.0.clone()),
            _door: door,
            gate,
            metrics,
            _receiving: receiving,
            _threads: threads,
            _timer: timer,
            _relay: relay,
            _sender: sender,
            _asking: asking,
            _hub: hub,
            apps,
            store,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.gate.address()
    }

    /// Where it listens, as a URL.
    pub fn url(&self) -> String {
        self.gate.url()
    }

    /// Looks whether it is alive.
    pub fn pulse(&self) -> Pulse {
        Pulse::new(self.store.0.clone(), self.gate.address(), self.gate.scheme())
    }

    /// Where `/metrics` is, if anywhere.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().map(Gate::address)
    }

    /// Its database.
    pub fn store(&self) -> &Store {
        &self.store.0
    }

    /// Its apps.
    pub fn apps(&self) -> &Arc<Apps> {
        &self.apps
    }
}

/// The public port before anybody listens.
enum Port {
    At(SocketAddr),
    Given(TcpListener),
}

impl Port {
    fn open(self, rules: Rules, site: Main) -> Result<Gate, GateError> {
        let listener = match self {
            Self::At(address) => gate::listen(address)?,
            Self::Given(listener) => listener,
        };
        Gate::on(listener, rules, Arc::new(site))
    }
}

/// What the apps are given.
pub fn context(settings: &Settings) -> Context {
    let zone = settings.timezone.clone();
    Context {
        roles: Roles {
            admins: settings.admins.iter().copied().collect(),
            banned: settings.banned.iter().copied().collect(),
        },
        language: Language::of_tag(&settings.language).unwrap_or_default(),
        timezone_name: zone.iana_name().unwrap_or("UTC").to_owned(),
        timezone: zone,
        public_url: settings.public_url.clone(),
        short_name: settings.events.short_name.clone(),
        media_limit: settings.events.media_limit,
        reminders: settings.events.reminders.clone(),
        secrets: secret_rules(&settings.secrets),
        whispers: Whispers::default(),
        servers: settings.servers.clone(),
        bot: OnceLock::new(),
    }
}

fn secret_rules(settings: &settings::Secrets) -> secrets::Rules {
    let limits = secrets::Limits {
        max_length: settings.max_length,
        per_user: settings.per_user,
        max_ttl: settings.max_ttl,
    };
    let who = match &settings.who {
        settings::Who::Everyone => secrets::Makers::Everyone,
        settings::Who::Admins => secrets::Makers::Admins,
        settings::Who::Users(list) => secrets::Makers::Users(list.clone()),
    };
    let settings::Secrets { ttl, web_reveal, reveal_timer, .. } = *settings;
    secrets::Rules { ttl, limits, who, web_reveal, reveal_timer }
}

fn open(
    settings: &Settings,
    apps: &Arc<Apps>,
    notes: &hub::HubNotes,
    bell: &sender::Bell,
    chime: &timer::Bell,
    news: &relay::Bell,
) -> Result<Store, StartError> {
    let on_commit = || {
        let (notes, bell, chime, news) = (notes.clone(), bell.clone(), chime.clone(), news.clone());
        Box::new(move |effects: crate::store::Effects| {
            let Effects { outbox, due, log, .. } = effects;
            // The hub first: who opens a page after reading an answer finds what it says.
            notes.committed(effects);
            if outbox {
                bell.ring();
            }
            if due {
                chime.ring();
            }
            if log {
                news.ring();
            }
        })
    };
    let database = &settings.database;
    control::patiently(database, COMMANDS, || {
        Store::open(database, |tx| apps.prepare(tx), on_commit())
    })
    .map_err(StartError::Store)
}

/// The sinks of the settings, which may be none.
fn relaying(
    settings: &Settings,
    token: &Hidden<String>,
    store: &Store,
    apps: &Arc<Apps>,
    news: &relay::Bell,
) -> Result<Relay, StartError> {
    let of_apps = Arc::clone(apps);
    let plan = relay::Plan {
        sinks: settings.sinks.clone(),
        keep: receiving::keep(settings),
        alarm: intake::alarm(apps),
        bot: token.reveal().split(':').next().unwrap_or_default().to_owned(),
        username: Arc::new(move || of_apps.context().bot.get().cloned()),
    };
    let relay = Relay::start(&plan, store, news).map_err(StartError::Relay)?;
    apps.house().show_relay(relay.board().clone());
    Ok(relay)
}

/// Backups by the clock, which may be none, and how they stand.
fn backing_up(
    settings: &Settings,
    store: &Store,
    apps: &Arc<Apps>,
) -> Result<(Option<Backups>, Option<backups::Shelf>), StartError> {
    let start = |backups| Backups::start(backups, store, apps);
    let started = settings.backups.as_ref().map(start).transpose();
    Ok(started.map_err(StartError::Thread)?.unzip())
}

/// The metrics listener, with few connections: Prometheus needs one.
fn exposition(
    address: SocketAddr,
    apps: &Arc<Apps>,
    store: &Store,
    health: &Health,
    tls: Option<&Arc<Tls>>,
) -> Result<Gate, StartError> {
    let (apps, store, health) = (Arc::clone(apps), store.clone(), health.clone());
    let (tls, started) = (tls.cloned(), clock::now().as_second());
    let site = Exposition { apps, store, health, tls, started };
    let limits = Limits { connections: 16, per_address: 16, ..Limits::default() };
    let gate = Gate::open(address, limits, Vec::new(), Arc::new(site)).map_err(StartError::Gate)?;
    log::info!("metrics on {}/metrics", gate.url());
    Ok(gate)
}

/// What the threads of apps may use.
fn running(
    store: &Store,
    client: &Client,
    contacts: [&Arc<Contact>; 2],
    notes: &hub::HubNotes,
) -> Running {
    let notes = notes.clone();
    let show = move |subject| {
        let mut effects = Effects::default();
        effects.changed.push(subject);
        notes.committed(effects);
    };
    Running {
        store: store.clone(),
        telegram: client.apart(),
        contacts: contacts.map(Arc::clone),
        show: Arc::new(show),
    }
}

fn contact(name: &'static str) -> Arc<Contact> {
    Arc::new(Contact::new(name))
}

/// The first address of `hostname`, an IPv4 one if there is any: that is where tunnels connect to.
fn address(settings: &Settings) -> Result<SocketAddr, StartError> {
    let failed = |error| StartError::Hostname(settings.hostname.clone(), error);
    let found = (settings.hostname.as_str(), settings.port).to_socket_addrs().map_err(failed)?;
    let mut found: Vec<SocketAddr> = found.collect();
    found.sort_by_key(SocketAddr::is_ipv6);
    found.first().copied().ok_or_else(|| failed(io::ErrorKind::NotFound.into()))
}

/// `scheme://host[:port]` of a URL, as browsers send it in `Origin`.
fn origin(url: &str) -> String {
    let end = url.find("://").map_or(0, |scheme| scheme + 3);
    let host = url[end..].split('/').next().unwrap_or_default();
    format!("{}{host}", &url[..end])
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Gate(error) => error.fmt(f),
            Self::Tls(error) => write!(f, "`tls`: {error}"),
            Self::Hostname(name, error) => {
                write!(f, "`hostname`: `{name}` has no address: {error}; use an IP address")
            }
            Self::Www(folder, error) => write!(f, "`www`: `{}`: {error}", folder.display()),
            Self::Chance(error) => write!(f, "no random numbers: {error}"),
            Self::Thread(error) => write!(f, "cannot start a thread: {error}"),
            Self::Control(failure) => failure.fmt(f),
            Self::Relay(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for StartError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_is_the_url_without_its_path() {
        for (url, expected) in [
            ("https://bot.example.org", "https://bot.example.org"),
            ("https://bot.example.org/roost/", "https://bot.example.org"),
            ("http://127.0.0.1:2536", "http://127.0.0.1:2536"),
        ] {
            assert_eq!(origin(url), expected);
        }
    }
}
