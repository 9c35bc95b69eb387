//! Who may do what, and what follows from it, as tables of cases.

use serde_json::json;

use super::*;
use crate::apps::events::action::Verb;
use crate::apps::events::changes::Change;
use crate::apps::events::image::tests::png;
use crate::apps::events::image::{DEFAULT_LIMIT, Picture};
use crate::apps::events::model::Capacity;
use crate::apps::events::roll::line_needed;
use crate::apps::events::schedule::Phase;
use crate::apps::events::start::{Recurrence, Zone};

const NOW: &str = "2026-11-21T12:00:00Z";
const ADA: UserId = UserId(1);
const BEN: UserId = UserId(2);
const CAM: UserId = UserId(3);

/// An event of this schedule; `capacity` 0 is none.
fn event(start: &str, recurrence: Option<&str>, capacity: i64) -> Event {
    let mut row = json!({"id": 1, "title": "Games", "created_by": 9,
        "schedule": {"start": start, "duration": 1.0, "timezone": "UTC"}});
    if let Some(recurrence) = recurrence {
        row["schedule"]["recurrence"] = json!(recurrence);
    }
    let event: Event = serde_json::from_value(row).unwrap();
    Event { capacity: Capacity::new(capacity).ok(), ..event }
}

fn daily(capacity: i64) -> Event {
    event("18:00", None, capacity)
}

fn asked(user: UserId) -> Asked {
    Asked { user, is_admin: false, at: NOW.parse().unwrap() }
}

fn admin() -> Asked {
    Asked { is_admin: true, ..asked(UserId(9)) }
}

fn roll(going: u32, standing: Standing, line: &[UserId]) -> Roll<'_> {
    Roll { going, waiting: u32::try_from(line.len()).unwrap(), standing, line }
}

fn edit_of(set: &[(Field, &str)]) -> Action {
    let mut changes = Changes::default();
    for (field, text) in set {
        changes.set(*field, text).unwrap();
    }
    Action::Edit(changes.into())
}

fn cancel_for(reason: &str) -> Action {
    Action::Cancel { reason: Reason::parse(reason).unwrap() }
}

fn cancel_on(date: &str) -> Action {
    Action::CancelDate { date: date.parse().unwrap(), reason: Reason::default() }
}

/// What `action` by an admin makes of `event` when nobody is on its roll.
fn after(event: &Event, action: &Action) -> Result<Event, Refusal> {
    match decide(Subject::Event(event), &Roll::default(), &admin(), action)?.next {
        Next::Put(next) => Ok(*next),
        Next::Same => Ok(event.clone()),
        Next::Delete => panic!("the event is gone"),
    }
}

fn every_action() -> Vec<Action> {
    let draft = Draft::from_line("Games | 18:00 | 1", &Zone::utc()).unwrap();
    vec![
        Action::Attend,
        Action::Leave,
        Action::Create(draft.into()),
        edit_of(&[(Field::Title, "Chess")]),
        cancel_for("rain"),
        cancel_on("2026-11-22"),
        Action::Delete,
        Action::Attendees,
        Action::RemoveAttendee(ADA),
    ]
}

#[test]
fn only_admins_do_more_than_attend_and_leave() {
    for action in every_action() {
        let everybody = matches!(action.verb(), Verb::Attend | Verb::Leave);
        for subject in [Subject::New(EventId(5)), Subject::Event(&daily(0)), Subject::Unknown] {
            let answer = decide(subject, &Roll::default(), &asked(ADA), &action);
            assert_eq!(answer == Err(Refusal::NotAdmin), !everybody, "{action:?}");
            let answer = decide(subject, &Roll::default(), &admin(), &action);
            assert_ne!(answer, Err(Refusal::NotAdmin), "{action:?}");
        }
    }
}

#[test]
fn nothing_is_done_to_an_event_that_is_not_there() {
    for action in every_action() {
        let answer = decide(Subject::from(None), &Roll::default(), &admin(), &action);
        assert_eq!(answer, Err(Refusal::NoSuchEvent), "{action:?}");
    }
}

#[test]
fn a_new_event_has_its_number_its_maker_and_version_one() {
    let draft = Draft::from_line("Games | 2026-12-24 18:00 | 2 | a | b", &Zone::utc()).unwrap();
    let action = Action::Create(draft.into());
    let made = decide(Subject::New(EventId(5)), &Roll::default(), &admin(), &action).unwrap();
    let Next::Put(event) = made.next else { panic!("no event") };
    assert_eq!((event.id, event.created_by, event.version), (EventId(5), UserId(9), 1));
    assert_eq!((event.title.as_str(), event.description.as_str()), ("Games", "a | b"));
    assert_eq!(event.schedule.start().to_string(), "2026-12-24 18:00");
    assert_eq!(made.changes, [Changed::Created]);
}

