//! A server to measure: its folder, its database full of people and events, its settings.

use std::error::Error;
use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use roost::apps::events::action::{Action, Asked};
use roost::apps::events::changes::Draft;
use roost::apps::events::model::{Capacity, EventId};
use roost::apps::events::start::Zone;
use roost::apps::events::store::{self as events, NotDone};
use roost::demo::telegram::StandIn;
use roost::hidden::Hidden;
use roost::ids::UserId;
use roost::store::{Store, StoreError, users};
use roost::telegram::init_data;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::Process;

/// The bot's token in the world of the stand-in Telegram.
pub const TOKEN: &str = "4242424242:AAbenchbenchbenchbenchbenchbenchben";

/// Long enough for a server on a busy machine to get ready.
const READY: Duration = Duration::from_secs(20);

/// A folder with a database, and the stand-in for Telegram.
pub struct World {
    folder: TempDir,
    telegram: StandIn,
}

/// A running `roost serve`.
pub struct Server {
    /// Its process.
    pub process: Process,
    /// Where it listens.
    pub address: SocketAddr,
}

impl World {
    /// A world with `people` who have all logged in before, and `count` events of ten people each.
    pub fn new(people: i64, count: i64) -> Result<Self, Box<dyn Error>> {
        let folder = folder()?;
        fill(&folder.path().join("roost.redb"), people, count)?;
        let telegram = StandIn::start(TOKEN, "bench_bot").map_err(|error| error.to_string())?;
        Ok(Self { folder, telegram })
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Its Telegram, which runs in this process.
    pub fn telegram(&self) -> &StandIn {
        &self.telegram
    }

    /// Starts the server of this world and waits until it answers. `wrap` is a command to run it
    /// with, such as `taskset -c 0`.
    pub fn serve(&self, wrap: &[&str], more: Value) -> Result<Server, Box<dyn Error>> {
        let (mut command, address) = self.command(wrap, more)?;
        let server = Server { process: Process::start(&mut command)?, address };
        wait_until_ready(address)?;
        Ok(server)
    }

    /// The command that [`World::serve`] starts.
    pub fn command(
        &self,
        wrap: &[&str],
        more: Value,
    ) -> Result<(Command, SocketAddr), Box<dyn Error>> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let file = self.path().join("settings.json");
        fs::write(&file, self.settings(address.port(), more).to_string())?;
        let binary = binary();
        let words: Vec<&str> =
            wrap.iter().copied().chain([binary.to_str().unwrap_or("")]).collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).arg("serve").arg("--settings").arg(file);
        command.env_clear().current_dir(self.path()).stdout(Stdio::null());
        Ok((command, address))
    }

    fn settings(&self, port: u16, more: Value) -> Value {
        let mut settings = json!({
            "bot-token": TOKEN,
            "telegram-api-url": self.telegram.base_url(),
            "port": port,
            "timezone": "Europe/Berlin",
            "log": {"level": "warn"},
            "public-url": "https://events.example.org",
            "limits": {
                "connections": 15_000,
                "connections-per-address": 15_000,
            },
        });
        if let (Value::Object(settings), Value::Object(more)) = (&mut settings, more) {
            settings.extend(more);
        }
        settings
    }
}

/// The program to measure: the one Cargo built, or the one `ROOST_BENCH_BINARY` names.
pub fn binary() -> PathBuf {
    std::env::var_os("ROOST_BENCH_BINARY").map_or(env!("CARGO_BIN_EXE_roost").into(), PathBuf::from)
}

/// A folder on the disk of the build, which is a real one more often than `/tmp` is.
pub fn folder() -> std::io::Result<TempDir> {
    tempfile::Builder::new().prefix("bench-").tempdir_in(env!("CARGO_TARGET_TMPDIR"))
}

/// Signed initData of the person `id`, who is already known under this name.
pub fn init_data(id: i64) -> String {
    let user = json!({"id": id, "first_name": name(id), "language_code": "en"}).to_string();
    let date = roost::clock::now().as_second().to_string();
    let pairs = [
        ("query_id", "AAHdF6IQAAAAAN0XohDhrOrc"),
        ("user", &user),
        ("auth_date", &date),
        (
            "signature",
            "bGV0IGl0IGJlIGFzIGxvbmcgYXMgYSByZWFsIG9uZSBpcywgd2hpY2ggbWVhbnMgODYgYnl0ZXM",
        ),
    ];
    init_data::sign(&pairs, &Hidden::new(TOKEN.to_owned()))
}

/// Waits until `/healthz` answers.
pub fn wait_until_ready(address: SocketAddr) -> Result<(), Box<dyn Error>> {
    let due = Instant::now() + READY;
    while Instant::now() < due {
        if let Ok(stream) = TcpStream::connect(address)
            && crate::wire::get(&stream, "/healthz").is_ok_and(|answer| answer.contains(" 200 "))
        {
            return Ok(());
        }
        std::thread::sleep(Duration::from_micros(200));
    }
    Err("the server did not get ready; run the same binary by hand".into())
}

/// Opens a database of Mini Events.
pub fn open(path: &Path) -> Result<Store, StoreError> {
    Store::open(path, events::prepare, Box::new(|_| ()))
}

/// Who asks, now.
pub fn asked(user: i64) -> Asked {
    Asked { user: UserId(user), is_admin: true, at: roost::clock::now() }
}

fn fill(path: &Path, people: i64, count: i64) -> Result<(), Box<dyn Error>> {
    let store = open(path)?;
    store.write(move |tx| -> Result<(), StoreError> {
        for id in 1..=people {
            let known = users::User::unknown(UserId(id));
            users::save(tx, &users::User { name: name(id), language: Some("en".into()), ..known })?;
        }
        Ok(())
    })?;
    let filled = store.write(move |tx| -> Result<(), NotDone> {
        for number in 1..=count {
            let create = Action::Create(Box::new(draft(number)));
            let (id, _) = events::act(tx, &asked(1), None, &create)?;
            for user in (0..10).map(|n| (number * 10 + n) % people.max(1) + 1) {
                events::act(tx, &asked(user), Some(id), &Action::Attend)?;
            }
        }
        Ok(())
    });
    filled.map_err(|error| format!("the database cannot be filled: {error:?}").into())
}

/// An event whose frame has about 500 bytes.
fn draft(number: i64) -> Draft {
    let line =
        format!("Event {number} | {:02}:30 | 1.5 | Bring shoes; rain or shine.", number % 24);
    let zone = Zone::parse("Europe/Berlin").unwrap_or_else(|_| Zone::utc());
    let mut draft = Draft::from_line(&line, &zone).unwrap_or_else(|error| panic!("{error:?}"));
    draft.capacity = Capacity::new(100_000).ok();
    draft
}

fn name(id: i64) -> String {
    format!("Person {id}")
}

/// The first event of every world.
pub const EVENT: EventId = EventId(1);
