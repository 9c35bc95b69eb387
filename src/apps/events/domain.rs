//! The decisions of Mini Events: what follows from an action.
//!
//! One rule gives every seat: whoever joins goes to the end of the line, and then people are seated
//! from its front while there is room. So nobody overtakes, a seat that becomes free is taken at
//! once, and lowering the capacity throws nobody out, it only stops the seating.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::action::{Action, Asked, may};
use super::changes::{Changes, Draft};
use super::decision::{Changed, Decision, Move, Next};
use super::model::{Cancelled, Event, EventId, MAX_CANCELLED_DATES, MAX_PEOPLE};
use super::refusal::{Field, Problem, Refusal};
use super::roll::{Roll, Standing};
use super::texts::Reason;
use crate::ids::UserId;

/// Cancelled dates older than this say nothing to anybody any more.
const KEEP_CANCELLED: SignedDuration = SignedDuration::from_hours(366 * 24);

/// The event an action is about.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// None yet; a new one gets this number.
    New(EventId),
    /// There is no event with the number given.
    Unknown,
    /// This one.
    Event(&'a Event),
}

impl<'a> From<Option<&'a Event>> for Subject<'a> {
    fn from(event: Option<&'a Event>) -> Self {
        event.map_or(Self::Unknown, Self::Event)
    }
}

/// Decides what follows when who `asked` does `action` to `subject`, whose people are on `roll`.
///
/// What changes nothing is not refused: the decision is then empty.
pub fn decide(
    subject: Subject<'_>,
    roll: &Roll<'_>,
    asked: &Asked,
    action: &Action,
) -> Result<Decision, Refusal> {
    may(asked, action.verb())?;
    let event = match (subject, action) {
        (Subject::New(id), Action::Create(draft)) => return Ok(create(id, draft, asked)),
        (Subject::Event(event), _) => event,
        _ => return Err(Refusal::NoSuchEvent),
    };
    match action {
        Action::Attend => attend(event, roll, asked),
        Action::Leave => Ok(take_off(event, roll, asked, asked.user)),
        Action::RemoveAttendee(user) => Ok(take_off(event, roll, asked, *user)),
        Action::Edit(changes) => edit(event, roll, asked, changes),
        Action::Cancel { reason } => Ok(cancel(event, reason)),
        Action::CancelDate { date, reason } => cancel_date(event, asked, *date, reason),
        Action::Delete => Ok(delete(event)),
        Action::Attendees => Ok(Decision::default()),
        Action::Create(_) => Err(Refusal::NoSuchEvent),
    }
}

fn create(id: EventId, draft: &Draft, asked: &Asked) -> Decision {
    let event = Event {
        id,
        title: draft.title.clone(),
        description: draft.description.clone(),
        image: draft.image.as_ref().map(|picture| picture.name.clone()),
        schedule: draft.schedule.clone(),
        location: draft.location.clone(),
        capacity: draft.capacity,
        cancelled: None,
        cancelled_dates: BTreeSet::new(),
        created_by: asked.user,
        version: 1,
    };
    Decision::put(event, vec![Changed::Created])
}

fn attend(event: &Event, roll: &Roll<'_>, asked: &Asked) -> Result<Decision, Refusal> {
    if roll.standing != Standing::None {
        return Ok(Decision::default());
    }
    if event.cancelled.is_some() {
        return Err(Refusal::Cancelled);
    }
    if event.is_over(asked.at) {
        return Err(Refusal::Over);
    }
    if roll.going.saturating_add(roll.waiting) >= MAX_PEOPLE {
        return Err(Refusal::TooManyPeople { max: MAX_PEOPLE });
    }
    let mut moves = seat(event, roll.going, roll.line);
    let seated = count(&moves);
    let is_first = seated == roll.waiting;
    let has_room = event.free_seats(roll.going.saturating_add(seated)) > 0;
    let to = if is_first && has_room { Standing::Going } else { Standing::Waitlisted };
    moves.push(Move { user: asked.user, from: Standing::None, to });
    Ok(Decision { moves, ..Decision::default() })
}

/// `user`, whose standing is the roll's, leaves the event or its line.
fn take_off(event: &Event, roll: &Roll<'_>, asked: &Asked, user: UserId) -> Decision {
    if roll.standing == Standing::None {
        return Decision::default();
    }
    let mut moves = vec![Move { user, from: roll.standing, to: Standing::None }];
    if event.is_open(asked.at) {
        let left = u32::from(roll.standing == Standing::Going);
        let line: Vec<_> = roll.line.iter().copied().filter(|next| *next != user).collect();
        moves.extend(seat(event, roll.going.saturating_sub(left), &line));
    }
    Decision { moves, ..Decision::default() }
}

