//! One websocket: handshake and login on the connection's thread, everything after on a smaller one.

use std::io::{ErrorKind, Read};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use tungstenite::protocol::{Role, WebSocketConfig};
use tungstenite::{Error, Message, WebSocket};

use super::bucket::Bucket;
use super::drain::Drain;
use super::frame;
use super::hub::{self, Act, HubNotes, Join, SessionId};
use super::outlet::{Outlet, Reason};
use super::pipe::Pipe;
use super::{Guest, Permit};
use crate::apps::{Apps, Asked, Failure, Outcome, Refused, Reply};
use crate::hidden::Hidden;
use crate::i18n::Language;
use crate::ids::UserId;
use crate::store::{Store, StoreError, Subject, users};
use crate::telegram::asks::Asks;
use crate::telegram::{Outgoing, init_data};
use crate::{clock, thread};

/// The app of connections that name none: the oldest protocol had one only.
const OLDEST_APP: &str = "mini_event";

/// A login must be complete within this time.
const LOGIN_TIME: Duration = Duration::from_secs(10);

/// The longest message before login; initData are at most this long.
const LOGIN_BYTES: usize = 8 * 1024 + 512;

/// The longest message after login; an image of 512 KiB in base64 fits.
const MESSAGE_BYTES: usize = 1024 * 1024;

/// tungstenite's read buffer; its default would cost 128 KiB for each client.
const READ_BUFFER: usize = 2 * 1024;

/// A client that is silent this long is pinged.
const PING_AFTER: Duration = Duration::from_secs(30);

/// A client that is silent this long is gone.
const SILENCE: Duration = Duration::from_secs(75);

/// The stack of a session. Only the pages it touches count, and parsing JSON 128 levels deep
/// touches most of them.
const STACK: usize = 256 * 1024;

/// Messages over the limit that are answered with an error before the client is closed.
const PATIENCE: u32 = 60;

/// How long what a leaving client still sends is read and thrown away.
const GOODBYE: Duration = Duration::from_secs(2);

/// Close code "protocol error" (RFC 6455 §7.4.1, as all here).
const AGAINST_PROTOCOL: u16 = 1002;

/// Close code "invalid frame payload data".
const NOT_TEXT: u16 = 1007;

/// Close code "policy violation".
const POLICY: u16 = 1008;

/// Close code "message too big".
const TOO_BIG: u16 = 1009;

/// Close code "try again later".
const TRY_LATER: u16 = 1013;

/// What every websocket needs.
pub struct Sockets {
    /// The database.
    pub store: Store,
    /// The apps.
    pub apps: Arc<Apps>,
    /// The hub.
    pub hub: HubNotes,
    /// Asks Telegram what a page waits for.
    pub asks: Asks,
    /// The drain thread.
    pub drain: Drain,
    /// Signs initData.
    pub token: Hidden<String>,
    /// `scheme://host` of `public-url`.
    pub origin: Option<String>,
    /// Messages a second a client may send, and its burst.
    pub messages: (u32, u32),
}

/// A websocket and what it is allowed.
struct Session {
    socket: WebSocket<Pipe>,
    sockets: Arc<Sockets>,
    bucket: Bucket,
    scolded: u32,
    _permit: Permit,
}

/// Who is on the other side.
struct LoggedIn {
    id: SessionId,
    user: UserId,
    app: &'static str,
}

/// How a session goes on.
enum Next {
    Read,
    Login(LoggedIn),
    End,
}

/// How a client keeps to its rate.
enum Pace {
    Kept,
    TooFast,
    Hopeless,
}

