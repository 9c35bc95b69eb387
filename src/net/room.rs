//! One app's room in the hub: its members, the encoded frames of what they see, and what changed.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::fan_out;
use super::frame::{self, Frame};
use super::hub::{Act, SessionId};
use super::outlet::Outlet;
use crate::apps::{App, Others, View};
use crate::clock;
use crate::ids::UserId;
use crate::store::{Snapshot, StoreError};

/// Changes to one subject within this time go out as one frame with the last state.
const WINDOW: Duration = Duration::from_millis(50);

/// When a read failed, the next try.
const AGAIN: Duration = Duration::from_secs(1);

/// One logged-in session.
pub(super) struct Member {
    pub(super) session: SessionId,
    pub(super) user: UserId,
    pub(super) outlet: Arc<Outlet>,
}

pub(super) struct Room {
    app: &'static str,
    members: Vec<Member>,
    seats: HashMap<SessionId, usize>,
    /// What is shown, once somebody has looked.
    shown: Option<BTreeMap<u64, Shown>>,
    /// The ids of `shown` in the order of a snapshot, once needed.
    order: Option<Vec<u64>>,
    pending: BTreeMap<u64, Pending>,
    revision: u64,
}

/// One subject, encoded.
struct Shown {
    order: String,
    variants: Vec<Frame>,
    special: Vec<(UserId, u8)>,
    others: Others,
    /// Who saw it before and does not any more, ordered, until they are told; and what they are told.
    lost: Vec<UserId>,
    farewell: Option<Frame>,
    until: Option<Instant>,
    /// Grows with every look at the store.
    revision: u64,
    stale: bool,
    /// Everybody who was there has been sent this revision.
    broadcast: bool,
    gone: bool,
}

/// A change that was not broadcast yet, and who has seen it already.
struct Pending {
    due: Instant,
    answered: Vec<(SessionId, u64)>,
}

impl Shown {
    /// What `user` sees of it; nothing if it is not for them.
    fn frame_for(&self, user: UserId) -> Option<&Frame> {
        match self.special.binary_search_by_key(&user, |(special, _)| *special) {
            Ok(found) => self.variants.get(usize::from(self.special[found].1)),
            Err(_) if self.others == Others::Nothing => None,
            Err(_) => self.variants.first(),
        }
    }

    /// What `user` is sent when it changed: also that it is gone, once it is not for them any more.
    fn news_for(&self, user: UserId) -> Option<&Frame> {
        let frame = self.frame_for(user);
        frame.or_else(|| self.farewell.as_ref().filter(|_| self.lost.binary_search(&user).is_ok()))
    }

    /// Who saw the subject until now and sees it no more in `self`.
    fn lost_since(&self, before: &Self) -> Vec<UserId> {
        if before.others != Others::Nothing {
            return Vec::new();
        }
        let untold = if before.broadcast { &[][..] } else { &before.lost };
        let saw = before.special.iter().map(|(user, _)| user).chain(untold);
        let mut lost: Vec<UserId> =
            saw.copied().filter(|user| self.frame_for(*user).is_none()).collect();
        lost.sort_unstable();
        lost.dedup();
        lost
    }
}

impl Room {
    pub(super) fn new(app: &'static str) -> Self {
        Self {
            app,
            members: Vec::new(),
            seats: HashMap::new(),
            shown: None,
            order: None,
            pending: BTreeMap::new(),
            revision: 0,
        }
    }

