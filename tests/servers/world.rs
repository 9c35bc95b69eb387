//! A server with its Telegram and its TrueConf servers, and people with every right there is.

use roost::demo::telegram::{Person, Seen, SeenButton, StandIn};
use roost::demo::trueconf::{self, Version};
use serde_json::{Value, json};

use crate::models;
use crate::support::{self, Home, Page, Program, TOKEN};

/// An operator of every server: an admin by the settings.
pub const ADMIN: support::Person = support::ADMIN;

/// An operator of the first server.
pub const OPERATOR: support::Person =
    support::Person { id: 700, name: "Olga Operator", language: "en" };

/// Another one.
pub const OTHER: support::Person = support::Person { id: 701, name: "Otto Other", language: "de" };

/// May look at the first server.
pub const VIEWER: support::Person = support::Person { id: 702, name: "Vic Viewer", language: "en" };

/// Has no right at all.
pub const STRANGER: support::Person =
    support::Person { id: 703, name: "Sam Strange", language: "en" };

/// The first server's name.
pub const HEAD: &str = "Head office";

/// The second server's name, which nobody but admins may see.
pub const BRANCH: &str = "<Branch> | Филиал";

/// Everything one test needs. At the end every call the bot made is held against the models.
pub struct World {
    pub program: Program,
    pub home: Home,
    pub telegram: StandIn,
    pub head: trueconf::StandIn,
    pub branch: trueconf::StandIn,
}

impl World {
    pub fn new() -> Self {
        Self::with(&json!({}), |_| ())
    }

    /// The same with more in the settings of the first server, after `before` has happened on it.
    pub fn with(of_head: &Value, before: impl FnOnce(&trueconf::StandIn)) -> Self {
        Self::of((of_head, &json!({})), before)
    }

    /// Both servers are checked every second, and everybody has opened a chat.
    pub fn watched(of_head: &Value, before: impl FnOnce(&trueconf::StandIn)) -> Self {
        let on = json!({"server_status": {"state": 1, "timeout": 1}});
        let mut head = on.clone();
        for (key, value) in of_head.as_object().unwrap() {
            head[key] = value.clone();
        }
        let world = Self::of((&head, &on), before);
        for person in [ADMIN, OPERATOR, OTHER, VIEWER, STRANGER] {
            let person = world.person(person);
            person.sends("/start");
            person.waits_for("a greeting", |message| message.by_bot);
        }
        world
    }

    fn of((of_head, of_branch): (&Value, &Value), before: impl FnOnce(&trueconf::StandIn)) -> Self {
        let telegram = StandIn::start(TOKEN, "RoostBot").unwrap();
        let head = trueconf::StandIn::start(HEAD, Version::V33).unwrap();
        let branch = trueconf::StandIn::start(BRANCH, Version::V4).unwrap();
        before(&head);
        let with = |server, more: &Value| {
            let mut all = settings(server);
            for (key, value) in more.as_object().unwrap() {
                all[key] = value.clone();
            }
            all
        };
        let mut of_first = settings(&head);
        of_first["operators"] = json!([OPERATOR.id, OTHER.id]);
        of_first["viewers"] = json!([VIEWER.id]);
        for (key, value) in of_head.as_object().unwrap() {
            of_first[key] = value.clone();
        }
        let home = Home::new(&json!({
            "telegram-api-url": telegram.base_url(),
            "public-url": "https://bot.example.org",
            "servers": {HEAD: of_first, BRANCH: with(&branch, of_branch)},
        }));
        let program = home.serve();
        Self { program, home, telegram, head, branch }
    }

    /// Starts the program anew.
    pub fn restart(&mut self) {
        self.program = self.home.serve();
    }

    /// Somebody with an account.
    pub fn person(&self, person: support::Person) -> Person {
        self.telegram.person(person.id, person.name, person.language)
    }

    /// The open page of somebody, logged in; the frames of its snapshot are in `seen`.
    pub fn page(&self, person: support::Person) -> Page {
        let mut page = Page::open(self.program.address());
        page.app = Some("conferences");
        page.send(json!({"type": "login", "data": person.init_data()}));
        page.until(|frame| frame["type"] == "servers-loaded");
        page
    }