#[test]
fn seats_are_given_in_the_order_of_the_line() {
    use Standing::{Going, None, Waitlisted};
    let go = |user, from| Move { user, from, to: Going };
    let off = |user, from| Move { user, from, to: None };
    let wait = |user| Move { user, from: None, to: Waitlisted };
    let (attend, leave) = (Action::Attend, Action::Leave);
    let remove = Action::RemoveAttendee(ADA);
    let rows: Vec<(&str, i64, Roll<'_>, &Action, Vec<Move>)> = vec![
        ("a seat is free", 2, roll(1, None, &[]), &attend, vec![go(ADA, None)]),
        ("there is no limit", 0, roll(9, None, &[]), &attend, vec![go(ADA, None)]),
        ("it is full", 2, roll(2, None, &[]), &attend, vec![wait(ADA)]),
        ("others wait already", 2, roll(2, None, &[BEN]), &attend, vec![wait(ADA)]),
        ("it is overbooked", 2, roll(5, None, &[]), &attend, vec![wait(ADA)]),
        (
            "the line goes first",
            2,
            roll(1, None, &[BEN]),
            &attend,
            vec![go(BEN, Waitlisted), wait(ADA)],
        ),
        (
            "there is room for both",
            3,
            roll(1, None, &[BEN]),
            &attend,
            vec![go(BEN, Waitlisted), go(ADA, None)],
        ),
        ("going already", 2, roll(1, Going, &[]), &attend, vec![]),
        ("waiting already", 2, roll(2, Waitlisted, &[ADA]), &attend, vec![]),
        ("never joined", 2, roll(2, None, &[BEN]), &leave, vec![]),
        (
            "a seat becomes free",
            2,
            roll(2, Going, &[BEN, CAM]),
            &leave,
            vec![off(ADA, Going), go(BEN, Waitlisted)],
        ),
        ("still overbooked", 2, roll(3, Going, &[BEN]), &leave, vec![off(ADA, Going)]),
        ("nobody waits", 2, roll(2, Going, &[]), &leave, vec![off(ADA, Going)]),
        (
            "the line is left",
            2,
            roll(2, Waitlisted, &[ADA, BEN]),
            &leave,
            vec![off(ADA, Waitlisted)],
        ),
        (
            "who leaves the line is not seated",
            2,
            roll(1, Waitlisted, &[ADA, BEN]),
            &leave,
            vec![off(ADA, Waitlisted), go(BEN, Waitlisted)],
        ),
        (
            "somebody is removed",
            2,
            roll(2, Going, &[BEN]),
            &remove,
            vec![off(ADA, Going), go(BEN, Waitlisted)],
        ),
        ("nobody is removed", 2, roll(2, None, &[BEN]), &remove, vec![]),
    ];
    for (what, capacity, roll, action, moves) in rows {
        let by = if *action == remove { admin() } else { asked(ADA) };
        let decision = decide(Subject::Event(&daily(capacity)), &roll, &by, action).unwrap();
        assert_eq!(decision, Decision { moves, ..Decision::default() }, "{what}");
    }
}

#[test]
fn changing_the_capacity_seats_the_line_and_throws_nobody_out() {
    let rows = [
        ("raised by one", "3", vec![BEN]),
        ("raised by more", "9", vec![BEN, CAM]),
        ("taken away", "", vec![BEN, CAM]),
        ("lowered", "1", vec![]),
    ];
    for (what, capacity, expected) in rows {
        let action = edit_of(&[(Field::Capacity, capacity)]);
        let roll = roll(2, Standing::None, &[BEN, CAM]);
        let decision = decide(Subject::Event(&daily(2)), &roll, &admin(), &action).unwrap();
        assert_eq!(decision.promoted().collect::<Vec<_>>(), expected, "{what}");
        assert_eq!(decision.moves.len(), expected.len(), "{what}");
    }
}

