//! The hub: one thread that knows who is connected and alone writes the apps' frames.
//!
//! Because snapshots, answers and broadcasts all leave from this thread, each from the newest
//! committed state, nobody ever sees an older state after a newer one.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::frame::{self, Frame};
use super::outlet::{Outlet, Reason};
use super::room::{Member, Room};
use crate::apps::Apps;
use crate::i18n::{Language, Sentences};
use crate::ids::UserId;
use crate::store::{Effects, Snapshot, Store, StoreError, Subject};
use crate::thread::{self, Handle};

/// Notes that may wait; sessions and the writer are blocked beyond it while a broadcast runs.
const INBOX: usize = 4096;

/// Close code "going away" (RFC 6455 §7.4.1).
const GOING_AWAY: u16 = 1001;

/// Close code "normal".
const NORMAL: u16 = 1000;

/// One logged-in websocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(u64);

/// A login that was verified and asks to be let in.
pub struct Join {
    /// The new session.
    pub session: SessionId,
    /// Who it is.
    pub user: UserId,
    /// The app it logged in to.
    pub app: &'static str,
    /// `start_param` of the launch.
    pub start_param: Option<String>,
    /// Where its frames go.
    pub outlet: Arc<Outlet>,
}

/// Whether somebody is let in, and the `reason` of `disconnect` if not.
type Verdict = Result<(), &'static str>;

/// What the action of somebody who is answered did to the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// It is another one now.
    Changed,
    /// It stayed as it was.
    ChangedNothing,
}

enum Note {
    Join(Box<Join>, SyncSender<Verdict>),
    Leave(SessionId),
    Answer(SessionId, Subject, Act),
    Direct(SessionId, Frame),
    Close(SessionId, u16),
    Effects(Effects),
    Stop,
}

/// Tells the hub what happened. Cheap to clone.
#[derive(Clone)]
pub struct HubNotes {
    notes: SyncSender<Note>,
    next: Arc<AtomicU64>,
    connected: Arc<AtomicUsize>,
}

/// The receiving end, until [`Hub::start`] takes it.
pub struct HubInbox(Receiver<Note>, Arc<AtomicUsize>);

/// The two ends of the hub's inbox; made before the store, whose commits it hears of.
pub fn channel() -> (HubNotes, HubInbox) {
    let (notes, inbox) = sync_channel(INBOX);
    let connected = Arc::new(AtomicUsize::new(0));
    let next = Arc::new(AtomicU64::new(1));
    (HubNotes { notes, next, connected: Arc::clone(&connected) }, HubInbox(inbox, connected))
}