fn edit(
    event: &Event,
    roll: &Roll<'_>,
    asked: &Asked,
    changes: &Changes,
) -> Result<Decision, Refusal> {
    let mut next = apply(event, changes)?;
    let seen = differences(event, &next);
    if seen.is_empty() {
        return Ok(Decision::default());
    }
    next.version = event.version + 1;
    let moves =
        if next.is_open(asked.at) { seat(&next, roll.going, roll.line) } else { Vec::new() };
    let unused = event.image.clone().filter(|_| event.image != next.image);
    Ok(Decision { moves, unused, ..Decision::put(next, seen) })
}

fn apply(event: &Event, changes: &Changes) -> Result<Event, Refusal> {
    let mut next = event.clone();
    next.schedule = changes.schedule(event)?;
    let schedule = &next.schedule;
    next.cancelled_dates.retain(|date| schedule.occurs_on(*date));
    next.capacity = changes.capacity.clone().over(event.capacity);
    next.image = changes.image.clone().map(|picture| picture.name).over(event.image.clone());
    replace(&mut next.title, changes.title.as_ref());
    replace(&mut next.description, changes.description.as_ref());
    replace(&mut next.location, changes.location.as_ref());
    Ok(next)
}

fn replace<T: Clone>(place: &mut T, new: Option<&T>) {
    if let Some(new) = new {
        place.clone_from(new);
    }
}

/// What people can see differs between the two.
fn differences(old: &Event, new: &Event) -> Vec<Changed> {
    let mut changed = Vec::new();
    if old.title != new.title {
        changed.push(Changed::Title { old: old.title.clone(), new: new.title.clone() });
    }
    if old.description != new.description {
        let (old, new) = (old.description.clone(), new.description.clone());
        changed.push(Changed::Description { old, new });
    }
    if old.image != new.image {
        changed.push(Changed::Image { old: old.image.clone(), new: new.image.clone() });
    }
    if old.schedule != new.schedule {
        let (old, new) = (old.schedule.clone().into(), new.schedule.clone().into());
        changed.push(Changed::Schedule { old, new });
    }
    if old.location != new.location {
        changed.push(Changed::Location { old: old.location.clone(), new: new.location.clone() });
    }
    if old.capacity != new.capacity {
        changed.push(Changed::Capacity { old: old.capacity, new: new.capacity });
    }
    changed
}

/// Cancels the event. Who cancels it again may say better why, and changes nothing otherwise.
fn cancel(event: &Event, reason: &Reason) -> Decision {
    let reason = reason.clone();
    let changed = match &event.cancelled {
        None => Changed::Cancelled { reason: reason.clone() },
        Some(now) if reason == Reason::default() || now.reason == reason => {
            return Decision::default();
        }
        Some(now) => Changed::Reason { old: now.reason.clone(), new: reason.clone() },
    };
    let cancelled = Some(Cancelled { reason });
    let next = Event { cancelled, version: event.version + 1, ..event.clone() };
    Decision::put(next, vec![changed])
}

/// Cancels one date of a series; the only date of an event that happens once is the event.
fn cancel_date(
    event: &Event,
    asked: &Asked,
    date: Date,
    reason: &Reason,
) -> Result<Decision, Refusal> {
    let ahead = event.schedule.occurrence(date).filter(|occurrence| asked.at < occurrence.ends);
    if ahead.is_none() {
        return Err(Field::Date.is(Problem::NoSuchDate).into());
    }
    if event.schedule.recurrence().is_none() {
        return Ok(cancel(event, reason));
    }
    if event.cancelled_dates.contains(&date) {
        return Ok(Decision::default());
    }
    let mut next = Event { version: event.version + 1, ..event.clone() };
    forget_old(&mut next, asked.at);
    if next.cancelled_dates.len() >= MAX_CANCELLED_DATES {
        return Err(Field::Date.is(Problem::TooManyDates { max: MAX_CANCELLED_DATES }).into());
    }
    next.cancelled_dates.insert(date);
    Ok(Decision::put(next, vec![Changed::DateCancelled { date, reason: reason.clone() }]))
}

fn forget_old(event: &mut Event, now: Timestamp) {
    let today = event.schedule.zone().rules().to_datetime(now).date();
    let oldest = today.saturating_sub(KEEP_CANCELLED);
    event.cancelled_dates.retain(|date| oldest <= *date);
}

fn delete(event: &Event) -> Decision {
    let changes = vec![Changed::Deleted];
    Decision { next: Next::Delete, changes, unused: event.image.clone(), ..Decision::default() }
}

/// Seats people from the front of the line while there is room.
fn seat(event: &Event, going: u32, line: &[UserId]) -> Vec<Move> {
    let free = usize::try_from(event.free_seats(going)).unwrap_or(usize::MAX);
    let (from, to) = (Standing::Waitlisted, Standing::Going);
    line.iter().take(free).map(|user| Move { user: *user, from, to }).collect()
}

fn count(moves: &[Move]) -> u32 {
    u32::try_from(moves.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod sequences;
#[cfg(test)]
mod tests;