#[test]
fn as_much_of_the_line_is_asked_for_as_can_be_seated() {
    let rows = [
        (2, Action::Leave, 2, 2),
        (2, Action::Leave, 5, 2),
        (5, Action::Attend, 2, 5),
        (2, edit_of(&[(Field::Capacity, "10")]), 2, 10),
        (2, edit_of(&[(Field::Capacity, "")]), 2, usize::MAX),
        (2, edit_of(&[(Field::Title, "Chess")]), 2, 2),
        (2, Action::Attendees, 2, 0),
    ];
    for (capacity, action, going, expected) in rows {
        assert_eq!(line_needed(&daily(capacity), &action, going), expected, "{action:?}");
    }
}

#[test]
fn nobody_joins_what_is_over_or_cancelled_and_everybody_can_leave_it() {
    let cancelled = after(&daily(1), &cancel_for("rain")).unwrap();
    let all_dates_cancelled = after(
        &event("2026-11-21 18:00", Some("weekly"), 1),
        &edit_of(&[(Field::Until, "2026-11-21")]),
    )
    .and_then(|event| after(&event, &cancel_on("2026-11-21")))
    .unwrap();
    let rows = [
        ("over", event("2026-11-21 11:00", None, 1), Some(Refusal::Over)),
        ("cancelled", cancelled, Some(Refusal::Cancelled)),
        ("every date cancelled", all_dates_cancelled, Some(Refusal::Over)),
        ("running", event("2026-11-21 11:01", None, 1), None),
        ("ahead", event("2026-11-21 12:01", None, 1), None),
    ];
    for (what, event, expected) in rows {
        let roll_free = roll(0, Standing::None, &[]);
        let joined = decide(Subject::Event(&event), &roll_free, &asked(ADA), &Action::Attend);
        assert_eq!(joined.clone().err(), expected, "{what}");
        let roll_full = roll(1, Standing::Going, &[BEN]);
        let twice = decide(Subject::Event(&event), &roll_full, &asked(ADA), &Action::Attend);
        assert!(twice.unwrap().is_nothing(), "{what}");
        let left = decide(Subject::Event(&event), &roll_full, &asked(ADA), &Action::Leave).unwrap();
        // Where nobody can join, nobody is told to be happy about a seat either.
        assert_eq!(left.moves.len(), if joined.is_ok() { 2 } else { 1 }, "{what}");
    }
}

#[test]
fn an_edit_tells_what_changed_and_counts_one_version_up() {
    let event = daily(2);
    let action = edit_of(&[
        (Field::Title, "Chess"),
        (Field::Description, "Bring a board"),
        (Field::Start, "2026-12-24 19:00"),
        (Field::Recurrence, "weekly"),
        (Field::Until, "2027-01-07"),
        (Field::Location, "Library"),
        (Field::Capacity, ""),
    ]);
    let decision = decide(Subject::Event(&event), &Roll::default(), &admin(), &action).unwrap();
    let Next::Put(next) = &decision.next else { panic!("no event") };
    assert_eq!((next.version, next.id, next.created_by), (2, event.id, event.created_by));
    assert_eq!(next.schedule.recurrence(), Some(Recurrence::Weekly));
    assert_eq!(decision.changes.len(), 5);
    let capacity = Changed::Capacity { old: event.capacity, new: None };
    assert!(decision.changes.contains(&capacity), "{:?}", decision.changes);
    let again = decide(Subject::Event(next), &Roll::default(), &admin(), &action).unwrap();
    assert!(again.is_nothing(), "{again:?}");
}

#[test]
fn an_edit_is_checked_together_with_what_stays() {
    use Problem::{BeforeStart, NeedsDatedStart, NeedsRecurrence, NeedsUndatedStart};
    let (weekly, dated) = (Some("weekly"), "2026-12-03 18:00");
    let rows = [
        ("18:00", None, "start=2026-12-03 18:00", Ok("null null")),
        ("18:00", None, "start=2026-12-03 18:00;recurrence=weekly", Ok("\"weekly\" null")),
        ("18:00", None, "recurrence=daily", Ok("\"daily\" null")),
        ("18:00", None, "recurrence=weekly", Err(Field::Recurrence.is(NeedsDatedStart))),
        ("18:00", None, "until=2026-12-31", Err(Field::Until.is(NeedsDatedStart))),
        (dated, None, "until=2026-12-31", Err(Field::Until.is(NeedsRecurrence))),
        (dated, None, "recurrence=daily", Err(Field::Recurrence.is(NeedsUndatedStart))),
        (dated, weekly, "until=2026-12-31", Ok("\"weekly\" \"2026-12-31\"")),
        (dated, weekly, "until=2026-12-02", Err(Field::Until.is(BeforeStart))),
        (dated, weekly, "start=18:00", Err(Field::Recurrence.is(NeedsDatedStart))),
        (dated, weekly, "start=18:00;recurrence=daily", Ok("\"daily\" null")),
        (dated, weekly, "start=18:00;recurrence=", Ok("\"daily\" null")),
        (dated, weekly, "recurrence=", Ok("null null")),
    ];
    for (start, recurrence, edit, expected) in rows {
        let set: Vec<_> = edit
            .split(';')
            .filter_map(|set| set.split_once('='))
            .map(|(field, text)| (Field::named(field).unwrap(), text))
            .collect();
        let next = after(&event(start, recurrence, 0), &edit_of(&set));
        let told = next.map(|event| {
            let (recurrence, until) = (event.schedule.recurrence(), event.schedule.until());
            format!("{} {}", json!(recurrence), json!(until))
        });
        let expected = expected.map(str::to_owned).map_err(Refusal::Invalid);
        assert_eq!(told, expected, "{start} {recurrence:?} {edit}");
    }
}

