//! The real program between the stand-in Telegram and real brokers, and what consumers must find.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use roost::demo::telegram::StandIn;
use serde_json::{Value, json};

use crate::support::{Home, Program, TOKEN, get};

/// Longer than fifty thousand updates take on a busy machine, broken brokers included.
const PATIENCE: Duration = Duration::from_secs(200);

/// How often somebody who waits looks.
const LOOK: Duration = Duration::from_millis(50);

/// Channels that updates come from, by turns.
const CHATS: i64 = 7;

/// Updates that Telegram has, and the program that fetches them.
pub struct World {
    pub telegram: StandIn,
    pub home: Home,
    program: Option<Program>,
    sent: Vec<Sent>,
}

/// An update of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sent {
    update_id: i64,
    chat: i64,
}

impl World {
    /// The program with these sinks.
    pub fn new(sinks: &Value) -> Self {
        let telegram = StandIn::start(TOKEN, "RoostBot").expect("a port is free");
        let settings = json!({
            "telegram-api-url": telegram.base_url(),
            "relay": {"sinks": sinks},
        });
        let home = Home::new(&settings);
        let program = Some(home.serve());
        Self { telegram, home, program, sent: Vec::new() }
    }

    /// The program, while it runs.
    pub fn program(&self) -> &Program {
        self.program.as_ref().expect("it runs")
    }

    /// The program, to be stopped.
    pub fn take(&mut self) -> Program {
        self.program.take().expect("it runs")
    }

    /// `kill -9`, and a new start.
    pub fn kills_roost(&mut self) {
        self.take().kill();
        self.program = Some(self.home.serve());
    }

    /// So many posts in channels, numbered in each; their ids.
    pub fn sends(&mut self, count: usize) -> BTreeSet<i64> {
        let before = self.sent.len();
        for _ in 0..count {
            let number = i64::try_from(self.sent.len()).expect("small");
            let chat = -1_000_000_000_001 - number % CHATS;
            let post = json!({"channel_post": {
                "message_id": number / CHATS + 1, "date": 1_800_000_000, "text": format!("п {number}"),
                "chat": {"id": chat, "type": "channel", "title": "Ünïcödé"},
            }});
            let update_id = self.telegram.inject(post);
            self.sent.push(Sent { update_id, chat });
        }
        self.sent[before..].iter().map(|sent| sent.update_id).collect()
    }

    /// Waits until Telegram was told that everything was received.
    pub fn waits_until_received(&self) {
        let nothing = || self.telegram.look(|view| view.updates_waiting() == 0);
        self.waits("Telegram to be rid of everything", || nothing().then_some(()));
    }

    /// Waits until nothing waits for the sink `name`.
    pub fn waits_until_empty(&self, name: &str) {
        self.waits_until_said(&format!("{name}: 0 wait"));
    }

    /// Waits until `/readyz` says this of the sinks.
    pub fn waits_until_said(&self, text: &str) -> String {
        self.waits_until(text, |standing| standing.contains(text))
    }

    /// Waits until what `/readyz` says of the sinks `is` the case; gives it.
    pub fn waits_until(&self, what: &str, is: impl Fn(&str) -> bool) -> String {
        self.waits(what, || Some(self.standing()).filter(|standing| is(standing)))
    }

    /// What `/readyz` says of the sinks.
    pub fn standing(&self) -> String {
        let (_, _, body) = get(self.program().address(), "/readyz");
        let report: Value = serde_json::from_slice(&body).expect("JSON");
        report["checks"]["relay"]["reason"].as_str().unwrap_or_default().to_owned()
    }

    fn waits<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(seen) = look() {
                return seen;
            }
            let late = Instant::now() > until;
            assert!(!late, "waited for {what}: {}\n{}", self.standing(), self.program().output());
            std::thread::sleep(LOOK);
        }
    }

    /// Checks what consumers of `sink` found, in their order: everything is there, first sights are
    /// in order in every chat, and what was seen twice is no more than `crashes` explain.
    pub fn is_all_there(&self, sink: &str, found: &[String], crashes: usize) {
        let missing = self.is_in_order(sink, found, crashes);
        assert!(missing.is_empty(), "{sink}: {} missing: {missing:?}", missing.len());
    }

    /// The same, but for what is missing, which it gives.
    pub fn is_in_order(&self, sink: &str, found: &[String], crashes: usize) -> BTreeSet<i64> {
        let chats: BTreeMap<i64, i64> =
            self.sent.iter().map(|sent| (sent.update_id, sent.chat)).collect();
        let mut newest: BTreeMap<i64, i64> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for body in found {
            let update: Value = serde_json::from_str(body).expect("an update");
            let id = update["update_id"].as_i64().expect("an id");
            let chat = *chats.get(&id).unwrap_or_else(|| panic!("{sink}: nobody sent {body}"));
            assert_eq!(update["channel_post"]["chat"]["id"], chat, "{body}");
            if seen.insert(id) {
                let before = newest.insert(chat, id).unwrap_or_default();
                assert!(before < id, "{sink}: {id} came after {before}");
            }
        }
        let repeats = found.len() - seen.len();
        println!("{sink}: {} updates, {repeats} repeats, {crashes} crashes", seen.len());
        // A batch under way, and one whose end was not kept yet.
        assert!(repeats <= crashes * 1_000, "{sink}: {repeats} repeats of {crashes} crashes");
        chats.into_keys().filter(|id| !seen.contains(id)).collect()
    }
}
