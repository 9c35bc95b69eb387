//! A calendar program that is not ours reads what the server answers, and agrees with it on every
//! occurrence: a year in many zones, both nights the clock changes, and a year far ahead.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;

use jiff::Timestamp;
use jiff::civil::Date;
use roost::apps::events::action::{Action, Asked};
use roost::apps::events::changes::Changes;
use roost::apps::events::model::{Event, EventId};
use roost::apps::events::refusal::{Field, Refusal};
use roost::apps::events::start::Zone;
use roost::apps::events::store::{self, NotDone};
use roost::apps::events::subscription::{self, Token};
use roost::apps::events::texts::Reason;
use roost::demo::telegram::StandIn;
use roost::ids::UserId;
use roost::server::Server;
use roost::settings::{self, Surroundings};
use roost::store::{Store, StoreError};
use serde_json::{Value, json};

const TOKEN: &str = "42:TEST-token-of-the-stand-in-0123456789ab";

/// When every event is created.
const CREATED: &str = "2026-01-10T12:00:00Z";

/// The years compared: the one to come, and one in which only rules can tell.
const YEARS: [[&str; 2]; 2] = [
    ["2026-01-12T00:00:00Z", "2027-01-12T00:00:00Z"],
    ["2041-01-12T00:00:00Z", "2042-01-12T00:00:00Z"],
];

/// The command that makes what this test needs.
const REMEDY: &str = "python3 -m venv target/calendar-env && \
     target/calendar-env/bin/pip install -r tests/calendar/requirements.txt";

const ZONES: [&str; 12] = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "UTC",
    "Europe/Dublin",
    "America/Nuuk",
    "Asia/Jerusalem",
    "Africa/Casablanca",
    "Africa/Cairo",
    "America/Santiago",
    "Pacific/Chatham",
];

/// Start, hours, recurrence, until.
const SERIES: [[&str; 4]; 7] = [
    ["18:00", "2", "", ""],
    ["01:30", "1.5", "", ""],
    ["02:30", "1", "", ""],
    ["23:15", "26", "", ""],
    ["2026-01-14 09:00", "1", "weekly", ""],
    ["2026-01-31 00:30", "2.25", "monthly", ""],
    ["2026-01-14 20:00", "3", "weekly", "2026-11-18"],
];

/// Zone and start of what happens once, over the nights the clock changes.
const NIGHTS: [[&str; 2]; 8] = [
    ["Europe/Berlin", "2026-03-29 01:30"],
    ["Europe/Berlin", "2026-03-29 02:30"],
    ["Europe/Berlin", "2026-10-25 00:30"],
    ["Europe/Berlin", "2026-10-25 02:30"],
    ["America/New_York", "2026-03-08 02:30"],
    ["America/New_York", "2026-11-01 01:30"],
    ["Australia/Lord_Howe", "2026-04-05 01:45"],
    ["Australia/Lord_Howe", "2026-10-04 02:15"],
];

/// A server with its stand-in Telegram, in a temporary folder.
struct World {
    server: Server,
    _telegram: StandIn,
    folder: tempfile::TempDir,
}

impl World {
    fn start() -> Self {
        let telegram = StandIn::start(TOKEN, "RoostBot").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("settings.json");
        let given = json!({"bot-token": TOKEN, "telegram-api-url": telegram.base_url(), "port": 0});
        fs::write(&file, given.to_string()).unwrap();
        let asked = settings::Asked { file: Some(file), flags: Vec::new() };
        let around = Surroundings { folder: folder.path().to_owned(), ..Surroundings::default() };
        let loaded = settings::load(&asked, &around).unwrap().settings;
        let server = Server::start(&loaded, loaded.token().unwrap()).unwrap();
        Self { server, _telegram: telegram, folder }
    }

    fn store(&self) -> &Store {
        self.server.store()
    }

    /// Does something to an event at [`CREATED`].
    fn act(&self, user: i64, event: Option<EventId>, action: Action) -> EventId {
        let at = CREATED.parse().unwrap();
        let asked = Asked { user: UserId(user), is_admin: user == 0, at };
        let done = self.store().write(move |tx| store::act(tx, &asked, event, &action));
        let done: Result<_, NotDone> = done;
        done.unwrap().0
    }

    fn add(&self, zone: &str, words: [&str; 4], title: &str) -> EventId {
        let mut changes = Changes::default();
        let [start, hours, recurrence, until] = words;
        for (field, text) in [
            (Field::Title, title),
            (
                Field::Description,
                "First line,\nsecond; “thïrd” \\ and a long one: 🪺🪺🪺🪺🪺🪺🪺🪺🪺🪺🪺🪺",
            ),
            (Field::Start, start),
            (Field::Duration, hours),
            (Field::Recurrence, recurrence),
            (Field::Until, until),
            (Field::Location, "Café, back room; left"),
        ] {
            if !text.is_empty() {
                changes.set(field, text).unwrap();
            }
        }
        let draft = changes.draft(&Zone::parse(zone).unwrap()).map_err(Refusal::Invalid).unwrap();
        self.act(0, None, Action::Create(Box::new(draft)))
    }

    fn event(&self, id: EventId) -> Event {
        store::find(&self.store().snapshot().unwrap(), id).unwrap().unwrap()
    }