#[test]
fn who_ends_a_series_need_not_take_away_its_last_date_too() {
    let series = event("2026-12-03 18:00", Some("weekly"), 0);
    let series = after(&series, &edit_of(&[(Field::Until, "2026-12-31")])).unwrap();
    let once = after(&series, &edit_of(&[(Field::Recurrence, "")])).unwrap();
    assert_eq!((once.schedule.recurrence(), once.schedule.until()), (None, None));
}

#[test]
fn a_replaced_picture_is_reported_as_unused() {
    let picture = |width| Picture::check(&png(width, 900), DEFAULT_LIMIT).unwrap();
    let with = |image| Action::Edit(Changes { image, ..Changes::default() }.into());
    let set = with(Change::Set(picture(1600)));
    assert_eq!(set.picture(), Some(&picture(1600)));
    let event = after(&daily(0), &set).unwrap();
    let old = Some(picture(1600).name);
    assert_eq!(event.image, old);
    let rows = [
        (with(Change::Set(picture(1600))), None),
        (with(Change::Set(picture(1601))), old.clone()),
        (with(Change::Remove), old.clone()),
        (with(Change::Keep), None),
        (Action::Delete, old),
    ];
    for (action, unused) in rows {
        let decision = decide(Subject::Event(&event), &Roll::default(), &admin(), &action).unwrap();
        assert_eq!(decision.unused, unused, "{action:?}");
    }
}

#[test]
fn cancelling_is_for_good_and_the_reason_can_be_told_later() {
    let event = after(&daily(1), &cancel_for("")).unwrap();
    assert_eq!((event.version, event.cancelled.clone()), (2, Some(Cancelled::default())));
    assert_eq!(after(&event, &cancel_for("")).unwrap(), event);
    let told = after(&event, &cancel_for("rain")).unwrap();
    assert_eq!(told.version, 3);
    assert_eq!(after(&told, &cancel_for("rain")).unwrap(), told);
    assert_eq!(after(&told, &cancel_for("")).unwrap(), told);
    let edited = after(&told, &edit_of(&[(Field::Title, "Chess")])).unwrap();
    assert_eq!((edited.title.as_str(), &edited.cancelled), ("Chess", &told.cancelled));
}

#[test]
fn an_event_that_is_cancelled_or_over_seats_nobody_until_it_is_ahead_again() {
    let cancelled = after(&daily(1), &cancel_for("rain")).unwrap();
    let over = event("2026-11-21 09:00", None, 1);
    let rows = [
        (&cancelled, Field::Capacity, "5", vec![]),
        (&over, Field::Capacity, "5", vec![]),
        (&over, Field::Start, "2026-11-28 09:00", vec![BEN]),
    ];
    for (event, field, text, expected) in rows {
        let roll = roll(0, Standing::None, &[BEN]);
        let action = edit_of(&[(field, text)]);
        let decision = decide(Subject::Event(event), &roll, &admin(), &action).unwrap();
        assert_eq!(decision.promoted().collect::<Vec<_>>(), expected, "{text}");
    }
}

#[test]
fn nobody_overtakes_a_line_of_which_too_little_was_shown() {
    let roll = Roll { going: 1, waiting: 2, ..Roll::default() };
    let decision = decide(Subject::Event(&daily(5)), &roll, &asked(ADA), &Action::Attend).unwrap();
    assert_eq!(decision.moves.first().map(|m| m.to), Some(Standing::Waitlisted));
}