/// Runs one websocket until login on this thread, and then on one of its own.
pub(super) fn begin(guest: Guest, sockets: Arc<Sockets>) {
    let (stream, permit) = guest.into_parts();
    let Ok(outlet) = Outlet::new(stream, sockets.drain.clone()) else { return };
    outlet.send(&frame::text(r#"{"type":"connect"}"#), Reason::Asked);
    let (per_second, burst) = sockets.messages;
    let now = Instant::now();
    let pipe = Pipe::new(outlet, now + LOGIN_TIME);
    // In a box, so that the session's own thread holds a pointer and not copies of it on its stack.
    let mut session = Box::new(Session {
        socket: WebSocket::from_raw_socket(pipe, Role::Server, Some(config(LOGIN_BYTES))),
        bucket: Bucket::new(per_second, burst, now),
        sockets,
        scolded: 0,
        _permit: permit,
    });
    let Some(login) = session.until_login() else { return };
    let outlet = Arc::clone(session.socket.get_ref().outlet());
    let (hub, id) = (session.sockets.hub.clone(), login.id);
    session.socket.set_config(|current| *current = config(MESSAGE_BYTES));
    let spawned = thread::detach("session", STACK, move || {
        session.until_closed(&login);
        session.sockets.hub.leave(login.id);
    });
    if let Err(error) = spawned {
        log::warn!("no thread for a websocket: {error}");
        outlet.close(TRY_LATER);
        hub.leave(id);
    }
}

/// How a session reads: nothing longer than `message` bytes, and little memory for each client.
pub fn config(message: usize) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(usize::MAX)
        .max_message_size(Some(message))
        .max_frame_size(Some(message))
}

impl Session {
    fn until_login(&mut self) -> Option<LoggedIn> {
        loop {
            let next = match self.socket.read() {
                Ok(message) => self.before_login(&message),
                Err(error) => {
                    self.failed(&error);
                    return None;
                }
            };
            match next {
                Next::Read => {}
                Next::Login(login) => return Some(login),
                Next::End => {
                    self.say_goodbye();
                    return None;
                }
            }
        }
    }

    fn until_closed(&mut self, login: &LoggedIn) {
        let mut ping = Instant::now() + PING_AFTER;
        loop {
            let heard = self.socket.get_ref().heard();
            self.socket.get_mut().set_deadline(ping.min(heard + SILENCE));
            match self.socket.read() {
                // Told to leave, or dropped: what it says now counts no more.
                Ok(_) if !self.outlet().is_open() => return self.say_goodbye(),
                Ok(message) => {
                    if matches!(self.after_login(login, &message), Next::End) {
                        return self.say_goodbye();
                    }
                }
                Err(Error::Io(error)) if is_timeout(&error) => {
                    let now = Instant::now();
                    if now >= self.socket.get_ref().heard() + SILENCE {
                        return self.outlet().abort();
                    }
                    if now >= ping {
                        ping = now + PING_AFTER;
                        if self.socket.send(Message::Ping(Vec::new().into())).is_err() {
                            return;
                        }
                    }
                }
                Err(error) => return self.failed(&error),
            }
        }
    }

    fn outlet(&self) -> &Arc<Outlet> {
        self.socket.get_ref().outlet()
    }

    /// The read failed: tells the client why where the protocol has a word for it.
    fn failed(&mut self, error: &Error) {
        match error {
            Error::Capacity(_) => self.outlet().close(TOO_BIG),
            Error::Utf8(_) => self.outlet().close(NOT_TEXT),
            Error::Protocol(_) => self.outlet().close(AGAINST_PROTOCOL),
            Error::Io(error) if is_timeout(error) => self.outlet().close(POLICY),
            // tungstenite has answered the client's close frame; nothing more is to be said.
            Error::ConnectionClosed => return self.outlet().finish(),
            _ => return self.outlet().abort(),
        }
        self.say_goodbye();
    }

    /// Reads what is left for a moment, whatever it is: closing a socket with unread bytes resets
    /// it, and the reset overtakes the close frame.
    fn say_goodbye(&mut self) {
        let pipe = self.socket.get_mut();
        pipe.set_deadline(Instant::now() + GOODBYE);
        let mut rest = [0; 4096];
        while pipe.read(&mut rest).is_ok_and(|count| count > 0) {}
    }

    /// Whether the client keeps to its rate.
    fn pace(&mut self) -> Pace {
        if self.bucket.take(Instant::now()) {
            self.scolded = 0;
            return Pace::Kept;
        }
        self.scolded += 1;
        if self.scolded <= PATIENCE { Pace::TooFast } else { Pace::Hopeless }
    }

    fn before_login(&mut self, message: &Message) -> Next {
        let language = self.sockets.apps.context().language;
        let say = language.sentences();
        if let Message::Ping(_) | Message::Pong(_) | Message::Close(_) = message {
            return Next::Read;
        }
        match self.pace() {
            Pace::Kept => {}
            Pace::TooFast => {
                self.tell(&Refused::new("too-fast", say.too_fast));
                return Next::Read;
            }
            Pace::Hopeless => {
                self.outlet().close(POLICY);
                return Next::End;
            }
        }
        let Some(members) = object(message) else {
            self.tell(&Refused::new("invalid-data", say.invalid_message));
            return Next::Read;
        };
        let Some(app) = self.app_named(&members, OLDEST_APP) else {
            self.tell(&Refused::new("unknown-app", say.unknown_app));
            return Next::Read;
        };
        if members.get("type").and_then(Value::as_str) != Some("login") {
            self.tell(&Refused::new("login-required", say.login_required));
            return Next::Read;
        }
        let data = members.get("data").and_then(Value::as_str).unwrap_or_default();
        match self.login(data, app) {
            Ok(login) => Next::Login(login),
            Err((reason, language)) => {
                hub::refuse(self.outlet(), language, reason);
                Next::End
            }
        }
    }

    /// The person, let in; or the reason why not, and the language to say it in.
    fn login(&self, data: &str, app: &'static str) -> Result<LoggedIn, (&'static str, Language)> {
        let default = self.sockets.apps.context().language;
        let verified = init_data::verify(data, &self.sockets.token, clock::now());
        let login = verified.map_err(|rejected| {
            log::debug!("login refused: {rejected}");
            let is_stale = rejected == init_data::Rejected::Stale;
            (if is_stale { "expired" } else { "invalid" }, default)
        })?;
        let language = crate::apps::language_of(login.user.language_code.as_deref(), default);
        let user = remember(&self.sockets.store, &login).map_err(|error| {
            log::error!("login not possible: {error}");
            ("busy", language)
        })?;
        let id = self.sockets.hub.session();
        let joined = self.sockets.hub.join(Join {
            session: id,
            user,
            app,
            start_param: login.start_param,
            outlet: Arc::clone(self.outlet()),
        });
        joined.map_err(|reason| (reason, language))?;
        Ok(LoggedIn { id, user, app })
    }

    /// Never inlined: an idle session would keep room on its stack for what a message needs.
    #[inline(never)]
    fn after_login(&mut self, login: &LoggedIn, message: &Message) -> Next {
        if let Message::Ping(_) | Message::Pong(_) | Message::Close(_) = message {
            return Next::Read;
        }
        let language = self.language(login.user);
        let say = language.sentences();
        match self.pace() {
            Pace::Kept => {}
            Pace::TooFast => {
                self.refuse(login, &Refused::new("too-fast", say.too_fast));
                return Next::Read;
            }
            Pace::Hopeless => {
                self.sockets.hub.close(login.id, POLICY);
                return Next::End;
            }
        }
        let Some(mut members) = object(message) else {
            self.refuse(login, &Refused::new("invalid-data", say.invalid_message));
            return Next::Read;
        };
        // A missing app means the one that was logged in to only where the protocol was like that.
        let default = if login.app == OLDEST_APP { OLDEST_APP } else { "" };
        let Some(app) = self.app_named(&members, default) else {
            self.refuse(login, &Refused::new("unknown-app", say.unknown_app));
            return Next::Read;
        };
        members.shift_remove("app");
        self.act(login, app, Value::Object(members), language);
        Next::Read
    }

    fn act(&self, login: &LoggedIn, app: &'static str, message: Value, language: Language) {
        let (apps, user) = (Arc::clone(&self.sockets.apps), login.user);
        let result = self.sockets.store.write(move |tx| -> Result<Outcome, Failure> {
            let say = language.sentences();
            let person = apps.person(tx, user)?;
            let by = person.ok_or_else(|| Refused::new("login-required", say.login_banned))?;
            let asked = Asked { by, at: clock::now() };
            apps.find(app).map_or(Ok(Vec::new()), |app| app.message(tx, &asked, &message))
        });
        let hub = &self.sockets.hub;
        match result {
            Ok(outcome) => outcome.into_iter().for_each(|reply| match reply {
                Reply::Subject(id) => hub.answer(login.id, Subject { app, id }, Act::Changed),
                Reply::Unchanged(id) => {
                    hub.answer(login.id, Subject { app, id }, Act::ChangedNothing);
                }
                Reply::Frame(frame) => hub.direct(login.id, &frame),
                Reply::Prepared(subject, call) => self.prepare(login.id, subject, *call),
            }),
            Err(Failure::Refused(refused)) => self.refuse(login, &refused),
            Err(Failure::Store(error)) => self.refuse(login, &store_failed(&error, language)),
        }
    }

    /// The answer comes to this session when Telegram has given it; others do not wait for it.
    fn prepare(&self, session: SessionId, subject: u64, call: Outgoing) {
        let hub = self.sockets.hub.clone();
        let told = move |prepared: Option<&Value>| {
            let id = prepared.and_then(|prepared| prepared["id"].as_str());
            hub.direct(session, &json!({"type": "prepared", "event": subject, "id": id}));
        };
        self.sockets.asks.ask(call, Box::new(told));
    }

    fn app_named(&self, members: &Map<String, Value>, default: &str) -> Option<&'static str> {
        let name = match members.get("app") {
            Some(name) => name.as_str()?,
            None => default,
        };
        self.sockets.apps.find(name).map(crate::apps::App::name)
    }

    fn language(&self, user: UserId) -> Language {
        let default = self.sockets.apps.context().language;
        let person =
            self.sockets.store.snapshot().and_then(|read| self.sockets.apps.person(&read, user));
        person.ok().flatten().map_or(default, |person| person.language)
    }

    /// An error before login, when nobody else writes to this client.
    fn tell(&self, refused: &Refused) {
        self.outlet().send(&frame::text(&refused.frame().to_string()), Reason::Asked);
    }

    /// An error after login, behind everything the hub has sent.
    fn refuse(&self, login: &LoggedIn, refused: &Refused) {
        log::debug!("refused {}: {}", login.user, refused.code);
        self.sockets.hub.direct(login.id, &refused.frame());
    }
}