impl HubNotes {
    /// A fresh id.
    pub fn session(&self) -> SessionId {
        SessionId(self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Lets a session in: it gets `welcome`, the snapshot and everything that follows.
    ///
    /// Waits for the verdict, so that nothing is done for somebody who is not let in; the error is
    /// the reason, which the client has not been told.
    pub fn join(&self, join: Join) -> Result<(), &'static str> {
        let (verdict, heard) = sync_channel(1);
        self.post(Note::Join(Box::new(join), verdict));
        heard.recv().unwrap_or(Err("busy"))
    }

    /// The session's socket is closed.
    pub fn leave(&self, session: SessionId) {
        self.post(Note::Leave(session));
    }

    /// Sends the newest frame of `subject` to whoever acted.
    pub fn answer(&self, session: SessionId, subject: Subject, act: Act) {
        self.post(Note::Answer(session, subject, act));
    }

    /// Sends a frame for this session alone, behind what it was sent before.
    pub fn direct(&self, session: SessionId, message: &Value) {
        self.post(Note::Direct(session, frame::text(&message.to_string())));
    }

    /// Closes the session with `code`, behind what it was sent before.
    pub fn close(&self, session: SessionId, code: u16) {
        self.post(Note::Close(session, code));
    }

    /// What a commit changed.
    pub fn committed(&self, effects: Effects) {
        self.post(Note::Effects(effects));
    }

    /// How many sessions are logged in.
    pub fn connected(&self) -> usize {
        self.connected.load(Ordering::Relaxed)
    }

    fn post(&self, note: Note) {
        // Without a hub the server is stopping, and nobody is left to be told.
        drop(self.notes.send(note));
    }
}

/// Owns the hub thread; dropping it closes every session with 1001.
pub struct Hub {
    notes: HubNotes,
    _thread: Handle,
}

impl Hub {
    /// Starts the thread.
    pub fn start(
        notes: HubNotes,
        inbox: HubInbox,
        store: Store,
        apps: Arc<Apps>,
        per_user: usize,
    ) -> std::io::Result<Self> {
        let rooms = apps.iter().map(|app| Room::new(app.name())).collect();
        let HubInbox(inbox, connected) = inbox;
        let state = State {
            store,
            apps,
            rooms,
            places: HashMap::new(),
            per_user,
            open: HashMap::new(),
            connected,
        };
        Ok(Self { notes, _thread: thread::spawn("hub", move || state.work(&inbox))? })
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.notes.post(Note::Stop);
    }
}

struct State {
    store: Store,
    apps: Arc<Apps>,
    rooms: Vec<Room>,
    /// In which room a session sits.
    places: HashMap<SessionId, usize>,
    per_user: usize,
    /// Open sessions of each user.
    open: HashMap<UserId, usize>,
    connected: Arc<AtomicUsize>,
}

impl State {
    fn work(mut self, inbox: &Receiver<Note>) {
        loop {
            let note = match self.rest() {
                Some(rest) => inbox.recv_timeout(rest),
                None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match note {
                Ok(Note::Stop) | Err(RecvTimeoutError::Disconnected) => break,
                Ok(note) => {
                    if let Err(error) = self.take(note) {
                        log::error!("cannot read what pages show: {error}");
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.broadcast();
            self.connected.store(self.places.len(), Ordering::Relaxed);
        }
        for member in self.rooms.iter().flat_map(Room::members) {
            member.outlet.close(GOING_AWAY);
        }
    }

    /// How long nothing is due; `None` for ever.
    fn rest(&self) -> Option<Duration> {
        let due = self.rooms.iter().filter_map(Room::due).min()?;
        Some(due.saturating_duration_since(Instant::now()))
    }

    fn take(&mut self, note: Note) -> Result<(), StoreError> {
        match note {
            Note::Join(join, verdict) => {
                let result = self.join(*join);
                // The session waits for it.
                let _ = verdict.send(*result.as_ref().unwrap_or(&Err("busy")));
                result.map(drop)?;
            }
            Note::Leave(session) => self.leave(session),
            Note::Answer(session, subject, act) => self.answer(session, subject, act)?,
            Note::Direct(session, frame) => {
                if let Some(member) = self.member(session) {
                    member.outlet.send(&frame, Reason::Asked);
                }
            }
            Note::Close(session, code) => {
                if let Some(member) = self.member(session) {
                    member.outlet.close(code);
                }
            }
            Note::Effects(effects) => self.effects(&effects)?,
            Note::Stop => {}
        }
        Ok(())
    }

    fn join(&mut self, join: Join) -> Result<Verdict, StoreError> {
        let read = self.store.snapshot()?;
        let Some(index) = self.rooms.iter().position(|room| room.app() == join.app) else {
            return Ok(Err("invalid"));
        };
        let Some(welcome) = self.welcome(&read, join.user)? else { return Ok(Err("banned")) };
        if self.open.get(&join.user).is_some_and(|open| *open >= self.per_user) {
            return Ok(Err("too-many"));
        }
        let app = self.apps.find(join.app).expect("rooms are made of apps");
        let mut frames = vec![welcome];
        frames.extend(self.rooms[index].snapshot(app, &read, join.user)?);
        let loaded = app.loaded(join.start_param.as_deref());
        frames.extend(loaded.map(|loaded| frame::text(&loaded.to_string())));
        join.outlet.send_all(&frames, Reason::Snapshot);
        *self.open.entry(join.user).or_default() += 1;
        self.rooms[index].enter(Member {
            session: join.session,
            user: join.user,
            outlet: join.outlet,
        });
        self.places.insert(join.session, index);
        Ok(Ok(()))
    }

    fn leave(&mut self, session: SessionId) {
        let Some(index) = self.places.remove(&session) else { return };
        let Some(member) = self.rooms[index].exit(session) else { return };
        if let Some(open) = self.open.get_mut(&member.user) {
            *open -= 1;
            if *open == 0 {
                self.open.remove(&member.user);
            }
        }
    }

    fn answer(&mut self, session: SessionId, subject: Subject, act: Act) -> Result<(), StoreError> {
        let read = self.store.snapshot()?;
        let Some(app) = self.apps.find(subject.app) else { return Ok(()) };
        let Some(place) = self.places.get(&session) else { return Ok(()) };
        let Some(member) = self.rooms[*place].member(session) else { return Ok(()) };
        let (user, outlet) = (member.user, Arc::clone(&member.outlet));
        let Some(room) = self.rooms.iter_mut().find(|room| room.app() == subject.app) else {
            return Ok(());
        };
        if let Some(frame) = room.answer(app, &read, subject.id, (session, user), act)? {
            outlet.send(&frame, Reason::Asked);
        }
        Ok(())
    }

    fn effects(&mut self, effects: &Effects) -> Result<(), StoreError> {
        let now = Instant::now();
        for subject in &effects.changed {
            if let Some(room) = self.rooms.iter_mut().find(|room| room.app() == subject.app) {
                room.changed(subject.id, now);
            }
        }
        if effects.people.is_empty() {
            return Ok(());
        }
        self.rooms.iter_mut().for_each(|room| room.rights_changed(now));
        let read = self.store.snapshot()?;
        for user in &effects.people {
            self.welcome_again(&read, *user)?;
        }
        Ok(())
    }

    /// Tells the open pages of `user` their new rights, or closes them.
    fn welcome_again(&self, read: &Snapshot, user: UserId) -> Result<(), StoreError> {
        let welcome = self.welcome(read, user)?;
        let members = self.rooms.iter().flat_map(Room::members).filter(|m| m.user == user);
        for member in members {
            match &welcome {
                Some(welcome) => {
                    member.outlet.send(welcome, Reason::Asked);
                }
                None => refuse(&member.outlet, self.apps.context().language, "banned"),
            }
        }
        Ok(())
    }

    fn welcome(&self, read: &Snapshot, user: UserId) -> Result<Option<Frame>, StoreError> {
        let person = self.apps.person(read, user)?;
        Ok(person.map(|person| frame::text(&self.apps.welcome(&person).to_string())))
    }

    fn member(&self, session: SessionId) -> Option<&Member> {
        self.rooms[*self.places.get(&session)?].member(session)
    }

    /// Sends what is due in every room.
    fn broadcast(&mut self) {
        let now = Instant::now();
        if self.rooms.iter().all(|room| room.due().is_none_or(|due| due > now)) {
            return;
        }
        let sent = self.store.snapshot().and_then(|read| {
            self.rooms.iter_mut().try_for_each(|room| {
                let app = self.apps.find(room.app()).expect("rooms are made of apps");
                room.broadcast(app, &read, now)
            })
        });
        if let Err(error) = sent {
            log::error!("cannot read what pages show: {error}");
            self.rooms.iter_mut().for_each(|room| room.postpone(now));
        }
    }
}

/// Says why somebody is not let in, and closes.
pub(super) fn refuse(outlet: &Arc<Outlet>, language: Language, reason: &str) {
    let message = json!({
        "type": "disconnect",
        "reason": reason,
        "msg": refusal(language.sentences(), reason),
    });
    outlet.send(&frame::text(&message.to_string()), Reason::Asked);
    outlet.close(NORMAL);
}

fn refusal(sentences: &Sentences, reason: &str) -> &'static str {
    match reason {
        "banned" => sentences.login_banned,
        "too-many" => sentences.login_too_many,
        "expired" => sentences.login_expired,
        "busy" => sentences.busy,
        _ => sentences.login_invalid,
    }
}