    pub(super) fn app(&self) -> &'static str {
        self.app
    }

    pub(super) fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.iter()
    }

    pub(super) fn member(&self, session: SessionId) -> Option<&Member> {
        self.seats.get(&session).map(|seat| &self.members[*seat])
    }

    /// Lets a session in that was sent the [`Room::snapshot`]; what it showed is not sent again.
    pub(super) fn enter(&mut self, member: Member) {
        for (id, pending) in &mut self.pending {
            let shown = self.shown.as_ref().and_then(|shown| shown.get(id));
            pending.answered.extend(shown.map(|shown| (member.session, shown.revision)));
        }
        self.seats.insert(member.session, self.members.len());
        self.members.push(member);
    }

    pub(super) fn exit(&mut self, session: SessionId) -> Option<Member> {
        let seat = self.seats.remove(&session)?;
        let member = self.members.swap_remove(seat);
        if let Some(moved) = self.members.get(seat) {
            self.seats.insert(moved.session, seat);
        }
        Some(member)
    }

    /// When something has to be broadcast: a change, or a subject that looks different by itself.
    pub(super) fn due(&self) -> Option<Instant> {
        let changes = self.pending.values().map(|pending| pending.due);
        let by_itself =
            self.shown.iter().flat_map(BTreeMap::values).filter_map(|shown| shown.until);
        changes.chain(by_itself).min()
    }

    /// Notes a change; it is broadcast when the window closes. While nobody is there, it is read when
    /// somebody comes.
    pub(super) fn changed(&mut self, id: u64, now: Instant) {
        let Some(shown) = &mut self.shown else { return };
        if let Some(shown) = shown.get_mut(&id) {
            shown.stale = true;
            shown.until = None;
            if self.members.is_empty() {
                return;
            }
        }
        self.pending
            .entry(id)
            .or_insert_with(|| Pending { due: now + WINDOW, answered: Vec::new() });
    }

    /// Somebody's rights are other ones: what is not for everybody is looked at again.
    pub(super) fn rights_changed(&mut self, now: Instant) {
        let shown = self.shown.iter().flatten();
        let restricted = shown.filter(|(_, shown)| shown.others == Others::Nothing);
        let ids: Vec<u64> = restricted.map(|(id, _)| *id).collect();
        for id in ids {
            self.changed(id, now);
        }
    }

    /// All frames `user` sees right after login.
    pub(super) fn snapshot(
        &mut self,
        app: &dyn App,
        read: &Snapshot,
        user: UserId,
    ) -> Result<Vec<Frame>, StoreError> {
        self.load(app, read)?;
        for id in self.stale() {
            self.look(app, read, id)?;
        }
        let shown = self.shown.as_ref().expect("loaded above");
        let order = self.order.get_or_insert_with(|| in_order(shown));
        let subjects = order.iter().filter_map(|id| shown.get(id));
        let subjects = subjects.filter(|shown| !shown.gone);
        Ok(subjects.filter_map(|shown| shown.frame_for(user)).map(Arc::clone).collect())
    }

    /// The newest frame of one subject for the session that acted.
    pub(super) fn answer(
        &mut self,
        app: &dyn App,
        read: &Snapshot,
        id: u64,
        (session, user): (SessionId, UserId),
        act: Act,
    ) -> Result<Option<Frame>, StoreError> {
        self.load(app, read)?;
        if act == Act::Changed && self.subject(id).is_none() && !self.pending.contains_key(&id) {
            // It was deleted, and everybody has been told.
            return Ok(None);
        }
        if self.subject(id).is_none_or(|shown| shown.stale) {
            self.look(app, read, id)?;
        }
        let Some(shown) = self.subject(id) else { return Ok(None) };
        // The broadcast of this very change was faster than its answer.
        if act == Act::Changed && shown.broadcast {
            return Ok(None);
        }
        let Some(frame) = shown.news_for(user) else { return Ok(None) };
        let (frame, revision) = (Arc::clone(frame), shown.revision);
        if let Some(pending) = self.pending.get_mut(&id) {
            pending.answered.push((session, revision));
        }
        Ok(Some(frame))
    }

    /// Sends every change whose window has closed to all members who have not seen it.
    pub(super) fn broadcast(
        &mut self,
        app: &dyn App,
        read: &Snapshot,
        now: Instant,
    ) -> Result<(), StoreError> {
        for id in self.grown_old(now) {
            self.changed(id, now.checked_sub(WINDOW).unwrap_or(now));
        }
        let due = |pending: &Pending| pending.due <= now;
        let ids: Vec<u64> =
            self.pending.iter().filter(|(_, p)| due(p)).map(|(id, _)| *id).collect();
        for id in ids {
            if self.subject(id).is_none_or(|shown| shown.stale) {
                self.look(app, read, id)?;
            }
            let Some(pending) = self.pending.remove(&id) else { continue };
            let Some(shown) = self.subject(id) else { continue };
            let seen = |session| pending.answered.contains(&(session, shown.revision));
            fan_out::send(&self.members, |member| {
                shown.news_for(member.user).filter(|_| !seen(member.session))
            });
            if shown.gone {
                self.forget(id);
            } else if let Some(shown) = self.shown.as_mut().and_then(|all| all.get_mut(&id)) {
                shown.broadcast = true;
                shown.lost = Vec::new();
            }
        }
        Ok(())
    }

    /// A read failed: everything due is tried again a little later.
    pub(super) fn postpone(&mut self, now: Instant) {
        for pending in self.pending.values_mut() {
            pending.due = pending.due.max(now + AGAIN);
        }
        for shown in self.shown.iter_mut().flat_map(BTreeMap::values_mut) {
            shown.until = shown.until.map(|until| until.max(now + AGAIN));
        }
    }

    fn subject(&self, id: u64) -> Option<&Shown> {
        self.shown.as_ref()?.get(&id)
    }

    fn forget(&mut self, id: u64) {
        if let Some(shown) = &mut self.shown {
            shown.remove(&id);
        }
        self.order = None;
    }

    fn load(&mut self, app: &dyn App, read: &Snapshot) -> Result<(), StoreError> {
        if self.shown.is_some() {
            return Ok(());
        }
        self.shown = Some(BTreeMap::new());
        for id in app.subjects(read)? {
            if let Err(error) = self.look(app, read, id) {
                self.shown = None;
                return Err(error);
            }
        }
        Ok(())
    }

    fn stale(&self) -> Vec<u64> {
        let shown = self.shown.iter().flatten();
        let stale = shown.filter(|(_, shown)| shown.stale).map(|(id, _)| *id);
        let unknown = self.pending.keys().filter(|id| self.subject(**id).is_none()).copied();
        stale.chain(unknown).collect()
    }

    fn grown_old(&self, now: Instant) -> Vec<u64> {
        let shown = self.shown.iter().flatten();
        let old = shown.filter(|(_, shown)| shown.until.is_some_and(|until| until <= now));
        old.map(|(id, _)| *id).collect()
    }

    /// Reads one subject from the store and encodes it.
    fn look(&mut self, app: &dyn App, read: &Snapshot, id: u64) -> Result<(), StoreError> {
        let now = clock::now();
        let view = app.view(read, id, now)?;
        self.revision += 1;
        let revision = self.revision;
        let Some(all) = &mut self.shown else { return Ok(()) };
        let before = all.get(&id);
        let gone = || frame::text(&app.gone(id).to_string());
        let mut shown = match view {
            Some(view) => encode(view, revision, now),
            None => absent(before, gone(), revision),
        };
        if let Some(before) = before {
            shown.lost = shown.lost_since(before);
            shown.farewell = (!shown.lost.is_empty()).then(gone);
        }
        if before.is_none_or(|before| before.order != shown.order) {
            self.order = None;
        }
        all.insert(id, shown);
        Ok(())
    }
}