/// Keeps the person's name and language; written only when they are new.
fn remember(store: &Store, login: &init_data::Login) -> Result<UserId, StoreError> {
    let id = login.user.id;
    let (name, language) = (login.user.name(), login.user.language_code.clone());
    let reachable = login.user.allows_write_to_pm;
    let update = move |user: &mut users::User| {
        user.name.clone_from(&name);
        user.language.clone_from(&language);
        user.reachable |= reachable;
    };
    let known = users::find(&store.snapshot()?, id)?;
    let mut wanted = known.clone().unwrap_or_else(|| users::User::unknown(id));
    update(&mut wanted);
    if known.as_ref() != Some(&wanted) {
        store.write(move |tx| {
            let mut user = users::find_or_unknown(tx, id)?;
            update(&mut user);
            users::save(tx, &user)
        })?;
    }
    Ok(id)
}

fn store_failed(error: &StoreError, language: Language) -> Refused {
    log::error!("a change was not kept: {error}");
    match error {
        StoreError::Stopped => Refused::new("busy", language.sentences().busy),
        _ => Refused::new("internal", language.sentences().internal),
    }
}

/// The members of a JSON object in a text frame.
fn object(message: &Message) -> Option<Map<String, Value>> {
    match message {
        Message::Text(text) => serde_json::from_str(text).ok(),
        _ => None,
    }
}

fn is_timeout(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