    fn uid(&self, id: EventId) -> String {
        let name = subscription::installation(&self.store().snapshot().unwrap()).unwrap();
        format!("event-{id}@{name}.roost")
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Keeps what is served at `path`.
    fn download(&self, path: &str, file: &str) {
        let body = get(self.server.address(), path);
        fs::write(self.folder().join(file), body).unwrap();
    }

    /// The case of one event in a file; `status` is what the file should say.
    fn case(&self, id: EventId, file: &str, year: [&str; 2], status: &str) -> Value {
        let event = self.event(id);
        json!({
            "name": format!("{} {} {}", event.schedule.zone().name(), event.title, year[0]),
            "file": file,
            "uid": self.uid(id),
            "from": year[0],
            "to": year[1],
            "occurrences": occurrences(&event, year),
            "properties": {
                "STATUS": status,
                "SEQUENCE": event.version - 1,
                "SUMMARY": event.title.as_str(),
                "DESCRIPTION": event.description.as_str(),
                "LOCATION": event.location.as_str(),
            },
        })
    }
}

/// The body of the answer, which must be a calendar.
fn get(address: SocketAddr, path: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|part| part == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    assert!(head.starts_with("HTTP/1.1 200 "), "{path}: {head}");
    assert!(head.contains("\r\nContent-Type: text/calendar; charset=utf-8"), "{head}");
    answer.split_off(end + 4)
}

/// What the server itself thinks happens, by `Schedule::not_ended`.
fn occurrences(event: &Event, [begin, end]: [&str; 2]) -> Vec<Value> {
    let [begin, end]: [Timestamp; 2] = [begin, end].map(|time| time.parse().unwrap());
    let schedule = &event.schedule;
    let rules = schedule.zone().rules();
    schedule
        .not_ended(begin, &event.cancelled_dates)
        .skip_while(|occurrence| occurrence.starts < begin)
        .take_while(|occurrence| occurrence.starts < end)
        .map(|occurrence| {
            let meant = occurrence.date.to_datetime(schedule.start().time());
            let in_gap = rules.to_datetime(occurrence.starts) != meant;
            json!({
                "starts": occurrence.starts.to_string(),
                "ends": occurrence.ends.to_string(),
                "in_gap": in_gap,
            })
        })
        .collect()
}

/// Has the calendars in `folder` read by a program that is not ours.
fn check(folder: &Path, cases: &[Value]) {
    fs::write(folder.join("expected.json"), json!(cases).to_string()).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join("target/calendar-env/bin/python");
    let ready =
        Command::new(&python).args(["-c", "import icalendar, recurring_ical_events"]).output();
    let is_ready = ready.is_ok_and(|done| done.status.success());
    assert!(is_ready, "the calendar parser is not installed; run `{REMEDY}`");
    let done = Command::new(&python)
        .arg(root.join("tests/calendar/check.py"))
        .arg(folder)
        .output()
        .unwrap();
    let said = [done.stdout, done.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(done.status.success(), "{}", said.concat());
    println!("{}", said[0]);
}

/// Every third date of the year's first fifteen does not take place.
fn cancel_some(world: &World, id: EventId) {
    let event = world.event(id);
    let begin = CREATED.parse().unwrap();
    let dates = event.schedule.not_ended(begin, &event.cancelled_dates).take(15).step_by(3);
    let dates: Vec<Date> = dates.map(|occurrence| occurrence.date).collect();
    for date in dates {
        let reason = Reason::default();
        world.act(0, Some(id), Action::CancelDate { date, reason });
    }
}

#[test]
fn a_calendar_program_finds_every_occurrence_the_server_knows() {
    let world = World::start();
    let mut cases = Vec::new();
    for zone in ZONES {
        for (number, words) in SERIES.into_iter().enumerate() {
            let id = world.add(zone, words, &words.join(" "));
            if number % 2 == 0 {
                cancel_some(&world, id);
            }
            let file = format!("event-{id}.ics");
            world.download(&format!("/event/{id}.ics"), &file);
            for year in YEARS {
                cases.push(world.case(id, &file, year, "CONFIRMED"));
            }
        }
    }
    for [zone, start] in NIGHTS {
        let id = world.add(zone, [start, "2", "", ""], start);
        let file = format!("event-{id}.ics");
        world.download(&format!("/event/{id}.ics"), &file);
        cases.push(world.case(id, &file, YEARS[0], "CONFIRMED"));
    }
    check(world.folder(), &cases);
}

#[test]
fn a_calendar_program_reads_what_somebody_subscribed_to() {
    const ADA: i64 = 7;
    let world = World::start();
    let add = |number: usize| world.add(ZONES[number], SERIES[number], &format!("Event {number}"));
    let [going, waiting, cancelled, left, _elsewhere] = [0, 1, 2, 3, 4].map(add);
    let mut changes = Changes::default();
    changes.set(Field::Capacity, "1").unwrap();
    world.act(0, Some(waiting), Action::Edit(Box::new(changes)));
    world.act(8, Some(waiting), Action::Attend);
    for event in [going, waiting, cancelled, left] {
        world.act(ADA, Some(event), Action::Attend);
    }
    world.act(0, Some(cancelled), Action::Cancel { reason: Reason::parse("Ill, sorry").unwrap() });
    world.act(ADA, Some(left), Action::Leave);
    let token = Token::of([7; 32]);
    let kept = token.clone();
    let renewed: Result<_, StoreError> =
        world.store().write(move |tx| subscription::renew(tx, UserId(ADA), &kept));
    renewed.unwrap();
    world.download(&format!("/calendar/{}.ics", token.expose()), "feed.ics");
    let text = fs::read_to_string(world.folder().join("feed.ics")).unwrap();
    assert_eq!(text.matches("BEGIN:VEVENT").count(), 3, "{text}");
    let rows = [(going, "CONFIRMED"), (waiting, "TENTATIVE"), (cancelled, "CANCELLED")];
    let cases = rows.map(|(id, status)| world.case(id, "feed.ics", YEARS[0], status));
    check(world.folder(), &cases);
}