fn in_order(shown: &BTreeMap<u64, Shown>) -> Vec<u64> {
    let mut ids: Vec<u64> = shown.keys().copied().collect();
    ids.sort_by_key(|id| (&shown[id].order, *id));
    ids
}

/// A subject that is gone, for those who have seen it.
fn absent(before: Option<&Shown>, gone: Frame, revision: u64) -> Shown {
    let others = before.map_or(Others::FirstVariant, |before| before.others);
    let special = match (before, others) {
        (Some(before), Others::Nothing) => {
            before.special.iter().map(|(who, _)| (*who, 0)).collect()
        }
        _ => Vec::new(),
    };
    Shown {
        order: String::new(),
        variants: vec![gone],
        special,
        others,
        lost: Vec::new(),
        farewell: None,
        until: None,
        revision,
        stale: false,
        broadcast: false,
        gone: true,
    }
}

fn encode(view: View, revision: u64, now: Timestamp) -> Shown {
    Shown {
        order: view.order,
        variants: view.variants.iter().map(|variant| frame::text(variant)).collect(),
        special: view.special,
        others: view.others,
        lost: Vec::new(),
        farewell: None,
        until: view.until.map(|until| instant(until, now)),
        revision,
        stale: false,
        broadcast: false,
        gone: false,
    }
}

/// The instant of the monotonic clock at which `until` comes.
fn instant(until: Timestamp, now: Timestamp) -> Instant {
    let left = Duration::try_from(until.duration_since(now)).unwrap_or_default();
    // A day at most: the clock on the wall may be set meanwhile.
    Instant::now() + left.min(Duration::from_secs(86_400))
}