    /// Sends `/servers`; the message with the list.
    pub fn servers(&self, person: support::Person) -> Seen {
        let person = self.person(person);
        let sent = person.sends("/servers");
        person.waits_for("the servers", |message| message.by_bot && message.id > sent)
    }

    /// The menu of the first server, opened by somebody.
    pub fn menu(&self, person: support::Person) -> Seen {
        let list = self.servers(person);
        self.taps(person, &list, HEAD, "c:is:")
    }

    /// The list of running conferences of the first server.
    pub fn running(&self, person: support::Person) -> Seen {
        let menu = self.menu(person);
        self.taps(person, &menu, "c:ls:", "c:ls:")
    }

    /// Taps the button with `label` in it, and waits until there is a button with `then` in it or the
    /// text has it.
    pub fn taps(&self, person: support::Person, message: &Seen, label: &str, then: &str) -> Seen {
        let button = find_button(message, label);
        self.person(person).taps_with(message, &button);
        self.becomes(message, then)
    }

    /// Waits until `message` has `text`, in a button or in its words.
    pub fn becomes(&self, message: &Seen, text: &str) -> Seen {
        self.telegram.wait_for(&format!("`{text}`"), |view| {
            let mut all = view.chat(message.chat.0).into_iter();
            all.find(|other| other.id == message.id && other != message && has(other, text))
        })
    }

    /// Waits until somebody is told `text` in a message behind `after`.
    pub fn is_told(&self, person: support::Person, text: &str) -> Seen {
        self.person(person)
            .waits_for(text, |message| message.by_bot && plain(&message.text).contains(text))
    }

    /// What a tap was answered with.
    pub fn toast(&self, person: support::Person, tap: &str) -> String {
        plain(&self.person(person).waits_for_toast(tap))
    }

    /// The rows of `roost servers audit --json`, newest first.
    pub fn audit(&self) -> Vec<Value> {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_roost"))
            .args(["servers", "audit", "--json", "--settings"])
            .arg(self.home.settings())
            .current_dir(self.home.folder())
            .env_clear()
            .output()
            .unwrap();
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
    }

    /// Calls of the first server so far whose path has `part` in it.
    pub fn asked(&self, part: &str) -> usize {
        self.head.requests().iter().filter(|asked| asked.path.contains(part)).count()
    }

    /// Waits until the bot waits for updates and everything is handled.
    pub fn is_idle(&self) {
        self.telegram.wait_for("a waiting poll", |view| {
            (view.polls_waiting() == 1 && view.updates_waiting() == 0).then_some(())
        });
    }
}

/// Settings of a stand-in that is not checked all the time.
fn settings(server: &trueconf::StandIn) -> Value {
    let mut settings = server.settings();
    settings["server_status"] = json!({"state": 0, "timeout": 1});
    settings
}

/// The data of the button with `label` in it, or in its data.
pub fn find_button(message: &Seen, label: &str) -> String {
    let mut all = message.buttons.iter().flatten();
    let button = all.find(|button| says(button, label));
    let button = button.unwrap_or_else(|| panic!("no button `{label}` under {message}"));
    button.callback.clone().unwrap_or_else(|| panic!("`{label}` of {message} is no callback"))
}

/// Whether a message has `text`, in a button or in its words.
pub fn has(message: &Seen, text: &str) -> bool {
    let mut buttons = message.buttons.iter().flatten();
    plain(&message.text).contains(text) || buttons.any(|button| says(button, text))
}

fn says(button: &SeenButton, text: &str) -> bool {
    button.text.contains(text) || button.callback.as_ref().is_some_and(|data| data.contains(text))
}

/// Without the marks around names that keep their direction.
pub fn plain(text: &str) -> String {
    text.replace(['\u{2068}', '\u{2069}'], "")
}

impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            models::check_all(&self.telegram);
        }
    }
}

/// Nothing else has come on the page of somebody, whatever right they have.
pub fn is_quiet(page: &mut Page) {
    let app = page.app.replace("mini_event");
    page.is_quiet();
    page.app = app;
}
