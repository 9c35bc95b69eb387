//! What `roost demo` shows: events with pictures, and people who go to them.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};

use crate::apps::events::action::{Action, Asked};
use crate::apps::events::changes::{Change, Changes};
use crate::apps::events::image::{DEFAULT_LIMIT, Picture};
use crate::apps::events::model::EventId;
use crate::apps::events::refusal::{Field, Refusal};
use crate::apps::events::start::Zone;
use crate::apps::events::store::{NotDone, act};
use crate::ids::UserId;
use crate::store::{Store, Tx, users};

/// People who go to the sample events.
const PEOPLE: [&str; 12] = [
    "Ada Löve",
    "Bela Tar",
    "Chen Wei",
    "Dunja Petrović",
    "Emil Sørensen",
    "Fatima Zahra",
    "Grigori Orlov",
    "Hana Novák",
    "Ines Duarte",
    "Jonas Weiß",
    "Kaya Demir",
    "Lucía Vega",
];

/// The id of the first of [`PEOPLE`].
const FIRST_PERSON: i64 = 2001;

/// When a sample event happens, seen from today.
#[derive(Clone, Copy)]
enum When {
    Daily(&'static str),
    In { days: i64, time: &'static str },
    Weekly { days: i64, time: &'static str },
}

struct Sample {
    title: &'static str,
    description: &'static str,
    picture: &'static [u8],
    when: When,
    hours: &'static str,
    location: &'static str,
    capacity: &'static str,
    people: usize,
    cancelled: Option<&'static str>,
}

const SAMPLES: [Sample; 6] = [
    Sample {
        title: "Board game night",
        description: "Bring a game you love or learn one of ours. Beginners are welcome.",
        picture: include_bytes!("pictures/games.webp"),
        when: When::Weekly { days: 1, time: "19:00" },
        hours: "3",
        location: "Café Roost, back room",
        capacity: "8",
        people: 5,
        cancelled: None,
    },
    Sample {
        title: "Soup at noon",
        description: "A pot for everybody, every day. Take a bowl, leave a story.",
        picture: include_bytes!("pictures/cook.jpg"),
        when: When::Daily("12:00"),
        hours: "1",
        location: "Community kitchen",
        capacity: "",
        people: 7,
        cancelled: None,
    },
    Sample {
        title: "Walk to the two peaks",
        description: "Twelve kilometres, easy pace, dogs welcome.\nWe meet at the bus stop and are back before dark.",
        picture: include_bytes!("pictures/hike.jpg"),
        when: When::In { days: 3, time: "09:30" },
        hours: "6",
        location: "Bus stop “Upper Mill”",
        capacity: "20",
        people: 9,
        cancelled: None,
    },
    Sample {
        title: "Self-hosting workshop",
        description: "From an empty SD card to a running server in one evening.",
        picture: include_bytes!("pictures/code.png"),
        when: When::In { days: 5, time: "18:30" },
        hours: "2.5",
        location: "Library, room 4",
        capacity: "4",
        people: 6,
        cancelled: None,
    },
    Sample {
        title: "Open-air cinema",
        description: "We show what most of you voted for.",
        picture: include_bytes!("pictures/movie.webp"),
        when: When::In { days: 2, time: "21:00" },
        hours: "2",
        location: "Castle courtyard",
        capacity: "",
        people: 4,
        cancelled: Some("The projector is broken; a new date follows."),
    },
    Sample {
        title: "Courtyard concert",
        description: "Two bands, one stage, lemonade.",
        picture: include_bytes!("pictures/music.webp"),
        when: When::In { days: -2, time: "20:00" },
        hours: "3",
        location: "Castle courtyard",
        capacity: "",
        people: 0,
        cancelled: None,
    },
];

/// Fills an empty database; `zone` is the one of the events.
pub fn fill(store: &Store, zone: &TimeZone, now: Timestamp) -> Result<(), NotDone> {
    let zone = zone.clone();
    store.write(move |tx| {
        for (number, name) in PEOPLE.iter().enumerate() {
            let mut user = users::User::unknown(person(number));
            (*name).clone_into(&mut user.name);
            user.reachable = number % 4 != 3;
            users::save(tx, &user)?;
        }
        SAMPLES.iter().try_for_each(|sample| add(tx, sample, &zone, now))
    })
}

fn add(tx: &Tx, sample: &Sample, zone: &TimeZone, now: Timestamp) -> Result<(), NotDone> {
    let admin = Asked { user: UserId(0), is_admin: true, at: now };
    let draft = draft(sample, zone, now).map_err(Refusal::Invalid)?;
    let (id, _) = act(tx, &admin, None, &Action::Create(Box::new(draft)))?;
    for number in 0..sample.people {
        let guest = Asked { user: person(number), is_admin: false, at: now };
        act(tx, &guest, Some(id), &Action::Attend)?;
    }
    cancel(tx, sample, &admin, id)
}

fn cancel(tx: &Tx, sample: &Sample, admin: &Asked, id: EventId) -> Result<(), NotDone> {
    let Some(reason) = sample.cancelled else { return Ok(()) };
    let reason = crate::apps::events::texts::Reason::parse(reason);
    let reason = reason.map_err(|problem| Refusal::Invalid(Field::Reason.is(problem)))?;
    act(tx, admin, Some(id), &Action::Cancel { reason }).map(drop)
}

fn draft(
    sample: &Sample,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<crate::apps::events::changes::Draft, crate::apps::events::refusal::Invalid> {
    let today = zone.to_datetime(now).date();
    let mut changes = Changes::default();
    for (field, text) in [
        (Field::Title, sample.title),
        (Field::Description, sample.description),
        (Field::Start, &start(sample.when, today)),
        (Field::Duration, sample.hours),
        (Field::Location, sample.location),
        (Field::Capacity, sample.capacity),
        (Field::Recurrence, recurrence(sample.when)),
    ] {
        changes.set(field, text)?;
    }
    let picture = Picture::check(sample.picture, DEFAULT_LIMIT);
    changes.image = Change::Set(picture.map_err(|problem| Field::Image.is(problem))?);
    let name = zone.iana_name().unwrap_or("UTC");
    changes.draft(&Zone::parse(name).unwrap_or_else(|_| Zone::utc()))
}

fn start(when: When, today: Date) -> String {
    let on = |days: i64, time: &str| {
        let later: Span = days.days();
        format!("{} {time}", today.saturating_add(later))
    };
    match when {
        When::Daily(time) => time.to_owned(),
        When::In { days, time } | When::Weekly { days, time } => on(days, time),
    }
}

fn recurrence(when: When) -> &'static str {
    match when {
        When::Weekly { .. } => "weekly",
        _ => "",
    }
}

fn person(number: usize) -> UserId {
    UserId(FIRST_PERSON + i64::try_from(number).expect("a dozen"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apps::events::store;

    #[test]
    fn the_samples_fit_the_rules_of_events() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("demo.redb");
        let kept = Store::open(&path, store::prepare, Box::new(drop)).unwrap();
        let now = "2026-12-31T23:30:00Z".parse().unwrap();
        fill(&kept, &TimeZone::get("Europe/Berlin").unwrap(), now).unwrap();
        let read = kept.snapshot().unwrap();
        assert_eq!(store::all(&read).unwrap().len(), SAMPLES.len());
        let full = store::counts(&read, EventId(4)).unwrap();
        assert_eq!((full.going, full.waiting), (4, 2));
    }
}
