//! A server with its Telegram, and people in it.

use std::process::{Command, Output};

use roost::demo::telegram::{Person, Seen, StandIn};
use serde_json::{Value, json};

use crate::models;
use crate::support::{self, ADA, ADMIN, BOB, Home, Page, Program, TOKEN, get};

/// Where the settings say that the mini app is.
pub const PUBLIC: &str = "https://events.example.org";

/// Everything one test needs. At the end every call the bot made is held against the models.
pub struct World {
    pub program: Program,
    pub home: Home,
    pub telegram: StandIn,
    pub ada: Person,
    pub bob: Person,
    pub admin: Person,
}

impl World {
    pub fn new() -> Self {
        Self::with(&json!({}), |_| ())
    }

    /// A server with these settings, started after `before` has happened in Telegram.
    pub fn with(settings: &Value, before: impl FnOnce(&StandIn)) -> Self {
        let telegram = StandIn::start(TOKEN, "RoostBot").unwrap();
        let person =
            |person: support::Person| telegram.person(person.id, person.name, person.language);
        let (ada, bob, admin) = (person(ADA), person(BOB), person(ADMIN));
        before(&telegram);
        let mut all = json!({"telegram-api-url": telegram.base_url(), "public-url": PUBLIC});
        for (key, value) in settings.as_object().unwrap() {
            all[key] = value.clone();
        }
        let home = Home::new(&all);
        let program = home.serve();
        Self { program, home, telegram, ada, bob, admin }
    }

    /// The open page of somebody.
    pub fn page(&self, person: support::Person) -> Page {
        Page::of(self.program.address(), person)
    }

    /// A new event on the page of the admin; its number.
    pub fn event(&self, title: &str) -> u64 {
        self.page(ADMIN).create(support::daily(title))
    }

    /// Somebody else with an account.
    pub fn somebody(&self, id: i64) -> Person {
        self.telegram.person(id, &format!("Person {id}"), "en")
    }

    /// Starts the server anew.
    pub fn restart(&mut self) {
        self.program = self.home.serve();
    }

    /// What the bot wrote to somebody, oldest first.
    pub fn told(&self, person: &Person) -> Vec<Seen> {
        self.telegram.look(|view| view.bot_messages(person.id().0))
    }

    /// Waits until `message` says `text`.
    pub fn turns_into(&self, message: &Seen, text: &str) -> Seen {
        self.telegram.wait_for(&format!("an edit to `{text}`"), |view| {
            let mut all = view.chat(message.chat.0).into_iter();
            all.find(|other| other.id == message.id && other.text.contains(text))
        })
    }

    /// Waits until the bot waits for updates and everything is handled.
    pub fn is_idle(&self) {
        self.telegram.wait_for("a waiting poll", |view| {
            (view.polls_waiting() == 1 && view.updates_waiting() == 0).then_some(())
        });
    }

    /// Waits for so many calls of a method that were answered with this status.
    pub fn waits_for_calls(&self, method: &str, status: u16, count: usize) {
        self.telegram.wait_for(&format!("{count} calls of {method}"), |view| {
            let calls = view.calls(method);
            (calls.iter().filter(|call| call.status == status).count() >= count).then_some(())
        });
    }

    /// `/readyz`: its status, and what it says of one check.
    pub fn ready(&self, check: &str) -> (u16, Value) {
        let (status, _, body) = get(self.program.address(), "/readyz");
        let report: Value = serde_json::from_slice(&body).unwrap();
        (status, report["checks"][check].clone())
    }

    /// `roost` with these arguments beside the server.
    pub fn roost(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roost"));
        command.args(arguments).arg("--settings").arg(self.home.settings());
        command.current_dir(self.home.folder()).env_clear().output().unwrap()
    }
}

/// What a tap was answered with, without the marks around names that keep their direction.
pub fn toast(person: &Person, tap: &str) -> String {
    person.waits_for_toast(tap).replace(['\u{2068}', '\u{2069}'], "")
}

impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            models::check_all(&self.telegram);
        }
    }
}