#[test]
fn one_date_of_a_series_is_cancelled_and_only_one_that_is_ahead() {
    let weekly = event("2026-11-14 18:00", Some("weekly"), 0);
    let no_such = Some(Field::Date.is(Problem::NoSuchDate).into());
    let rows = [
        ("2026-11-21", None),
        ("2026-12-05", None),
        ("2026-11-14", no_such.clone()),
        ("2026-11-22", no_such.clone()),
        ("2026-11-07", no_such),
    ];
    for (date, expected) in rows {
        let next = after(&weekly, &cancel_on(date));
        assert_eq!(next.as_ref().err(), expected.as_ref(), "{date}");
        let Ok(next) = next else { continue };
        assert_eq!((next.version, next.cancelled_dates.len()), (2, 1));
        assert_eq!(after(&next, &cancel_on(date)).unwrap(), next);
    }
    let next = after(&weekly, &cancel_on("2026-11-21")).unwrap();
    let now = NOW.parse().unwrap();
    let current = next.current(now);
    assert_eq!(
        (current.date.to_string(), current.phase(now)),
        ("2026-11-28".into(), Phase::Upcoming)
    );
}

#[test]
fn the_only_date_of_an_event_is_the_event() {
    let once = event("2026-11-21 18:00", None, 0);
    let next = after(&once, &cancel_on("2026-11-21")).unwrap();
    assert!(next.cancelled.is_some() && next.cancelled_dates.is_empty());
}

#[test]
fn a_moved_series_forgets_cancelled_dates_it_no_longer_has() {
    let weekly = event("2026-11-14 18:00", Some("weekly"), 0);
    let event = after(&weekly, &cancel_on("2026-11-28")).unwrap();
    let moved = after(&event, &edit_of(&[(Field::Start, "2026-11-15 18:00")])).unwrap();
    assert!(moved.cancelled_dates.is_empty());
    let later = after(&event, &edit_of(&[(Field::Start, "2026-11-14 20:00")])).unwrap();
    assert_eq!(later.cancelled_dates, event.cancelled_dates);
}

#[test]
fn cancelled_dates_are_bounded_and_old_ones_are_forgotten() {
    let mut event = daily(0);
    let from: Date = "2026-11-22".parse().unwrap();
    event.cancelled_dates.extend(from.series(jiff::Span::new().days(1)).take(MAX_CANCELLED_DATES));
    let too_many = Field::Date.is(Problem::TooManyDates { max: MAX_CANCELLED_DATES });
    assert_eq!(after(&event, &cancel_on("2028-01-01")), Err(too_many.into()));
    let old: Date = "2025-11-01".parse().unwrap();
    event.cancelled_dates =
        old.series(jiff::Span::new().days(1)).take(MAX_CANCELLED_DATES).collect();
    let next = after(&event, &cancel_on("2028-01-01")).unwrap();
    assert!(!next.cancelled_dates.contains(&old));
}

#[test]
fn a_roll_has_an_end() {
    let roll = Roll { going: 10, waiting: MAX_PEOPLE - 10, ..Roll::default() };
    let answer = decide(Subject::Event(&daily(10)), &roll, &asked(ADA), &Action::Attend);
    assert_eq!(answer, Err(Refusal::TooManyPeople { max: MAX_PEOPLE }));
}

#[test]
fn a_line_of_the_bot_makes_a_draft_or_names_the_field() {
    let utc = Zone::utc();
    let rows = [
        ("Games | 18:00 | 1,5", Ok("Games 18:00 1.5 ")),
        ("Games|2026-12-24 18:00|2|x | y", Ok("Games 2026-12-24 18:00 2 x | y")),
        ("Games", Err(Field::Start.is(Problem::Missing))),
        ("", Err(Field::Title.is(Problem::Missing))),
        ("Games | 18:00", Err(Field::Duration.is(Problem::Missing))),
        ("Games | 18:00 | | text", Err(Field::Duration.is(Problem::Missing))),
        ("Games | noon | 1", Err(Field::Start.is(Problem::NotAStart))),
    ];
    for (line, expected) in rows {
        let told = Draft::from_line(line, &utc).map(|draft| {
            let (start, hours) = (draft.schedule.start(), draft.schedule.duration().hours());
            format!("{} {start} {hours} {}", draft.title, draft.description)
        });
        assert_eq!(told, expected.map(str::to_owned), "{line}");
    }
}
